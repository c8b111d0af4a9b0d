package programmes_test

import (
	"slices"
	"testing"

	"tepat/internal/domain/evidence"
	"tepat/internal/domain/money"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/programmes"
	"tepat/internal/testkit"
)

func TestPupilsAreEnrolledByTheirClass(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		class := func(level, class string) string {
			return `{"presence":1,"sex":1,"schooling":2,"highest_level":` + level + `,"highest_class":` + class + `}`
		}
		h.settle(
			family{k: 1, at: testkit.Village, decile: 1, members: []human{man(person.Head, 1980, here), man(person.Child, 2014, class("3", "4"))}},
			family{k: 2, at: testkit.Village, decile: 1, members: []human{man(person.Head, 1980, here), man(person.Child, 2009, class("13", "1"))}},
			family{k: 3, at: testkit.Village, decile: 1, members: []human{man(person.Head, 1980, here), man(person.Child, 2011, class("8", "3"))}},
			family{k: 4, at: testkit.Village, decile: 1, members: []human{man(person.Head, 1980, here), man(person.Child, 2012, class("3", "6"))}},
		)
		// The first two were asked in this school year; of the third the school says class 8, of the fourth nobody knows today.
		h.exec(`UPDATE answers SET collected_at = '2024-08' WHERE kabkota = 8171 AND subject_id IN ($1, $2)`, h.personOf(1, 1), h.personOf(2, 1))
		h.says(h.personOf(3, 1), "school_class", "9", "2023-09")
		h.says(h.personOf(3, 1), "school_class", "8", "2024-08")
		h.says(h.personOf(3, 1), "school_class", "7", "2024-12") // of a later day
		h.says(h.personOf(4, 1), "school_class", "6", "2024-03") // of the school year before
		r := h.enrol(settings("pip", 10))
		if !slices.Equal(h.kinds, []evidence.Kind{evidence.SchoolClass}) {
			t.Errorf("asked for %v", h.kinds)
		}
		got := map[sqldb.ID]money.Rupiah{}
		list := h.members(r.ID, programmes.Enrolled)
		for _, m := range list {
			got[m.Person] = m.Amount
		}
		want := map[sqldb.ID]money.Rupiah{h.personOf(1, 1): 450_000, h.personOf(2, 1): 900_000, h.personOf(3, 1): 750_000}
		if len(got) != len(want) {
			t.Errorf("%d pupils are on the list: %s", len(got), r.Preview)
		}
		for who, amount := range want {
			if got[who] != amount {
				t.Errorf("a pupil gets %d, want %d", got[who], amount)
			}
		}
		if h.figure(r, "programme.why."+programmes.WhyUndecided) != 1 || h.figure(r, "programme.why."+programme.WhyComponent) != 4 {
			t.Errorf("why not: %s", r.Preview)
		}
		if h.figure(r, "component_sd") != 1 || h.figure(r, "component_sma_part") != 1 || h.figure(r, "component_smp") != 1 {
			t.Errorf("components: %s", r.Preview)
		}
		for _, m := range list {
			story, err := h.s.Explain(t.Context(), h.manager, testkit.AmbonTenant, m.ID, "")
			h.must(err)
			if len(story.Working.Lines) == 0 || !story.Working.Lines[0].Taken() || story.Working.Lines[0].Person != m.Person || story.Programme.LegalBasis == "" {
				t.Errorf("the working of a pupil: %+v", story.Working)
			}
		}
	})
}

func TestOrphansAreEnrolledByWhatIsStated(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		children := []human{woman(person.Head, 1960, here)}
		for year := 2008; year <= 2013; year++ {
			children = append(children, man(person.Grandchild, year, ""))
		}
		h.settle(family{k: 1, at: testkit.Village, decile: 2, members: children}, family{k: 2, at: testkit.Village, decile: 6, members: children[:3]})
		h.says(h.personOf(1, 1), "orphan", "ya", "2025-01")
		h.says(h.personOf(1, 2), "orphan", "tidak", "2025-01")
		h.says(h.personOf(1, 3), "orphan", "ya", "2022") // who is one stays one
		h.says(h.personOf(1, 4), "orphan", "ya", "2025-01")
		h.says(h.personOf(1, 4), "orphan", "tidak", "2025-03") // the later statement counts
		h.says(h.personOf(1, 5), "orphan", "ya", "2025-09")    // of a later day
		h.says(h.personOf(2, 1), "orphan", "ya", "2025-01")    // not of a poor family
		r := h.enrol(under2025("yapi", 10))
		if !slices.Equal(h.kinds, []evidence.Kind{evidence.Orphan}) {
			t.Errorf("asked for %v", h.kinds)
		}
		on := h.ids(r.ID, programmes.Enrolled, true)
		if len(on) != 2 || !on[h.personOf(1, 1)] || !on[h.personOf(1, 3)] {
			t.Errorf("%d on the list: %s", len(on), r.Preview)
		}
		for why, want := range map[string]int64{programmes.WhyUndecided: 2, programme.WhyComponent: 3, programme.WhyDecile: 3} {
			if got := h.figure(r, "programme.why."+why); got != want {
				t.Errorf("%s: %d, want %d", why, got, want)
			}
		}
		for _, m := range h.members(r.ID, programmes.Enrolled) {
			if m.Amount != 200_000 {
				t.Errorf("an orphan gets %d a month", m.Amount)
			}
		}
	})
}

func TestOtherProgrammesAskForNoStatements(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	h.couples(1, 2)
	h.enrol(settings(programme.PKH, 10))
	if h.kinds != nil {
		t.Errorf("PKH asked for %v", h.kinds)
	}
}
