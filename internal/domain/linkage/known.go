package linkage

import (
	"bytes"
	"cmp"
	"slices"
)

// Known is what other sources know of the rows of one table before anything is compared. It holds for deduplication.
type Known struct {
	// Apart lists pairs of rows somebody found to be two things: they are not found again and never stand in one cluster.
	Apart [][2]int32
	// Entity tells which entity of a trusted register a row is, zero where it does not know. Rows of two entities are not
	// compared and never stand in one cluster; rows of one entity are pairs and one cluster, whatever they hold, unless
	// Apart says otherwise. It is called by many goroutines.
	Entity func(row int) uint64
}

// KnownKey is the key of an edge no key of the model found: the two rows are one entity of the register.
const KnownKey = 255

// two tells whether the register holds two rows to be two things.
func (k *Known) two(i, j uint32) bool {
	if k.Entity == nil {
		return false
	}
	a := k.Entity(int(i))
	if a == 0 {
		return false
	}
	b := k.Entity(int(j))
	return b != 0 && a != b
}

// one tells whether the register holds two rows to be one thing.
func (k *Known) one(i, j int32) bool {
	entity := k.entity(i)
	return entity != 0 && entity == k.entity(j)
}

// entity gives the entity of a row, zero for none.
func (k *Known) entity(row int32) uint64 {
	if k.Entity == nil {
		return 0
	}
	return k.Entity(int(row))
}

// know takes out of what was found the pairs known to be two, and brings in those known to be one.
func (e *Engine) know(s *scorer, all *finds) {
	k := &e.options.Known
	for _, p := range k.Apart {
		all.known = append(all.known, [2]int32{min(p[0], p[1]), max(p[0], p[1])})
	}
	slices.SortFunc(all.known, comparePairs)
	if len(all.known) > 0 {
		all.edges = slices.DeleteFunc(all.edges, func(x Edge) bool { return all.heldApart(x.A, x.B) })
	}
	if k.Entity == nil {
		return
	}
	sure := *s
	sure.keepFrom(-1 << 30)
	w := newWorker(e.data)
	for group := range e.entities() {
		for i := range group {
			at := slices.IndexFunc(group[:i], func(row int32) bool { return !all.heldApart(row, group[i]) })
			if at < 0 {
				continue
			}
			weight, _ := sure.pair(w, e.record(int(group[at])), e.record(int(group[i])))
			all.edges = append(all.edges, Edge{A: group[at], B: group[i], Weight: weight, Key: KnownKey})
		}
	}
}

// heldApart tells whether somebody found two rows to be two things.
func (all *finds) heldApart(a, b int32) bool {
	_, found := slices.BinarySearchFunc(all.known, [2]int32{min(a, b), max(a, b)}, comparePairs)
	return found
}

// entities yields the rows of each entity that has several, in the order of their ids.
func (e *Engine) entities() func(yield func([]int32) bool) {
	type held struct {
		entity uint64
		row    int32
	}
	return func(yield func([]int32) bool) {
		var list []held
		for row := range e.n {
			if x := e.options.Known.Entity(row); x != 0 {
				list = append(list, held{x, int32(row)})
			}
		}
		slices.SortFunc(list, func(x, y held) int { return cmp.Or(cmp.Compare(x.entity, y.entity), cmp.Compare(x.row, y.row)) })
		var group []int32
		for i, x := range list {
			group = append(group, x.row)
			if i+1 < len(list) && list[i+1].entity == x.entity {
				continue
			}
			if len(group) > 1 {
				slices.SortFunc(group, func(x, y int32) int {
					return cmp.Or(compareIDs(bytes.Clone(e.ID(int(x))), e.ID(int(y))), cmp.Compare(x, y))
				})
				if !yield(group) {
					return
				}
			}
			group = group[:0]
		}
	}
}

// settleKnown puts together the rows of one entity before any weight is looked at, and before other explanations hold
// any of them apart.
func (f *forest) settleKnown(all *finds, k *Known) {
	f.keepApart(all.known)
	if k.Entity == nil {
		return
	}
	f.entity = map[int32]uint64{}
	for _, x := range all.edges {
		for _, row := range [2]int32{x.A, x.B} {
			if entity := k.entity(row); entity != 0 {
				f.entity[row] = entity
			}
		}
	}
	for _, x := range all.edges {
		if f.entity[x.A] == 0 || f.entity[x.A] != f.entity[x.B] {
			continue
		}
		if a, b := f.find(x.A), f.find(x.B); a != b && !f.divided(a, b) {
			f.join(a, b)
		}
	}
}

// strangers tells whether two clusters hold rows of two entities. The entity of a cluster is that of its root.
func (f *forest) strangers(a, b int32) bool {
	x, y := f.entity[a], f.entity[b]
	return x != 0 && y != 0 && x != y
}

// inherit gives a root the entity of the cluster it takes in.
func (f *forest) inherit(root, from int32) {
	if x := f.entity[from]; x != 0 {
		f.entity[root] = x
	}
}
