package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"tepat/data/layouts"
	"tepat/internal/domain/area"
	"tepat/internal/domain/layout"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// ByHeadings is the layout of a plan that takes the headings alone, even where a ready
// layout would fit.
const ByHeadings = "-"

// Plan is how a file is to be read, as far as a person said so. The zero Plan finds out
// everything.
type Plan struct {
	// Layout is a ready layout's name, ByHeadings, or empty: the one that fits.
	Layout string `json:"layout,omitempty"`
	// Sheet of a workbook; empty is the first that holds anything.
	Sheet string `json:"sheet,omitempty"`
	// Columns are the fields or items a person gave the columns, "" for none; nil leaves
	// all as they were found.
	Columns []string `json:"columns,omitempty"`
	// Source and AsOf stand for rows that name none.
	Source string `json:"source,omitempty"`
	AsOf   string `json:"as_of,omitempty"`
	// Area is where the file's rows lie.
	Area area.Code `json:"area,omitempty"`
}

// Column is one column of a file: its heading and what it goes to.
type Column struct {
	Number  int // the first is 1
	Heading string
	// Field is a canonical field, a questionnaire item, or "" when nobody asked for it.
	Field string
	Item  bool
	// Repeated tells that an earlier column goes to the same field; this one is not read.
	Repeated bool
}

// Detection is what a file turned out to be.
type Detection struct {
	Info tabular.Info
	// Layout is the ready layout in use; nil when the headings alone say.
	Layout  *layout.Mapping
	Columns []Column
	// Missing are groups of fields of which the file needs one and has none.
	Missing [][]layout.Field
	// Corrected tells that a person gave the columns their fields.
	Corrected bool

	line    int    // of the header; 0 when it takes two lines
	sheet   string // the sheet that was taken because the first has no such table
	binding *layout.Binding
}

// Err gives the error of a file that lacks columns.
func (d Detection) Err() error {
	if len(d.Missing) == 0 {
		return nil
	}
	return d.binding.Err()
}

// Heads gives the headings of the head of the family that are taken for the row's own.
func (d Detection) Heads() (titles []string) {
	if d.Corrected {
		return nil
	}
	for _, h := range d.binding.Heads() {
		titles = append(titles, h.Text)
	}
	return titles
}

// Has reports whether the file, or its layout, gives a canonical field.
func (d Detection) Has(name string) bool {
	f, ok := layout.FieldNamed(name)
	return ok && d.binding.Has(f)
}

// HasDate reports whether the rows of a subject's file say as of when they hold.
func (d Detection) HasDate(s Subject) bool {
	switch s {
	case Families:
		return d.Has("year")
	case Deciles:
		return d.Has("vintage")
	default:
		return d.Has("as_of")
	}
}

// Unknown counts the columns nobody asked for.
func (d Detection) Unknown() (n int) {
	for _, c := range d.Columns {
		if c.Field == "" && c.Heading != "" && !c.Repeated {
			n++
		}
	}
	return n
}

// Detect reads the beginning of a file. Errors: those of opening a table, layout.column.*
// never: what is missing is told in the Detection.
func (s *Service) Detect(path string, subject Subject, plan Plan) (Detection, error) {
	d := Detection{}
	if _, err := s.planned(path, subject, plan, &d); err != nil {
		return d, err
	}
	if d.Corrected = plan.Columns != nil; d.Corrected {
		m, err := s.corrected(subject, plan, d)
		if err != nil {
			return d, err
		}
		if d.binding, err = s.headings(path, plan.Sheet, m, &d); err != nil {
			return d, err
		}
	}
	s.describe(&d)
	return d, nil
}

// planned binds the layout a plan names, or the one that fits best.
func (s *Service) planned(path string, subject Subject, plan Plan, d *Detection) (m *layout.Mapping, err error) {
	kind := kindOf(subject)
	m = layout.Automatic(kind)
	if plan.Layout != "" && plan.Layout != ByHeadings {
		if m, err = s.mapping(Settings{Subject: subject, Layout: plan.Layout}); err != nil {
			return nil, err
		}
		if m.Kind != kind {
			return nil, fail.Invalid("import.layout_kind", "layout", plan.Layout).On("layout")
		}
		d.Layout = m
	}
	d.binding, err = s.headings(path, plan.Sheet, m, d)
	if errors.Is(err, fail.Invalid("layout.header.missing")) {
		d.binding, err = s.firstRow(path, plan.Sheet, m, d)
	}
	if err != nil || plan.Layout != "" {
		return m, err
	}
	if fit := s.recognise(path, plan.Sheet, kind, d); fit != nil {
		m, d.Layout = fit, fit
		d.binding, err = s.headings(path, plan.Sheet, m, d)
	}
	return m, err
}

// recognise finds the ready layout a file belongs to, also one whose headings nobody knows
// but the layout itself.
func (s *Service) recognise(path, sheet string, kind layout.Kind, d *Detection) *layout.Mapping {
	if m := layout.Recognise(s.ready, kind, d.binding.Headings()); m != nil {
		return m
	}
	for _, m := range s.ready {
		if m.Kind != kind {
			continue
		}
		var probe Detection
		if b, err := s.headings(path, sheet, m, &probe); err == nil && layout.Recognise([]*layout.Mapping{m}, kind, b.Headings()) == m {
			return m
		}
	}
	return nil
}

// headings binds a mapping to the header of a file, and notes where the header stands. Of a workbook whose first sheet has no
// such table (a cover, a summary), the first sheet that has one is taken.
func (s *Service) headings(path, sheet string, m *layout.Mapping, d *Detection) (b *layout.Binding, err error) {
	b, err = s.headingsOf(path, sheetOf(sheet, m), m, d)
	if sheetOf(sheet, m) != "" || err == nil && b.Err() == nil || err != nil && !errors.Is(err, fail.Invalid("layout.header.missing")) {
		return b, err
	}
	for _, other := range d.Info.Sheets {
		var probe Detection
		if found, bad := s.headingsOf(path, other, m, &probe); bad == nil && found.Err() == nil {
			d.Info, d.line, d.sheet = probe.Info, probe.line, other
			return found, nil
		}
	}
	return b, err
}

func (s *Service) headingsOf(path, sheet string, m *layout.Mapping, d *Detection) (b *layout.Binding, err error) {
	err = s.withRows(path, sheet, func(rows tabular.Reader) error {
		d.Info = rows.Info()
		b, err = layout.Headings(rows, m, s.knownItem)
		return headerError(err)
	})
	if err != nil {
		return nil, err
	}
	d.line = 0
	return b, s.eachFirst(path, sheet, func(row tabular.Row) bool {
		if slices.Equal(row.Strings(), b.Headings()) {
			d.line = row.Line
		}
		return d.line > 0
	})
}

// firstRow takes the first row of several cells for the header of a file in which no
// heading is known: a person says what the columns are.
func (s *Service) firstRow(path, sheet string, m *layout.Mapping, d *Detection) (b *layout.Binding, err error) {
	err = s.eachFirst(path, sheetOf(sheet, m), func(row tabular.Row) bool {
		filled := 0
		for _, c := range row.Cells {
			if len(c) > 0 {
				filled++
			}
		}
		if filled < 2 {
			return false
		}
		b, d.line = layout.Automatic(m.Kind).Bind(row.Strings(), s.knownItem), row.Line
		return true
	})
	if err == nil && b == nil {
		err = fail.Invalid("layout.header.missing")
	}
	return b, err
}

func sheetOf(sheet string, m *layout.Mapping) string {
	if sheet == "" {
		return m.Sheet
	}
	return sheet
}

func (s *Service) knownItem(heading string) bool {
	_, ok := s.form().Find(heading)
	return ok
}

func (s *Service) withRows(path, sheet string, f func(tabular.Reader) error) error {
	rows, err := tabular.OpenFile(path, tabular.Options{Sheet: sheet})
	if errors.Is(err, fs.ErrNotExist) {
		return fail.NotFound("import.no_file").Because(err)
	}
	if err != nil {
		return err
	}
	return errors.Join(f(rows), rows.Close())
}

// headerWithin is how many rows are searched for the header, as package layout does.
const headerWithin = 31

// eachFirst calls f for the first good rows of a table until it is content.
func (s *Service) eachFirst(path, sheet string, f func(tabular.Row) bool) error {
	return s.withRows(path, sheet, func(rows tabular.Reader) error {
		for range headerWithin {
			row, err := rows.Next()
			var bad *tabular.RowError
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case errors.As(err, &bad):
				continue
			case err != nil:
				return err
			}
			if f(row) {
				return nil
			}
		}
		return nil
	})
}

// describe lists the columns as a screen shows them.
func (s *Service) describe(d *Detection) {
	d.Columns = nil
	d.Missing = d.binding.Missing()
	repeated := map[int]bool{}
	for _, h := range d.binding.Repeated() {
		repeated[h.Column] = true
	}
	for i, heading := range d.binding.Headings() {
		field := d.binding.FieldOf(i)
		d.Columns = append(d.Columns, Column{Number: i + 1, Heading: strings.TrimSpace(heading), Field: field,
			Item: slices.Contains(d.binding.Items(), field), Repeated: repeated[i+1]})
	}
}

// Plan gives the settings of the run that reads an upload; rejects and alike are where it tells bad rows, and lists those whose
// persons may be registered already. Errors: those of Detect, and layout.column.missing.
func (s *Service) Plan(up Upload, path, rejects, alike string) (Settings, error) {
	d, err := s.Detect(path, up.Subject, up.Plan)
	if err == nil {
		err = d.Err()
	}
	if err != nil {
		return Settings{}, err
	}
	set := Settings{Subject: up.Subject, Path: path, SHA256: up.SHA256, Size: up.Size, Name: up.Name, Source: up.Plan.Source, AsOf: up.Plan.AsOf,
		Whole: true, Rejects: rejects, Alike: alike}
	switch {
	case up.Plan.Columns != nil || up.Plan.Sheet != "" || d.sheet != "":
		text, err := s.mappingText(up.Subject, up.Plan, d)
		set.Layout = text
		return set, err
	case d.Layout != nil:
		set.Layout = d.Layout.Name
	}
	return set, nil
}

// corrected makes the mapping of a plan in which a person gave the columns their fields.
func (s *Service) corrected(subject Subject, plan Plan, d Detection) (*layout.Mapping, error) {
	text, err := s.mappingText(subject, plan, d)
	if err != nil {
		return nil, err
	}
	return layout.Parse([]byte(text))
}

// mappingText writes a plan as a mapping file: that of the ready layout it stands on, with
// the columns the person gave.
func (s *Service) mappingText(subject Subject, plan Plan, d Detection) (string, error) {
	doc := map[string]any{}
	if d.Layout != nil {
		base, err := layouts.Files.ReadFile(d.Layout.Name + ".yaml")
		if err != nil {
			return "", fmt.Errorf("read layout %s: %w", d.Layout.Name, err)
		}
		nodes := map[string]yaml.Node{}
		if err := yaml.Unmarshal(base, &nodes); err != nil {
			return "", fmt.Errorf("read layout %s: %w", d.Layout.Name, err)
		}
		for _, key := range []string{"sheet", "dates", "two_digit_years_until", "empty", "constants", "values", "footer", "header_rows"} {
			if node, ok := nodes[key]; ok {
				doc[key] = &node
			}
		}
	}
	columns, err := columnsOf(plan, d)
	if err != nil {
		return "", err
	}
	doc["kind"], doc["strict"], doc["columns"] = string(kindOf(subject)), true, columns
	if sheet := cmp.Or(plan.Sheet, d.sheet); sheet != "" {
		doc["sheet"] = sheet
	}
	if _, there := doc["constants"]; !there && len(d.binding.Heads()) > 0 && plan.Columns == nil {
		doc["constants"] = map[string]string{layout.Relation.String(): "kepala_keluarga"} // a list of heads, which columns alone would not tell
	}
	if d.line > 0 {
		doc["header_row"] = strconv.Itoa(d.line)
	}
	text, err := yaml.Marshal(doc)
	if err != nil {
		return "", fmt.Errorf("write mapping: %w", err)
	}
	return string(text), nil
}

// columnsOf gives each chosen field its column: by number where the header's line is known,
// so that two columns of one heading stay apart. Error: import.column_twice.
func columnsOf(plan Plan, d Detection) (map[string]string, error) {
	out := map[string]string{}
	for i, heading := range d.binding.Headings() {
		field := d.binding.FieldOf(i)
		if plan.Columns != nil {
			field = ""
			if i < len(plan.Columns) {
				field = plan.Columns[i]
			}
		}
		if field == "" {
			continue
		}
		if _, taken := out[field]; taken {
			return nil, fail.Invalid("import.column_twice", "field", field).On("column." + strconv.Itoa(i+1))
		}
		if out[field] = heading; d.line > 0 {
			out[field] = "#" + strconv.Itoa(i+1)
		}
	}
	if len(out) == 0 {
		return nil, fail.Invalid("layout.map.columns")
	}
	return out, nil
}

// FieldsOf lists what a column of a subject's file may be mapped to, the columns of a
// canonical file first.
func FieldsOf(subject Subject) []string {
	kind := kindOf(subject)
	var out []string
	for _, f := range kind.Columns() {
		out = append(out, f.String())
	}
	for f := range layout.Fields {
		if kind.Has(f) && !slices.Contains(out, f.String()) {
			out = append(out, f.String())
		}
	}
	if kind.Has(layout.RT) {
		out = append(out, "rt_rw")
	}
	if kind.Has(layout.BirthDate) {
		out = append(out, "birth_place_date")
	}
	if kind.Has(layout.AreaCode) {
		out = append(out, "code_province", "code_regency", "code_subdistrict", "code_village")
	}
	return out
}
