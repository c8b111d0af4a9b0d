package i18n

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// format says how a fact is written.
type format uint8

const (
	formatPlain   format = iota // numbers grouped, times as dates, the rest as it prints
	formatRaw                   // no grouping: years, codes
	formatRupiah                // whole rupiah
	formatPercent               // a share between 0 and 1
	formatDate                  // 21 November 2026
	formatShort                 // 21 Nov 2026
	formatTime                  // pukul 14.30 WIB
)

func parseFormat(verb string) (format, bool) {
	switch verb {
	case "":
		return formatPlain, true
	case "raw":
		return formatRaw, true
	case "rupiah":
		return formatRupiah, true
	case "percent":
		return formatPercent, true
	case "date":
		return formatDate, true
	case "short":
		return formatShort, true
	case "time":
		return formatTime, true
	}
	return formatPlain, false
}

// value writes one fact. Named integer types (such as rupiah) count as their kind only when
// the format asks for it or they have no String of their own.
func (p Printer) value(f format, v any) string {
	switch f {
	case formatRaw:
		return fmt.Sprint(v)
	case formatRupiah:
		if n, ok := integer(v); ok {
			return p.Rupiah(n)
		}
	case formatPercent:
		if share, ok := real(v); ok {
			return p.Percent(share)
		}
	case formatDate, formatShort:
		return p.dateValue(f, v)
	case formatTime:
		if t, ok := v.(time.Time); ok {
			return p.Clock(t)
		}
	}
	return p.plainValue(v)
}

func (p Printer) plainValue(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int:
		return p.Number(int64(x))
	case int64:
		return p.Number(x)
	case time.Time:
		return p.Date(x)
	case fmt.Stringer:
		return x.String()
	case float64:
		return p.Decimal(x, decimalsOf(x))
	}
	if n, ok := integer(v); ok {
		return p.Number(n)
	}
	return fmt.Sprint(v)
}

func (p Printer) dateValue(f format, v any) string {
	if t, ok := v.(time.Time); ok {
		if f == formatShort {
			return p.DateShort(t)
		}
		return p.Date(t)
	}
	return p.datePart(fmt.Sprint(v), f == formatShort)
}

func integer(v any) (int64, bool) {
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return r.Int(), true
	case r.CanUint() && r.Uint() <= math.MaxInt64:
		return int64(r.Uint()), true
	}
	return 0, false
}

func real(v any) (float64, bool) {
	if r := reflect.ValueOf(v); r.CanFloat() {
		return r.Float(), true
	}
	return 0, false
}

// decimalsOf gives the number of decimals needed, at most two.
func decimalsOf(f float64) int {
	for d := range 2 {
		scaled := f * math.Pow10(d)
		if math.Abs(scaled-math.Round(scaled)) < 1e-9*math.Max(1, math.Abs(scaled)) {
			return d
		}
	}
	return 2
}

// Number writes a count with its thousands grouped: 132.243 in Indonesian, 132,243 in English.
func (p Printer) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "−", digits[1:]
	}
	if len(digits) <= 3 {
		return sign + digits
	}
	return sign + group(digits, p.thousands())
}

func group(digits string, separator byte) string {
	out := make([]byte, 0, len(digits)+len(digits)/3)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, separator)
		}
		out = append(out, digits[i])
	}
	return string(out)
}

func (p Printer) thousands() byte {
	if p.Lang == English {
		return ','
	}
	return '.'
}

func (p Printer) point() string {
	if p.Lang == English {
		return "."
	}
	return ","
}

// Decimal writes f with a fixed number of decimals: 12,5 in Indonesian, 12.5 in English.
func (p Printer) Decimal(f float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(f), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	out := group(whole, p.thousands())
	if fraction != "" {
		out += p.point() + fraction
	}
	if f < 0 && strings.Trim(text, "0.") != "" {
		return "−" + out
	}
	return out
}

// Percent writes a share between 0 and 1 with one decimal: 12,5%.
//
// It never rounds to a claim that is not so: a share above nothing shows at least "<0,1%",
// and one below the whole at most ">99,9%".
func (p Printer) Percent(share float64) string {
	switch {
	case math.IsNaN(share) || math.IsInf(share, 0):
		return "–"
	case share == 0 || share == 1:
		return p.Decimal(share*100, 0) + "%"
	case share > 0 && share < 0.0005:
		return "<" + p.Decimal(0.1, 1) + "%"
	case share < 1 && share >= 0.9995:
		return ">" + p.Decimal(99.9, 1) + "%"
	}
	return p.Decimal(share*100, 1) + "%"
}

// Share writes part of whole as a percentage, or a dash when the whole is nothing.
func (p Printer) Share(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	return p.Percent(float64(part) / float64(whole))
}

// Rupiah writes a whole amount: Rp1.500.000 (EYD V: no space after Rp).
func (p Printer) Rupiah(amount int64) string {
	if amount < 0 {
		return "−Rp" + strings.TrimPrefix(p.Number(amount), "−")
	}
	return "Rp" + p.Number(amount)
}

// RupiahLetter writes an amount as letters and decrees do: Rp1.500.000,00.
func (p Printer) RupiahLetter(amount int64) string { return p.Rupiah(amount) + p.point() + "00" }

// RupiahShort writes a large amount in words, such as Rp12,6 miliar. The full figure must
// stand beside it (ux.md, section 9).
func (p Printer) RupiahShort(amount int64) string {
	scales := []struct {
		unit   int64
		id, en string
	}{
		{1_000_000_000_000, "triliun", "trillion"},
		{1_000_000_000, "miliar", "billion"},
		{1_000_000, "juta", "million"},
	}
	size := amount
	if size < 0 {
		size = -size
	}
	for _, s := range scales {
		if size < s.unit {
			continue
		}
		word := s.id
		if p.Lang == English {
			word = s.en
		}
		sign := ""
		if amount < 0 {
			sign = "−"
		}
		return sign + "Rp" + p.Decimal(float64(size)/float64(s.unit), 1) + " " + word
	}
	return p.Rupiah(amount)
}
