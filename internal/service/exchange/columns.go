package exchange

import (
	"errors"
	"io"
	"os"
	"strings"

	"tepat/data/layouts"
	"tepat/internal/domain/layout"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/tabular"
)

// table is an open file: its records and what its columns are.
type table struct {
	rows    tabular.Reader
	records *layout.Reader
	items   []itemColumn // by the binding's items
}

// itemColumn is a column of answers. Cells repeat, so each different one is read once.
type itemColumn struct {
	item questionnaire.Item
	read map[string]answer
}

// answer is a cell as the answers document holds it, or why it cannot.
type answer struct {
	json string
	err  error
}

const mostAnswers = 4096

// placed binds a row that cannot be read to the column it cannot be read in.
func (t *table) placed(bad *tabular.RowError) error {
	e, ok := fail.As(bad)
	if !ok || bad.Column == 0 {
		return bad
	}
	name := t.records.Binding().FieldOf(bad.Column - 1)
	if headings := t.records.Binding().Headings(); name == "" && bad.Column <= len(headings) {
		name = headings[bad.Column-1]
	}
	return e.On(name)
}

func (c *itemColumn) answer(cell []byte) answer {
	if known, ok := c.read[string(cell)]; ok {
		return known
	}
	a := readAnswer(c.item, string(cell))
	if len(c.read) < mostAnswers {
		c.read[string(cell)] = a
	}
	return a
}

func readAnswer(item questionnaire.Item, cell string) (a answer) {
	value, err := item.Parse(cell)
	if err != nil {
		return answer{err: err}
	}
	text, err := value.MarshalJSON()
	return answer{json: `"` + item.Key + `":` + string(text), err: err}
}

// Layouts lists the ready mappings for a subject's files.
func (s *Service) Layouts(subject Subject) []*layout.Mapping {
	var out []*layout.Mapping
	for _, m := range s.ready {
		if m.Kind == kindOf(subject) {
			out = append(out, m)
		}
	}
	return out
}

func readyLayouts() ([]*layout.Mapping, error) { return layout.Load(layouts.Files) }

// kindOf gives the kind of table that is about a subject.
func kindOf(s Subject) layout.Kind {
	switch s {
	case Families:
		return layout.Families
	case Civil:
		return layout.Civil
	case Evidence:
		return layout.Evidence
	case Answers:
		return layout.Decisions
	case Results:
		return layout.Payments
	default:
		return layout.Deciles
	}
}

// mapping finds the mapping of an import: its own text, a ready one by name, a file by
// path, or what the headers say.
func (s *Service) mapping(set Settings) (*layout.Mapping, error) {
	switch {
	case set.Layout == "":
		return layout.Automatic(kindOf(set.Subject)), nil
	case strings.Contains(set.Layout, "\n"):
		return layout.Parse([]byte(set.Layout))
	case strings.HasSuffix(set.Layout, ".yaml") || strings.HasSuffix(set.Layout, ".yml"):
		text, err := os.ReadFile(set.Layout)
		if err != nil {
			return nil, fail.NotFound("import.no_layout", "layout", set.Layout).Because(err)
		}
		return layout.Parse(text)
	}
	for _, m := range s.ready {
		if m.Name == set.Layout {
			return m, nil
		}
	}
	return nil, fail.NotFound("import.no_layout", "layout", set.Layout)
}

// openTable opens a file and finds its header: on the sheet that is named, or the first that has such a table.
func (s *Service) openTable(set Settings) (*table, error) {
	m, err := s.mapping(set)
	if err != nil {
		return nil, err
	}
	t, sheets, err := s.openSheet(set.Path, m.Sheet, m)
	if code := fail.CodeOf(err); m.Sheet != "" || len(sheets) < 2 || code != "layout.header.missing" && code != "layout.column.missing" {
		return t, err
	}
	for _, sheet := range sheets {
		if t, _, bad := s.openSheet(set.Path, sheet, m); bad == nil {
			return t, nil
		}
	}
	return nil, err
}

func (s *Service) openSheet(path, sheet string, m *layout.Mapping) (*table, []string, error) {
	rows, err := tabular.OpenFile(path, tabular.Options{Sheet: sheet})
	if err != nil {
		return nil, nil, err
	}
	form := s.form()
	known := func(h string) bool { _, ok := form.Find(h); return ok }
	sheets := rows.Info().Sheets
	records, err := layout.Open(rows, m, known)
	if err != nil {
		return nil, sheets, errors.Join(headerError(err), rows.Close())
	}
	t := &table{rows: rows, records: records}
	for _, heading := range records.Binding().Items() {
		item, _ := form.Find(heading)
		t.items = append(t.items, itemColumn{item, map[string]answer{}})
	}
	return t, sheets, nil
}

// form is the questionnaire of files that name none: the newest.
func (s *Service) form() *questionnaire.Version {
	versions := s.forms.Versions()
	return versions[len(versions)-1]
}

func headerError(err error) error {
	if errors.Is(err, io.EOF) {
		return fail.Invalid("import.empty")
	}
	return err
}
