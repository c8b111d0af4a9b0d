package tabular

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// format is what a number format means for reading.
type format struct {
	moment bool // a date or time
	zeros  int  // shown with leading zeros up to that many digits
}

// formatOf judges a number format by its number, and by its code when the workbook defines it
// (ECMA-376 part 1, 18.8.30 and 18.8.31).
func formatOf(id int, code string) format {
	switch {
	case code != "":
		return formatOfCode(code)
	case id >= 14 && id <= 22, id >= 27 && id <= 36, id >= 45 && id <= 47, id >= 50 && id <= 58:
		return format{moment: true}
	}
	return format{}
}

func formatOfCode(code string) format {
	bare := bareCode(code)
	if n := len(bare); n > 1 && n <= mostDigits && strings.Trim(bare, "0") == "" {
		return format{zeros: n}
	}
	return format{moment: strings.ContainsAny(strings.ToLower(bare), "ymdhs")}
}

// bareCode gives the first section of a format without quoted text, escaped letters, colours and
// locales. Elapsed hours such as [h] stay.
func bareCode(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case ';':
			return b.String()
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return b.String()
			}
			i += end + 1
		case '\\', '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return b.String()
			}
			if inner := code[i+1 : i+end]; strings.Trim(strings.ToLower(inner), "hms") == "" {
				b.WriteString(inner)
			}
			i += end
		default:
			b.WriteByte(code[i])
		}
	}
	return strings.ReplaceAll(b.String(), "General", "")
}

const (
	keptDigits = 15 // of a number, by spreadsheets
	mostDigits = 40 // written out; a longer number stays as it is
)

// appendNumber appends the text of a number cell, as the officer sees it where that is possible.
func appendNumber(dst, raw []byte, f format, from1904 bool) ([]byte, Flag) {
	raw = bytes.TrimSpace(raw)
	if f.moment {
		if serial, err := strconv.ParseFloat(string(raw), 64); err == nil {
			if out, ok := appendMoment(dst, serial, from1904); ok {
				return out, FlagDate
			}
		}
	}
	if allDigits(raw) {
		for range f.zeros - len(raw) {
			dst = append(dst, '0')
		}
		dst = append(dst, raw...)
		if len(raw) > keptDigits {
			return dst, FlagNumber | FlagDamaged
		}
		return dst, FlagNumber
	}
	return appendUneven(dst, raw)
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// appendUneven appends a number with a sign, a fraction or an exponent. A whole number is written
// out with all its digits. A fraction loses the noise of binary arithmetic, 16.100000000000001,
// which no spreadsheet shows.
func appendUneven(dst, raw []byte) ([]byte, Flag) {
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return append(dst, raw...), FlagNumber | FlagFault
	}
	if whole, ok := writtenOut(raw); ok {
		flags := FlagNumber
		if digits := len(strings.TrimPrefix(whole, "-")); digits > keptDigits || exponent(raw) > 0 {
			flags |= FlagDamaged
		}
		return append(dst, whole...), flags
	}
	flags := FlagNumber
	if math.Abs(n) >= 1e15 {
		flags |= FlagDamaged
	}
	return strconv.AppendFloat(dst, rounded(n), 'f', -1, 64), flags
}

// rounded keeps the digits a spreadsheet shows.
func rounded(n float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', keptDigits, 64), 64)
	if err != nil {
		return n
	}
	return r
}

// writtenOut gives a whole number without point and exponent; ok is false for a fraction.
func writtenOut(raw []byte) (string, bool) {
	text := strings.TrimPrefix(string(raw), "+")
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	power := 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		power = exponent(raw)
		text = text[:i]
	}
	before, after, _ := strings.Cut(text, ".")
	after = strings.TrimRight(after, "0")
	if power < len(after) || len(before)+power > mostDigits {
		return "", false
	}
	digits := strings.TrimLeft(before+after+strings.Repeat("0", power-len(after)), "0")
	switch {
	case strings.Trim(digits, "0123456789") != "":
		return "", false
	case digits == "":
		return "0", true
	case negative:
		return "-" + digits, true
	}
	return digits, true
}

// exponent gives the power of ten a number is written with, 0 when it has none.
func exponent(raw []byte) int {
	i := bytes.IndexAny(raw, "eE")
	if i < 0 {
		return 0
	}
	n, err := strconv.Atoi(string(raw[i+1:]))
	if err != nil {
		return 0
	}
	return n
}
