package programmes_test

import (
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/programmes"
	"tepat/internal/service/screening"
	"tepat/internal/testkit"
)

// Answers of REGSOSEK22-K that the tests give.
const (
	here     = `{"presence":1,"sex":2,"schooling":1,"pregnant":2,"difficulty_seeing":4,"difficulty_hearing":4,"difficulty_walking":4,"difficulty_hands":4,"difficulty_learning":4,"difficulty_behaviour":4,"difficulty_speaking":4,"difficulty_self_care":4,"difficulty_memory":4}`
	expects  = `{"presence":1,"sex":2,"schooling":1,"pregnant":1,"difficulty_seeing":4}`
	inSD     = `{"presence":1,"sex":1,"schooling":2,"highest_level":3,"difficulty_seeing":4}`
	inSMP    = `{"presence":1,"sex":1,"schooling":2,"highest_level":8,"difficulty_seeing":4}`
	inSMA    = `{"presence":1,"sex":1,"schooling":2,"highest_level":13,"difficulty_seeing":4}`
	disabled = `{"presence":1,"sex":1,"schooling":1,"difficulty_seeing":1}`
	gone     = `{"presence":3,"sex":1,"schooling":2,"highest_level":3,"difficulty_seeing":4}`
)

// under2025 is a day on which PKH takes deciles 1 to 4 and Sembako and PBI-JK 1 to 5.
func under2025(id programme.ID, quota int64) programmes.Settings {
	s := settings(id, quota)
	s.AsOf = period.On(2025, 5, 1)
	return s
}

func TestWhoIsAdmittedAndForHowMuch(t *testing.T) {
	t.Parallel()
	mother := woman(person.Wife, 1985, here)
	father := man(person.Head, 1983, strings.Replace(here, `"sex":2`, `"sex":1`, 1))
	child := func(year int) human { return man(person.Child, year, inSD) }
	baby := func(year int) human {
		return man(person.Child, year, `{"presence":1,"sex":1,"schooling":1,"difficulty_seeing":4}`)
	}
	cases := []struct {
		name    string
		id      programme.ID
		decile  int
		members []human
		stage   money.Rupiah // of the enrolment; zero when not admitted
		why     string
		counted []string // components taken, sorted
	}{
		{"PKH: a child of 3 gives 3,000,000 a year", programme.PKH, 4, []human{father, mother, baby(2022)}, 750_000, "", []string{"child"}},
		{"PKH: a pregnant woman gives 3,000,000 a year", programme.PKH, 1, []human{father, woman(person.Wife, 1985, expects)}, 750_000, "", []string{"pregnant"}},
		{"PKH: a pupil of primary school gives 900,000", programme.PKH, 1, []human{father, mother, child(2015)}, 225_000, "", []string{"sd"}},
		{"PKH: a pupil of junior secondary school gives 1,500,000", programme.PKH, 1, []human{father, man(person.Child, 2011, inSMP)}, 375_000, "", []string{"smp"}},
		{"PKH: a pupil of senior secondary school gives 2,000,000", programme.PKH, 1, []human{father, man(person.Child, 2008, inSMA)}, 500_000, "", []string{"sma"}},
		{"PKH: 60 years or more gives 2,400,000", programme.PKH, 1, []human{man(person.Head, 1964, ""), mother}, 600_000, "", []string{"elderly"}},
		{"PKH: a severe disability gives 2,400,000", programme.PKH, 1, []human{man(person.Head, 1980, disabled)}, 600_000, "", []string{"severe_disability"}},
		{"PKH: at most two children under 7", programme.PKH, 1, []human{father, mother, baby(2020), baby(2021), baby(2022)}, 1_500_000, "", []string{"child", "child"}},
		{
			"PKH: at most four persons, those who give most", programme.PKH, 1,
			[]human{man(person.Head, 1950, ""), woman(person.Wife, 1952, ""), baby(2021), baby(2022), man(person.Child, 2008, inSMA), child(2015)},
			(3_000_000*2 + 2_400_000*2) / 4, "", []string{"child", "child", "elderly", "elderly"},
		},
		{"PKH: one component a person, the better one", programme.PKH, 1, []human{father, man(person.Child, 2020, inSD)}, 750_000, "", []string{"child"}},
		{"PKH: without a component not", programme.PKH, 1, []human{father, mother}, 0, programme.WhyComponent, nil},
		{"PKH: decile 5 not", programme.PKH, 5, []human{father, mother, baby(2022)}, 0, programme.WhyDecile, nil},
		{"PKH: unranked not", programme.PKH, 0, []human{father, mother, baby(2022)}, 0, programme.WhyUnranked, nil},
		{"PKH: who moved away by the interview does not count", programme.PKH, 1, []human{father, mother, man(person.Child, 2015, gone)}, 0, programme.WhyComponent, nil},
		{"Sembako: 200,000 a month, two months a stage", programme.Sembako, 5, []human{father, mother}, 400_000, "", nil},
		{"Sembako: decile 6 not", programme.Sembako, 6, []human{father, mother}, 0, programme.WhyDecile, nil},
		{"PBI-JK: 42,000 a month a person", programme.PBIJK, 5, []human{father}, 42_000, "", nil},
		{"PBI-JK: decile 6 not", programme.PBIJK, 6, []human{father}, 0, programme.WhyDecile, nil},
		{"nobody is left by the interview", programme.Sembako, 1, []human{man(person.Head, 1980, gone)}, 0, programmes.WhyNobody, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, testkit.SQLite(t))
			h.settle(family{k: 1, at: testkit.Village, decile: c.decile, members: c.members})
			r := h.enrol(under2025(c.id, 10))
			list := h.members(r.ID, programmes.Enrolled)
			if c.why != "" {
				if len(list) != 0 || h.figure(r, "programme.why."+c.why) != 1 {
					t.Fatalf("%d admitted, figures %s", len(list), r.Preview)
				}
				return
			}
			if len(list) != 1 || list[0].Amount != c.stage {
				t.Fatalf("admitted %+v, want %d a stage (%s)", list, c.stage, r.Preview)
			}
			story, err := h.s.Explain(t.Context(), h.manager, testkit.AmbonTenant, list[0].ID, "")
			h.must(err)
			var counted []string
			for _, l := range story.Working.Lines {
				if l.Taken() {
					counted = append(counted, l.Component)
				}
			}
			if slices.Sort(counted); !slices.Equal(counted, c.counted) {
				t.Errorf("counted %v, want %v", counted, c.counted)
			}
			var year money.Rupiah
			for _, stage := range story.Stages {
				year += stage
			}
			if year != story.Year || story.Priority.Decile != int64(c.decile) || story.Programme.LegalBasis == "" {
				t.Errorf("stages %v make %d, the year is %d; %+v", story.Stages, year, story.Year, story.Priority)
			}
		})
	}
}

func TestAScreeningKeepsPersonsAndFamiliesOff(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 4)
		h.off[h.familyOf(1)] = screening.Exclusion{Family: true, Criterion: "asn"}
		h.off[h.familyOf(2)] = screening.Exclusion{Persons: map[sqldb.ID]string{h.personOf(2, 0): "wage"}}
		r := h.enrol(settings(programme.PBIJK, 100))
		on := h.ids(r.ID, programmes.Enrolled, true)
		if len(on) != 5 || on[h.personOf(2, 0)] || !on[h.personOf(2, 1)] || on[h.personOf(1, 0)] || h.figure(r, "programme.why."+programmes.WhyExcluded) != 2 {
			t.Errorf("%d persons on the list, figures %s", len(on), r.Preview)
		}
		r = h.enrol(settings(programme.Sembako, 100))
		families := h.ids(r.ID, programmes.Enrolled, false)
		if len(families) != 3 || families[h.familyOf(1)] || !families[h.familyOf(2)] {
			t.Errorf("%d families on the list", len(families))
		}
	})
}

func TestWhoIsDeadByTheCivilRegistryDoesNotCount(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 2)
		h.dead(h.personOf(1, 0))
		r := h.enrol(settings(programme.PBIJK, 100))
		if on := h.ids(r.ID, programmes.Enrolled, true); len(on) != 3 || on[h.personOf(1, 0)] {
			t.Errorf("%d persons on the list, want 3 without the dead", len(on))
		}
	})
}

func TestThePayeeIsTheWifeElseTheHeadElseTheOldestAdult(t *testing.T) {
	t.Parallel()
	head, wife := man(person.Head, 1980, ""), woman(person.Wife, 1985, "")
	cases := []struct {
		name    string
		members []human
		payee   int // -1 for nobody
	}{
		{"the wife", []human{head, wife}, 1},
		{"the woman who heads the family", []human{woman(person.Head, 1980, ""), woman(person.Child, 1990, "")}, 0},
		{"the head without a wife", []human{head, woman(person.Child, 1999, "")}, 0},
		{"the oldest adult without a head", []human{man(person.Child, 2000, ""), woman(person.Child, 1998, "")}, 1},
		{"a wife who is a child is passed over", []human{head, woman(person.Wife, 2010, "")}, 0},
		{"children alone have none", []human{man(person.Child, 2012, ""), woman(person.Child, 2014, "")}, -1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, testkit.SQLite(t))
			h.settle(family{k: 1, at: testkit.Village, decile: 1, members: c.members})
			r := h.enrol(settings(programme.Sembako, 10))
			list := h.members(r.ID, programmes.Enrolled)
			want := sqldb.ID{}
			if c.payee >= 0 {
				want = h.personOf(1, c.payee)
			}
			if len(list) != 1 || list[0].Person != want {
				t.Errorf("payee %+v, want %s", list, want)
			}
		})
	}
}

func TestThePayeeOfTheListInForceStays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 2)
		r := h.enrol(settings(programme.Sembako, 10))
		h.freeze(r.ID, "SK 1")
		h.exec(`UPDATE enrolment SET person_id = $1 WHERE kabkota = 8171 AND family_id = $2`, h.personOf(1, 0), h.familyOf(1))
		h.off[h.familyOf(2)] = screening.Exclusion{NewPayee: true}
		next := settings(programme.Sembako, 10)
		next.Period = period.NewMonth(2024, 11)
		r = h.enrol(next)
		for _, m := range h.members(r.ID, programmes.Enrolled) {
			want := h.personOf(1, 0) // the man the family named
			if m.Family == h.familyOf(2) {
				want = h.personOf(2, 0) // asked for another one than the wife
			}
			if m.Person != want {
				t.Errorf("family %s: payee %s, want %s", m.Head, m.Person, want)
			}
		}
		payees, err := h.s.PayeesIn(t.Context(), db.Direct(), testkit.AmbonTenant, []sqldb.ID{h.familyOf(1), h.familyOf(2)})
		h.must(err)
		if len(payees) != 2 || !slices.Contains(payees, h.personOf(1, 0)) || !slices.Contains(payees, h.personOf(2, 1)) {
			t.Errorf("payees in force %v", payees)
		}
	})
}

func TestAnotherProgrammeOfTheFamilyMayForbidThisOne(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 6)
		in2020 := func(id programme.ID, quota int64) programmes.Settings {
			s := settings(id, quota)
			s.AsOf = period.On(2020, 6, 1)
			return s
		}
		bst := h.enrol(in2020("bst", 2))
		holders := h.ids(bst.ID, programmes.Enrolled, false)
		if r := h.enrol(in2020(programme.Sembako, 6)); h.figure(r, "demand") != 6 {
			t.Errorf("a draft already forbids: %s", r.Preview)
		}
		h.freeze(bst.ID, "SK BST")
		r := h.enrol(in2020(programme.Sembako, 6))
		on := h.ids(r.ID, programmes.Enrolled, false)
		for id := range holders {
			if on[id] {
				t.Errorf("family %s gets BST and Sembako", id)
			}
		}
		if len(holders) != 2 || len(on) != 4 || h.figure(r, "programme.why."+programmes.WhyCross) != 2 {
			t.Errorf("%d hold BST, %d get Sembako (%s)", len(holders), len(on), r.Preview)
		}
		if r := h.enrol(settings(programme.Sembako, 6)); h.figure(r, "demand") != 6 {
			t.Errorf("the rule ended in April 2021 and still forbids: %s", r.Preview)
		}
	})
}

func TestAProgrammeThatAddsToAnotherIsForItsHoldersOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 10)
		in2025 := func(id programme.ID, quota int64) programmes.Settings {
			s := settings(id, quota)
			s.AsOf = period.On(2025, 6, 10)
			return s
		}
		if r := h.enrol(in2025("sembako_topup", 10)); h.figure(r, "demand") != 0 || h.figure(r, "programme.why."+programme.WhyProgramme) != 5 {
			t.Errorf("without Sembako: %s", r.Preview) // deciles 6 to 10 are refused for their decile
		}
		sembako := h.enrol(in2025(programme.Sembako, 3))
		h.freeze(sembako.ID, "SK 1")
		r := h.enrol(in2025("sembako_topup", 10))
		holders, added := h.ids(sembako.ID, programmes.Enrolled, false), h.ids(r.ID, programmes.Enrolled, false)
		for id := range added {
			if !holders[id] {
				t.Errorf("family %s gets the top-up without Sembako", id)
			}
		}
		if len(added) != 3 {
			t.Errorf("%d get the top-up, want 3", len(added))
		}
	})
}

func TestAProgrammesOwnRuleReadsTheFacts(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		for k, house := range []string{
			`{"dwelling_tenure":1,"floor_area":10,"wall_material":1,"roof_material":2,"toilet":1}`, // own, 5 m2 a person
			`{"dwelling_tenure":1,"floor_area":60,"wall_material":1,"roof_material":2,"toilet":1}`, // own and sound
			`{"dwelling_tenure":2,"floor_area":10,"wall_material":1,"roof_material":2,"toilet":1}`, // rented
			`{"dwelling_tenure":1,"wall_material":1,"roof_material":2,"toilet":1}`,                 // nobody measured it
		} {
			h.settle(family{k: k + 1, at: testkit.Village, decile: 1, house: house, members: []human{man(person.Head, 1980, here), woman(person.Wife, 1982, here)}})
		}
		r := h.enrol(under2025("rst", 10))
		if on := h.ids(r.ID, programmes.Enrolled, false); len(on) != 1 || !on[h.familyOf(1)] {
			t.Errorf("%d houses on the list (%s)", len(on), r.Preview)
		}
		if h.figure(r, "programme.why."+programmes.WhyRule) != 2 || h.figure(r, "programme.why."+programmes.WhyUndecided) != 1 {
			t.Errorf("figures %s", r.Preview)
		}
	})
}
