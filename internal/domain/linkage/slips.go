package linkage

import (
	"math/bits"
	"time"
)

// ones16 has the lowest bit of each of sixteen digits.
const ones16 = 0x1111111111111111

// nibbles marks the lowest bit of every digit of x that is not zero.
func nibbles(x uint64) uint64 {
	x |= x >> 2
	x |= x >> 1
	return x & ones16
}

// full tells that a packed number has no gap at its end.
func full(v uint64) bool { return v&15 != 15 }

// sameLength tells whether two packed numbers have equally many digits: others are not compared digit by digit. A gap is
// of ones, and no digit is.
func sameLength(a, b uint64) bool { return bits.TrailingZeros64(^a)>>2 == bits.TrailingZeros64(^b)>>2 }

// samePiece tells whether two numbers have the same digits from one place to another, and have them all.
func samePiece(a, b uint64, from, to int) bool {
	return from >= 0 && from < to && to <= 16 && nibbles(a^b)&digitsFrom(from+1, to) == 0 && lengthOf(a) >= to && lengthOf(b) >= to
}

// transposed tells whether two neighbouring digits changed places, and nothing else differs.
func transposed(a, b uint64) bool {
	x := nibbles(a ^ b)
	low := bits.TrailingZeros64(x)
	if bits.OnesCount64(x) != 2 || x>>low != 0x11 {
		return false
	}
	return a>>low&15 == b>>(low+4)&15 && b>>low&15 == a>>(low+4)&15
}

// blocksSwapped tells whether two neighbouring blocks of n digits changed places, and nothing else differs, in numbers that
// are read out in blocks of n: 32 05 11 is heard as 05 32 11.
func blocksSwapped(a, b uint64, n int) bool {
	x := nibbles(a ^ b)
	if x == 0 || n < 1 || n > 8 || !sameLength(a, b) {
		return false
	}
	first := bits.LeadingZeros64(x) / 4 / n * n // where the block begins that the first differing digit is in
	size, low := 4*n, 64-4*(first+2*n)
	if low < 0 || x&^digitsFrom(first+1, first+2*n) != 0 {
		return false
	}
	block := uint64(1)<<size - 1
	return a>>low&block == b>>(low+size)&block && b>>low&block == a>>(low+size)&block
}

// lost tells whether b is a with one digit taken out: what follows has moved up by one place. Of two
// numbers of sixteen digits at least three have to follow, else any that differ at their end would do.
func lost(a, b uint64) bool {
	x := nibbles(a ^ b)
	if x == 0 {
		return false
	}
	same := bits.LeadingZeros64(x) / 4 // digits before the first that differs
	if same > 12 && full(a) && full(b) {
		return false
	}
	rest := 15 - same
	tailA := a << (4 * (same + 1)) >> (64 - 4*rest)
	tailB := b << (4 * same) >> (64 - 4*rest)
	return tailA == tailB
}

// zeroed tells whether only the digit at a place differs, and one side has a zero there: what a
// spreadsheet makes of numbers of more than fifteen digits.
func zeroed(a, b uint64, place int) bool {
	shift := 64 - 4*place
	return shift >= 0 && shift < 64 && nibbles(a^b) == 1<<shift && (a>>shift&15 == 0 || b>>shift&15 == 0)
}

// shifted tells whether only the digit at a place differs, by so much.
func shifted(a, b uint64, place, by int) bool {
	shift := 64 - 4*place
	if shift < 0 || shift > 60 || nibbles(a^b) != 1<<shift {
		return false
	}
	d := int(a>>shift&15) - int(b>>shift&15)
	return d == by || d == -by
}

func wholeDate(d uint32) bool { return d&0xff != 0 && d&0xff00 != 0 }

// guessedDate tells that a date looks filled in by a clerk who knew the year only.
func guessedDate(d uint32) bool {
	switch d & 0xffff {
	case 0x0101, 0x1231, 0x0701:
		return true
	}
	return !wholeDate(d)
}

// partialDates: one of the two lacks a part, and what both have agrees.
func partialDates(a, b uint32, _ []float64) bool {
	if wholeDate(a) && wholeDate(b) || a>>16 != b>>16 {
		return false
	}
	return a&0xff00 == 0 || b&0xff00 == 0 || a&0xff00 == b&0xff00
}

func yearsApart(a, b uint32) int {
	d := dateYear(a) - dateYear(b)
	return max(d, -d)
}

// dayNumber counts days; impossible dates run over into the next month.
func dayNumber(d uint32) float64 {
	t := time.Date(dateYear(d), time.Month(dateMonth(d)), dateDay(d), 0, 0, 0, 0, time.UTC)
	return float64(t.Unix() / 86400)
}
