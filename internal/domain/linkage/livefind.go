package linkage

import (
	"cmp"
	"math"
	"slices"

	"tepat/internal/kit/fail"
)

// found is a candidate above the floor.
type found struct {
	row     rowRef
	weight  int32
	sum     int32 // without the further explanations
	rule    uint8
	levels  [maxComparisons]uint8
	answers [maxAsks]uint8
	adjust  [maxComparisons]int32
	id      []byte
	group   uint64 // of the row, where company is asked about
	stands  standing
	taken   bool
}

// rowRef names a row: its place in the base, or firstNew and its number among the rows put since.
type rowRef int64

const firstNew rowRef = 1 << 32

const noRow rowRef = -1

// mostLooked is how many rows are weighed for one question. Small blocks go first: the fewer rows share a value, the more
// it says. What is beyond is left out, and counted.
const mostLooked = 1024

// Finder is room for asking an index; each goroutine has one of its own. Keep it: it remembers words and pages.
type Finder struct {
	*desk
	index   *Index
	worker  *worker
	scorer  *scorer
	beside  *beside // nil where the model says nothing of company
	self    rowRef  // the row that asks, where it is in the index
	first   []int   // values the row that asks has, by column
	keys    []uint32
	asks    []keyed
	runs    []liveRun
	rows    []candidate
	seen    rowSet
	found   []found
	held    []found // enough agrees to link them, but another explanation is likelier
	apart   []rowRef
	cand    []byte
	ids     []byte
	askID   []byte // id of the row that asks
	content liveContent
	leftOut int
	looked  int
}

// liveRun is a block a row meets others in.
type liveRun struct {
	rule     uint8
	value    uint32   // after refining
	from, to int64    // entries of the base
	new      []uint32 // rows put since
}

func (r *liveRun) rows() int64 { return r.to - r.from + int64(len(r.new)) }

type candidate struct {
	row  rowRef
	rule uint8
}

// Finder makes room for asking.
func (x *Index) Finder() *Finder {
	p, err := livePlan(x.model, &x.base.head, x.header)
	if err != nil {
		panic(err) // it was compiled when the index was opened
	}
	f := &Finder{desk: newDesk(p, x.base, cardPlace+p.cardRows()), index: x}
	f.build(1)
	f.worker = newWorker(f.data)
	f.scorer = x.scorer(f.data)
	f.standBeside()
	f.seen.reset()
	return f
}

// scorer weighs rows with the prior the index was built with.
func (x *Index) scorer(d *data) *scorer {
	s := newScorer(d, x.base.head.Prior, x.base.head.Candidates)
	s.keepFrom(fixed(x.model.file.Dedupe.Review))
	if x.base.head.Reference {
		s.doubts = nil // candidates of a reference compete
		s.keepFrom(linkFloor(x.model))
	}
	return s
}

// linkFloor is the weight below which a candidate of a reference is not kept, as in Link.
func linkFloor(m *Model) int32 {
	r := m.file.Link.Review
	return fixed(math.Log2(r/(1-r)) - 4)
}

// Find gives the rows of the index that may be one with the row of these fields, the likeliest first, at most so many.
// Fields come in the order of the header the index was opened with. A row of the id the fields hold, if they hold one, is
// the row itself and not among them. In an index of a reference, a row whose best candidate under the first key is
// settle_bits ahead is not looked up under others, as in Link.
//
// Errors: linkage.index_damaged when a page of the file is not what was written: build the index anew.
func (f *Finder) Find(fields [][]byte, most int) ([]Likeness, error) {
	return f.FindAmong(fields, nil, most)
}

// FindAmong is Find for a row that comes with others, the rest of a family that is written down: those of its card are company to it as if
// they were in the index. One of an id that is in the index is company as it comes, and not as it stands there.
func (f *Finder) FindAmong(fields [][]byte, others [][][]byte, most int) ([]Likeness, error) {
	f.index.guard.RLock()
	defer f.index.guard.RUnlock()
	self := noRow
	f.begin()
	f.askID = append(f.askID[:0], f.index.idOf(fields)...)
	if len(f.askID) > 0 {
		self = f.index.rowOf(f.desk, f.askID)
	}
	f.read(fields, 0)
	f.bring(others)
	f.search(self)
	return f.likenesses(most)
}

// FindID is Find for a row in the index. Errors: also linkage.index_no_row.
func (f *Finder) FindID(id string, most int) ([]Likeness, error) {
	f.index.guard.RLock()
	defer f.index.guard.RUnlock()
	row := f.index.rowOf(f.desk, []byte(id))
	if row == noRow {
		return nil, cmp.Or(f.pages.err, error(fail.NotFound("linkage.index_no_row")))
	}
	f.around(row)
	return f.likenesses(most)
}

// LeftOut gives how many rows the last question did not look at, for more shared a value with it than are weighed.
func (f *Finder) LeftOut() int { return f.leftOut }

// idOf gives the id among fields.
func (x *Index) idOf(fields [][]byte) []byte {
	if x.idField < 0 || x.idField >= len(fields) {
		return nil
	}
	return fields[x.idField]
}

// around looks for the rows like a row of the index.
func (f *Finder) around(row rowRef) {
	f.begin()
	f.askID = append(f.askID[:0], f.load(row, 0)...)
	f.search(row)
}

// begin empties the desk.
func (f *Finder) begin() {
	f.clear()
	if b := f.beside; b != nil {
		b.came, b.gone = 0, b.gone[:0]
	}
	if f.crowded() {
		f.forgetWords()
		clear(f.worker.likes)
	}
}

// load lays a row of the index on the desk and gives its id, good until the next load.
func (f *Finder) load(row rowRef, at int) (id []byte) {
	if row >= firstNew {
		return f.lay(f.index.delta.records[row-firstNew], at)
	}
	f.cand = append(f.cand[:0], f.pages.record(uint32(row))...)
	return f.lay(f.cand, at)
}

// search weighs the row at the first place of the desk against all that share a key with it.
func (f *Finder) search(self rowRef) {
	f.ask(0)
	f.bound()
	f.first = f.sizes(f.first)
	f.found, f.held, f.apart, f.ids, f.leftOut = f.found[:0], f.held[:0], f.apart[:0], f.ids[:0], 0
	f.looked, f.self = 0, self
	f.seen.clear()
	if self != noRow {
		f.seen.add(self)
	}
	settle := f.index.model.file.Link.Settle
	if f.index.base.head.Reference && settle > 0 && len(f.plan.keys) > 1 {
		f.look(0, 1)
		f.weigh()
		if f.settled(fixed(settle)) {
			return
		}
		f.look(1, len(f.plan.keys))
	} else {
		f.look(0, len(f.plan.keys))
	}
	f.weigh()
	f.consider()
}

// settled tells whether the best found is so far ahead that others are not looked for.
func (f *Finder) settled(bar int32) bool {
	f.order()
	return len(f.found) > 0 && f.found[0].weight >= bar && (len(f.found) == 1 || f.found[0].weight-f.found[1].weight >= bar)
}

// look gathers the rows that share keys from one to another with the row that asks.
func (f *Finder) look(from, to int) {
	f.runs, f.rows = f.runs[:0], f.rows[:0]
	r := f.record(0)
	f.asks = f.asks[:0]
	for rule := from; rule < to; rule++ {
		s := &f.pages.base.head.Keys[rule]
		f.keys = f.plan.keys[rule].each(r, f.keys[:0])
		for _, v := range f.keys {
			f.asks = append(f.asks, keyed{rule, v})
			if from, to, at := s.guess(v); from < to {
				f.pages.ahead(s.entries() + at*pairWidth)
			}
		}
	}
	for _, k := range f.asks {
		if run := f.run(k.rule, k.value); run.rows() > 0 {
			f.runs = append(f.runs, run)
		}
	}
	slices.SortStableFunc(f.runs, func(x, y liveRun) int { return cmp.Compare(x.rows(), y.rows()) })
	for i := range f.runs {
		f.take(&f.runs[i])
	}
}

// run finds the block of a value: where it was refined, by the same columns of the row that asks.
func (f *Finder) run(rule int, value uint32) liveRun {
	s := &f.pages.base.head.Keys[rule]
	run := liveRun{rule: uint8(rule)}
	for range len(f.plan.refine) + 1 {
		run.from, run.to = f.pages.run(s, value)
		if run.from == run.to {
			break
		}
		mark := f.pages.entry(s, run.to-1) & 0xffffffff
		if mark < firstMark {
			break
		}
		if mark == firstMark+windowedKey {
			run.from, run.to = f.content.window(f, s, run.from, run.to-1)
			break
		}
		depth := int(mark-firstMark) - 1
		if depth >= len(f.plan.refine) {
			break
		}
		value = joinKey(value, f.plan.refine[depth].base(f.record(0)))
	}
	run.value = value
	run.new = f.index.delta.block(rule, value, f.plan.model.file.Blocking.Cap)
	return run
}

// take adds the rows of a block that are not there yet, as long as there is room.
func (f *Finder) take(run *liveRun) {
	s := &f.pages.base.head.Keys[run.rule]
	for i := range run.rows() {
		var row rowRef
		if n := run.to - run.from; i < n {
			place := f.pages.entry(s, run.from+i) & 0xffffffff
			if row = rowRef(place); place >= firstMark || f.index.delta.isGone(row) {
				continue
			}
		} else {
			row = firstNew + rowRef(run.new[i-n])
		}
		at, fresh := f.seen.add(row)
		switch {
		case fresh && len(f.rows) >= mostLooked:
			f.leftOut++
		case fresh:
			f.seen.note(at, int32(len(f.rows)))
			f.rows = append(f.rows, candidate{row, run.rule})
		default:
			if known := f.seen.noted(at); known >= 0 && int(known) < len(f.rows) && f.rows[known].row == row {
				f.rows[known].rule = min(f.rows[known].rule, run.rule)
			}
		}
	}
}

// nearRows is how many records are brought near at a time: some tens of KB.
const nearRows = 64

// weigh weighs the rows gathered.
func (f *Finder) weigh() {
	one, two := f.record(0), f.record(1)
	f.looked += len(f.rows)
	for i, c := range f.rows {
		if i%nearRows == 0 {
			for _, next := range f.rows[i:min(i+nearRows, len(f.rows))] {
				if next.row < firstNew {
					f.pages.ahead(int64(next.row) * placeUnit)
				}
			}
		}
		f.keep(f.first)
		id := f.load(c.row, 1)
		f.worker.last = lastMatch{}
		weight, kept := f.scorer.pair(f.worker, one, two)
		switch {
		case kept:
			f.found = append(f.found, f.note(c, weight, id))
		case f.worker.sum >= f.scorer.floor && parts(weight):
			f.apart = append(f.apart, c.row)
		}
		if !kept && f.worker.sum >= fixed(f.plan.model.LinkBits()) {
			f.held = append(f.held, f.note(c, weight, id))
		}
	}
	f.rows = f.rows[:0]
	f.order()
}

// note keeps what comparing a candidate found.
func (f *Finder) note(c candidate, weight int32, id []byte) found {
	from := len(f.ids)
	f.ids = append(f.ids, id...)
	x := found{row: c.row, weight: weight, sum: f.worker.sum, rule: c.rule, levels: f.worker.levels, answers: f.worker.answers, adjust: f.worker.adjust, id: f.ids[from:len(f.ids):len(f.ids)]}
	if f.beside != nil {
		x.group = f.beside.groupOf(1)
	}
	return x
}

// Looked gives how many rows the last question weighed.
func (f *Finder) Looked() int { return f.looked }

// Opened gives how many pages of the file were opened since the finder was made.
func (f *Finder) Opened() int64 { return f.pages.opened }
