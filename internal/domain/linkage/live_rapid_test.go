package linkage_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	engine "tepat/internal/domain/linkage"
)

// TestAnyChanges puts rows, changes them and drops them in any order. After every step each row stands in one cluster, all
// rows of a cluster know of each other, no two clusters share a name, a name changes only where an event tells of it,
// and what two rows weigh is the same whoever asks.
func TestAnyChanges(t *testing.T) {
	t.Parallel()
	m := modelOf(t, "../../../data/linkage/historical.yaml")
	all := historical(81, 20)
	rows := &sheet{header: all.header, rows: all.rows[:min(40, len(all.rows))]}
	e := prepare(t, m, rows, nil, engine.Options{Alone: true})
	rapid.Check(t, func(t *rapid.T) {
		x, err := e.Index()
		if err != nil {
			t.Fatal(err)
		}
		there, was := map[string]int{}, map[string]string{}
		for i, r := range rows.rows {
			there[r[0]] = i
		}
		names(t, x, there, was)
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			id := rows.rows[rapid.IntRange(0, len(rows.rows)-1).Draw(t, "row")][0]
			as := rapid.IntRange(-1, len(all.rows)-1).Draw(t, "as")
			var change engine.Change
			if _, known := there[id]; as < 0 && known {
				change, err = x.Drop(id)
				delete(there, id)
			} else {
				as = max(as, 0)
				change, err = x.Put(id, all.Fields(as, nil))
				there[id] = as
			}
			if err != nil {
				t.Fatal(err)
			}
			is := map[string]string{}
			names(t, x, there, is)
			if change.Cluster.Entity != is[id] {
				t.Fatalf("%s is told to be %q, and is %q", id, change.Cluster.Entity, is[id])
			}
			for other, entity := range is {
				if before, known := was[other]; known && before != entity && !tells(change.Events, other, before, entity) {
					t.Fatalf("%s was %s and is %s: %+v", other, before, entity, change.Events)
				}
			}
			was = is
		}
		symmetric(t, x, there)
	})
}

// tells tells whether an event speaks of a row that has another entity.
func tells(events []engine.Event, id, from, to string) bool {
	return slices.ContainsFunc(events, func(e engine.Event) bool { return e.From == from && e.To == to && (e.ID == "" || e.ID == id) })
}

// names notes the entity of every row, and holds clusters to each other.
func names(t *rapid.T, x *engine.Index, there map[string]int, into map[string]string) {
	members := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(there)) {
		c, err := x.Cluster(id)
		if err != nil {
			t.Fatal(err)
		}
		into[id] = c.Entity
		text := fmt.Sprint(c.Members)
		if known, ok := members[c.Entity]; ok && known != text {
			t.Fatalf("%s names %s and %s", c.Entity, known, text)
		}
		members[c.Entity] = text
		if !slices.Contains(c.Members, id) {
			t.Fatalf("%s is not of its cluster %v", id, c.Members)
		}
	}
	if x.Rows() != len(there) {
		t.Fatalf("%d rows, want %d", x.Rows(), len(there))
	}
}

// symmetric holds what one row finds to what the other finds.
func symmetric(t *rapid.T, x *engine.Index, there map[string]int) {
	f, found := x.Finder(), map[pair]score{}
	for id := range there {
		list, err := f.FindID(id, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			found[pair{id, l.ID}] = score{l.Weight, l.Key}
		}
	}
	for p, s := range found {
		if found[pair{p.b, p.a}] != s {
			t.Fatalf("%v weighs %v, and %v the other way", p, s, found[pair{p.b, p.a}])
		}
	}
}
