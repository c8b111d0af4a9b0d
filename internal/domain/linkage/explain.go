package linkage

import (
	"cmp"
	"fmt"
	"log/slog"
	"math"
	"slices"
)

// Bar is one step of the waterfall that explains a weight.
type Bar struct {
	Comparison string  `json:"comparison"`      // its name in the model; "prior" for the first bar
	Level      string  `json:"level"`           // how it agreed; "missing" when a side has no value; the explanation's name for "relatives"
	Bits       float64 `json:"bits"`            // what it adds to the weight, frequency included
	Frequency  float64 `json:"frequency_bits"`  // of that, what the frequency of the value moved
	A          string  `json:"a,omitempty"`     // the values as they stand in the rows; personal data
	B          string  `json:"b,omitempty"`     //
	Running    float64 `json:"running_bits"`    // the weight after this bar
	Could      float64 `json:"could,omitempty"` // what it would add if the values were equal, where they are not and that is more
}

// String prints the bar without the values.
func (b Bar) String() string { return fmt.Sprintf("%s %s %+.1f", b.Comparison, b.Level, b.Bits) }

// LogValue writes the bar without the values.
func (b Bar) LogValue() slog.Value { return slog.StringValue(b.String()) }

// GoString keeps %#v from printing the values.
func (b Bar) GoString() string { return b.String() }

// Waterfall says how the weight of a pair comes about.
type Waterfall struct {
	Bars        []Bar   `json:"bars"`
	Bits        float64 `json:"bits"`
	Probability float64 `json:"probability"` // 2^bits / (1 + 2^bits), without other candidates
	Key         string  `json:"key"`         // the first key that brings the two together; empty when none does
	// Missing is how many bits the pair lacks to the bar of linking, zero when it has them.
	Missing float64 `json:"missing_bits"`
	// Change lists the comparisons each of which alone would carry the pair over the bar if it were equal.
	Change []string `json:"change,omitempty"`
}

// Explain gives the waterfall of two rows: the prior, each comparison in the order of the model, and what
// further explanations take. The bars add up to the weight.
func (e *Engine) Explain(i, j int) Waterfall { return e.ExplainIn(e.Explainer(), i, j) }

// ExplainIn is Explain in room that is used for many pairs.
func (e *Engine) ExplainIn(x *Explainer, i, j int) Waterfall {
	s, w := x.scorer, x.worker
	a, b := e.record(i), e.record(j)
	weight, _ := s.pair(w, a, b)
	out := Waterfall{Bits: Bits(weight), Probability: Probability(weight), Key: e.meeting(a, b)}
	out.Bars = append(out.Bars, Bar{Comparison: "prior", Level: "population", Bits: Bits(s.prior)})
	one, two := e.fields(i, nil), e.fields(j, nil)
	for k := range e.plan.comparisons {
		c := &e.plan.comparisons[k]
		x := Bar{Comparison: c.file.Name, Level: "missing", A: c.column.value(one, e.side(i)), B: c.column.value(two, e.side(j))}
		if l := w.levels[k]; l > 0 {
			x.Level, x.Frequency = c.file.Levels[l-1].Level, Bits(w.adjust[k])
			x.Bits = Bits(c.weights[l] + w.adjust[k])
		}
		if gain := Bits(c.gain); gain > x.Bits && w.levels[k] != 1 {
			x.Could = gain
		}
		out.Bars = append(out.Bars, x)
	}
	slices.SortStableFunc(out.Bars[1:], func(x, y Bar) int {
		return cmp.Compare(e.model.comparison(x.Comparison), e.model.comparison(y.Comparison))
	})
	if w.varied != 0 {
		out.Bars = append(out.Bars, Bar{Comparison: "variant", Level: e.plan.likeliestVariant(w), Bits: Bits(w.varied)})
	}
	if taken := s.explained(w); taken != 0 {
		out.Bars = append(out.Bars, Bar{Comparison: "relatives", Level: e.likeliest(w), Bits: -Bits(taken)})
	}
	out.Bars = append(out.Bars, s.doubts.bars(w)...)
	if e.sources[1] == nil {
		told := x.company(&out, e, i, j, weight)
		taught := e.taughtBars(i, j, weight, told)
		told += fixed(sumBars(taught))
		out.Bars = append(append(out.Bars, taught...), e.guardBars(x, i, j, told)...)
	}
	running := 0.0
	for k := range out.Bars {
		running += out.Bars[k].Bits
		out.Bars[k].Running = running
	}
	out.Bits, out.Probability = running, Probability(fixed(running))
	out.change(e.bar())
	return out
}

// sumBars is the bits of bars.
func sumBars(bars []Bar) (bits float64) {
	for _, b := range bars {
		bits += b.Bits
	}
	return bits
}

// company adds what the rows beside the two tell, and gives the weight with it.
func (x *Explainer) company(out *Waterfall, e *Engine, i, j int, weight int32) int32 {
	c := e.company()
	if c == nil {
		return weight
	}
	e.housed.Do(func() { e.houses = e.housesOf(c, nil) })
	if x.beside == nil {
		x.beside = c.among(e.houses, e.data, x.scorer)
		x.beside.scorer.known = &e.options.Known
	}
	bits, s, taken := x.beside.among(e.houses, int32(i), int32(j), weight)
	out.Bars = append(out.Bars, c.bars(s, taken)...)
	return weight + bits
}

// bar gives the weight a pair needs to be linked when nothing competes with it.
func (e *Engine) bar() float64 {
	if e.sources[1] != nil {
		return math.Log2(e.model.file.Link.Accept / (1 - e.model.file.Link.Accept))
	}
	return e.model.file.Dedupe.Link
}

func (w *Waterfall) change(bar float64) {
	w.Missing = max(bar-w.Bits, 0)
	for _, x := range w.Bars {
		if w.Missing > 0 && x.Could > 0 && x.Could-x.Bits >= w.Missing {
			w.Change = append(w.Change, x.Comparison)
		}
	}
}

// likeliestVariant names the kind of match the pair last compared is most like.
func (p *plan) likeliestVariant(w *worker) string {
	best, name := int32(math.MinInt32), ""
	for i := range p.variants {
		if v := &p.variants[i]; v.weight(w) > best {
			best, name = v.weight(w), v.name
		}
	}
	return name
}

// likeliest names the further explanation that explains the pair last compared best.
func (e *Engine) likeliest(w *worker) string {
	best, name := int32(math.MinInt32), ""
	for i := range e.plan.relatives {
		if r := &e.plan.relatives[i]; r.weight(w) > best {
			best, name = r.weight(w), r.name
		}
	}
	return name
}

// meeting names the first key that brings two rows together.
func (e *Engine) meeting(a, b []uint32) string {
	for i := range e.plan.keys {
		k := &e.plan.keys[i]
		if k.at(a) == k.at(b) && k.at(a) != 0 && e.meet(k, a, b, ^uint32(0)) {
			return k.text
		}
	}
	return ""
}

// value gives the raw value of a column in the fields of a row.
func (c *column) value(fields [][]byte, side int) string {
	if at := c.field[side]; at < len(fields) {
		return string(fields[at][:min(len(fields[at]), longestValue)])
	}
	return ""
}

// Levels names how the comparisons of a pair agree, as comparison=level, without those a side has no value for
// and those that say nothing, in the order of the model.
func (e *Engine) Levels(w *Explainer, i, j int) []string {
	w.scorer.compare(w.worker, e.record(i), e.record(j))
	return w.reasonsOf(packLevels(&w.worker.levels))
}

// reasonsOf names levels.
func (w *Explainer) reasonsOf(levels levelSet) []string {
	w.reasons = w.reasons[:0]
	for _, k := range w.order {
		if l := levels.at(k); l > 0 {
			w.reasons = append(w.reasons, w.names[k][l-1])
		}
	}
	return w.reasons
}

// levelSet is the levels of all comparisons of a pair, four bits each: there are sixteen at most, of fifteen levels and none.
type levelSet uint64

func packLevels(levels *[maxComparisons]uint8) (s levelSet) {
	for k, l := range levels {
		s |= levelSet(l) << (4 * k)
	}
	return s
}

// at gives the level of a comparison.
func (s levelSet) at(k int) uint8 { return uint8(s >> (4 * k) & 15) }

// Explainer is room for naming the levels of many pairs.
type Explainer struct {
	worker  *worker
	scorer  *scorer
	names   [][]string
	order   []int // comparisons of the plan in the order of the model
	reasons []string
	beside  *bystanders // made when company is first asked about
}

// Explainer makes room for Levels.
func (e *Engine) Explainer() *Explainer {
	x := &Explainer{worker: newWorker(e.data), scorer: newScorer(e.data, e.prior(), e.mates())}
	for k, c := range e.plan.comparisons {
		x.order = append(x.order, k)
		var names []string
		for _, l := range c.file.Levels {
			names = append(names, c.file.Name+"="+l.Level)
		}
		x.names = append(x.names, names)
	}
	slices.SortFunc(x.order, func(i, j int) int {
		return cmp.Compare(e.model.comparison(e.plan.comparisons[i].file.Name), e.model.comparison(e.plan.comparisons[j].file.Name))
	})
	return x
}

// Row finds a row by its id; side is 0 for the first table, 1 for the reference.
func (e *Engine) Row(id string, side int) (row int, found bool) {
	from, to := 0, e.left
	if side == 1 {
		from, to = e.left, e.n
	}
	for i := from; i < to; i++ {
		if string(e.ID(i)) == id {
			return i, true
		}
	}
	return 0, false
}

// Relatives names the model's further explanations of why two rows agree.
func (m *Model) Relatives() (names []string) {
	for i := range m.file.Relatives {
		names = append(names, m.file.Relatives[i].Name)
	}
	return names
}
