package linkage

import (
	"math"
	"slices"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/parallel"
)

// guard asks of pairs that would be linked whether they are two people whom most agrees of: twins, or namesakes born on one day. To
// merge two of them takes what is due to one away, while a double that is held back is looked at by a person. So the odds against twins
// and namesakes alone, of a regression on such pairs (docs/linkage.md), have to reach a bar of their own, as high as the list affords.
type guard struct {
	file  *guardFile
	below int32 // pairs of this weight and more are not asked
	top   int32 // the highest bar
	bits  [maxComparisons][maxLevels + 1]int32
	asks  [maxAsks][maxLevels + 1]int32
}

// guardFile is what the levels of a pair tell of twins and namesakes beyond its weight.
type guardFile struct {
	About string                        `yaml:"about"`
	Below float64                       `yaml:"below_bits"` // pairs that weigh less are asked
	Bars  []guardBarFile                `yaml:"bars"`       // the first a list affords is taken
	Bits  map[string]map[string]float64 `yaml:"bits"`       // by comparison and level, "missing" where a side has no value
	Asks  map[string]map[string]float64 `yaml:"asks"`       // by question of doubtful pairs and answer
}

// guardBarFile is a range of bars, of which the highest that a list affords is taken.
type guardBarFile struct {
	From   float64 `yaml:"from_bits"`
	To     float64 `yaml:"to_bits"`
	Recall float64 `yaml:"recall"` // share of the pairs expected among those kept that have to stay linked
}

// guardStep is by how much the bar moves.
const guardStep = unit / 4

// GuardColumn stands for the column in the lesson that tells how high the guard's bar was: Same is its bits, Pairs those it held back.
const GuardColumn = "guard"

// guardBar names what the guard takes in a waterfall.
const guardBar = "guard"

// keepGuard compiles what the model says of twins and namesakes; nil where it says nothing.
func (p *plan) keepGuard() *guard {
	f := p.model.file.Guard
	if f == nil {
		return nil
	}
	g := &guard{file: f, below: fixed(f.Below)}
	for _, b := range f.Bars {
		g.top = max(g.top, fixed(b.To))
	}
	for k := range p.comparisons {
		c := p.comparisons[k].file
		levelBits(&g.bits[k], f.Bits[c.Name], c.Levels)
	}
	if p.doubts == nil {
		return g
	}
	for i := range p.doubts.asks {
		c := p.doubts.asks[i].file
		levelBits(&g.asks[i], f.Asks[c.Name], c.Levels)
	}
	return g
}

// levelBits sets the bits of levels that are given by their names; those of a missing value stand first.
func levelBits(bits *[maxLevels + 1]int32, given map[string]float64, levels []levelFile) {
	bits[0] = fixed(given[missingLevel])
	for i, l := range levels {
		bits[i+1] = fixed(given[l.Level])
	}
}

// guard gives what the model says of twins, nil where it says nothing or is not to be asked.
func (e *Engine) guard() *guard {
	if e.options.Alone {
		return nil
	}
	return e.plan.guard
}

// margin gives the odds in units of a pair of a weight against twins and namesakes; the worker holds its levels.
func (g *guard) margin(e *Engine, w *worker, a, b []uint32, weight int32) int32 {
	for k := range e.plan.comparisons {
		weight += g.bits[k][w.levels[k]]
	}
	if d := e.plan.doubts; d != nil {
		d.ask(w, a, b)
		for i := range d.asks {
			weight += g.asks[i][w.answers[i]]
		}
	}
	return weight
}

// unasked is the margin of a pair the guard does not ask about.
const unasked = math.MaxInt32

// margins gives those of edges, unasked of those that are not linked, sure, or known.
func (e *Engine) margins(g *guard, s *scorer, edges []Edge) ([]int32, error) {
	list, link := make([]int32, len(edges)), fixed(e.model.file.Dedupe.Link)
	sure := *s
	sure.keepFrom(-1 << 30)
	var runs []portion
	for from := 0; from < len(edges); from += companyEdges {
		runs = append(runs, portion{from, min(len(edges), from+companyEdges)})
	}
	return list, parallel.ChunksWith(e.options.Workers, func() *worker { return newWorker(e.data) }, parallel.Split(runs, 1), func(w *worker, chunk []portion) struct{} {
		for at := chunk[0].from; at < chunk[0].to; at++ {
			x := &edges[at]
			if list[at] = unasked; x.Weight >= link && x.Weight < g.below && x.Key != EqualKey && !e.options.Known.one(x.A, x.B) {
				a, b := e.record(int(x.A)), e.record(int(x.B))
				sure.pair(w, a, b)
				list[at] = g.margin(e, w, a, b, x.Weight)
			}
		}
		return struct{}{}
	}, func(struct{}) error { return e.options.stopped() })
}

// settleGuarded is settle with the edges held back that may be twins, and gives what beware does.
func (e *Engine) settleGuarded(s *scorer, all *finds) (ranks []int32, held []Lesson, err error) {
	ranks = e.settle(all)
	if held, err = e.beware(s, all); len(held) > 0 {
		ranks = e.settle(all)
	}
	return ranks, held, err
}

// beware holds back edges that may be twins or namesakes, and gives how high the bar was; none where it held nothing back. What is
// held back is weighed below the bar of linking, by as much as it lacks.
//
// Errors: that of Options.Stop.
func (e *Engine) beware(s *scorer, all *finds) (list []Lesson, err error) {
	g := e.guard()
	if g == nil {
		return nil, nil
	}
	margins, err := e.margins(g, s, all.edges)
	if err != nil {
		return nil, err
	}
	bar, ok := g.told(e.options.Taught)
	if e.options.Taught == nil {
		bar, ok = e.affords(g, all.edges, margins)
	}
	if e.guarded = &bar; !ok {
		bar = math.MinInt32 // nothing is below it
		return nil, nil
	}
	if held := e.holdBack(all, margins, bar); held > 0 {
		list = append(list, Lesson{Column: GuardColumn, Same: Bits(bar), Pairs: held})
	}
	return list, nil
}

// holdBack weighs the edges whose margins are below the bar anew, and gives how many. Those that surely are two belong apart.
func (e *Engine) holdBack(all *finds, margins []int32, bar int32) (held int) {
	kept := all.edges[:0]
	for i, x := range all.edges {
		if margins[i] < bar {
			held++
			if x.Weight = e.held(margins[i], bar); parts(x.Weight) {
				all.apart = append(all.apart, [2]int32{x.A, x.B})
				continue
			}
		}
		kept = append(kept, x)
	}
	all.edges = kept
	return held
}

// held is the weight of a pair whose margin is below the bar. It stays one for review, but where it is surely two.
func (e *Engine) held(margin, bar int32) int32 {
	bars := e.model.file.Dedupe
	weight := fixed(bars.Link) - 1 + margin - bar
	if parts(weight) {
		return weight
	}
	return max(weight, fixed(bars.Review))
}

// affords gives the bar of a list: of the first range the highest that leaves the share of expected pairs asked for, else of the next;
// false for none. Expected pairs are the sum of the probabilities of the edges, in whole numbers, so that it is the same in any order.
func (e *Engine) affords(g *guard, edges []Edge, margins []int32) (bar int32, ok bool) {
	link, kept, linked := fixed(e.model.file.Dedupe.Link), int64(0), int64(0)
	costs := make([]int64, g.top/guardStep+1) // by the first bar that holds a pair back
	for i := range edges {
		belief := int64(math.Round(beliefUnit * Probability(edges[i].Weight)))
		if kept += belief; edges[i].Weight < link {
			continue
		}
		linked += belief
		if at := max(margins[i], 0)/guardStep + 1; margins[i] != unasked && int(at) < len(costs) {
			costs[at] += belief
		}
	}
	for at := 1; at < len(costs); at++ {
		costs[at] += costs[at-1]
	}
	for _, b := range g.file.Bars {
		for bar := fixed(b.To) / guardStep; bar > 0 && bar*guardStep >= fixed(b.From); bar-- {
			if float64(linked-costs[bar]) >= b.Recall*float64(kept) {
				return bar * guardStep, true
			}
		}
	}
	return 0, false
}

// told gives the bar of lessons learned earlier; false where they tell of none.
func (g *guard) told(list []Lesson) (bar int32, ok bool) {
	i := slices.IndexFunc(list, func(l Lesson) bool { return l.Column == GuardColumn })
	if i < 0 {
		return 0, false
	}
	return fixed(list[i].Same), true
}

// guardBars is what the guard takes from two rows of this weight, as a step of a waterfall. The list is searched where its bar was not
// yet told.
func (e *Engine) guardBars(x *Explainer, i, j int, weight int32) []Bar {
	g, link := e.guard(), fixed(e.model.file.Dedupe.Link)
	if g == nil || weight < link || weight >= g.below {
		return nil
	}
	bar, ok := g.told(e.options.Taught)
	if e.options.Taught == nil {
		e.asked.Do(func() {
			if e.guarded == nil {
				_, _ = e.Dedupe()
			}
		})
		if ok = e.guarded != nil; ok {
			bar = *e.guarded
		}
	}
	a, b := e.record(i), e.record(j)
	x.scorer.pair(x.worker, a, b)
	if margin := g.margin(e, x.worker, a, b, weight); ok && margin < bar {
		return []Bar{{Comparison: guardBar, Level: "held", Bits: Bits(e.held(margin, bar) - weight)}}
	}
	return nil
}

// checkGuard holds what the model says of twins to its comparisons and questions.
func (m *Model) checkGuard() error {
	f := m.file.Guard
	if f == nil {
		return nil
	}
	at := func(field ...any) int { return m.lines.at(append([]any{"guard"}, field...)...) }
	if f.Below <= m.file.Dedupe.Link || f.Below > 1000 {
		return fail.Invalid("linkage.model_setting", "line", at("below_bits"), "setting", "below_bits")
	}
	for i, b := range f.Bars {
		if !(b.From >= 0 && b.From <= b.To && b.To <= mostAgainst && b.Recall > 0 && b.Recall <= 1) {
			return fail.Invalid("linkage.model_setting", "line", at("bars", i), "setting", "bars")
		}
	}
	if err := m.checkComparisonBits(at, f.Bits); err != nil {
		return err
	}
	for name, levels := range f.Asks {
		c := m.question(name)
		if c == nil {
			return fail.Invalid("linkage.model_comparison_unknown", "line", at("asks", name), "comparison", name)
		}
		if err := m.checkBits(at, "asks", c, levels); err != nil {
			return err
		}
	}
	return nil
}

// question gives a question asked of doubtful pairs by its name, nil for none.
func (m *Model) question(name string) *comparisonFile {
	if m.file.Doubts == nil {
		return nil
	}
	for i := range m.file.Doubts.Asks {
		if m.file.Doubts.Asks[i].Name == name {
			return m.file.Doubts.Asks[i].comparison()
		}
	}
	return nil
}

// checkComparisonBits holds bits given by comparison and level to the comparisons there are.
func (m *Model) checkComparisonBits(at func(field ...any) int, bits map[string]map[string]float64) error {
	for name, levels := range bits {
		c := m.comparison(name)
		if c < 0 {
			return fail.Invalid("linkage.model_comparison_unknown", "line", at("bits", name), "comparison", name)
		}
		if err := m.checkBits(at, "bits", &m.file.Comparisons[c], levels); err != nil {
			return err
		}
	}
	return nil
}

// checkBits holds bits given by level to the levels there are.
func (m *Model) checkBits(at func(field ...any) int, field string, c *comparisonFile, levels map[string]float64) error {
	for level, bits := range levels {
		known := level == missingLevel || slices.ContainsFunc(c.Levels, func(l levelFile) bool { return l.Level == level })
		if !(math.Abs(bits) <= mostAgainst) {
			return fail.Invalid("linkage.model_setting", "line", at(field, c.Name, level), "setting", "bits")
		}
		if !known {
			return fail.Invalid("linkage.model_level_unknown", "line", at(field, c.Name, level), "comparison", c.Name, "level", level)
		}
	}
	return nil
}
