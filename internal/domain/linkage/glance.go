package linkage

import (
	"math/bits"
	"slices"
)

// glance is what the digits in which two values differ tell of a test before it is put: how many they may be at most,
// which must be the same, and whether a lost digit has to explain them. A test none of whose glances fits cannot hold, and
// some that fit need not be put any more.
type glance struct {
	same uint64      // digits that must be the same, by their lowest bits
	most int8        // digits that may differ
	lost bool        // one side has lost a digit
	sure bool        // what shows that holds
	test uint8       // of the comparison
	rest []condition // what has to be asked beside it
	put  test        // of the rest, nil where nothing is
}

// anyDigits asks nothing.
var anyDigits = glance{most: 16}

// sight sorts pairs of values by the digits in which they differ: by their number, up to farDigits, and by which of a few
// groups of digits they are in. Of each sort it is known which glances may fit at all, so that the others need not be tried.
type sight struct {
	groups []uint64 // of digits: those that glances ask to be the same, and those they do not
	fits   []uint32 // by sort, the glances that may fit
}

const (
	farDigits  = 7  // and more digits that differ are one sort
	mostGroups = 5  // what more would tell apart is one group
	mostSight  = 32 // glances; more are all tried
)

// sightOf works out which glances may fit a sort of pairs.
func sightOf(list []glance) (s sight) {
	if len(list) > mostSight {
		return s
	}
	s.groups = groupsOf(list)
	s.fits = make([]uint32, (farDigits+1)<<len(s.groups))
	for sort := range s.fits {
		differ, in := sort>>len(s.groups), sort&(1<<len(s.groups)-1)
		for i, g := range list {
			fits := int(g.most) >= differ
			for j, digits := range s.groups {
				if in>>j&1 != 0 && digits&^g.same == 0 {
					fits = false
				}
			}
			if fits {
				s.fits[sort] |= 1 << i
			}
		}
	}
	return s
}

// groupsOf parts the digits by the glances that ask them to be the same.
func groupsOf(list []glance) []uint64 {
	groups := []uint64{ones16}
	for _, g := range list {
		for i := range groups {
			if in := groups[i] & g.same; in != 0 && in != groups[i] && len(groups) < mostGroups {
				groups[i] &^= in
				groups = append(groups, in)
			}
		}
	}
	return groups
}

// of gives the sort of two values that differ in the digits x, so many.
func (s *sight) of(x uint64, differ int) int {
	sort := min(differ, farDigits) << len(s.groups)
	for i, digits := range s.groups {
		if x&digits != 0 {
			sort |= 1 << i
		}
	}
	return sort
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
			list = append(list, glance{same: x.same | y.same, most: min(x.most, y.most), lost: x.lost || y.lost, sure: x.sure && y.sure, rest: slices.Concat(x.rest, y.rest)})
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
	case "blocks_swapped":
		g.most = int8(min(2*max(number(0), 0), 16))
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
	differ := bits.OnesCount64(x)
	if c.sight.fits == nil {
		return c.tried(w, a, b, one, two, x)
	}
	for fit := c.sight.fits[c.sight.of(x, differ)]; fit != 0; fit &= fit - 1 {
		g := &c.near[bits.TrailingZeros32(fit)]
		if g.fit(one, two, x, differ) && (g.put == nil || g.put(w, a, b)) {
			return g.test + 1
		}
	}
	return uint8(len(c.tests) + 1)
}

// tried is seen where there are too many glances to sort them.
func (c *comparison) tried(w *worker, a, b []uint32, one, two, x uint64) uint8 {
	for i := range c.near {
		g := &c.near[i]
		if g.fit(one, two, x, bits.OnesCount64(x)) && (g.put == nil || g.put(w, a, b)) {
			return g.test + 1
		}
	}
	return uint8(len(c.tests) + 1)
}

// fit tells whether two values that differ in the digits x show what is asked.
func (g *glance) fit(one, two, x uint64, differ int) bool {
	return x&g.same == 0 && differ <= int(g.most) && (!g.lost || lostOne(one, two, x))
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
