package linkage

import (
	"bytes"
	"slices"
)

// beside is room for asking who stands beside the row that asks and beside those it may be one with. Their cards are laid on the desk
// of the finder behind the two rows that are compared, and weighed by the code that weighs them in a run.
type beside struct {
	*bystanders
	place int      // the first row of the desk that a card is laid on
	rows  []rowRef // on the desk, from that place on
	own   []int32  // places of the card of the row that asks, that row among them; none where nothing is told of it
	other []int32  // and of the last other card
	group uint64   // that other card
	sizes []int    // values that are there when it is laid
	asked []rowRef // whose company was asked about
	came  int      // rows of the card that come with the row that asks, the first that are laid
	gone  []rowRef // rows of the index in whose place others come
}

// cardPlace is the first row of a finder's desk behind the two that are compared.
const cardPlace = 2

// cardRows is how many rows of a desk cards are laid on: two cards, and one row more of each, by which they are seen to be too large.
func (p *plan) cardRows() int {
	if p.company == nil {
		return 0
	}
	return 2 * (p.company.file.Most + 1)
}

// standBeside makes room for asking about company where the model says something of it.
func (f *Finder) standBeside() {
	c := f.plan.company
	if c == nil {
		return
	}
	f.beside = &beside{bystanders: c.bystanders(f.data, f.scorer, f.worker)}
	f.scorer.keepFrom(f.beside.least)
}

// consider adds to the weights of what was found what company tells, as Dedupe does, and leaves out what is below the bar of
// review then.
func (f *Finder) consider() {
	b := f.beside
	if b == nil {
		return
	}
	b.rows, b.asked, b.own, b.group = b.rows[:0], b.asked[:0], nil, noDigitsValue
	if slices.ContainsFunc(f.found, func(x found) bool { return b.doubts(x.weight) }) {
		f.layOwn()
	}
	review, link := fixed(f.plan.model.file.Dedupe.Review), fixed(f.plan.model.LinkBits())
	kept := f.found[:0]
	for i := range f.found {
		x := &f.found[i]
		if b.doubts(x.weight) && x.group != noDigitsValue {
			b.asked = append(b.asked, x.row)
			var bits int32
			bits, x.stands, x.taken = f.company(x)
			x.weight += bits
		}
		switch {
		case x.weight >= review:
			kept = append(kept, *x)
			continue
		case parts(x.weight):
			f.apart = append(f.apart, x.row)
		}
		if x.sum >= link {
			f.held = append(f.held, *x)
		}
	}
	f.found = kept
	f.order()
}

// layOwn lays the card of the row that asks.
func (f *Finder) layOwn() {
	b := f.beside
	f.keep(f.first)
	f.worker.last = lastMatch{}
	for range b.came {
		b.rows = append(b.rows, noRow)
	}
	if own, few := f.layCard(b.groupOf(0), b.came+1); few {
		for at := range b.came {
			own = append(own, int32(cardPlace+at))
		}
		b.own = append(own, 0)
	}
	b.sizes, b.place = f.sizes(b.sizes), cardPlace+len(b.rows)
}

// company gives what company tells of the row that asks and one that was found.
func (f *Finder) company(x *found) (bits int32, s standing, taken bool) {
	b := f.beside
	if len(b.own) == 0 {
		return 0, standsUnknown, false
	}
	right, from := b.own, 0
	if x.group != b.groupOf(0) {
		if from = b.place - cardPlace; x.group != b.group {
			f.keep(b.sizes)
			f.worker.last = lastMatch{}
			b.rows, b.group = b.rows[:from], x.group
			b.other, _ = f.layCard(x.group, 0)
		}
		right = b.other
	}
	at := slices.Index(b.rows[from:], x.row)
	if len(right) == 0 || at < 0 {
		return 0, standsUnknown, false
	}
	return b.tells(b.own, right, 0, int32(cardPlace+from+at))
}

// layCard lays the rows of a group on the desk behind those that lie there, without the row that asks, which counts among them where
// it is of the group too; false, and none, where they are more than a household has. Of groups of thousands no more rows are read.
func (f *Finder) layCard(group uint64, with int) (places []int32, few bool) {
	b := f.beside
	from, most := len(b.rows), b.file.Most-with
	if group == noDigitsValue || most < 0 {
		return nil, false
	}
	for row := range f.cardOf(group) {
		at := cardPlace + len(b.rows)
		if f.load(row, at); b.groupOf(int32(at)) != group {
			continue // another number of the same hash
		}
		b.rows, places = append(b.rows, row), append(places, int32(at))
		if len(places) > most {
			b.rows = b.rows[:from]
			return nil, false
		}
	}
	return places, true
}

// cardOf yields the rows that may be of a group, but the row that asks.
func (f *Finder) cardOf(group uint64) func(yield func(rowRef) bool) {
	value, x := cardValue(group), f.index
	return func(yield func(rowRef) bool) {
		s := &x.base.head.Cards[0]
		for from, to := f.pages.run(s, value); from < to; from++ {
			row := rowRef(f.pages.entry(s, from) & 0xffffffff)
			if !f.beside.left(row, f.self) && !x.delta.isGone(row) && !yield(row) {
				return
			}
		}
		for _, n := range x.delta.blocks[len(f.plan.keys)][value] {
			if row := firstNew + rowRef(n); !f.beside.left(row, f.self) && !yield(row) {
				return
			}
		}
	}
}

// left tells whether a row is not looked at as it stands in the index: the one that asks, and those others come for.
func (b *beside) left(row, self rowRef) bool { return row == self || slices.Contains(b.gone, row) }

// bring lays rows that come with the one that asks, those of its card, behind the rows that are compared: one more at the most than a
// card may have, by which it is seen to be too large.
func (f *Finder) bring(others [][][]byte) {
	b := f.beside
	if b == nil || b.groupOf(0) == noDigitsValue {
		return
	}
	for _, fields := range others {
		if id := f.index.idOf(fields); len(id) > 0 {
			if row := f.index.rowOf(f.desk, id); row != noRow {
				b.gone = append(b.gone, row)
			}
		}
		if b.came > b.file.Most {
			continue
		}
		if f.read(fields, cardPlace+b.came); b.groupOf(int32(cardPlace+b.came)) == b.groupOf(0) {
			b.came++
		}
	}
}

// cardValue is what a group is looked up by.
func cardValue(group uint64) uint32 { return uint32(mix(group) >> 32) }

// beforeChange follows the rows around one that is to be replaced, dropped or put, then those around the rows that share a card with
// it, before or after, and have doubtful pairs: what company tells of these may change with it. Which pairs are surely one is told by
// their own weights, so that it goes no further.
func (w *writer) beforeChange(g *graph, old rowRef, record []byte) {
	if old != noRow {
		w.follow(g, []rowRef{old})
	}
	g.near = len(g.rows)
	weighed := 0
	for _, row := range w.sharing(old, record) {
		if g.at[row] {
			continue // looked at around the row itself
		}
		if weighed > mostWeighed {
			g.cut = true
			break
		}
		w.around(row)
		weighed += w.looked
		if w.doubted(old) {
			w.follow(g, []rowRef{row})
		}
	}
}

// doubted tells whether company was asked about a pair of the row that asked last, other than with one.
func (f *Finder) doubted(but rowRef) bool {
	return slices.ContainsFunc(f.beside.asked, func(row rowRef) bool { return row != but })
}

// sharing gives the rows that share a card with a row or with the record that is to take its place, none of a card that has more rows than a
// household before and after.
func (w *writer) sharing(old rowRef, record []byte) (list []rowRef) {
	b := w.beside
	if b == nil {
		return nil
	}
	var was []byte
	if old != noRow {
		was = w.stored(old, nil)
	}
	if bytes.Equal(was, record) {
		return nil // written anew as it was
	}
	last := noDigitsValue
	for _, r := range [2][]byte{was, record} {
		if r == nil {
			continue
		}
		w.begin()
		w.lay(r, 0)
		group := b.groupOf(0)
		if group == last {
			continue
		}
		last, w.self, b.rows = group, old, b.rows[:0]
		if _, few := w.layCard(group, 0); few {
			list = append(list, b.rows...)
		}
	}
	return list
}

// raised gives the ids of rows looked at before and after a change of another row of which a pair weighs more than it did.
func (w *writer) raised(before, after *graph, changed rowRef) (ids []string) {
	was := make(map[[2]rowRef]int32, len(before.edges))
	for _, x := range before.edges {
		was[[2]rowRef{x.a, x.b}] = x.weight
	}
	up := map[rowRef]bool{}
	for _, x := range after.edges {
		weight, known := was[[2]rowRef{x.a, x.b}]
		if x.a != changed && x.b != changed && before.at[x.a] && (!known || weight < x.weight) {
			up[x.a] = true
		}
	}
	for i, row := range after.rows {
		if up[row] {
			ids = append(ids, string(w.group.rowIDs[i]))
		}
	}
	slices.SortFunc(ids, func(x, y string) int { return compareIDs([]byte(x), []byte(y)) })
	return ids
}
