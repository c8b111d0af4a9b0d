package doubles

import (
	"cmp"
	"slices"

	"tepat/internal/kit/parallel"
)

// Report says how a deduplication went, in figures without personal data.
type Report struct {
	Model    string // version and digest of the model
	Records  int
	Compared int // pairs scored
	Linked   int
	Review   int
	Apart    int // pairs held apart because they look like two people of one house
	Refused  int // links not followed because they would have joined people held apart
	Prior    float64
	Rules    []RuleReport
}

// RuleReport says what one blocking rule did. A refined block was above the cap and has been split by
// further fields; a windowed one stayed above it and met only neighbours, so it may have missed pairs.
type RuleReport struct {
	Rule     string
	Keys     int
	Blocks   int
	Largest  int // records in the largest block, before refining
	Refined  int
	Windowed int
	Compared int // pairs this rule was the first to bring together
	Found    int // of them, pairs to link or review
}

// meeting is a scored pair of rows.
type meeting struct {
	a, b     int32
	rule     int8
	decision Decision
	weight   float64
	outcome  outcome
}

// portionPairs is how many pairs a worker takes at a time: some milliseconds of work.
const portionPairs = 20_000

// Dedupe finds the records that describe one person. It gives the pairs to link or review, ordered by
// weight, the strongest first; the clusters of linked records, ordered by their smallest ID; and a
// report. The result does not depend on the number of workers or the order of the records, as long as
// their IDs are unique.
func Dedupe(records []Record, model Model, workers int) ([]Pair, []Cluster, Report) {
	return DedupeApart(records, model, workers, nil)
}

// DedupeApart is Dedupe with pairs of positions that people have found to be two persons: they are not
// reported again and never end up in one cluster.
func DedupeApart(records []Record, model Model, workers int, apart [][2]int) ([]Pair, []Cluster, Report) {
	rows, words := prepare(records, &model)
	known := rowsApart(rows, apart)
	x := newIndex(rows, words, &model)
	s := search{index: x, model: &model, prior: model.prior(len(rows)), known: known}
	s.run(workers)
	clusters, refused := group(rows, s.found, append(s.apart, known...))
	report := Report{
		Model: model.Version(), Records: len(records), Compared: s.compared, Apart: len(s.apart), Refused: refused,
		Prior: s.prior, Rules: x.logs,
	}
	pairs := s.pairs(&report)
	return pairs, clusters, report
}

// rowsApart turns positions in the caller's slice into rows, each pair with the smaller row first, sorted.
func rowsApart(rows []row, apart [][2]int) [][2]int32 {
	if len(apart) == 0 {
		return nil
	}
	at := make([]int32, len(rows))
	for i := range rows {
		at[rows[i].source] = int32(i)
	}
	list := make([][2]int32, len(apart))
	for i, p := range apart {
		a, b := at[p[0]], at[p[1]]
		list[i] = [2]int32{min(a, b), max(a, b)}
	}
	slices.SortFunc(list, comparePairs)
	return list
}

func comparePairs(p, q [2]int32) int { return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1])) }

// search scores all pairs of an index.
type search struct {
	index    *index
	model    *Model
	prior    float64
	known    [][2]int32
	found    []meeting
	apart    [][2]int32
	compared int
}

// catch is what one worker brings home from one portion of blocks.
type catch struct {
	rule     int
	compared int
	found    []meeting
	apart    [][2]int32
}

func (s *search) run(workers int) {
	scratch := func() *comparer { return newComparer(s.index.words, s.model) }
	// The consumer never fails, so neither does the run.
	_ = parallel.ChunksWith(workers, scratch, s.index.portions(portionPairs), s.score, func(c catch) error {
		s.compared += c.compared
		s.index.logs[c.rule].Compared += c.compared
		s.found = append(s.found, c.found...)
		s.apart = append(s.apart, c.apart...)
		return nil
	})
	s.settle()
}

// score compares the pairs of one portion; all its blocks belong to one rule.
func (s *search) score(c *comparer, blocks []block) catch {
	out := catch{rule: blocks[0].rule}
	for _, b := range blocks {
		for i, j := range s.index.pairs(b) {
			out.compared++
			s.judge(c, int32(i), int32(j), &out)
		}
	}
	return out
}

func (s *search) judge(c *comparer, i, j int32, out *catch) {
	a, b := &s.index.rows[i], &s.index.rows[j]
	o := s.model.weigh(c, a, b)
	weight := o.weight() + s.prior
	decision := s.model.decide(&o, weight, max(a.holders, b.holders))
	if decision == Reject {
		if o.guard != unguarded {
			out.apart = append(out.apart, [2]int32{i, j})
		}
		return
	}
	if _, two := slices.BinarySearchFunc(s.known, [2]int32{i, j}, comparePairs); two {
		return
	}
	out.found = append(out.found, meeting{a: i, b: j, rule: int8(out.rule), decision: decision, weight: weight, outcome: o})
}

// settle orders what was found and drops pairs a windowed block brought a second time.
func (s *search) settle() {
	slices.SortStableFunc(s.found, func(p, q meeting) int { return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b)) })
	s.found = slices.CompactFunc(s.found, func(p, q meeting) bool { return p.a == q.a && p.b == q.b })
	slices.SortFunc(s.apart, comparePairs)
	s.apart = slices.Compact(s.apart)
	slices.SortStableFunc(s.found, func(p, q meeting) int { return cmp.Compare(q.weight, p.weight) })
}

// pairs gives what was found in the caller's positions, counting it into the report.
func (s *search) pairs(report *Report) []Pair {
	list := make([]Pair, len(s.found))
	for i, f := range s.found {
		list[i] = Pair{
			A: s.index.rows[f.a].source, B: s.index.rows[f.b].source, Rule: s.index.rules[f.rule].name, Weight: f.weight,
			Probability: probability(f.weight), Decision: f.decision, outcome: f.outcome,
		}
		report.Rules[f.rule].Found++
		if f.decision == Link {
			report.Linked++
		} else {
			report.Review++
		}
	}
	return list
}
