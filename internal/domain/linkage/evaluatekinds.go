package linkage

import (
	"cmp"
	"slices"
	"strings"

	"tepat/internal/kit/fail"
)

// Slice is how a part of the true pairs fares: those of one kind of error, or of one group of names.
type Slice struct {
	Name      string  `json:"name"`
	True      int64   `json:"true"`  // pairs of one label
	Right     int64   `json:"right"` // of them, those found at the model's own bar
	Unmet     int64   `json:"unmet"` // of them, those no key brings together
	Found     int64   `json:"found"` // pairs found of the slice, right or wrong
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

func (s *Slice) rate() {
	if s.Found > 0 {
		s.Precision = float64(s.Right) / float64(s.Found)
	}
	if s.True > 0 {
		s.Recall = float64(s.Right) / float64(s.True)
	}
}

// KeyWorth says what a key is worth among the true pairs.
type KeyWorth struct {
	Key   string `json:"key"`
	Meet  int64  `json:"meet"`  // true pairs that share a value of it
	First int64  `json:"first"` // of them, those no earlier key brings together
	Alone int64  `json:"alone"` // of them, those no other key brings together: missed without it
}

// Close is how often rows of two labels that are of one mark, twins say, are held to be one.
type Close struct {
	Mark   string `json:"mark"`
	Rows   int64  `json:"rows"`   // rows with the mark
	Merged int64  `json:"merged"` // of them, those found as one with a row of another label
}

// Breakdown is an evaluation by kinds of errors, groups of names and keys.
type Breakdown struct {
	Kinds  []Slice    `json:"kinds"`  // by the levels of the kinds' comparisons most matches are not at; the most frequent first
	Groups []Slice    `json:"groups"` // by the group of the name of the pair's first row
	Keys   []KeyWorth `json:"keys"`
	Close  []Close    `json:"close,omitempty"`
}

// mostKinds is how many kinds of errors are told; the rest are added up.
const mostKinds = 24

// Marks reads a column that marks rows, "twin" or "namesake" say; rows without a value have none.
// Errors: linkage.id_missing (facts column, header).
func (e *Engine) Marks(column string) ([]string, error) {
	header := e.sources[0].Header()
	at := slices.IndexFunc(header, func(h string) bool { return sameHeader(h, column) })
	if at < 0 {
		return nil, fail.Invalid("linkage.id_missing", "column", column, "header", strings.Join(header, ", "))
	}
	marks := make([]string, e.left)
	var fields [][]byte
	for row := range e.left {
		if fields = e.fields(row, fields); at < len(fields) {
			marks[row] = string(fields[at])
		}
	}
	return marks, nil
}

// found is what a run holds to be one: the cluster of each row, or the row of the reference it is linked to.
type held []int32

// together tells whether two rows are held to be one.
func (h held) together(a, b int32) bool { return h[a] != 0 && h[a] == h[b] }

func (e *Engine) heldDoubles(d *Doubles) held {
	h := make(held, e.n)
	for i, c := range d.Clusters {
		for _, row := range c {
			h[row] = int32(i + 1)
		}
	}
	return h
}

// heldLinks gives each row of the first table the place of the one it is linked to, and those of the reference their own.
func (e *Engine) heldLinks(links *Links) held {
	h := make(held, e.n)
	for row := e.left; row < e.n; row++ {
		h[row] = int32(row)
	}
	for i := range links.Matches {
		if m := &links.Matches[i]; m.Status == Linked {
			h[i] = m.Reference + int32(e.left)
		}
	}
	return h
}

// BreakDoubles breaks down what Dedupe found; marks may be nil. Errors: that of Options.Stop.
func (e *Engine) BreakDoubles(d *Doubles, l *Labels, marks []string) (Breakdown, error) {
	b := newBreaker(e, l, e.heldDoubles(d))
	for _, c := range d.Clusters {
		for i, x := range c {
			for _, y := range c[:i] {
				b.find(x, y, marks)
			}
		}
	}
	return b.finish(marks)
}

// BreakLinks breaks down what Link found; marks may be nil. Errors: that of Options.Stop.
func (e *Engine) BreakLinks(links *Links, l *Labels, marks []string) (Breakdown, error) {
	b := newBreaker(e, l, e.heldLinks(links))
	for i := range links.Matches {
		if m := &links.Matches[i]; m.Status == Linked {
			b.find(int32(i), m.Reference+int32(e.left), marks)
		}
	}
	return b.finish(marks)
}

// breaker adds up true and found pairs.
type breaker struct {
	e      *Engine
	labels *Labels
	held   held
	worker *worker
	scorer *scorer
	kinds  map[string]*Slice
	groups map[string]*Slice
	keys   []KeyWorth
	merged map[int32]bool
	told   []int                 // the comparisons kinds are told by
	best   [maxComparisons]uint8 // the level most matches are at
	name   *column
}

func newBreaker(e *Engine, l *Labels, h held) *breaker {
	b := &breaker{
		e: e, labels: l, held: h, worker: newWorker(e.data), scorer: newScorer(e.data, e.prior(), e.mates()),
		kinds: map[string]*Slice{}, groups: map[string]*Slice{}, merged: map[int32]bool{},
	}
	for k := range e.plan.comparisons {
		levels := e.plan.comparisons[k].file.Levels
		b.best[k] = 1 + uint8(slices.IndexFunc(levels, func(l levelFile) bool {
			return !slices.ContainsFunc(levels, func(o levelFile) bool { return o.M > l.M })
		}))
		if list := e.model.file.Evaluate.Kinds; len(list) == 0 || slices.Contains(list, e.plan.comparisons[k].file.Name) {
			b.told = append(b.told, k)
		}
	}
	slices.SortFunc(b.told, func(x, y int) int {
		return cmp.Compare(e.model.comparison(e.plan.comparisons[x].file.Name), e.model.comparison(e.plan.comparisons[y].file.Name))
	})
	if e.model.file.Evaluate.Groups != "" {
		b.name = e.plan.of(e.model.file.Evaluate.Groups)
	}
	for _, k := range e.plan.keys {
		b.keys = append(b.keys, KeyWorth{Key: k.text})
	}
	return b
}

func slice(of map[string]*Slice, name string) *Slice {
	s := of[name]
	if s == nil {
		s = &Slice{Name: name}
		of[name] = s
	}
	return s
}

// kind tells by which levels a pair does not agree as most matches do: "nik=one_digit, birth=missing".
func (b *breaker) kind(x, y int32) string {
	b.scorer.pair(b.worker, b.e.record(int(x)), b.e.record(int(y)))
	var parts []string
	for _, k := range b.told {
		c := b.e.plan.comparisons[k].file
		switch l := b.worker.levels[k]; {
		case l == 0:
			parts = append(parts, c.Name+"=missing")
		case l != b.best[k]:
			parts = append(parts, c.Name+"="+c.Levels[l-1].Level)
		}
	}
	return strings.Join(parts, ", ")
}

// group names the group of a row's name.
func (b *breaker) group(row int32) string {
	if b.name == nil {
		return ""
	}
	v := b.e.record(int(row))[b.name.word]
	return b.e.model.names.groupOf(b.e.words, &b.e.table(b.name).names[v])
}

// find adds a pair that is held to be one.
func (b *breaker) find(x, y int32, marks []string) {
	slice(b.kinds, b.kind(x, y)).Found++
	slice(b.groups, b.group(min(x, y))).Found++
	if marks != nil && !b.labels.same(x, y) {
		b.merged[x], b.merged[y] = true, true
	}
}

// truth adds a pair of one label.
func (b *breaker) truth(x, y int32) {
	right, first, met := b.held.together(x, y), -1, 0
	one, two := b.e.record(int(x)), b.e.record(int(y))
	for i := range b.keys {
		k := &b.e.plan.keys[i]
		if k.at(one) != k.at(two) || k.at(one) == 0 || !b.e.meet(k, one, two, ^uint32(0)) {
			continue
		}
		b.keys[i].Meet++
		if met++; met == 1 {
			b.keys[i].First++
			first = i
		}
	}
	if met == 1 {
		b.keys[first].Alone++
	}
	for _, s := range []*Slice{slice(b.kinds, b.kind(x, y)), slice(b.groups, b.group(min(x, y)))} {
		s.True++
		if right {
			s.Right++
		}
		if met == 0 {
			s.Unmet++
		}
	}
}

// finish walks the true pairs and puts the slices in order.
func (b *breaker) finish(marks []string) (Breakdown, error) {
	if err := b.e.eachTrue(b.labels, b.truth); err != nil {
		return Breakdown{}, err
	}
	out := Breakdown{Kinds: listed(b.kinds, mostKinds), Groups: listed(b.groups, 1<<20), Keys: b.keys}
	if b.name == nil {
		out.Groups = nil
	}
	close := map[string]*Close{}
	for row, mark := range marks {
		if mark == "" {
			continue
		}
		if close[mark] == nil {
			close[mark] = &Close{Mark: mark}
		}
		close[mark].Rows++
		if b.merged[int32(row)] {
			close[mark].Merged++
		}
	}
	for _, c := range close {
		out.Close = append(out.Close, *c)
	}
	slices.SortFunc(out.Close, func(x, y Close) int { return cmp.Compare(x.Mark, y.Mark) })
	return out, b.e.options.stopped()
}

// listed orders slices by their true pairs; what is beyond the most is added up as "...".
func listed(of map[string]*Slice, most int) (list []Slice) {
	for _, s := range of {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(x, y Slice) int { return cmp.Or(cmp.Compare(y.True, x.True), cmp.Compare(x.Name, y.Name)) })
	if len(list) > most {
		rest := Slice{Name: "..."}
		for _, s := range list[most:] {
			rest.True, rest.Right, rest.Unmet, rest.Found = rest.True+s.True, rest.Right+s.Right, rest.Unmet+s.Unmet, rest.Found+s.Found
		}
		list = append(list[:most], rest)
	}
	for i := range list {
		list[i].rate()
	}
	return list
}

// eachTrue calls for the pairs of one label; of labels with more than 64 rows for those of the first.
func (e *Engine) eachTrue(l *Labels, do func(x, y int32)) error {
	groups := make([][]int32, l.n+1)
	for row, label := range l.of {
		if label != 0 && len(groups[label]) < 64 {
			groups[label] = append(groups[label], int32(row))
		}
	}
	for n, g := range groups {
		if n&1023 == 0 {
			if err := e.options.stopped(); err != nil {
				return err
			}
		}
		for i := range g {
			for j := range i {
				if e.sources[1] == nil || e.side(int(g[i])) != e.side(int(g[j])) {
					do(g[j], g[i])
				}
			}
		}
	}
	return nil
}

// nameGroup is a group of names of the tables: the first a name fits is its group.
type nameGroup struct {
	Name  string   `yaml:"name"`
	Words int      `yaml:"words"` // names of so many words; zero is any
	Any   []string `yaml:"any"`   // names that hold one of these words
}

// OtherNames is the group of names that fit none of the tables'.
const OtherNames = "other"

// groupOf gives the group of a name by its canonical words.
func (n *Names) groupOf(l *lexicon, v *nameValue) string {
	for _, g := range n.groups {
		if g.Words > 0 && int(v.n) != g.Words {
			continue
		}
		if len(g.Any) == 0 || slices.ContainsFunc(v.list(), func(id wordID) bool { return slices.Contains(g.Any, string(l.of(l.words[id].text))) }) {
			return g.Name
		}
	}
	return OtherNames
}
