package doubles

import "tepat/internal/domain/area"

// levelNIK compares two population numbers as the three parts they are made of: area of first
// registration, birth date (day + 40 for women) and serial.
func levelNIK(a, b *row) int8 {
	x, y := &a.nik, &b.nik
	if x.n != 0 && y.n != 0 {
		if x.value == y.value && x.n == y.n {
			return nikExact
		}
		if level := damagedNIK(x, y); level != none {
			return level
		}
	}
	if swappedColumns(a, b) || swappedColumns(b, a) {
		return nikIsCard
	}
	if !x.full() || !y.full() {
		return none
	}
	return nikDifferent
}

func swappedColumns(a, b *row) bool { return a.nik.full() && b.kk.full() && a.nik.value == b.kk.value }

// damagedNIK names the slip that turns one number into the other, or none. A single digit inside the
// serial is no slip: twins and neighbours in the register differ by just that.
func damagedNIK(x, y *number) int8 {
	if !x.full() || !y.full() {
		return lostDigit(x, y)
	}
	first, last, count := differences(x, y)
	switch {
	case count == 1 && first == 15 && (x.digits[15] == '0' || y.digits[15] == '0'):
		return nikSpreadsheet
	case count == 1 && first == 6 && (x.digits[6]-y.digits[6] == 4 || y.digits[6]-x.digits[6] == 4):
		return nikWomanDay
	case first >= 12:
		return nikSerialDiffers
	case count == 1:
		return nikOneDigit
	case count == 2 && last == first+1 && x.digits[first] == y.digits[last] && x.digits[last] == y.digits[first]:
		return nikTransposed
	case last < 6:
		return nikAreaDiffers
	}
	return none
}

func differences(x, y *number) (first, last, count int) {
	first = -1
	for i := range 16 {
		if x.digits[i] != y.digits[i] {
			if first < 0 {
				first = i
			}
			last = i
			count++
		}
	}
	return first, last, count
}

// lostDigit tells whether the longer number is the shorter one with one digit put in.
func lostDigit(x, y *number) int8 {
	if x.n < y.n {
		x, y = y, x
	}
	if x.n != y.n+1 {
		return none
	}
	i := 0
	for i < int(y.n) && x.digits[i] == y.digits[i] {
		i++
	}
	for ; i < int(y.n); i++ {
		if x.digits[i+1] != y.digits[i] {
			return none
		}
	}
	return nikDigitLost
}

// levelBirth compares two dates, either of which may lack its day or month.
func levelBirth(x, y birth) int8 {
	if x.year == 0 || y.year == 0 {
		return none
	}
	years := int(x.year) - int(y.year)
	if years < 0 {
		years = -years
	}
	if !x.full() || !y.full() {
		return levelPartial(x, y, years)
	}
	guessed := x.estimated() || y.estimated()
	switch {
	case years == 0 && guessed:
		return birthDefaultDay
	case x == y:
		return birthExact
	case years == 0 && x.month == y.day && x.day == y.month:
		return birthSwapped
	case digitsApart(x.key(), y.key()) == 1:
		return birthOneDigit
	case x.month == y.month && x.day == y.day && (years == 1 || years == 10):
		return birthYearOff
	case guessed && years <= 2:
		return birthNear
	}
	return birthDifferent
}

func levelPartial(x, y birth, years int) int8 {
	sameMonth := x.month == 0 || y.month == 0 || x.month == y.month
	switch {
	case years == 0 && sameMonth:
		return birthPartial
	case years <= 2:
		return birthNear
	}
	return birthDifferent
}

func digitsApart(x, y uint64) int {
	n := 0
	for ; x != 0 || y != 0; x, y = x/10, y/10 {
		if x%10 != y%10 {
			n++
		}
	}
	return n
}

func levelSex(x, y byte) int8 {
	switch {
	case x == 0 || y == 0:
		return none
	case x == y:
		return sexSame
	}
	return sexDifferent
}

func levelKK(x, y *number) int8 {
	switch {
	case x.n == 0 || y.n == 0:
		return none
	case x.value == y.value:
		return kkExact
	case !x.full() || !y.full():
		return none
	}
	if _, _, count := differences(x, y); count == 1 {
		return kkOneDigit
	}
	return kkDifferent
}

// levelArea gives the smallest area both codes lie in. A code of a district, when the other names a
// village of it, says no more than "same district".
func levelArea(x, y area.Code) int8 {
	if x == area.Nation || y == area.Nation {
		return none
	}
	for i, l := range []area.Level{area.LevelVillage, area.LevelSubdistrict, area.LevelDistrict, area.LevelProvince} {
		if x.Level() >= l && y.Level() >= l && x.At(l) == y.At(l) {
			return areaVillage + int8(i)
		}
	}
	return areaElsewhere
}

func levelPhone(x, y uint64) int8 {
	switch {
	case x == 0 || y == 0:
		return none
	case x == y:
		return phoneExact
	}
	return phoneDifferent
}
