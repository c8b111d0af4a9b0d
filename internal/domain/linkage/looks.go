package linkage

import (
	"bytes"
	"slices"
)

// What tells a column by what stands in it. Lists are dirty, so shares are far from one; a column of something else is farther.
const (
	looksSample = 2000 // rows looked at, evenly over a table
	looksLeast  = 20   // values, below which nothing is said
	looksMost   = 0.7  // of the values have the form
	looksWomen  = 0.1  // of NIKs at least have a day above 40, and at most one less this; of cards' numbers hardly any
	looksCards  = 0.05
	looksOwn    = 0.5 // of dates are those the row's NIK carries, and of sexes at least looksMost
	looksOld    = 0.3 // of dates, where no NIK is there to ask, are of before looksYear
	looksYear   = 1995
)

// contents is a question to the values of a column of a table; niks are the numbers of the same rows, noDigitsValue for none.
type contents struct {
	name string
	is   func(c *column, values [][]byte, niks []uint64) bool
}

// looks are the forms a column of a model can name, in the order in which they are looked for.
func looks() []contents {
	return []contents{{"nik", looksNIK}, {"card", looksCard}, {"birth", looksBirth}, {"sex", looksSex}, {"place", looksPlace}, {"phone", looksPhone}}
}

func lookNamed(name string) *contents {
	list := looks()
	if at := slices.IndexFunc(list, func(l contents) bool { return l.name == name }); at >= 0 {
		return &list[at]
	}
	return nil
}

// retitled is a table some of whose columns have the model's names for their titles, for what stands in them.
type retitled struct {
	Source
	header []string
}

func (r *retitled) Header() []string { return r.header }

// retitledFields is one of a table that gives single fields.
type retitledFields struct {
	retitled
	one fielder
}

func (r *retitledFields) Field(row, column int) []byte { return r.one.Field(row, column) }

// recognise gives the table with the columns named that no title tells but their values do, and which these are. A form that two columns have
// tells neither, and a title that says it is somebody else's, or an id, is believed.
func (m *Model) recognise(table int, s Source, id string) (Source, []StandIn) {
	if s == nil || !slices.ContainsFunc(m.file.Columns, func(c columnFile) bool { return c.Looks != "" }) {
		return s, nil
	}
	header, seen := slices.Clone(s.Header()), []StandIn(nil)
	var rows [][][]byte // read when they are first asked
	for _, l := range looks() {
		for i := range m.file.Columns {
			c := &m.file.Columns[i]
			if c.Looks != l.name || m.fieldOf(c, header) >= 0 || len(partsOf(c, header)) > 0 {
				continue
			}
			if rows == nil {
				rows = sampled(s, looksSample)
			}
			if at := m.onlyLooking(&l, c, id, header, rows); at >= 0 {
				seen, header[at] = append(seen, StandIn{table, c.Name, header[at]}), c.Name
			}
		}
	}
	if len(seen) == 0 {
		return s, nil
	}
	if one, ok := s.(fielder); ok {
		return &retitledFields{retitled{s, header}, one}, seen
	}
	return &retitled{s, header}, seen
}

// sampled copies some rows of a table, evenly over it.
func sampled(s Source, most int) (rows [][][]byte) {
	var fields [][]byte
	for step, row := max(s.Rows()/most, 1), 0; row < s.Rows(); row += step {
		fields = s.Fields(row, fields)
		own := make([][]byte, len(fields))
		for i, f := range fields {
			own[i] = bytes.Clone(bytes.TrimSpace(f))
		}
		rows = append(rows, own)
	}
	return rows
}

// onlyLooking finds the only column that no title tells and whose values have the form of a column of the model, or -1.
func (m *Model) onlyLooking(l *contents, c *columnFile, id string, header []string, rows [][][]byte) int {
	col, niks, found := newColumn(0, c, [2]int{}), m.niksOf(header, rows), -1
	for at, title := range header {
		if sameHeader(title, id) || saysID(title) || m.spoken(title, header) || c.neverOf(m.titleForms(title)) || slices.Contains(header[:at], title) {
			continue
		}
		var values [][]byte
		var own []uint64
		for i, row := range rows {
			if v := fieldAt(row, at); len(v) > 0 && !col.null(v) {
				values, own = append(values, v), append(own, niks[i])
			}
		}
		if len(values) < looksLeast || !l.is(&col, values, own) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = at
	}
	return found
}

// spoken tells whether a title is one of a column of the model, or of the ids.
func (m *Model) spoken(title string, header []string) bool {
	if m.columnTitled(title) != nil || titleAt([]string{title}, m.file.ID) >= 0 {
		return true
	}
	return slices.ContainsFunc(m.file.Columns, func(c columnFile) bool {
		at := m.fieldOf(&c, header)
		return at >= 0 && header[at] == title
	})
}

// niksOf gives the numbers of some rows that carry a birth date; none for all where the header has no such column.
func (m *Model) niksOf(header []string, rows [][][]byte) []uint64 {
	niks := slices.Repeat([]uint64{noDigitsValue}, len(rows))
	for i := range m.file.Columns {
		c := &m.file.Columns[i]
		if at := m.fieldOf(c, header); c.Carries != "" && at >= 0 {
			for j, row := range rows {
				niks[j] = nikOf(fieldAt(row, at))
			}
		}
	}
	return niks
}

// nikOf reads a number of sixteen digits that carries a date; noDigitsValue for any other.
func nikOf(value []byte) uint64 {
	v := packDigits(value, nil, 16, 16)
	if v == noDigitsValue || !carriesDate(v) {
		return noDigitsValue
	}
	return v
}

// carriesDate tells whether the digits 7 to 12 are a day, of women above 40, a month and a year.
func carriesDate(v uint64) bool {
	day, month := unpack(uint32(v>>32&0xff), 2)%40, unpack(uint32(v>>24&0xff), 2)
	return day >= 1 && day <= 31 && unpack(uint32(v>>32&0xff), 2) <= 71 && month >= 1 && month <= 12
}

func womans(nik uint64) bool { return nik>>36&15 >= 4 }

// share gives the part of some values of which something is so.
func share[T any](values []T, so func(i int, v T) bool) float64 {
	n := 0
	for i, v := range values {
		if so(i, v) {
			n++
		}
	}
	return float64(n) / float64(max(len(values), 1))
}

func looksNIK(_ *column, values [][]byte, _ []uint64) bool {
	numbers, women := numbersOf(values)
	return numbers >= looksMost && women >= looksWomen && women <= 1-looksWomen
}

// looksCard: the number of a family card has the day it was issued where a NIK has the birth date.
func looksCard(_ *column, values [][]byte, _ []uint64) bool {
	numbers, women := numbersOf(values)
	return numbers >= looksMost && women <= looksCards
}

// numbersOf gives the share of values that are numbers with a date, and of these the share with a woman's day.
func numbersOf(values [][]byte) (numbers, women float64) {
	var list []uint64
	for _, v := range values {
		if n := nikOf(v); n != noDigitsValue {
			list = append(list, n)
		}
	}
	return float64(len(list)) / float64(len(values)), share(list, func(_ int, n uint64) bool { return womans(n) })
}

// looksBirth: dates, and those the NIKs of the rows carry; without NIKs dates as old as people are.
func looksBirth(c *column, values [][]byte, niks []uint64) bool {
	dates := make([]uint32, len(values))
	whole := share(values, func(i int, v []byte) bool {
		dates[i] = packDate(v, c.file.Order, c.file.Since)
		return wholeDate(dates[i]) && dateYear(dates[i]) >= 1900
	})
	if whole < looksMost {
		return false
	}
	var own []bool
	for i, n := range niks {
		if n != noDigitsValue && wholeDate(dates[i]) {
			own = append(own, ownDate(n, dates[i]))
		}
	}
	if len(own) >= looksLeast {
		return share(own, func(_ int, o bool) bool { return o }) >= looksOwn
	}
	return share(dates, func(_ int, d uint32) bool { return d != 0 && dateYear(d) < looksYear }) >= looksOld
}

// looksSex: values of the column's map alone, as the NIKs of the rows have it; without NIKs words, for numbers may be anything.
func looksSex(c *column, values [][]byte, niks []uint64) bool {
	read := func(v []byte) string {
		text := string(fold(nil, v))
		if form, ok := c.file.Map[text]; ok {
			return form
		}
		return text
	}
	forms := map[string]bool{}
	for _, form := range c.file.Map {
		forms[form] = true
	}
	known := share(values, func(_ int, v []byte) bool { return forms[read(v)] })
	women := share(values, func(_ int, v []byte) bool { return read(v) == looksWoman })
	if known < 1-looksCards || women < looksWomen || women > 1-looksWomen {
		return false
	}
	var own []bool
	for i, n := range niks {
		if n != noDigitsValue {
			own = append(own, womans(n) == (read(values[i]) == looksWoman))
		}
	}
	if len(own) >= looksLeast {
		return share(own, func(_ int, o bool) bool { return o }) >= looksMost
	}
	return share(values, func(_ int, v []byte) bool { return v[0] >= 'A' }) >= looksMost
}

// looksWoman is what a map makes of a woman.
const looksWoman = "P"

// looksPlace: ten digits that are the place the NIKs of the rows were given at, as often as people live where they were born.
func looksPlace(_ *column, values [][]byte, niks []uint64) bool {
	codes := make([]uint64, len(values))
	digits := share(values, func(i int, v []byte) bool {
		codes[i] = packDigits(v, nil, 10, 10)
		return codes[i] != noDigitsValue
	})
	var own []bool
	for i, n := range niks {
		if n != noDigitsValue && codes[i] != noDigitsValue {
			own = append(own, n>>48 == codes[i]>>48)
		}
	}
	return digits >= looksMost && len(own) >= looksLeast && share(own, func(_ int, o bool) bool { return o }) >= looksOld
}

// looksPhone: a mobile number, 08 or 628 and seven to eleven digits more; codes of places begin with eight too.
func looksPhone(c *column, values [][]byte, _ []uint64) bool {
	return share(values, func(_ int, v []byte) bool {
		n := packDigits(v, c.file.Strip, 9, 12)
		return n != noDigitsValue && n>>60 == 8 && bytes.IndexByte([]byte("06+"), v[0]) >= 0
	}) >= looksMost
}
