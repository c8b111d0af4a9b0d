package suggestions_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tepat/data/linkage"
	"tepat/data/repair"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	engine "tepat/internal/domain/linkage"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/suggestions"
	"tepat/internal/testkit"
)

// house is a small registry with a civil registry and a workbench.
type house struct {
	t      *testing.T
	db     *sqldb.DB
	clock  *testkit.Clock
	keys   *seal.Keyring
	acts   *act.Acts
	places *areas.Service
	reg    *registry.Service
	civil  *civil.Service
	bench  *suggestions.Service
	runs   *runs.Service
	who    access.Actor
	second access.Actor
	dir    string
}

func newHouse(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	testkit.Seed(t, db)
	h := &house{
		t: t, db: db, clock: testkit.NewClock(), keys: testkit.Keys(t),
		who: testkit.Person(1, access.Verifier, testkit.Ambon), second: testkit.Person(9, access.AgencyHead, testkit.Ambon), dir: t.TempDir() + "/data", // made when it is needed
	}
	h.acts = act.New(db, h.clock.Now, nil)
	h.reg = registry.New(h.acts, h.keys)
	places, err := areas.Open(t.Context(), h.acts, schema.Tables())
	if err != nil {
		t.Fatal(err)
	}
	h.places = places
	h.use(civil.NewFile(h.keys, civilmatch.FullValues))
	return h
}

// use makes the services again on another civil registry.
func (h *house) use(r civil.Registry) {
	h.t.Helper()
	model, err := engine.ParseModel(linkage.Identity, linkage.Tables)
	if err != nil {
		h.t.Fatal(err)
	}
	rules, err := suggestions.ParseRules(repair.Rules)
	if err != nil {
		h.t.Fatal(err)
	}
	h.civil = civil.New(h.acts, h.keys, h.reg, r)
	h.bench = suggestions.New(suggestions.Parts{Acts: h.acts, Keys: h.keys, Registry: h.reg, Civil: h.civil, Places: h.places, Model: model, Rules: rules, Dir: h.dir}).WithChunk(2)
	h.runs = runs.New(h.acts, func(_ context.Context, id sqldb.ID) (access.Actor, error) {
		if id == h.second.ID {
			return h.second, nil
		}
		return h.who, nil
	}, nil, h.civil.MatchKind(), h.bench.SuggestKind(), h.bench.MendKind())
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

// newRun makes a run that was looked at and submitted.
func (h *house) newRun(kind string, settings any) runs.Run {
	h.t.Helper()
	ctx := h.t.Context()
	r, err := h.runs.Create(ctx, h.who, runs.NewRun{Kind: kind, Tenant: testkit.AmbonTenant, Area: testkit.Ambon, Settings: settings})
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

func (h *house) drive(r runs.Run) runs.Run {
	h.t.Helper()
	r, err := h.runs.Drive(h.t.Context(), r.Tenant, r.ID, nil)
	if err != nil || r.State != runs.Done {
		h.t.Fatalf("run %s is %s: %v", r.Kind, r.State, err)
	}
	return r
}

// suggest matches everybody and looks for those who do not.
func (h *house) suggest() runs.Run {
	h.t.Helper()
	h.drive(h.newRun("match", civil.MatchSettings{}))
	return h.drive(h.newRun("suggest", map[string]any{}))
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

// names are unlike each other, so that nobody is taken for a neighbour.
var names = []string{"MARIA LATUPEIRISSA", "YOHANES TUHUMURY", "SITI RUMAKAT", "ABDUL GAFUR TUASIKAL", "DORKAS PATTIASINA", "BENYAMIN SAHETAPY",
	"HALIMAH OHORELLA", "FERDINAND NIKIJULUW", "KRISTINA LEKATOMPESSY", "RAHMAT KILWOUW"}

func nikOf(t testing.TB, birth period.Date, sex person.Sex, serial int) person.NIK {
	t.Helper()
	nik, err := person.ComposeNIK(testkit.Nusaniwe, birth, sex, serial)
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

// row makes the head of family k: rows of different k have nothing in common.
func row(t testing.TB, k int) registry.Incoming {
	t.Helper()
	birth := period.On(1950+3*k, time.Month(1+k%11), 13+k)
	sex := person.Female
	if k%2 == 1 {
		sex = person.Male
	}
	return registry.Incoming{
		Source: "UJI", SourceDate: "2023", RowID: fmt.Sprint(k), KK: kkOf(t, 10+k), NIK: nikOf(t, birth, sex, 100+37*k),
		Name: names[k%len(names)], Sex: sex, BirthDate: birth, BirthPlace: "AMBON", MotherName: "IBU " + names[(k+3)%len(names)],
		Relation: person.Head, Area: testkit.Village, VillageID: 7,
	}
}

// civilRow is the civil registry's row of the same person.
func civilRow(r registry.Incoming) civil.CivilRow {
	return civil.CivilRow{
		Tenant: testkit.AmbonTenant, NIK: r.NIK, KK: r.KK, Name: r.Name, Sex: r.Sex, BirthPlace: r.BirthPlace, BirthDate: r.BirthDate,
		MotherName: r.MotherName, Relation: r.Relation, Area: r.Area, AsOf: "2024-01-01",
	}
}

func operator(at area.Code) access.Actor { return testkit.Person(2, access.Operator, at) }
