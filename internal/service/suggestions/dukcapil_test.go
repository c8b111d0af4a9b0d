package suggestions_test

import (
	"slices"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/suggestions"
	"tepat/internal/testkit"
)

// strangers are names that no other person of the test has.
var strangers = []string{"ZAKEUS", "WILHELMINA", "OTNIEL", "PERSILA", "GERSON", "ULIANA"}

// TestTheListForDukcapilHoldsEverybody: by village, whatever the size of a page, with the counts of the page; numbers in full
// and data that can be worked on ask for their own rights, and every list is logged.
func TestTheListForDukcapilHoldsEverybody(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		var unknown []registry.Incoming
		for k := 10; k < 16; k++ {
			r := row(t, k)
			r.Name, r.MotherName = strangers[k-10]+" WAROMI", strangers[(k-8)%6]+" KAFIAR"
			if k%2 == 0 {
				r.Area = testkit.Neighbour
			}
			unknown = append(unknown, r)
		}
		h.load(unknown...)
		h.suggest()
		want := h.count(`SELECT count(*) FROM match_suggestion WHERE cause IN ('nobody', 'nik_anomaly', 'nik_double', 'not_recorded', 'dead')`)
		var list []suggestions.Line
		keep := func(l suggestions.Line) error {
			list = append(list, l)
			return nil
		}
		n, err := h.bench.ListDukcapil(t.Context(), h.who, suggestions.Listing{}, keep)
		if err != nil || int64(n) != want || want < 6 || len(list) != n || !slices.IsSortedFunc(list, func(a, b suggestions.Line) int { return int(a.Area - b.Area) }) {
			t.Fatalf("%d of %d persons, %v", n, want, err)
		}
		for _, l := range list {
			if !slices.Contains(suggestions.DukcapilCauses(), l.Causes[0]) {
				t.Errorf("%v is on the list", l.Causes)
			}
		}
		counts, err := h.bench.CountDukcapil(t.Context(), h.who, area.Nation)
		sum := int64(0)
		for _, c := range counts {
			sum += c
		}
		if err != nil || sum != want {
			t.Errorf("counted %v, %v", counts, err)
		}
		village := 0
		for _, l := range list {
			if l.Area == testkit.Neighbour {
				village++
			}
		}
		for name, c := range map[string]struct {
			who  access.Actor
			in   suggestions.Listing
			want int
			code string
		}{
			"of one village":                 {h.who, suggestions.Listing{Area: testkit.Neighbour}, village, ""},
			"by the operator of another":     {operator(testkit.Village), suggestions.Listing{}, n - village, ""},
			"of a village not hers":          {operator(testkit.Village), suggestions.Listing{Area: testkit.Neighbour}, 0, ""},
			"more than fits":                 {h.who, suggestions.Listing{Most: 3}, 3, "suggestions.list_long"},
			"as data by an operator":         {operator(testkit.Village), suggestions.Listing{File: true}, 0, "access.denied"},
			"in full without a purpose":      {h.who, suggestions.Listing{Reveal: true}, 0, "suggestions.purpose"},
			"in full by who only reads":      {testkit.Person(6, access.AgencyHead, testkit.Ambon), suggestions.Listing{Reveal: true, Purpose: "civil_match"}, 0, "access.denied"},
			"by who reads nothing":           {testkit.Person(8, access.Admin, testkit.Ambon), suggestions.Listing{}, 0, "access.denied"},
			"as data, in full, for Dukcapil": {h.who, suggestions.Listing{File: true, Reveal: true, Purpose: "civil_match"}, n, ""},
		} {
			list = nil
			if _, err := h.bench.ListDukcapil(t.Context(), c.who, c.in, keep); fail.CodeOf(err) != c.code || len(list) != c.want {
				t.Errorf("%s: %d persons, %v", name, len(list), err)
			}
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'civil.dukcapil'`); n != 5 {
			t.Errorf("%d lists in the log", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'civil.dukcapil' AND purpose = 'civil_match' AND facts LIKE '%"revealed":true%'`); n != 1 {
			t.Errorf("%d lists with full numbers in the log", n)
		}
	})
}
