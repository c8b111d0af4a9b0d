package linkage

import (
	"slices"

	"tepat/internal/kit/parallel"
)

// key is one blocking key of the plan: rows that have a value of it in common meet.
type key struct {
	text   string
	single []*singlePart
	many   *manyPart // nil for a key of one value a row
	lane   []uint32  // of each row, the hash of the single parts, 0 for none: a column of its own, for keys are made one by one
	number int       // word of a record that holds the number of its row
	over   overs
}

// singlePart gives one value a row. Keys that ask for the same have one part in common.
type singlePart struct {
	place  int // among the parts of the plan
	column *column
	part   keyPart
	n      []float64
	values []uint64 // by place of the column's values; nil for packed columns
}

// manyPart gives several values a row: those of a place are values[ends[place-1]:ends[place]].
type manyPart struct {
	column *column
	part   keyPart
	n      []float64
	ends   []uint32
	values []uint32
	bits   []uint64 // of the values of a place, see bitsOf; records have them, too
	word   int      // of a record where they begin
}

// lineWords is how many words of records memory hands out at a time: records that begin there are read in fewer pieces.
const lineWords = 16

// block adds the keys whose columns are there, and a lane for each.
func (p *plan) block() {
	add := func(texts []string) (list []key) {
		for _, text := range texts {
			k, ok := p.key(text)
			if !ok {
				p.skipped = append(p.skipped, "key "+text)
				continue
			}
			k.number = p.number
			list = append(list, k)
		}
		return list
	}
	p.keys = add(p.model.file.Blocking.Keys)
	p.refine = add(p.model.file.Blocking.Refine)
	p.prints = p.stride
	p.stride += (len(p.keys) + printsWord - 1) / printsWord * 2
	for _, m := range p.manys {
		m.word = p.stride
		p.stride += 2
	}
	p.roomForRare()
	p.stride = (p.stride + lineWords - 1) / lineWords * lineWords
}

// has tells whether the columns of all parts of a key are there.
func (p *plan) has(parts []call) bool {
	return !slices.ContainsFunc(parts, func(c call) bool {
		_, place, err := p.model.part(c, 0)
		return err != nil || p.of(p.model.file.Columns[place].Name) == nil
	})
}

// keyOf makes a key; false when one of its columns is not there.
func (p *plan) keyOf(text string) (key, bool) {
	parts, err := parseSum(text)
	if err != nil {
		return key{}, false
	}
	if !p.has(parts) {
		return key{}, false
	}
	k := key{text: text}
	for _, c := range parts {
		part, place, err := p.model.part(c, 0)
		if err != nil {
			return key{}, false
		}
		col := p.of(p.model.file.Columns[place].Name)
		var n []float64
		for _, a := range c.args[min(1, len(c.args)):] {
			n = append(n, a.number)
		}
		if part.many {
			k.many = p.manyOf(manyPart{column: col, part: part, n: n})
			continue
		}
		k.single = append(k.single, p.singleOf(singlePart{column: col, part: part, n: n}))
	}
	return k, true
}

// singleOf finds a part among those of other keys, or adds it to them.
func (p *plan) singleOf(s singlePart) *singlePart {
	for _, known := range p.singles {
		if known.column == s.column && known.part.name == s.part.name && slices.Equal(known.n, s.n) {
			return known
		}
	}
	s.place = len(p.singles)
	p.singles = append(p.singles, &s)
	return &s
}

// manyOf does the same for a part of several values a row.
func (p *plan) manyOf(m manyPart) *manyPart {
	for _, known := range p.manys {
		if known.column == m.column && known.part.name == m.part.name && slices.Equal(known.n, m.n) {
			return known
		}
	}
	p.manys = append(p.manys, &m)
	return &m
}

// prepareKeys works out the parts of keys for the distinct values, then the lanes of all records, and how common names are in
// their places beside it. What takes longest comes first, so that the workers end together.
func (d *data) prepareKeys(workers int) {
	var parts []func()
	for _, m := range d.plan.manys {
		parts = append(parts, func() { d.prepareMany(m) })
	}
	for _, s := range d.plan.singles {
		parts = append(parts, func() { d.prepareSingle(s) })
	}
	parts = append(append(parts, d.prepareRare()...), d.prepareAlikes(workers)...)
	parallel.Each(workers, append(parts, d.makeLanes)...)
	d.words.alikes.bothWays()
	rows := d.commonNear()
	for _, run := range portionList(d.n, lanePortions*workers) {
		rows = append(rows, func() { d.lanesOf(run) })
	}
	parallel.Each(workers, rows...)
}

// lanePortions is into how many runs of rows for each worker the making of lanes is parted.
const lanePortions = 8

// laneRows is how many rows the lanes are made of side by side: the values of a part lie anywhere in a table larger than near
// memory, and while one is waited for the others are fetched, too.
const laneRows = 64

// laneRoom is the values of the parts of keys, one row beside the other, and what joins them.
type laneRoom struct {
	parts [][laneRows]uint64
	base  [laneRows]uint64
	none  [laneRows]bool // the row has no value of some part
}

// lanesOf works out the lanes of a run of rows. Each part is looked up once, for many keys ask for the same.
func (d *data) lanesOf(run portion) {
	room := laneRoom{parts: make([][laneRows]uint64, len(d.plan.singles))}
	for from := run.from; from < run.to && !d.halted(from-run.from); from += laneRows {
		rows := portion{from, min(from+laneRows, run.to)}
		for i, s := range d.plan.singles {
			d.partOf(s, rows, &room.parts[i])
		}
		for i := range d.plan.keys {
			d.laneOf(i, rows, &room)
		}
		for row := rows.from; row < rows.to; row++ {
			d.setBits(d.record(row))
		}
	}
}

// partOf works out the values of a part for some rows.
func (d *data) partOf(s *singlePart, rows portion, into *[laneRows]uint64) {
	stride, word := d.plan.stride, s.column.word
	if s.values == nil {
		for j := range rows.to - rows.from {
			into[j] = s.part.word(d.record(rows.from+j), word, s.n)
		}
		return
	}
	at := rows.from*stride + word
	for j := range rows.to - rows.from {
		into[j] = s.values[d.rows[at]]
		at += stride
	}
}

// laneOf joins the parts of a key for some rows, as base does for one, and puts the prints into their records.
func (d *data) laneOf(i int, rows portion, room *laneRoom) {
	k, n := &d.plan.keys[i], rows.to-rows.from
	base, none := room.base[:n], room.none[:n]
	for j := range base {
		base[j], none[j] = uint64(len(k.text)), false
	}
	for _, s := range k.single {
		for j, v := range room.parts[s.place][:n] {
			base[j] = mix(base[j] ^ v)
			none[j] = none[j] || v == 0
		}
	}
	lane := k.lane[rows.from:rows.to]
	for j, h := range base {
		if none[j] {
			continue // the lane is zero
		}
		lane[j] = uint32(h>>32) | 1
		d.plan.printAt(d.record(rows.from+j), i, lane[j])
	}
}

// setBits puts into a record the bits of the parts of several values, and how rare its values are.
func (d *data) setBits(r []uint32) {
	for _, m := range d.plan.manys {
		set := m.bits[r[m.column.word]]
		r[m.word], r[m.word+1] = uint32(set>>32), uint32(set)
	}
	d.plan.setRare(r)
}

func (d *data) prepareSingle(s *singlePart) {
	t := d.table(s.column)
	if t == nil {
		return
	}
	s.values = make([]uint64, t.size())
	var out []uint64
	for v := 1; v < len(s.values) && !d.halted(v); v++ {
		out = d.parts(s.part, s.n, t, uint32(v), out[:0])
		if len(out) > 0 {
			s.values[v] = out[0]
		}
	}
}

func (d *data) prepareMany(m *manyPart) {
	t := d.table(m.column)
	m.ends = make([]uint32, t.size())
	var out []uint64
	for v := 1; v < t.size() && !d.halted(v); v++ {
		out = d.parts(m.part, m.n, t, uint32(v), out[:0])
		slices.Sort(out)
		for _, h := range slices.Compact(out) {
			m.values = append(m.values, uint32(h>>32))
		}
		m.ends[v] = uint32(len(m.values))
	}
	m.prepareBits()
}

func (d *data) parts(p keyPart, n []float64, t *table, v uint32, out []uint64) []uint64 {
	if p.name2 != nil {
		return p.name2(d.words, &t.names[v], n, out)
	}
	return p.text(t.texts.text(v), n, out)
}

// of gives the value of a part for a record, zero for none.
func (s *singlePart) of(r []uint32) uint64 {
	if s.values != nil {
		return s.values[r[s.column.word]]
	}
	return s.part.word(r, s.column.word, s.n)
}

// base hashes the single parts of a key; zero when one has no value.
func (k *key) base(r []uint32) uint32 {
	h := uint64(len(k.text)) // any start will do: keys are never compared across rules
	for _, s := range k.single {
		v := s.of(r)
		if v == 0 {
			return 0
		}
		h = mix(h ^ v)
	}
	return uint32(h>>32) | 1
}

// makeLanes makes room for the lanes.
func (d *data) makeLanes() {
	for i := range d.plan.keys {
		d.plan.keys[i].lane = make([]uint32, d.n)
	}
}

// at gives the lane of a record.
func (k *key) at(r []uint32) uint32 { return k.lane[r[k.number]] }

// each gives the values of a key for a record, appended to out.
func (k *key) each(r []uint32, out []uint32) []uint32 {
	base := k.at(r)
	if base == 0 || k.many == nil {
		if base != 0 {
			out = append(out, base)
		}
		return out
	}
	for _, v := range k.many.of(r) {
		out = append(out, joinKey(base, v))
	}
	return out
}

func (m *manyPart) of(r []uint32) []uint32 {
	v := r[m.column.word]
	if v == 0 {
		return nil
	}
	return m.values[m.ends[v-1]:m.ends[v]]
}

// joinKey hashes two halves of a key.
func joinKey(a, b uint32) uint32 { return uint32(mix(uint64(a)<<32|uint64(b))>>32) | 1 }
