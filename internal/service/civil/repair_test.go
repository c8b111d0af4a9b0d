package civil_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

func mending(p registry.Person) civil.Mending {
	return civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, Document: "ktp"}
}

func TestAMendedNameMatchesAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := row(t, 1, 1)
		c := civilRow(r)
		c.Name = "SITI UJI BARU"
		h.load(r)
		h.loadCivil(c)
		h.match()
		before := h.find("1-1")
		h.clock.Move(time.Hour)
		m := mending(before)
		name := "  Siti Uji   BARU "
		m.Name = &name
		b, err := h.civil.Mend(t.Context(), operator(testkit.Village), m)
		if err != nil || b.Result.Status != civilmatch.Matched || b.Person.Match != civilmatch.Matched || b.Family.Unmatched != 0 {
			t.Fatalf("bench = %v, person %v, family unmatched %d, %v", b.Result.Status, b.Person.Match, b.Family.Unmatched, err)
		}
		after := h.find("1-1")
		if after.Name != "Siti Uji BARU" || after.Match != civilmatch.Matched || after.Version != 2 {
			t.Errorf("kept: %q, %v, version %d", after.Name, after.Match, after.Version)
		}
		old, err := h.reg.PersonAsOf(t.Context(), db.Direct(), before.Tenant, before.ID, before.RecordedAt)
		if err != nil || old.Name != before.Name || old.Match != civilmatch.NameDiffers {
			t.Errorf("history: %q, %v, %v", old.Name, old.Match, err)
		}
		facts := h.entry("civil.mend")
		want := map[string]any{"fields": []any{"name"}, "document": "ktp", "status": "matched"}
		if !reflect.DeepEqual(facts, want) {
			t.Errorf("audit entry = %v, want %v", facts, want)
		}
		h.checkCounts("after mending")
	})
}

func TestEveryFieldCanBeMended(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := row(t, 1, 1)
		c := civilRow(r)
		h.loadCivil(c)
		r.RawNIK, r.NIK, r.Sex, r.Name, r.KK = "8171-X", person.NIK{}, person.Male, "SITTI", kkOf(t, 77)
		r.BirthDate = period.On(1999, 9, 9)
		h.load(r)
		if h.match(); h.find("1-1").Match != civilmatch.NIKInvalid {
			t.Fatalf("before: %v", h.find("1-1").Match)
		}
		for _, step := range []struct {
			field string
			set   func(*civil.Mending)
			want  civilmatch.Status
		}{
			{"nik", func(m *civil.Mending) { m.NIK = &c.NIK }, civilmatch.NameDiffers},
			{"name", func(m *civil.Mending) { m.Name = &c.Name }, civilmatch.BirthDateDiffers},
			{"birth_date", func(m *civil.Mending) { m.BirthDate = &c.BirthDate }, civilmatch.SexDiffers},
			{"sex", func(m *civil.Mending) { m.Sex = &c.Sex }, civilmatch.KKDiffers},
			{"no_kk", func(m *civil.Mending) { m.KK = &c.KK }, civilmatch.Matched},
		} {
			m := mending(h.find("1-1"))
			step.set(&m)
			b, err := h.civil.Mend(t.Context(), h.who, m)
			if err != nil || b.Person.Match != step.want || h.find("1-1").Match != step.want {
				t.Fatalf("%s: %v, %v; want %v", step.field, b.Person.Match, err, step.want)
			}
			if fields := h.entry("civil.mend")["fields"]; !reflect.DeepEqual(fields, []any{step.field}) {
				t.Errorf("audit fields = %v, want %s", fields, step.field)
			}
			h.checkCounts(step.field)
		}
		p := h.find("1-1")
		if p.NIKState != registry.Holder || p.NIK != c.NIK || p.Version != 5 {
			t.Errorf("NIK state %d, version %d", p.NIKState, p.Version)
		}
		if n := h.count(`SELECT count(*) FROM family_history WHERE kabkota = 8171`); n != 1 {
			t.Errorf("histories of the family = %d", n)
		}
	})
}

// TestANewCardConcernsTheWholeFamily: the No. KK stands on the family, so every member is
// compared again, not only the one on the page.
func TestANewCardConcernsTheWholeFamily(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		one, two, three := row(t, 1, 1), row(t, 1, 2), row(t, 1, 3)
		h.load(one, two, three)
		civils := []civil.CivilRow{civilRow(one), civilRow(two), civilRow(three)}
		civils[0].KK, civils[1].KK = kkOf(t, 50), kkOf(t, 50)
		h.loadCivil(civils...)
		h.match()
		kk := kkOf(t, 50)
		m := mending(h.find("1-1"))
		m.KK, m.Document = &kk, "kk"
		b, err := h.civil.Mend(t.Context(), h.who, m)
		if err != nil || b.Family.KK != kk || b.Family.Unmatched != 1 {
			t.Fatalf("family unmatched %d, %v", b.Family.Unmatched, err)
		}
		for rowID, want := range map[string]civilmatch.Status{"1-1": civilmatch.Matched, "1-2": civilmatch.Matched, "1-3": civilmatch.KKDiffers} {
			if p := h.find(rowID); p.Match != want {
				t.Errorf("row %s is %v, want %v", rowID, p.Match, want)
			}
		}
		h.checkCounts("after the new card")
	})
}

func TestMendRefuses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 1), row(t, 2, 1))
		h.match()
		p, gone := h.find("1-1"), h.find("2-1")
		h.write(func(tx *act.Tx) (err error) {
			gone, err = h.reg.EndPersonIn(t.Context(), tx, gone.Tenant, gone.ID, registry.Died, "test")
			return err
		})
		name, blank, same := "SITI BARU", " ", p.Name
		var noNIK person.NIK
		var noKK person.KK
		var noSex person.Sex
		var noDate period.Date
		for title, c := range map[string]struct {
			who  access.Actor
			p    registry.Person
			set  func(*civil.Mending)
			code string
		}{
			"outside the area":           {operator(testkit.Neighbour), p, func(m *civil.Mending) { m.Name = &name }, "access.denied"},
			"who may not mend":           {testkit.Person(4, access.VillageHead, testkit.Village), p, func(m *civil.Mending) { m.Name = &name }, "access.denied"},
			"an older version":           {h.who, p, func(m *civil.Mending) { m.Name, m.Version = &name, 0 }, "registry.changed"},
			"a person who is gone":       {h.who, gone, func(m *civil.Mending) { m.Name = &name }, "registry.not_active"},
			"no such person":             {h.who, registry.Person{Tenant: p.Tenant, ID: sqldb.NewID(), Version: 1}, func(m *civil.Mending) { m.Name = &name }, "registry.no_person"},
			"no document":                {h.who, p, func(m *civil.Mending) { m.Name, m.Document = &name, "" }, "civil.document"},
			"a document that is a story": {h.who, p, func(m *civil.Mending) { m.Name, m.Document = &name, "KTP milik Siti" }, "civil.document"},
			"nothing":                    {h.who, p, func(*civil.Mending) {}, "civil.nothing_changed"},
			"the same name":              {h.who, p, func(m *civil.Mending) { m.Name = &same }, "civil.nothing_changed"},
			"a blank name":               {h.who, p, func(m *civil.Mending) { m.Name = &blank }, "name.empty"},
			"a blank NIK":                {h.who, p, func(m *civil.Mending) { m.NIK = &noNIK }, "nik.empty"},
			"a blank No. KK":             {h.who, p, func(m *civil.Mending) { m.KK = &noKK }, "kk.empty"},
			"no sex":                     {h.who, p, func(m *civil.Mending) { m.Sex = &noSex }, "sex.unknown"},
			"no date":                    {h.who, p, func(m *civil.Mending) { m.BirthDate = &noDate }, "date.empty"},
		} {
			m := mending(c.p)
			c.set(&m)
			if _, err := h.civil.Mend(t.Context(), c.who, m); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", title, err, c.code)
			}
		}
		if after := h.find("1-1"); after != p {
			t.Errorf("a refused mending changed the person: %+v", after)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'civil.mend'`); n != 0 {
			t.Errorf("%d entries of refused mendings", n)
		}
	})
}

func TestATypedNIKThatSomebodyHoldsIsContested(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		holder, other := row(t, 1, 1), row(t, 2, 2)
		other.NIK = person.NIK{}
		h.load(holder, other)
		h.loadCivil(civilRow(holder))
		h.match()
		m := mending(h.find("2-2"))
		m.NIK = &holder.NIK
		b, err := h.civil.Mend(t.Context(), h.who, m)
		if err != nil || b.Person.NIKState != registry.Contested || b.Person.Match != civilmatch.NIKDouble {
			t.Errorf("person = NIK state %d, %v, %v", b.Person.NIKState, b.Person.Match, err)
		}
		if len(b.Suggestions) != 0 {
			t.Errorf("a NIK in doubt suggests %d values", len(b.Suggestions))
		}
		h.checkCounts("after a contested NIK")
	})
}

// TestAModeShowsNoMoreThanItGives: the page of one who differs in name and date, and of one
// who died, under each agreement.
func TestAModeShowsNoMoreThanItGives(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		differs, dead := row(t, 1, 1), row(t, 2, 1)
		c, d := civilRow(differs), civilRow(dead)
		c.Name, c.MotherName, d.Status = "SITI RAHASIA", "IBU RAHASIA", civilmatch.IsDead
		h.load(differs, dead)
		h.loadCivil(c, d)
		type view struct {
			Status      civilmatch.Status
			Differs     civilmatch.Fields
			Warns       civilmatch.Fields
			State       civilmatch.State
			Civil       bool
			Suggestions int
		}
		look := func(rowID string) view {
			p := h.find(rowID)
			b, err := h.civil.Open(t.Context(), h.who, p.Tenant, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			if b.Answer.State != b.Result.State {
				t.Errorf("answer and result differ in the state: %v, %v", b.Answer.State, b.Result.State)
			}
			return view{b.Result.Status, b.Result.Differs, b.Result.Warns, b.Answer.State, b.Answer.Civil != civilmatch.CivilRecord{}, len(b.Suggestions)}
		}
		for mode, want := range map[civilmatch.Mode][2]view{
			civilmatch.FullValues: {
				{civilmatch.NameDiffers, civilmatch.Name, civilmatch.MotherName, civilmatch.Alive, true, 2},
				{civilmatch.Dead, 0, 0, civilmatch.IsDead, true, 0},
			},
			civilmatch.YesNo: {
				{civilmatch.NameDiffers, civilmatch.Name, 0, civilmatch.Alive, false, 0},
				{civilmatch.Dead, 0, 0, civilmatch.IsDead, false, 0},
			},
			civilmatch.FoundOnly: {
				{civilmatch.NIKFound, 0, 0, civilmatch.Alive, false, 0},
				{civilmatch.NIKFound, 0, 0, civilmatch.Alive, false, 0},
			},
		} {
			h.use(civil.NewFile(h.keys, mode))
			if got := look("1-1"); got != want[0] {
				t.Errorf("mode %d, who differs: %+v, want %+v", mode, got, want[0])
			}
			if got := look("2-1"); got != want[1] {
				t.Errorf("mode %d, who died: %+v, want %+v", mode, got, want[1])
			}
		}
	})
}

func TestOpenIsScopedAndRecorded(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(row(t, 1, 1))
		p := h.find("1-1")
		if _, err := h.civil.Open(t.Context(), operator(testkit.Neighbour), p.Tenant, p.ID); !errors.Is(err, fail.Forbidden("access.denied")) {
			t.Errorf("outside the area: %v", err)
		}
		if _, err := h.civil.Open(t.Context(), operator(testkit.Village), p.Tenant, p.ID); err != nil {
			t.Fatal(err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'civil.open' AND subject = $1`, p.ID); n != 1 {
			t.Errorf("entries = %d, want 1", n)
		}
	})
}
