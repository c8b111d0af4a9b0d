package linkage

import (
	"bytes"
	"slices"
)

// Oddity counts rows that were compared as well as they could be, but are not as rows should be.
type Oddity struct {
	Kind  string // one of the kinds below
	Table int    // 0 for the first table, 1 for the reference
	Rows  int
	Row   int // the first of them, from 0 within its table
}

// The kinds of oddities.
const (
	OddShort = "short" // fewer fields than titles
	OddLong  = "long"  // more fields than titles
	OddValue = "value" // with a value too long to be compared whole
	OddID    = "id"    // with an id that an earlier row has
	// OddRound is with a number a spreadsheet wrote in powers of ten (3.20101E+15): its last digits are lost.
	OddRound = "rounded"
)

// longestValue is the length in bytes beyond which a value is cut before it is compared. No name and no
// address is that long; likeness costs the square of the length, so one field of megabytes would hold up all rows.
const longestValue = 2048

// oddities counts rows by table and kind.
type oddities [2][5]Oddity

func oddKinds() [5]string { return [5]string{OddShort, OddLong, OddValue, OddID, OddRound} }

func (o *oddities) add(side, kind, rows, first int) {
	c := &o[side][kind]
	if c.Rows == 0 || first < c.Row {
		c.Row = first
	}
	c.Rows += rows
}

// take adds what another reader counted.
func (o *oddities) take(from *oddities) {
	for side := range from {
		for kind, c := range from[side] {
			if c.Rows > 0 {
				o.add(side, kind, c.Rows, c.Row)
			}
		}
	}
}

// list gives what there is, table by table.
func (o *oddities) list() (list []Oddity) {
	for side := range o {
		for kind, c := range o[side] {
			if c.Rows > 0 {
				list = append(list, Oddity{Kind: oddKinds()[kind], Table: side, Rows: c.Rows, Row: c.Row})
			}
		}
	}
	return list
}

// look counts what is odd about the fields of a row.
func (r *reader) look(side, row, titles int) {
	switch {
	case len(r.fields) < titles:
		r.odd.add(side, 0, 1, row)
	case len(r.fields) > titles:
		r.odd.add(side, 1, 1, row)
	}
	long := false
	for i, f := range r.fields {
		if len(f) > longestValue {
			r.fields[i] = f[:longestValue]
			long = true
		}
	}
	if long {
		r.odd.add(side, 2, 1, row)
	}
}

// repeated counts the rows whose id an earlier row of their table has. Hashes are sorted, and only ids of
// one hash are compared.
func (d *data) repeated(hashes []uint64) {
	for side, run := range [2]portion{{0, d.left}, {d.left, d.n}} {
		if d.ids[side] < 0 || run.from == run.to {
			continue
		}
		list := hashes[run.from:run.to]
		seen := newSieve(len(list))
		seen.note(list)
		list = list[:seen.twice(list)] // most ids are like no other
		sortEntries(list, nil)
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n]>>32 == list[0]>>32 {
				n++
			}
			if n > 1 {
				d.repeatedRun(side, run.from, list[:n])
			}
			list = list[n:]
		}
	}
}

func (d *data) repeatedRun(side, from int, list []uint64) {
	slices.Sort(list) // the hash is one: by row
	seen := map[string]bool{}
	for _, e := range list {
		row := int(uint32(e))
		id := string(d.ID(row))
		if seen[id] && id != "" { // who reads the file tells of rows without one
			d.odd.add(side, 3, 1, row-from)
		}
		seen[id] = true
	}
}

// Oddities gives what is odd about the rows, table by table.
func (e *Engine) Oddities() []Oddity { return e.odd.list() }

// rounded tells a number written in powers of ten: digits with a point or comma among them, an E, a plus or nothing, digits.
func rounded(value []byte) bool {
	digits, power, found := bytes.Cut(bytes.ToUpper(bytes.TrimSpace(value)), []byte("E"))
	number := func(s []byte, signs string) bool {
		return len(s) > 0 && len(bytes.Trim(s, "0123456789"+signs)) == 0 && bytes.ContainsAny(s, "0123456789")
	}
	return found && number(digits, ".,") && number(bytes.TrimPrefix(power, []byte("+")), "")
}
