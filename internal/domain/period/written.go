package period

import (
	"strings"

	"tepat/internal/kit/fail"
)

// monthNames are the names of the months, Indonesian, English and older Indonesian spellings; the
// index counts the months of each list.
var monthNames = [...][12]string{
	{"januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus", "september", "oktober", "november", "desember"},
	{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"},
	{"jan", "pebruari", "mar", "apr", "mei", "jun", "jul", "agt", "sept", "okt", "nopember", "des"},
}

// ParseWritten reads a date as it stands in officers' files: 31/12/1990, 31-12-1990, 31.12.1990,
// 31 Desember 1990, 1990/12/31, the stored form and that form with a time of day behind it; also
// 12/1990, Desember 1990 and 1990 alone. Zeros for an unknown day or month (00/00/1950) make a
// partial date. In Indonesia the day comes first: 12/31/1990 is refused. Errors: date.empty,
// date.format, date.two_digit_year and those of NewDate.
func ParseWritten(s string) (Date, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Date{}, fail.Invalid("date.empty")
	}
	parts, ok := splitWritten(s)
	if !ok {
		return Date{}, fail.Invalid("date.format")
	}
	if len(parts[0]) == 4 && len(parts) > 1 { // year first
		parts[0], parts[len(parts)-1] = parts[len(parts)-1], parts[0]
	}
	yearText := parts[len(parts)-1]
	if len(yearText) == 2 && len(parts) > 1 {
		return Date{}, fail.Invalid("date.two_digit_year")
	}
	year, okYear := number(yearText)
	if !okYear || len(yearText) != 4 {
		return Date{}, fail.Invalid("date.format")
	}
	month, day, ok := 0, 0, true
	if len(parts) >= 2 {
		month, ok = monthNumber(parts[len(parts)-2])
	}
	if ok && len(parts) == 3 {
		day, ok = number(parts[0])
		ok = ok && len(parts[0]) <= 2
	}
	if !ok {
		return Date{}, fail.Invalid("date.format")
	}
	return NewDate(year, month, day)
}

// splitWritten cuts the text into one to three parts, without the time of day that databases and
// spreadsheets put behind a date.
func splitWritten(s string) ([]string, bool) {
	if len(s) > 10 && s[4] == '-' && s[10] == 'T' {
		s = s[:10]
	}
	if blank := strings.IndexByte(s, ' '); blank > 0 && strings.Contains(s[blank:], ":") {
		s = s[:blank]
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '-' || r == '.' || r == ' ' || r == ',' })
	return parts, len(parts) >= 1 && len(parts) <= 3
}

func monthNumber(s string) (int, bool) {
	if n, ok := number(s); ok && len(s) <= 2 {
		return n, true
	}
	word := strings.ToLower(s)
	if len(word) < 3 {
		return 0, false
	}
	for _, names := range monthNames {
		for i, name := range names {
			if strings.HasPrefix(name, word) {
				return i + 1, true
			}
		}
	}
	return 0, false
}
