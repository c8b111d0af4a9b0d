package layout

import (
	"bytes"
	"strings"
	"time"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// dateStyle says how a file writes dates. A date with the year first is always understood, and so is
// one with the month's name. Of "03/04/1990" nobody can tell the order: it is the file's, day first
// unless the mapping says otherwise, and never guessed from a single row. A date that only the other
// order can read is an error, since then the order of all rows is in doubt.
type dateStyle struct {
	monthFirst bool
	twoDigits  int    // the latest year two digits may mean; 0 refuses them
	write      []byte // how an export writes: letters d, m, y and what stands between them
}

// newDateStyle reads formats written as the reference day, 2 January 2006.
func newDateStyle(formats []string, until int) (s dateStyle, err error) {
	ordered := false
	for i, format := range formats {
		parts := strings.FieldsFunc(format, func(r rune) bool { return r < '0' || r > '9' })
		wrong := fail.Invalid("layout.map.date", "format", format)
		if len(parts) != 3 {
			return s, wrong
		}
		yearFirst := parts[0] == "2006"
		monthFirst := !yearFirst && strings.TrimLeft(parts[0], "0") == "1"
		switch {
		case yearFirst && strings.TrimLeft(parts[1], "0") == "1" && strings.TrimLeft(parts[2], "0") == "2":
		case monthFirst && strings.TrimLeft(parts[1], "0") == "2" && isYear(parts[2], until):
		case strings.TrimLeft(parts[0], "0") == "2" && strings.TrimLeft(parts[1], "0") == "1" && isYear(parts[2], until):
		default:
			return s, wrong
		}
		if !yearFirst {
			if ordered && s.monthFirst != monthFirst {
				return s, wrong // both orders in one file cannot be told apart
			}
			ordered, s.monthFirst = true, monthFirst
			if len(parts[2]) == 2 {
				s.twoDigits = until
			}
		}
		if i == 0 {
			s.write = []byte(format)
		}
	}
	return s, nil
}

func isYear(part string, until int) bool { return part == "2006" || part == "06" && until > 0 }

// serialDate reads the number by which spreadsheets count days, which a cell holds once it has lost its form of a date: 29221 is
// 1 January 1980. Five digits from 1927 to 2064 are nothing else, for years have four and written dates at least six.
func serialDate(cell []byte) (d period.Date, ok bool) {
	if len(cell) != 5 || !digits(cell) || cell[0] < '1' || cell[0] > '5' {
		return d, false
	}
	day := time.Date(1899, time.December, 30+number(cell), 0, 0, 0, 0, time.UTC)
	return period.On(day.Year(), day.Month(), day.Day()), true
}

// append appends the date a cell holds as YYYY[-MM[-DD]]. Errors: layout.date.order, and those of
// period.ParseWritten.
func (s dateStyle) append(dst, cell []byte) ([]byte, *fail.Error) {
	if isoDate(cell) {
		return append(dst, cell...), nil
	}
	if i := bytes.IndexByte(cell, 'T'); i == 10 && isoDate(cell[:10]) { // a moment of a workbook
		return append(dst, cell[:10]...), nil
	}
	if d, ok := serialDate(cell); ok {
		return d.AppendText(dst), nil
	}
	day, month, year, ok := s.numbers(cell)
	if !ok {
		d, err := period.ParseWritten(string(cell))
		return d.AppendText(dst), failure(err)
	}
	d, err := period.NewDate(year, month, day)
	if err == nil {
		return d.AppendText(dst), nil
	}
	if _, other := period.NewDate(year, day, month); other == nil && day > 0 {
		return dst, fail.Invalid("layout.date.order")
	}
	return dst, failure(err)
}

// isoDate reports whether the cell is a full date in the canonical form that cannot be wrong but for
// a day too many in the month; those are rare and cost more to look at than they are worth here.
func isoDate(c []byte) bool {
	if len(c) != 10 || c[4] != '-' || c[7] != '-' || !digits(c[:4]) || !digits(c[5:7]) || !digits(c[8:]) {
		return false
	}
	month, day := number(c[5:7]), number(c[8:])
	return month >= 1 && month <= 12 && day >= 1 && day <= 28 && (c[0] == '2' || c[0] == '1' && c[1] >= '8')
}

// numbers reads three numbers in the file's order, the year last. ok is false for anything else.
func (s dateStyle) numbers(cell []byte) (day, month, year int, ok bool) {
	if i := bytes.IndexByte(cell, ' '); i > 0 && bytes.IndexByte(cell[i:], ':') > 0 {
		cell = cell[:i] // a time of day behind it
	}
	var parts [3]int
	n, from := 0, 0
	for i := 0; i <= len(cell); i++ {
		if i < len(cell) && cell[i] >= '0' && cell[i] <= '9' {
			continue
		}
		part := cell[from:i]
		if i < len(cell) && cell[i] != '/' && cell[i] != '-' && cell[i] != '.' || len(part) == 0 || n == 3 {
			return 0, 0, 0, false
		}
		if n < 2 && len(part) > 2 {
			return 0, 0, 0, false
		}
		parts[n] = number(part)
		n++
		if n == 3 {
			if parts[2], ok = s.year(part); !ok {
				return 0, 0, 0, false
			}
		}
		from = i + 1
	}
	if n != 3 {
		return 0, 0, 0, false
	}
	if s.monthFirst {
		return parts[1], parts[0], parts[2], true
	}
	return parts[0], parts[1], parts[2], true
}

// year reads the year; two digits mean the latest year that is not after the one the mapping names.
func (s dateStyle) year(part []byte) (int, bool) {
	n := number(part)
	switch {
	case len(part) == 4:
		return n, true
	case len(part) != 2 || s.twoDigits == 0:
		return 0, false
	}
	n += s.twoDigits - s.twoDigits%100
	if n > s.twoDigits {
		n -= 100
	}
	return n, true
}

// appendTheirs appends a canonical date as the file writes it; a partial one stays as it is.
func (s dateStyle) appendTheirs(dst, date []byte) []byte {
	if len(date) != 10 || len(s.write) == 0 {
		return append(dst, date...)
	}
	for format := s.write; len(format) > 0; {
		switch {
		case bytes.HasPrefix(format, []byte("2006")):
			dst, format = append(dst, date[:4]...), format[4:]
		case bytes.HasPrefix(format, []byte("06")):
			dst, format = append(dst, date[2:4]...), format[2:]
		case bytes.HasPrefix(format, []byte("01")):
			dst, format = append(dst, date[5:7]...), format[2:]
		case bytes.HasPrefix(format, []byte("02")):
			dst, format = append(dst, date[8:]...), format[2:]
		case format[0] == '1':
			dst, format = append(dst, bytes.TrimLeft(date[5:7], "0")...), format[1:]
		case format[0] == '2':
			dst, format = append(dst, bytes.TrimLeft(date[8:], "0")...), format[1:]
		default:
			dst, format = append(dst, format[0]), format[1:]
		}
	}
	return dst
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// number reads digits that are known to be few.
func number(b []byte) int {
	n := 0
	for _, c := range b {
		n = n*10 + int(c-'0')
		if n > 1<<20 {
			return 1 << 20
		}
	}
	return n
}

// failure gives the fail.Error of err, which all errors here are.
func failure(err error) *fail.Error {
	e, _ := fail.As(err)
	return e
}
