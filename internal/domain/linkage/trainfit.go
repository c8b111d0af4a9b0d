package linkage

import (
	"cmp"
	"math"
	"slices"

	"tepat/internal/kit/fail"
)

// evidence is what one pair says that does not change while m is fitted: the levels of its comparisons, four bits
// each, what the frequencies of its values add, and what the relatives take, in whole bits.
type evidence struct {
	levels uint64
	adjust int8
	taken  uint8
}

func (x evidence) level(k int) int { return int(x.levels >> (4 * k) & 15) }

// heap is how often each evidence stands among the pairs, in a fixed order, and the levels of the pairs that are matches
// beyond doubt.
type heap struct {
	list   []evidence
	counts []float64
	sure   tally // by comparison, of pairs that are sure without it, in parts of sureUnit
	all    tally // the same of pairs that are sure with all comparisons
	whole  int64 // and how many these are
}

// sureUnit is what one pair counts in the levels of sure pairs, of which those that are of a variant are a part.
const sureUnit = 1 << 10

// found is what a task of training brings home.
type foundPairs struct {
	evidence map[evidence]int64
	sure     tally
	all      tally
	whole    int64
}

// gather counts the evidence of all pairs the keys bring together, but those the model holds to be hopeless.
func (e *Engine) gather(t *Training) (heap, error) {
	v := e.evident(t)
	s := v.scorer
	s.keepFrom(-hopeless * unit)
	total := map[evidence]int64{}
	b := newBlocker(e.data)
	b.skip = e.doublesOf().out
	n := len(e.plan.comparisons)
	h := heap{sure: make(tally, n), all: make(tally, n)}
	visit := func(at *meeting, own *foundPairs) {
		if own.evidence == nil {
			*own = foundPairs{evidence: map[evidence]int64{}, sure: make(tally, n), all: make(tally, n)}
		}
		if !at.kept {
			return
		}
		own.evidence[e.evidenceOf(at.worker, at.weight)]++
		own.count(e.data, v, at)
	}
	err := search(e, b, s, 0, len(e.plan.keys), visit, func(_ int, own *foundPairs) error {
		for x, n := range own.evidence {
			total[x] += n
		}
		h.sure.add(own.sure)
		h.all.add(own.all)
		h.whole += own.whole
		return nil
	})
	if err != nil {
		return h, err
	}
	for x := range total {
		h.list = append(h.list, x)
	}
	slices.SortFunc(h.list, func(x, y evidence) int {
		return cmp.Or(cmp.Compare(x.levels, y.levels), cmp.Compare(x.adjust, y.adjust), cmp.Compare(x.taken, y.taken))
	})
	for _, x := range h.list {
		h.counts = append(h.counts, float64(total[x]))
	}
	return h, nil
}

// evidenceOf gives the evidence of the pair a worker holds.
func (e *Engine) evidenceOf(w *worker, weight int32) evidence {
	x := evidence{taken: uint8(min(max((w.sum-weight+unit/2)/unit, 0), 255))}
	sum := w.varied
	for k := range e.plan.comparisons {
		x.levels |= uint64(w.levels[k]) << (4 * k)
		sum += w.adjust[k]
	}
	x.adjust = int8(min(max((sum+unit/2)>>10, -127), 127))
	return x
}

// count counts a pair at its levels of the comparisons without which it is a match beyond doubt. A comparison whose column
// is part of every key the pair shares does not count: had it differed, the pair would not be there.
func (own *foundPairs) count(d *data, v *evident, at *meeting) {
	without, whole := v.but(at.worker)
	if without == 0 && !whole {
		return
	}
	without &= v.free(d, at.a, at.b)
	part := int64(math.Round(sureUnit * power(-at.worker.varied))) // the rest is a variant, whose levels are the model's
	for k := range own.sure {
		if without>>k&1 != 0 {
			own.sure[k][at.usual(k)] += part
		}
		if whole {
			own.all[k][at.usual(k)] += part
		}
	}
	if whole {
		own.whole++
	}
}

const (
	fewestFound  = 20   // pairs beyond doubt, or labelled, that a fit needs
	pseudo       = 10   // matches the model's own m is worth beside those of the data
	commonLevel  = 0.01 // u of a level that is common among random pairs
	mostRounds   = 100
	roundsSettle = 1e-4 // change of the matches at which a fit ends
	hopeless     = 25   // pairs with a weight this far below even odds do not count
	sureShare    = 0.1  // of all matches at least so many are beyond doubt
)

// fitM fits m, then counts the matches.
func (e *Engine) fitM(t *Training) error {
	h, err := e.gather(t)
	if err != nil {
		return err
	}
	t.labels, t.Labels = e.labelled()
	t.Patterns, t.Sure, t.m, t.pairs = len(h.list), h.whole, nil, nil
	if h.whole+int64(t.Labels.Same) < fewestFound {
		return fail.Invalid("linkage.train_pairs", "pairs", int(h.whole), "labels", t.Labels.Same, "least", fewestFound)
	}
	for k := range e.plan.comparisons {
		t.m = append(t.m, e.settleM(t, &h, k))
	}
	return e.fitPrior(t, &h)
}

// keepPrior leaves the prior as the model has it: the fit rests on labels, and those are of pairs somebody was shown, which say
// nothing of how many matches there are.
func (e *Engine) keepPrior(t *Training) {
	prior := e.model.file.Prior
	t.prior, t.Prior, t.Matches = e.prior(), prior.Duplicates, prior.Duplicates*float64(e.n)/2
	if e.sources[1] != nil {
		t.Prior, t.Matches = prior.Listed, prior.Listed*float64(e.left)
	}
}

// fitPrior counts the matches and takes their share of all pairs for the prior, in turn, until it settles.
func (e *Engine) fitPrior(t *Training, h *heap) error {
	if h.whole < fewestFound {
		e.keepPrior(t)
		return nil
	}
	pairs := float64(e.n) * float64(e.n-1) / 2
	if e.sources[1] != nil {
		pairs = float64(e.left) * float64(e.n-e.left)
	}
	sure := float64(max(h.whole, 1))
	t.Matches = sure
	for t.Rounds = 1; t.Rounds < mostRounds; t.Rounds++ {
		if err := e.options.stopped(); err != nil {
			return err
		}
		before := t.Matches
		t.prior = math.Log2(before / pairs)
		t.Matches = min(max(t.believed(h), sure), sure/sureShare)
		if math.Abs(t.Matches-before) < roundsSettle*t.Matches {
			break
		}
	}
	t.Prior = 2 * t.Matches / float64(e.n)
	if e.sources[1] != nil {
		t.Prior = min(max(t.Matches/float64(e.left), 0.01), 0.99)
	}
	return nil
}

// settleM turns the levels of sure pairs into m, beside the labels and the model's own. Levels that ask for other
// columns are counted on pairs that are sure with all comparisons: without this one, those they are of seldom are.
func (e *Engine) settleM(t *Training, h *heap, k int) []float64 {
	c := &e.plan.comparisons[k]
	m, sum := make([]float64, len(t.u[k])), 0.0
	sure, all := h.sure.total(k), h.all.total(k)
	t.pairs = append(t.pairs, h.sure.total(k)/sureUnit+labelledPairs(t.labels[k]))
	for j, l := range t.given[k].Levels {
		m[j] = pseudo*min(l.M, t.u[k][j]*l.M/l.U) + t.labels[k][j]
		if t.u[k][j] >= commonLevel { // what was seen of no match speaks against one by what their number allows
			m[j] += 0.5
		}
		if c.aside(j) && all > 0 {
			m[j] += float64(h.all[k][j+1]) / all * sure / sureUnit
		} else {
			m[j] += float64(h.sure[k][j+1]) / sureUnit
		}
		sum += m[j]
	}
	for j := range m {
		m[j] /= sum
		if e.again(k, j) {
			t.u[k][j] = m[j]
		}
	}
	fill(t.u[k], len(m)-2)
	if s := t.shrunk[k]; s.level >= 0 {
		m[s.level] *= s.by
		fill(m, s.level)
	}
	return m
}

// labelledPairs gives how many labels name a level of a comparison.
func labelledPairs(list []float64) (sum float64) {
	for _, x := range list {
		sum += x
	}
	return sum
}

// total gives how often the pairs have any level of a comparison.
func (t tally) total(k int) (sum float64) {
	for _, n := range t[k][1:] {
		sum += float64(n)
	}
	return sum
}

func (t tally) add(o tally) {
	for k := range o {
		for l, n := range o[k] {
			t[k][l] += n
		}
	}
}

// believed counts the matches among all evidence with m, u and the prior as they are.
func (t *Training) believed(h *heap) (matches float64) {
	bits := make([][]float64, len(t.m))
	for k := range t.m {
		for j := range t.m[k] {
			bits[k] = append(bits[k], math.Log2(t.m[k][j]/t.u[k][j]))
		}
	}
	for i, x := range h.list {
		w := t.prior + float64(x.adjust) - float64(x.taken)
		for k := range bits {
			if l := x.level(k); l > 0 {
				w += bits[k][l-1]
			}
		}
		matches += h.counts[i] / (1 + math.Exp2(-w))
	}
	return matches
}
