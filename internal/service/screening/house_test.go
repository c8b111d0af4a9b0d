package screening_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"tepat/data/criteria"
	"tepat/data/holidays"
	questions "tepat/data/questionnaire"
	"tepat/data/reasons"
	wagetable "tepat/data/wages"
	"tepat/data/workflow"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

// house is an installation with everything the screening stands on.
type house struct {
	t       testing.TB
	db      *sqldb.DB
	clock   *testkit.Clock
	acts    *act.Acts
	keys    *seal.Keyring
	reg     *registry.Service
	letters *letters.Service
	s       *screening.Service
	runs    *runs.Service
	parts   screening.Parts
	// who makes runs and verifies, head approves, clerk sits in the village.
	who, head, clerk access.Actor
}

// east has every place in WIT.
type east struct{}

func (east) LocalDate(_ area.Code, now time.Time) period.Date {
	return period.DateOf(now, time.FixedZone("WIT", 9*3600))
}

// Lineage: no village has changed its district.
func (east) Lineage(tenant area.Tenant) []area.Tenant { return []area.Tenant{tenant} }

// Written is Ambon alone.
func (east) Written() []area.Tenant { return []area.Tenant{testkit.AmbonTenant} }

func newHouse(t testing.TB, db *sqldb.DB) *house {
	t.Helper()
	testkit.Seed(t, db)
	h := &house{t: t, db: db, clock: testkit.NewClock(), keys: testkit.Keys(t)}
	h.acts = act.New(db, h.clock.Now, nil)
	h.reg = registry.New(h.acts, h.keys)
	h.letters = letters.NewService(h.acts, east{})
	h.who, h.head = testkit.Person(1, access.Verifier, testkit.Ambon), testkit.Person(2, access.AgencyHead, testkit.Ambon)
	h.clerk = testkit.Person(3, access.Operator, testkit.Village)
	h.parts = rules(t)
	h.parts.Acts, h.parts.Keys, h.parts.Registry, h.parts.Letters, h.parts.Places, h.parts.Workers = h.acts, h.keys, h.reg, h.letters, east{}, 2
	h.open()
	return h
}

// open builds the offices anew on the same database, as a restart does.
func (h *house) open() {
	h.s = screening.New(h.parts)
	h.s.SetSizes(2, 2)
	h.runs = runs.New(h.acts, h.load, nil, h.s.Kinds()...)
}

func (h *house) load(_ context.Context, id sqldb.ID) (access.Actor, error) {
	for _, a := range []access.Actor{h.who, h.head, h.clerk} {
		if a.ID == id {
			return a, nil
		}
	}
	return access.Actor{}, fail.NotFound("account.unknown")
}

// rules reads the data the screening works by.
func rules(t testing.TB) (p screening.Parts) {
	t.Helper()
	var err error
	must := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p.Catalogue, err = evidence.ParseCatalogue(criteria.Kinds)
	must()
	p.Forms, err = questionnaire.Load(questions.Files)
	must()
	p.Vocabulary, err = eligibility.NewVocabulary(p.Catalogue, p.Forms)
	must()
	p.Library, err = eligibility.ParseLibrary(criteria.Files, []string{"national.yaml", "local.yaml"}, p.Vocabulary)
	must()
	p.Wages, err = eligibility.ParseWages(wagetable.UMP)
	must()
	p.Deadlines, err = proposal.LoadDeadlines(workflow.Files)
	must()
	p.Reasons, err = proposal.LoadReasons(reasons.Files)
	must()
	days, err := proposal.LoadHolidays(holidays.Files)
	must()
	p.Calendar, err = period.NewCalendar(days, time.Saturday, time.Sunday)
	must()
	return p
}

// write runs f as an act with a permission that the tests of other packages cover.
func (h *house) write(f func(*act.Tx) error) error {
	h.t.Helper()
	return h.acts.Write(h.t.Context(), h.who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunScreening, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}

// row makes person n of family k; the first is the head.
func row(t testing.TB, k, n int, at area.Code) registry.Incoming {
	t.Helper()
	kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 1+k/9000), k%9000+1)
	if err != nil {
		t.Fatal(err)
	}
	r := registry.Incoming{
		Source: "UJI", SourceDate: "2023", RowID: fmt.Sprintf("r%07d-%d", k, n), KK: kk, NIK: nik(t, k, n), Name: fmt.Sprintf("SITI UJI %d %d", k, n),
		Sex: person.Female, BirthDate: born(n), BirthPlace: "AMBON", MotherName: "IBU UJI", Relation: person.Child, Area: at, VillageID: 7,
	}
	if n == 1 {
		r.Relation = person.Head
	}
	return r
}

func born(n int) period.Date { return period.On(1980+n, 5, 6) }

// nik gives the NIK of person n of family k.
func nik(t testing.TB, k, n int) person.NIK {
	t.Helper()
	out, err := person.ComposeNIK(area.Code(8171010000+(k/9000)*1000), period.On(1980+n, 5, 1+k/9000%28), person.Female, k%9000+1)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (h *house) families(sizes ...int) {
	h.t.Helper()
	var rows []registry.Incoming
	for k, size := range sizes {
		for n := 1; n <= size; n++ {
			rows = append(rows, row(h.t, k+1, n, testkit.Village))
		}
	}
	h.register(rows...)
}

func (h *house) register(rows ...registry.Incoming) {
	h.t.Helper()
	for i := range rows {
		h.reg.Ready(&rows[i], fmt.Appendf(nil, "%+v", rows[i]))
	}
	h.must(h.write(func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	}))
}

// says makes a row of evidence.
func (h *house) says(n person.NIK, kind, value, asOf string) screening.EvidenceRow {
	h.t.Helper()
	r, err := h.s.Evidence(n, evidence.Statement{Kind: kind, Value: value, AsOf: asOf, Source: "Instansi Uji"}, period.On(2024, 10, 15))
	h.must(err)
	h.s.Ready(&r)
	return r
}

func (h *house) evidence(rows ...screening.EvidenceRow) (n int64) {
	h.t.Helper()
	h.must(h.write(func(tx *act.Tx) (err error) {
		n, err = h.s.LoadEvidenceIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	}))
	return n
}

// run makes a run, has it previewed and approved by the second person, and drives it.
func (h *house) run(kind string, settings any) runs.Run {
	h.t.Helper()
	r := h.approved(kind, settings)
	r, err := h.runs.Drive(h.t.Context(), testkit.AmbonTenant, r.ID, nil)
	h.must(err)
	return r
}

func (h *house) previewed(kind string, settings any) (runs.Run, error) {
	h.t.Helper()
	return h.previewedIn(testkit.Ambon, kind, settings)
}

func (h *house) previewedIn(at area.Code, kind string, settings any) (runs.Run, error) {
	h.t.Helper()
	r, err := h.runs.Create(h.t.Context(), h.who, runs.NewRun{Kind: kind, Tenant: testkit.AmbonTenant, Area: at, Settings: settings})
	h.must(err)
	return h.runs.Look(h.t.Context(), h.who, testkit.AmbonTenant, r.ID)
}

func (h *house) approved(kind string, settings any) runs.Run {
	h.t.Helper()
	r, err := h.previewed(kind, settings)
	h.must(err)
	_, err = h.runs.Submit(h.t.Context(), h.who, testkit.AmbonTenant, r.ID)
	h.must(err)
	r, err = h.runs.Approve(h.t.Context(), h.head, testkit.AmbonTenant, r.ID)
	h.must(err)
	return r
}

func (h *house) undo(r runs.Run) runs.Run {
	h.t.Helper()
	_, err := h.runs.Undo(h.t.Context(), h.head, testkit.AmbonTenant, r.ID)
	h.must(err)
	r, err = h.runs.Drive(h.t.Context(), testkit.AmbonTenant, r.ID, nil)
	h.must(err)
	return r
}

// screen screens on the day the clock stands at.
func (h *house) screen() runs.Run {
	h.t.Helper()
	return h.run("screen", screening.ScreenSettings{AsOf: h.today()})
}

func (h *house) today() period.Date { return east{}.LocalDate(0, h.clock.Now()) }

// finding gives the one finding of a criterion.
func (h *house) finding(criterion string) screening.Finding {
	h.t.Helper()
	var list []screening.Queued
	for _, state := range screening.States() {
		some, err := h.s.Queue(h.t.Context(), h.who, screening.Filter{State: state, Criterion: criterion, Limit: 200})
		h.must(err)
		for _, f := range some {
			if state != screening.Undone {
				list = append(list, f)
			}
		}
	}
	if len(list) != 1 {
		h.t.Fatalf("%d findings of %s", len(list), criterion)
	}
	return list[0].Finding
}

// dump gives every row of the registry but what tells when and by whom it was written.
func (h *house) dump() (out []string) {
	h.t.Helper()
	for _, query := range []string{
		`SELECT 'family', id, NULL, state, persons, unmatched, head_name, area_code FROM family WHERE kabkota = 8171 ORDER BY id`,
		`SELECT 'person', id, family_id, state, nik_state, relation, member_since || ' ' || ended_reason || ' ' || name || ' ' || birth_date, area_code FROM person WHERE kabkota = 8171 ORDER BY id`,
		`SELECT 'nik', nik_hash, person_id, kabkota, contested, listed, programmes, 0 FROM nik_index WHERE nik_hash IS NOT NULL ORDER BY nik_hash`,
	} {
		list, err := sqldb.Collect(h.t.Context(), h.db.Direct(), query, nil, func(r sqldb.Row) (string, error) {
			var table, text string
			var id, other sqldb.ID
			var a, b, c, d int64
			err := r.Scan(&table, &id, &other, &a, &b, &c, &text, &d)
			return fmt.Sprint(table, id, other, a, b, c, text, d), err
		})
		h.must(err)
		out = append(out, list...)
	}
	return out
}

// person gives person n of family k as the registry has her.
func (h *house) person(k, n int) (p registry.Person) {
	h.t.Helper()
	var id sqldb.ID
	h.must(h.db.Direct().QueryRow(h.t.Context(), `SELECT id FROM person WHERE kabkota = 8171 AND nik_hash = $1`, h.reg.NIKHash(nik(h.t, k, n))).Scan(&id))
	p, err := h.reg.PersonIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, id)
	h.must(err)
	return p
}

// figures gives the figures of a preview.
func figures(t testing.TB, r runs.Run) runs.Tally {
	t.Helper()
	var p runs.Preview
	if err := json.Unmarshal(r.Preview, &p); err != nil {
		t.Fatal(err)
	}
	return p.Figures
}
