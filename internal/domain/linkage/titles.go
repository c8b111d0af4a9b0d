package linkage

import (
	"slices"
	"strings"
)

// fieldOf finds the column of a header that holds a column of the model, or -1. Titles are the same without regard to case, spaces
// and signs, or when their words are, each in the form the model has for it: Tgl. Lahir and tanggal_lahir.
func (m *Model) fieldOf(c *columnFile, header []string) int {
	names := append([]string{c.Name}, c.From...)
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
	if at := strings.IndexAny(s, "(["); at > 0 {
		s = s[:at]
	}
	if len(m.file.Titles) == 0 {
		return titleKey(s)
	}
	var out strings.Builder
	for _, word := range strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool {
		return r < 0x80 && !inWord(byte(r)) || r == '_' || r == '.' || r == '-' || r == '\u00a0'
	}) {
		if form, ok := m.file.Titles[word]; ok {
			word = form
		}
		out.WriteString(word)
	}
	return out.String()
}
