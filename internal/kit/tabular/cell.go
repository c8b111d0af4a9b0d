package tabular

import (
	"math"
	"strconv"
	"unsafe"
)

type kind uint8

const (
	kindEmpty kind = iota
	kindText
	kindNumber
	kindDecimal
	kindMoney
	kindDate
)

// Cell is one value to write. The zero Cell is empty.
type Cell struct {
	kind kind
	text string
	n    int64 // number, or the bits of a decimal, or days since 1899-12-30
}

// Text is a cell that stays text: a NIK, a No. KK, a name. A spreadsheet neither computes it nor
// drops its digits or leading zeros.
func Text(s string) Cell { return Cell{kind: kindText, text: s} }

// Bytes is Text of bytes, which must not change until Write has returned.
func Bytes(b []byte) Cell {
	if len(b) == 0 {
		return Cell{kind: kindText}
	}
	return Cell{kind: kindText, text: unsafe.String(&b[0], len(b))}
}

// Number is a whole number to compute with. In a workbook one of more than 15 digits becomes text,
// since a spreadsheet would not keep it.
func Number(n int64) Cell { return Cell{kind: kindNumber, n: n} }

// Decimal is a number with a fraction; what is not finite is an empty cell.
func Decimal(f float64) Cell {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Cell{}
	}
	return Cell{kind: kindDecimal, n: int64(math.Float64bits(f))}
}

// Rupiah is an amount of money in whole rupiah; a workbook shows it with a mark every three digits.
func Rupiah(n int64) Cell { return Cell{kind: kindMoney, n: n} }

// Day is a calendar day of the years 1900 to 9999, which a workbook can sort and filter as a date
// and shows as YYYY-MM-DD; any other, also one that does not exist, is written as text. Partial
// dates are Text.
func Day(year, month, day int) Cell {
	n, ok := serialOf(year, month, day)
	if !ok {
		return Text(isoDay(year, month, day))
	}
	return Cell{kind: kindDate, n: n}
}

// appendPlain appends the value as CSV holds it, without quotes.
func (c Cell) appendPlain(dst []byte) []byte {
	switch c.kind {
	case kindText:
		return append(dst, c.text...)
	case kindNumber, kindMoney:
		return strconv.AppendInt(dst, c.n, 10)
	case kindDecimal:
		return strconv.AppendFloat(dst, math.Float64frombits(uint64(c.n)), 'f', -1, 64)
	case kindDate:
		return appendSerialDay(dst, c.n)
	}
	return dst
}
