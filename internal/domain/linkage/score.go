package linkage

import "math"

// relative is a further explanation of why two rows agree, as gains of evidence over chance by level.
type relative struct {
	name   string
	prior  int32 // log2 of the mates a row has among all others
	gains  [maxComparisons][maxLevels + 1]int32
	shared [maxComparisons]bool // the frequency of the value tells for this explanation as it does for a match
	listed []int
}

// scorer weighs pairs: prior, comparisons, and what the further explanations leave of it.
type scorer struct {
	data   *data
	prior  int32
	most   [maxComparisons]int32 // the most each comparison can add
	last   int                   // the last comparison the variants need, -1 without variants
	needs  uint32                // all comparisons they need
	floor  int32                 // pairs that cannot reach it are given up early
	bar    int32                 // pairs of less are not kept; above the floor where doubts may raise them
	doubts *doubts               // nil for nothing
	known  *Known                // what says of pairs that they are two things; nil for nothing
	tails  []int32               // see tailsOf
}

// newScorer prepares weighing among so many candidates for each row.
func newScorer(d *data, prior float64, candidates int) *scorer {
	s := &scorer{data: d, prior: fixed(prior), doubts: d.plan.doubts}
	s.keepFrom(math.MinInt32 / 2)
	d.plan.relate(candidates)
	s.last, s.needs = d.plan.vary()
	for k := range d.plan.comparisons {
		s.most[k] = d.plan.comparisons[k].gain
	}
	s.tails = s.tailsOf()
	return s
}

// relate works out the gains of the further explanations.
func (p *plan) relate(candidates int) {
	p.relatives = nil
	for i := range p.model.file.Relatives {
		f := &p.model.file.Relatives[i]
		share := f.Share
		if f.Mates > 0 {
			share = min(f.Mates/float64(candidates), 0.5)
		}
		r := relative{name: f.Name, prior: fixed(math.Log2(share))}
		for k := range p.comparisons {
			c := p.comparisons[k].file
			given := f.Levels[c.Name]
			if given == nil {
				continue
			}
			r.listed = append(r.listed, k)
			rest, others := 1.0, 0.0
			for _, l := range c.Levels {
				if h, ok := given[l.Level]; ok {
					rest -= h
				} else {
					others += l.U
				}
			}
			for j, l := range c.Levels {
				h, ok := given[l.Level]
				if !ok {
					h = math.Max(rest, 1e-4) * l.U / others
				}
				r.gains[k][j+1] = fixed(math.Log2(h / l.U))
			}
			for _, name := range f.Shared {
				r.shared[k] = r.shared[k] || name == c.Name
			}
		}
		p.relatives = append(p.relatives, r)
	}
}

// pair is two rows that are being compared.
type pair struct {
	i, j   uint32
	sum    int32 // of what was compared so far
	rest   int32 // the most the other comparisons can add
	tail   int32 // of the rest, what the variants and the last comparison they need can
	a, b   []uint32
	levels [maxComparisons]uint8
	adjust [maxComparisons]int32
}

// sift compares pairs side by side, one comparison after the other, and gives those that reach the floor, whose place is
// that of the first of the list. Side by side, what one waits for does not hold up the others.
//
// A pair is given up when what is left to compare cannot bring it to the floor any more. What texts and names can add
// depends on whether both sides have the same value, which is soon seen.
func (s *scorer) sift(w *worker, list []pair) []pair {
	packed := s.data.plan.packed
	s.begin(list)
	for k := range packed {
		s.weighPacked(w, k, list)
	}
	done := uint32(1)<<packed - 1
	list = s.vary(list, done, true)
	for _, k := range w.order[packed:] {
		s.weigh(w, int(k), list)
		done |= 1 << k
		list = s.vary(list, done, s.needs>>k&1 != 0)
	}
	return list
}

// begin sets what can be said of pairs before they are compared.
func (s *scorer) begin(list []pair) {
	p := s.data.plan
	tail := s.mostVaried()
	for i := range list {
		list[i].sum, list[i].rest, list[i].tail = s.prior, tail, tail
	}
	for k := p.packed; k < len(p.comparisons); k++ {
		if k == s.last {
			continue // told with the variants
		}
		left := s.leftOf(k)
		for i := range list {
			list[i].rest += left.of(&list[i])
		}
	}
}

// weigh makes one comparison of pairs that looks further than their records.
func (s *scorer) weigh(w *worker, k int, list []pair) {
	c, left := &s.data.plan.comparisons[k], s.leftOf(k)
	counted := k != s.last
	for i := range list {
		x := &list[i]
		level, adjust := uint8(0), int32(0)
		switch {
		case c.kind != kindName:
			level, adjust = w.level(k, x.a, x.b)
		case x.a[c.at] != 0 && x.b[c.at] != 0:
			level, adjust = w.nameLevel(c, x.a, x.b)
		}
		x.levels[k], x.adjust[k] = level, adjust
		x.sum += c.weights[level] + adjust
		if counted {
			x.rest -= left.of(x)
		}
	}
}

// weighPacked makes one comparison of pairs that looks at nothing but their records. All pairs need them, so that nothing is
// counted on from those that are still to be made.
func (s *scorer) weighPacked(w *worker, k int, list []pair) {
	c := &s.data.plan.comparisons[k]
	switch {
	case c.slips:
		c.weighSlips(w, k, list)
	case c.plain:
		c.weighPlain(k, list)
	default:
		for i := range list {
			x := &list[i]
			level, adjust := w.level(k, x.a, x.b)
			x.levels[k], x.adjust[k] = level, adjust
			x.sum += c.weights[level] + adjust
		}
	}
}

// weighSlips is weighPacked for numbers and dates.
func (c *comparison) weighSlips(w *worker, k int, list []pair) {
	none := uint32(0)
	if c.kind == kindDigits {
		none = noDigitsWord
	}
	for i := range list {
		x := &list[i]
		level, adjust := uint8(0), int32(0)
		if x.a[c.at] != none && x.b[c.at] != none {
			if level = c.seen(w, x.a, x.b); c.rarity[level] {
				adjust = w.frequency(c, level, x.a, x.b)
			}
		}
		x.levels[k], x.adjust[k] = level, adjust
		x.sum += c.weights[level] + adjust
	}
}

// weighPlain is weighPacked where values are the same or not, and nothing more is asked.
func (c *comparison) weighPlain(k int, list []pair) {
	for i := range list {
		x := &list[i]
		one, two := x.a[c.at], x.b[c.at]
		level := uint8(1)
		if one != two {
			level = 2
		}
		if one == 0 || two == 0 {
			level = 0
		}
		x.levels[k], x.adjust[k] = level, 0
		x.sum += c.weights[level]
	}
}

// hopeful moves the pairs that can reach the floor to the head of the list.
func (s *scorer) hopeful(list []pair) []pair {
	n := 0
	for i := range list {
		if x := &list[i]; x.sum+x.rest >= s.floor {
			if n < i {
				list[n] = *x
			}
			n++
		}
	}
	return list[:n]
}

// settle weighs a pair all of whose comparisons are made, and puts what they found into the worker; false means that its
// weight is below the floor.
func (s *scorer) settle(w *worker, x *pair) (weight int32, kept bool) {
	w.levels, w.adjust, w.sum, w.varied, w.doubted, w.answers = x.levels, x.adjust, math.MinInt32, 0, 0, [maxAsks]uint8{}
	sum := x.sum
	if s.last >= 0 {
		w.varied = s.data.plan.varied(w)
		sum += w.varied
	}
	if sum < s.floor {
		return sum, false
	}
	w.sum = sum
	if w.rough && s.apart(w) {
		return math.MinInt32, false
	}
	weight = sum - s.explained(w)
	if s.doubts.about(weight) {
		s.doubts.ask(w, x.a, x.b)
		w.doubted = s.doubts.of(w, len(s.data.plan.comparisons), weight)
		weight += w.doubted
	}
	return weight, weight >= s.bar
}

// apart tells whether one of the further explanations alone takes so much from the pair last compared that it is surely below
// the floor, and parts its rows. Most pairs next to each other have one in common.
func (s *scorer) apart(w *worker) bool {
	list, enough := s.data.plan.relatives, w.sum-min(s.floor, -mostAgainst*unit)+2
	for i := range list {
		at := w.parter + i
		if at >= len(list) {
			at -= len(list)
		}
		if list[at].weight(w) >= enough {
			w.parter = at
			return true
		}
	}
	return false
}

// pair weighs two records; false means that the weight is below the floor. The levels and adjustments
// of the comparisons stay in the worker, in the order of the plan.
func (s *scorer) pair(w *worker, a, b []uint32) (weight int32, kept bool) {
	one := [1]pair{{a: a, b: b}}
	w.sum = math.MinInt32
	if len(s.sift(w, one[:])) == 0 {
		return math.MinInt32, false
	}
	return s.settle(w, &one[0])
}

// compare puts the levels and adjustments of two records into the worker, without weighing them.
func (s *scorer) compare(w *worker, a, b []uint32) {
	for k := range s.data.plan.comparisons {
		w.levels[k], w.adjust[k] = w.level(k, a, b)
	}
}

// explained gives what the further explanations take from the weight of the pair last compared: chance
// alone has odds of one, each of them adds its own.
func (s *scorer) explained(w *worker) int32 {
	odds := 0.0
	for i := range s.data.plan.relatives {
		if bits := s.data.plan.relatives[i].weight(w); bits > -8*unit {
			odds += power(bits)
		}
	}
	if odds == 0 {
		return 0
	}
	return fixed(math.Log2(1 + odds))
}

// powers are the powers of two from -1/2 to 1/2, by units.
var powers = func() (list [unit + 1]float64) {
	for i := range list {
		list[i] = math.Exp2(float64(i-unit/2) / unit)
	}
	return list
}()

// power gives two to so many units, above -1000 bits.
func power(units int32) float64 {
	whole := (units + unit/2) >> 10
	return powers[units-whole*unit+unit/2] * math.Float64frombits(uint64(1023+whole)<<52)
}

// weight gives the log2 odds of the explanation against chance for the pair last compared.
func (r *relative) weight(w *worker) int32 {
	sum := r.prior
	for _, k := range r.listed {
		l := w.levels[k]
		sum += r.gains[k][l]
		if r.shared[k] {
			sum += w.adjust[k]
		}
	}
	return sum
}
