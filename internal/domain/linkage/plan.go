package linkage

import (
	"slices"
	"strings"

	"tepat/internal/kit/fail"
)

// plan is a model compiled for the headers of the tables at hand: where each column stands in a
// packed record, the level functions of the comparisons, the parts of the keys.
//
// A record is a run of 32-bit words: first the columns (digits take two words, all others one:
// the place of a text or name among the distinct ones, a packed date, a number's bits), then the number of the row, then one
// word a crowd term, then the prints of the keys and the bits of the values of keys that have several (see met), how rare some
// values are where there is room for it, and nothing up to the end of a line of memory.
type plan struct {
	model       *Model
	columns     []column
	comparisons []comparison
	packed      int // how many of them, the first, look at nothing but the words of records
	relatives   []relative
	company     *company // of deduplication; nil for nothing
	doubts      *doubts  // the same
	guard       *guard   // the same
	taught      *taught  // the same
	variants    []variant
	keys        []key
	refine      []key
	named       []namedWord   // columns of names that are compared
	singles     []*singlePart // of all keys, each once
	manys       []*manyPart
	stride      int
	prints      int      // where the prints begin
	values      int      // words of a record that hold the values of the columns
	number      int      // the word of a record that holds the number of its row
	turns       bool     // days and months are read as the number of the row has them
	ownNames    bool     // a column of names leaves out the row's own
	rare        int      // the word of a record that tells how rare its values are, zero for none; see rareness
	missing     []string // optional columns that neither table has
	skipped     []string // comparisons and keys left out with them
}

// namedWord is where the names of a column are: the word of a record and the table.
type namedWord struct{ word, table int }

// column is one column of the plan.
type column struct {
	file  *columnFile
	kind  kind
	place int // in the model
	word  int // where it begins in a record
	field [2]int
	order [2]string // of the parts of dates in each table
	nulls map[string]bool
	none  []uint32 // dates that are none
	// patterns of numbers that are none, and the column whose number a row does not have here too, nil for none
	patterns []digitPattern
	unlike   *column
	aged     [2][2]int // in each table the fields of an age and of when it was told, -1 for none
	within   *column   // the text a date stands in where its own column is empty
	carries  *column   // the birth date that stands in the number; nil for none, as of the next
	swapped  *column   // where the number of a row sometimes stands instead
	clean    []func(out, in []byte) []byte
	length   [2]int
}

// compile makes the plan for one table, or for two. A column the model calls optional may be missing;
// what needs it is left out and named in the report.
func compile(m *Model, left Source, right Source) (*plan, error) {
	return compileAsking(m, left, right, right == nil)
}

// compileAsking is compile that says whether records have the columns that are asked about doubtful pairs alone, of which links have none.
func compileAsking(m *Model, left Source, right Source, asks bool) (*plan, error) {
	p, err := compileWithout(m, left, right, nil)
	if err != nil {
		return nil, err
	}
	if unused := p.unused(asks); len(unused) > 0 {
		return compileWithout(m, left, right, unused)
	}
	return p, nil
}

// compileWithout is compile without some columns.
func compileWithout(m *Model, left Source, right Source, unused map[string]bool) (*plan, error) {
	p := &plan{model: m}
	for i := range m.file.Columns {
		c := &m.file.Columns[i]
		if p.spared(c) || unused[c.Name] || m.aside(c.Name) {
			continue
		}
		fields := [2]int{m.fieldOf(c, left.Header()), 0}
		header := left.Header()
		if right != nil {
			if fields[1] = m.fieldOf(c, right.Header()); fields[0] >= 0 {
				header = right.Header()
			}
		}
		if p.reads(0, fields[0]) || right != nil && p.reads(1, fields[1]) {
			fields[0] = -1
		}
		if fields[0] < 0 || fields[1] < 0 {
			if !c.Optional {
				return nil, fail.Invalid("linkage.column_missing", "column", c.Name, "wanted", strings.Join(append([]string{c.Name}, c.From...), ", "), "header", strings.Join(header, ", "))
			}
			p.missing = append(p.missing, c.Name)
			continue
		}
		p.add(i, c, fields)
	}
	p.pairUp()
	p.findAges([2]Source{left, right})
	p.values, p.number = p.stride, p.stride
	p.stride++
	if err := p.compare(); err != nil {
		return nil, err
	}
	p.block()
	if right == nil {
		p.company, p.doubts, p.turns = p.keepCompany(left.Header()), p.keepDoubts(), true
		p.taught, p.guard = p.keepTaught(left.Header()), p.keepGuard()
	}
	for i := range p.columns {
		if c := &p.columns[i]; c.kind == kindName && slices.ContainsFunc(p.comparisons, func(x comparison) bool { return x.column == c }) {
			p.named = append(p.named, namedWord{c.word, i})
		}
	}
	if len(p.comparisons) == 0 || len(p.keys) == 0 {
		return nil, fail.Invalid("linkage.nothing", "header", strings.Join(left.Header(), ", "))
	}
	return p, nil
}

// reads tells whether a column of the plan has this field already: the head's name is a person's where a list has no other.
func (p *plan) reads(side, field int) bool {
	return slices.ContainsFunc(p.columns, func(c column) bool { return c.field[side] == field })
}

func (p *plan) add(place int, c *columnFile, fields [2]int) {
	col := newColumn(place, c, fields)
	col.word = p.stride
	p.stride += 1
	if col.kind == kindDigits {
		p.stride += 1
	}
	p.columns = append(p.columns, col)
}

// newColumn reads what the model says of a column.
func newColumn(place int, c *columnFile, fields [2]int) column {
	col := column{file: c, kind: kindOf(c), order: [2]string{c.Order, c.Order}, place: place, field: fields, nulls: map[string]bool{}, length: [2]int{1, 17}, aged: noAge}
	for _, n := range c.Null {
		if pattern, ok := digitPatternOf(n); ok && col.kind == kindDigits {
			col.patterns = append(col.patterns, pattern)
			continue
		}
		if col.kind == kindDate {
			col.none = append(col.none, packDate([]byte(n), c.Order, c.Since))
		}
		col.nulls[string(fold(nil, []byte(n)))] = true
	}
	for _, step := range c.Clean {
		col.clean = append(col.clean, cleanerNamed(step))
	}
	if len(c.Words) > 0 {
		col.clean = append(col.clean, wordsReplaced(c.Words))
	}
	if len(c.Length) == 2 {
		col.length = [2]int{c.Length[0], c.Length[1]}
	}
	return col
}

// of finds a column of the plan by its name; nil when neither table has it.
func (p *plan) of(name string) *column {
	for i := range p.columns {
		if p.columns[i].file.Name == name {
			return &p.columns[i]
		}
	}
	return nil
}

// tabled tells whether values of the kind are kept once each and named by their place.
func (k kind) tabled() bool { return k == kindText || k == kindName || k == kindCode }

// digitsAt reads the digits that begin at a word of a record.
func digitsAt(record []uint32, word int) uint64 {
	return uint64(record[word])<<32 | uint64(record[word+1])
}
