package linkage

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/pagefile"
)

// indexWriter writes an index section by section.
type indexWriter struct {
	e      *Engine
	out    *bufio.Writer
	at     int64
	err    error
	head   liveHead
	from   int      // first row of the table
	places []uint32 // of the rows of the table
}

// write writes the index of the engine's table, of two tables that of the second. A reference is one even where there is
// no table yet that is to be linked to it.
func (e *Engine) write(out io.Writer, reference bool) error {
	w := &indexWriter{e: e, out: bufio.NewWriterSize(out, 1<<16), head: liveHead{
		Format: liveFormat, Model: e.model.Version(), Names: e.model.names.digest(), Prior: e.prior(), Candidates: e.mates(), Rows: e.n, Asked: e.plan.doubts != nil,
	}}
	w.head.Headers[0] = e.sources[0].Header()
	switch {
	case e.sources[1] != nil:
		w.head.Headers[1], w.head.Reference, w.from, w.head.Rows = e.sources[1].Header(), true, e.left, e.n-e.left
	case reference:
		w.head.Headers[1], w.head.Reference = w.head.Headers[0], true
		// Prior and crowds are those of linking while it is written.
		e.sources[1] = titles(w.head.Headers[0])
		e.crowds(e.options.Workers)
		defer func() {
			e.sources[1] = nil
			e.crowds(e.options.Workers)
		}()
		listed := e.model.file.Prior.Listed
		w.head.Prior, w.head.Candidates = math.Log2(listed/(1-listed)/float64(e.n)), e.n
	}
	if side := e.side(w.from); e.ids[side] >= 0 {
		w.head.ID = e.sources[side].Header()[e.ids[side]]
	}
	for _, part := range []func() error{w.records, w.keys, w.ids, w.cards, w.words, w.values, w.crowds, w.end} {
		if err := cmp.Or(w.err, e.options.stopped()); err != nil {
			return err
		}
		if err := part(); err != nil {
			return err
		}
	}
	return cmp.Or(w.err, w.out.Flush())
}

func (w *indexWriter) put(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.out.Write(b)
	w.at += int64(n)
	w.err = err
}

// records writes the rows and notes their places. A record that fits into a page lies in one.
func (w *indexWriter) records() error {
	w.places = make([]uint32, w.head.Rows)
	terms := w.e.plan.terms()
	var room []byte
	for i := range w.places {
		row := w.from + i
		room = w.e.appendRecord(room[:0], terms, w.e.ID(row), w.e.record(row))
		if left := pagefile.Size - int(w.at%pagefile.Size); len(room) > left && len(room) <= pagefile.Size {
			w.put(make([]byte, left))
		}
		if w.at/placeUnit >= firstMark {
			return fail.Invalid("linkage.too_many", "limit", i)
		}
		w.places[i] = uint32(w.at / placeUnit)
		w.put(room)
		w.put(make([]byte, (placeUnit-len(room)%placeUnit)%placeUnit))
	}
	w.head.Records = liveSection{Count: w.at, Width: 1}
	return nil
}

// keys writes the tables of the keys: the blocks as they are after refining, so that a row is looked for where the
// rows that may be it lie, and marks for the values that were refined.
func (w *indexWriter) keys() error {
	cut := liveCutter{d: w.e.data, most: w.e.model.file.Blocking.Cap}
	for rule := range w.e.plan.keys {
		if err := w.e.options.stopped(); err != nil {
			return err
		}
		list := cut.blocks(rule, w.from, w.e.n)
		w.head.Keys = append(w.head.Keys, w.pairs(list))
	}
	return nil
}

func (w *indexWriter) ids() error {
	list := make([]uint64, len(w.places))
	for i := range w.places {
		list[i] = hashText(w.e.ID(w.from+i))&^0xffffffff | uint64(w.from+i)
	}
	sortEntries(list, nil)
	w.head.IDs = []liveSection{w.pairs(list)}
	return nil
}

// cards writes where the rows of each household's number are, all of them: who asks for company leaves out those of crowds.
func (w *indexWriter) cards() error {
	c := w.e.plan.company
	if c == nil || w.head.Reference {
		return nil
	}
	var list []uint64
	for row := range w.e.n {
		if group := c.group(w.e.record(row)); group != noDigitsValue {
			list = append(list, uint64(cardValue(group))<<32|uint64(row))
		}
	}
	sortEntries(list, nil)
	w.head.Cards = []liveSection{w.pairs(list)}
	return nil
}

// pairs writes a table of entries in order: a value in the upper half, in the lower a row, which becomes its place, or a mark.
func (w *indexWriter) pairs(list []uint64) liveSection {
	s := liveSection{From: w.at, Bits: directoryBits(len(list), pairWidth), Count: int64(len(list)), Width: pairWidth}
	w.directory(s.Bits, len(list), func(i int) uint64 { return list[i] })
	var room [pairWidth]byte
	for _, e := range list {
		place := uint32(e)
		if place < firstMark {
			place = w.places[int(place)-w.from]
		}
		binary.LittleEndian.PutUint64(room[:], e&^0xffffffff|uint64(place))
		w.put(room[:])
	}
	return s
}

// directory writes for each value of the top bits how many entries come before it.
func (w *indexWriter) directory(bits uint, n int, hash func(i int) uint64) {
	var room [4]byte
	at := 0
	for top := range uint64(1)<<bits + 1 {
		for at < n && hash(at)>>(64-bits) < top {
			at++
		}
		binary.LittleEndian.PutUint32(room[:], uint32(at))
		w.put(room[:])
	}
}

// valued is a hash with two terms.
type valued struct {
	hash     uint64
	one, two int32
}

func (w *indexWriter) terms(list []valued) liveSection {
	slices.SortFunc(list, func(x, y valued) int { return cmp.Compare(x.hash, y.hash) })
	s := liveSection{From: w.at, Bits: directoryBits(len(list), valueWidth), Count: int64(len(list)), Width: valueWidth}
	w.directory(s.Bits, len(list), func(i int) uint64 { return list[i].hash })
	var room [valueWidth]byte
	for _, v := range list {
		binary.LittleEndian.PutUint64(room[:], v.hash)
		binary.LittleEndian.PutUint32(room[8:], uint32(v.one))
		binary.LittleEndian.PutUint32(room[12:], uint32(v.two))
		w.put(room[:])
	}
	return s
}

// words writes how rare and how frequent each word of the names is.
func (w *indexWriter) words() error {
	words := w.e.data.words.words
	list := make([]valued, 0, len(words))
	for i := 1; i < len(words); i++ {
		list = append(list, valued{words[i].hash, words[i].rarity, words[i].count})
	}
	w.head.Words = []liveSection{w.terms(list)}
	named := 0
	for i, t := range w.e.tables {
		if t != nil && w.e.plan.columns[i].kind == kindName {
			named += t.filled()
		}
	}
	w.head.NewWord = rarityOf(1, named)
	return nil
}

// filled counts the rows that have a value.
func (t *table) filled() (n int) {
	for side := range t.counts {
		for v := 1; v < len(t.counts[side]); v++ {
			n += int(t.counts[side][v])
		}
	}
	return n
}

// values writes the shares and crowd terms of texts that are not those of a text that stands on one row.
func (w *indexWriter) values() error {
	terms := w.e.plan.terms()
	for i, t := range w.e.tables {
		if t == nil || !terms[i].share && !terms[i].crowd {
			w.head.Values, w.head.NewValue = append(w.head.Values, liveSection{}), append(w.head.NewValue, 0)
			continue
		}
		once := fixed(math.Log2(1 / float64(max(t.filled(), 1))))
		var list []valued
		var room [256]byte
		for v := 1; v < t.size(); v++ {
			if t.share[v] != once || t.crowdOf(uint32(v)) != 0 {
				list = append(list, valued{hashText(w.e.plainValue(room[:0], t, uint32(v))), t.share[v], t.crowdOf(uint32(v))})
			}
		}
		w.head.Values, w.head.NewValue = append(w.head.Values, w.terms(list)), append(w.head.NewValue, once)
	}
	return nil
}

// crowds writes the crowd terms of numbers: those of the table that asks, which is the first.
func (w *indexWriter) crowds() error {
	for i := range w.e.plan.comparisons {
		c := &w.e.plan.comparisons[i]
		if c.crowd == 0 {
			w.head.Crowds = append(w.head.Crowds, liveSection{})
			continue
		}
		seen := map[uint64]int32{}
		for row := range w.e.left {
			if r := w.e.record(row); r[c.crowd] != 0 {
				seen[c.hash(r)] = int32(r[c.crowd])
			}
		}
		list := make([]valued, 0, len(seen))
		for h, lost := range seen {
			list = append(list, valued{h, lost, 0})
		}
		w.head.Crowds = append(w.head.Crowds, w.terms(list))
	}
	return nil
}

// end writes the head and where it lies.
func (w *indexWriter) end() error {
	text, err := json.Marshal(&w.head)
	if err != nil {
		return fmt.Errorf("write the head of an index: %w", err)
	}
	var end [endWidth]byte
	binary.LittleEndian.PutUint64(end[:], uint64(w.at))
	binary.LittleEndian.PutUint64(end[8:], uint64(len(text)))
	w.put(append(text, end[:]...))
	return nil
}

// liveCutter makes the blocks of an index by the rule of deduplication: a value on more rows than the cap is split by the
// columns of refine, and what nothing splits is put in the order of what its rows hold.
type liveCutter struct {
	d     *data
	most  int
	limit int // of the key at hand: rows of a block, as long as something can split it
	list  []uint64
	spare []uint64
	keys  []uint32
	marks []uint64
}

// blocks gives the entries of a key in order, each block under its last value, rows before marks. They are good until
// the next call.
func (c *liveCutter) blocks(rule, from, to int) []uint64 {
	k := &c.d.plan.keys[rule]
	list := slices.Grow(c.list[:0], to-from)
	for row := from; row < to; row++ {
		c.keys = k.each(c.d.record(row), c.keys[:0])
		for _, v := range c.keys {
			list = append(list, uint64(v)<<32|uint64(row))
		}
	}
	c.marks = c.marks[:0]
	c.spare = sortEntries(list, c.spare)
	c.limit = min(c.most, rowsOfBlock([][]uint64{list}, to-from, c.most))
	if c.cut(list, 0) {
		list = append(list, c.marks...)
		c.spare = sortEntries(list, c.spare)
	}
	c.list = list
	return list
}

// cut splits the runs of one value that are too large, and tells whether there was one.
func (c *liveCutter) cut(list []uint64, depth int) (found bool) {
	for len(list) > 0 {
		value := list[0] &^ 0xffffffff
		n := 1
		for n < len(list) && list[n]&^0xffffffff == value {
			n++
		}
		run := list[:n]
		list = list[n:]
		if n <= c.limit || n <= c.most && depth == len(c.d.plan.refine) {
			continue
		}
		found = true
		if depth == len(c.d.plan.refine) {
			c.d.byContent(run)
			c.marks = append(c.marks, value|firstMark+windowedKey)
			continue
		}
		c.marks = append(c.marks, value|uint64(firstMark+depth+1))
		by := &c.d.plan.refine[depth]
		for i, e := range run {
			run[i] = uint64(joinKey(uint32(value>>32), by.base(c.d.record(int(uint32(e))))))<<32 | e&0xffffffff
		}
		c.spare = sortEntries(run, c.spare)
		c.cut(run, depth+1)
	}
	return found
}

// Index makes a live index in memory over the engine's table, or over the second of two, ready to be asked and changed.
// Errors: linkage.too_many (fact limit), and that of Options.Stop.
func (e *Engine) Index() (*Index, error) {
	var out bytes.Buffer
	if err := e.write(&out, false); err != nil {
		return nil, err
	}
	return newIndex(plainBytes(out.Bytes()), e.model, e.sources[0].Header())
}
