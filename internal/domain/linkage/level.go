package linkage

import "math"

// worker is room for scoring; each goroutine has one.
type worker struct {
	comparator
	data    *data
	likes   []likeSlot
	memos   [][]memoSlot // by comparison
	last    lastMatch
	order   []uint8 // in which comparisons are made; those of packed values come first, as they stand
	pairs   []pair  // room for pairs that are compared side by side
	levels  [maxComparisons]uint8
	adjust  [maxComparisons]int32
	varied  int32          // what variants add to the pair last compared
	answers [maxAsks]uint8 // to what is asked of the pair last weighed, if it is doubtful
	doubted int32          // what the levels of the pair last weighed tell beyond its weight
	fetched uint32         // sum of what was brought near
	sum     int32          // of the pair last compared, without the further explanations; the least integer when it was given up
	rough   bool           // the weights of pairs that are surely apart need not be told
	parter  int            // the further explanation that parted the last such pair
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
	w := &worker{data: d, likes: make([]likeSlot, likeSlots), memos: make([][]memoSlot, len(d.plan.comparisons)), order: d.orders()[0]}
	for i := range d.plan.comparisons {
		if c := &d.plan.comparisons[i]; c.memo && c.kind != kindName {
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
		w.last = lastMatch{t, a, b, w.relate(&t.names[a], &t.names[b], a == b)}
	}
	return w.last.match
}

// relate compares two names; one with itself is soon told.
func (w *worker) relate(a, b *nameValue, equal bool) nameMatch {
	if equal {
		return nameMatch{nameSame, rarityOfWords(w.data.words, a)}
	}
	return w.names(a, b)
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
	switch {
	case c.kind == kindName:
		return w.nameLevel(c, a, b)
	case !c.memo:
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

// judgeLevel is level where nothing is remembered.
func (w *worker) judgeLevel(c *comparison, a, b []uint32) (uint8, int32) {
	var l uint8
	if c.slips {
		l = c.seen(w, a, b)
	} else {
		l = w.firstOf(c, 0, len(c.tests), a, b)
	}
	return l, w.moved(c, l, a, b)
}

// tellsLevel is what a relation of names tells of the level of a comparison: the level, or from which test on the records have
// to be asked.
type tellsLevel struct {
	level uint8 // zero when the relation does not tell
	from  uint8
}

// tell works out what the relation of two names tells.
func (c *comparison) tell() {
	if c.column.kind != kindName {
		return
	}
	for r := range nameDifferent + 1 {
		c.told[r] = tellsLevel{level: uint8(len(c.calls) + 1)}
		for i, cond := range c.calls {
			if holds, known := holdsOf(cond, r); !known || holds {
				c.told[r] = tellsLevel{from: uint8(i)}
				if known {
					c.told[r].level = uint8(i + 1)
				}
				break
			}
		}
	}
}

// holdsOf tells whether a condition holds of names of a relation, as far as the relation tells.
func holdsOf(c condition, r relation) (holds, known bool) {
	switch c.operator {
	case '!':
		holds, known = holdsOf(c.parts[0], r)
		return !holds, known
	case '&', '|':
		all := true
		for _, p := range c.parts {
			holds, known = holdsOf(p, r)
			if known && holds == (c.operator == '|') {
				return holds, true
			}
			all = all && known
		}
		return c.operator == '&', all
	}
	of, is := relationNamed(c.call.name)
	return r.is(of), is
}

// nameLevel is level for names. Most pairs are told by how the two names are related as a whole.
func (w *worker) nameLevel(c *comparison, a, b []uint32) (uint8, int32) {
	m := w.nameMatch(c.table, a[c.at], b[c.at])
	t := c.told[m.relation]
	if t.level == 0 {
		t.level = w.firstOf(c, int(t.from), len(c.tests), a, b)
	}
	if !c.rarity[t.level] {
		return t.level, 0
	}
	return t.level, w.frequency(c, t.level, a, b)
}

// frequency gives how the weight of a level moves by how often the value stands in the data. A share
// takes the place of u: log2(u/share), of two values that of the commoner. A crowd takes weight away from
// a value on more rows than one thing should have, down to none at all.
func (w *worker) frequency(c *comparison, l uint8, a, b []uint32) int32 {
	at := c.column.word
	if c.crowded {
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
