package civil_test

import (
	"fmt"
	"testing"
	"time"

	"tepat/data/linkage"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	engine "tepat/internal/domain/linkage"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// people load families of different names into two villages, and have the service look among them.
func (h *house) people() {
	h.t.Helper()
	first := []string{"YOHANA", "MARIA", "ROSALINA", "AISYAH", "PETRONELA", "FERDINANDA", "NURHAYATI", "RAHMAWATI", "AGUSTINA", "DOMINGGA"}
	second := []string{"LATUCONSINA", "PATTIASINA", "MANUPUTTY", "TUASIKAL", "SAHETAPY", "WATTIMENA", "LEATEMIA", "TOMASOA", "HEHANUSSA", "SOPLANIT"}
	var rows []registry.Incoming
	for k := range 40 {
		r := row(h.t, k+1, 1)
		r.BirthDate = period.On(1950+(k*7)%50, time.Month(1+k%12), 2+(k*3)%26)
		r.NIK = nikOf(h.t, r.BirthDate, k+1)
		r.Name, r.MotherName = first[k%10]+" "+second[(k+k/10)%10], first[(k+5)%10]+" "+second[(k*7+3)%10]
		if k%2 == 1 {
			r.Area = testkit.Neighbour
		}
		rows = append(rows, r)
	}
	h.load(rows...)
	model, err := engine.ParseModel(linkage.Identity, linkage.Tables)
	if err != nil {
		h.t.Fatal(err)
	}
	h.civil.Look(identity.New(identity.Parts{Acts: h.acts, Keys: h.keys, Registry: h.reg, Model: model}))
}

// as is a repair that makes one person of the particulars of another.
func as(p, other registry.Person) civil.Mending {
	return civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, Name: &other.Name, BirthDate: &other.BirthDate, Document: "kk"}
}

// like makes another person of the one at a row: under another number, her name and date damaged.
func (h *house) like(other registry.Person, rowID string, at area.Code) registry.Person {
	h.t.Helper()
	r := row(h.t, 90, 1)
	r.RowID, r.NIK, r.RawNIK, r.Name, r.BirthDate, r.MotherName, r.Area = rowID, person.NIK{}, "81710-X", "NONA", period.On(1999, 9, 9), other.MotherName, at
	h.load(r)
	return h.find(rowID)
}

// TestARepairIsLookedAtBeforeItIsKept: the notice stands before the repair, tells who may see her who she may be, needs a
// tick that names those seen, and both are in the log.
func TestARepairIsLookedAtBeforeItIsKept(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.people()
		village := operator(testkit.Village)
		for name, c := range map[string]struct {
			other string
			sees  bool
		}{"in her own village": {"7-1", true}, "in another": {"8-1", false}} {
			other := h.find(c.other)
			p := h.like(other, "x"+c.other, testkit.Village)
			m := as(p, other)
			b, err := h.civil.Mend(t.Context(), village, m)
			if fail.CodeOf(err) != "civil.alike" || len(b.Alike) != 1 || b.Alike[0].ID != other.ID {
				t.Fatalf("%s: %+v, %v", name, b.Alike, err)
			}
			if one := b.Alike[0]; one.Area != other.Area || one.Since.IsZero() || (one.Name != "") != c.sees || (len(one.Agreed) > 0) != c.sees || one.NIK.IsZero() == c.sees || one.Family.IsZero() == c.sees {
				t.Errorf("%s: told %+v", name, one)
			}
			if now := h.find("x" + c.other); now.Version != p.Version || now.Name != p.Name {
				t.Errorf("%s: it was kept unseen", name)
			}
			m.Seen = "of somebody else"
			if _, err := h.civil.Mend(t.Context(), village, m); fail.CodeOf(err) != "civil.alike" {
				t.Errorf("%s: a tick for others was taken: %v", name, err)
			}
			m.Seen = identity.Seen(b.Alike)
			if _, err := h.civil.Mend(t.Context(), village, m); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			facts := fmt.Sprintf(`SELECT count(*) FROM audit_entry WHERE act = $1 AND subject = $2 AND facts LIKE '%s'`, `%"alike_seen":1%`)
			if n := h.count(facts, "civil.mend", p.ID); n != 1 {
				t.Errorf("%s: the tick stands in %d entries", name, n)
			}
			if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = $1 AND subject = $2`, "civil.alike", p.ID); n != 3 {
				t.Errorf("%s: looked at in %d entries", name, n)
			}
		}
	})
}

// TestNobodyIsAskedAboutTwoWhoAreKnownToBeTwo: who matches the civil registry under the number she is given is no other whom
// it knows under another; and who was found to be another person is not told of again.
func TestNobodyIsAskedAboutTwoWhoAreKnownToBeTwo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.people()
		other := h.find("7-1")
		h.like(other, "x", testkit.Village)
		nik := nikOf(t, other.BirthDate, 700)
		both := []civil.CivilRow{}
		for _, n := range []person.NIK{other.NIK, nik} {
			both = append(both, civil.CivilRow{Tenant: testkit.AmbonTenant, NIK: n, KK: kkOf(t, map[person.NIK]int{other.NIK: 7, nik: 90}[n]), Name: other.Name, Sex: other.Sex, BirthDate: other.BirthDate, BirthPlace: other.BirthPlace})
		}
		h.loadCivil(both...)
		h.match()
		m := as(h.find("x"), other)
		if _, err := h.civil.Mend(t.Context(), h.who, m); fail.CodeOf(err) != "civil.alike" {
			t.Fatalf("without a number: %v", err)
		}
		m.NIK = &nik
		if b, err := h.civil.Mend(t.Context(), h.who, m); err != nil || len(b.Alike) != 0 {
			t.Errorf("matched under another number: %+v, %v", b.Alike, err)
		}

		third, q := h.find("9-1"), h.like(h.find("9-1"), "y", testkit.Village)
		left, right := q.ID, third.ID
		if string(right[:]) < string(left[:]) {
			left, right = right, left
		}
		h.write(func(tx *act.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO link_pair (kabkota, id, version, left_id, right_id, right_kabkota, area_code, right_area, kind, weight,
			probability, reasons, state, decision, decided_at, recorded_at, act_id) VALUES (8171, $1, 1, $2, $3, 8171, 0, 0, 'fuzzy', 0, 0, '{}', 'distinct', 'twins', 0, 0, $1)`,
				sqldb.NewID(), left, right)
			return err
		})
		if b, err := h.civil.Mend(t.Context(), h.who, as(q, third)); err != nil || len(b.Alike) != 0 {
			t.Errorf("found to be two: %+v, %v", b.Alike, err)
		}
	})
}

// TestOnlyWhoMendsIsToldWhoIsAlike: outside the area nothing is told, and a repair of the card alone asks nobody.
func TestOnlyWhoMendsIsToldWhoIsAlike(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.people()
		other := h.find("7-1")
		p := h.like(other, "x", testkit.Village)
		for name, who := range map[string]access.Actor{"of another village": operator(testkit.Neighbour), "a village head": testkit.Person(4, access.VillageHead, testkit.Village)} {
			if b, err := h.civil.Mend(t.Context(), who, as(p, other)); fail.CodeOf(err) != "access.denied" || len(b.Alike) != 0 {
				t.Errorf("%s: %+v, %v", name, b.Alike, err)
			}
		}
		kk := kkOf(t, 77)
		if _, err := h.civil.Mend(t.Context(), h.who, civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, KK: &kk, Document: "kk"}); err != nil {
			t.Errorf("a new card: %v", err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'civil.alike'`); n != 0 {
			t.Errorf("somebody was looked for %d times", n)
		}
	})
}

// TestAPageCanSayWhatTheRegistryGives: only a file that came with values can be searched.
func TestAPageCanSayWhatTheRegistryGives(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	for want, r := range map[string]civil.Registry{"list": civil.NewFile(h.keys, civilmatch.FullValues), "no_values": civil.NewFile(h.keys, civilmatch.YesNo), "none": civil.None{}} {
		if h.use(r); h.civil.Gives() != want {
			t.Errorf("%T gives %s, want %s", r, h.civil.Gives(), want)
		}
	}
	if newLine(h, civilmatch.FullValues); h.civil.Gives() != "one" {
		t.Errorf("over a network: %s", h.civil.Gives())
	}
}
