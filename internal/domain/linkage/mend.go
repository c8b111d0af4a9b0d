package linkage

import "math/bits"

// pairUp finds the columns a column's numbers are held against.
func (p *plan) pairUp() {
	for i := range p.columns {
		c := &p.columns[i]
		c.unlike, c.carries, c.swapped, c.within = p.of(c.file.Unlike), p.of(c.file.Carries), p.of(c.file.Swapped), p.of(c.file.Within)
		p.ownNames = p.ownNames || c.unlike != nil && c.kind == kindName
	}
}

// mend puts right what the columns of one row tell of each other: numbers in each other's place, a number typed twice and, where
// duplicates are looked for, a day and a month that changed places. Against a reference they stay, for whoever mends the row has to be told.
func (p *plan) mend(record []uint32) {
	for i := range p.columns {
		c := &p.columns[i]
		if c.carries != nil && c.swapped != nil {
			c.exchange(record)
		}
		if c.carries != nil && p.turns {
			c.turn(record)
		}
		if o := c.unlike; o != nil && c.kind == kindDigits && digitsAt(record, c.word) == digitsAt(record, o.word) {
			record[c.word], record[c.word+1] = noDigitsWord, noDigitsWord
		}
	}
}

// exchange puts a number into its place that stands in another's: the other carries the row's birth date, and it does not. A card's
// number has the day it was issued there.
func (c *column) exchange(record []uint32) {
	own, other, date := digitsAt(record, c.word), digitsAt(record, c.swapped.word), record[c.carries.word]
	if other == noDigitsValue || !ownDate(other, date) || ownDate(own, date) {
		return
	}
	at, to := c.word, c.swapped.word
	record[at], record[at+1], record[to], record[to+1] = record[to], record[to+1], record[at], record[at+1]
}

// turn reads a date with day and month the other way round where the row's number has it so.
func (c *column) turn(record []uint32) {
	number, date := digitsAt(record, c.word), record[c.carries.word]
	if number == noDigitsValue || ownDate(number, date) {
		return
	}
	if turned := date&0xffff0000 | uint32(bits.ReverseBytes16(uint16(date))); turned != date && ownDate(number, turned) {
		record[c.carries.word] = turned
	}
}
