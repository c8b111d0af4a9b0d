package linkage

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/parallel"
)

// Training is a model fitted to the tables of an engine.
type Training struct {
	Text     []byte      `json:"-"`        // the model's file with new numbers, its comments kept
	Matches  float64     `json:"matches"`  // pairs believed to be one
	Prior    float64     `json:"prior"`    // other rows of one thing a row has; with a reference the share of rows in it
	Rounds   int         `json:"rounds"`   // until the fit settled
	Patterns int         `json:"patterns"` // different evidence among the pairs
	Random   int64       `json:"random"`   // random pairs u was counted on
	Levels   []LevelFit  `json:"levels"`
	Labels   LabelReport `json:"labels"`
	m, u     [][]float64 // by comparison of the plan and level
	labels   [][]float64 // pairs labelled as one, by the same
}

// LevelFit is what training made of one level.
type LevelFit struct {
	Comparison string  `json:"comparison"`
	Level      string  `json:"level"`
	M          float64 `json:"m"`
	U          float64 `json:"u"`
	Bits       float64 `json:"bits"`
	Before     float64 `json:"bits_before"`
}

const (
	randomPairs  = 1 << 18 // random pairs u is counted on
	sureCount    = 20      // a level seen this often among random pairs has its u from them
	fewestFound  = 10      // matches a fit needs
	pseudo       = 100     // matches the model's own m is worth beside those of the data
	mostRounds   = 100
	roundsSettle = 1e-4 // change of the matches at which a fit ends
	hopeless     = 25   // pairs with a weight this far below even odds do not count
	priorMove    = 5    // bits the prior may move from the model's own
)

// Train fits u and m to the tables at hand. u is counted on random pairs, and exactly from the frequencies where a
// level is equality of a text or name; levels too rare for that keep the model's. m and the prior are fitted by EM
// on the counts of patterns of the pairs the keys bring together, with u, the frequencies and the relatives fixed. Of
// many rows that hold the same one counts.
// The result does not depend on the number of workers or the order of the rows.
//
// Errors: linkage.train_pairs (fact pairs) when too few pairs are believed to be one; that of Options.Stop.
func (e *Engine) Train() (Training, error) {
	t := Training{}
	e.plan.relate(e.mates())
	if err := e.fitU(&t); err != nil {
		return t, err
	}
	if err := e.fitM(&t); err != nil {
		return t, err
	}
	for k := range e.plan.comparisons {
		c := e.plan.comparisons[k].file
		for j, l := range c.Levels {
			t.Levels = append(t.Levels, LevelFit{
				Comparison: c.Name, Level: l.Level, M: t.m[k][j], U: t.u[k][j], Bits: math.Log2(t.m[k][j] / t.u[k][j]), Before: math.Log2(l.M / l.U),
			})
		}
	}
	slices.SortStableFunc(t.Levels, func(x, y LevelFit) int {
		return cmp.Compare(e.model.comparison(x.Comparison), e.model.comparison(y.Comparison))
	})
	var err error
	t.Text, err = e.rewrite(&t)
	return t, err
}

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

// fitU counts the levels of random pairs: each row with those a few places behind it in random order.
func (e *Engine) fitU(t *Training) error {
	sides := e.randomOrder()
	left, right := sides[0], sides[0]
	if e.sources[1] != nil {
		right = sides[1]
	}
	steps := max(1, min(randomPairs/len(left), len(right)-1))
	counts := make([][maxLevels + 1]int64, len(e.plan.comparisons))
	s := newScorer(e.data, e.prior(), e.mates())
	err := parallel.ChunksWith(e.options.Workers, func() *worker { return newWorker(e.data) }, parallel.Split(seq(len(left)), 4096),
		func(w *worker, chunk []int32) *[][maxLevels + 1]int64 {
			own := make([][maxLevels + 1]int64, len(counts))
			for _, at := range chunk {
				for step := 1; step <= steps; step++ {
					other := right[(int(at)+step*7919)%len(right)]
					if other != left[at] {
						w.tally(s, e.record(int(left[at])), e.record(int(other)), own)
					}
				}
			}
			return &own
		}, func(own *[][maxLevels + 1]int64) error {
			for k := range counts {
				for l, n := range (*own)[k] {
					counts[k][l] += n
				}
			}
			return e.options.stopped()
		})
	if err != nil {
		return err
	}
	for k := range e.plan.comparisons {
		t.u = append(t.u, e.settleU(k, &counts[k]))
		for _, n := range counts[k] {
			if k == 0 {
				t.Random += n
			}
		}
	}
	return nil
}

func seq(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i)
	}
	return list
}

// tally counts the levels of a random pair, unless the model as it is holds it to be a match: in small tables
// some random pairs are.
func (w *worker) tally(s *scorer, a, b []uint32, counts [][maxLevels + 1]int64) {
	if weight, _ := s.pair(w, a, b); weight > 0 {
		return
	}
	for k := range counts {
		counts[k][w.levels[k]]++
	}
}

// settleU turns counts into u; the last level takes what the others leave.
func (e *Engine) settleU(k int, counts *[maxLevels + 1]int64) []float64 {
	c := e.plan.comparisons[k].file
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
			u[j] = min(c.Levels[j].U, (n+3)/total)
		}
		sum += u[j]
	}
	if exact := e.equalShare(k); exact > 0 {
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
	return min(equal/(left*right), c.file.Levels[0].U*8) // duplicates themselves are among the equal ones
}

// evidence is what one pair says that does not change while m is fitted: the levels of its comparisons, four bits
// each, what the frequencies of its values add, and what the relatives take, in whole bits.
type evidence struct {
	levels uint64
	adjust int8
	taken  uint8
}

func (x evidence) level(k int) int { return int(x.levels >> (4 * k) & 15) }

// heap is how often each evidence stands among the pairs, in a fixed order.
type heap struct {
	list   []evidence
	counts []float64
}

// gather counts the evidence of all pairs the keys bring together, but those the model holds to be hopeless.
func (e *Engine) gather() (heap, error) {
	s := newScorer(e.data, e.prior(), e.mates())
	s.floor = -hopeless * unit
	total := map[evidence]int64{}
	b := newBlocker(e.data)
	b.skip = e.doublesOf().out
	visit := func(v *meeting, own *map[evidence]int64) {
		if *own == nil {
			*own = map[evidence]int64{}
		}
		weight, kept := v.scorer.pair(v.worker, v.a, v.b)
		if !kept {
			return
		}
		x := evidence{taken: uint8(min(max((v.sum-weight+unit/2)/unit, 0), 255))}
		sum := v.worker.varied
		for k := range e.plan.comparisons {
			x.levels |= uint64(v.worker.levels[k]) << (4 * k)
			sum += v.adjust[k]
		}
		x.adjust = int8(min(max((sum+unit/2)>>10, -127), 127))
		(*own)[x]++
	}
	err := search(e, b, s, 0, len(e.plan.keys), visit, func(_ int, own *map[evidence]int64) error {
		for x, n := range *own {
			total[x] += n
		}
		return nil
	})
	var h heap
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

// fitM goes round: what the pairs are believed to be gives m and the prior, and these give the belief. All pairs the
// keys bring together count, each with its whole evidence, so that a key's own columns need not be left out: whether
// rows meet depends on what they hold, not on what they are. Matches no key brings together are missing from m.
func (e *Engine) fitM(t *Training) error {
	h, err := e.gather()
	if err != nil {
		return err
	}
	t.labels, t.Labels = e.labelled()
	t.Patterns = len(h.list)
	prior, pairs := e.prior(), float64(e.n)*float64(e.n-1)/2
	if e.sources[1] != nil {
		pairs = float64(e.left) * float64(e.n-e.left)
	}
	for k := range e.plan.comparisons {
		var m []float64
		for _, l := range e.plan.comparisons[k].file.Levels {
			m = append(m, l.M)
		}
		t.m = append(t.m, m)
	}
	for t.Rounds = 1; t.Rounds < mostRounds; t.Rounds++ {
		if err := e.options.stopped(); err != nil {
			return err
		}
		before := t.Matches
		next := e.believe(t, &h, prior)
		if t.Matches < fewestFound {
			return fail.Invalid("linkage.train_pairs", "pairs", int(t.Matches))
		}
		t.m = next
		p := math.Log2(t.Matches / pairs)
		prior = min(max(p, e.prior()-priorMove), e.prior()+priorMove)
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

// believe weighs all evidence with m as it is and gives the m that follows, pulled to the model's own by some
// matches' worth. A level whose weight follows the frequency of the value keeps the u its frequency was taken with.
func (e *Engine) believe(t *Training, h *heap, prior float64) [][]float64 {
	n := len(e.plan.comparisons)
	bits, counts := make([][]float64, n), make([][]float64, n)
	for k := range e.plan.comparisons {
		c := &e.plan.comparisons[k]
		for j, l := range c.file.Levels {
			u := t.u[k][j]
			if c.rarity[j+1] && c.file.Frequency.Kind == "share" {
				u = l.U
			}
			bits[k] = append(bits[k], math.Log2(t.m[k][j]/u))
			counts[k] = append(counts[k], pseudo*l.M+t.labels[k][j])
		}
	}
	t.Matches = 0
	for i, x := range h.list {
		w := prior + float64(x.adjust) - float64(x.taken)
		for k := range bits {
			if l := x.level(k); l > 0 {
				w += bits[k][l-1]
			}
		}
		belief := h.counts[i] / (1 + math.Exp2(-w))
		t.Matches += belief
		for k := range counts {
			if l := x.level(k); l > 0 {
				counts[k][l-1] += belief
			}
		}
	}
	for k := range counts {
		total := 0.0
		for _, v := range counts[k] {
			total += v
		}
		for j := range counts[k] {
			counts[k][j] /= total
		}
	}
	return counts
}

// rewrite puts the new numbers into the model's file, whose comments and order stay.
func (e *Engine) rewrite(t *Training) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(e.model.text, &root); err != nil {
		return nil, fail.Invalid("linkage.model_syntax", "detail", detail(err)).Because(err)
	}
	if version := child(root.Content[0], "version"); version != nil {
		version.SetString(e.model.file.Version + "-trained")
	}
	list := child(root.Content[0], "comparisons")
	for k := range e.plan.comparisons {
		c := &e.plan.comparisons[k]
		levels := child(list.Content[e.model.comparison(c.file.Name)], "levels")
		for j := range c.file.Levels {
			setNumber(levels.Content[j], "m", t.m[k][j])
			setNumber(levels.Content[j], "u", t.u[k][j])
		}
	}
	e.setPrior(root.Content[0], t.Prior)
	var out bytes.Buffer
	w := yaml.NewEncoder(&out)
	w.SetIndent(2)
	if err := w.Encode(&root); err != nil {
		return nil, err
	}
	return out.Bytes(), w.Close()
}

// child gives the value of a mapping's field, or nil.
func child(node *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i+1]
		}
	}
	return nil
}

func setNumber(level *yaml.Node, name string, v float64) {
	if at := child(level, name); at != nil {
		at.Tag, at.Style = "!!float", 0
		at.Value = strconv.FormatFloat(max(v, 1e-12), 'g', 4, 64)
		if f, err := strconv.ParseFloat(at.Value, 64); err == nil && f == math.Trunc(f) {
			at.Tag = ""
		}
	}
}

func (e *Engine) setPrior(top *yaml.Node, prior float64) {
	name := "duplicates"
	if e.sources[1] != nil {
		name = "listed"
	}
	if child(top, "prior") == nil {
		top.Content = append(top.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "prior"}, &yaml.Node{Kind: yaml.MappingNode})
	}
	at := child(top, "prior")
	if child(at, name) == nil {
		at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, &yaml.Node{Kind: yaml.ScalarNode})
	}
	setNumber(at, name, prior)
}
