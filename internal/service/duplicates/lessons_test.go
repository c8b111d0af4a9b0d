package duplicates_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	engine "tepat/internal/domain/linkage"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/flatcsv"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// syllable makes a word of its own of a number.
func syllable(n int) string {
	list := strings.Fields("LA TU PE RI SO MA WAT NAN HU KAI BE DO LI SAP")
	return list[n%14] + list[n/14%14] + list[(n*5+3)%14]
}

// couple is two rows of one card that agree in all but the first name, each of its list.
func couple(t testing.TB, n int, first, second string, listA, listB [2]string) []registry.Incoming {
	t.Helper()
	a := row(t, 2000+n)
	a.NIK, a.Relation, a.Sex, a.BirthDate = person.NIK{}, person.Child, person.Male, period.On(1960+n%50, time.Month(1+n%12), 1+n%28)
	a.MotherName = syllable(n*3+1) + " " + syllable(n*7+2)
	b := a
	a.RowID, b.RowID = fmt.Sprintf("%da", n), fmt.Sprintf("%db", n)
	a.Name, b.Name = first, second
	a.Source, a.SourceDate, b.Source, b.SourceDate = listA[0], listA[1], listB[0], listB[1]
	return []registry.Incoming{a, b}
}

// sittings loads doubles whose names have a slip and which two lists brought, and twins whom one did: numbers from the first on, so many
// of each.
func (h *house) sittings(first, many int, doubleB, twinB [2]string) {
	h.t.Helper()
	var rows []registry.Incoming
	for n := first; n < first+many; n++ {
		family := syllable(n + 40)
		rows = append(rows, couple(h.t, n, "RENDI "+family, "RANDI "+family, [2]string{"UJI", "2015"}, doubleB)...)
		rows = append(rows, couple(h.t, n+1000, "YUSUF "+syllable(n+1040), "YUNUS MARKUS", [2]string{"UJI", "2015"}, twinB)...)
	}
	h.load(testkit.AmbonTenant, rows...)
}

func (h *house) lessons(run sqldb.ID) []engine.Lesson {
	h.t.Helper()
	list, err := duplicates.LessonsIn(h.t.Context(), h.db.Direct(), testkit.AmbonTenant, run)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// lessonOf gives what a list taught of a column of two rows of one household.
func lessonOf(list []engine.Lesson, column string) (engine.Lesson, bool) {
	i := slices.IndexFunc(list, func(l engine.Lesson) bool { return l.Column == column && l.Household })
	if i < 0 {
		return engine.Lesson{}, false
	}
	return list[i], true
}

// everyPair opens all pairs of the district.
func (h *house) everyPair() (list []duplicates.Bench) {
	h.t.Helper()
	ids, err := sqldb.Collect(h.t.Context(), h.db.Direct(), `SELECT id FROM link_pair WHERE kabkota = 8171 ORDER BY id`, nil, func(r sqldb.Row) (id sqldb.ID, err error) {
		err = r.Scan(&id)
		return id, err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, id := range ids {
		list = append(list, h.bench(duplicates.Ref{Tenant: testkit.AmbonTenant, ID: id}))
	}
	return list
}

func (h *house) bench(ref duplicates.Ref) duplicates.Bench {
	h.t.Helper()
	b, err := h.dup.Open(h.t.Context(), h.who, ref)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// told gives what the page of a pair says a column of the list taught of it, by level, and holds its bars to its weight.
func told(t testing.TB, b duplicates.Bench) map[string]float64 {
	t.Helper()
	sum, out := 0.0, map[string]float64{}
	for _, x := range b.Bars {
		if sum += x.Bits; x.Comparison == "taught" {
			out[x.Level] = x.Bits
		}
	}
	if math.Abs(sum-b.Pair.Weight) > 0.001 {
		t.Errorf("the bars add up to %.3f, the pair weighs %.3f: %+v", sum, b.Pair.Weight, b.Bars)
	}
	return out
}

// TestARunKeepsWhatItsListTaught: of a list in which twins came with one list and doubles with two, the run keeps what that tells; the page
// of a doubtful pair shows it, and adds up. A pair no run has weighed is told what the last one learned, and nothing before there is one. A
// second run, of a list that tells something else, keeps its own, and leaves the pairs of the first as they were explained.
func TestARunKeepsWhatItsListTaught(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.dup.WithChunk(1000)
		h.load(testkit.AmbonTenant, couple(t, 900, "RENDI LATUPERISSA", "MARKUS SAPULETTE", [2]string{"UJI", "2015"}, [2]string{"UJI", "2020"})...)
		unweighed := h.pair(h.find("900a"), h.find("900b"))
		if got := told(t, h.bench(unweighed)); len(got) != 0 {
			t.Errorf("before any run two alone are told %v", got)
		}
		h.sittings(1, 80, [2]string{"UJI", "2020"}, [2]string{"UJI", "2015"})
		first := h.run("dedupe")
		learned := h.lessons(first.ID)
		entered, ok := lessonOf(learned, "entered")
		if !ok || entered.Same > -1 || entered.Differ <= 0 || entered.Pairs < 50 || entered.Title != "tanggal_pendataan" {
			t.Fatalf("the run kept %+v", learned)
		}
		pages, shown := h.everyPair(), 0
		for _, b := range pages {
			for level, bits := range told(t, b) {
				shown++
				if level == "entered_differs_household" && bits != entered.Differ || level == "entered_same_household" && bits != entered.Same {
					t.Errorf("%s: %.3f, the run learned %+v", level, bits, entered)
				}
			}
		}
		if shown < 50 {
			t.Errorf("%d pages of %d show what the list taught", shown, len(pages))
		}
		h.load(testkit.AmbonTenant, couple(t, 950, "RENDI KAKISINA", "MARKUS WENNO", [2]string{"UJI", "2015"}, [2]string{"UJI", "2020"})...)
		if got := told(t, h.bench(h.pair(h.find("950a"), h.find("950b")))); got["entered_differs_household"] != entered.Differ {
			t.Errorf("a pair no run has weighed is told %v of %+v", got, entered)
		}
		h.sittings(200, 160, [2]string{"UJI", "2015"}, [2]string{"UJI", "2020"})
		second := h.run("dedupe")
		if got, ok := lessonOf(h.lessons(second.ID), "entered"); !ok || got == entered {
			t.Errorf("the second run kept %+v, the first %+v", got, entered)
		}
		if got := h.lessons(first.ID); !slices.Equal(got, learned) {
			t.Errorf("the first run's is now %+v, was %+v", got, learned)
		}
		for _, was := range pages {
			if now := h.bench(ref(was.Pair)); now.Pair.Weight != was.Pair.Weight || len(now.Bars) != len(was.Bars) {
				t.Errorf("a pair of the first run weighs %.3f after the second, %.3f before", now.Pair.Weight, was.Pair.Weight)
			}
		}
	})
}

// TestAListThatTellsNothingTeachesNothing: all rows came with one list of one year.
func TestAListThatTellsNothingTeachesNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.dup.WithChunk(1000)
		h.sittings(1, 60, [2]string{"UJI", "2015"}, [2]string{"UJI", "2015"})
		if got := h.lessons(h.run("dedupe").ID); len(got) != 0 {
			t.Errorf("the run kept %+v", got)
		}
		pages := h.everyPair()
		for _, b := range pages {
			if got := told(t, b); len(got) != 0 {
				t.Errorf("told %v", got)
			}
		}
		if len(pages) < 50 {
			t.Errorf("%d pairs", len(pages))
		}
	})
}

// TestARunThatGoesOnTellsWhatItLearned: another process works the rest of a run; its pairs are told what the run kept when it began, though the
// list by now would teach something else.
func TestARunThatGoesOnTellsWhatItLearned(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.dup.WithChunk(20)
		h.sittings(1, 80, [2]string{"UJI", "2020"}, [2]string{"UJI", "2015"})
		r := h.newRun("dedupe")
		r, more, err := h.runs.Step(t.Context(), r.Tenant, r.ID)
		if err != nil || !more {
			t.Fatal(more, err)
		}
		learned := h.lessons(r.ID)
		entered, ok := lessonOf(learned, "entered")
		if !ok {
			t.Fatal("nothing learned")
		}
		h.sittings(200, 160, [2]string{"UJI", "2015"}, [2]string{"UJI", "2020"})
		h.restart()
		h.dup.WithChunk(1000)
		if r, err = h.runs.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil || r.State != runs.Done {
			t.Fatal(r.State, err)
		}
		if got := h.lessons(r.ID); !slices.Equal(got, learned) {
			t.Errorf("kept %+v, then %+v", learned, got)
		}
		later := 0
		for _, b := range h.everyPair() {
			for level, bits := range told(t, b) {
				if later++; level == "entered_differs_household" && bits != entered.Differ || level == "entered_same_household" && bits != entered.Same {
					t.Errorf("%s: %.3f, the run learned %+v", level, bits, entered)
				}
			}
		}
		if later < 100 {
			t.Errorf("%d bars", later)
		}
	})
}

// TestTheSearchFindsWhatLinkFinds: the search of the database has the pairs and weights of a search of the CSV of the same people.
func TestTheSearchFindsWhatLinkFinds(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.dup.WithChunk(1000)
		h.sittings(1, 80, [2]string{"UJI", "2020-02-03"}, [2]string{"LAIN", "2015"})
		var rows []registry.Incoming
		for n := 1; n <= 40; n++ {
			rows = append(rows, row(t, n), again(t, row(t, n), 400+n))
		}
		h.load(testkit.AmbonTenant, rows...)
		r := h.run("dedupe")
		if len(h.lessons(r.ID)) == 0 {
			t.Fatal("the list taught nothing")
		}
		got := map[string]float64{}
		err := sqldb.Each(t.Context(), db.Direct(), `SELECT left_id, right_id, weight FROM link_pair WHERE kabkota = 8171`, nil, func(r sqldb.Row) error {
			var a, b sqldb.ID
			var weight float64
			err := r.Scan(&a, &b, &weight)
			got[between(a, b)] = weight
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for who, weight := range h.linked() {
			if w, ok := got[who]; !ok || math.Abs(w-weight) > 0.001 {
				t.Errorf("%s weighs %.3f in the CSV, %.3f in the database (%v)", who, weight, w, ok)
			}
			delete(got, who)
		}
		if len(got) != 0 {
			t.Errorf("the CSV does not give %v", got)
		}
	})
}

func between(a, b sqldb.ID) string {
	return min(a.String(), b.String()) + " " + max(a.String(), b.String())
}

// linked gives the pairs of the district's people as `tepat link` finds them in a CSV of the same columns.
func (h *house) linked() map[string]float64 {
	h.t.Helper()
	people := &identity.People{}
	list, err := identity.Read(h.t.Context(), h.db.Direct(), h.keys, 1, identity.Reading{Tenant: testkit.AmbonTenant}, people)
	if err != nil {
		h.t.Fatal(err)
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write(people.Header())
	for i := range list {
		var line []string
		for _, v := range people.Fields(i, nil) {
			line = append(line, string(v))
		}
		_ = w.Write(line)
	}
	w.Flush()
	table, err := flatcsv.Parse(text.Bytes())
	if err != nil {
		h.t.Fatal(err)
	}
	e, err := engine.Prepare(model(h.t), table, nil, engine.Options{Workers: 2})
	if err != nil {
		h.t.Fatal(err)
	}
	d, err := e.Dedupe()
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[string]float64{}
	for _, x := range d.Edges {
		out[between(list[x.A].ID, list[x.B].ID)] = engine.Bits(x.Weight)
	}
	return out
}
