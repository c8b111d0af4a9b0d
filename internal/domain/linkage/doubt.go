package linkage

import (
	"math"
	"slices"

	"tepat/internal/kit/fail"
)

// doubts is what the levels of a doubtful pair tell beyond its weight. The weight takes damage in one column for independent of damage in
// the next; of the pairs that are left in doubt that is least true, and a regression on them (docs/linkage.md) says by how much. Some
// questions are asked of such pairs alone, since they tell little of others and cost time.
type doubts struct {
	below int32 // pairs of this weight and more are sure
	reach int32 // the most it adds
	bits  [maxComparisons][maxLevels + 1]int32
	asks  []ask
}

// maxAsks bounds the questions asked of doubtful pairs alone.
const maxAsks = 4

// ask is a question asked of doubtful pairs alone.
type ask struct {
	comparison
	bits [maxLevels + 1]int32
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
		levelBits(&d.bits[k], f.Bits[c.Name], c.Levels)
		d.reach += max(0, slices.Max(d.bits[k][:len(c.Levels)+1]))
	}
	for i := range f.Asks {
		if a, can := p.keepAsk(&f.Asks[i]); can {
			d.asks = append(d.asks, a)
			d.reach += max(0, slices.Max(a.bits[:]))
		}
	}
	return d
}

// keepAsk compiles a question; false where the table lacks a column it needs.
func (p *plan) keepAsk(f *askFile) (ask, bool) {
	a := ask{comparison: comparison{file: f.comparison(), column: p.of(f.Column)}}
	if a.column == nil {
		return a, false
	}
	some := false
	for i, l := range f.Levels {
		cond, err := parseCondition(l.When)
		if err != nil {
			return a, false // check has read it
		}
		left, can := p.possible(cond)
		if can {
			cond = left
		}
		some = some || can
		a.calls, a.bits[i+1] = append(a.calls, cond), fixed(l.Bits)
	}
	return a, some
}

// comparison gives the question as a comparison whose levels have no probabilities.
func (f *askFile) comparison() *comparisonFile {
	c := &comparisonFile{Name: f.Name, Column: f.Column}
	for _, l := range f.Levels {
		c.Levels = append(c.Levels, levelFile{Level: l.Level, When: l.When})
	}
	return c
}

// build makes the tests of the questions.
func (d *doubts) build(data *data) {
	if d == nil {
		return
	}
	for i := range d.asks {
		a := &d.asks[i]
		a.tests = a.tests[:0]
		for _, cond := range a.calls {
			a.tests = append(a.tests, data.condition(&a.comparison, cond))
		}
	}
}

// columns names those the questions need.
func (d *doubts) columns() (list []string) {
	if d == nil {
		return nil
	}
	for i := range d.asks {
		list = append(list, d.asks[i].column.file.Name)
		for _, cond := range d.asks[i].calls {
			list = usesColumns(cond, list)
		}
	}
	return list
}

// about tells whether a weight is one of a doubtful pair.
func (d *doubts) about(weight int32) bool { return d != nil && weight < d.below && !parts(weight) }

// ask puts the answers of two records into the worker: the place of the first that holds, counted from one, zero for none.
func (d *doubts) ask(w *worker, one, two []uint32) {
	for i := range d.asks {
		a := &d.asks[i]
		w.answers[i] = 0
		if !a.has(one) || !a.has(two) {
			continue
		}
		if l := w.firstOf(&a.comparison, 0, len(a.tests), one, two); int(l) <= len(a.tests) {
			w.answers[i] = l
		}
	}
}

// missingLevel names the level of a comparison one side has no value for.
const missingLevel = "missing"

// of gives what the levels and answers in the worker add to the weight of a doubtful pair. It stays one: it is not made sure, nor
// parted, by this alone.
func (d *doubts) of(w *worker, comparisons int, weight int32) int32 {
	told := weight
	for k := range comparisons {
		told += d.bits[k][w.levels[k]]
	}
	for i := range d.asks {
		told += d.asks[i].bits[w.answers[i]]
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
	if err := m.checkAsks(); err != nil {
		return err
	}
	return m.checkComparisonBits(at, f.Bits)
}

// Answers names what the model's questions about doubtful pairs are answered with, as the levels of bars of "doubt".
func (m *Model) Answers() (names []string) {
	if m.file.Doubts == nil {
		return nil
	}
	for i := range m.file.Doubts.Asks {
		f := &m.file.Doubts.Asks[i]
		for _, l := range f.Levels {
			names = append(names, answerName(f.Name, l.Level))
		}
	}
	return names
}

// answerName names an answer in a waterfall.
func answerName(question, level string) string { return question + "_" + level }

// checkAsks holds the questions asked of doubtful pairs alone to the columns and tests there are.
func (m *Model) checkAsks() error {
	list := m.file.Doubts.Asks
	if len(list) > maxAsks {
		return fail.Invalid("linkage.model_many", "line", m.lines.at("doubts", "asks", maxAsks), "limit", maxAsks, "what", "asks")
	}
	for i := range list {
		f := &list[i]
		at := func(field ...any) int { return m.lines.at(append([]any{"doubts", "asks", i}, field...)...) }
		c := f.comparison()
		switch {
		case f.Name == "" || slices.IndexFunc(list, func(o askFile) bool { return o.Name == f.Name }) != i || m.comparison(f.Name) >= 0:
			return fail.Invalid("linkage.model_comparison_name", "line", at("name"), "comparison", f.Name)
		case m.column(f.Column) < 0:
			return m.unknownColumn(at("column"), f.Column)
		case len(f.Levels) == 0:
			return fail.Invalid("linkage.model_levels", "line", at("levels"), "comparison", f.Name)
		case len(f.Levels) > maxLevels:
			return fail.Invalid("linkage.model_many", "line", at("levels", maxLevels), "limit", maxLevels, "what", f.Name)
		}
		for j, l := range f.Levels {
			switch {
			case l.Level == "" || slices.IndexFunc(f.Levels, func(o askLevelFile) bool { return o.Level == l.Level }) != j:
				return fail.Invalid("linkage.model_level_name", "line", at("levels", j), "comparison", f.Name, "level", l.Level)
			case !(math.Abs(l.Bits) <= mostAgainst):
				return fail.Invalid("linkage.model_setting", "line", at("levels", j), "setting", "bits")
			}
			if err := m.checkWhen(l.When, c, at("levels", j)); err != nil {
				return err
			}
		}
	}
	return nil
}

// bars is what the levels and answers of the pair last weighed told beyond its weight, as steps of a waterfall.
func (d *doubts) bars(w *worker) (list []Bar) {
	if d == nil || w.doubted == 0 {
		return nil
	}
	rest := w.doubted
	for i := range d.asks {
		if bits := d.asks[i].bits[w.answers[i]]; bits != 0 {
			rest -= bits
			list = append(list, Bar{Comparison: "doubt", Level: answerName(d.asks[i].file.Name, d.asks[i].file.Levels[w.answers[i]-1].Level), Bits: Bits(bits)})
		}
	}
	if rest != 0 {
		list = slices.Insert(list, 0, Bar{Comparison: "doubt", Level: "levels", Bits: Bits(rest)})
	}
	return list
}
