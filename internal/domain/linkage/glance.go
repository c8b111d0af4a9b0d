package linkage

import "math/bits"

// glance is what the digits in which two values differ tell of a test before it is put: how many they may be at most,
// which must be the same, and whether a lost digit has to explain them. A test none of whose glances fits cannot hold, and
// some that fit need not be put any more.
type glance struct {
	same uint64 // digits that must be the same, by their lowest bits
	most int8   // digits that may differ
	lost bool   // one side has lost a digit
	sure bool   // what shows that holds
	test uint8  // of the comparison
}

// anyDigits asks nothing.
var anyDigits = glance{most: 16}

// farDigits is how many digits have to differ for numbers to be far apart: few tests hold of such.
const farDigits = 6

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
		return []glance{anyDigits}
	}
	if k == kindDate {
		return []glance{dateGlance(c.call)}
	}
	return []glance{digitsGlance(c.call)}
}

// both joins what each of two conditions asks.
func both(one, two []glance) (list []glance) {
	for _, x := range one {
		for _, y := range two {
			list = append(list, glance{same: x.same | y.same, most: min(x.most, y.most), lost: x.lost || y.lost, sure: x.sure && y.sure})
		}
	}
	return list
}

// digitsGlance tells what a test on digits asks, see testKinds.
func digitsGlance(c call) glance {
	number := func(i int) int { return int(c.args[i].number) }
	g := anyDigits
	switch c.name {
	case "equal":
		g.most, g.sure = 0, true
	case "digits_off":
		g.most = int8(min(number(0), 16))
	case "transposed":
		g.most = 2
	case "zeroed", "shifted":
		g.most = 1
	case "lost":
		g.lost, g.sure = true, true
	case "only":
		g.same, g.sure = ones16&^digitsFrom(number(0), number(1)), true
	case "same":
		g.same = digitsFrom(number(0), number(1))
	case "prefix":
		g.same = digitsFrom(1, min(max(number(0), 1), 16))
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
	switch c.name {
	case "equal":
		g.most, g.sure = 0, true
	case "digits_off":
		g.most = int8(min(int(c.args[0].number), 16))
	case "swapped", "partial":
		g.same = yearDigits
	case "year_off", "month_day":
		g.same = monthDigits | dayDigits
	case "year_month":
		g.same = yearDigits | monthDigits
	}
	return g
}

// quicken notes what a pair has to show for each test of digits and dates.
func (c *comparison) quicken() {
	c.near, c.far, c.slips = nil, nil, c.column.kind == kindDigits || c.column.kind == kindDate
	if !c.slips {
		return
	}
	for i, cond := range c.calls {
		for _, g := range glances(cond, c.column.kind) {
			g.test = uint8(i)
			c.near = append(c.near, g)
			if g.most > farDigits || g.lost {
				c.far = append(c.far, g)
			}
		}
	}
}

// seen gives the level of two values of digits or dates by putting only tests that may hold.
func (c *comparison) seen(w *worker, a, b []uint32) uint8 {
	if c.kind == kindDate {
		return c.show(w, a, b, uint64(a[c.at]), uint64(b[c.at]))
	}
	return c.show(w, a, b, digitsAt(a, c.at), digitsAt(b, c.at))
}

// show is seen for the values by themselves.
func (c *comparison) show(w *worker, a, b []uint32, one, two uint64) uint8 {
	x := nibbles(one ^ two)
	list, differ := c.near, int8(bits.OnesCount64(x))
	if differ > farDigits {
		list = c.far
	}
	for i := range list {
		g := &list[i]
		if x&g.same != 0 || differ > g.most || g.lost && !lostOne(one, two, x) {
			continue
		}
		if g.sure || c.tests[g.test](w, a, b) {
			return g.test + 1
		}
	}
	return uint8(len(c.tests) + 1)
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
