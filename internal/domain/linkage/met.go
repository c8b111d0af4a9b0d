package linkage

import "math/bits"

// A record ends with what tells soonest whether an earlier key brought two rows together, so that nothing else of memory
// need be read for it: a print of sixteen bits for each key, and for each part of several values a set of bits.

// printsWord is how many prints stand in two words of a record, which are looked at together.
const printsWord = 4

// printedBit marks prints, so that the print of a value is never that of none.
const printedBit = 1 << 15

// bitsOf gives a set of bits for values, one each. The highest tells that two of them have one bit.
func bitsOf(values []uint32) (set uint64) {
	for _, v := range values {
		bit := uint64(1) << (uint64(v) * 63 >> 32)
		if set&bit != 0 {
			set |= sharedBit
		}
		set |= bit
	}
	return set
}

const sharedBit = 1 << 63

// prepareBits makes the sets of bits of the values of a part.
func (m *manyPart) prepareBits() {
	m.bits = make([]uint64, len(m.ends))
	for v := 1; v < len(m.ends); v++ {
		m.bits[v] = bitsOf(m.values[m.ends[v-1]:m.ends[v]])
	}
}

// common gives the bits that the values of a part have in common for two records: none when no value is the same.
func (m *manyPart) common(a, b []uint32) uint64 {
	return digitsAt(a, m.word) & digitsAt(b, m.word)
}

// printAt puts the print of a lane into a record.
func (p *plan) printAt(r []uint32, key int, lane uint32) {
	r[p.prints+key/2] |= (lane>>16 | printedBit) << (16 * (key & 1))
}

// equalPrints marks the prints of four keys that are the same on both sides and not those of no value.
func equalPrints(a, b uint64) uint64 {
	const low = 0x7fff7fff7fff7fff
	x := a ^ b
	return ^((x&low + low) | x) & a &^ low
}

// met tells whether two rows share a value of an earlier key, or a smaller one of the same key.
func (d *data) met(a, b []uint32, rule int, value uint32) bool {
	p := d.plan
	one, two := a[p.prints:], b[p.prints:]
	for first := 0; first < rule; first += printsWord {
		at := first / 2
		x := uint64(one[at]) | uint64(one[at+1])<<32
		y := uint64(two[at]) | uint64(two[at+1])<<32
		for hit := equalPrints(x, y); hit != 0; hit &= hit - 1 {
			i := first + bits.TrailingZeros64(hit)>>4
			if i >= rule {
				break
			}
			k := &p.keys[i]
			if k.many != nil && k.many.common(a, b) == 0 {
				continue
			}
			if k.at(a) == k.at(b) && d.meet(k, a, b, ^uint32(0)) {
				return true
			}
		}
	}
	return d.metBefore(a, b, &p.keys[rule], value)
}

// metBefore tells whether two rows that share a value of a key share a smaller one of it, too. Most share but one, as the
// bits of the values tell.
func (d *data) metBefore(a, b []uint32, k *key, value uint32) bool {
	if k.many == nil {
		return false
	}
	both := k.many.common(a, b)
	if alone := both &^ sharedBit; both == alone && alone&(alone-1) == 0 {
		return false
	}
	return k.at(a) == k.at(b) && d.meet(k, a, b, value)
}

// meet tells whether two rows with one base share a value of a key that is below another.
func (d *data) meet(k *key, a, b []uint32, below uint32) bool {
	if k.many == nil {
		return d.together(k, k.at(a), a, b, below)
	}
	mine, other := k.many.of(a), k.many.of(b)
	for _, x := range mine {
		for _, y := range other {
			if x == y && d.together(k, joinKey(k.at(a), x), a, b, below) {
				return true
			}
		}
	}
	return false
}

func (d *data) together(k *key, value uint32, a, b []uint32, below uint32) bool {
	if k.over.get(value) == 0 {
		return value < below
	}
	x, okA := d.effective(k, value, a)
	y, okB := d.effective(k, value, b)
	return okA && okB && x == y && x < below
}

// effective gives the value a row meets others by, after refining; false when it met only neighbours.
func (d *data) effective(k *key, value uint32, r []uint32) (uint32, bool) {
	for {
		what := k.over.get(value)
		switch what {
		case 0:
			return value, true
		case windowedKey:
			return value, false
		}
		value = joinKey(value, d.plan.refine[what-1].base(r))
	}
}

// overs is what has become of the values of a key that are too common: few of all, and asked for with every pair. It is an
// open addressed table of values with their marks; no value of a key is zero.
type overs struct {
	slots []uint64 // value<<8 | mark
	seen  []uint64 // a bit for each of eight places a slot, near memory that tells of most values that they are not there
	n     int
}

// get gives the mark of a value, zero for none.
func (o *overs) get(value uint32) uint8 {
	if o.n == 0 {
		return 0
	}
	at := place(value)
	if bit := at & uint32(8*len(o.slots)-1); o.seen[bit>>6]>>(bit&63)&1 == 0 {
		return 0
	}
	mask := uint32(len(o.slots) - 1)
	for i := at & mask; ; i = (i + 1) & mask {
		switch s := o.slots[i]; {
		case s == 0:
			return 0
		case uint32(s>>8) == value:
			return uint8(s)
		}
	}
}

// place spreads values, whose lowest bit is always set, over a table.
func place(value uint32) uint32 { return value * 0x9e3779b1 >> 7 }

// set marks a value.
func (o *overs) set(value uint32, mark uint8) {
	if 2*o.n >= len(o.slots) {
		old := o.slots
		o.slots, o.n = make([]uint64, max(2*len(old), 64)), 0
		o.seen = make([]uint64, len(o.slots)/8)
		for _, s := range old {
			if s != 0 {
				o.set(uint32(s>>8), uint8(s))
			}
		}
	}
	mask, bit := uint32(len(o.slots)-1), place(value)&uint32(8*len(o.slots)-1)
	o.seen[bit>>6] |= 1 << (bit & 63)
	i := place(value) & mask
	for o.slots[i] != 0 && uint32(o.slots[i]>>8) != value {
		i = (i + 1) & mask
	}
	if o.slots[i] == 0 {
		o.n++
	}
	o.slots[i] = uint64(value)<<8 | uint64(mark)
}
