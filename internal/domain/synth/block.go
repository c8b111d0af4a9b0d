package synth

import (
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
)

// post is one place for a family in a block and what it is needed for.
type post struct {
	forced
	kind      Kind // defect of one member's row
	partner   int  // the other post: of the holder, the first of two rows, or the namesake; -1 for none
	guest     int  // index of the duplicate whose second row stands in this family, or -1
	trapped   bool // has a role already
	family    family
	source    *family // of a copy: the family it copies
	sourceRow int     // of a copy: the row of the source's first member
	firstRow  int
	victim    int // member with the defect
	claimed   person.NIK
	gone      area.Code // where the victim has moved to
}

// workshop makes one block after the other; each worker has one.
type workshop struct {
	maker
	block  *block
	index  int
	posts  []post
	beside []family
	come   []bool // families beside the registry that came lately
	pool   []int32
	dwell  []int
	batch  *Batch
	chance random // the stream of the block
	blank  [familyItems]int16
	asked  []request
	own    Batch // rows that do not leave the worker
	told   []EvidenceRow
}

// newWorkshop makes room for the largest block.
func newWorkshop(p *Plan) *workshop {
	w := &workshop{}
	w.plan, w.words, w.issuer = p, p.world.vocabulary, newIssuer()
	for i := range w.blank {
		w.blank[i] = Unanswered
	}
	w.today, w.year = days(p.cfg.Scenario.AsOf), p.cfg.Scenario.AsOf.Year()
	return w
}

// make fills the batch with the rows of the block.
func (w *workshop) run(index int, batch *Batch) error {
	w.index, w.block, w.batch, w.err = index, &w.plan.blocks[index], batch, nil
	w.village = &w.plan.villages[w.block.village]
	w.humans = w.humans[:0]
	w.issuer.reset(w.plan, index)
	w.chance.seed(w.plan.cfg.Seed, keyBlock, uint64(w.village.place.Code), uint64(w.block.part))
	w.layPosts()
	w.assign()
	w.settleDwellings()
	w.expect()
	w.makeFamilies()
	w.makeBeside()
	w.repeat()
	w.damage()
	w.emit()
	w.report()
	return w.err
}

// layPosts lays the block's places for families: those listed in two villages first, the other
// planted ones among the free.
func (w *workshop) layPosts() {
	b := w.block
	people := 0
	for _, f := range b.forced {
		people += f.size
	}
	left := b.families - len(b.forced)
	sizes := sizes(&w.chance, left, b.persons-people)
	w.posts = resize(w.posts, b.families)
	w.pool = w.pool[:0]
	for i := b.homes; i < b.families; i++ {
		w.pool = append(w.pool, int32(i))
	}
	w.chance.shuffle(w.pool)
	place := func(at int, f forced) {
		w.posts[at] = post{forced: f, partner: -1, guest: -1, trapped: f.role != free}
	}
	for i, f := range b.forced {
		if i < b.homes {
			place(i, f)
			continue
		}
		place(int(w.pool[i-b.homes]), f)
	}
	w.pool = w.pool[len(b.forced)-b.homes:]
	for i, at := range w.pool {
		place(int(at), forced{role: free, size: sizes[i]})
	}
	row := b.firstRow
	for i := range w.posts {
		w.posts[i].firstRow = row
		row += w.posts[i].size
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// assign gives free families their roles: a defect, a second row of somebody, or a namesake.
func (w *workshop) assign() {
	b := w.block
	for kind, count := range b.defects {
		for range count {
			switch Kind(kind) {
			case NIKHeld:
			case NIKContested:
				claimant, holder := w.take(2), w.take(2)
				w.posts[claimant].kind, w.posts[claimant].partner = NIKContested, holder
				w.posts[holder].kind, w.posts[holder].partner = NIKHeld, claimant
			default:
				w.posts[w.take(leastSize(Kind(kind)))].kind = Kind(kind)
			}
		}
	}
	for duplicate, count := range b.guests {
		for range count {
			host := w.take(2)
			w.posts[host].guest, w.posts[host].partner = duplicate, w.take(1)
		}
	}
	for i := range w.posts {
		if w.posts[i].role == copyHere {
			w.posts[i].partner = w.take(w.posts[i].size)
		}
	}
	for range b.namesakes {
		first := w.take(3)
		w.posts[first].partner = w.take(3)
		w.posts[first].kind = Namesake
	}
}

// leastSize is the smallest family a defect is put in: a death must not end a family.
func leastSize(kind Kind) int {
	switch kind {
	case Dead, Moved:
		return 2
	}
	return 1
}

// take gives a free family of at least the size that has no role yet. There is one, unless a plan
// was accepted that should not have been.
func (w *workshop) take(size int) int {
	for i := len(w.pool) - 1; i >= 0; i-- {
		at := int(w.pool[i])
		if p := &w.posts[at]; p.size >= size {
			w.pool[i] = w.pool[len(w.pool)-1]
			w.pool = w.pool[:len(w.pool)-1]
			p.trapped = true
			return at
		}
	}
	w.err = fail.Invalid("synth.too_small", "scenario", w.plan.cfg.Scenario.Name, "families", w.plan.cfg.Scenario.Population.Families)
	return 0
}

// settleDwellings shares the block's dwellings among its families: some live with the family before
// them.
func (w *workshop) settleDwellings() {
	n := len(w.posts)
	w.dwell = resize(w.dwell, n)
	joins := n - w.block.households
	dwelling := -1
	for i := range n {
		if i > 0 && w.chance.below(n-i) < joins {
			joins--
		} else {
			dwelling++
		}
		w.dwell[i] = w.block.part*numbersOfPart + dwelling
	}
}

// numbersOfPart is how many family numbers of the village a block has: half for families of the
// registry, half for those beside it.
const numbersOfPart = 2 * blockFamilies

func (w *workshop) makeFamilies() {
	code := uint64(w.village.place.Code)
	for i := range w.posts {
		p := &w.posts[i]
		number := w.block.part*numbersOfPart + i
		o := order{keys: [4]uint64{w.plan.cfg.Seed, keyFamily, code, uint64(number)}, size: p.size, number: number, cross: -1}
		switch p.role {
		case copyHere, crossCopy:
			continue
		case crossHome:
			o = w.crossOrder(p.index)
		}
		if p.guest >= 0 {
			o.size--
		}
		p.family = w.make(o)
		p.family.number, p.family.dwelling = number, w.dwell[i]
		w.card(&p.family)
		if i > 0 && w.dwell[i] == w.dwell[i-1] {
			p.family.share(&w.posts[i-1].family)
		}
	}
}

// share gives the family the address of the family it lives with.
func (f *family) share(with *family) {
	if with.street != "" { // a copy gets its own address later
		f.street, f.rt, f.rw = with.street, with.rt, with.rw
	}
}

// crossOrder is the order of the family listed in two villages; both blocks give the same.
func (w *workshop) crossOrder(index int) order {
	c := &w.plan.crosses[index]
	return order{keys: [4]uint64{w.plan.cfg.Seed, keyCross, uint64(index)}, size: c.size, number: index % blockFamilies, cross: c.ordinal}
}

// makeBeside makes the families that only the civil registry has.
func (w *workshop) makeBeside() {
	w.beside = w.beside[:0]
	code := uint64(w.village.place.Code)
	r := &w.chance
	law := newSizeLaw(3.3)
	for i := range w.block.beside {
		number := w.block.part*numbersOfPart + blockFamilies + i
		f := w.make(order{
			keys: [4]uint64{w.plan.cfg.Seed, keyBeside, code, uint64(number)}, size: law.draw(r), number: number,
			cross: -1, beside: true, arrived: w.come[i],
		})
		w.card(&f)
		w.beside = append(w.beside, f)
	}
}
