package area

// EverProvince reports whether the two-digit number is, or once was, the code of a province. NIK
// and No. KK keep the code of their first registration for life, so abolished codes stay good.
func EverProvince(number int) bool {
	return number >= 0 && number < len(everProvince) && everProvince[number]
}
