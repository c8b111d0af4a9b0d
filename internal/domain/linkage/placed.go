package linkage

// placed: of at least so many of the two rows the number begins with more of the other's place than of its own row's (side 1), or
// with more of its own (-1). A number is given where somebody lives at the time: who has moved still has the place of before in it.
func placed(number, place, rows, side int) test {
	return func(_ *worker, a, b []uint32) bool {
		if a[place] == noDigitsWord || b[place] == noDigitsWord {
			return false
		}
		n := 0
		for _, x := range [2][2][]uint32{{a, b}, {b, a}} {
			own, other := samePlace(x[0][number], x[0][place]), samePlace(x[0][number], x[1][place])
			if (other-own)*side > 0 {
				n++
			}
		}
		return n >= rows
	}
}

// samePlace is how many of the parts of a place, province, district and subdistrict of two digits each, a number begins with, given
// the first words of both.
func samePlace(number, place uint32) (parts int) {
	for shift := 24; shift >= 8; shift -= 8 {
		if number>>shift != place>>shift || number>>shift&15 == 15 {
			break
		}
		parts++
	}
	return parts
}
