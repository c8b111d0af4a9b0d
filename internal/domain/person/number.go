package person

import (
	"strings"

	"tepat/internal/kit/fail"
)

// scanNumber reads a sixteen-digit population number as people type it and as files hold it:
// blanks, dots and hyphens between groups and the apostrophe with which spreadsheets mark text are
// skipped. The number is read as an integer and never as a float: a float keeps 15 digits.
// Errors, each with the prefix nik or kk: .empty, .excel (written as 3.2E+15, or with .0 behind it),
// .digits (something else than digits), .length (fact digits, how many were there).
func scanNumber(prefix, s string) (n uint64, err error) {
	count := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if count < numberDigits {
				n = n*10 + uint64(c-'0')
			}
			count++
		case c == ' ' || c == '.' || c == '-' || c == '\'':
		default:
			return 0, notDigits(prefix, s)
		}
	}
	switch {
	case count == 0 && strings.TrimSpace(s) == "":
		return 0, fail.Invalid(prefix + ".empty")
	case count == 0:
		return 0, fail.Invalid(prefix + ".digits")
	case count == numberDigits+1 && strings.HasSuffix(strings.TrimSpace(s), ".0"):
		return 0, fail.Invalid(prefix + ".excel")
	case count != numberDigits:
		return 0, fail.Invalid(prefix+".length", "digits", count)
	}
	return n, nil
}

// numberDigits is how many digits a NIK and a No. KK have.
const numberDigits = 16

func notDigits(prefix, s string) error {
	if isScientific(strings.TrimSpace(s)) {
		return fail.Invalid(prefix + ".excel")
	}
	return fail.Invalid(prefix + ".digits")
}

// isScientific reports whether the text is a number in the notation spreadsheets show long numbers
// in: 3.2E+15, 3,20101E+15.
func isScientific(s string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(s), "E")
	exponent = strings.TrimPrefix(exponent, "+")
	return found && mantissa != "" && exponent != "" &&
		strings.Trim(mantissa, "0123456789.,") == "" && strings.Trim(exponent, "0123456789") == ""
}

// checkArea refuses a number whose first six digits cannot be an area of any time, and one whose
// last digits a spreadsheet has turned to zeros. Fact at says which digits are wrong.
func checkArea(prefix string, n uint64, everProvince func(int) bool) error {
	switch {
	case !everProvince(int(n / 1e14)):
		return fail.Invalid(prefix+".format", "at", "1-2")
	case n%1e4 == 0:
		return fail.Invalid(prefix + ".excel")
	case n/1e12%100 == 0:
		return fail.Invalid(prefix+".format", "at", "3-4")
	case n/1e10%100 == 0:
		return fail.Invalid(prefix+".format", "at", "5-6")
	}
	return nil
}

// appendNumber appends the sixteen digits.
func appendNumber(dst []byte, n uint64) []byte {
	var digits [numberDigits]byte
	for i := numberDigits - 1; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, digits[:]...)
}

// masked shows the first and the last four digits; what is between holds the birth date.
func masked(n uint64) string {
	digits := appendNumber(make([]byte, 0, numberDigits), n)
	return string(digits[:4]) + "••••••••" + string(digits[12:])
}
