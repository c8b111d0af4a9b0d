package linkage

import (
	"cmp"
	"slices"
)

// largestCheck is how many rows of each of two clusters are compared with each other before they become one.
const largestCheck = 12

// forest is rows that are put together. Only rows that stand in an edge are in it.
type forest struct {
	parent  map[int32]int32
	members map[int32][]int32 // of the roots, in the order of their ids
	apart   map[int32][]int32 // rows a row must not be with
	entity  map[int32]uint64  // what Options.Known says a row is, and the cluster of a root
}

func (f *forest) find(x int32) int32 {
	for {
		p, ok := f.parent[x]
		if !ok {
			f.parent[x], f.members[x] = x, []int32{x}
			return x
		}
		if p == x {
			return x
		}
		if up := f.parent[p]; up != p {
			f.parent[x] = up // halves the path
		}
		x = p
	}
}

// group makes the clusters: edges at the bar of linking are followed from the strongest down, unless rows
// of the two sides belong apart, or the two sides as wholes disagree. A single strong edge between two
// clusters whose other pairs speak against it is a bridge, and not followed.
func (d *Doubles) group(e *Engine, s *scorer, all *finds, ranks map[int32]int32) error {
	f := forest{parent: map[int32]int32{}, members: map[int32][]int32{}, apart: map[int32][]int32{}}
	f.settleKnown(all, &e.options.Known, ranks)
	for _, p := range all.apart {
		f.apart[p[0]] = append(f.apart[p[0]], p[1])
		f.apart[p[1]] = append(f.apart[p[1]], p[0])
	}
	w, bar := newWorker(e.data), fixed(e.model.file.Dedupe.Link)
	sure := *s
	sure.floor = -1 << 30
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
		if f.divided(a, b) || f.strangers(a, b) || !e.agree(w, &sure, f.members[a], f.members[b]) {
			d.Refused++
			continue
		}
		f.join(a, b, ranks)
	}
	for root, list := range f.members {
		if len(list) > 1 && f.parent[root] == root {
			d.Clusters = append(d.Clusters, list)
		}
	}
	slices.SortFunc(d.Clusters, func(x, y []int32) int { return cmp.Compare(ranks[x[0]], ranks[y[0]]) })
	return nil
}

// divided tells whether a row of one cluster must not be with a row of the other.
func (f *forest) divided(a, b int32) bool {
	if len(f.apart) == 0 {
		return false
	}
	for _, x := range f.members[a] {
		for _, y := range f.apart[x] {
			if _, known := f.parent[y]; known && f.find(y) == b {
				return true
			}
		}
	}
	return false
}

// agree tells whether the pairs between two clusters speak for one thing on the whole. Of large clusters
// the first rows by id stand for all.
func (e *Engine) agree(w *worker, s *scorer, one, two []int32) bool {
	if len(one) == 1 && len(two) == 1 {
		return true
	}
	sum := int64(0)
	for _, x := range one[:min(len(one), largestCheck)] {
		for _, y := range two[:min(len(two), largestCheck)] {
			weight, _ := s.pair(w, e.record(int(x)), e.record(int(y)))
			sum += int64(weight)
		}
	}
	return sum > 0
}

// join puts the smaller cluster into the larger.
func (f *forest) join(a, b int32, ranks map[int32]int32) {
	if len(f.members[a]) < len(f.members[b]) {
		a, b = b, a
	}
	f.parent[b] = a
	f.inherit(a, b)
	list := append(f.members[a], f.members[b]...)
	delete(f.members, b)
	slices.SortFunc(list, func(x, y int32) int { return cmp.Compare(ranks[x], ranks[y]) })
	f.members[a] = list
}
