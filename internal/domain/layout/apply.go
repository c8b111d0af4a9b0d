package layout

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// Apply turns a row of the file into a canonical record; what it held before is gone. It reports
// whether the row is good; when not, rec.Problems says of each cell why. Cells are not changed, but
// the record may point into them: it is valid as long as the row is.
//
// Codes of problems: layout.value.missing (fact columns), layout.row.wide (fact columns; more cells than the header has), layout.fault
// (an error value of a spreadsheet; fact value), layout.formula (a formula without its result),
// layout.damaged (digits lost in a spreadsheet), layout.area_number (a code taken for a fraction),
// layout.number, layout.date.order, sex.unknown, and those of period.ParseWritten.
func (b *Binding) Apply(row tabular.Row, rec *Record) bool {
	b.clear(rec)
	rec.Line = row.Line
	for i := range row.Cells {
		if i >= len(b.slots) {
			b.refuseWide(row, rec)
			break
		}
		s := b.slots[i]
		if s.field == noField && s.item < 0 {
			continue
		}
		b.cell(row, i, s, rec)
	}
	for i := range b.mapping.constants {
		if c := &b.mapping.constants[i]; len(rec.values[c.field]) == 0 {
			rec.values[c.field] = c.value
		}
	}
	if b.filled[codeProvince] {
		b.joinCode(rec)
	}
	for i := range b.row {
		b.require(rec, &b.row[i])
	}
	return len(rec.Problems) == 0
}

// need is a group of fields of which a row must have one, and the column the first of them is in.
type need struct {
	fields []Field
	column int
	names  string
}

// require refuses a row that has none of a group, unless one of them is refused already.
func (b *Binding) require(rec *Record, n *need) {
	for _, f := range n.fields {
		if len(rec.values[f]) > 0 {
			return
		}
	}
	for _, p := range rec.Problems {
		if slices.Contains(n.fields, p.Field) || p.Column == 0 {
			return
		}
	}
	b.problem(rec, n.column, n.fields[0], fail.Invalid("layout.value.missing", "columns", n.names))
}

// clear empties the record, as far as this binding fills it.
func (b *Binding) clear(rec *Record) {
	rec.Reset()
	for range b.items {
		rec.items = append(rec.items, nil)
	}
}

// refuseWide refuses a row in which something stands right of the last column: a separator inside a
// cell that was not quoted has moved everything behind it.
func (b *Binding) refuseWide(row tabular.Row, rec *Record) {
	if b.headings == nil {
		return
	}
	for _, c := range row.Cells[len(b.slots):] {
		if len(bytes.TrimSpace(c)) > 0 {
			rec.Problems = append(rec.Problems, Problem{
				Line: row.Line, Field: noField, Err: fail.Invalid("layout.row.wide", "columns", len(b.slots)),
			})
			return
		}
	}
}

// cell puts one cell into its slot.
func (b *Binding) cell(row tabular.Row, i int, s slot, rec *Record) {
	flag := row.Flag(i)
	value := tidy(rec, row.Cells[i])
	if flag&(tabular.FlagFault|tabular.FlagFormula) != 0 {
		if err := unusable(value, flag); err != nil {
			b.problem(rec, i, s.field, err)
			return
		}
	}
	if b.isEmpty(value) {
		return
	}
	if s.item >= 0 {
		rec.items[s.item] = value
		return
	}
	if t := b.mapping.values[s.field]; t != nil {
		if ours, ok := t.to(value); ok {
			rec.SetText(s.field, ours)
			return
		}
	}
	var err *fail.Error
	if s.field >= Fields {
		err = b.spread(rec, s.field, value)
	} else {
		rec.values[s.field], err = b.convert(rec, names[s.field].form, value, flag)
	}
	if err != nil {
		b.problem(rec, i, s.field, err)
		rec.Problems[len(rec.Problems)-1].Raw = value
	}
}

// unusable refuses what a spreadsheet could not compute.
func unusable(value []byte, flag tabular.Flag) *fail.Error {
	switch {
	case flag&tabular.FlagFault != 0:
		return fail.Invalid("layout.fault", "value", string(value))
	case len(value) == 0:
		return fail.Invalid("layout.formula")
	}
	return nil
}

func (b *Binding) problem(rec *Record, i int, f Field, err *fail.Error) {
	rec.Problems = append(rec.Problems, Problem{Line: rec.Line, Column: i + 1, Heading: b.heading(i), Field: f, Err: err})
}

// isEmpty reports whether a value says that nothing is known.
func (b *Binding) isEmpty(value []byte) bool {
	e := &b.mapping.empty
	return len(value) == 0 || len(value) <= e.longest && e.begins[value[0]] && e.words[foldValue(string(value))]
}

// tidy trims a cell and makes every run of blanks, line ends and hard spaces one blank. A tidy cell,
// which most are, is not copied.
func tidy(rec *Record, cell []byte) []byte {
	blank := true // at the begin, and behind a blank
	for i, c := range cell {
		if c > ' ' && c != 0xc2 && c != 0xe2 && c != 0xef {
			blank = false
			continue
		}
		if c != ' ' || blank || i == len(cell)-1 {
			return untidy(rec, cell)
		}
		blank = true
	}
	return cell
}

func untidy(rec *Record, cell []byte) []byte {
	from := len(rec.room)
	blank := true
	for i := 0; i < len(cell); {
		c, size := utf8.DecodeRune(cell[i:])
		switch {
		case c <= ' ' || c == 0xa0 || c == 0x2007 || c == 0x202f:
			if !blank {
				rec.room = append(rec.room, ' ')
			}
			blank = true
		case c == 0x200b || c == 0x200e || c == 0x200f || c == 0xfeff: // marks that nobody sees
		default:
			rec.room = append(rec.room, cell[i:i+size]...)
			blank = false
		}
		i += size
	}
	if blank && len(rec.room) > from {
		rec.room = rec.room[:len(rec.room)-1]
	}
	return rec.room[from:len(rec.room):len(rec.room)]
}
