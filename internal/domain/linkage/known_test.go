package linkage_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	engine "tepat/internal/domain/linkage"
)

// list draws a small registry in which many rows are copies of others, some with slips.
func list(t *rapid.T) *sheet {
	s := &sheet{header: registryHeader}
	m := newMaker(rapid.Uint64().Draw(t, "seed"))
	n := rapid.IntRange(4, 40).Draw(t, "rows")
	for i := range n {
		id := fmt.Sprintf("r%03d", i)
		if i > 0 && m.IntN(2) == 0 {
			row := slices.Clone(s.rows[m.IntN(i)])
			row[0] = id
			if m.IntN(2) == 0 {
				row[1+m.IntN(6)] = ""
			}
			if m.IntN(3) == 0 {
				row[3] = m.typo(row[3])
			}
			s.add(row...)
			continue
		}
		s.add(id, fmt.Sprintf("81710%011d", m.IntN(1<<30)), fmt.Sprintf("81719%011d", m.IntN(20)), word(m.IntN(30))+" "+word(100+m.IntN(30)),
			fmt.Sprintf("%d-%02d-%02d", 1950+m.IntN(50), 1+m.IntN(12), 1+m.IntN(28)), "LP"[m.IntN(2):][:1], word(m.IntN(30)), "8171011001")
	}
	return s
}

// drawKnown draws what other sources know: entities of which several rows may be, and pairs held apart.
func drawKnown(t *rapid.T, rows int) (apart [][2]int32, entity []uint64) {
	entity = make([]uint64, rows)
	for i := range entity {
		entity[i] = uint64(max(0, rapid.IntRange(-8, 6).Draw(t, "entity")))
	}
	for range rapid.IntRange(0, 6).Draw(t, "apart") {
		a, b := rapid.IntRange(0, rows-1).Draw(t, "a"), rapid.IntRange(0, rows-1).Draw(t, "b")
		if a != b {
			apart = append(apart, [2]int32{int32(a), int32(b)})
		}
	}
	return apart, entity
}

func dedupedOf(t testing.TB, e *engine.Engine) engine.Doubles {
	t.Helper()
	d, err := e.Dedupe()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// clusterOf gives the number of each row's cluster, -1 for none.
func clusterOf(d engine.Doubles, rows int) []int {
	out := make([]int, rows)
	for i := range out {
		out[i] = -1
	}
	for k, c := range d.Clusters {
		for _, row := range c {
			out[row] = k
		}
	}
	return out
}

// TestWhatIsKnownHolds: whatever rows hold and others know, no cluster has two rows somebody found to be two, or two that the
// register holds to be two; two rows of one entity are a pair and one cluster when nobody says otherwise.
func TestWhatIsKnownHolds(t *testing.T) {
	t.Parallel()
	m := identity(t)
	rapid.Check(t, func(r *rapid.T) {
		s := list(r)
		apart, entity := drawKnown(r, len(s.rows))
		known := engine.Known{Apart: apart, Entity: func(row int) uint64 { return entity[row] }}
		d := dedupedOf(t, prepare(t, m, s, nil, engine.Options{Workers: 1 + len(s.rows)%3, Known: known}))
		in := clusterOf(d, len(s.rows))
		held := map[[2]int32]bool{}
		tied := map[uint64]bool{} // entities some of whose rows are held apart
		for _, p := range apart {
			held[p], held[[2]int32{p[1], p[0]}] = true, true
			tied[entity[p[0]]], tied[entity[p[1]]] = true, true
			if in[p[0]] >= 0 && in[p[0]] == in[p[1]] {
				r.Fatalf("rows %v are held apart and stand in one cluster", p)
			}
		}
		for _, x := range d.Edges {
			if held[[2]int32{x.A, x.B}] {
				r.Fatalf("a pair held apart is found again: %v", x)
			}
			if a, b := entity[x.A], entity[x.B]; a != 0 && b != 0 && a != b {
				r.Fatalf("two entities are a pair: %v", x)
			}
		}
		for i := range entity {
			for j := range i {
				switch together := in[i] >= 0 && in[i] == in[j]; {
				case entity[i] == 0 || entity[j] == 0:
				case entity[i] != entity[j] && together:
					r.Fatalf("rows %d and %d are two entities in one cluster", i, j)
				case entity[i] == entity[j] && !together && !tied[entity[i]]:
					r.Fatalf("rows %d and %d are one entity in two clusters", i, j)
				}
			}
		}
	})
}

// TestWhatIsKnownDoesNotDependOnOrder: with knowledge too, the result is the same for any order of the rows and any workers.
func TestWhatIsKnownDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	m := identity(t)
	rapid.Check(t, func(r *rapid.T) {
		s := list(r)
		apart, entity := drawKnown(r, len(s.rows))
		other := s.shuffled(rapid.Uint64().Draw(r, "order"))
		where := map[string]int32{}
		for i, row := range other.rows {
			where[row[0]] = int32(i)
		}
		moved, turned := make([]uint64, len(entity)), make([][2]int32, len(apart))
		for i, row := range s.rows {
			moved[where[row[0]]] = entity[i]
		}
		for i, p := range apart {
			turned[i] = [2]int32{where[s.rows[p[1]][0]], where[s.rows[p[0]][0]]}
		}
		one := named(t, m, s, engine.Options{Workers: 1, Known: engine.Known{Apart: apart, Entity: func(row int) uint64 { return entity[row] }}})
		two := named(t, m, other, engine.Options{Workers: 3, Known: engine.Known{Apart: turned, Entity: func(row int) uint64 { return moved[row] }}})
		if !reflect.DeepEqual(one, two) {
			r.Fatalf("the order changes the result:\n%v\n%v", one, two)
		}
	})
}

// named gives what deduplication found by the ids of the rows.
func named(t testing.TB, m *engine.Model, s *sheet, o engine.Options) (out []string) {
	d := dedupedOf(t, prepare(t, m, s, nil, o))
	for _, x := range d.Edges {
		out = append(out, fmt.Sprint(s.rows[x.A][0], s.rows[x.B][0], x.Weight, x.Key))
	}
	for _, c := range d.Clusters {
		text := "cluster"
		for _, row := range c {
			text += " " + s.rows[row][0]
		}
		out = append(out, text)
	}
	return append(out, fmt.Sprint(d.Linked, d.Refused, d.Settled))
}

// TestKnowingNothing: without knowledge the result is that of an engine that was told of none.
func TestKnowingNothing(t *testing.T) {
	t.Parallel()
	s, m := historical(11, 120), modelOf(t, "../../../data/linkage/historical.yaml")
	one := named(t, m, s, engine.Options{})
	two := named(t, m, s, engine.Options{Known: engine.Known{Entity: func(int) uint64 { return 0 }}})
	if !reflect.DeepEqual(one, two) {
		t.Error("knowing nothing changes the result")
	}
}

// TestAFewRowsOfMany: two rows weighed alone, told how many there are, have the prior they have among all.
func TestAFewRowsOfMany(t *testing.T) {
	t.Parallel()
	all := crowd()
	few := &sheet{header: all.header, rows: all.rows[:2]}
	m := identity(t)
	want := prepare(t, m, all, nil, engine.Options{}).Explain(0, 1).Bars[0].Bits
	if got := prepare(t, m, few, nil, engine.Options{Population: len(all.rows)}).Explain(0, 1).Bars[0].Bits; got != want {
		t.Errorf("prior %v, want %v", got, want)
	}
}
