package exchange_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tepat/data/criteria"
	"tepat/data/linkage"
	forms "tepat/data/questionnaire"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	engine "tepat/internal/domain/linkage"
	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/domain/synth"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/assessments"
	"tepat/internal/service/civil"
	"tepat/internal/service/exchange"
	"tepat/internal/service/identity"
	"tepat/internal/service/installation"
	"tepat/internal/service/population"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
	"tepat/web/messages"
)

// house is an installation of Kota Ambon that exchanges files.
type house struct {
	t      testing.TB
	db     *sqldb.DB
	dir    string
	chunk  int // rows a chunk; zero is the usual number
	clock  *testkit.Clock
	keys   *seal.Keyring
	say    i18n.Printer
	acts   *act.Acts
	places *areas.Service
	reg    *registry.Service
	files  *exchange.Service
	props  *proposals.Service
	runs   *runs.Service
	people map[sqldb.ID]access.Actor
	who    access.Actor // a verifier of the city
	head   access.Actor // a programme manager of the city
	desa   access.Actor // an operator of one village
}

// Two neighbouring villages of Nusaniwe.
const (
	wainitu = area.Code(8171011007)
	benteng = area.Code(8171011008)
)

// engines runs f on a house of each engine.
func engines(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) { f(t, newHouse(t, db)) })
}

func newHouse(t testing.TB, db *sqldb.DB) *house {
	t.Helper()
	if _, err := areas.Seed(t.Context(), db, []area.Code{testkit.Ambon}); err != nil {
		t.Fatal(err)
	}
	home := installation.Creation{Name: "Dinas Sosial Kota Ambon", Level: installation.District, Areas: []area.Code{testkit.Ambon}}
	if _, err := installation.Create(t.Context(), db, home, testkit.NewClock().Now()); err != nil {
		t.Fatal(err)
	}
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, dir: t.TempDir(), clock: testkit.NewClock(), keys: testkit.Keys(t), say: catalogue.Printer(i18n.Indonesian),
		who: testkit.Person(1, access.Verifier, testkit.Ambon), head: testkit.Person(2, access.ProgrammeManager, testkit.Ambon),
		desa: testkit.Person(3, access.Operator, wainitu), people: map[sqldb.ID]access.Actor{}}
	for _, p := range []access.Actor{h.who, h.head, h.desa} {
		h.people[p.ID] = p
	}
	h.acts = act.New(db, h.clock.Now, nil)
	if h.places, err = areas.Open(t.Context(), h.acts, schema.Tables()); err != nil {
		t.Fatal(err)
	}
	h.reopen()
	return h
}

// reopen makes the services anew, as the next start of the program does.
func (h *house) reopen() {
	h.t.Helper()
	questions, err := questionnaire.Load(forms.Files)
	if err != nil {
		h.t.Fatal(err)
	}
	kinds, err := evidence.ParseCatalogue(criteria.Kinds)
	if err != nil {
		h.t.Fatal(err)
	}
	words, err := eligibility.NewVocabulary(kinds, questions)
	if err != nil {
		h.t.Fatal(err)
	}
	library, err := eligibility.ParseLibrary(criteria.Files, []string{"national.yaml", "local.yaml"}, words)
	if err != nil {
		h.t.Fatal(err)
	}
	indexes, err := schema.BulkIndexes()
	if err != nil {
		h.t.Fatal(err)
	}
	h.reg = registry.New(h.acts, h.keys)
	asked := civil.NewFile(h.keys, civilmatch.FullValues)
	matching := civil.New(h.acts, h.keys, h.reg, asked)
	rules, routes, err := proposals.Workflow()
	if err != nil {
		h.t.Fatal(err)
	}
	home := installation.Installation{ID: sqldb.NewID(), Name: "Dinas Sosial Kota Ambon", Level: installation.District, Areas: []area.Code{testkit.Ambon}}
	h.props = proposals.New(proposals.Parts{Acts: h.acts, Keys: h.keys, Places: h.places, Registry: h.reg, Civil: matching, Matcher: asked, Home: home, Forms: questions, Rules: rules, Routes: routes})
	model, err := engine.ParseModel(linkage.Identity, linkage.Tables)
	if err != nil {
		h.t.Fatal(err)
	}
	h.files, err = exchange.New(exchange.Parts{
		Acts: h.acts, Places: h.places, Registry: h.reg, Civil: matching, Proposals: h.props,
		Alikes:      identity.New(identity.Parts{Acts: h.acts, Keys: h.keys, Registry: h.reg, Model: model}),
		Screening:   screening.New(screening.Parts{Acts: h.acts, Keys: h.keys, Registry: h.reg, Places: h.places, Catalogue: kinds, Vocabulary: words, Library: library, Forms: questions}),
		Assessments: assessments.New(assessments.Parts{Acts: h.acts, Registry: h.reg, Forms: questions}),
		Forms:       questions, Indexes: indexes, Reason: h.say.Error, Chunk: h.chunk,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	actors := func(_ context.Context, id sqldb.ID) (access.Actor, error) { return h.people[id], nil }
	h.runs = runs.New(h.acts, actors, nil, h.files.Kinds()...)
}

// write puts a file into the house's folder and gives its path.
func (h *house) write(name, text string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// settings describe a file as an upload would.
func (h *house) settings(subject exchange.Subject, path string) exchange.Settings {
	h.t.Helper()
	set, err := h.files.Describe(subject, path, filepath.Join(h.dir, filepath.Base(path)+"."+sqldb.NewID().Short()+".rejects.csv"))
	if err != nil {
		h.t.Fatal(err)
	}
	set.AsOf, set.Source = "2024-10-01", "UJI"
	return set
}

// create makes the run of an import.
func (h *house) create(who access.Actor, set exchange.Settings) runs.Run {
	h.t.Helper()
	at, tenants := who.Home()
	r, err := h.runs.Create(h.t.Context(), who, runs.NewRun{Kind: "import." + string(set.Subject), Tenant: tenants[0], Area: at, Settings: set, Inputs: set.SHA256, Total: set.Size})
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// submitted makes a run that may be worked.
func (h *house) submitted(who access.Actor, set exchange.Settings) runs.Run {
	h.t.Helper()
	r := h.create(who, set)
	r, err := h.runs.Look(h.t.Context(), who, r.Tenant, r.ID)
	if err == nil {
		r, err = h.runs.Submit(h.t.Context(), who, r.Tenant, r.ID)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// imported drives an import to its end.
func (h *house) imported(who access.Actor, set exchange.Settings) runs.Run {
	h.t.Helper()
	r := h.submitted(who, set)
	r, err := h.runs.Drive(h.t.Context(), r.Tenant, r.ID, nil)
	if err != nil || r.State != runs.Done {
		h.t.Fatalf("import of %s is %s: %v", set.Subject, r.State, err)
	}
	return r
}

// load imports a file and gives what it did.
func (h *house) load(subject exchange.Subject, path string) (runs.Tally, [][]string) {
	h.t.Helper()
	set := h.settings(subject, path)
	who := h.who
	if subject == exchange.Deciles {
		who = h.head
	}
	r := h.imported(who, set)
	return r.Tally, h.rejects(set)
}

// rejects reads the rejects file, without its header; a file that was not written is empty.
func (h *house) rejects(set exchange.Settings) [][]string {
	h.t.Helper()
	text, err := os.ReadFile(set.Rejects)
	if os.IsNotExist(err) || len(text) == 0 {
		return nil
	}
	if err != nil {
		h.t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		h.t.Fatalf("rejects file: %v", err)
	}
	if got := strings.Join(rows[0], ","); got != "line,column,code,reason,row_kept" {
		h.t.Fatalf("head of the rejects file = %s", got)
	}
	return rows[1:]
}

func (h *house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	if err := h.db.Direct().QueryRow(h.t.Context(), query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// content is a digest of every table an import of families writes.
func (h *house) content(tables ...string) string {
	h.t.Helper()
	var out []string
	for _, table := range tables {
		d, err := sqldb.Digest(h.t.Context(), h.db, table)
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%+v", d))
	}
	return strings.Join(out, "\n")
}

func testkitID(n byte) sqldb.ID { return sqldb.ID{1, 15: n} }

func decodeJSON(text []byte, v any) error { return json.Unmarshal(text, v) }

// people of the tests, made once: a small town, its second round, and what others say of it.
var town = sync.OnceValues(func() (map[int]string, error) {
	world, err := population.World()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tepat-exchange-")
	if err != nil {
		return nil, err
	}
	scenario, err := population.OfArea(testkit.Ambon, 300, period.On(2024, 10, 1))
	if err != nil {
		return nil, err
	}
	out := map[int]string{}
	for round := 1; round <= 2; round++ {
		out[round] = filepath.Join(dir, fmt.Sprint(round))
		if _, err := population.Write(world, synth.Config{Scenario: scenario, Seed: 11, Round: round}, 2, out[round]); err != nil {
			return nil, err
		}
	}
	return out, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if folders, err := town(); err == nil {
		os.RemoveAll(filepath.Dir(folders[1]))
	}
	os.Exit(code)
}

// of gives a file of a round of the town.
func of(t testing.TB, round int, file string) string {
	t.Helper()
	folders, err := town()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folders[round], file)
}
