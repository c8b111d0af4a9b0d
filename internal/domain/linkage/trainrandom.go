package linkage

import (
	"cmp"
	"math"
	"slices"

	"tepat/internal/kit/parallel"
)

const (
	randomPairs = 1 << 18 // random pairs u is counted on
	sureCount   = 20      // a level seen this often among random pairs has its u from them
	asideMost   = 0.05    // the largest u of a level that asks for further columns
	fewBehind   = 1000    // random pairs behind such a level that are too few to tell their u
)

// randomOrder gives the rows of each table in an order that depends on their ids alone.
func (e *Engine) randomOrder() (sides [2][]int32) {
	hashes := make([]uint64, e.n)
	var fields [][]byte
	for i := range e.n {
		fields = e.fields(i, fields)
		hashes[i] = e.idHash(i, fields)
		sides[e.side(i)] = append(sides[e.side(i)], int32(i))
	}
	for _, list := range sides {
		slices.SortFunc(list, func(a, b int32) int { return cmp.Compare(hashes[a], hashes[b]) })
	}
	return sides
}

// tally is how often random pairs are at each level of each comparison of the plan; zero is a side without a value.
type tally [][maxLevels + 1]int64

// fitU counts the levels of random pairs twice: first of all of them, then, with the u that gives, of those that do not
// look like matches. In a small table some random pairs are matches, and more than chance alone makes agree.
func (e *Engine) fitU(t *Training) error {
	sides := e.randomOrder()
	var but *evident
	for range 2 {
		counts, err := e.random(sides, but)
		if err != nil {
			return err
		}
		t.u, t.shrunk, t.Random = nil, nil, 0
		for k := range counts {
			t.u = append(t.u, e.settleU(t.given[k], k, &counts[k]))
			t.settleAside(&e.plan.comparisons[k], k, &counts[k])
		}
		for _, n := range counts[0] {
			t.Random += n
		}
		e.take(t)
		but = e.evident(t)
	}
	return nil
}

// settleAside makes a level small that asks for further columns and is that of many random pairs, as those are whose NIKs
// carry their own dates. The pairs at the levels behind it are those that lack the further column, and u should be of them;
// where these are few it is the model's.
func (t *Training) settleAside(c *comparison, k int, counts *[maxLevels + 1]int64) {
	u, behind := t.u[k], int64(0)
	t.shrunk = append(t.shrunk, shrunk{level: -1, by: 1})
	for j := len(u) - 1; j >= 0; behind, j = behind+counts[j+1], j-1 {
		if !c.aside(j) || u[j] <= asideMost {
			continue
		}
		t.shrunk[k] = shrunk{level: j, by: asideMost / u[j]}
		u[j] = asideMost
		for i := j + 1; i < len(u) && behind < fewBehind; i++ {
			u[i] = t.given[k].Levels[i].U
		}
		fill(u, j)
		return
	}
}

// shrunk is a level whose m and u were made smaller by one factor; -1 for none.
type shrunk struct {
	level int
	by    float64
}

// random compares each row with those a few places behind it in random order, and counts what does not look like a match.
func (e *Engine) random(sides [2][]int32, but *evident) (tally, error) {
	left, right := sides[0], sides[0]
	if e.sources[1] != nil {
		right = sides[1]
	}
	steps := max(1, min(randomPairs/len(left), len(right)-1))
	counts := make(tally, len(e.plan.comparisons))
	s := newScorer(e.data, e.prior(), e.mates())
	err := parallel.ChunksWith(e.options.Workers, func() *worker { return newWorker(e.data) }, parallel.Split(seq(len(left)), 4096),
		func(w *worker, chunk []int32) *tally {
			own := make(tally, len(counts))
			for _, at := range chunk {
				for step := 1; step <= steps; step++ {
					other := right[(int(at)+step*7919)%len(right)]
					if other != left[at] {
						w.tally(s, e.record(int(left[at])), e.record(int(other)), own, but)
					}
				}
			}
			return &own
		}, func(own *tally) error {
			counts.add(*own)
			return e.options.stopped()
		})
	return counts, err
}

func seq(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i)
	}
	return list
}

// tally counts the levels of a random pair, unless it looks like a match.
func (w *worker) tally(s *scorer, a, b []uint32, counts tally, but *evident) {
	s.compare(w, a, b)
	if but != nil && but.likely(w) {
		return
	}
	for k := range counts {
		counts[k][w.usual(k)]++
	}
}

// usual gives the level of a comparison of the pair a worker holds, or none where the value is a crowd's: what it is
// worth is worked out from how many hold it, and it says nothing of the level.
func (w *worker) usual(k int) uint8 {
	q := w.data.plan.comparisons[k].file.Frequency
	if q != nil && q.Kind == "crowd" && w.adjust[k] != 0 {
		return 0
	}
	return w.levels[k]
}

// settleU turns counts into u; the last level takes what the others leave. A level too rare among random pairs to be
// counted keeps the model's u, as far as the count allows it.
func (e *Engine) settleU(c *comparisonFile, k int, counts *[maxLevels + 1]int64) []float64 {
	total := 0.0
	for _, n := range counts[1:] {
		total += float64(n)
	}
	u := make([]float64, len(c.Levels))
	sum := 0.0
	for j := range c.Levels[:len(u)-1] {
		n := float64(counts[j+1])
		switch {
		case total == 0:
			u[j] = c.Levels[j].U
		case n >= sureCount:
			u[j] = n / total
		default:
			u[j] = min(max(c.Levels[j].U, (n-3*math.Sqrt(n))/total), (n+3)/total)
		}
		sum += u[j]
	}
	if exact := e.equalShare(k); exact > 0 && total > 0 {
		n := float64(counts[1]) // duplicates are among the equal ones, and not among the random pairs
		exact = min(max(exact, (n-3*math.Sqrt(n))/total, 1e-9), (n+3*math.Sqrt(n)+3)/total)
		sum += exact - u[0]
		u[0] = exact
	}
	u[len(u)-1] = max(1-sum, 1e-6)
	return u
}

// equalShare gives the share of random pairs that have one value, when that is what the first level of a
// comparison of texts or names asks; zero otherwise.
func (e *Engine) equalShare(k int) float64 {
	c := &e.plan.comparisons[k]
	first := c.calls[0]
	if !c.column.kind.tabled() || first.operator != 0 || first.call.name != "equal" && first.call.name != "same_words" {
		return 0
	}
	t := e.table(c.column)
	equal, left, right := 0.0, 0.0, 0.0
	for v := 1; v < t.size(); v++ {
		a, b := float64(t.counts[0][v]), float64(t.counts[1][v])
		left, right = left+a, right+b
		if e.sources[1] != nil {
			equal += a * b
		} else {
			equal += a * (a - 1)
		}
	}
	if e.sources[1] == nil {
		right = left - 1
	}
	if left*right <= 0 {
		return 0
	}
	return equal / (left * right)
}
