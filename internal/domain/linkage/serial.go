package linkage

// pieceOf reads the digits of a packed number from one place to another as a number of their own; false where one is missing.
func pieceOf(v uint64, first, last int) (n int, ok bool) {
	if first < 1 || first > last || last > 16 || lengthOf(v) < last {
		return 0, false
	}
	for place := first; place <= last; place++ {
		n = 10*n + int(v>>(64-4*place)&15)
	}
	return n, true
}

// apart tells whether the digits of two numbers from one place to another, read as numbers, are at most so far apart. Serials
// are given one after the other: those of twins are neighbours, a slip of the pen may fall on any digit.
func apart(a, b uint64, first, last, most int) bool {
	x, ok := pieceOf(a, first, last)
	y, too := pieceOf(b, first, last)
	return ok && too && max(x, y)-min(x, y) <= most
}

// atLeast tells whether the digits of both numbers from one place to another, read as numbers, are so large. Serials begin at one, so
// that two people soon share a low one, and hardly ever a higher one.
func atLeast(a, b uint64, first, last, least int) bool {
	x, ok := pieceOf(a, first, last)
	y, too := pieceOf(b, first, last)
	return ok && too && min(x, y) >= least
}

// dateCarried: one row has no number, and that of the other, whose own date differs, carries its date (digits 7 to 12, DDMMYY, women
// day + 40): then the other's date is the one that is wrong.
func dateCarried(_ *data, c []*column, _ []float64) test {
	x, y := c[0].word, c[1].word
	return func(_ *worker, a, b []uint32) bool {
		one, two := digitsAt(a, y), digitsAt(b, y)
		if one == noDigitsValue {
			return two != noDigitsValue && ownDate(two, a[x])
		}
		return two == noDigitsValue && ownDate(one, b[x])
	}
}

// dateLent: one row has no date, and its number carries the other's.
func dateLent(_ *data, c []*column, _ []float64) test {
	x, y := c[0].word, c[1].word
	return func(_ *worker, a, b []uint32) bool {
		if a[x] == 0 {
			a, b = b, a
		}
		number := digitsAt(b, y)
		return b[x] == 0 && number != noDigitsValue && ownDate(number, a[x])
	}
}
