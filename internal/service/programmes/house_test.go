package programmes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"tepat/data/criteria"
	holidays "tepat/data/holidays"
	"tepat/data/models"
	catalogue "tepat/data/programmes"
	questions "tepat/data/questionnaire"
	reasons "tepat/data/reasons"
	workflow "tepat/data/workflow"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/assessments"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
	"tepat/internal/service/letters"
	"tepat/internal/service/programmes"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

// house is an installation with everything an enrolment stands on.
type house struct {
	t     testing.TB
	db    *sqldb.DB
	clock *testkit.Clock
	acts  *act.Acts
	reg   *registry.Service
	cases *assessments.Service
	parts programmes.Parts
	s     *programmes.Service
	work  *runs.Service
	// off says whom a screening has off the list.
	off   map[sqldb.ID]screening.Exclusion
	said  map[sqldb.ID][]evidence.Evidence // by person
	kinds []evidence.Kind                  // of the last enrolment

	manager, head access.Actor
}

// east has every place in WIT.
type east struct{}

func (east) LocalDate(_ area.Code, now time.Time) period.Date {
	return period.DateOf(now, time.FixedZone("WIT", 9*3600))
}

// Lineage: no village has changed its district.
func (east) Lineage(tenant area.Tenant) []area.Tenant { return []area.Tenant{tenant} }

func newHouse(t testing.TB, db *sqldb.DB) *house {
	t.Helper()
	testkit.Seed(t, db)
	h := &house{t: t, db: db, clock: testkit.NewClock(), off: map[sqldb.ID]screening.Exclusion{}, said: map[sqldb.ID][]evidence.Evidence{},
		manager: testkit.Person(1, access.ProgrammeManager, testkit.Ambon), head: testkit.Person(2, access.AgencyHead, testkit.Ambon)}
	h.acts = act.New(db, h.clock.Now, nil)
	h.reg = registry.New(h.acts, testkit.Keys(t))
	h.parts = reference(t)
	h.cases = assessments.New(assessments.Parts{Acts: h.acts, Registry: h.reg, Forms: must(questionnaire.Load(questions.Files))(t), Model: must(scoring.ParseModel(models.DemoPMT))(t), Workers: 2})
	h.parts.Acts, h.parts.Registry, h.parts.Cases, h.parts.Places = h.acts, h.reg, h.cases, east{}
	h.parts.Letters = letters.NewService(h.acts, east{})
	h.parts.Home = installation.Installation{Level: installation.District, Training: true}
	h.parts.Exclusions = func(context.Context, sqldb.Querier, area.Tenant) (map[sqldb.ID]screening.Exclusion, error) {
		return h.off, nil
	}
	h.parts.Statements = func(_ context.Context, _ sqldb.Querier, _ area.Tenant, kinds []evidence.Kind) (map[sqldb.ID][]evidence.Evidence, error) {
		h.kinds = kinds
		return h.said, nil
	}
	h.reborn()
	return h
}

// says lets an office state something of a person, from a day on.
func (h *house) says(who sqldb.ID, kind, value, asOf string) {
	h.t.Helper()
	e := must(must(evidence.ParseCatalogue(criteria.Kinds))(h.t).New(evidence.Statement{Kind: kind, Value: value, AsOf: asOf, Source: "UJI", Match: evidence.MatchExactNIK}, period.On(2030, 1, 1)))(h.t)
	h.said[who] = append(h.said[who], e)
}

// reborn makes the services as another process would: with nothing in memory.
func (h *house) reborn() {
	h.s = programmes.New(h.parts)
	actors := func(_ context.Context, id sqldb.ID) (access.Actor, error) {
		if id == sqldb.ID(h.head.ID) {
			return h.head, nil
		}
		return h.manager, nil
	}
	h.work = runs.New(h.acts, actors, nil, h.s.Kinds()...)
}

func must[V any](v V, err error) func(testing.TB) V {
	return func(t testing.TB) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// reference loads the data of the installation.
func reference(t testing.TB) programmes.Parts {
	t.Helper()
	kinds := must(evidence.ParseCatalogue(criteria.Kinds))(t)
	forms := must(questionnaire.Load(questions.Files))(t)
	days := must(proposal.LoadHolidays(holidays.Files))(t)
	return programmes.Parts{
		Catalogue: must(programme.Load(catalogue.Files))(t), Vocabulary: must(eligibility.NewVocabulary(kinds, forms))(t),
		Deadlines: must(proposal.LoadDeadlines(workflow.Files))(t), Reasons: must(proposal.LoadReasons(reasons.Files))(t), Calendar: must(period.NewCalendar(days, time.Saturday, time.Sunday))(t), Workers: 2,
	}
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

// write runs f as an act with a permission that the tests of other packages cover.
func (h *house) write(f func(*act.Tx) error) {
	h.t.Helper()
	h.must(h.acts.Write(h.t.Context(), h.manager, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunAssessment, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	}))
}

// human is a member of a family of the tests.
type human struct {
	relation person.Relation
	sex      person.Sex
	born     period.Date
	answers  string // JSON of REGSOSEK22-K, "" when she was not asked
}

func woman(r person.Relation, year int, answers string) human {
	return human{r, person.Female, period.On(year, 5, 6), answers}
}

func man(r person.Relation, year int, answers string) human {
	return human{r, person.Male, period.On(year, 5, 6), answers}
}

func kkOf(t testing.TB, k int) person.KK {
	t.Helper()
	return must(person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 1).AddDays(k/9000), k%9000+1))(t)
}

// nikOf gives the NIK of member n of family k.
func nikOf(t testing.TB, k, n int, m human) person.NIK {
	t.Helper()
	return must(person.ComposeNIK(area.Code(8171010000+(k/9000)*1000), m.born.AddDays(n), m.sex, k%9000+1))(t)
}

// family is a family of the tests.
type family struct {
	k       int
	at      area.Code
	decile  int    // official; 0 for none
	house   string // JSON answers of the family, "" when nobody was asked
	members []human
}

// settle puts families into the registry with their deciles.
func (h *house) settle(list ...family) {
	h.t.Helper()
	var rows []registry.Incoming
	var deciles []assessments.DecileRow
	of := must(period.ParseVintage("2024-Q3"))(h.t)
	for _, f := range list {
		for n, m := range f.members {
			r := registry.Incoming{
				Source: "UJI", SourceDate: "2023", RowID: fmt.Sprintf("r%07d-%02d", f.k, n), KK: kkOf(h.t, f.k), RegistryID: fmt.Sprintf("D%07d", f.k),
				NIK: nikOf(h.t, f.k, n, m), Name: fmt.Sprintf("%s UJI %d %c", map[person.Sex]string{person.Female: "SITI", person.Male: "BUDI"}[m.sex], f.k, 'A'+n),
				Sex: m.sex, BirthDate: m.born.AddDays(n), Relation: m.relation, Area: f.at, VillageID: 7, Address: "JL. CONTOH", RT: "001", RW: "002",
			}
			if m.answers != "" {
				r.Questionnaire, r.PersonAnswers = "REGSOSEK22-K", m.answers
			}
			if n == 0 && f.house != "" {
				r.Questionnaire, r.FamilyAnswers = "REGSOSEK22-K", f.house
			}
			h.reg.Ready(&r, []byte(r.RowID))
			rows = append(rows, r)
		}
		if f.decile > 0 {
			d := assessments.DecileRow{KK: kkOf(h.t, f.k), Decile: f.decile, Vintage: of, Source: "DATA CONTOH"}
			h.cases.Ready(&d)
			deciles = append(deciles, d)
		}
	}
	h.write(func(tx *act.Tx) error {
		if _, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, rows); err != nil {
			return err
		}
		_, _, err := h.cases.LoadDecilesIn(h.t.Context(), tx, testkit.AmbonTenant, deciles)
		return err
	})
}

// couples settles n families of a man and his wife, numbered from first on, with deciles 1 to 10 in turn,
// in two villages.
func (h *house) couples(first, n int) {
	h.t.Helper()
	list := make([]family, n)
	for i := range list {
		list[i] = family{k: first + i, at: []area.Code{testkit.Village, testkit.Neighbour}[i%2], decile: i%10 + 1,
			members: []human{man(person.Head, 1980, ""), woman(person.Wife, 1982, "")}}
	}
	h.settle(list...)
}

func (h *house) familyOf(k int) (id sqldb.ID) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), `SELECT id FROM family WHERE kabkota = 8171 AND registry_id = $1`, fmt.Sprintf("D%07d", k)).Scan(&id))
	return id
}

// personOf gives member n of family k.
func (h *house) personOf(k, n int) (id sqldb.ID) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), `SELECT id FROM person WHERE kabkota = 8171 AND family_id = $1 AND name LIKE $2`,
		h.familyOf(k), fmt.Sprintf("%% %d %c", k, 'A'+n)).Scan(&id))
	return id
}

// settings of a list for October 2024.
func settings(id programme.ID, quota int64) programmes.Settings {
	return programmes.Settings{Programme: id, AsOf: period.On(2024, 10, 14), Quota: &quota}
}

// approved makes a run of kind enrol and takes it to the machine.
func (h *house) approved(set programmes.Settings) runs.Run {
	h.t.Helper()
	ctx := h.t.Context()
	r, err := h.work.Create(ctx, h.manager, runs.NewRun{Kind: "enrol", Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: set})
	h.must(err)
	_, err = h.work.Look(ctx, h.manager, r.Tenant, r.ID)
	h.must(err)
	_, err = h.work.Submit(ctx, h.manager, r.Tenant, r.ID)
	h.must(err)
	r, err = h.work.Approve(ctx, h.head, r.Tenant, r.ID)
	h.must(err)
	return r
}

func (h *house) drive(r runs.Run) runs.Run {
	h.t.Helper()
	r, err := h.work.Drive(h.t.Context(), r.Tenant, r.ID, nil)
	h.must(err)
	return r
}

// enrol makes a draft.
func (h *house) enrol(set programmes.Settings) runs.Run {
	h.t.Helper()
	return h.drive(h.approved(set))
}

func decree(number string) programmes.Decree {
	return programmes.Decree{Number: number, On: period.On(2024, 10, 14), SignedBy: "Menteri Sosial", About: "Penerima"}
}

func (h *house) freezing(list sqldb.ID, number string) runs.NewRun {
	return runs.NewRun{Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: programmes.Freezing{List: list, Decree: decree(number)}}
}

// freeze puts a list in force.
func (h *house) freeze(list sqldb.ID, number string) runs.Run {
	h.t.Helper()
	r, err := h.s.Freeze(h.t.Context(), h.work, h.head, h.freezing(list, number))
	h.must(err)
	return r
}

// members gives everybody on a list in a state, through the pages.
func (h *house) members(list sqldb.ID, state programmes.State) (out []programmes.Member) {
	h.t.Helper()
	f := programmes.Filter{Tenant: testkit.AmbonTenant, List: list, State: state, Limit: 200}
	for {
		page, err := h.s.Members(h.t.Context(), h.manager, f)
		h.must(err)
		out = append(out, page...)
		if len(page) < f.Limit {
			return out
		}
		f.After = page[len(page)-1].Anchor()
	}
}

// ids gives the families, or the persons, of a list in a state.
func (h *house) ids(list sqldb.ID, state programmes.State, persons bool) map[sqldb.ID]bool {
	h.t.Helper()
	out := map[sqldb.ID]bool{}
	for _, m := range h.members(list, state) {
		if persons {
			out[m.Person] = true
		} else {
			out[m.Family] = true
		}
	}
	return out
}

// figure reads a figure of a run's preview.
func (h *house) figure(r runs.Run, name string) int64 {
	h.t.Helper()
	var p runs.Preview
	h.must(json.Unmarshal(r.Preview, &p))
	return p.Figures[name]
}

// exec changes a row behind the services' backs.
func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	h.must(h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), query, args...)
		return err
	}))
}

// dead makes the civil registry say that a person died.
func (h *house) dead(id sqldb.ID) {
	h.t.Helper()
	h.exec(`UPDATE person SET match_status = $1 WHERE kabkota = 8171 AND id = $2`, int64(civilmatch.Dead), id)
}
