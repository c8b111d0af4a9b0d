package tabular

import (
	"bytes"
	"unicode/utf8"
)

// sheetRow builds one row of a sheet from its XML. Its memory is used again for the next row.
type sheetRow struct {
	book   *workbook
	limits Limits
	skipTo int // rows up to this one are only passed over

	line   int
	column int       // of the last cell, the first is 0
	wrong  *RowError // the first thing wrong with the row
	data   []byte    // the texts of all cells
	places []place   // by column
	flags  []Flag
	flag   bool // any flag is set
	cells  [][]byte

	kind    []byte // attribute t of the cell being read
	style   int
	raw     []byte // its value as it stands
	formula bool
}

// place is where in data the text of a cell is.
type place struct{ from, to int }

func (s *sheetRow) begin(line int) {
	s.line, s.column, s.wrong, s.flag = line, -1, nil, false
	s.data, s.places, s.flags = s.data[:0], s.places[:0], s.flags[:0]
}

// read takes in everything up to the end tag of the row.
func (s *sheetRow) read(x *xmlScanner) error {
	var t token
	for {
		if err := x.next(&t); err != nil {
			return err
		}
		switch {
		case t.kind == tokenEnd && string(t.name) == "row":
			return nil
		case t.kind == tokenStart && string(t.name) == "c":
			if s.line <= s.skipTo {
				continue
			}
			s.startCell(t.attrs)
			if t.empty {
				continue
			}
			if err := s.readCell(x); err != nil {
				return err
			}
		}
	}
}

// startCell reads where the cell is and what it holds.
func (s *sheetRow) startCell(attrs []byte) {
	s.kind, s.style, s.formula = s.kind[:0], 0, false
	s.raw = s.raw[:0]
	s.column++
	for {
		key, value, rest := nextAttr(attrs)
		if key == nil {
			return
		}
		switch {
		case len(key) != 1:
		case key[0] == 'r':
			if c := columnOf(value); c >= 0 {
				s.column = c
			} else {
				s.refuse("tabular.cell.place", 0)
			}
		case key[0] == 's':
			s.style = atoi(value)
		case key[0] == 't':
			s.kind = append(s.kind, value...)
		}
		attrs = rest
	}
}

// columnOf gives the column of a reference such as AB12; the first is 0. It is negative when there
// is none. Sheets have 16,384 columns.
func columnOf(ref []byte) int {
	const columns = 1 << 14
	n := 0
	for i, c := range ref {
		switch {
		case c >= 'A' && c <= 'Z':
			n = n*26 + int(c-'A') + 1
		case c >= 'a' && c <= 'z':
			n = n*26 + int(c-'a') + 1
		case c >= '0' && c <= '9' && i > 0:
			return n - 1
		default:
			return -1
		}
		if n > columns {
			return -1
		}
	}
	return n - 1
}

// readCell takes in everything up to the end tag of the cell.
func (s *sheetRow) readCell(x *xmlScanner) error {
	var t token
	taking, phonetic := false, false
	for {
		if err := x.next(&t); err != nil {
			return err
		}
		if t.kind == tokenText {
			if taking && !phonetic {
				s.take(t)
			}
			continue
		}
		start := t.kind == tokenStart && !t.empty
		switch string(t.name) {
		case "v", "t":
			taking = start
		case "f":
			s.formula = true
			taking = false
		case "rPh":
			phonetic = start
		case "c":
			return s.endCell()
		}
	}
}

// take keeps a piece of the value, as far as the limit of a row allows.
func (s *sheetRow) take(t token) {
	if len(s.raw)+len(t.text) > s.limits.Line {
		s.refuse("tabular.line.long", s.limits.Line)
		return
	}
	s.raw = appendText(s.raw, t)
}

// endCell turns the value into text and puts it into its column.
func (s *sheetRow) endCell() error {
	if len(s.raw) == 0 && !s.formula {
		return nil
	}
	if s.column >= s.limits.Columns {
		if len(s.raw) > 0 {
			s.column = s.limits.Columns // the number told is that of the first column too many
			s.refuse("tabular.columns.many", s.limits.Columns)
		}
		return nil
	}
	from := len(s.data)
	flag, err := s.value()
	if err != nil {
		return err
	}
	if s.formula {
		flag |= FlagFormula
	}
	if len(s.data) > s.limits.Line {
		s.refuse("tabular.line.long", s.limits.Line)
		s.data = s.data[:from]
	}
	for len(s.places) <= s.column {
		s.places = append(s.places, place{})
		s.flags = append(s.flags, 0)
	}
	s.places[s.column] = place{from, len(s.data)}
	s.flags[s.column] = flag
	s.flag = s.flag || flag != 0
	return nil
}

// value appends the text of the cell to data (ECMA-376 part 1, 18.18.11 for the kinds).
func (s *sheetRow) value() (Flag, error) {
	switch string(s.kind) {
	case "", "n":
		var flag Flag
		if len(s.raw) > 0 {
			s.data, flag = appendNumber(s.data, s.raw, s.format(), s.book.from1904)
		}
		return flag, nil
	case "s":
		data, ok, err := s.book.texts.appendText(s.data, s.index())
		if s.data = data; !ok && err == nil {
			s.refuse("tabular.cell.string", 0)
		}
		return 0, err
	case "b":
		if string(s.raw) == "1" || string(s.raw) == "true" {
			s.data = append(s.data, "TRUE"...)
		} else {
			s.data = append(s.data, "FALSE"...)
		}
		return 0, nil
	case "e":
		s.data = append(s.data, s.raw...)
		return FlagFault, nil
	}
	s.data = append(s.data, unescapeControls(s.raw)...) // str, inlineStr, d
	return 0, nil
}

// index gives the number of a shared text, -1 when it is none.
func (s *sheetRow) index() int {
	if !allDigits(s.raw) {
		return -1
	}
	return atoi(s.raw)
}

func (s *sheetRow) format() format {
	if s.style >= len(s.book.formats) {
		return format{}
	}
	return s.book.formats[s.style]
}

// refuse notes the first thing wrong with the row; the rest of it is read over.
func (s *sheetRow) refuse(code string, limit int) {
	if s.wrong != nil {
		return
	}
	s.wrong = &RowError{Line: s.line, Column: s.column + 1, Code: code, Limit: limit}
	if code == "tabular.line.long" {
		s.wrong.Column = 0
	}
}

// finish gives the row.
func (s *sheetRow) finish() (Row, error) {
	if s.wrong == nil && !utf8.Valid(s.data) {
		s.refuseWhere("tabular.encoding", func(b []byte) bool { return !utf8.Valid(b) })
	}
	if s.wrong == nil && bytes.IndexByte(s.data, 0) >= 0 {
		s.refuseWhere("tabular.nul", func(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 })
	}
	if s.wrong != nil {
		return Row{}, s.wrong
	}
	s.cells = s.cells[:0]
	for _, p := range s.places {
		s.cells = append(s.cells, s.data[p.from:p.to:p.to])
	}
	row := Row{Line: s.line, Cells: s.cells}
	if s.flag {
		row.flags = s.flags
	}
	return row, nil
}

// refuseWhere refuses the row for the first cell that is bad.
func (s *sheetRow) refuseWhere(code string, bad func([]byte) bool) {
	for i, p := range s.places {
		if bad(s.data[p.from:p.to]) {
			s.column = i
			break
		}
	}
	s.refuse(code, 0)
}
