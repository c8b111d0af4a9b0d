package linkage

import (
	"slices"
	"strings"
)

// fieldOf finds the column of a header that holds a column of the model, or that stands in for it; or -1.
func (m *Model) fieldOf(c *columnFile, header []string) int {
	if at := m.ownFieldOf(c, header); at >= 0 {
		return at
	}
	return m.standInOf(c, header)
}

// ownFieldOf finds the column whose title is one of a column of the model, or -1. Titles are the same without regard to case, spaces
// and signs, or when their words are, each in the form the model has for it: Tgl. Lahir and tanggal_lahir.
func (m *Model) ownFieldOf(c *columnFile, header []string) int {
	if at := m.titled(append([]string{c.Name}, c.From...), header); at >= 0 {
		return at
	}
	if at := slices.IndexFunc(header, func(h string) bool { return m.firstOfTitle(h) == c }); at >= 0 {
		return at
	}
	return m.worded(c, header)
}

// worded finds the only title that has the words of a column and is of no other, or -1: NIK_NASABAH, but not NIK_IBU.
func (m *Model) worded(c *columnFile, header []string) int {
	at := -1
	for i, h := range header {
		if words := m.titleForms(h); len(c.HasWords) == 0 || !hasWords(words, c.HasWords) || c.neverOf(words) || m.columnTitled(h) != nil {
			continue
		}
		if at >= 0 {
			return -1
		}
		at = i
	}
	return at
}

// hasWords tells whether all words of one of some groups are among those of a title.
func hasWords(words, groups []string) bool {
	return slices.ContainsFunc(groups, func(group string) bool {
		for word := range strings.SplitSeq(group, " ") {
			if !slices.Contains(words, word) {
				return false
			}
		}
		return true
	})
}

// neverOf tells whether one of the words of a title says that it is not of the column.
func (c *columnFile) neverOf(words []string) bool {
	return slices.ContainsFunc(c.Never, func(w string) bool { return slices.Contains(words, w) })
}

// firstOfTitle finds the column a title of several names has, DESA/NAGARI say: that of the first name any column has. It is nil where the
// whole title is one of its own, as L/P is, and where there is but one name.
func (m *Model) firstOfTitle(title string) *columnFile {
	if !strings.Contains(title, "/") || m.columnTitled(title) != nil {
		return nil
	}
	for name := range strings.SplitSeq(title, "/") {
		if c := m.columnTitled(name); c != nil {
			return c
		}
	}
	return nil
}

// columnTitled finds the first column one of whose titles this is; nil for none.
func (m *Model) columnTitled(title string) *columnFile {
	for i := range m.file.Columns {
		c := &m.file.Columns[i]
		if m.titled(append([]string{c.Name}, c.From...), []string{title}) >= 0 || m.titled(c.Else, []string{title}) >= 0 {
			return c
		}
	}
	return nil
}

func (m *Model) titled(names, header []string) int {
	for _, same := range []func(a, b string) bool{sameHeader, m.sameTitle} {
		for _, n := range names {
			for i, h := range header {
				if same(h, n) {
					return i
				}
			}
		}
	}
	return -1
}

// standInOf finds what stands in for a column in a header that has none of its own, whole or in parts, or -1: in a list of heads of
// families the head's name is the row's, and her NIK too; beside a name of the row's own it is not.
func (m *Model) standInOf(c *columnFile, header []string) int {
	if len(c.Else) == 0 || m.ownFieldOf(c, header) >= 0 || len(partsOf(c, header)) > 0 {
		return -1
	}
	if c.With != "" && m.standInOf(&m.file.Columns[m.column(c.With)], header) < 0 {
		return -1
	}
	return m.titled(c.Else, header)
}

// StandIn is a column that was read for want of another.
type StandIn struct {
	Table  int    // 0 is the left one
	Column string // of the model
	Title  string // in the file
}

// StandIns gives the columns of the files that stand in for columns of the model.
func (e *Engine) StandIns() (list []StandIn) {
	for i := range e.plan.columns {
		c := &e.plan.columns[i]
		for side, s := range e.sources {
			if s == nil || c.field[side] != e.plan.model.standInOf(c.file, s.Header()) {
				continue
			}
			list = append(list, StandIn{side, c.file.Name, s.Header()[c.field[side]]})
		}
	}
	return list
}

// Recognised gives the columns of the files that no title tells and that were read for what stands in them.
func (e *Engine) Recognised() []StandIn { return e.recognised }

// titleIn gives the title of a table's column as its file has it, also of one that was recognised and bears the model's name since.
func (e *Engine) titleIn(table, field int) string {
	title := e.sources[table].Header()[field]
	for _, r := range e.recognised {
		if r.Table == table && r.Column == title {
			return r.Title
		}
	}
	return title
}

// titleAt finds the first of some titles that a header has, or -1.
func titleAt(header, titles []string) int {
	for _, t := range titles {
		if i := slices.IndexFunc(header, func(h string) bool { return sameHeader(h, t) }); i >= 0 {
			return i
		}
	}
	return -1
}

// Columns tells how many columns of the model a header has, and how many the model has.
func (m *Model) Columns(header []string) (found, all int) {
	for i := range m.file.Columns {
		if m.fieldOf(&m.file.Columns[i], header) >= 0 {
			found++
		}
	}
	return found, len(m.file.Columns)
}

// sameHeader compares titles without regard to case, spaces, underscores, dots and hyphens.
func sameHeader(a, b string) bool { return titleKey(a) == titleKey(b) }

func titleKey(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '.', '-', '\u00a0':
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// sameTitle compares the words of titles, each in the form that stands for it. A title of no words is like none.
func (m *Model) sameTitle(a, b string) bool {
	one := m.titleWords(a)
	return one != "" && one == m.titleWords(b)
}

// titleWords gives the words of a title that count, one behind the other; what stands in brackets explains it.
func (m *Model) titleWords(s string) string {
	if len(m.file.Titles) == 0 {
		return titleKey(unexplained(s))
	}
	return strings.Join(m.titleForms(s), "")
}

// titleForms gives the words of a title that count, each in the form that stands for it.
func (m *Model) titleForms(s string) (words []string) {
	for _, word := range titleList(unexplained(s)) {
		if form, ok := m.file.Titles[word]; ok {
			word = form
		}
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// unexplained leaves out of a title what stands in brackets behind it.
func unexplained(s string) string {
	if at := strings.IndexAny(s, "(["); at > 0 {
		return s[:at]
	}
	return s
}

// titleList gives the words of a title in upper case.
func titleList(s string) []string {
	return strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool {
		return r < 0x80 && !inWord(byte(r)) || r == '_' || r == '.' || r == '-' || r == '\u00a0'
	})
}
