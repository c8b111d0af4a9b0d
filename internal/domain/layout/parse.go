package layout

import (
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// document is a mapping file as it is written. The README of data/layouts explains each key.
type document struct {
	Name         string               `yaml:"name"`
	Kind         string               `yaml:"kind"`
	Title        Label                `yaml:"title"`
	Agency       string               `yaml:"agency"`
	Basis        string               `yaml:"basis"`
	Unverified   bool                 `yaml:"unverified"`
	ValidFrom    period.Date          `yaml:"valid_from"`
	ValidTo      period.Date          `yaml:"valid_to"`
	Sheet        string               `yaml:"sheet"`
	HeaderRow    string               `yaml:"header_row"`
	HeaderRows   int                  `yaml:"header_rows"`
	Footer       footerDocument       `yaml:"footer"`
	Strict       bool                 `yaml:"strict"`
	Dates        []string             `yaml:"dates"`
	TwoDigitYear int                  `yaml:"two_digit_years_until"`
	Empty        []string             `yaml:"empty"`
	Constants    map[string]string    `yaml:"constants"`
	Columns      yaml.Node            `yaml:"columns"` // a node, since its order is that of an export
	Values       map[string]yaml.Node `yaml:"values"`
}

type footerDocument struct {
	Rows       int      `yaml:"rows"`
	StartsWith []string `yaml:"starts_with"`
}

// Parse reads a mapping file. Errors, with the fact line where it is known: layout.map.syntax (fact
// detail), layout.map.kind (fact kind), layout.map.field (fact field), layout.map.heading (fact
// heading, named for two fields), layout.map.header_row, layout.map.footer, layout.map.date (fact
// format), layout.map.value (fact field), layout.map.columns (nothing is mapped).
func Parse(text []byte) (*Mapping, error) {
	var d document
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		return nil, fail.Invalid("layout.map.syntax", "detail", strings.TrimPrefix(err.Error(), "yaml: ")).Because(err)
	}
	m := &Mapping{
		Name: d.Name, Title: d.Title, Agency: d.Agency, Basis: d.Basis, Unverified: d.Unverified, ValidFrom: d.ValidFrom, ValidTo: d.ValidTo,
		Sheet: d.Sheet, strict: d.Strict, headerRows: max(d.HeaderRows, 1), empty: emptySet(d.Empty),
	}
	var err error
	if m.Kind, err = ParseKind(d.Kind); err != nil {
		return nil, fail.Invalid("layout.map.kind", "kind", d.Kind)
	}
	for _, step := range []func(*document) error{m.readHeader, m.readFooter, m.readDates, m.readColumns, m.readConstants, m.readValues} {
		if err := step(&d); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Load reads every mapping of a folder, by name of file. Errors: those of Parse, wrapped with the
// name of the file.
func Load(fsys fs.FS) ([]*Mapping, error) {
	files, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("layout: list mappings: %w", err)
	}
	var list []*Mapping
	for _, name := range files {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("layout: read %s: %w", name, err)
		}
		m, err := Parse(text)
		if err != nil {
			return nil, fmt.Errorf("layout: %s: %w", name, err)
		}
		list = append(list, m)
	}
	return list, nil
}

// readHeader reads where the header stands: a line, "none", or nothing, to find it.
func (m *Mapping) readHeader(d *document) error {
	switch d.HeaderRow {
	case "", "0":
	case "none":
		m.headerRow = noHeader
	default:
		n, err := strconv.Atoi(d.HeaderRow)
		if err != nil || n < 1 {
			return fail.Invalid("layout.map.header_row")
		}
		m.headerRow = n
	}
	if m.headerRows > 2 {
		return fail.Invalid("layout.map.header_row")
	}
	return nil
}

// mostFooter bounds the rows that are held back to see whether they are the last.
const mostFooter = 100

func (m *Mapping) readFooter(d *document) error {
	if d.Footer.Rows < 0 || d.Footer.Rows > mostFooter {
		return fail.Invalid("layout.map.footer", "limit", mostFooter)
	}
	m.footer = footer{rows: d.Footer.Rows, marks: defaultMarks}
	for _, mark := range d.Footer.StartsWith {
		m.footer.marks = append(m.footer.marks[:len(m.footer.marks):len(m.footer.marks)], fold(mark))
	}
	return nil
}

func (m *Mapping) readDates(d *document) error {
	style, err := newDateStyle(d.Dates, d.TwoDigitYear)
	m.dates = style
	return err
}

// readColumns reads which of their headings is which field, in the order of the file. A name that
// is no field is taken for a questionnaire item; whether there is such an item shows when the
// mapping is bound.
func (m *Mapping) readColumns(d *document) error {
	if d.Columns.Kind != yaml.MappingNode {
		return fail.Invalid("layout.map.columns")
	}
	taken := make(map[string]int) // which column has a heading, the first is 1
	for i := 0; i+1 < len(d.Columns.Content); i += 2 {
		key, value := d.Columns.Content[i], d.Columns.Content[i+1]
		c := column{field: noField, item: key.Value}
		if f, ok := byName[key.Value]; ok {
			c.field, c.item = f, ""
			if !m.Kind.accepts(f) {
				return fail.Invalid("layout.map.field", "field", key.Value, "line", key.Line)
			}
		}
		if err := value.Decode(&c.headings); err != nil {
			var one string
			if value.Decode(&one) != nil {
				return fail.Invalid("layout.map.syntax", "detail", fmt.Sprintf("line %d", value.Line))
			}
			c.headings = []string{one}
		}
		if err := c.check(taken, i/2+1, value.Line); err != nil {
			return err
		}
		m.columns = append(m.columns, c)
	}
	if len(m.columns) == 0 {
		return fail.Invalid("layout.map.columns")
	}
	return nil
}

// check reads a column number such as "#3" and refuses a heading named for two columns.
func (c *column) check(taken map[string]int, place, line int) error {
	var words []string
	for _, h := range c.headings {
		key := fold(h)
		if number, ok := strings.CutPrefix(h, "#"); ok {
			n, err := strconv.Atoi(number)
			if err != nil || n < 1 || n > mostColumns {
				return fail.Invalid("layout.map.heading", "heading", h, "line", line)
			}
			c.number, key = n, h
		} else {
			words = append(words, h)
		}
		if key == "" || taken[key] != 0 && taken[key] != place {
			return fail.Invalid("layout.map.heading", "heading", h, "line", line)
		}
		taken[key] = place
	}
	c.headings = words
	if len(words) == 0 && c.number == 0 {
		return fail.Invalid("layout.map.heading", "heading", "", "line", line)
	}
	return nil
}

// mostColumns bounds the number of a column; no sheet has more.
const mostColumns = 1 << 14

func (m *Mapping) readConstants(d *document) error {
	for f := range Fields {
		if v, ok := d.Constants[f.String()]; ok {
			if !m.Kind.Has(f) {
				return fail.Invalid("layout.map.field", "field", f.String(), "line", 0)
			}
			m.constants = append(m.constants, constant{f, []byte(v)})
			delete(d.Constants, f.String())
		}
	}
	for name := range d.Constants {
		return fail.Invalid("layout.map.field", "field", name, "line", 0)
	}
	return nil
}

// readValues reads the translations; the order of the file decides which of several of their values
// an export writes.
func (m *Mapping) readValues(d *document) error {
	m.values = make(map[Field]*translation)
	for name, node := range d.Values {
		f, ok := FieldNamed(name)
		if !ok || !m.Kind.Has(f) || node.Kind != yaml.MappingNode {
			return fail.Invalid("layout.map.value", "field", name, "line", node.Line)
		}
		t := &translation{ours: make(map[string]string), theirs: make(map[string]string)}
		for i := 0; i+1 < len(node.Content); i += 2 {
			theirs, ours := node.Content[i].Value, node.Content[i+1].Value
			t.ours[foldValue(theirs)] = ours
			t.ours[theirs] = ours
			if _, ok := t.theirs[ours]; !ok {
				t.theirs[ours] = theirs
			}
		}
		m.values[f] = t
	}
	return nil
}
