package linkage

import "math"

// evident tells of pairs whether they are matches beyond doubt, by rules that depend little on the m and u of the model at
// hand, which may be guesses: what agrees is weighed by how rarely random pairs agree so.
type evident struct {
	scorer *scorer
	plain  [maxComparisons][maxLevels + 1]int32 // weights with the m most comparisons have
	agree  [maxComparisons][maxLevels + 1]int32 // how rarely random pairs agree so, in bits; zero for levels that are no agreement
	most   [maxComparisons]int32                // of its levels
	bar    int32                                // bits by which a pair is sure
	keys   []uint32                             // by key, the comparisons whose column it asks for
}

const (
	usualM    = 0.9  // share of matches that agree in a comparison, where nothing is known
	agreeMost = 0.25 // u of a level from which it is no agreement
	sureBits  = 10   // odds by which a pair is sure, beyond those of the prior
	sureParts = 3    // and it agrees in all but one of so many parts of what could tell two things apart
	fewMates  = 0.01 // other rows of one thing a row is taken to have at least, for that
)

// evident prepares the rules for the u of a training under way.
func (e *Engine) evident(t *Training) *evident {
	v := &evident{scorer: newScorer(e.data, t.prior, e.mates())}
	prior := math.Log2(0.5 / float64(e.mates()))
	if e.sources[1] == nil {
		prior = math.Log2(max(min(e.model.file.Prior.Duplicates, 1), fewMates) / float64(e.mates()))
	}
	v.bar = fixed(sureBits - prior)
	for k := range e.plan.comparisons {
		c := &e.plan.comparisons[k]
		agrees := func(j int) bool {
			given := t.given[k].Levels[j]
			return j < len(t.given[k].Levels)-1 && t.u[k][j] < agreeMost && given.M > given.U && !e.again(k, j)
		}
		var sums [2]float64
		for j, l := range c.file.Levels {
			if agrees(j) {
				sums[0] += l.M
			} else {
				sums[1] += l.M
			}
		}
		for j, l := range c.file.Levels {
			if e.again(k, j) {
				continue
			}
			m := (1 - usualM) * l.M / sums[1]
			if agrees(j) {
				m = usualM * l.M / sums[0]
				v.agree[k][j+1] = fixed(-math.Log2(t.u[k][j]))
				v.most[k] = max(v.most[k], v.agree[k][j+1])
			}
			v.plain[k][j+1] = fixed(math.Log2(m / t.u[k][j]))
		}
	}
	v.columns(e.plan)
	return v
}

// columns notes which comparisons each key says something of.
func (v *evident) columns(p *plan) {
	v.keys = make([]uint32, len(p.keys))
	for i := range p.keys {
		for k := range p.comparisons {
			if p.keys[i].asks(p.comparisons[k].column) {
				v.keys[i] |= 1 << k
			}
		}
	}
}

// asks tells whether a key is made of a column.
func (k *key) asks(c *column) bool {
	for i := range k.single {
		if k.single[i].column == c {
			return true
		}
	}
	return k.many != nil && k.many.column == c
}

// likely tells whether the pair a worker holds looks like a match with the m most comparisons have.
func (v *evident) likely(w *worker) bool {
	sum := v.weight(w)
	return sum > 0 && sum > v.scorer.explained(w)
}

// weight gives the log2 odds that the pair a worker holds is a match, with the m most comparisons have and without the
// further explanations.
func (v *evident) weight(w *worker) int32 {
	sum := v.scorer.prior
	for k := range v.scorer.data.plan.comparisons {
		sum += v.plain[k][w.levels[k]] + w.adjust[k]
	}
	return sum
}

// but gives, for a pair a worker holds, the comparisons without which it is a match beyond doubt, one bit each, and
// whether it is one with all of them. The others agree by more bits than chance can give in a table of this size, and in
// most of what could tell two things apart: neighbours and brothers agree in much too, but not in that.
func (v *evident) but(w *worker) (without uint32, whole bool) {
	list := v.scorer.data.plan.comparisons
	var got, could [maxComparisons]int32
	agreed, possible := int32(0), int32(0)
	for k := range list {
		l := w.levels[k]
		if l == 0 {
			continue
		}
		could[k] = v.most[k]
		if bits := v.agree[k][l]; bits > 0 {
			got[k] = max(bits+w.adjust[k], 0)
			could[k] = got[k]
		}
		agreed, possible = agreed+got[k], possible+could[k]
	}
	if agreed < v.bar {
		return 0, false
	}
	enough := func(agreed, possible int32) bool {
		return agreed >= v.bar && (possible-agreed)*sureParts <= possible
	}
	sum := v.weight(w) - sureBits*unit
	for k := range list {
		if w.levels[k] > 0 && enough(agreed-got[k], possible-could[k]) && sum-v.plain[k][w.levels[k]]-w.adjust[k] >= v.scorer.explainedBut(w, k) {
			without |= 1 << k
		}
	}
	return without, enough(agreed, possible) && sum >= v.scorer.explained(w)
}

// free gives the comparisons of which some key that brings two records together says nothing.
func (v *evident) free(d *data, a, b []uint32) (out uint32) {
	for i := range d.plan.keys {
		k := &d.plan.keys[i]
		if ^v.keys[i]&^out != 0 && k.at(a) == k.at(b) && k.at(a) != 0 && d.meet(k, a, b, ^uint32(0)) {
			out |= ^v.keys[i]
		}
	}
	return out
}

// explainedBut gives what the further explanations take from the weight of a pair when one comparison is not made.
func (s *scorer) explainedBut(w *worker, k int) int32 {
	odds := 0.0
	for i := range s.data.plan.relatives {
		r := &s.data.plan.relatives[i]
		bits := r.weight(w) - r.gains[k][w.levels[k]]
		if r.shared[k] {
			bits -= w.adjust[k]
		}
		if bits > -8*unit {
			odds += power(bits)
		}
	}
	if odds == 0 {
		return 0
	}
	return fixed(math.Log2(1 + odds))
}
