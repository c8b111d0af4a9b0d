package linkage

import (
	"bytes"
	"math"
	"slices"

	"tepat/internal/kit/fail"
)

// taught is columns a list is asked itself what they tell of: the day a row was entered, the source it came from. In one list the two
// rows of a double never have one year of entry, for they were entered at different sittings, while twins and brothers have; in the next
// all rows have one year. So the weights of agreeing and of differing are taken from the doubtful pairs of the very list, by how likely
// each is one without them (expectation and maximisation, Winkler 1988), apart for pairs of one household and of two.
type taught struct {
	file    *taughtFile
	beside  int // the word of a record where the number of the household begins
	below   int32
	other   *rawColumn // the list's own number of the household; nil for none
	columns []rawColumn
}

// rawColumn is a column read from the rows of the file when a doubtful pair is asked about: no record has room for it.
type rawColumn struct {
	column
	at    int    // the field
	title string // of the field
}

// Lesson is what a list tells of two rows that agree in a column, and of two that differ.
type Lesson struct {
	Column    string  `json:"column"`    // its name in the model
	Title     string  `json:"title"`     // and in the list
	Household bool    `json:"household"` // of pairs of one household; else of others
	Same      float64 `json:"same_bits"`
	Differ    float64 `json:"differ_bits"`
	Pairs     int     `json:"pairs"` // that taught it
}

const (
	fewestPairs   = 50 // fewer pairs teach nothing
	taughtRounds  = 40
	taughtCaution = 8  // pairs that are taken to agree as often whether they are one or two
	taughtMost    = 3  // bits a column may add
	taughtLeast   = -4 // and take
	beliefUnit    = 1 << 20
)

// keepTaught finds the columns a table has; nil where the model or the table has none.
func (p *plan) keepTaught(header []string) *taught {
	f := p.model.file.Taught
	if f == nil || p.of(f.Beside) == nil {
		return nil
	}
	t := &taught{file: f, beside: p.of(f.Beside).word, below: fixed(f.Below)}
	for _, name := range f.Columns {
		if c := p.raw(name, header); c != nil {
			t.columns = append(t.columns, *c)
		}
	}
	if len(t.columns) == 0 {
		return nil
	}
	if f.Else != "" {
		t.other = p.raw(f.Else, header)
	}
	return t
}

// raw finds a column that no record has room for; nil where the table does not have it.
func (p *plan) raw(name string, header []string) *rawColumn {
	place := p.model.column(name)
	at := p.model.fieldOf(&p.model.file.Columns[place], header)
	if at < 0 || p.reads(0, at) {
		return nil
	}
	return &rawColumn{newColumn(place, &p.model.file.Columns[place], [2]int{at, -1}), at, header[at]}
}

// value gives what a row has in the column, folded and without the time of day; empty for nothing.
func (c *rawColumn) value(fields [][]byte, room []byte) []byte {
	if c.at >= len(fields) {
		return nil
	}
	field := fields[c.at][:min(len(fields[c.at]), longestValue)]
	if i := bytes.IndexAny(field, "T "); i >= 8 && i+2 < len(field) && field[0] >= '0' && field[0] <= '9' && bytes.IndexByte(field[i:], ':') > 0 {
		field = field[:i]
	}
	v := fold(room[:0], field)
	if c.nulls[string(v)] {
		return nil
	}
	return v
}

// doubtful is a pair that teaches and is taught: how it agrees in each column, 0 for not known, else 1 + 2 where of one household + 1
// where the same.
type doubtful struct {
	edge  int
	cells [maxTaught]uint8
}

// maxTaught bounds the columns.
const maxTaught = 6

// gatherDoubtful reads the doubtful edges.
func (e *Engine) gatherDoubtful(t *taught, edges []Edge, asks func(edge int) bool) (list []doubtful) {
	var one, two [][]byte
	var roomA, roomB []byte
	for i, x := range edges {
		if !asks(i) {
			continue
		}
		d := doubtful{edge: i}
		one, two = e.fields(int(x.A), one), e.fields(int(x.B), two)
		group := digitsAt(e.record(int(x.A)), t.beside)
		household := uint8(0)
		if group != noDigitsValue && group == digitsAt(e.record(int(x.B)), t.beside) {
			household = 2
		}
		if t.other != nil && household == 0 {
			if roomA, roomB = t.other.value(one, roomA), t.other.value(two, roomB); len(roomA) > 0 && bytes.Equal(roomA, roomB) {
				household = 2
			}
		}
		for k := range t.columns {
			roomA, roomB = t.columns[k].value(one, roomA), t.columns[k].value(two, roomB)
			if len(roomA) > 0 && len(roomB) > 0 {
				d.cells[k] = 1 + household
				if bytes.Equal(roomA, roomB) {
					d.cells[k]++
				}
			}
		}
		list = append(list, d)
	}
	return list
}

// lessons is the bits of each column, by cell.
type lessons [maxTaught][5]float64

// bits gives what the cells of a pair add.
func (l *lessons) bits(d *doubtful, columns int) (sum float64) {
	for k := range columns {
		sum += l[k][d.cells[k]]
	}
	return sum
}

// cellCount is the pairs of a cell: how many, and how far they are believed to be one and two, of beliefUnit.
type cellCount struct {
	pairs    int
	one, two int64
}

// cellCounts are those of each column, by cell.
type cellCounts [maxTaught][5]cellCount

// learn asks the doubtful pairs what the columns tell, until that stands. Beliefs are whole numbers, so that their sums are the same in
// any order. Errors: that of stop.
func (t *taught) learn(list []doubtful, weight func(edge int) int32, stop func() error) (l lessons, n cellCounts, err error) {
	for range taughtRounds {
		if err := stop(); err != nil {
			return l, n, err
		}
		n = cellCounts{}
		for i := range list {
			d := &list[i]
			belief := int64(math.Round(beliefUnit * Probability(weight(d.edge)+fixed(l.bits(d, len(t.columns))))))
			for k := range t.columns {
				c := &n[k][d.cells[k]]
				c.pairs, c.one, c.two = c.pairs+1, c.one+belief, c.two+beliefUnit-belief
			}
		}
		was := l
		for k := range t.columns {
			l[k][1], l[k][2] = lesson(n[k][1], n[k][2])
			l[k][3], l[k][4] = lesson(n[k][3], n[k][4])
		}
		if l == was {
			break
		}
	}
	return l, n, nil
}

// lesson is one step for one column, from the pairs that differ and those that agree.
func lesson(differing, agreeing cellCount) (differ, same float64) {
	if differing.pairs+agreeing.pairs < fewestPairs {
		return 0, 0
	}
	one, two := differing.one+agreeing.one, differing.two+agreeing.two
	overall := float64(agreeing.one+agreeing.two) / float64(one+two)
	share := func(same, all int64) float64 {
		return (float64(same)/beliefUnit + taughtCaution*overall) / (float64(all)/beliefUnit + taughtCaution)
	}
	m, u := share(agreeing.one, one), share(agreeing.two, two)
	return cautious(1-m, 1-u), cautious(m, u)
}

// cautious is the bits of a ratio of shares, within bounds; none where a share is.
func cautious(m, u float64) float64 {
	if m <= 0 || u <= 0 {
		return 0
	}
	return min(max(math.Log2(m/u), taughtLeast), taughtMost)
}

// teach lets doubtful edges be told what the columns of the list tell, and gives it. Which edges are doubtful was told before company was
// asked, by their own weights. Errors: that of Options.Stop.
func (e *Engine) teach(t *taught, edges []Edge, asks func(edge int) bool) ([]Lesson, error) {
	list, told := e.gatherDoubtful(t, edges, asks), e.options.Taught
	if told == nil {
		l, n, err := t.learn(list, func(edge int) int32 { return edges[edge].Weight }, e.options.stopped)
		if err != nil {
			return nil, err
		}
		e.learned, told = &l, t.report(&l, &n)
	}
	for i := range list {
		edges[list[i].edge].Weight += fixed(e.learned.bits(&list[i], len(t.columns)))
	}
	return slices.DeleteFunc(slices.Clone(told), func(l Lesson) bool { return l.Column == GuardColumn }), nil
}

// given gives the bits of what a list taught earlier; columns this list does not have are passed over.
func (t *taught) given(list []Lesson) *lessons {
	l := lessons{}
	for _, x := range list {
		k := slices.IndexFunc(t.columns, func(c rawColumn) bool { return c.file.Name == x.Column })
		if k < 0 {
			continue
		}
		differ := 1
		if x.Household {
			differ = 3
		}
		l[k][differ], l[k][differ+1] = x.Differ, x.Same
	}
	return &l
}

// report says what was learned.
func (t *taught) report(l *lessons, n *cellCounts) (out []Lesson) {
	for k := range t.columns {
		for household := range uint8(2) {
			kind := 1 + 2*household
			if pairs := n[k][kind].pairs + n[k][kind+1].pairs; pairs >= fewestPairs {
				out = append(out, Lesson{Column: t.columns[k].file.Name, Title: t.columns[k].title, Household: household == 1, Same: l[k][kind+1], Differ: l[k][kind], Pairs: pairs})
			}
		}
	}
	return out
}

// aside tells whether a column is one the list is asked about, or the list's own number of a household, which no record has room for.
func (m *Model) aside(column string) bool {
	return m.file.Taught != nil && (m.file.Taught.Else == column || slices.Contains(m.file.Taught.Columns, column)) || m.file.Company != nil && m.file.Company.Else == column
}

// checkTaught holds what the model says of such columns to its columns.
func (m *Model) checkTaught() error {
	f := m.file.Taught
	if f == nil {
		return nil
	}
	at := func(field ...any) int { return m.lines.at(append([]any{"taught"}, field...)...) }
	i := m.column(f.Beside)
	if i < 0 {
		return m.unknownColumn(at("beside"), f.Beside)
	}
	wrong := ""
	switch {
	case kindOf(&m.file.Columns[i]) != kindDigits:
		wrong = "beside"
	case f.Else != "" && (m.column(f.Else) < 0 || kindOf(&m.file.Columns[m.column(f.Else)]) != kindText || m.compares(f.Else)):
		wrong = "else"
	case f.Below <= m.file.Dedupe.Link || f.Below > 1000:
		wrong = "below_bits"
	case len(f.Columns) == 0 || len(f.Columns) > maxTaught:
		wrong = "columns"
	}
	if wrong != "" {
		return fail.Invalid("linkage.model_setting", "line", at(wrong), "setting", wrong)
	}
	for k, name := range f.Columns {
		if c := m.column(name); c < 0 || kindOf(&m.file.Columns[c]) != kindText || slices.Contains(f.Columns[:k], name) {
			return m.unknownColumn(at("columns", k), name)
		}
		if m.compares(name) {
			return fail.Invalid("linkage.model_setting", "line", at("columns", k), "setting", "columns")
		}
	}
	return nil
}

// taughtBars is what the list taught of two rows of this weight, as steps of a waterfall; told is the weight with company. The list is
// searched where it was not yet, and teaches nothing where Options.Stop ends that.
func (e *Engine) taughtBars(i, j int, weight, told int32) (bars []Bar) {
	t := e.taught()
	if t == nil || weight >= t.below || parts(told) {
		return nil
	}
	e.asked.Do(func() {
		if e.learned == nil {
			_, _ = e.Dedupe()
		}
	})
	if e.learned == nil {
		return nil
	}
	d := e.gatherDoubtful(t, []Edge{{A: int32(i), B: int32(j)}}, func(int) bool { return true })[0]
	for k := range t.columns {
		if bits := e.learned[k][d.cells[k]]; bits != 0 {
			bars = append(bars, Bar{Comparison: "taught", Level: t.columns[k].file.Name + "_" + cellNames[d.cells[k]], Bits: bits})
		}
	}
	return bars
}

// cellNames names how two rows agree in a column the list is asked about.
var cellNames = [...]string{1: "differs", 2: "same", 3: "differs_household", 4: "same_household"}
