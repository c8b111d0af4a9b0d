package layout

import (
	"strings"

	"tepat/internal/domain/period"
)

// Label is a text in Indonesian and English.
type Label struct {
	ID string `yaml:"id"`
	EN string `yaml:"en"`
}

// Mapping says how one kind of file is laid out. It is read by Parse, or made by Automatic, and does
// not change; many goroutines may use it.
type Mapping struct {
	Name       string      // stable name, such as siks-ng-bnba; empty when it is made from headers alone
	Kind       Kind        // what the table is about
	Title      Label       // what people call the file
	Agency     string      // whose file it is
	Basis      string      // how the layout is known
	Unverified bool        // no official page or file confirmed it
	ValidFrom  period.Date // first and last day on which files were laid out so; zero is open
	ValidTo    period.Date
	Sheet      string // sheet of a workbook; empty is the first that holds anything

	headerRow  int // line of the header, 0 to find it, noHeader for none
	headerRows int // lines it takes, 1 or 2
	footer     footer
	strict     bool // the built-in names of headings do not count
	columns    []column
	constants  []constant
	values     map[Field]*translation
	dates      dateStyle
	empty      emptyWords
}

// noHeader marks a file whose first row is data.
const noHeader = -1

// column is one column of their file: the field it goes to, or the questionnaire item.
type column struct {
	field    Field  // noField for an item
	item     string // its name
	headings []string
	number   int // column number, the first is 1, when the mapping names it so
}

// constant is a field that is the same in every row, since the file does not hold it.
type constant struct {
	field Field
	value []byte
}

// footer says which rows below the table are none of it.
type footer struct {
	rows  int      // so many at the end
	marks []string // folded begins of texts, such as a total's
}

// defaultMarks begin the rows that officers' tables end with. Such a row counts as the end of the
// table only when it has neither NIK nor No. KK.
var defaultMarks = []string{
	"jumlah", "total", "mengetahui", "catatan", "keterangan", "sumber", "dicetak", "grandtotal", "ditetapkan", "dibuatoleh",
}

// defaultEmpty are texts that stand for nothing.
var defaultEmpty = []string{"-", "--", "---", "–", "null", "(null)", "n/a", "nil", "#n/a"}

// translation turns their values of a field into ours, and back.
type translation struct {
	ours   map[string]string // by their value, folded
	theirs map[string]string // by our value; of several the first in the file
}

// Automatic makes the mapping of a file that is known by its headings alone: canonical files, and
// those whose headings the built-in names cover. Dates are read day first.
func Automatic(k Kind) *Mapping {
	m := &Mapping{Kind: k, headerRows: 1, footer: footer{marks: defaultMarks}}
	m.empty = emptySet(nil)
	return m
}

// emptyWords are the texts, folded, that say that nothing is known, the bytes they begin with and the
// length of the longest: few values are so, and only those are looked up.
type emptyWords struct {
	words   map[string]bool
	begins  [256]bool
	longest int
}

func emptySet(more []string) (e emptyWords) {
	e.words = make(map[string]bool)
	for _, list := range [][]string{defaultEmpty, more} {
		for _, s := range list {
			word := foldValue(s)
			if word == "" {
				continue
			}
			e.words[word] = true
			e.longest = max(e.longest, len(word))
			e.begins[word[0]] = true
			e.begins[strings.ToUpper(word[:1])[0]] = true
		}
	}
	return e
}

// Items gives the questionnaire items that the mapping names columns for.
func (m *Mapping) Items() []string {
	var items []string
	for _, c := range m.columns {
		if c.field == noField {
			items = append(items, c.item)
		}
	}
	return items
}

// foldValue brings a value to the form translations are looked up by.
func foldValue(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// to gives our value of theirs.
func (t *translation) to(theirs []byte) (ours string, ok bool) {
	if ours, ok = t.ours[string(theirs)]; ok { // nearly every value is written as the mapping writes it
		return ours, true
	}
	ours, ok = t.ours[foldValue(string(theirs))]
	return ours, ok
}
