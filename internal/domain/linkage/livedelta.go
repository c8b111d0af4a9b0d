package linkage

import (
	"bytes"
	"slices"
)

// delta is what has changed since an index was built.
type delta struct {
	gone    map[rowRef]bool // rows of the base that are no more
	records [][]byte        // rows put since, in the form of the base; nil for those that are no more
	live    int             // of them, those there are
	ids     map[string]rowRef
	blocks  []map[uint32][]uint32 // by key, and last by card: the rows put, by value
}

func (d *delta) reset(keys int) {
	d.gone, d.ids = map[rowRef]bool{}, map[string]rowRef{}
	d.blocks = make([]map[uint32][]uint32, keys)
	for i := range d.blocks {
		d.blocks[i] = map[uint32][]uint32{}
	}
}

func (d *delta) isGone(row rowRef) bool { return len(d.gone) > 0 && d.gone[row] }

// block gives the rows put last under a value of a key.
func (d *delta) block(rule int, value uint32, most int) []uint32 {
	list := d.blocks[rule][value]
	return list[max(0, len(list)-most):]
}

// rowOf finds the row of an id.
func (x *Index) rowOf(d *desk, id []byte) rowRef {
	if row, ok := x.delta.ids[string(id)]; ok {
		return row
	}
	s := &x.base.head.IDs[0]
	hash := uint32(hashText(id) >> 32)
	from, to := d.pages.run(s, hash)
	for ; from < to; from++ {
		row := rowRef(d.pages.entry(s, from) & 0xffffffff)
		in := recordReader{d.pages.record(uint32(row))}
		if bytes.Equal(in.bytes(), id) && !x.delta.isGone(row) {
			return row
		}
	}
	return noRow
}

// add puts a record under its values and gives the row.
func (d *delta) add(id string, record []byte, runs []keyed) rowRef {
	n := uint32(len(d.records))
	d.records = append(d.records, record)
	d.live++
	row := firstNew + rowRef(n)
	d.ids[id] = row
	for _, k := range runs {
		d.blocks[k.rule][k.value] = append(d.blocks[k.rule][k.value], n)
	}
	return row
}

// keyed is a value of a key.
type keyed struct {
	rule  int
	value uint32
}

// drop takes a row away; runs are the values it was put under.
func (d *delta) drop(id string, row rowRef, runs []keyed) {
	if row < firstNew {
		d.gone[row] = true
		d.ids[id] = noRow
		return
	}
	n := uint32(row - firstNew)
	d.records[n] = nil
	d.live--
	d.ids[id] = noRow
	for _, k := range runs {
		list := d.blocks[k.rule][k.value]
		if i := slices.Index(list, n); i >= 0 {
			d.blocks[k.rule][k.value] = slices.Delete(slices.Clone(list), i, i+1)
		}
	}
}
