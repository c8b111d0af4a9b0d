package assessments_test

import (
	"fmt"
	"testing"

	"tepat/data/models"
	questions "tepat/data/questionnaire"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/assessments"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// house is an installation with everything the assessment stands on.
type house struct {
	t     testing.TB
	db    *sqldb.DB
	clock *testkit.Clock
	acts  *act.Acts
	reg   *registry.Service
	s     *assessments.Service
	who   access.Actor
}

func newHouse(t testing.TB, db *sqldb.DB) house {
	t.Helper()
	testkit.Seed(t, db)
	clock := testkit.NewClock()
	acts := act.New(db, clock.Now, nil)
	reg := registry.New(acts, testkit.Keys(t))
	forms, err := questionnaire.Load(questions.Files)
	if err != nil {
		t.Fatal(err)
	}
	model, err := scoring.ParseModel(models.DemoPMT)
	if err != nil {
		t.Fatal(err)
	}
	places, err := areas.Open(t.Context(), acts, schema.Tables())
	if err != nil {
		t.Fatal(err)
	}
	s := assessments.New(assessments.Parts{Acts: acts, Registry: reg, Places: places, Forms: forms, Model: model, Workers: 2})
	return house{t, db, clock, acts, reg, s, testkit.Person(1, access.ProgrammeManager, testkit.Ambon)}
}

func (h house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// write runs f as an act with a permission that the tests of other packages cover.
func (h house) write(f func(*act.Tx) error) error {
	h.t.Helper()
	return h.acts.Write(h.t.Context(), h.who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunAssessment, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	})
}

func (h house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}

func kkOf(t testing.TB, k int) person.KK {
	t.Helper()
	kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 1).AddDays(k/9000), k%9000+1)
	if err != nil {
		t.Fatal(err)
	}
	return kk
}

func registryID(k int) string { return fmt.Sprintf("D%06d", k) }

// row makes person n of family k; the first is the head.
func row(t testing.TB, k, n int, at area.Code) registry.Incoming {
	t.Helper()
	birth := period.On(1980+n, 5, 1+k/9000%28)
	nik, err := person.ComposeNIK(area.Code(8171010000+(k/9000)*1000), birth, person.Female, k%9000+1)
	if err != nil {
		t.Fatal(err)
	}
	r := registry.Incoming{
		Source: "UJI", SourceDate: "2023", RowID: fmt.Sprintf("r%07d-%d", k, n), KK: kkOf(t, k), RegistryID: registryID(k), NIK: nik,
		Name: fmt.Sprintf("SITI UJI %d %d", k, n), Sex: person.Female, BirthDate: birth, BirthPlace: "AMBON", MotherName: "IBU UJI",
		Relation: person.Child, Area: at, VillageID: 7,
	}
	if n == 1 {
		r.Relation = person.Head
	}
	return r
}

// load puts rows into the registry.
func (h house) load(rows ...registry.Incoming) {
	h.t.Helper()
	for i := range rows {
		h.reg.Ready(&rows[i], fmt.Appendf(nil, "%s %s %s", rows[i].RowID, rows[i].PersonAnswers, rows[i].FamilyAnswers))
	}
	h.must(h.write(func(tx *act.Tx) error {
		_, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	}))
}

// families puts n families of one person each into the registry, from number first on.
func (h house) families(first, n int) {
	h.t.Helper()
	rows := make([]registry.Incoming, n)
	for i := range rows {
		rows[i] = row(h.t, first+i, 1, testkit.Village)
	}
	h.load(rows...)
}

func vintage(t testing.TB, text string) period.Vintage {
	t.Helper()
	v, err := period.ParseVintage(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// official makes a row of a decile file that names the family by its card.
func official(t testing.TB, k, decile int, of string) assessments.DecileRow {
	t.Helper()
	return assessments.DecileRow{KK: kkOf(t, k), Decile: decile, Vintage: vintage(t, of), Source: "DATA CONTOH"}
}

func (h house) keep(rows ...assessments.DecileRow) (out assessments.Loading, err error) {
	h.t.Helper()
	for i := range rows {
		h.s.Ready(&rows[i])
	}
	err = h.write(func(tx *act.Tx) (err error) {
		out, err = h.s.KeepDecilesIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	})
	return out, err
}
