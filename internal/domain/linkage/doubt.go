package linkage

import (
	"math"
	"slices"

	"tepat/internal/kit/fail"
)

// doubts is what the levels of a doubtful pair tell beyond its weight. The weight takes damage in one column for independent of damage in
// the next; of the pairs that are left in doubt that is least true, and a regression on them (docs/linkage.md) says by how much.
type doubts struct {
	below int32 // pairs of this weight and more are sure
	reach int32 // the most it adds
	bits  [maxComparisons][maxLevels + 1]int32
}

// keepDoubts compiles what the model says of doubtful pairs; nil where it says nothing.
func (p *plan) keepDoubts() *doubts {
	f := p.model.file.Doubts
	if f == nil {
		return nil
	}
	d := &doubts{below: fixed(f.Below)}
	for k := range p.comparisons {
		c := p.comparisons[k].file
		given := f.Bits[c.Name]
		d.bits[k][0] = fixed(given[missingLevel])
		for i, l := range c.Levels {
			d.bits[k][i+1] = fixed(given[l.Level])
		}
		d.reach += max(0, slices.Max(d.bits[k][:len(c.Levels)+1]))
	}
	return d
}

// missingLevel names the level of a comparison one side has no value for.
const missingLevel = "missing"

// of gives what the levels in the worker add to a weight. A doubtful pair stays one: it is not made sure, nor parted, by this alone.
func (d *doubts) of(w *worker, comparisons int, weight int32) int32 {
	if weight >= d.below || parts(weight) {
		return 0
	}
	told := weight
	for k := range comparisons {
		told += d.bits[k][w.levels[k]]
	}
	return min(max(told, -mostAgainst*unit), d.below-1) - weight
}

// keepFrom makes the scorer keep pairs of this weight and more.
func (s *scorer) keepFrom(bar int32) {
	s.floor, s.bar = bar, bar
	if s.doubts != nil && bar < s.doubts.below && !parts(bar) {
		s.floor = max(bar-s.doubts.reach, -mostAgainst*unit)
	}
}

// checkDoubts holds what the model says of doubtful pairs to its comparisons.
func (m *Model) checkDoubts() error {
	f := m.file.Doubts
	if f == nil {
		return nil
	}
	at := func(field ...any) int { return m.lines.at(append([]any{"doubts"}, field...)...) }
	if f.Below <= m.file.Dedupe.Link || f.Below > 1000 {
		return fail.Invalid("linkage.model_setting", "line", at("below_bits"), "setting", "below_bits")
	}
	for name, levels := range f.Bits {
		c := m.comparison(name)
		if c < 0 {
			return fail.Invalid("linkage.model_comparison_unknown", "line", at("bits", name), "comparison", name)
		}
		for level, bits := range levels {
			known := level == missingLevel || slices.ContainsFunc(m.file.Comparisons[c].Levels, func(l levelFile) bool { return l.Level == level })
			if !(math.Abs(bits) <= mostAgainst) {
				return fail.Invalid("linkage.model_setting", "line", at("bits", name, level), "setting", "bits")
			}
			if !known {
				return fail.Invalid("linkage.model_level_unknown", "line", at("bits", name, level), "comparison", name, "level", level)
			}
		}
	}
	return nil
}

// doubtBars is what the levels of the pair last weighed told beyond its weight, as a step of a waterfall.
func (w *worker) doubtBars() []Bar {
	if w.doubted == 0 {
		return nil
	}
	return []Bar{{Comparison: "doubt", Level: "levels", Bits: Bits(w.doubted)}}
}
