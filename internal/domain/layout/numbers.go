package layout

import (
	"bytes"
	"strconv"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// wholeNumber reads a whole number as officers write it: 1500000, 1.500.000, Rp1.500.000,00 or
// 1,500,000.00. A single mark before three digits stands between thousands, as in Indonesian, unless
// the cell is a number of a spreadsheet, where it begins a fraction. A fraction other than zeros is
// an error.
func wholeNumber(rec *Record, value []byte, flag tabular.Flag) ([]byte, *fail.Error) {
	if digits(value) {
		return value, nil
	}
	whole, fraction, ok := split(bare(value), flag&tabular.FlagNumber != 0)
	if !ok || len(bytes.Trim(fraction, "0")) > 0 {
		return nil, fail.Invalid("layout.number")
	}
	from := len(rec.room)
	for i, c := range whole {
		if c >= '0' && c <= '9' || c == '-' && i == 0 {
			rec.room = append(rec.room, c)
		}
	}
	if len(rec.room) == from || rec.room[from] == '-' && len(rec.room) == from+1 {
		rec.room = rec.room[:from]
		return nil, fail.Invalid("layout.number")
	}
	return rec.room[from:len(rec.room):len(rec.room)], nil
}

// bare drops "Rp", "IDR", a dash for no cents, and words such as "Desil" before the number.
func bare(value []byte) []byte {
	i := bytes.IndexAny(value, "0123456789-")
	if i < 0 || !word(value[:i]) {
		return nil
	}
	value = value[i:]
	for _, end := range []string{",-", ".-", "-"} {
		if len(value) > len(end) {
			value = bytes.TrimSuffix(value, []byte(end))
		}
	}
	return value
}

// word reports whether b is one short word, which may end in a point or blanks.
func word(b []byte) bool {
	const longest = 8
	b = bytes.TrimRight(b, " .:")
	for _, c := range b {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(b) <= longest
}

// split cuts a number at its decimal mark; ok is false when its marks contradict each other.
func split(value []byte, plain bool) (whole, fraction []byte, ok bool) {
	for i, c := range value {
		if (c < '0' || c > '9') && c != '.' && c != ',' && c != ' ' && (c != '-' || i > 0) {
			return nil, nil, false
		}
	}
	if len(value) == 0 {
		return nil, nil, false
	}
	if plain {
		whole, fraction, _ = bytes.Cut(value, []byte("."))
		return whole, fraction, true
	}
	last := bytes.LastIndexAny(value, ".,")
	if last < 0 {
		return value, nil, grouped(value, ' ')
	}
	mark := value[last]
	other := byte('.' + ',' - mark)
	behind := value[last+1:]
	switch {
	case bytes.IndexByte(value[:last], mark) >= 0: // the same twice: both stand between thousands
		return value, nil, bytes.IndexByte(value, other) < 0 && grouped(value, mark)
	case bytes.IndexByte(value[:last], other) >= 0: // two kinds: the last begins the fraction
		return value[:last], behind, grouped(value[:last], other) && digits(behind)
	case len(behind) == 3 && last <= 4: // at most "-999" before it
		return value, nil, true
	}
	return value[:last], behind, digits(behind)
}

// grouped reports whether every mark stands before three digits.
func grouped(value []byte, mark byte) bool {
	value = bytes.TrimPrefix(value, []byte("-"))
	for i, part := range bytes.Split(value, []byte{mark}) {
		if !digits(part) || i > 0 && len(part) != 3 {
			return false
		}
	}
	return true
}

// decimal reads a number with a fraction, such as a latitude; a comma may begin the fraction.
func decimal(rec *Record, value []byte) ([]byte, *fail.Error) {
	from := len(rec.room)
	rec.room = append(rec.room, value...)
	out := rec.room[from:len(rec.room):len(rec.room)]
	if i := bytes.IndexByte(out, ','); i >= 0 && bytes.IndexByte(out, '.') < 0 {
		out[i] = '.'
	}
	if _, err := strconv.ParseFloat(string(out), 64); err != nil || bytes.ContainsAny(out, "xXpPnN_") {
		return nil, fail.Invalid("layout.number")
	}
	return out, nil
}
