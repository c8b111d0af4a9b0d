package linkage

import (
	"cmp"
	"slices"
	"sync"
)

// largestCheck is how many rows of each of two clusters are compared with each other before they become one.
const largestCheck = 12

// mostAgainst is by how many bits one pair of rows may speak against their clusters becoming one, where the model does not say
// less. Two rows of one thing that are both damaged, each elsewhere, look like two; what speaks for the rows between them
// should weigh as much. A pair that is explained otherwise by more keeps its rows apart.
const mostAgainst = 8

// parts tells of a pair that agrees in much and is better explained otherwise whether that is so sure that nothing may put its rows
// into one cluster. One that is less sure speaks against it among the others.
func parts(weight int32) bool { return weight < -mostAgainst*unit }

// forest is rows that are put together.
type forest struct {
	parent  []int32           // by row; a root is its own
	members map[int32][]int32 // of the roots of several rows, in no order
	heads   map[int32][]int32 // of them, the first largestCheck by their ids
	ranks   []int32
	apart   map[int32][]int32 // rows a row must not be with
	entity  map[int32]uint64  // what Options.Known says a row is, and the cluster of a root
	refused map[[2]int32]int  // clusters that must not become one, and the rows they had then
}

func newForest(n int, ranks []int32) *forest {
	f := &forest{parent: make([]int32, n), members: map[int32][]int32{}, heads: map[int32][]int32{}, ranks: ranks, apart: map[int32][]int32{}, refused: map[[2]int32]int{}}
	for i := range f.parent {
		f.parent[i] = int32(i)
	}
	return f
}

func (f *forest) find(x int32) int32 {
	for f.parent[x] != x {
		f.parent[x] = f.parent[f.parent[x]] // halves the path
		x = f.parent[x]
	}
	return x
}

// of gives the rows of a root.
func (f *forest) of(root int32) []int32 {
	if list := f.members[root]; list != nil {
		return list
	}
	return []int32{root}
}

// head gives the first rows of a root.
func (f *forest) head(root int32) []int32 {
	if list := f.heads[root]; list != nil {
		return list
	}
	return []int32{root}
}

// keepApart notes that two rows must not be together.
func (f *forest) keepApart(pairs [][2]int32) {
	for _, p := range pairs {
		f.apart[p[0]] = append(f.apart[p[0]], p[1])
		f.apart[p[1]] = append(f.apart[p[1]], p[0])
	}
}

// group makes the clusters: edges at the bar of linking are followed from the strongest down, unless rows
// of the two sides belong apart, or the two sides as wholes disagree. A single strong edge between two
// clusters whose other pairs speak against it is a bridge, and not followed.
func (d *Doubles) group(e *Engine, s *scorer, all *finds, ranks []int32) error {
	f := newForest(e.n, ranks)
	f.settleKnown(all, &e.options.Known)
	f.keepApart(all.apart)
	w, bar := newWorker(e.data), fixed(e.model.file.Dedupe.Link)
	sure := *s
	sure.keepFrom(-1 << 30)
	told := tellingOf(all.edges)
	for i, x := range all.edges {
		if x.Weight < bar {
			break
		}
		if i&1023 == 0 {
			if err := e.options.stopped(); err != nil {
				return err
			}
		}
		d.Linked++
		a, b := f.find(x.A), f.find(x.B)
		if a == b {
			continue
		}
		if x.Key != EqualKey && f.refuses(a, b, func() bool { return !e.agree(w, &sure, told(), f.head(a), f.head(b)) }) {
			d.Refused++
			continue
		}
		f.join(a, b)
	}
	d.Clusters = f.clusters()
	return nil
}

// clusters gives the rows that are together, in the order of their ids.
func (f *forest) clusters() (list [][]int32) {
	byRank := func(x, y int32) int { return cmp.Compare(f.ranks[x], f.ranks[y]) }
	for _, rows := range f.members {
		slices.SortFunc(rows, byRank)
		list = append(list, rows)
	}
	slices.SortFunc(list, func(x, y []int32) int { return byRank(x[0], y[0]) })
	return list
}

// refuses tells whether two clusters must not become one. Two that were refused are asked again only when one of
// them has grown.
func (f *forest) refuses(a, b int32, disagree func() bool) bool {
	pair, size := [2]int32{min(a, b), max(a, b)}, len(f.of(a))+len(f.of(b))
	if f.refused[pair] == size {
		return true
	}
	if !f.divided(a, b) && !f.strangers(a, b) && !disagree() {
		return false
	}
	f.refused[pair] = size
	return true
}

// divided tells whether a row of one cluster must not be with a row of the other.
func (f *forest) divided(a, b int32) bool {
	if len(f.apart) == 0 {
		return false
	}
	if len(f.of(a)) > len(f.of(b)) {
		a, b = b, a
	}
	for _, x := range f.of(a) {
		for _, y := range f.apart[x] {
			if f.find(y) == b {
				return true
			}
		}
	}
	return false
}

// tellingOf gives what edges weigh, by their rows, when it is first asked for: with what company and the list itself tell of them.
func tellingOf(edges []Edge) func() map[[2]int32]int32 {
	return sync.OnceValue(func() map[[2]int32]int32 {
		told := make(map[[2]int32]int32, len(edges))
		for _, x := range edges {
			told[[2]int32{min(x.A, x.B), max(x.A, x.B)}] = x.Weight
		}
		return told
	})
}

// agree tells whether the pairs between two clusters speak for one thing on the whole: by the weight of their edge, where there is none by
// what the two rows weigh alone. Of large clusters the first rows by id stand for all.
func (e *Engine) agree(w *worker, s *scorer, told map[[2]int32]int32, one, two []int32) bool {
	if len(one) == 1 && len(two) == 1 {
		return true
	}
	sum, least := int64(0), -fixed(e.model.file.Dedupe.Against)
	for _, x := range one {
		for _, y := range two {
			weight, known := told[[2]int32{min(x, y), max(x, y)}]
			if !known {
				weight, _ = s.pair(w, e.record(int(x)), e.record(int(y)))
			}
			sum += int64(max(weight, least))
		}
	}
	return sum > 0
}

// join puts the smaller cluster into the larger.
func (f *forest) join(a, b int32) {
	if len(f.of(a)) < len(f.of(b)) {
		a, b = b, a
	}
	head := append(slices.Clone(f.head(a)), f.head(b)...)
	slices.SortFunc(head, func(x, y int32) int { return cmp.Compare(f.ranks[x], f.ranks[y]) })
	f.heads[a] = head[:min(len(head), largestCheck)]
	f.parent[b] = a
	f.inherit(a, b)
	f.members[a] = append(f.of(a), f.of(b)...)
	delete(f.members, b)
	delete(f.heads, b)
}
