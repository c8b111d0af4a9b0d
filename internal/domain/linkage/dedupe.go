package linkage

import (
	"cmp"
	"math"
	"slices"
)

// Edge is a pair of rows above the bar of review. A is the row whose id comes first.
type Edge struct {
	A, B   int32
	Weight int32 // log2 odds that they are one, in units; see Bits
	Key    uint8 // the key that brought them together, its place among the plan's
}

// Doubles is what deduplication found.
type Doubles struct {
	Edges    []Edge    // by weight, the strongest first, then by ids
	Clusters [][]int32 // rows held to be one, two and more each; by their first ids, rows by their ids
	Linked   int       // edges at the bar of linking and above
	Refused  int       // of them, those that would have joined what belongs apart
	Apart    int       // pairs that agree in much and are better explained otherwise
	Settled  int64     // pairs the keys brought together that Options.Known holds to be two, and that were not compared
	Report   Report
}

// finds is what a task of deduplication brings home.
type finds struct {
	edges   []Edge
	apart   [][2]int32
	known   [][2]int32 // of Options.Known, sorted
	settled int64
}

// Prior gives the log2 odds that two random rows are one, before anything is compared.
func (e *Engine) prior() float64 {
	if e.sources[1] != nil {
		listed := e.model.file.Prior.Listed
		return math.Log2(listed / (1 - listed) / float64(e.n-e.left))
	}
	p := min(e.model.file.Prior.Duplicates/float64(e.mates()), 0.5)
	return math.Log2(p / (1 - p))
}

// mates gives the number of rows a row may be one with.
func (e *Engine) mates() int {
	if e.sources[1] != nil {
		return e.n - e.left
	}
	return max(max(e.n, e.options.Population)-1, 1)
}

// Dedupe finds the rows of one table that are one thing: pairs above the model's bar of review, and the
// clusters of those at its bar of linking. The result does not depend on the number of workers or
// the order of the rows, as long as their ids differ.
//
// Errors: that of Options.Stop.
func (e *Engine) Dedupe() (Doubles, error) {
	s := newScorer(e.data, e.prior(), e.mates())
	s.floor = fixed(e.model.file.Dedupe.Review)
	b := newBlocker(e.data)
	var all finds
	visit := func(v *meeting, c *finds) {
		if e.options.Known.two(v.i, v.j) {
			c.settled++
			return
		}
		weight, kept := v.scorer.pair(v.worker, v.a, v.b)
		switch {
		case kept:
			c.edges = append(c.edges, Edge{A: int32(v.i), B: int32(v.j), Weight: weight})
		case v.sum >= s.floor:
			c.apart = append(c.apart, [2]int32{int32(v.i), int32(v.j)})
		}
	}
	err := search(e, b, s, 0, len(e.plan.keys), visit, func(rule int, c *finds) error {
		for i := range c.edges {
			c.edges[i].Key = uint8(rule)
		}
		b.logs[rule].Found += int64(len(c.edges))
		all.edges, all.apart = append(all.edges, c.edges...), append(all.apart, c.apart...)
		all.settled += c.settled
		return nil
	})
	if err != nil {
		return Doubles{}, err
	}
	e.know(s, &all)
	ranks := e.settle(&all)
	d := Doubles{Edges: all.edges, Apart: len(all.apart), Settled: all.settled, Report: e.report(e.prior(), b)}
	if err := d.group(e, s, &all, ranks); err != nil {
		return Doubles{}, err
	}
	return d, nil
}

// settle orders what was found by ids, drops pairs that met twice in windows, and gives the place of each row
// among the ids of the rows that were found.
func (e *Engine) settle(all *finds) map[int32]int32 {
	ranks := e.ranks(all)
	for i := range all.edges {
		x := &all.edges[i]
		if ranks[x.A] > ranks[x.B] {
			x.A, x.B = x.B, x.A
		}
	}
	slices.SortFunc(all.edges, func(x, y Edge) int {
		return cmp.Or(cmp.Compare(y.Weight, x.Weight), cmp.Compare(ranks[x.A], ranks[y.A]), cmp.Compare(ranks[x.B], ranks[y.B]), cmp.Compare(x.Key, y.Key))
	})
	all.edges = slices.CompactFunc(all.edges, func(x, y Edge) bool { return x.A == y.A && x.B == y.B })
	for i, p := range all.apart {
		all.apart[i] = [2]int32{min(p[0], p[1]), max(p[0], p[1])}
	}
	slices.SortFunc(all.apart, comparePairs)
	all.apart = slices.Compact(all.apart)
	return ranks
}

func comparePairs(x, y [2]int32) int {
	return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
}

// ranks gives the order of the ids of all rows in edges.
func (e *Engine) ranks(all *finds) map[int32]int32 {
	rows := make([]int32, 0, 2*len(all.edges))
	for _, x := range all.edges {
		rows = append(rows, x.A, x.B)
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	ids := make(map[int32][]byte, len(rows))
	for _, r := range rows {
		ids[r] = e.ID(int(r))
	}
	slices.SortFunc(rows, func(x, y int32) int { return cmp.Or(compareIDs(ids[x], ids[y]), cmp.Compare(x, y)) })
	ranks := make(map[int32]int32, len(rows))
	for i, r := range rows {
		ranks[r] = int32(i)
	}
	return ranks
}
