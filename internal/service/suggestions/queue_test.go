package suggestions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/suggestions"
	"tepat/internal/testkit"
)

func (h *house) queue(f suggestions.Filter) []suggestions.Line {
	h.t.Helper()
	if f.Limit == 0 {
		f.Limit = 50
	}
	list, err := h.bench.Queue(h.t.Context(), h.who, f)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func namesOf(list []suggestions.Line) (out []string) {
	for _, l := range list {
		out = append(out, l.Name)
	}
	return out
}

func TestTheSurestToMendComeFirst(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		list := h.queue(suggestions.Filter{})
		if len(list) != 8 || list[7].Name != "XENA WAROMI" {
			t.Fatalf("the queue is %v", namesOf(list))
		}
		if !slices.IsSortedFunc(list, func(a, b suggestions.Line) int { return int(a.Rank - b.Rank) }) {
			t.Errorf("ranks do not rise: %v", list)
		}
		// What only the KTP in hand can give stands behind what can be copied.
		for i, l := range list {
			if typed := l.Causes[0] == suggestions.NIKDigit || l.Causes[0] == suggestions.NIKMissing; typed != (i == 5 || i == 6) {
				t.Errorf("line %d is %v", i, l.Causes)
			}
		}
		// A village's list is read the other way round and says the same.
		if village := h.queue(suggestions.Filter{Area: testkit.Village}); !slices.Equal(namesOf(village), namesOf(list)) {
			t.Errorf("the village's queue is %v", namesOf(village))
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE act = 'civil.queue'`); n != 2 {
			t.Errorf("%d entries of lists, want 2", n)
		}
	})
}

func TestTheQueueIsReadPageByPage(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		p := h.find("2") // hers is old from now on, so that she comes last of all
		name := "SITI RUMAKATT"
		if _, err := h.civil.Mend(t.Context(), operator(testkit.Village), civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, Name: &name, Document: "ktp"}); err != nil {
			t.Fatal(err)
		}
		for _, byArea := range []bool{false, true} {
			whole := h.queue(suggestions.Filter{ByArea: byArea})
			if !byArea && (whole[7].Name != name || whole[7].Rank != 0) {
				t.Errorf("the last is %v", whole[7])
			}
			var paged []suggestions.Line
			var after suggestions.Anchor
			for {
				some := h.queue(suggestions.Filter{ByArea: byArea, Limit: 3, After: after})
				paged = append(paged, some...)
				if len(some) < 3 {
					break
				}
				after = some[2].Anchor()
			}
			if !slices.Equal(namesOf(paged), namesOf(whole)) {
				t.Errorf("by area %v: pages give %v, the whole list %v", byArea, namesOf(paged), namesOf(whole))
			}
		}
	})
}

func TestTheQueueIsNarrowed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		h.suggest()
		for _, c := range []struct {
			name   string
			filter suggestions.Filter
			want   int
		}{
			{"by status", suggestions.Filter{Status: civilmatch.NameDiffers}, 2},
			{"by cause", suggestions.Filter{Cause: suggestions.BirthSwap}, 1},
			{"by cause, in the order of villages", suggestions.Filter{Cause: suggestions.BirthSwap, ByArea: true}, 1},
			{"by both", suggestions.Filter{Status: civilmatch.NameDiffers, Cause: suggestions.BirthSwap}, 0},
			{"another district", suggestions.Filter{Area: area.Code(8172000000)}, 0},
		} {
			if got := h.queue(c.filter); len(got) != c.want {
				t.Errorf("%s: %v, want %d", c.name, namesOf(got), c.want)
			}
		}
		if _, err := h.bench.Queue(t.Context(), h.who, suggestions.Filter{Status: civilmatch.Matched}); fail.CodeOf(err) != "civilmatch.status" {
			t.Errorf("a status that is no mismatch: %v", err)
		}
		if _, err := suggestions.ParseCause("weather"); fail.CodeOf(err) != "suggestions.cause" {
			t.Errorf("a cause nobody knows: %v", err)
		}
	})
}

func TestTheNIKOfSomebodyElseIsSaid(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		well, again := row(t, 0), row(t, 0)
		again.RowID, again.NIK, again.KK = "double", nikOf(t, again.BirthDate, again.Sex, 4711), kkOf(t, 500)
		h.load(well, again)
		h.loadCivil(civilRow(well))
		h.suggest()
		p, holder := h.find("double"), h.find("0")
		_, g, err := h.bench.Open(t.Context(), h.who, p.Tenant, p.ID)
		if err != nil || !g.Taken || g.Causes[0] != suggestions.Taken || g.Other == nil || g.Other.ID != holder.ID {
			t.Fatalf("%+v: %v", g, err)
		}
		// Whoever may not see the holder does not learn who she is.
		moved(h, holder, testkit.Village+1)
		_, g, err = h.bench.Open(t.Context(), operator(testkit.Village), p.Tenant, p.ID)
		if err != nil || !g.Taken || g.Other != nil {
			t.Errorf("the operator of the village sees %+v: %v", g.Other, err)
		}
	})
}

// Each mode of answers gives what it gives and no more: nothing that comes from a civil record leaves the
// service, or is kept, where the agreement gives no values.
func TestEachModeTellsNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.fill()
		for _, mode := range []civilmatch.Mode{civilmatch.FullValues, civilmatch.YesNo, civilmatch.FoundOnly} {
			h.use(civil.NewFile(h.keys, mode))
			before := h.queue(suggestions.Filter{})
			if slices.ContainsFunc(before, func(l suggestions.Line) bool { return l.Rank > 0 }) {
				t.Errorf("mode %d: suggestions of another mode are shown", mode)
			}
			h.suggest()
			told := h.told()
			own := []suggestions.Cause{suggestions.NIKMissing, suggestions.OwnBirth, suggestions.OwnSex, suggestions.OwnName, suggestions.Document, suggestions.SaidNIK}
			if mode == civilmatch.YesNo { // which fields differ is what this agreement tells
				own = append(own, suggestions.SaidName, suggestions.SaidBirth, suggestions.SaidSex, suggestions.SaidCard)
			}
			for name, g := range told {
				if mode == civilmatch.FullValues {
					continue
				}
				if g.Outcome != suggestions.NotSought || g.Probability != 0 || len(g.Levels) > 0 || g.NIK != "" || g.Civil.Outcome != civilmatch.NotAsked || g.Taken {
					t.Errorf("mode %d, %s: %+v", mode, name, g)
				}
				if slices.ContainsFunc(g.Causes, func(c suggestions.Cause) bool { return !slices.Contains(own, c) }) {
					t.Errorf("mode %d, %s: %v tells of the civil record", mode, name, g.Causes)
				}
			}
			if kept := h.count(`SELECT count(*) FROM match_suggestion WHERE civil_hash IS NOT NULL`); (kept > 0) != (mode == civilmatch.FullValues) {
				t.Errorf("mode %d: %d rows name a civil record", mode, kept)
			}
			if mode == civilmatch.FullValues && told["MARIA L"].NIK == "" {
				t.Error("with values the NIK of the civil person is not shown, masked")
			}
		}
	})
}

// told gives what the bench says of everybody in the queue, by name, and holds that nothing in it prints a
// NIK or a No. KK.
func (h *house) told() map[string]suggestions.Suggested {
	h.t.Helper()
	out := map[string]suggestions.Suggested{}
	for _, l := range h.queue(suggestions.Filter{}) {
		_, g, err := h.bench.Open(h.t.Context(), h.who, l.Tenant, l.PersonID)
		if err != nil {
			h.t.Fatal(err)
		}
		if !g.Fresh {
			h.t.Errorf("%s has no suggestion", l.Name)
		}
		out[l.Name] = g
		for k := range slips() {
			r := row(h.t, k)
			if text := fmt.Sprintf("%+v", g); strings.Contains(text, r.NIK.Plain()) || strings.Contains(text, r.KK.Plain()) {
				h.t.Errorf("%s: a number is printed in full", l.Name)
			}
		}
	}
	return out
}

// moved gives a person another village.
func moved(h *house, p registry.Person, to area.Code) {
	h.t.Helper()
	p.Area = to
	h.write(func(tx *act.Tx) error {
		_, err := h.reg.ChangePersonIn(h.t.Context(), tx, p)
		return err
	})
}

// threeVillages loads 4 mismatches in the village, 3 in its neighbour, and two who match.
func threeVillages(h *house) {
	var rows []registry.Incoming
	var civilRows []civil.CivilRow
	for k := 1; k <= 9; k++ {
		r := row(h.t, k)
		c := civilRow(r)
		if k > 4 {
			r.Area = testkit.Neighbour
		}
		switch {
		case k > 7:
		case k%2 == 0:
			c.Sex = map[person.Sex]person.Sex{person.Male: person.Female, person.Female: person.Male}[c.Sex]
		default:
			c.Name = "SITI LAIN"
		}
		rows, civilRows = append(rows, r), append(civilRows, c)
	}
	h.load(rows...)
	h.loadCivil(civilRows...)
	h.drive(h.newRun("match", civil.MatchSettings{}))
}

func TestTheQueueIsFilteredScopedAndPaged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		threeVillages(h)
		for name, c := range map[string]struct {
			who    access.Actor
			filter suggestions.Filter
			want   int
		}{
			"the whole district":              {h.who, suggestions.Filter{}, 7},
			"one status":                      {h.who, suggestions.Filter{Status: civilmatch.SexDiffers}, 3},
			"a status nobody has":             {h.who, suggestions.Filter{Status: civilmatch.Dead}, 0},
			"one village":                     {h.who, suggestions.Filter{Area: testkit.Neighbour}, 3},
			"one village and status":          {h.who, suggestions.Filter{Area: testkit.Neighbour, Status: civilmatch.NameDiffers}, 2},
			"an operator's own village":       {operator(testkit.Village), suggestions.Filter{}, 4},
			"an operator and another village": {operator(testkit.Village), suggestions.Filter{Area: testkit.Neighbour}, 0},
		} {
			for _, limit := range []int{1, 2, 200} {
				if seen := h.pages(name, c.who, c.filter, limit); seen != c.want {
					t.Errorf("%s, pages of %d: %d persons, want %d", name, limit, seen, c.want)
				}
			}
		}
	})
}

// pages reads a queue page by page: everybody once, by village.
func (h *house) pages(name string, who access.Actor, f suggestions.Filter, limit int) int {
	h.t.Helper()
	f.Limit, f.ByArea = limit, true
	seen := map[sqldb.ID]bool{}
	var last suggestions.Line
	for {
		page, err := h.bench.Queue(h.t.Context(), who, f)
		if err != nil {
			h.t.Fatalf("%s: %v", name, err)
		}
		for _, line := range page {
			if seen[line.PersonID] {
				h.t.Errorf("%s, pages of %d: a person is listed twice", name, limit)
			}
			if !last.PersonID.IsZero() && (line.Area < last.Area || line.Area == last.Area && slices.Compare(line.PersonID[:], last.PersonID[:]) < 0) {
				h.t.Errorf("%s, pages of %d: out of order", name, limit)
			}
			seen[line.PersonID], last = true, line
		}
		if len(page) < limit {
			return len(seen)
		}
		f.After = last.Anchor()
	}
}

func TestTheQueueMarksWhoIsPaid(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		threeVillages(h)
		paid, waits := h.find("1"), h.find("2")
		for family, state := range map[sqldb.ID]int64{paid.FamilyID: 1, waits.FamilyID: 2} {
			h.write(func(tx *act.Tx) error {
				_, err := tx.Exec(t.Context(), `
					INSERT INTO enrolment (kabkota, id, version, list_id, programme, family_id, area_code, position, state, amount, working,
						valid_from, valid_to, ended_reason, recorded_at, act_id)
					VALUES (8171, $1, 1, $2, 'pkh', $3, $4, 1, $5, 0, '{}', '2024-01-01', '', '', 0, $1)`,
					sqldb.NewID(), sqldb.NewID(), family, int64(testkit.Village), state)
				return err
			})
		}
		list, err := h.bench.Queue(t.Context(), h.who, suggestions.Filter{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			if m.Paid != (m.PersonID == paid.ID) {
				t.Errorf("%s is marked paid: %v", m.PersonID, m.Paid)
			}
		}
	})
}
