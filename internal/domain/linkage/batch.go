package linkage

import "bytes"

// batchRead is how many rows are read side by side: what their raw values are looked up in is too large to be near, and what
// one value waits for is fetched while the others are.
const batchRead = 64

// batch is rows of one table that are read side by side.
type batch struct {
	from, n int
	fields  [batchRead][][]byte
	asked   [batchRead + 1]rawValue // values of a column, each once where rows beside each other share it; first the last of the rows before
	marks   [batchRead + 1]uint32   // of them
	ask     [batchRead]int8         // which of them each row has, -1 for none
	fetched uint32                  // sum of what was brought near, or nothing would be read
}

// readRows reads rows of one table into records, and the hash of each row's id with the row into hashes.
func (d *data) readRows(r *reader, from, to int, hashes []uint64, titles int) {
	b, side := &r.batch, d.side(from)
	b.from, b.n = from, to-from
	for j := range b.n {
		row := from + j
		r.fields = d.fields(row, b.fields[j])
		if d.ids[side] >= 0 {
			hashes[row] = d.idHash(row, r.fields)&^0xffffffff | uint64(row)
		}
		r.look(side, row-side*d.left, titles)
		b.fields[j] = r.fields
		record := d.record(row)
		record[d.plan.number] = uint32(row)
		for i := range r.plan.columns {
			if c := &r.plan.columns[i]; !c.kind.tabled() {
				value := fieldAt(r.fields, c.field[side])
				c.pack(side, value, r.fields, record)
				if c.kind == kindDigits && digitsAt(record, c.word) == noDigitsValue && rounded(value) {
					r.odd.add(side, 4, 1, row-side*d.left)
				}
			}
		}
		r.plan.mend(record)
	}
	for i := range r.plan.columns {
		if c := &r.plan.columns[i]; c.kind.tabled() {
			r.readColumn(d, i, c.field[side])
		}
	}
	for row := from; r.plan.ownNames && row < to; row++ {
		r.part(d.record(row))
	}
}

// fieldAt gives a field of a row, nil where the row is too short.
func fieldAt(fields [][]byte, at int) []byte {
	if at < len(fields) {
		return fields[at]
	}
	return nil
}

// readColumn sets a tabled column of the records of a batch.
func (r *reader) readColumn(d *data, i, field int) {
	b, last := &r.batch, &r.last[i]
	n := b.gather(last, field)
	b.fetch(&r.raws[i], r.known[i], n)
	c := &r.plan.columns[i]
	for k := 1; k <= n; k++ {
		b.asked[k].place = r.lookUp(i, c, b.asked[k].text, b.marks[k])
	}
	for j, k := range b.ask[:b.n] {
		place := uint32(0)
		if k >= 0 {
			place = b.asked[k].place
		}
		d.record(b.from + j)[c.word] = place
	}
	if n > 0 { // the text is a piece of a row that may not stay
		last.text, last.place = append(last.text[:0], b.asked[n].text...), b.asked[n].place
	}
}

// gather finds the values of a column and gives how many there are beside the last of the rows before.
func (b *batch) gather(last *rawValue, field int) (n int) {
	b.asked[0] = *last
	for j := range b.n {
		value := fieldAt(b.fields[j], field)
		if len(value) == 0 {
			b.ask[j] = -1
			continue
		}
		if !bytes.Equal(b.asked[n].text, value) {
			n++
			b.asked[n].text = value
		}
		b.ask[j] = int8(n)
	}
	return n
}

// fetch works out the marks of the values and brings near what looking them up will ask for.
func (b *batch) fetch(t *internTable, known []uint32, n int) {
	sum, mask := uint32(0), uint32(len(t.slots)-1)
	for k := 1; k <= n; k++ {
		b.marks[k] = markOf(b.asked[k].text)
		sum += t.slots[b.marks[k]&mask].id
	}
	for _, mark := range b.marks[1 : n+1] {
		if s := t.slots[mark&mask]; s.id != 0 && s.hash == mark {
			sum += known[s.id] + uint32(t.text(s.id)[0])
		}
	}
	b.fetched += sum
}
