package linkage

import (
	"cmp"
	"slices"

	"tepat/internal/kit/parallel"
)

// company is what the rows that stand beside two rows, the people of their cards, tell of the two. Families are registered twice as
// families: where others of two cards are surely one, a doubtful pair mostly is; where both cards have others and none of them is found
// on the other card, mostly not. A row that surely is another row of that card is hardly this one too: so the twins of two cards of one
// family are told apart.
type company struct {
	file  *companyFile
	at    int        // the word of a record where the number of the group begins
	other *rawColumn // the list's own number of a household, of rows without that; nil for none
	sure  int32
	bits  [len(companyLevels)]int32
}

// standing is how the rows beside two rows stand to each other.
type standing uint8

const (
	standsUnknown standing = iota // a row has no group, or one of more rows than a household has
	sameOthers                    // one group, others of which are surely one
	sameNone                      // one group, nobody else of which stands in it twice
	apartOthers                   // two groups, others of which are surely one
	apartNone                     // two groups that both have others, none of them in both
	apartAlone                    // two groups, one of them of this row alone
	takenAlready                  // beside the others: one of the two surely is another row of the other's group
)

// companyLevels names them as the model file does.
var companyLevels = [...]string{sameOthers: "same_others", sameNone: "same_none", apartOthers: "apart_others", apartNone: "apart_none", apartAlone: "apart_alone", takenAlready: "taken"}

// keepCompany compiles what the model says of company; nil where it says nothing or the column is not there.
func (p *plan) keepCompany(header []string) *company {
	f := p.model.file.Company
	if f == nil || p.of(f.Column) == nil {
		return nil
	}
	c := &company{file: f, at: p.of(f.Column).word, sure: fixed(f.Sure)}
	if f.Else != "" {
		c.other = p.raw(f.Else, header)
	}
	for i, name := range companyLevels {
		c.bits[i] = fixed(f.Bits[name])
	}
	return c
}

// floor is the weight from which pairs are asked about: what company can add at most brings none of a lower weight to the bar, and below
// the bound of what is surely apart it is not asked.
func (c *company) floor(review int32) int32 {
	return max(review-slices.Max(c.bits[:]), -mostAgainst*unit)
}

// group is the number that the rows of one household share.
func (c *company) group(record []uint32) uint64 { return digitsAt(record, c.at) }

// houses are the rows by their groups.
type houses struct {
	values []uint64 // of rows, in rising order
	rows   []int32  // of them, in rising order where values are equal
	most   int
	other  map[int32]uint64 // groups of rows by the list's own number, of those that are asked for
}

// housesOf gathers the groups that some rows are of; of all rows where the list is nil.
func (e *Engine) housesOf(c *company, some []int32) *houses {
	asked, ask := marks(nil), e.householder(c)
	if some != nil {
		asked = newMarks(houseMarks)
		for _, row := range some {
			asked.add(int(mix(ask(row)) % houseMarks))
		}
	}
	h := &houses{most: c.file.Most, other: map[int32]uint64{}}
	type entry struct {
		value uint64
		row   int32
	}
	var list []entry
	for row := range e.n {
		value := ask(int32(row))
		if value == noDigitsValue || asked != nil && !asked.has(int(mix(value)%houseMarks)) {
			continue
		}
		list = append(list, entry{value, int32(row)})
		if c.other != nil && c.group(e.record(row)) == noDigitsValue {
			h.other[int32(row)] = value
		}
	}
	slices.SortFunc(list, func(x, y entry) int { return cmp.Or(cmp.Compare(x.value, y.value), cmp.Compare(x.row, y.row)) })
	for _, x := range list {
		h.values, h.rows = append(h.values, x.value), append(h.rows, x.row)
	}
	return h
}

// householder gives the groups of rows: by the number, and where a row has none by the list's own, whose values are hashed.
func (e *Engine) householder(c *company) func(row int32) uint64 {
	var fields [][]byte
	var room []byte
	return func(row int32) uint64 {
		group := c.group(e.record(int(row)))
		if group != noDigitsValue || c.other == nil {
			return group
		}
		fields = e.fields(int(row), fields)
		if room = c.other.value(fields, room); len(room) == 0 {
			return noDigitsValue
		}
		h := mix(uint64(len(room)))
		for _, b := range room {
			h = mix(h ^ uint64(b))
		}
		return h &^ 1 // never the value of no number
	}
}

// houseMarks is how many marks tell which groups are asked for.
const houseMarks = 1 << 22

// of gives the rows of a group, none where it has more than a household has.
func (h *houses) of(value uint64) []int32 {
	if value == noDigitsValue {
		return nil
	}
	from, _ := slices.BinarySearch(h.values, value)
	to := from
	for to < len(h.values) && h.values[to] == value {
		if to++; to-from > h.most {
			return nil
		}
	}
	return h.rows[from:to]
}

// bystanders weighs the rows that stand beside two, those of a table or of a live index.
type bystanders struct {
	*company
	data   *data
	scorer *scorer // whose floor is the bar of what is sure
	worker *worker
	least  int32            // what weighs less is not asked about
	other  map[int32]uint64 // see houses
}

func (c *company) bystanders(d *data, s *scorer, w *worker) *bystanders {
	sure := *s
	sure.keepFrom(c.sure)
	return &bystanders{company: c, data: d, scorer: &sure, worker: w, least: c.floor(fixed(d.plan.model.file.Dedupe.Review))}
}

// among is bystanders for the rows of a table.
func (c *company) among(h *houses, d *data, s *scorer) *bystanders {
	b := c.bystanders(d, s, newWorker(d))
	b.other = h.other
	return b
}

// one tells whether two rows surely are one.
func (b *bystanders) one(i, j int32) bool {
	if b.scorer.known != nil && b.scorer.known.two(uint32(i), uint32(j)) {
		return false
	}
	_, sure := b.scorer.pair(b.worker, b.data.record(int(i)), b.data.record(int(j)))
	return sure
}

// groupOf is the group of a row.
func (b *bystanders) groupOf(row int32) uint64 {
	group := b.group(b.data.record(int(row)))
	if other, ok := b.other[row]; ok && group == noDigitsValue {
		return other
	}
	return group
}

// stand gives how the rows beside two rows stand, and whether one of the two is taken; left and right are all rows of their groups, in
// any order, none of a group nothing is told of.
func (b *bystanders) stand(left, right []int32, i, j int32) (s standing, taken bool) {
	if len(left) == 0 || len(right) == 0 {
		return standsUnknown, false
	}
	same, others := b.groupOf(i) == b.groupOf(j), false
	for _, x := range left {
		for _, y := range right {
			if x == y || same && x > y || x == i && y == j || x == j && y == i {
				continue
			}
			beside := x != i && x != j && y != i && y != j
			if beside && others || !beside && taken || !b.one(x, y) {
				continue
			}
			others, taken = others || beside, taken || !beside
		}
	}
	switch {
	case same && others:
		return sameOthers, taken
	case same:
		return sameNone, taken
	case others:
		return apartOthers, taken
	case len(left) == 1 || len(right) == 1:
		return apartAlone, taken
	}
	return apartNone, taken
}

// doubts tells whether a weight is asked about: one that is sure, or far below the bar, is left as it is.
func (b *bystanders) doubts(weight int32) bool { return weight < b.sure && weight >= b.least }

// tells gives the bits the company of two rows of a doubtful weight adds to it, and how it stands.
func (b *bystanders) tells(left, right []int32, i, j int32) (bits int32, s standing, taken bool) {
	s, taken = b.stand(left, right, i, j)
	if bits = b.bits[s]; taken {
		bits += b.bits[takenAlready]
	}
	return bits, s, taken
}

// among is tells for two rows of a table, by the groups of its rows.
func (b *bystanders) among(h *houses, i, j, weight int32) (bits int32, s standing, taken bool) {
	if !b.doubts(weight) {
		return 0, standsUnknown, false
	}
	return b.tells(h.of(b.groupOf(i)), h.of(b.groupOf(j)), i, j)
}

// bars are those of a waterfall.
func (c *company) bars(s standing, taken bool) (list []Bar) {
	if s != standsUnknown {
		list = append(list, Bar{Comparison: companyBar, Level: companyLevels[s], Bits: Bits(c.bits[s])})
	}
	if taken {
		list = append(list, Bar{Comparison: companyBar, Level: companyLevels[takenAlready], Bits: Bits(c.bits[takenAlready])})
	}
	return list
}

// companyBar names what company tells among comparisons.
const companyBar = "company"

// consider adds to the weights of edges what company tells. Which edges are sure is told by their own weights alone, so that the order
// in which they are asked is nothing.
func (e *Engine) consider(c *company, s *scorer, all *finds) error {
	rows := []int32{} // of none, no group is gathered
	for _, x := range all.edges {
		if x.Weight < c.sure {
			rows = append(rows, x.A, x.B)
		}
	}
	h := e.housesOf(c, rows)
	defer clear(h.values)
	var runs []portion
	for from := 0; from < len(all.edges); from += companyEdges {
		runs = append(runs, portion{from, min(len(all.edges), from+companyEdges)})
	}
	return parallel.ChunksWith(e.options.Workers, func() *bystanders { return c.among(h, e.data, s) }, parallel.Split(runs, 1), func(b *bystanders, chunk []portion) struct{} {
		for at := chunk[0].from; at < chunk[0].to; at++ {
			x := &all.edges[at]
			bits, _, _ := b.among(h, x.A, x.B, x.Weight)
			x.Weight += bits
		}
		return struct{}{}
	}, func(struct{}) error { return e.options.stopped() })
}

// companyEdges is how many edges a worker asks about at a time.
const companyEdges = 1024
