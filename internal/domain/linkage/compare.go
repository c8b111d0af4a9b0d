package linkage

import (
	"math"
	"math/bits"
	"slices"
)

// comparison is one comparison of the plan.
type comparison struct {
	file    *comparisonFile
	column  *column
	at      int // of the column, its first word and its kind
	kind    kind
	tests   []test // of all levels but the last
	weights [maxLevels + 1]int32
	rarity  [maxLevels + 1]bool  // levels whose weight moves with the frequency of the value
	base    [maxLevels + 1]int32 // log2 of the share at which it does not
	floor   int32                // no value counts as rarer than this
	most    int32                // and no adjustment is larger
	crowd   int                  // word of the crowd term in a record, 0 for none
	gain    int32                // the most it can add
	differ  int32                // the most it can add when both sides have values, and different ones
	memo    bool                 // depends on the places of two values alone
	calls   []condition
	table   *table // of a tabled column
	late    int    // the first of the tests at the end that ask for other columns; they are not remembered
	within  *key   // what makes rows near each other, among whom a name may be common; nil for nothing
	far     []int  // tests that can hold of numbers which differ in many digits; nil when any can
	slips   bool   // all tests but those far ones ask for a slip in few digits
}

// farDigits is how many digits have to differ for no test of a slip to hold.
const farDigits = 6

// slipsOnly tells whether a condition on digits can hold only of numbers that differ in few digits, or by one
// digit lost.
func slipsOnly(c condition) bool {
	switch c.operator {
	case '&':
		return slices.ContainsFunc(c.parts, slipsOnly)
	case '|':
		return !slices.ContainsFunc(c.parts, func(p condition) bool { return !slipsOnly(p) })
	case '!':
		return false
	}
	number := func(i int) float64 { return c.call.args[i].number }
	switch c.call.name {
	case "equal", "transposed", "lost", "zeroed", "shifted":
		return true
	case "digits_off":
		return number(0) <= farDigits
	case "only":
		return number(1)-number(0) < farDigits
	}
	return false
}

// quicken notes which tests a pair of far numbers still has to be put to.
func (c *comparison) quicken() {
	c.slips = c.column.kind == kindDigits
	c.far = nil
	for i, cond := range c.calls {
		if !slipsOnly(cond) {
			c.far = append(c.far, i)
		}
	}
}

// distant tells whether two numbers differ in so much that no slip makes one of the other.
func distant(a, b uint64) bool {
	return bits.OnesCount64(nibbles(a^b)) > farDigits && !lost(a, b) && !lost(b, a)
}

// usesColumns collects the columns a condition names.
func usesColumns(c condition, into []string) []string {
	for _, p := range c.parts {
		into = usesColumns(p, into)
	}
	for _, a := range c.call.args {
		if a.word != "" {
			into = append(into, a.word)
		}
	}
	return into
}

// compare adds the comparisons whose columns are there. A level that needs a missing column is never met.
func (p *plan) compare() error {
	for i := range p.model.file.Comparisons {
		f := &p.model.file.Comparisons[i]
		c := comparison{file: f, column: p.of(f.Column)}
		if c.column != nil {
			c.at, c.kind = c.column.word, c.column.kind
		}
		if p.made(f.Instead) {
			continue
		}
		if c.column == nil {
			p.skipped = append(p.skipped, "comparison "+f.Name)
			continue
		}
		c.memo = c.column.kind.tabled()
		for _, l := range f.Levels[:len(f.Levels)-1] {
			cond, err := parseCondition(l.When)
			if err != nil {
				return err
			}
			c.calls = append(c.calls, cond)
			if len(usesColumns(cond, nil)) > 0 {
				continue
			}
			c.memo = c.memo && c.late == len(c.calls)-1
			c.late = len(c.calls)
		}
		c.weigh()
		c.quicken()
		p.nearness(&c)
		if f.Frequency != nil && f.Frequency.Kind == "crowd" && !c.column.kind.tabled() {
			c.crowd = p.stride
			p.stride++
		}
		p.comparisons = append(p.comparisons, c)
	}
	slices.SortStableFunc(p.comparisons, func(a, b comparison) int { return a.cost() - b.cost() })
	p.packed = slices.IndexFunc(p.comparisons, func(c comparison) bool { return c.cost() > packedCost })
	if p.packed < 0 {
		p.packed = len(p.comparisons)
	}
	return nil
}

// made tells whether a comparison of the model has its column.
func (p *plan) made(name string) bool {
	i := p.model.comparison(name)
	return i >= 0 && p.of(p.model.file.Comparisons[i].Column) != nil
}

// weigh sets the weights of the levels.
func (c *comparison) weigh() {
	for i, l := range c.file.Levels {
		c.weights[i+1] = fixed(math.Log2(l.M / l.U))
		if c.rarity[i+1] = l.Frequency > 0; c.rarity[i+1] {
			c.base[i+1] = fixed(math.Log2(l.U / l.Frequency))
		}
	}
	share := false
	if q := c.file.Frequency; q != nil {
		c.floor, c.most = fixed(math.Log2(q.Floor)), fixed(q.Max)
		share = q.Kind == "share"
	}
	c.gain, c.differ = 0, math.MinInt32
	for i := range c.file.Levels {
		w := c.weights[i+1]
		if c.rarity[i+1] && share {
			w += min(c.most, max(c.scaled(c.base[i+1]-c.floor), 0))
		}
		c.gain = max(c.gain, w)
		if i >= len(c.calls) || !c.column.kind.tabled() || !needsEqual(c.calls[i]) {
			c.differ = max(c.differ, w)
		}
	}
}

func (c *comparison) scaled(units int32) int32 {
	return int32(math.Round(float64(units) * c.file.Frequency.Weight))
}

// build makes the tests, which look into the distinct values of the data.
func (d *data) build(int) {
	for i := range d.plan.comparisons {
		c := &d.plan.comparisons[i]
		c.tests, c.table = c.tests[:0], d.table(c.column)
		for _, cond := range c.calls {
			c.tests = append(c.tests, d.condition(c, cond))
		}
	}
}

func (d *data) condition(c *comparison, cond condition) test {
	if cond.operator == 0 {
		return d.leaf(c, cond.call)
	}
	parts := make([]test, len(cond.parts))
	for i, p := range cond.parts {
		parts[i] = d.condition(c, p)
	}
	switch cond.operator {
	case '!':
		return func(w *worker, a, b []uint32) bool { return !parts[0](w, a, b) }
	case '&':
		return func(w *worker, a, b []uint32) bool {
			for _, t := range parts {
				if !t(w, a, b) {
					return false
				}
			}
			return true
		}
	}
	return func(w *worker, a, b []uint32) bool {
		for _, t := range parts {
			if t(w, a, b) {
				return true
			}
		}
		return false
	}
}

func never(*worker, []uint32, []uint32) bool { return false }

func (d *data) leaf(c *comparison, call call) test {
	columns, numbers, err := d.plan.model.arguments(call, 0)
	if err != nil {
		return never
	}
	list := []*column{c.column}
	if len(columns) > 0 {
		list = list[:0]
		for _, i := range columns {
			of := d.plan.of(d.plan.model.file.Columns[i].Name)
			if of == nil {
				return never
			}
			list = append(list, of)
		}
	}
	t, _ := testNamed(call.name, list[0].kind)
	return t.make(d, list, numbers)
}

// worker is room for scoring; each goroutine has one.
type worker struct {
	comparator
	data   *data
	likes  []likeSlot
	memos  [][]memoSlot // by comparison
	last   lastMatch
	room   []uint32
	levels [maxComparisons]uint8
	adjust [maxComparisons]int32
	varied int32 // what variants add to the pair last compared
	sum    int32 // of the pair last compared, without the further explanations; the least integer when it was given up
}

// memoSlot remembers how two values of a column agree.
type memoSlot struct {
	pair   uint64
	adjust int32
	level  uint8
}

// lastMatch is the comparison of names made last: the tests of one comparison ask for it in turn.
type lastMatch struct {
	table *table
	a, b  uint32
	match nameMatch
}

const (
	memoBits  = 14
	memoSlots = 1 << memoBits
)

func newWorker(d *data) *worker {
	w := &worker{data: d, likes: make([]likeSlot, likeSlots), memos: make([][]memoSlot, len(d.plan.comparisons))}
	for i := range d.plan.comparisons {
		if d.plan.comparisons[i].memo {
			w.memos[i] = make([]memoSlot, memoSlots)
		}
	}
	return w
}

// nameMatch compares two names by their places.
func (w *worker) nameMatch(t *table, a, b uint32) nameMatch {
	if a == 0 || b == 0 {
		return nameMatch{relation: nameDifferent}
	}
	if w.last.table != t || w.last.a != a || w.last.b != b {
		w.last = lastMatch{t, a, b, w.names(&t.names[a], &t.names[b])}
	}
	return w.last.match
}

// level gives how two records agree in a comparison, zero when a side has no value, and what the
// frequency of the value adds to the weight of that level.
func (w *worker) level(k int, a, b []uint32) (uint8, int32) {
	c := &w.data.plan.comparisons[k]
	at := c.at
	switch c.kind {
	case kindDigits:
		if a[at] == math.MaxUint32 || b[at] == math.MaxUint32 { // the first digits of a value are never all ones
			return 0, 0
		}
	case kindNumber:
		if a[at] == noNumber || b[at] == noNumber {
			return 0, 0
		}
	default:
		if a[at] == 0 || b[at] == 0 {
			return 0, 0
		}
	}
	if !c.memo {
		return w.judgeLevel(c, a, b)
	}
	x, y := a[at], b[at]
	key := uint64(min(x, y))<<32 | uint64(max(x, y))
	slot := &w.memos[k][key*0x9e3779b97f4a7c15>>(64-memoBits)]
	if slot.pair != key {
		l := w.firstOf(c, 0, c.late, a, b)
		*slot = memoSlot{key, w.moved(c, l, a, b), l}
	}
	if c.late == len(c.tests) || int(slot.level) <= len(c.tests) {
		return slot.level, slot.adjust
	}
	l := w.firstOf(c, c.late, len(c.tests), a, b)
	return l, w.moved(c, l, a, b)
}

// firstOf gives the level of the first test from one to another that holds, else the last level.
func (w *worker) firstOf(c *comparison, from, to int, a, b []uint32) uint8 {
	for i := from; i < to; i++ {
		if c.tests[i](w, a, b) {
			return uint8(i + 1)
		}
	}
	return uint8(len(c.tests) + 1)
}

// moved gives what the frequency of the value adds at a level.
func (w *worker) moved(c *comparison, l uint8, a, b []uint32) int32 {
	if !c.rarity[l] {
		return 0
	}
	return w.frequency(c, l, a, b)
}

func (w *worker) judgeLevel(c *comparison, a, b []uint32) (uint8, int32) {
	l := uint8(len(c.tests) + 1)
	if c.slips && distant(digitsAt(a, c.column.word), digitsAt(b, c.column.word)) {
		for _, i := range c.far {
			if c.tests[i](w, a, b) {
				l = uint8(i + 1)
				break
			}
		}
		return l, w.moved(c, l, a, b)
	}
	l = w.firstOf(c, 0, len(c.tests), a, b)
	return l, w.moved(c, l, a, b)
}

// frequency gives how the weight of a level moves by how often the value stands in the data. A share
// takes the place of u: log2(u/share), of two values that of the commoner. A crowd takes weight away from
// a value on more rows than one thing should have, down to none at all.
func (w *worker) frequency(c *comparison, l uint8, a, b []uint32) int32 {
	at := c.column.word
	if c.file.Frequency.Kind == "crowd" {
		lost := int32(0)
		if c.crowd > 0 {
			lost = int32(max(a[c.crowd], b[c.crowd]))
		} else if c.table != nil && c.table.crowd != nil {
			lost = max(c.table.crowd[a[at]], c.table.crowd[b[at]])
		}
		return -min(lost, max(c.weights[l], 0))
	}
	if !c.column.kind.tabled() {
		return 0
	}
	t := c.table
	share := max(t.share[a[at]], t.share[b[at]])
	if c.column.kind == kindName {
		share = w.nameMatch(t, a[at], b[at]).rarity
		if c.within != nil {
			share += min(t.crowd[a[at]], t.crowd[b[at]])
		}
	}
	adjust := c.scaled(c.base[l] - max(share, c.floor))
	return max(-c.most, min(adjust, c.most))
}
