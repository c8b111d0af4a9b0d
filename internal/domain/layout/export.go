package layout

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"tepat/internal/kit/tabular"
)

// Exporter writes records in the columns of a mapping: the way back to the office a file came from.
// It is for one goroutine.
type Exporter struct {
	mapping *Mapping
	columns []outColumn
	room    []byte
	row     int64
}

type outColumn struct {
	heading string
	field   Field
	item    int // place among the items, -1 for none
}

// Exporter gives the writer of the mapping's columns, in the order of the mapping; without columns,
// those of a canonical file, with the items behind them. items are the names of the values that
// records hold by Record.Item or SetItems; a column of the mapping for another item stays empty.
func (m *Mapping) Exporter(items []string) *Exporter {
	e := &Exporter{mapping: m}
	for _, c := range m.columns {
		out := outColumn{field: c.field, item: -1}
		if len(c.headings) > 0 {
			out.heading = c.headings[0]
		}
		if c.field == noField {
			out.item = slices.Index(items, c.item)
		}
		e.columns = append(e.columns, out)
	}
	if len(m.columns) > 0 {
		return e
	}
	for _, f := range m.Kind.Columns() {
		e.columns = append(e.columns, outColumn{f.String(), f, -1})
	}
	for i, name := range items {
		e.columns = append(e.columns, outColumn{name, noField, i})
	}
	return e
}

// Columns gives the titles, with widths that suit what stands below them.
func (e *Exporter) Columns() []tabular.Column {
	list := make([]tabular.Column, len(e.columns))
	for i, c := range e.columns {
		list[i] = tabular.Column{Title: c.heading, Width: max(widthOf(c.field), float64(utf8.RuneCountInString(c.heading)+2))}
	}
	return list
}

// widthOf gives the letters a value of the field usually takes; 0 when the title says enough.
func widthOf(f Field) float64 {
	switch f {
	case NIK, NoKK, AccountNo, CardNo, Phone:
		return 20
	case Name, MotherName, FatherName, AccountName:
		return 28
	case Address, birthPlaceDate, MatchNote, Reason:
		return 36
	case BirthDate, AsOf, CreditedAt, FirstUsedAt, AreaCode, RegistryID:
		return 14
	case Village, Subdistrict, Regency, Province, BirthPlace, Source:
		return 20
	}
	return 0
}

// Titles appends the titles to dst, for a file without styles.
func (e *Exporter) Titles(dst []tabular.Cell) []tabular.Cell {
	for _, c := range e.columns {
		dst = append(dst, tabular.Text(c.heading))
	}
	return dst
}

// Append appends the cells of a record to dst. They are valid until the next call, so the row must
// be written before it.
func (e *Exporter) Append(dst []tabular.Cell, rec *Record) []tabular.Cell {
	e.room = e.room[:0]
	e.row++
	for _, c := range e.columns {
		switch {
		case c.field == rowNumber:
			dst = append(dst, tabular.Number(e.row))
		case c.field == noField:
			dst = append(dst, tabular.Bytes(rec.Item(c.item)))
		case c.field >= Fields:
			dst = append(dst, tabular.Bytes(e.joined(c.field, rec)))
		default:
			dst = append(dst, e.cell(c.field, rec.values[c.field]))
		}
	}
	return dst
}

// cell gives a value as the office writes it.
func (e *Exporter) cell(f Field, value []byte) tabular.Cell {
	if len(value) == 0 {
		return tabular.Cell{}
	}
	if t := e.mapping.values[f]; t != nil {
		if theirs, ok := t.theirs[string(value)]; ok {
			return tabular.Text(theirs)
		}
	}
	switch names[f].form {
	case formDate:
		return tabular.Bytes(e.date(value))
	case formWhole, formAmount:
		if digits(value) && len(value) <= 15 {
			if f == Amount {
				return tabular.Rupiah(wide(value))
			}
			return tabular.Number(wide(value))
		}
	}
	return tabular.Bytes(value)
}

func wide(b []byte) int64 {
	n := int64(0)
	for _, c := range b {
		n = n*10 + int64(c-'0')
	}
	return n
}

func (e *Exporter) date(value []byte) []byte {
	from := len(e.room)
	e.room = e.mapping.dates.appendTheirs(e.room, value)
	return e.room[from:len(e.room):len(e.room)]
}

// joined gives a cell that stands for several fields.
func (e *Exporter) joined(f Field, rec *Record) []byte {
	from := len(e.room)
	switch f {
	case rtRW:
		if rt, rw := rec.values[RT], rec.values[RW]; len(rt)+len(rw) > 0 {
			e.room = append(append(append(e.room, rt...), '/'), rw...)
		}
	case birthPlaceDate:
		place, date := rec.values[BirthPlace], rec.values[BirthDate]
		e.room = append(e.room, place...)
		if len(place) > 0 && len(date) > 0 {
			e.room = append(e.room, ',', ' ')
		}
		e.room = e.mapping.dates.appendTheirs(e.room, date)
	default:
		return areaPart(f, rec.values[AreaCode])
	}
	return e.room[from:len(e.room):len(e.room)]
}

// areaPart gives the digits of an area code that stand for one level.
func areaPart(f Field, code []byte) []byte {
	code = bytes.ReplaceAll(code, []byte("."), nil)
	bounds := [...]int{0, 2, 4, 6, 10}
	i := int(f - codeProvince)
	if len(code) < bounds[i+1] {
		return nil
	}
	return code[bounds[i]:bounds[i+1]]
}
