package layout

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// Rows gives the rows of a table, as tabular.Reader does.
type Rows interface {
	// Next gives the next row, a *tabular.RowError for a bad one, and io.EOF at the end.
	Next() (tabular.Row, error)
}

// Reader gives the records of a table: it finds the header, passes over titles above it, numbered
// columns and repeated headers below it, and totals and signatures at the end.
type Reader struct {
	rows    Rows
	binding *Binding
	ahead   []item // read while the header was looked for
	held    []item // the last rows, when the mapping drops some at the end
	below   bool   // a total or signature was seen
	skipped int
}

// item is a row or the error in its place.
type item struct {
	row tabular.Row
	err error
}

// headerWithin is how many rows are searched for the header.
const headerWithin = 30

// Open finds the header of a table and binds the mapping to it. Errors: layout.header.missing,
// layout.column.missing (fact columns), and those of rows.
func Open(rows Rows, m *Mapping, known func(string) bool) (*Reader, error) {
	r, err := find(rows, m, known)
	if err != nil {
		return nil, err
	}
	return r, r.binding.Err()
}

// Headings finds the header of a table without asking whether its columns suffice, for a screen on
// which a person maps them; a mapping of nil means that of the headings alone. It gives the binding
// found, whose Err says what is missing. Errors: layout.header.missing and those of rows.
func Headings(rows Rows, m *Mapping, known func(string) bool) (*Binding, error) {
	r, err := find(rows, m, known)
	if err != nil {
		return nil, err
	}
	return r.binding, nil
}

// find reads as far as the header.
func find(rows Rows, m *Mapping, known func(string) bool) (*Reader, error) {
	r := &Reader{rows: rows}
	if m.headerRow == noHeader {
		r.binding = m.Bind(nil, known)
		return r, nil
	}
	if err := r.readAhead(m); err != nil {
		return nil, err
	}
	at, best := -1, (*Binding)(nil)
	for i, it := range r.ahead {
		if it.err != nil || m.headerRow > 0 && it.row.Line != m.headerRow {
			continue
		}
		headings := r.headingsAt(i, m)
		if headings == nil {
			continue
		}
		if b := m.Bind(headings, known); best == nil || b.fit() > best.fit() {
			at, best = i, b
		}
	}
	if best == nil || m.headerRow == 0 && best.fit() < min(2, max(1, len(best.headings))) {
		return nil, fail.Invalid("layout.header.missing")
	}
	r.binding = best
	r.skipped = at
	r.ahead = r.ahead[at+m.headerRows:]
	return r, nil
}

// readAhead keeps the rows among which the header is.
func (r *Reader) readAhead(m *Mapping) error {
	for len(r.ahead) < headerWithin+1 {
		row, err := r.rows.Next()
		if err == io.EOF {
			return nil
		}
		if wrong := (*tabular.RowError)(nil); err != nil && !errors.As(err, &wrong) {
			return err
		}
		r.ahead = append(r.ahead, item{row.Clone(), err})
		if m.headerRow > 0 && err == nil && row.Line > m.headerRow {
			return nil
		}
	}
	return nil
}

// headingsAt gives the headings that begin at row i. Where a header takes two lines, the upper stands
// over several columns: it is put before the lower unless the lower says enough.
func (r *Reader) headingsAt(i int, m *Mapping) []string {
	lower := r.ahead[i].row.Strings()
	if m.headerRows == 1 {
		return lower
	}
	if i+1 >= len(r.ahead) || r.ahead[i+1].err != nil {
		return nil
	}
	upper := lower
	lower = r.ahead[i+1].row.Strings()
	known := m.Kind.known()
	for _, c := range m.columns {
		for _, h := range c.headings {
			known[fold(h)] = c.field
		}
	}
	headings := make([]string, max(len(upper), len(lower)))
	over := ""
	for j := range headings {
		up, low := at(upper, j), at(lower, j)
		if up != "" {
			over = up
		}
		if headings[j] = low; low == "" {
			headings[j] = up
			continue
		}
		if _, ok := known[fold(over+" "+low)]; ok {
			headings[j] = over + " " + low
		}
	}
	return headings
}

func at(list []string, i int) string {
	if i < len(list) {
		return strings.TrimSpace(list[i])
	}
	return ""
}

// fit counts the columns that are understood.
func (b *Binding) fit() int {
	n := len(b.items)
	for _, s := range b.slots {
		if s.field != noField && s.field != rowNumber {
			n++
		}
	}
	return n
}

// Binding gives what was found out about the columns.
func (r *Reader) Binding() *Binding { return r.binding }

// Skipped gives how many rows were passed over since they are none of the table.
func (r *Reader) Skipped() int { return r.skipped }

// Next reads the next record into rec. A row that can be read but not used has rec.Problems. It gives
// a *tabular.RowError for a row that cannot be read, io.EOF at the end, and any other error when the
// rest cannot be read.
func (r *Reader) Next(rec *Record) error {
	for {
		it := r.next()
		if it.err != nil {
			return it.err
		}
		if r.foreign(it.row) {
			r.skipped++
			continue
		}
		r.binding.Apply(it.row, rec)
		return nil
	}
}

// next gives the next row that is not among those dropped at the end.
func (r *Reader) next() item {
	keep := r.binding.mapping.footer.rows
	for {
		it := r.one()
		if keep == 0 {
			return it
		}
		if it.err == io.EOF {
			r.skipped += len(r.held)
			r.held = nil
			return it
		}
		it.row = it.row.Clone()
		r.held = append(r.held, it)
		if len(r.held) > keep {
			it = r.held[0]
			r.held = append(r.held[:0], r.held[1:]...)
			return it
		}
	}
}

func (r *Reader) one() item {
	if len(r.ahead) > 0 {
		it := r.ahead[0]
		r.ahead = r.ahead[1:]
		return it
	}
	row, err := r.rows.Next()
	return item{row, err}
}

// foreign reports whether a row is none of the table: numbers of columns, the header once more, a
// total, a signature. A row with a key, such as a NIK, is one of the table; below a total the key must
// look like a number, since the place and date of a signature may stand in its column.
func (r *Reader) foreign(row tabular.Row) bool {
	if numbered(row) || r.isHeader(row) {
		return true
	}
	for _, i := range r.binding.keys {
		c := bytes.TrimSpace(row.Cell(i))
		if len(c) > 0 && !r.binding.isEmpty(c) && (!r.below || numeric(c)) {
			return false
		}
	}
	if len(r.binding.keys) == 0 {
		return false
	}
	if !r.below {
		r.below = r.marked(row)
	}
	return r.below
}

// numeric reports whether a key is digits, perhaps with marks between them.
func numeric(c []byte) bool {
	return strings.IndexByte("0123456789'", c[0]) >= 0 && len(bytes.Trim(c, "0123456789 .-'")) == 0
}

// marked reports whether the first text of a row is a mark of the footer.
func (r *Reader) marked(row tabular.Row) bool {
	for _, c := range row.Cells {
		if len(bytes.TrimSpace(c)) == 0 {
			continue
		}
		text := fold(string(c))
		for _, mark := range r.binding.mapping.footer.marks {
			if strings.HasPrefix(text, mark) {
				return true
			}
		}
		return false
	}
	return false
}

// numbered reports whether the cells are 1, 2, 3, ...: officers number the columns below a header.
func numbered(row tabular.Row) bool {
	if len(row.Cells) < 3 {
		return false
	}
	if c := row.Cells[0]; len(c) == 0 || len(c) > 4 {
		return false
	}
	for i, c := range row.Cells {
		n, err := strconv.Atoi(string(bytes.Trim(c, " ().")))
		if err != nil || n != i+1 {
			return false
		}
	}
	return true
}

// isHeader reports whether a row repeats the header, as the pages of a print do.
func (r *Reader) isHeader(row tabular.Row) bool {
	b := r.binding
	if len(row.Cells) == 0 || len(b.headings) == 0 || len(row.Cells) > len(b.headings) || string(row.Cells[0]) != b.headings[0] {
		return false
	}
	filled := 0
	for i, c := range row.Cells {
		if string(c) != b.headings[i] {
			return false
		}
		if len(c) > 0 {
			filled++
		}
	}
	return filled > 1
}
