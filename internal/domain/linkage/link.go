package linkage

import (
	"math"

	"tepat/internal/kit/parallel"
)

// Status is what became of a row that was looked for in a reference.
type Status uint8

// The statuses of a row.
const (
	None   Status = iota // none of the reference's rows is it, as far as the model can tell
	Review               // a person has to look: the likeliest is not sure, or another is nearly as likely
	Linked               // sure
)

// String gives the status's stable word.
func (s Status) String() string { return [...]string{"none", "review", "linked"}[min(s, Linked)] }

// Match is what is known of one row of the first table. Rows of the reference are numbered from 0.
type Match struct {
	Reference   int32 // the likeliest row, -1 for none
	Second      int32 // the next, -1 for none
	Weight      int32 // log2 odds of the likeliest against none of them, in units
	Gap         int32 // units the likeliest is ahead of the next; the largest integer without a next
	Probability float64
	Status      Status
	levels      levelSet // at which the comparisons with the likeliest are
}

// Links is what linking to a reference found.
type Links struct {
	Matches []Match // one for each row of the first table, in its order
	Linked  int
	Review  int
	Report  Report
}

// contenders is how many candidates of a row are kept; the belief in a row that has more that are as likely is
// small already.
const contenders = 4

// candidates are the likeliest rows of the reference for one row.
type candidates [contenders]contender

type contender struct {
	row    int32 // -1 for none
	weight int32
	levels levelSet
}

// hit is one pair that might be.
type hit struct {
	left, right int32
	weight      int32
	levels      levelSet
}

// Link finds for each row of the first table which row of the reference it is. The candidates compete with each
// other and with "none of them": two namesakes born on one day are both left to a person. The result
// does not depend on the number of workers or the order of the rows.
//
// Errors: that of Options.Stop.
func (e *Engine) Link() (Links, error) {
	s := newScorer(e.data, e.prior(), e.mates())
	bars := e.model.file.Link
	s.keepFrom(fixed(math.Log2(bars.Review/(1-bars.Review)) - 4))
	b := newBlocker(e.data)
	stand := e.referenceOf()
	b.skip = stand.out
	all := make([]candidates, e.left)
	for i := range all {
		for j := range all[i] {
			all[i][j].row = -1
		}
	}
	visit := func(v *meeting, c *[]hit) {
		if v.kept {
			*c = append(*c, hit{int32(min(v.i, v.j)), int32(max(v.i, v.j)) - int32(e.left), v.weight, packLevels(&v.levels)})
		}
	}
	out := func(rule int, c *[]hit) error {
		b.logs[rule].Found += int64(len(*c))
		for _, h := range *c {
			e.offer(&all[h.left], contender{h.right, h.weight, h.levels})
		}
		return nil
	}
	from := 0
	if bars.Settle > 0 && len(e.plan.keys) > 1 {
		from = 1
		if err := search(e, b, s, 0, from, visit, out); err != nil {
			return Links{}, err
		}
		b.skip = e.settled(all, b.skip)
	}
	if err := search(e, b, s, from, len(e.plan.keys), visit, out); err != nil {
		return Links{}, err
	}
	l := Links{Matches: make([]Match, e.left), Report: e.report(e.prior(), b)}
	l.Report.Equal = stand.n
	for _, run := range stand.runs {
		for _, row := range run[1:] {
			all[row] = all[run[0]]
		}
	}
	e.decideAll(all, &l)
	return l, nil
}

// decideAll decides on all rows of the first table.
func (e *Engine) decideAll(all []candidates, l *Links) {
	_ = parallel.Chunks(e.options.Workers, portionsOf(e.left, e.options.Workers), func(run []portion) (n [Linked + 1]int) {
		for i := run[0].from; i < run[0].to; i++ {
			l.Matches[i] = e.decide(&all[i])
			n[l.Matches[i].Status]++
		}
		return n
	}, func(n [Linked + 1]int) error {
		l.Linked, l.Review = l.Linked+n[Linked], l.Review+n[Review]
		return nil
	})
}

// settled marks the rows whose best candidate is so far ahead after the first key that further ones
// are not asked, beside those left out before.
func (e *Engine) settled(all []candidates, out marks) marks {
	sure := newMarks(e.n)
	copy(sure, out)
	bar := fixed(e.model.file.Link.Settle)
	for i := range all {
		c := &all[i]
		if c[0].row >= 0 && c[0].weight >= bar && (c[1].row < 0 || c[0].weight-c[1].weight >= bar) {
			sure.add(i)
		}
	}
	return sure
}

// offer puts a candidate among the likeliest, those of one weight by their ids.
func (e *Engine) offer(c *candidates, new contender) {
	for i := range c {
		if c[i].row == new.row {
			return // met twice in windows
		}
	}
	at := contenders
	for at > 0 && (c[at-1].row < 0 || new.weight > c[at-1].weight || new.weight == c[at-1].weight && e.before(new.row, c[at-1].row)) {
		at--
	}
	if at < contenders {
		copy(c[at+1:], c[at:contenders-1])
		c[at] = new
	}
}

func (e *Engine) before(a, b int32) bool {
	return compareIDs(e.ID(e.left+int(a)), e.ID(e.left+int(b))) < 0
}

// decide shares belief out among the candidates and none of them. Weights are taken relative to the largest,
// which keeps the powers of two in range.
func (e *Engine) decide(c *candidates) Match {
	m := Match{Reference: c[0].row, Second: c[1].row, Gap: math.MaxInt32}
	if c[0].row < 0 {
		return m
	}
	m.Weight, m.levels = c[0].weight, c[0].levels
	top := max(0, m.Weight)
	sum := math.Exp2(Bits(-top))
	for _, x := range c {
		if x.row >= 0 {
			sum += math.Exp2(Bits(x.weight - top))
		}
	}
	m.Probability = math.Exp2(Bits(m.Weight-top)) / sum
	if c[1].row >= 0 {
		m.Gap = c[0].weight - c[1].weight
	}
	m.Status = e.model.status(m.Probability, m.Gap)
	return m
}

// status says what a belief and the distance to the next candidate come to.
func (m *Model) status(probability float64, gap int32) Status {
	bars := m.file.Link
	switch {
	case probability >= bars.Accept && (gap == math.MaxInt32 || gap >= fixed(bars.Gap)):
		return Linked
	case probability >= bars.Review:
		return Review
	}
	return None
}

// Decide says what the answer of a live index over a reference comes to, as Link says it of a run: the status of the
// likeliest, and how far it is ahead of the next, math.MaxInt32 without one. Of nobody it is None.
func (m *Model) Decide(list []Likeness) (status Status, gap int32) {
	if len(list) == 0 {
		return None, math.MaxInt32
	}
	if gap = math.MaxInt32; len(list) > 1 {
		gap = list[0].Weight - list[1].Weight
	}
	return m.status(list[0].Probability, gap), gap
}
