package linkage

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
)

// desk holds a few rows of an index in the form rows are compared in: packed records over small tables of their own.
// So rows of an index are weighed by the very code that weighs them in batch.
type desk struct {
	*data
	reader  *reader
	pages   *pageReader
	columns []termed
	counted int // words whose frequency has been looked up
	rowIDs  [][]byte
	room    []byte
}

// titles is a source without rows, of which a plan is made.
type titles []string

func (t titles) Header() []string                   { return t }
func (titles) Rows() int                            { return 0 }
func (titles) Fields(_ int, into [][]byte) [][]byte { return into[:0] }

// livePlan compiles the model as it was compiled when the index was built, with rows that come in the order of header.
func livePlan(m *Model, head *liveHead, header []string) (*plan, error) {
	var right Source
	if head.Reference {
		right = titles(head.Headers[1])
	}
	p, err := compileAsking(m, titles(head.Headers[0]), right, head.Asked)
	if err != nil {
		return nil, err
	}
	for i := range p.columns {
		c := &p.columns[i]
		at := m.fieldOf(c.file, header)
		if at < 0 {
			at = math.MaxInt // what the rows do not hold is no value
		}
		c.field = [2]int{at, at}
	}
	for i := range p.comparisons {
		p.comparisons[i].memo = false // places of values mean nothing beyond one row
	}
	return p, nil
}

// newDesk makes a desk for so many rows. To compare them it has to be built.
func newDesk(p *plan, b *base, rows int) *desk {
	d := &desk{data: &data{plan: p, n: rows, left: rows, rows: make([]uint32, rows*p.stride)}, pages: newPageReader(b), columns: p.terms(), room: make([]byte, 0, 256)}
	d.reader = &reader{plan: p, raws: make([]internTable, len(p.columns)), known: make([][]uint32, len(p.columns)), tables: make([]*table, len(p.columns))}
	for i := range p.columns {
		if p.columns[i].kind.tabled() {
			d.reader.tables[i] = &table{}
		}
	}
	d.tables = d.reader.tables
	d.ids, d.sources = [2]int{0, 0}, []Source{d, nil}
	d.forgetWords()
	d.clear()
	return d
}

// Header, Rows and Fields make a desk a table of ids.
func (d *desk) Header() []string { return []string{"id"} }

// Rows gives the number of rows with an id.
func (d *desk) Rows() int { return len(d.rowIDs) }

// Fields gives the id of a row.
func (d *desk) Fields(row int, into [][]byte) [][]byte { return append(into[:0], d.rowIDs[row]) }

// forgetWords empties the tables of words.
func (d *desk) forgetWords() {
	d.words = newLexicon(d.plan.model.names)
	d.reader.words, d.counted = d.words, 1
}

// mostWords is how many words a desk remembers before it begins anew.
const mostWords = 1 << 16

// crowded tells whether it remembers too many.
func (d *desk) crowded() bool {
	return len(d.words.words) > mostWords || d.words.raws.size() > mostWords
}

// clear takes all values off the desk.
func (d *desk) clear() {
	d.rowIDs = d.rowIDs[:0]
	for i, t := range d.tables {
		if t == nil {
			continue
		}
		t.texts.clear()
		d.reader.raws[i].clear()
		d.reader.known[i] = append(d.reader.known[i][:0], 0)
		t.names, t.share, t.crowd = append(t.names[:0], nameValue{}), append(t.share[:0], 0), append(t.crowd[:0], 0)
		if d.plan.columns[i].kind != kindName {
			t.names = t.names[:0]
		}
	}
}

// clear empties a table of few texts.
func (t *internTable) clear() {
	if t.slots == nil {
		t.slots = make([]slot, 16)
	}
	clear(t.slots)
	t.ends, t.arena = append(t.ends[:0], 0), t.arena[:0]
}

// keep takes all values off the desk but the first of each column, which the row that asks has.
func (d *desk) keep(first []int) {
	for i, t := range d.tables {
		if t == nil || t.size()-1 <= first[i] {
			continue
		}
		n := first[i] + 1
		t.texts.ends = t.texts.ends[:n]
		t.texts.arena = t.texts.arena[:t.texts.ends[n-1]]
		t.share, t.crowd = t.share[:n], t.crowd[:n]
		if len(t.names) > n {
			t.names = t.names[:n]
		}
	}
}

// empty gives a record without values.
func (d *desk) empty(row int) []uint32 {
	r := d.record(row)
	clear(r)
	r[d.plan.number] = uint32(row)
	return r
}

// sizes gives how many values each column has.
func (d *desk) sizes(into []int) []int {
	into = into[:0]
	for _, t := range d.tables {
		n := 0
		if t != nil {
			n = t.size() - 1
		}
		into = append(into, n)
	}
	return into
}

// read puts the fields of a row on an empty desk, with the frequencies of the index.
func (d *desk) read(fields [][]byte, row int) {
	d.reader.fields = append(d.reader.fields[:0], fields...)
	for i, f := range d.reader.fields {
		d.reader.fields[i] = f[:min(len(f), longestValue)]
	}
	r := d.empty(row)
	d.reader.row(0, r)
	d.countWords()
	h := &d.pages.base.head
	for i, t := range d.tables {
		if t == nil {
			continue
		}
		for v := len(t.share); v < t.size(); v++ {
			share, crowd := h.NewValue[i], int32(0)
			if d.columns[i].share || d.columns[i].crowd {
				if one, two, found := d.pages.terms(&h.Values[i], hashText(d.plainValue(d.room[:0], t, uint32(v)))); found {
					share, crowd = one, two
				}
			}
			t.share, t.crowd = append(t.share, share), append(t.crowd, crowd)
		}
	}
	for i := range d.plan.comparisons {
		if c := &d.plan.comparisons[i]; c.crowd > 0 {
			if hash := c.hash(r); hash != 0 {
				lost, _, _ := d.pages.terms(&h.Crowds[i], hash)
				r[c.crowd] = uint32(lost)
			}
		}
	}
}

// countWords looks up how frequent the words are that were not met before.
func (d *desk) countWords() {
	h := &d.pages.base.head
	for ; d.counted < len(d.words.words); d.counted++ {
		w := &d.words.words[d.counted]
		w.rarity, w.count = h.NewWord, 1
		if one, two, found := d.pages.terms(&h.Words[0], w.hash); found {
			w.rarity, w.count = one, two
		}
	}
}

// lay puts a record of the index on the desk and gives the id of the row, good until the record is.
func (d *desk) lay(record []byte, row int) (id []byte) {
	in := recordReader{record}
	id = in.bytes()
	r := d.empty(row)
	for i := range d.plan.columns {
		c := &d.plan.columns[i]
		switch {
		case c.kind == kindDigits:
			v := in.number(8)
			r[c.word], r[c.word+1] = uint32(v>>32), uint32(v)
		case !c.kind.tabled():
			r[c.word] = uint32(in.number(4))
		default:
			r[c.word] = d.layValue(&in, i)
		}
	}
	for i := range d.plan.comparisons {
		if at := d.plan.comparisons[i].crowd; at > 0 {
			r[at] = uint32(in.number(4))
		}
	}
	return id
}

// layValue reads a text or a name and gives its place among those on the desk.
func (d *desk) layValue(in *recordReader, i int) uint32 {
	text := in.bytes()
	if len(text) == 0 {
		return 0
	}
	share, crowd := int32(0), int32(0)
	if d.columns[i].share {
		share = int32(in.number(4))
	}
	if d.columns[i].crowd {
		crowd = int32(in.number(4))
	}
	t := d.tables[i]
	name := nameValue{}
	if d.plan.columns[i].kind == kindName {
		name = d.layName(text)
		var key [4 * maxWords]byte
		for k, id := range name.list() {
			binary.LittleEndian.PutUint32(key[4*k:], uint32(id))
		}
		text = key[:4*name.n]
	}
	for v := uint32(1); v < uint32(t.size()); v++ {
		if bytes.Equal(t.texts.text(v), text) {
			return v
		}
	}
	t.texts.arena = append(t.texts.arena, text...)
	t.texts.ends = append(t.texts.ends, uint32(len(t.texts.arena)))
	t.share, t.crowd = append(t.share, share), append(t.crowd, crowd)
	if name.n > 0 {
		t.names = append(t.names, name)
	}
	return uint32(t.size() - 1)
}

// layName finds the words of a name.
func (d *desk) layName(text []byte) (v nameValue) {
	for len(text) > 0 && int(v.n) < maxWords {
		word, rest, _ := bytes.Cut(text, []byte{wordBreak})
		id, known := d.words.ids.has(word)
		if !known {
			id = uint32(d.words.intern(string(word)))
		}
		v.add(d.words, wordID(id))
		text = rest
	}
	d.countWords()
	return v
}

// has finds a text that is known.
func (t *internTable) has(b []byte) (uint32, bool) {
	mark, mask := markOf(b), uint32(len(t.slots)-1)
	for i := mark & mask; t.slots[i].id != 0; i = (i + 1) & mask {
		if s := t.slots[i]; s.hash == mark && bytes.Equal(t.text(s.id), b) {
			return s.id, true
		}
	}
	return 0, false
}

// ask works out the values of all keys for the only row on the desk.
func (d *desk) ask(row int) {
	r := d.record(row)
	for _, s := range d.plan.singles {
		d.askSingle(s)
	}
	for _, m := range d.plan.manys {
		d.askMany(m)
	}
	for i := range d.plan.keys {
		k := &d.plan.keys[i]
		if len(k.lane) <= row {
			k.lane = make([]uint32, row+1)
		}
		k.lane[row] = k.base(r)
	}
}

// askSingle works out a part of keys for the values on the desk.
func (d *desk) askSingle(s *singlePart) {
	var room [maxWords]uint64
	t := d.table(s.column)
	if t == nil {
		return
	}
	s.values = append(s.values[:0], 0)
	for v := 1; v < t.size(); v++ {
		out := append(d.parts(s.part, s.n, t, uint32(v), room[:0]), 0)
		s.values = append(s.values, out[0])
	}
}

// askMany does the same for a part of several values.
func (d *desk) askMany(m *manyPart) {
	var room [maxWords]uint64
	t := d.table(m.column)
	m.ends, m.values = append(m.ends[:0], 0), m.values[:0]
	for v := 1; v < t.size(); v++ {
		out := d.parts(m.part, m.n, t, uint32(v), room[:0])
		slices.Sort(out)
		for _, h := range slices.Compact(out) {
			m.values = append(m.values, uint32(h>>32))
		}
		m.ends = append(m.ends, uint32(len(m.values)))
	}
}
