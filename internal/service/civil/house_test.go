package civil_test

import (
	"context"
	"fmt"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// house is a small registry with a civil registry beside it.
type house struct {
	t     *testing.T
	db    *sqldb.DB
	clock *testkit.Clock
	keys  *seal.Keyring
	jobs  *jobs
	acts  *act.Acts
	reg   *registry.Service
	civil *civil.Service
	runs  *runs.Service
	who   access.Actor
}

// jobs keeps what was enqueued.
type jobs struct{ list []any }

func (j *jobs) Enqueue(_ context.Context, _ *sqldb.Tx, job any) error {
	j.list = append(j.list, job)
	return nil
}

func newHouse(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	testkit.Seed(t, db)
	h := &house{t: t, db: db, clock: testkit.NewClock(), keys: testkit.Keys(t), jobs: &jobs{}, who: testkit.Person(1, access.Verifier, testkit.Ambon)}
	h.acts = act.New(db, h.clock.Now, h.jobs)
	h.reg = registry.New(h.acts, h.keys)
	h.use(civil.NewFile(h.keys, civilmatch.FullValues))
	return h
}

// use makes the service again on another civil registry.
func (h *house) use(r civil.Registry) {
	h.civil = civil.New(h.acts, h.keys, h.reg, r).WithChunk(3)
	h.runs = runs.New(h.acts, func(context.Context, sqldb.ID) (access.Actor, error) { return h.who, nil }, nil, h.civil.MatchKind())
}

func (h *house) write(f func(*act.Tx) error) {
	h.t.Helper()
	err := h.acts.Write(h.t.Context(), h.who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) load(rows ...registry.Incoming) {
	h.t.Helper()
	for i := range rows {
		h.reg.Ready(&rows[i], fmt.Appendf(nil, "%+v", rows[i]))
	}
	h.write(func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	})
}

func (h *house) loadCivil(rows ...civil.CivilRow) {
	h.t.Helper()
	for i := range rows {
		h.civil.Ready(&rows[i])
	}
	h.write(func(tx *act.Tx) error {
		_, err := h.civil.LoadIn(h.t.Context(), tx, rows)
		return err
	})
}

// newRun makes a match run that may be worked.
func (h *house) newRun(settings civil.MatchSettings) runs.Run {
	h.t.Helper()
	ctx := h.t.Context()
	r, err := h.runs.Create(ctx, h.who, runs.NewRun{Kind: "match", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: settings})
	if err == nil {
		r, err = h.runs.Look(ctx, h.who, r.Tenant, r.ID)
	}
	if err == nil {
		r, err = h.runs.Submit(ctx, h.who, r.Tenant, r.ID)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *house) match() runs.Run {
	h.t.Helper()
	r := h.newRun(civil.MatchSettings{})
	r, err := h.runs.Drive(h.t.Context(), r.Tenant, r.ID, nil)
	if err != nil || r.State != runs.Done {
		h.t.Fatalf("match run is %s: %v", r.State, err)
	}
	return r
}

func (h *house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	if err := h.db.Direct().QueryRow(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// find gives the person of a row, by the row's number in its source.
func (h *house) find(rowID string) registry.Person {
	h.t.Helper()
	var id sqldb.ID
	err := h.db.Direct().QueryRow(h.t.Context(), `SELECT person_id FROM source_record WHERE kabkota = $1 AND source = 'UJI' AND row_id = $2`, int64(testkit.AmbonTenant), rowID).Scan(&id)
	if err != nil {
		h.t.Fatalf("row %s: %v", rowID, err)
	}
	p, err := h.reg.PersonIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// checkCounts compares the counts kept with the families with a fresh count.
func (h *house) checkCounts(when string) {
	h.t.Helper()
	wrong := h.count(`
		SELECT count(*) FROM family f WHERE f.kabkota = 8171 AND (
			f.persons <> (SELECT count(*) FROM person p WHERE p.kabkota = f.kabkota AND p.family_id = f.id AND p.state = 1)
			OR f.unmatched <> (SELECT count(*) FROM person p WHERE p.kabkota = f.kabkota AND p.family_id = f.id AND p.state = 1
				AND p.match_status NOT IN (0, 1, 14, 15)))`)
	if wrong != 0 {
		h.t.Fatalf("%s: the counts of %d families are wrong", when, wrong)
	}
}

func nikOf(t testing.TB, birth period.Date, serial int) person.NIK {
	t.Helper()
	nik, err := person.ComposeNIK(testkit.Nusaniwe, birth, person.Female, serial)
	if err != nil {
		t.Fatal(err)
	}
	return nik
}

func kkOf(t testing.TB, family int) person.KK {
	t.Helper()
	kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 4), family)
	if err != nil {
		t.Fatal(err)
	}
	return kk
}

// row makes person n of family k.
func row(t testing.TB, k, n int) registry.Incoming {
	t.Helper()
	birth := period.On(1950+n, 5, 6)
	r := registry.Incoming{
		Source: "UJI", SourceDate: "2023", RowID: fmt.Sprintf("%d-%d", k, n), KK: kkOf(t, k), NIK: nikOf(t, birth, k*100+n),
		Name: fmt.Sprintf("SITI UJI %c%c", 'A'+k%26, 'A'+n%26), Sex: person.Female, BirthDate: birth, BirthPlace: "AMBON", MotherName: "IBU UJI",
		Relation: person.Child, Area: testkit.Village, VillageID: 7,
	}
	if n == 1 {
		r.Relation = person.Head
	}
	return r
}

// civilRow is the civil registry's row of the same person.
func civilRow(r registry.Incoming) civil.CivilRow {
	return civil.CivilRow{
		Tenant: testkit.AmbonTenant, NIK: r.NIK, KK: r.KK, Name: r.Name, Sex: r.Sex, BirthPlace: r.BirthPlace, BirthDate: r.BirthDate,
		MotherName: r.MotherName, Relation: r.Relation, Area: r.Area, AsOf: "2024-01-01",
	}
}

// fake is a registry that answers from a function.
type fake struct {
	local  bool
	mode   civilmatch.Mode
	answer func(civil.Question) civilmatch.Answer
	err    error
}

func (f fake) Ask(_ context.Context, _ sqldb.Querier, questions []civil.Question) ([]civilmatch.Answer, error) {
	out := make([]civilmatch.Answer, len(questions))
	for i := range questions {
		out[i] = f.answer(questions[i])
	}
	return out, f.err
}

func (f fake) Mode() civilmatch.Mode { return f.mode }
func (f fake) Local() bool           { return f.local }

func operator(at area.Code) access.Actor { return testkit.Person(2, access.Operator, at) }
