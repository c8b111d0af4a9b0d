// Package money holds amounts in rupiah and how Indonesians write and read them.
package money

import (
	"strconv"
	"strings"

	"tepat/internal/kit/fail"
)

// Rupiah is an amount in whole rupiah; the sen is no longer in use. Sums of a nation's aid stay
// below a thousandth of its range.
type Rupiah int64

// String writes the amount for screens: "Rp1.500.000", "-Rp500".
func (r Rupiah) String() string { return string(r.Append(make([]byte, 0, 28))) }

// Append appends what String writes to dst.
func (r Rupiah) Append(dst []byte) []byte {
	n := uint64(r)
	if r < 0 {
		dst, n = append(dst, '-'), -n
	}
	return appendGrouped(append(dst, "Rp"...), n)
}

// Print writes the amount for letters and decrees, with sen: "Rp1.500.000,00".
func (r Rupiah) Print() string { return string(append(r.Append(make([]byte, 0, 31)), ",00"...)) }

func appendGrouped(dst []byte, n uint64) []byte {
	start := len(dst)
	dst = strconv.AppendUint(dst, n, 10)
	for at := len(dst) - 3; at > start; at -= 3 {
		dst = append(dst, 0)
		copy(dst[at+1:], dst[at:])
		dst[at] = '.'
	}
	return dst
}

// scale is one of the large units of number words.
type scale struct {
	unit uint64
	word string
}

var scales = [...]scale{
	{1_000_000_000_000, "triliun"},
	{1_000_000_000, "miliar"},
	{1_000_000, "juta"},
}

// Short writes a rounded amount in Indonesian, "Rp12,6 miliar", with at most one decimal; amounts
// below a million are written in full. Always show the full figure beside it. Pages in another
// language use the printer of kit/i18n.
func (r Rupiah) Short() string {
	n, sign := uint64(r), ""
	if r < 0 {
		n, sign = -n, "-"
	}
	for i, s := range scales {
		if n < s.unit {
			continue
		}
		tenths := n/(s.unit/10) + roundUp(n%(s.unit/10), s.unit/10)
		if tenths >= 10_000 && i > 0 {
			s, tenths = scales[i-1], 10
		}
		text := sign + "Rp" + string(appendGrouped(nil, tenths/10))
		if tenths%10 != 0 {
			text += "," + strconv.FormatUint(tenths%10, 10)
		}
		return text + " " + s.word
	}
	return r.String()
}

// roundUp gives 1 when the rest is half of the step or more.
func roundUp(rest, step uint64) uint64 {
	if rest*2 >= step {
		return 1
	}
	return 0
}

// Parse reads an amount as people and files write it: "1500000", "1.500.000", "Rp1.500.000",
// "Rp 1.500.000,00", "Rp1.500.000,-". Dots only group by three, so "1.5" is refused rather than
// read as one and a half. Errors: money.empty, money.format, money.fraction, money.too_large.
func Parse(s string) (Rupiah, error) {
	text := strings.TrimSpace(s)
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimSpace(strings.TrimPrefix(text, "-"))
	if len(text) >= 2 && strings.EqualFold(text[:2], "rp") {
		text = strings.TrimSpace(strings.TrimPrefix(text[2:], "."))
	}
	if text == "" {
		return 0, fail.Invalid("money.empty")
	}
	whole, fraction, hasFraction := strings.Cut(text, ",")
	if hasFraction {
		if err := checkFraction(fraction); err != nil {
			return 0, err
		}
	}
	n, err := parseGrouped(whole)
	if err != nil {
		return 0, err
	}
	if negative {
		n = -n
	}
	return n, nil
}

func checkFraction(fraction string) error {
	if fraction == "-" || (fraction != "" && strings.Trim(fraction, "0") == "") {
		return nil
	}
	if strings.Trim(fraction, "0123456789") == "" && fraction != "" {
		return fail.Invalid("money.fraction")
	}
	return fail.Invalid("money.format")
}

func parseGrouped(whole string) (Rupiah, error) {
	groups := strings.Split(whole, ".")
	for i, group := range groups {
		if group == "" || strings.Trim(group, "0123456789") != "" ||
			(len(groups) > 1 && i == 0 && len(group) > 3) || (i > 0 && len(group) != 3) {
			return 0, fail.Invalid("money.format")
		}
	}
	n, err := strconv.ParseInt(strings.Join(groups, ""), 10, 64)
	if err != nil {
		return 0, fail.Invalid("money.too_large")
	}
	return Rupiah(n), nil
}
