package linkage

import (
	"slices"
	"strings"
	"unicode"

	"tepat/internal/kit/fail"
)

// looked is how many rows are looked at to tell whether a column can be one of ids.
const looked = 100_000

// idColumns finds the column of the ids of each table: the one named, else one of the model's, else the only one whose title says
// that it is one and whose values differ from row to row; -1 for none, the number of the row stands for the id then.
func idColumns(m *Model, left, right Source, o Options) (ids [2]int, err error) {
	for i, one := range []struct {
		source Source
		named  string
	}{{left, o.ID}, {right, o.ReferenceID}} {
		if one.source == nil {
			continue
		}
		header := one.source.Header()
		if one.named == "" {
			ids[i] = m.idColumn(one.source)
			continue
		}
		if ids[i] = titleAt(header, []string{one.named}); ids[i] < 0 {
			return ids, fail.Invalid("linkage.id_missing", "column", one.named, "header", strings.Join(header, ", "))
		}
	}
	return ids, nil
}

func (m *Model) idColumn(s Source) int {
	header := s.Header()
	if at := titleAt(header, m.file.ID); at >= 0 {
		return at
	}
	taken := map[int]bool{}
	for i := range m.file.Columns {
		taken[m.fieldOf(&m.file.Columns[i], header)] = true
	}
	found := -1
	for at, title := range header {
		if taken[at] || !saysID(title) || !differs(s, at) {
			continue
		}
		if found >= 0 {
			found = -1 // which of two is meant is not guessed
			break
		}
		found = at
	}
	if found >= 0 {
		return found
	}
	if at := titleAt(header, m.file.Counted); at >= 0 && differs(s, at) {
		return at
	}
	return -1
}

// saysID tells whether "id" is a word of a title: civil_id, ID Dukcapil, recordId.
func saysID(title string) bool {
	var words []string
	from := 0
	for i, r := range title {
		if unicode.IsUpper(r) && i > 0 && unicode.IsLower(rune(title[i-1])) {
			words, from = append(words, title[from:i]), i
		}
	}
	for _, w := range append(words, title[from:]) {
		if slices.ContainsFunc(strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), func(s string) bool { return strings.EqualFold(s, "id") }) {
			return true
		}
	}
	return false
}

// differs tells whether each row has a value of its own in a column, as far as it is looked.
func differs(s Source, at int) bool {
	seen := map[string]bool{}
	var fields [][]byte
	for row := range min(s.Rows(), looked) {
		fields = s.Fields(row, fields)
		value := strings.TrimSpace(string(fieldAt(fields, at)))
		if value == "" || seen[value] {
			return false
		}
		seen[value] = true
	}
	return true
}

// IDColumn gives the title of the column the ids of a table are read from; empty where the number of the row stands for the id.
func (e *Engine) IDColumn(table int) string {
	if at := e.ids[table]; at >= 0 {
		return e.sources[table].Header()[at]
	}
	return ""
}
