package doubles

import (
	"cmp"
	"slices"
)

// forest is a union-find over rows that refuses to join what must stay apart.
type forest struct {
	parent  []int32
	size    []int32
	person  []uint64  // of a root: the civil person somebody in the group is known to be
	apart   [][]int32 // of a root: rows that must stay out of the group
	weakest []float64
	refused int
}

func newForest(rows []row) *forest {
	f := &forest{
		parent: make([]int32, len(rows)), size: make([]int32, len(rows)), person: make([]uint64, len(rows)),
		apart: make([][]int32, len(rows)), weakest: make([]float64, len(rows)),
	}
	for i := range rows {
		f.parent[i], f.size[i], f.person[i] = int32(i), 1, rows[i].person
	}
	return f
}

func (f *forest) find(i int32) int32 {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

// keepApart records that two rows are two people.
func (f *forest) keepApart(a, b int32) {
	f.apart[a] = append(f.apart[a], b)
	f.apart[b] = append(f.apart[b], a)
}

// join puts two groups together unless somebody in one must stay apart from somebody in the other.
func (f *forest) join(a, b int32, weight float64) {
	a, b = f.find(a), f.find(b)
	if a == b {
		return
	}
	if f.forbidden(a, b) {
		f.refused++
		return
	}
	if f.size[a] < f.size[b] {
		a, b = b, a
	}
	weakest := weight
	for _, r := range []int32{a, b} {
		if f.size[r] > 1 {
			weakest = min(weakest, f.weakest[r])
		}
	}
	f.parent[b] = a
	f.size[a] += f.size[b]
	f.weakest[a] = weakest
	f.person[a] = max(f.person[a], f.person[b])
	f.apart[a] = append(f.apart[a], f.apart[b]...)
	f.apart[b] = nil
}

func (f *forest) forbidden(a, b int32) bool {
	if f.person[a] != 0 && f.person[b] != 0 && f.person[a] != f.person[b] {
		return true
	}
	if len(f.apart[a]) > len(f.apart[b]) {
		a, b = b, a
	}
	return slices.ContainsFunc(f.apart[a], func(other int32) bool { return f.find(other) == b })
}

// clusters gives the groups of two and more, ordered by their first member; rows are ordered by ID, so
// members and clusters are too.
func (f *forest) clusters(rows []row) []Cluster {
	at := map[int32]int{}
	var list []Cluster
	for i := range rows {
		root := f.find(int32(i))
		if f.size[root] < 2 {
			continue
		}
		k, ok := at[root]
		if !ok {
			k = len(list)
			at[root] = k
			list = append(list, Cluster{Weakest: f.weakest[root]})
		}
		list[k].Members = append(list[k].Members, rows[i].source)
	}
	return list
}

// group joins linked pairs, the strongest first, so that a conflict costs the weaker link.
func group(rows []row, found []meeting, apart [][2]int32) ([]Cluster, int) {
	f := newForest(rows)
	for _, p := range apart {
		f.keepApart(p[0], p[1])
	}
	links := make([]meeting, 0, len(found))
	for _, p := range found {
		if p.decision == Link {
			links = append(links, p)
		}
	}
	slices.SortFunc(links, func(p, q meeting) int {
		return cmp.Or(cmp.Compare(q.weight, p.weight), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
	})
	for _, p := range links {
		f.join(p.a, p.b, p.weight)
	}
	return f.clusters(rows), f.refused
}
