package visits_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
	"tepat/internal/service/visits"
	"tepat/internal/testkit"
)

// east has every place in WIT, where no village has changed its district.
type east struct{}

func (east) LocalDate(_ area.Code, now time.Time) period.Date {
	return period.DateOf(now, time.FixedZone("WIT", 9*3600))
}

func (east) Lineage(tenant area.Tenant) []area.Tenant { return []area.Tenant{tenant} }

// house is a registry of one family.
type house struct {
	t      *testing.T
	db     *sqldb.DB
	clock  *testkit.Clock
	keys   *seal.Keyring
	s      *visits.Service
	family sqldb.ID
}

func newHouse(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	testkit.Seed(t, db)
	clock, keys := testkit.NewClock(), testkit.Keys(t)
	acts := act.New(db, clock.Now, nil)
	reg := registry.New(acts, keys)
	h := &house{t: t, db: db, clock: clock, keys: keys, s: visits.New(acts, keys, reg, east{})}
	kk, err := person.ParseKK("8171010102150001")
	h.must(err)
	nik, err := person.ParseNIK("8171011204800003")
	h.must(err)
	born, err := period.ParseDate("1980-04-12")
	h.must(err)
	ctx := context.Background()
	h.must(acts.Write(ctx, testkit.Person(9, access.Verifier, testkit.Ambon), "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		rows := []registry.Incoming{{
			Source: "UJI", SourceDate: "2023", RowID: "1", KK: kk, NIK: nik, Name: "MATHEOS SAHETAPY", Sex: person.Male, BirthDate: born, BirthPlace: "AMBON",
			Relation: person.Head, Area: testkit.Village, VillageID: int64(testkit.Village), Address: "Jl. Pattimura 1",
		}}
		reg.Ready(&rows[0], []byte("1"))
		if _, err := reg.LoadIn(ctx, tx, testkit.AmbonTenant, rows); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
	}))
	h.must(db.Direct().QueryRow(ctx, `SELECT id FROM family WHERE kabkota = $1`, int64(testkit.AmbonTenant)).Scan(&h.family))
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) number(query string) (n int) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), query).Scan(&n))
	return n
}

// made is a whole visit, so many days ago.
func (h *house) made(days int) visits.Visit {
	return visits.Visit{ID: sqldb.NewID(), On: (east{}).LocalDate(testkit.Village, h.clock.Now()).AddDays(-days), By: "Petugas Contoh", Met: "Ina, istri", Outcome: visits.ToMend, Note: "Nama anak kedua berbeda."}
}

// TestAVisitIsKept: the officers of the village and the district note visits, once each, and all who may read the family read them, the
// newest first; who was met and what was noted lie sealed, and both acts stand in the log.
func TestAVisitIsKept(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		operator, verifier, reader := testkit.Person(1, access.Operator, testkit.Village), testkit.Person(2, access.Verifier, testkit.Ambon), testkit.Person(3, access.AgencyHead, testkit.Ambon)
		first, second := h.made(3), h.made(1)
		second.Outcome, second.Met, second.Note = visits.NotFound, "", "Rumah kosong"
		h.must(h.s.Note(ctx, operator, testkit.AmbonTenant, h.family, first))
		h.must(h.s.Note(ctx, operator, testkit.AmbonTenant, h.family, first)) // sent twice
		h.must(h.s.Note(ctx, verifier, testkit.AmbonTenant, h.family, second))
		list, err := h.s.Of(ctx, reader, testkit.AmbonTenant, h.family, sqldb.ID{})
		h.must(err)
		if len(list) != 2 || list[0].Outcome != visits.NotFound || list[0].RecordedBy != sqldb.ID(verifier.ID) || list[1].Note != first.Note || list[1].Met != "Ina, istri" || list[1].By != "Petugas Contoh" || list[1].On != first.On || !list[1].RecordedAt.Equal(h.clock.Now()) {
			t.Errorf("kept is %+v", list)
		}
		if n := h.number(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'visit.note'`); n != 3 {
			t.Errorf("%d visits in the log", n)
		}
		if n := h.number(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'visit.note' AND facts LIKE '%"repeated":true%'`); n != 1 {
			t.Errorf("%d visits in the log were sent again", n)
		}
		if n := h.number(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'visit.of_family'`); n != 1 {
			t.Errorf("%d looks at visits in the log", n)
		}
		var document []byte
		h.must(db.Direct().QueryRow(ctx, `SELECT document FROM family_visit WHERE kabkota = 8171 AND id = $1`, first.ID).Scan(&document))
		if strings.Contains(string(document), "Ina") || strings.Contains(string(document), "Petugas") {
			t.Error("who was met lies open")
		}
	})
}

// TestAVisitIsRefused by whom may not mend the family's data, and where something is missing or cannot be.
func TestAVisitIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		operator := testkit.Person(1, access.Operator, testkit.Village)
		for name, who := range map[string]access.Actor{
			"another village's operator": testkit.Person(2, access.Operator, testkit.Neighbour), "a reader": testkit.Person(3, access.AgencyHead, testkit.Ambon),
		} {
			if err := h.s.Note(ctx, who, testkit.AmbonTenant, h.family, h.made(1)); fail.CodeOf(err) != "access.denied" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.s.Of(ctx, testkit.Person(2, access.Operator, testkit.Neighbour), testkit.AmbonTenant, h.family, sqldb.ID{}); fail.CodeOf(err) != "access.denied" {
			t.Errorf("another village's operator reads: %v", err)
		}
		if err := h.s.Note(ctx, operator, testkit.AmbonTenant, sqldb.NewID(), h.made(1)); fail.CodeOf(err) != "registry.no_family" {
			t.Errorf("no family: %v", err)
		}
		for code, change := range map[string]func(*visits.Visit){
			"proposal.visit_day":    func(v *visits.Visit) { v.On = period.Date{} },
			"proposal.visit_future": func(v *visits.Visit) { v.On = v.On.AddDays(9) },
			"proposal.visit_old":    func(v *visits.Visit) { v.On = v.On.AddDays(-400) },
			"proposal.visit_by":     func(v *visits.Visit) { v.By = "  " },
			"visits.outcome":        func(v *visits.Visit) { v.Outcome = "lost" },
			"visits.met":            func(v *visits.Visit) { v.Met = " " },
			"visits.note":           func(v *visits.Visit) { v.Note = "" },
			"visits.too_long":       func(v *visits.Visit) { v.Note = strings.Repeat("é", 1001) },
		} {
			v := h.made(1)
			change(&v)
			if err := h.s.Note(ctx, operator, testkit.AmbonTenant, h.family, v); fail.CodeOf(err) != code {
				t.Errorf("%v, want %s", err, code)
			}
		}
		if n := h.number(`SELECT count(*) FROM family_visit WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d visits were kept", n)
		}
	})
}
