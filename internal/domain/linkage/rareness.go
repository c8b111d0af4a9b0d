package linkage

// What two names or texts that agree can add depends on how rare they are: two who are both called SITI AMINAH say little. A
// record has a byte of it for each comparison of them, so that most pairs are given up before their names are looked at.

// rareness is what a comparison can add by how rare the values are.
type rareness struct {
	shift         uint       // of its byte in the word of a record
	values        []uint8    // by place of the column's values; nil where records have no byte of it
	equal, differ [256]int32 // the most it can add to two values of the same place and of different ones, by the byte of the commoner
}

// rareStep is how finely the share of a value is told: the byte is so many steps of log2 above the rarest, zero where it is not
// told.
const rareStep = unit / 8

// rareBytes is how many comparisons have a byte.
const rareBytes = 4

// roomForRare gives records a word for how rare their values are, if it makes them no longer.
func (p *plan) roomForRare() {
	if p.stride%lineWords == 0 {
		return
	}
	p.rare = p.stride
	p.stride++
}

// rarities yields the comparisons whose bytes stand in records.
func (p *plan) rarities() (list []*comparison) {
	for k := range p.comparisons {
		if c := &p.comparisons[k]; p.rare > 0 && c.kind.tabled() && k >= p.packed && len(list) < rareBytes {
			list = append(list, c)
		}
	}
	return list
}

// prepareRare gives what works out how rare the values of the columns are.
func (d *data) prepareRare() (parts []func()) {
	for i, c := range d.plan.rarities() {
		c.rare.shift = uint(8 * i)
		parts = append(parts, func() {
			values := make([]uint8, c.table.size())
			for v := 1; v < len(values); v++ {
				values[v] = rareByte(d.shareOf(c, uint32(v)))
			}
			c.rare.values = values
		})
	}
	return parts
}

// shareOf gives the share of a value as far as it moves the weight of two that agree, in log2: of a name that of all its words.
func (d *data) shareOf(c *comparison, v uint32) int32 {
	if c.kind == kindName {
		return rarityOfWords(d.words, &c.table.names[v])
	}
	return c.table.share[v]
}

// rareByte tells a share, rounded down.
func rareByte(share int32) uint8 {
	steps := (-share + rareStep - 1) / rareStep
	if steps > 254 {
		return 0
	}
	return uint8(255 - max(steps, 0))
}

// setRare puts into a record how rare its values are.
func (p *plan) setRare(r []uint32) {
	if p.rare == 0 {
		return
	}
	for k := p.packed; k < len(p.comparisons); k++ {
		if c := &p.comparisons[k]; c.rare.values != nil {
			r[p.rare] |= uint32(c.rare.values[r[c.at]]) << c.rare.shift
		}
	}
}

// tellRare works out what a comparison can add by the bytes of two records.
func (c *comparison) tellRare() {
	for b := range c.rare.equal {
		c.rare.equal[b], c.rare.differ[b] = c.gain, c.differ
		if b > 0 {
			share := int32(b-255) * rareStep
			c.rare.equal[b], c.rare.differ[b] = min(c.gain, c.mostOf(share, false)), min(c.differ, c.mostOf(share, true))
		}
	}
}

// mostOf gives the most a comparison can add to two values neither of which is rarer than a share; differ tells that they are
// different ones.
func (c *comparison) mostOf(share int32, differ bool) (most int32) {
	levels := c.tops
	if differ {
		levels = c.others
	}
	for i, t := range levels {
		gain := c.weights[t.level]
		if c.rarity[t.level] && !c.crowded {
			least := max(share, c.floor)
			if c.kind == kindName && c.joins(t.level) {
				least = c.floor // the rarity may be that of the other name
			}
			gain += max(-c.most, min(c.scaled(c.base[t.level]-least), c.most))
		}
		if i == 0 || gain > most {
			most = gain
		}
	}
	return most
}

// joins tells whether two names that are the same but for how they are parted into words may be at a level.
func (c *comparison) joins(level uint8) bool {
	t := c.told[nameJoined]
	return t.level == level || t.level == 0 && level > t.from
}

// left is the most a comparison of a tabled column can add to a pair.
type left struct {
	at, rare int
	mask     uint32 // of the byte that tells how rare a value is, none where records have none
	most     int32
	by       *rareness
}

// leftOf gives what a comparison of a tabled column can add.
func (s *scorer) leftOf(k int) left {
	c := &s.data.plan.comparisons[k]
	l := left{at: c.at, rare: s.data.plan.rare, most: s.most[k], by: &c.rare}
	if c.rare.values != nil {
		l.mask = 0xff
	}
	return l
}

func (l *left) of(x *pair) int32 {
	one, two := x.a[l.at], x.b[l.at]
	if one == 0 || two == 0 {
		return 0
	}
	b := max(x.a[l.rare]>>l.by.shift&l.mask, x.b[l.rare]>>l.by.shift&l.mask) & 0xff
	if one == two {
		return min(l.most, l.by.equal[b])
	}
	return min(l.most, l.by.differ[b])
}
