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
	data  *data
	prior int32
	most  [maxComparisons]int32 // the most each comparison can add
	vary  int                   // the last comparison the variants need, -1 without variants
	floor int32                 // pairs that cannot reach it are given up early
}

// newScorer prepares weighing among so many candidates for each row.
func newScorer(d *data, prior float64, candidates int) *scorer {
	s := &scorer{data: d, prior: fixed(prior), floor: math.MinInt32 / 2}
	d.plan.relate(candidates)
	s.vary = d.plan.vary()
	for k := range d.plan.comparisons {
		s.most[k] = d.plan.comparisons[k].gain
	}
	return s
}

// variant is a kind of match that agrees otherwise than most, as gains of evidence over those by level.
type variant struct {
	name   string
	prior  int32
	gains  [maxComparisons][maxLevels + 1]int32
	most   [maxComparisons]int32 // of the gains of a comparison
	listed []int
}

// variantGain is the most bits variants may add to a pair.
const variantGain = 10

// vary works out the gains of the variants and finds the last comparison they need, -1 for none.
func (p *plan) vary() int {
	last := -1
	p.variants = nil
	for i := range p.model.file.Variants {
		f := &p.model.file.Variants[i]
		v := variant{name: f.Name, prior: fixed(math.Log2(f.Share))}
		for k := range p.comparisons {
			c := p.comparisons[k].file
			given := f.Levels[c.Name]
			if given == nil {
				continue
			}
			v.listed = append(v.listed, k)
			last = max(last, k)
			rest, others := 1.0, 0.0
			for _, l := range c.Levels {
				if h, ok := given[l.Level]; ok {
					rest -= h
				} else {
					others += l.M
				}
			}
			for j, l := range c.Levels {
				h, ok := given[l.Level]
				if !ok {
					h = math.Max(rest, 1e-4) * l.M / others
				}
				v.gains[k][j+1] = fixed(math.Log2(h / l.M))
				v.most[k] = max(v.most[k], v.gains[k][j+1])
			}
		}
		p.variants = append(p.variants, v)
	}
	return last
}

// weight gives the log2 odds of the variant against the match as most are.
func (v *variant) weight(w *worker) int32 {
	sum := v.prior
	for _, k := range v.listed {
		sum += v.gains[k][w.levels[k]]
	}
	return sum
}

// varied gives what the variants add to the weight of the pair whose levels the worker holds.
func (s *scorer) varied(w *worker) int32 {
	odds := 0.0
	for i := range s.data.plan.variants {
		if bits := s.data.plan.variants[i].weight(w); bits > -4*unit {
			odds += power(bits)
		}
	}
	if odds == 0 {
		return 0
	}
	return min(fixed(math.Log2(1+odds)), variantGain*unit)
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

// mostVaried gives a bound of what the variants add, whatever the comparisons from one on turn out to be.
func (s *scorer) mostVaried(w *worker, from int) int32 {
	if s.vary < 0 {
		return 0
	}
	most, n := int32(math.MinInt32), int32(0)
	for i := range s.data.plan.variants {
		v := &s.data.plan.variants[i]
		sum := v.prior
		for _, k := range v.listed {
			if k < from {
				sum += v.gains[k][w.levels[k]]
			} else {
				sum += v.most[k]
			}
		}
		if sum > -4*unit {
			most, n = max(most, sum), n+1
		}
	}
	// log2(1 + n 2^x) is at most one bit above the larger of the two, and n - 1 for the others.
	return min(max(most, 0)+n*unit, variantGain*unit)
}

// pair weighs two records; false means that the weight is below the floor. The levels and adjustments
// of the comparisons stay in the worker, in the order of the plan.
//
// A pair is given up when what is left to compare cannot bring it to the floor any more. What texts and names can add
// depends on whether both sides have the same value, which is soon seen.
func (s *scorer) pair(w *worker, a, b []uint32) (weight int32, kept bool) {
	p := s.data.plan
	list := p.comparisons
	w.sum, w.varied = math.MinInt32, 0
	var left [maxComparisons]int32 // the most each comparison can add to this pair
	sum, rest := s.prior, s.mostVaried(w, 0)
	for k := range list {
		left[k] = s.most[k]
		if k >= p.packed {
			left[k] = min(left[k], list[k].bound(a, b))
		}
		rest += left[k]
	}
	for k := range list[:p.packed] {
		sum, rest = sum+s.weigh(w, k, a, b), rest-left[k]
		if sum+rest < s.floor {
			return sum, false
		}
	}
	if s.vary >= 0 {
		rest += s.mostVaried(w, p.packed) - s.mostVaried(w, 0)
	}
	for _, k := range w.order[p.packed:] {
		if sum+rest < s.floor {
			return sum, false
		}
		sum, rest = sum+s.weigh(w, int(k), a, b), rest-left[k]
	}
	if s.vary >= 0 {
		w.varied = s.varied(w)
		sum += w.varied
	}
	if sum < s.floor {
		return sum, false
	}
	w.sum = sum
	weight = sum - s.explained(w)
	return weight, weight >= s.floor
}

// weigh compares two records in one comparison and gives what it adds.
func (s *scorer) weigh(w *worker, k int, a, b []uint32) int32 {
	l, adjust := w.level(k, a, b)
	w.levels[k], w.adjust[k] = l, adjust
	return s.data.plan.comparisons[k].weights[l] + adjust
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
