package linkage

import (
	"math/bits"
	"slices"
)

// glance is what the digits in which two values differ tell of a test before it is put: how many they may be at most,
// which must be the same, and what is soon seen beside it. A test none of whose glances fits cannot hold, and
// some that fit need not be put any more.
type glance struct {
	same uint64      // digits that must be the same, by their lowest bits
	most int8        // digits that may differ
	asks asks        // what has to be seen beside it
	till uint8       // the last digit that must be there
	sure bool        // what shows that holds
	test uint8       // of the comparison
	rest []condition // what has to be asked beside it
	put  test        // of the rest, nil where nothing is
}

// asks is what a glance asks of two values beside the digits in which they differ.
type asks uint8

const (
	asksLost  asks = 1 << iota // one side has lost a digit
	asksEven                   // both have equally many digits
	asksTill                   // both have so many digits; those up to there are the same
	asksGuess                  // one of two dates is a guess, or not whole
)

// anyDigits asks nothing.
var anyDigits = glance{most: 16}

// sight tells from the digits in which two values differ which glances they leave open: those that ask none of them to be the
// same and allow so many. The others need not be tried.
type sight struct {
	high, low [256]uint32 // glances by which of the first eight digits differ, and of the last eight
	most      [17]uint32  // by how many
	guess     uint32      // glances that ask for a date that is a guess
}

const mostSight = 32 // glances; of more all are tried

// sightOf works out which glances are left open, nil where there are too many.
func sightOf(list []glance) *sight {
	if len(list) > mostSight {
		return nil
	}
	s := &sight{}
	for i, g := range list {
		if g.asks&asksGuess != 0 {
			s.guess |= 1 << i
		}
		high, low := halves(g.same)
		for digits := range 256 {
			if digits&high == 0 {
				s.high[digits] |= 1 << i
			}
			if digits&low == 0 {
				s.low[digits] |= 1 << i
			}
		}
		for differ := range s.most {
			if differ <= int(g.most) {
				s.most[differ] |= 1 << i
			}
		}
	}
	return s
}

// of gives the glances that are left open by two values that differ in the digits x.
func (s *sight) of(x uint64) uint32 {
	high, low := halves(x)
	return s.high[high] & s.low[low] & s.most[bits.OnesCount64(x)]
}

// halves moves the lowest bits of sixteen digits together, those of the first eight and of the last.
func halves(x uint64) (high, low int) {
	x = (x | x>>3) & 0x0303030303030303
	x = (x | x>>6) & 0x000f000f000f000f
	x |= x >> 12
	return int(x >> 32 & 0xff), int(x & 0xff)
}

// glances gives what has to be seen for a condition on digits or dates to hold: one of the list.
func glances(c condition, k kind) (list []glance) {
	switch c.operator {
	case '|':
		for _, p := range c.parts {
			list = append(list, glances(p, k)...)
		}
		return list
	case '&':
		list = []glance{{most: 16, sure: true}}
		for _, p := range c.parts {
			list = both(list, glances(p, k))
		}
		return list
	case '!':
		g := anyDigits
		g.rest = []condition{c}
		return []glance{g}
	}
	g := digitsGlance(c.call)
	if k == kindDate {
		g = dateGlance(c.call)
	}
	if !g.sure {
		g.rest = []condition{c}
	}
	return []glance{g}
}

// both joins what each of two conditions asks.
func both(one, two []glance) (list []glance) {
	for _, x := range one {
		for _, y := range two {
			list = append(list, glance{same: x.same | y.same, most: min(x.most, y.most), asks: x.asks | y.asks, till: max(x.till, y.till), sure: x.sure && y.sure, rest: slices.Concat(x.rest, y.rest)})
		}
	}
	return list
}

// digitsGlance tells what a test on digits asks, see testKinds.
func digitsGlance(c call) glance {
	number := func(i int) int { return int(c.args[i].number) }
	g := anyDigits
	if len(usesColumns(condition{call: c}, nil)) > 0 {
		return g
	}
	switch c.name {
	case "equal":
		g.most, g.sure = 0, true
	case "digits_off":
		g.most, g.asks, g.sure = int8(min(number(0), 16)), asksEven, true
	case "transposed":
		g.most = 2
	case "blocks_swapped":
		g.most = int8(min(2*max(number(0), 0), 16))
	case "zeroed", "shifted":
		g.most = 1
	case "lost":
		g.asks, g.sure = asksLost, true
	case "only":
		g.same, g.sure = ones16&^digitsFrom(number(0), number(1)), true
	case "same":
		if first, last := number(0), number(1); first >= 1 && first <= last && last <= 16 {
			g.same, g.asks, g.till, g.sure = digitsFrom(first, last), asksTill, uint8(last), true
		}
	case "prefix":
		last := min(max(number(0), 1), 16)
		g.same, g.asks, g.till, g.sure = digitsFrom(1, last), asksTill, uint8(last), true
	}
	return g
}

// digitsFrom marks the digits of a number from one place to another; places count from 1.
func digitsFrom(first, last int) uint64 {
	if first < 1 || first > last {
		return 0
	}
	return ones16 >> (4 * (first - 1)) &^ (ones16 >> (4 * last))
}

// Digits of packed dates, by their lowest bits.
const (
	yearDigits  = 0x11110000
	monthDigits = 0x1100
	dayDigits   = 0x11
)

// dateGlance tells what a test on dates asks.
func dateGlance(c call) glance {
	g := anyDigits
	if len(usesColumns(condition{call: c}, nil)) > 0 {
		return g
	}
	switch c.name {
	case "equal":
		g.most, g.sure = 0, true
	case "digits_off":
		g.most = int8(min(int(c.args[0].number), 16))
	case "transposed":
		g.most = 2
	case "swapped":
		g.same = yearDigits
	case "partial":
		g.same, g.asks = yearDigits, asksGuess
	case "year_off", "month_day":
		g.same = monthDigits | dayDigits
	case "year_month":
		g.same = yearDigits | monthDigits
	case "guessed":
		g.asks = asksGuess
	}
	return g
}

// quicken notes what a pair has to show for each test of digits and dates.
func (c *comparison) quicken() {
	c.near, c.slips = nil, c.column.kind == kindDigits || c.column.kind == kindDate
	if !c.slips {
		return
	}
	for i, cond := range c.calls {
		for _, g := range glances(cond, c.column.kind) {
			g.test = uint8(i)
			c.near = append(c.near, g)
		}
	}
	c.sight = sightOf(c.near)
}

// seen gives the level of two values of digits or dates by putting only tests that may hold.
func (c *comparison) seen(w *worker, a, b []uint32) uint8 {
	one, two := uint64(a[c.at]), uint64(b[c.at])
	if c.kind == kindDigits {
		one, two = one<<32|uint64(a[c.at+1]), two<<32|uint64(b[c.at+1])
	}
	x := nibbles(one ^ two)
	if c.sight == nil {
		return c.tried(w, a, b, one, two, x)
	}
	open := c.sight.of(x)
	if c.sight.guess&open != 0 && !guessedDate(uint32(one)) && !guessedDate(uint32(two)) {
		open &^= c.sight.guess
	}
	for ; open != 0; open &= open - 1 {
		g := &c.near[bits.TrailingZeros32(open)]
		if (g.asks&^asksGuess == 0 || g.shows(one, two, x)) && (g.put == nil || g.put(w, a, b)) {
			return g.test + 1
		}
	}
	return uint8(len(c.tests) + 1)
}

// tried is seen where there are too many glances to sort them.
func (c *comparison) tried(w *worker, a, b []uint32, one, two, x uint64) uint8 {
	for i := range c.near {
		g := &c.near[i]
		if x&g.same == 0 && bits.OnesCount64(x) <= int(g.most) && g.shows(one, two, x) && (g.put == nil || g.put(w, a, b)) {
			return g.test + 1
		}
	}
	return uint8(len(c.tests) + 1)
}

// shows tells whether two values that differ in the digits x show what is asked beside them.
func (g *glance) shows(one, two, x uint64) bool {
	return (g.asks&asksLost == 0 || lostOne(one, two, x)) &&
		(g.asks&asksEven == 0 || sameLength(one, two)) &&
		(g.asks&asksTill == 0 || one<<(4*(g.till-1))>>60 != 15)
}

// lostOne tells whether one of two numbers, which differ in the digits x, is the other without a digit: see lost.
func lostOne(a, b, x uint64) bool {
	same := bits.LeadingZeros64(x) &^ 3
	if x == 0 || same > 4*12 && full(a) && full(b) {
		return false
	}
	rest := ^uint64(0) >> same
	a, b = a&rest, b&rest
	return a&(rest>>4) == b>>4 || b&(rest>>4) == a>>4
}
