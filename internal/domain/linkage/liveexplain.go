package linkage

import (
	"cmp"
	"math"
	"slices"
)

// Waterfall says how the weight of a row that was found comes about, as Explain does for two rows of an engine: the prior,
// each comparison in the order of the model, and what further explanations take. The bars hold no values: whoever asks
// knows those of the row asked for, and those of the other are where the index was built from.
func (f *Finder) Waterfall(l *Likeness) Waterfall {
	f.worker.levels, f.worker.answers, f.worker.adjust, f.worker.sum = l.found.levels, l.found.answers, l.found.adjust, l.found.sum
	out := Waterfall{Bits: Bits(l.Weight), Probability: Probability(l.Weight), Key: l.Key}
	out.Bars = append(out.Bars, Bar{Comparison: "prior", Level: "population", Bits: Bits(f.scorer.prior)})
	for k := range f.plan.comparisons {
		level := f.level(&l.found, k)
		x := Bar{Comparison: level.Comparison, Level: level.Level, Bits: level.Bits, Frequency: level.Frequency}
		if gain := Bits(f.plan.comparisons[k].gain); gain > x.Bits && l.found.levels[k] != 1 {
			x.Could = gain
		}
		out.Bars = append(out.Bars, x)
	}
	slices.SortStableFunc(out.Bars[1:], func(x, y Bar) int {
		return cmp.Compare(f.plan.model.comparison(x.Comparison), f.plan.model.comparison(y.Comparison))
	})
	if varied := f.plan.varied(f.worker); varied != 0 {
		out.Bars = append(out.Bars, Bar{Comparison: "variant", Level: f.plan.likeliestVariant(f.worker), Bits: Bits(varied)})
	}
	if taken := f.scorer.explained(f.worker); taken != 0 {
		out.Bars = append(out.Bars, Bar{Comparison: "relatives", Level: (&Engine{data: f.data}).likeliest(f.worker), Bits: -Bits(taken)})
	}
	if d, weight := f.scorer.doubts, f.worker.sum-f.scorer.explained(f.worker); d.about(weight) {
		f.worker.doubted = d.of(f.worker, len(f.plan.comparisons), weight)
		out.Bars = append(out.Bars, d.bars(f.worker)...)
	}
	out.Bars = append(out.Bars, f.bars(&l.found)...)
	running := 0.0
	for k := range out.Bars {
		running += out.Bars[k].Bits
		out.Bars[k].Running = running
	}
	out.change(f.bar())
	return out
}

// bar gives the weight a pair needs to be linked when nothing competes with it.
func (f *Finder) bar() float64 {
	if f.index.Reference() {
		accept := f.plan.model.file.Link.Accept
		return math.Log2(accept / (1 - accept))
	}
	return f.plan.model.file.Dedupe.Link
}
