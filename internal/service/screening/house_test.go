package screening_test

import (
	"fmt"
	"testing"

	"tepat/data/criteria"
	questions "tepat/data/questionnaire"
	wagetable "tepat/data/wages"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

// house is an installation with everything the screening stands on.
type house struct {
	t     testing.TB
	db    *sqldb.DB
	clock *testkit.Clock
	acts  *act.Acts
	reg   *registry.Service
	s     *screening.Service
	who   access.Actor
}

func newHouse(t testing.TB, db *sqldb.DB) house {
	t.Helper()
	testkit.Seed(t, db)
	clock := testkit.NewClock()
	acts := act.New(db, clock.Now, nil)
	reg := registry.New(acts, testkit.Keys(t))
	catalogue, library, wages := rules(t)
	s := screening.New(screening.Parts{Acts: acts, Registry: reg, Catalogue: catalogue, Library: library, Wages: wages})
	return house{t, db, clock, acts, reg, s, testkit.Person(1, access.Verifier, testkit.Ambon)}
}

func rules(t testing.TB) (*evidence.Catalogue, *eligibility.Library, *eligibility.Wages) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	catalogue, err := evidence.ParseCatalogue(criteria.Kinds)
	must(err)
	forms, err := questionnaire.Load(questions.Files)
	must(err)
	vocabulary, err := eligibility.NewVocabulary(catalogue, forms)
	must(err)
	library, err := eligibility.ParseLibrary(criteria.Files, []string{"national.yaml", "local.yaml"}, vocabulary)
	must(err)
	wages, err := eligibility.ParseWages(wagetable.UMP)
	must(err)
	return catalogue, library, wages
}

// write runs f as an act with a permission that the tests of other packages cover.
func (h house) write(f func(*act.Tx) error) error {
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

func (h house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h house) count(query string, args ...any) (n int64) {
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

func (h house) families(sizes ...int) {
	h.t.Helper()
	var rows []registry.Incoming
	for k, size := range sizes {
		for n := 1; n <= size; n++ {
			rows = append(rows, row(h.t, k+1, n, testkit.Village))
		}
	}
	h.load(rows...)
}

func (h house) load(rows ...registry.Incoming) {
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
func (h house) says(n person.NIK, kind, value, asOf string) screening.EvidenceRow {
	h.t.Helper()
	r, err := h.s.Evidence(n, evidence.Statement{Kind: kind, Value: value, AsOf: asOf, Source: "Instansi Uji"}, period.On(2024, 10, 15))
	h.must(err)
	h.s.Ready(&r)
	return r
}

func (h house) evidence(rows ...screening.EvidenceRow) (n int64) {
	h.t.Helper()
	h.must(h.write(func(tx *act.Tx) (err error) {
		n, err = h.s.LoadEvidenceIn(h.t.Context(), tx, testkit.AmbonTenant, rows)
		return err
	}))
	return n
}
