package insight

import (
	"fmt"
	"strings"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/svg"
	"tepat/internal/kit/tabular"
)

// Words are what something is called: a name, a label of the reference data, or a sentence of the catalogue.
type Words struct {
	Name  string
	Label questionnaire.Label
	Key   string
	Facts []any // of the sentence
}

// Say gives the words in the printer's language.
func (w Words) Say(p i18n.Printer) string {
	switch {
	case w.Name != "":
		return w.Name
	case w.Label.ID != "" && p.Lang == i18n.English:
		return w.Label.EN
	case w.Label.ID != "":
		return w.Label.ID
	}
	facts := make([]any, len(w.Facts))
	for i, f := range w.Facts {
		if inner, ok := f.(Words); ok {
			f = inner.Say(p)
		}
		facts[i] = f
	}
	return p.Text(w.Key, facts...)
}

func named(key string, facts ...any) Words { return Words{Key: key, Facts: facts} }

// Kind says how the numbers of a column are read.
type Kind string

// The kinds of numbers.
const (
	Count  Kind = "count"
	Share  Kind = "share"  // Value.N of Value.Of
	Rupiah Kind = "rupiah" //
	Moment Kind = "moment" // microseconds since 1970, UTC; 0 never
)

// Value is one number with what it is a part of.
type Value struct {
	N  int64
	Of int64 // the denominator; 0 when there is none
	// None tells that the number is not known, which is not zero.
	None bool
	// Hidden tells that the number is too small to be shown to the public.
	Hidden bool
}

// Part gives the share of the denominator; ok is false when there is none.
func (v Value) Part() (share float64, ok bool) {
	if v.None || v.Hidden || v.Of <= 0 {
		return 0, false
	}
	return float64(v.N) / float64(v.Of), true
}

// Column is one column of a table.
type Column struct {
	Key   string // stable, such as "matched" or "place.pkh.enrolled"
	Kind  Kind
	Words Words
}

// Line is one row of a table: an area, or a part of one.
type Line struct {
	Code   area.Code // of an area; zero for a part
	Key    string    // of a part, such as "decile.3"
	Words  Words
	Values []Value
}

// Table is one set of figures: what a page shows as a table, a file holds as rows and a picture draws.
type Table struct {
	Key     string // stable, such as "deciles"
	Words   Words
	Area    area.Code
	Period  string    // Live or a closed month
	AsOf    time.Time // when it was counted; zero when it never was
	Columns []Column
	Lines   []Line
	Total   Line // without values when the lines are no parts of a whole
}

// column gives the place of a column by its key, -1 when there is none.
func (t Table) column(key string) int {
	for i, c := range t.Columns {
		if c.Key == key {
			return i
		}
	}
	return -1
}

// Column gives the values of a column in the order of the lines. It is empty when there is no such column.
func (t Table) Column(key string) []Value {
	at := t.column(key)
	if at < 0 {
		return nil
	}
	out := make([]Value, len(t.Lines))
	for i, l := range t.Lines {
		out[i] = l.Values[at]
	}
	return out
}

// Data gives a column for a picture, with each value as people read it: of a share column the share in percent.
// Codes are dotted; provinces are their two digits, as svg.TileMap wants them.
func (t Table) Data(key string, p i18n.Printer) []svg.Datum {
	at := t.column(key)
	if at < 0 {
		return nil
	}
	out := make([]svg.Datum, len(t.Lines))
	for i, l := range t.Lines {
		v := l.Values[at]
		d := svg.Datum{Code: l.Code.Dotted(), Name: l.Words.Say(p), Value: float64(v.N), Text: t.Columns[at].Text(v, p), None: v.None || v.Hidden}
		if t.Columns[at].Kind == Share {
			share, ok := v.Part()
			d.Value, d.None = share*100, !ok
		}
		out[i] = d
	}
	return out
}

// Text writes a value as people read it; nothing for one that is not known.
func (c Column) Text(v Value, p i18n.Printer) string {
	switch {
	case v.None:
		return ""
	case v.Hidden:
		return p.Text("insight.hidden", "n", smallest)
	}
	switch c.Kind {
	case Share:
		return p.Share(v.N, v.Of)
	case Rupiah:
		return p.Rupiah(v.N)
	case Moment:
		if v.N == 0 {
			return p.Text("insight.never")
		}
		return p.DateShort(time.UnixMicro(v.N).UTC())
	}
	return p.Number(v.N)
}

// Headings gives the titles of the columns of a file: what a line is, then each column, of a share its numerator
// and denominator.
func (t Table) Headings(p i18n.Printer) []string {
	out := []string{p.Text("insight.file.code"), p.Text("insight.file.name")}
	for _, c := range t.Columns {
		out = append(out, c.Words.Say(p))
		if c.Kind == Share {
			out = append(out, p.Text("insight.file.of", "column", c.Words.Say(p)))
		}
	}
	return out
}

// Write writes the table as rows of a file: the titles, the lines, the total. Close stays with the caller.
func (t Table) Write(w tabular.Writer, p i18n.Printer) error {
	titles := make([]tabular.Cell, 0, 2+2*len(t.Columns))
	for _, h := range t.Headings(p) {
		titles = append(titles, tabular.Text(h))
	}
	if err := w.Write(titles...); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	lines := t.Lines
	if len(t.Total.Values) > 0 {
		lines = append(lines[:len(lines):len(lines)], t.Total)
	}
	for _, l := range lines {
		code := l.Key
		if l.Code != area.Nation {
			code = l.Code.Dotted()
		}
		cells := append(titles[:0:0], tabular.Text(code), tabular.Text(l.Words.Say(p)))
		for i, v := range l.Values {
			cells = append(cells, t.Columns[i].cells(v, p)...)
		}
		if err := w.Write(cells...); err != nil {
			return fmt.Errorf("write figures: %w", err)
		}
	}
	return nil
}

// cells gives a value as a file holds it: numbers to compute with, and an empty cell for what is not known.
func (c Column) cells(v Value, p i18n.Printer) []tabular.Cell {
	var one tabular.Cell
	switch {
	case v.None:
	case v.Hidden:
		one = tabular.Text(c.Text(v, p))
	case c.Kind == Rupiah:
		one = tabular.Rupiah(v.N)
	case c.Kind == Moment:
		one = momentCell(v.N)
	default:
		one = tabular.Number(v.N)
	}
	if c.Kind != Share {
		return []tabular.Cell{one}
	}
	if v.None || v.Hidden {
		return []tabular.Cell{one, {}}
	}
	return []tabular.Cell{one, tabular.Number(v.Of)}
}

func momentCell(micros int64) tabular.Cell {
	if micros == 0 {
		return tabular.Cell{}
	}
	return tabular.Text(strings.TrimSuffix(time.UnixMicro(micros).UTC().Format(time.RFC3339), "Z") + "Z")
}
