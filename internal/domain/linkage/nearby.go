package linkage

import "math"

// A name may be rare in the country and common in a place: two of a village who bear it are then less likely to be one
// than the country's share says. So the words of names are counted within the rows that share a key, too. And words go
// together: ABDUL is common, GHANI is not, but many of those who have the second have both. So whole names are
// counted as well, of which two are left out: the rows compared, which may be one person.

const (
	nearGuess = 100     // rows of everywhere the share of a word in one place is guessed by, beside its own rows
	nearLeast = 6       // rows that must have a word or a whole name for it to be counted by place
	nearCells = 1 << 24 // counts that are kept at most: places times words and names
)

// nearness prepares a comparison whose names are counted by place.
func (p *plan) nearness(c *comparison) {
	if c.file.Frequency == nil || c.file.Frequency.Within == "" {
		return
	}
	within, ok := p.key(c.file.Frequency.Within)
	if !ok {
		p.skipped = append(p.skipped, "within "+c.file.Frequency.Within)
		return
	}
	c.within = &within
}

// commonNear gives what works out for each name how many bits more common it is in its places than everywhere, on the average
// of the rows that have it, and never fewer than none; one for each column. It stands where other columns have the term of a crowd.
func (d *data) commonNear() (columns []func()) {
	for k := range d.plan.comparisons {
		c := &d.plan.comparisons[k]
		if c.within == nil {
			continue
		}
		columns = append(columns, func() {
			n := near{d: d, c: c, t: c.table}
			n.settlePlaces()
			n.choose()
			n.tally()
			n.weigh()
			n.settle()
		})
	}
	return columns
}

// near is the counting of one comparison's names by place.
type near struct {
	d      *data
	c      *comparison
	t      *table
	places []int32 // of each row, from 1; 0 for none
	filled []int32 // rows of each place that have a name
	words  []int32 // place of each word among the counts, from 1; 0 for those too rare
	whole  []int32 // the same of each whole name
	width  int
	counts []int32 // by place and word or name; later bits
}

// settlePlaces numbers the places and counts their rows.
func (n *near) settlePlaces() {
	seen := map[uint32]int32{}
	n.places, n.filled = make([]int32, n.d.n), []int32{0}
	last, place := uint32(0), int32(0) // rows beside each other are mostly of one place
	for row := range n.d.n {
		r := n.d.record(row)
		key := n.c.within.base(r)
		if key == 0 || r[n.c.column.word] == 0 {
			continue
		}
		if key != last {
			known := false
			if place, known = seen[key]; !known {
				place = int32(len(n.filled))
				seen[key], n.filled = place, append(n.filled, 0)
			}
			last = key
		}
		n.places[row] = place
		n.filled[place]++
	}
}

// choose finds the words and names common enough to be counted in each place: where there are many places and words the
// rarer ones are left out, which are rare in every place.
func (n *near) choose() {
	n.words, n.whole = make([]int32, len(n.d.words.words)), make([]int32, n.t.size())
	for least := int32(nearLeast); ; least *= 2 {
		n.width = 1
		number(n.words, &n.width, func(v int) bool { return n.d.words.words[v].count >= least })
		number(n.whole, &n.width, func(v int) bool { return n.t.counts[0][v]+n.t.counts[1][v] >= least })
		if n.width == 1 || n.width*len(n.filled) <= nearCells {
			return
		}
	}
}

// number gives those that are wanted numbers from the next on, and zero to the others.
func number(list []int32, next *int, want func(int) bool) {
	for v := 1; v < len(list); v++ {
		list[v] = 0
		if want(v) {
			list[v] = int32(*next)
			*next++
		}
	}
}

func (n *near) tally() {
	n.counts = make([]int32, n.width*len(n.filled))
	for row, place := range n.places {
		if place == 0 {
			continue
		}
		at, v := int(place)*n.width, n.d.record(row)[n.c.column.word]
		for _, id := range n.t.names[v].list() {
			n.counts[at+int(n.words[id])]++
		}
		n.counts[at+int(n.whole[v])]++
	}
}

// weigh turns the counts into bits: of words what a place adds to their share everywhere, of whole names their share in
// the place. A word that nobody of a place has is no more common there. It goes place by place, as the counts lie in memory.
func (n *near) weigh() {
	shares, rarities, first := n.everywhere()
	for place, filled := range n.filled {
		counts := n.counts[place*n.width : (place+1)*n.width]
		for column := 1; column < first; column++ {
			if count := counts[column]; count != 0 {
				here := (float64(count) + nearGuess*shares[column]) / (float64(filled) + nearGuess)
				counts[column] = max(fixed(math.Log2(here/shares[column])), 0)
			}
		}
		for column := first; column < n.width; column++ {
			if count := counts[column]; count > 2 {
				counts[column] = max(fixed(math.Log2(float64(count-2)/float64(filled)))-rarities[column], 0)
			} else {
				counts[column] = 0
			}
		}
	}
}

// everywhere gives, by column of the counts, the shares of words and how rare whole names are as their words have it; the columns of
// names begin at the first.
func (n *near) everywhere() (shares []float64, rarities []int32, first int) {
	shares, rarities, first = make([]float64, n.width), make([]int32, n.width), 1
	for id, column := range n.words {
		if column != 0 {
			shares[column] = math.Exp2(Bits(n.d.words.words[id].rarity))
			first++
		}
	}
	for v, column := range n.whole {
		if column != 0 {
			rarities[column] = rarityOfWords(n.d.words, &n.t.names[v])
		}
	}
	return shares, rarities, first
}

// settle writes the average of its rows for each name.
func (n *near) settle() {
	sums, rows := make([]int64, n.t.size()), make([]int64, n.t.size())
	for row, place := range n.places {
		if place == 0 {
			continue
		}
		v, at, sum := n.d.record(row)[n.c.column.word], int(place)*n.width, int32(0)
		for _, id := range n.t.names[v].list() {
			if column := n.words[id]; column > 0 {
				sum += n.counts[at+int(column)]
			}
		}
		if column := n.whole[v]; column > 0 {
			sum = max(sum, n.counts[at+int(column)])
		}
		sums[v], rows[v] = sums[v]+int64(sum), rows[v]+1
	}
	n.t.crowd = make([]int32, n.t.size())
	for v := range sums {
		if rows[v] > 0 {
			n.t.crowd[v] = int32(sums[v] / rows[v])
		}
	}
}

// rarityOfWords is the share of a name as its words have it, in log2.
func rarityOfWords(l *lexicon, v *nameValue) (sum int32) {
	for _, id := range v.list() {
		sum += l.words[id].rarity
	}
	return sum
}
