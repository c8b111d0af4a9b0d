package linkage

// bound tells the scorer how much each comparison can add for the row that asks: nothing where it has no value, and no more
// than its value is rare. So pairs that cannot reach the floor are given up sooner; what is kept stays the same.
func (f *Finder) bound() {
	for k := range f.plan.comparisons {
		f.scorer.most[k] = f.most(&f.plan.comparisons[k])
	}
}

// most gives the most a comparison can add for the row that asks.
func (f *Finder) most(c *comparison) int32 {
	r := f.record(0)
	if !c.has(r) {
		return 0
	}
	q := c.file.Frequency
	if q == nil || q.Kind != "share" || c.table == nil {
		return c.gain
	}
	rarest := c.table.share[r[c.column.word]]
	if c.column.kind == kindName {
		rarest = 0
		for _, id := range c.table.names[r[c.column.word]].list() {
			rarest += f.words.words[id].rarity
		}
	}
	return max(c.mostOf(rarest, false), 0)
}

// has tells whether a record has a value to compare.
func (c *comparison) has(r []uint32) bool {
	switch c.column.kind {
	case kindDigits:
		return r[c.column.word] != noDigitsWord
	case kindNumber:
		return r[c.column.word] != noNumber
	}
	return r[c.column.word] != 0
}

// noDigitsWord is what the first word of digits is where there are none: the first digits of a value are never all ones.
const noDigitsWord = uint32(noDigitsValue >> 32)
