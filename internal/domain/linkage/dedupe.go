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
	edges []Edge
	apart [][2]int32
	known [][2]int32 // of Options.Known, sorted
	// keepEdges and keepApart bound the two lists of the whole search.
	keepEdges, keepApart *keeper
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
	review := fixed(e.model.file.Dedupe.Review)
	s.known = &e.options.Known
	s.keepFrom(review)
	c := e.company()
	if c != nil {
		s.keepFrom(c.floor(review))
	}
	b := newBlocker(e.data)
	stand := e.doublesOf()
	b.skip = stand.out
	all := finds{keepEdges: newKeeper(e), keepApart: newKeeper(e)}
	err := search(e, b, s, 0, len(e.plan.keys), visitDoubles, func(rule int, c *finds) error {
		for _, x := range c.edges {
			if x.Weight >= review {
				b.logs[rule].Found++
			}
		}
		all.take(rule, c)
		return nil
	})
	if err != nil {
		return Doubles{}, err
	}
	all.edges, all.apart = all.keepEdges.thinEdges(all.edges, true), all.keepApart.thinApart(all.apart, true)
	taught, err := e.reconsider(c, s, &all)
	if err != nil {
		return Doubles{}, err
	}
	e.stars(s, &stand, &all)
	e.know(s, &all)
	ranks, held, err := e.settleGuarded(s, &all)
	if err != nil {
		return Doubles{}, err
	}
	d := Doubles{Edges: all.edges, Apart: len(all.apart), Settled: b.settled, Report: e.report(e.prior(), b)}
	d.Report.Taught = append(taught, held...)
	d.Report.Equal, d.Report.Thinned = stand.n, all.keepEdges.near != nil || all.keepApart.near != nil
	all.apart = all.among(e.rowsOf(&all))
	if err := d.group(e, s, &all, ranks); err != nil {
		return Doubles{}, err
	}
	return d, nil
}

// reconsider asks of doubtful edges what two rows alone do not tell: company, then what the list itself teaches.
func (e *Engine) reconsider(c *company, s *scorer, all *finds) (taught []Lesson, err error) {
	review, t := fixed(e.model.file.Dedupe.Review), e.taught()
	doubtful := marks(nil)
	if t != nil {
		doubtful = newMarks(len(all.edges))
		for i, x := range all.edges {
			if x.Weight < t.below {
				doubtful.add(i)
			}
		}
	}
	if c != nil {
		if err := e.consider(c, s, all); err != nil {
			return nil, err
		}
	}
	if t != nil {
		if taught, err = e.teach(t, all.edges, doubtful.has); err != nil {
			return nil, err
		}
	}
	all.drop(review)
	s.keepFrom(review)
	return taught, nil
}

// drop leaves out edges below the bar of review, and notes those that belong apart.
func (all *finds) drop(review int32) {
	all.edges = slices.DeleteFunc(all.edges, func(x Edge) bool {
		if parts(x.Weight) {
			all.apart = append(all.apart, [2]int32{x.A, x.B})
		}
		return x.Weight < review
	})
}

// taught gives the columns the list is asked about, nil for none.
func (e *Engine) taught() *taught {
	if e.options.Alone {
		return nil
	}
	return e.plan.taught
}

// company gives what the model says of company, nil where it says nothing or is not to be asked.
func (e *Engine) company() *company {
	if e.options.Alone {
		return nil
	}
	return e.plan.company
}

// visitDoubles takes in a pair of deduplication: it is held to be one, or agrees in much and is better explained otherwise.
func visitDoubles(v *meeting, c *finds) {
	if v.kept {
		c.edges = append(c.edges, Edge{A: int32(v.i), B: int32(v.j), Weight: v.weight})
		return
	}
	if parts(v.weight) {
		c.apart = append(c.apart, [2]int32{int32(v.i), int32(v.j)})
	}
}

// take takes in what a task found.
func (all *finds) take(rule int, c *finds) {
	for _, x := range c.edges {
		x.Key = uint8(rule)
		if all.keepEdges.offer(x.A, x.B, x.Weight) {
			all.edges = append(all.edges, x)
		}
	}
	for _, p := range c.apart {
		if all.keepApart.offer(p[0], p[1], 0) {
			all.apart = append(all.apart, p)
		}
	}
	all.edges, all.apart = all.keepEdges.thinEdges(all.edges, false), all.keepApart.thinApart(all.apart, false)
}

// stars ties rows to the one that stands for them, with the weight it has against itself.
func (e *Engine) stars(s *scorer, stand *standIns, all *finds) {
	if len(stand.runs) == 0 {
		return
	}
	w := newWorker(e.data)
	for _, run := range stand.runs {
		r := e.record(int(run[0]))
		weight, kept := s.pair(w, r, r)
		for _, row := range run[1:] {
			switch {
			case kept:
				all.edges = append(all.edges, Edge{A: run[0], B: row, Weight: weight, Key: EqualKey})
			case w.sum >= s.floor:
				all.apart = append(all.apart, [2]int32{run[0], row})
			}
		}
	}
}

// settle orders what was found by ids, drops pairs that met twice in windows, and gives the place of each row
// among the ids of the rows that were found.
func (e *Engine) settle(all *finds) []int32 {
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
	all.apart = distinctPairs(all.apart)
	return ranks
}

// distinctPairs orders pairs, the lower row first, and leaves each once.
func distinctPairs(list [][2]int32) [][2]int32 {
	packed := make([]uint64, len(list))
	for i, p := range list {
		packed[i] = uint64(min(p[0], p[1]))<<32 | uint64(max(p[0], p[1]))
	}
	slices.Sort(packed)
	packed = slices.Compact(packed)
	for i, p := range packed {
		list[i] = [2]int32{int32(p >> 32), int32(uint32(p))}
	}
	return list[:len(packed)]
}

// among gives the pairs that belong apart and both of whose rows are among some. No others can come into one cluster.
func (all *finds) among(rows marks) (list [][2]int32) {
	for _, p := range all.apart {
		if rows.has(int(p[0])) && rows.has(int(p[1])) {
			list = append(list, p)
		}
	}
	return list
}

// rowsOf marks the rows that stand in edges.
func (e *Engine) rowsOf(all *finds) marks {
	found := newMarks(e.n)
	for _, x := range all.edges {
		found.add(int(x.A))
		found.add(int(x.B))
	}
	return found
}

func comparePairs(x, y [2]int32) int {
	return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
}

// ranks gives, by row, the order of the ids of the rows that stand in edges; the other rows are left at zero.
func (e *Engine) ranks(all *finds) []int32 {
	found := e.rowsOf(all)
	var rows []int32
	for row := range e.n {
		if found.has(row) {
			rows = append(rows, int32(row))
		}
	}
	e.byID(rows)
	ranks := make([]int32, e.n)
	for i, row := range rows {
		ranks[row] = int32(i)
	}
	return ranks
}
