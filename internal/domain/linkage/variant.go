package linkage

import "math"

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

// vary works out the gains of the variants and finds the comparisons they need, and the last of them, -1 for none.
func (p *plan) vary() (last int, all uint32) {
	last = -1
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
			last, all = max(last, k), all|1<<k
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
	return last, all
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
func (p *plan) varied(w *worker) int32 {
	odds := 0.0
	for i := range p.variants {
		if bits := p.variants[i].weight(w); bits > -4*unit {
			odds += power(bits)
		}
	}
	if odds == 0 {
		return 0
	}
	return min(fixed(math.Log2(1+odds)), variantGain*unit)
}

// mostVaried gives a bound of what the variants and the last comparison they need can add to any pair.
func (s *scorer) mostVaried() int32 {
	if s.last < 0 {
		return 0
	}
	return s.most[s.last] + variantGain*unit
}

// vary puts what the variants can add now, some comparisons being done, in the place of what they could, and gives up pairs
// that cannot reach the floor any more. What they can add is another than before only where news says so.
func (s *scorer) vary(list []pair, done uint32, news bool) []pair {
	if s.last < 0 {
		return s.hopeful(list)
	}
	told, first := done>>s.last&1 != 0, s.mostVaried() // told, what they could add tells of a comparison that is counted already
	for i := range list {
		x := &list[i]
		if !news && x.tail != first {
			continue
		}
		// If it reaches the floor without them, or not even with all they could add, they need not be asked.
		if x.sum+x.rest-x.tail < s.floor && (told || x.sum+x.rest >= s.floor) {
			tail := s.tail(x, done)
			x.rest, x.tail = x.rest+tail-x.tail, tail
		}
	}
	return s.hopeful(list)
}

// tail gives a bound of what the variants and the last comparison they need, if it is not done, can add to a pair. The two
// are told together, for the level that speaks for a match most often speaks against its being of another kind.
func (s *scorer) tail(x *pair, done uint32) int32 {
	var room [4]int32
	odds := room[:0] // of the variants, without the last comparison
	for i := range s.data.plan.variants {
		odds = append(odds, s.data.plan.variants[i].odds(x, done&^(1<<s.last), s.last))
	}
	c := &s.data.plan.comparisons[s.last]
	switch {
	case done>>s.last&1 != 0:
		return s.variedAt(odds, x.levels[s.last])
	case !c.has(x.a) || !c.has(x.b):
		return s.variedAt(odds, 0)
	}
	tops := c.tops
	if c.kind.tabled() && x.a[c.at] != x.b[c.at] {
		if s.tails != nil && s.most[s.last] == c.gain {
			return s.tails[min(max((odds[0]-tailsFrom)/excessStep+1, 0), int32(len(s.tails)-1))]
		}
		tops = c.others
	}
	left := s.leftOf(s.last)
	most, rare := int32(math.MinInt32), left.of(x)
	for _, t := range tops {
		most = max(most, min(t.most, rare)+s.variedAt(odds, t.level))
	}
	return most
}

// tailsFrom are the odds of the variant, without the last comparison it needs, at which tails begin; they go up by steps of excess.
const tailsFrom = -24 * unit

// tailsOf works out what tail is for two different values of the last comparison, by the odds of the variant without it: those
// of a step hold for all below it. Nil where there are several variants, or the comparison is not of texts.
func (s *scorer) tailsOf() []int32 {
	if len(s.data.plan.variants) != 1 || s.last < 0 || !s.data.plan.comparisons[s.last].kind.tabled() {
		return nil
	}
	list := make([]int32, 48*unit/excessStep)
	for i := range list {
		odds, most := []int32{tailsFrom + int32(i)*excessStep}, int32(math.MinInt32)
		for _, t := range s.data.plan.comparisons[s.last].others {
			adds := s.variedAt(odds, t.level)
			if i == len(list)-1 {
				adds = variantGain * unit // for all above it
			}
			most = max(most, t.most+adds)
		}
		list[i] = most
	}
	return list
}

// odds gives a bound of the log2 odds of a variant, without one comparison.
func (v *variant) odds(x *pair, done uint32, without int) int32 {
	sum := v.prior
	for _, k := range v.listed {
		switch {
		case k == without:
		case done>>k&1 != 0:
			sum += v.gains[k][x.levels[k]]
		default:
			sum += v.most[k]
		}
	}
	return sum
}

// variedAt gives a bound of what the variants add when the last comparison they need is at a level.
func (s *scorer) variedAt(odds []int32, level uint8) int32 {
	sum := int32(0)
	for i, o := range odds {
		sum = plus(sum, o+s.data.plan.variants[i].gains[s.last][level])
	}
	return min(sum, variantGain*unit)
}

// plus gives a bound of the log2 of the sum of two odds, close above it.
func plus(a, b int32) int32 {
	if a < b {
		a, b = b, a
	}
	return a + excess[min((a-b)/excessStep, int32(len(excess)-1))]
}

const excessStep = unit / 8

// excess is what the log2 of a sum of two odds is above that of the larger, by how much this is above the other.
var excess = func() (list [128]int32) {
	for i := range list {
		list[i] = int32(math.Ceil(math.Log2(1+math.Exp2(-float64(i)/8))*unit)) + 1
	}
	return list
}()
