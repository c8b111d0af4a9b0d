package linkage

import (
	"cmp"
	"math"
	"slices"
)

// Training is a model fitted to the tables of an engine.
type Training struct {
	Text     []byte      `json:"-"`        // the model's file with new numbers, its comments kept
	Matches  float64     `json:"matches"`  // pairs believed to be one
	Prior    float64     `json:"prior"`    // other rows of one thing a row has; with a reference the share of rows in it
	Sure     int64       `json:"sure"`     // pairs beyond doubt, which m was counted on
	Rounds   int         `json:"rounds"`   // until the number of matches settled
	Patterns int         `json:"patterns"` // different evidence among the pairs
	Random   int64       `json:"random"`   // random pairs u was counted on
	Levels   []LevelFit  `json:"levels"`
	Labels   LabelReport `json:"labels"`
	m, u     [][]float64 // by comparison of the plan and level
	shrunk   []shrunk    // by comparison; see settleAside
	labels   [][]float64 // pairs labelled as one, by the same
	pairs    []float64   // by comparison, the pairs its m was counted on
	given    []*comparisonFile
	prior    float64 // log2 odds that two random rows are one
}

// LevelFit is what training made of one level.
type LevelFit struct {
	Comparison string  `json:"comparison"`
	Level      string  `json:"level"`
	M          float64 `json:"m"`
	U          float64 `json:"u"`
	Bits       float64 `json:"bits"`
	Before     float64 `json:"bits_before"`
}

// rounds is how often m is fitted: the second time the pairs beyond doubt are told by the m of the first.
const rounds = 2

// Train fits u, m and the prior to the tables at hand, in an order in which nothing can run away with the rest:
//   - u is counted on random pairs, and exactly from the frequencies where a level is equality of a text or name; levels
//     too rare for that keep the model's.
//   - m of a comparison is the share of its levels among pairs that are matches beyond doubt by all the others, and that
//     some key brings together which says nothing of it. What merely agrees by chance is not among them.
//   - the prior is how many matches there are by these m and u: as many as are beyond doubt, and ten times as many at most.
//
// Pairs are never believed in because they were believed in before. Of many rows that hold the same one counts. The result
// does not depend on the number of workers or the order of the rows.
//
// Errors: linkage.train_pairs (facts pairs, labels, least) when too few pairs are matches beyond doubt; that of Options.Stop.
func (e *Engine) Train() (Training, error) {
	t := Training{}
	for k := range e.plan.comparisons {
		t.given = append(t.given, e.plan.comparisons[k].file)
	}
	t.prior = e.prior()
	defer e.giveBack(t.given)
	if err := e.fitU(&t); err != nil {
		return t, err
	}
	for range rounds {
		if err := e.fitM(&t); err != nil {
			return t, err
		}
		e.take(&t)
	}
	e.shrink(&t)
	for k, c := range t.given {
		for j, l := range c.Levels {
			t.Levels = append(t.Levels, LevelFit{
				Comparison: c.Name, Level: l.Level, M: t.m[k][j], U: t.u[k][j], Bits: math.Log2(t.m[k][j] / t.u[k][j]), Before: math.Log2(l.M / l.U),
			})
		}
	}
	slices.SortStableFunc(t.Levels, func(x, y LevelFit) int {
		return cmp.Compare(e.model.comparison(x.Comparison), e.model.comparison(y.Comparison))
	})
	var err error
	t.Text, err = e.rewrite(&t)
	return t, err
}

// take lets the plan weigh with the numbers of a training under way: the frequencies and the relatives are held against u.
// Once m is fitted too, it takes the place of the model's.
func (e *Engine) take(t *Training) {
	for k := range e.plan.comparisons {
		c := &e.plan.comparisons[k]
		file := *t.given[k]
		file.Levels = slices.Clone(file.Levels)
		for j := range file.Levels {
			file.Levels[j].U = t.u[k][j]
			if t.m != nil {
				file.Levels[j].M = t.m[k][j]
			}
		}
		c.file = &file
		c.weigh()
	}
}

// giveBack lets the plan weigh by the model again.
func (e *Engine) giveBack(given []*comparisonFile) {
	for k := range e.plan.comparisons {
		c := &e.plan.comparisons[k]
		c.file = given[k]
		c.weigh()
	}
}

// aside tells whether a level asks for further columns than its comparison's own.
func (c *comparison) aside(j int) bool {
	return j < len(c.calls) && len(usesColumns(c.calls[j], nil)) > 0
}

// again tells whether an earlier comparison of the model has a level that asks the same of further columns: it says
// nothing a second time.
func (e *Engine) again(k, j int) bool {
	c := &e.plan.comparisons[k]
	if !c.aside(j) {
		return false
	}
	for i := range e.plan.comparisons {
		o := &e.plan.comparisons[i]
		if e.model.comparison(o.file.Name) < e.model.comparison(c.file.Name) &&
			slices.ContainsFunc(o.file.Levels, func(l levelFile) bool { return l.When == c.file.Levels[j].When }) {
			return true
		}
	}
	return false
}

// fill makes the levels behind one fill what it and those before it leave.
func fill(p []float64, behind int) {
	rest, sum := 1.0, 0.0
	for j, x := range p {
		if j <= behind {
			rest -= x
		} else {
			sum += x
		}
	}
	for j := behind + 1; j < len(p); j++ {
		p[j] *= max(rest, 1e-3) / sum
	}
	if rest < 1e-3 { // rows of one district leave nothing for the levels behind: a sum above one is no model
		for j := range p {
			p[j] /= 1 - rest + max(rest, 1e-3)
		}
	}
}
