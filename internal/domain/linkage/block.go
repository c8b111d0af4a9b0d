package linkage

import (
	"cmp"
	"errors"
	"iter"
	"slices"

	"tepat/internal/kit/parallel"
)

// KeyReport says what one blocking key did. A refined block was above the cap and has been split by
// further columns; a windowed one stayed above it, and its rows met only their neighbours: Unmet counts
// the pairs of it that did not meet there.
type KeyReport struct {
	Key      string `json:"key"`
	Rows     int    `json:"rows"`    // rows that have a value, once for each value
	Blocks   int    `json:"blocks"`  // with more than one row
	Largest  int    `json:"largest"` // rows of the largest block before it was refined
	Refined  int    `json:"refined"`
	Windowed int    `json:"windowed"`
	Unmet    int64  `json:"unmet"`
	Pairs    int64  `json:"pairs"`    // pairs the blocks hold, known before any is scored
	Compared int64  `json:"compared"` // of them, those no earlier key brought together
	Found    int64  `json:"found"`    // of them, those above the bar
}

// windowed marks, among the refined keys, one that no refinement has made small enough.
const windowedKey = 255

// block is a run of rows with one value of a key. In deduplication all its pairs meet; between two
// tables those before mid meet those from mid.
//
// Of a windowed block, rows from the first to the stop meet those behind them.
type block struct {
	from, mid, to uint32
	stop          uint32
	window        bool
}

// blocks are those of one key, over its sorted entries: the value of the key and the row.
type blocks struct {
	rule    int
	entries []uint64
	list    []block
}

// blocker makes the blocks of one key after the other.
type blocker struct {
	d     *data
	skip  marks // rows that are left out
	spare []uint64
	logs  []KeyReport
	most  int64 // pairs of a block
	limit int64 // pairs of a block of the key at hand, as long as something can split it
	// settled counts the pairs that were not compared because they are known to be two things.
	settled int64
	slid    []uint8 // how many windows each row has been in; nil before the first
	// stopped tells that nobody waits for the blocks any more; they may then lack rows.
	stopped func() error
}

func newBlocker(d *data) *blocker {
	b := &blocker{d: d, logs: make([]KeyReport, len(d.plan.keys)), most: int64(d.plan.model.file.Blocking.Cap), stopped: func() error { return nil }}
	b.most = b.most * (b.most - 1) / 2
	for i := range d.plan.keys {
		b.logs[i].Key = d.plan.keys[i].text
		d.plan.keys[i].over = overs{}
	}
	return b
}

// of makes the blocks of a key.
func (b *blocker) of(rule int) blocks {
	part := keyPortion{rule: rule, of: 1}
	entries := b.sorted(part, &b.spare)
	b.bound([][]uint64{entries})
	return b.blocksOf(rule, entries)
}

// keyPortion is a part of the values of a key, by their upper bits: those of part i of n are all below those of the next. A
// row whose values are in several parts stands in each.
type keyPortion struct{ rule, i, of int }

// has tells whether a value is in the part.
func (p keyPortion) has(value uint32) bool { return int(uint64(value)*uint64(p.of)>>32) == p.i }

// sorted gives the entries of a part of a key that another row may share, in order. It may be called by several goroutines,
// each with spare room of its own.
func (b *blocker) sorted(p keyPortion, spare *[]uint64) []uint64 {
	entries := b.shared(p, spare)
	*spare = sortEntries(entries, *spare)
	return entries
}

// bound sets how many pairs a block of a key may hold, all parts of whose entries are given.
func (b *blocker) bound(parts [][]uint64) {
	b.limit = b.most
	if b.d.sources[1] == nil {
		rows := int64(rowsOfBlock(parts, b.d.n, b.d.plan.model.file.Blocking.Cap))
		b.limit = min(b.most, rows*(rows-1)/2)
	}
}

// blocksOf makes the blocks of entries.
func (b *blocker) blocksOf(rule int, entries []uint64) blocks {
	out := blocks{rule: rule, entries: entries, list: make([]block, 0, len(entries)/3)}
	b.cut(&out, 0, uint32(len(entries)), 0)
	b.near(&out)
	return out
}

// cut finds the runs of one value among entries; those that hold too many pairs are refined.
func (b *blocker) cut(out *blocks, from, to uint32, depth int) {
	for from < to {
		end := from + 1
		for end < to && out.entries[end]>>32 == out.entries[from]>>32 {
			end++
		}
		if end-from > 1 {
			b.add(out, b.block(out.entries, from, end), depth)
		}
		from = end
	}
}

func (b *blocker) block(entries []uint64, from, to uint32) block {
	mid := from
	if b.d.sources[1] != nil {
		for mid < to && int(uint32(entries[mid])) < b.d.left {
			mid++
		}
	}
	return block{from: from, mid: mid, to: to}
}

// pairs gives the number of pairs of a block.
func (b *blocker) pairs(k block) int64 {
	switch {
	case k.window:
		return int64(k.stop-k.from) * int64(b.d.plan.model.file.Blocking.Window)
	case b.d.sources[1] != nil:
		return int64(k.mid-k.from) * int64(k.to-k.mid)
	}
	n := int64(k.to - k.from)
	return n * (n - 1) / 2
}

func (b *blocker) add(out *blocks, k block, depth int) {
	log := &b.logs[out.rule]
	pairs := b.pairs(k)
	if depth == 0 {
		log.Largest = max(log.Largest, int(k.to-k.from))
	}
	switch {
	case pairs == 0:
	case pairs <= b.limit, pairs <= b.most && depth == len(b.d.plan.refine):
		log.Blocks++
		log.Pairs += pairs
		out.list = append(out.list, k)
	case depth < len(b.d.plan.refine):
		if depth == 0 {
			log.Refined++
		}
		b.refine(out, k, depth)
	default:
		b.window(out, k, pairs)
	}
}

// refine splits a block by a further column, and what is still too large by the next.
func (b *blocker) refine(out *blocks, k block, depth int) {
	value := uint32(out.entries[k.from] >> 32)
	b.d.plan.keys[out.rule].over.set(value, uint8(depth+1))
	by := &b.d.plan.refine[depth]
	list := out.entries[k.from:k.to]
	for i, e := range list {
		finer := joinKey(value, by.base(b.d.record(int(uint32(e)))))
		list[i] = uint64(finer)<<32 | e&0xffffffff
	}
	b.spare = sortEntries(list, b.spare)
	b.cut(out, k.from, k.to, depth+1)
}

// window orders a block that nothing splits by what its rows hold, so that equal rows are neighbours, and lets only
// neighbours meet.
func (b *blocker) window(out *blocks, k block, pairs int64) {
	log := &b.logs[out.rule]
	log.Blocks++
	log.Windowed++
	b.d.plan.keys[out.rule].over.set(uint32(out.entries[k.from]>>32), windowedKey)
	k.to = k.from + uint32(b.slide(out.entries[k.from:k.to]))
	b.d.byContent(out.entries[k.from:k.to])
	n, w := int64(k.to-k.from), int64(b.d.plan.model.file.Blocking.Window)
	met := min(n*w, pairs)
	log.Pairs += met
	log.Unmet += pairs - met
	for from := k.from; from < k.to; from += windowRows {
		stop := min(from+windowRows, k.to)
		out.list = append(out.list, block{from: from, mid: from, to: min(stop+uint32(w), k.to), stop: stop, window: true})
	}
}

// windowRows is how many rows of a windowed block are compared in one go.
const windowRows = 1000

// slide moves the rows that have not been in windows enough to the head of a block, and gives their number. Rows alike
// enough for one window share most keys, and the windows of twenty keys would say little more than those of the first.
func (b *blocker) slide(entries []uint64) int {
	if b.slid == nil {
		b.slid = make([]uint8, b.d.n)
	}
	n, most := 0, uint8(min(b.d.plan.model.file.Blocking.Windows, 255))
	for _, e := range entries {
		if row := uint32(e); b.slid[row] < most {
			b.slid[row]++
			entries[n] = e
			n++
		}
	}
	return n
}

// byContent orders entries by what their rows hold, and rows that hold the same by their ids.
func (d *data) byContent(entries []uint64) {
	type held struct {
		content, id uint64
		entry       uint64
	}
	list := make([]held, len(entries))
	var fields [][]byte
	for i, e := range entries {
		row := int(uint32(e))
		fields = d.fields(row, fields)
		list[i] = held{d.content(d.record(row)), d.idHash(row, fields), e}
	}
	slices.SortFunc(list, func(x, y held) int {
		return cmp.Or(cmp.Compare(x.content, y.content), cmp.Compare(x.id, y.id), cmp.Compare(x.entry, y.entry))
	})
	for i := range list {
		entries[i] = list[i].entry
	}
}

// content hashes what a record holds, not where its values are kept.
func (d *data) content(r []uint32) uint64 {
	h := uint64(0)
	for i := range d.plan.columns {
		c := &d.plan.columns[i]
		v := uint64(r[c.word])
		switch {
		case c.kind == kindDigits:
			v = digitsAt(r, c.word)
		case c.kind == kindName && v != 0:
			v = sumOf(d.words, &d.tables[i].names[v], func(w *word) uint64 { return w.hash })
		case c.kind.tabled() && v != 0:
			v = hashText(d.tables[i].texts.text(uint32(v)))
		}
		h = mix(h ^ v)
	}
	return h
}

// stopRows is after how many rows a loop over all rows asks whether it should stop: a power of two.
const stopRows = 1 << 16

// task is a run of blocks of one key: what a worker takes in one go.
type task struct {
	*blocks
	list []block
}

// taskPairs is how many pairs a task has about: some milliseconds of work.
const taskPairs = 20_000

// errTaken says that nobody takes further blocks.
var errTaken = errors.New("linkage: no more blocks are asked for")

// rules yields the blocks of keys from one to another, in order. The entries of the next keys are found and sorted by the
// workers while the last are compared; what of a key depends on those before it is done in their order. A key that is alone is
// found and sorted in as many parts as there are workers, so that none of them waits for it.
func (b *blocker) rules(from, to, workers int) iter.Seq[*blocks] {
	parts := 1
	if to-from == 1 {
		parts = workers
	}
	var all []keyPortion
	for rule := from; rule < to; rule++ {
		for i := range parts {
			all = append(all, keyPortion{rule, i, parts})
		}
	}
	room := func() *[]uint64 { return new([]uint64) }
	return parallel.Ahead(min(workers-1, 1), func(yield func(*blocks) bool) {
		var made [][]uint64 // of the key at hand
		rule := from
		_ = parallel.ChunksWith(workers, room, parallel.Split(all, 1), func(spare *[]uint64, one []keyPortion) []uint64 {
			if b.stopped() != nil {
				return nil
			}
			return b.sorted(one[0], spare)
		}, func(entries []uint64) error {
			if made = append(made, entries); len(made) < parts {
				return nil
			}
			b.bound(made)
			for _, entries := range made {
				if out := b.blocksOf(rule, entries); b.stopped() != nil || !yield(&out) {
					return errTaken
				}
			}
			made, rule = made[:0], rule+1
			return nil
		})
	})
}

// tasks yields the blocks of keys from one to another, in order.
func (b *blocker) tasks(from, to, workers int) iter.Seq[[]task] {
	return func(yield func([]task) bool) {
		for all := range b.rules(from, to, workers) {
			first, sum := 0, int64(0)
			for i := range all.list {
				if sum += b.pairs(all.list[i]); sum >= taskPairs || i == len(all.list)-1 {
					if !yield([]task{{all, all.list[first : i+1]}}) {
						return
					}
					first, sum = i+1, 0
				}
			}
		}
	}
}

// sortEntries orders entries by their upper half, keeping the order of those that share it: three passes
// of eleven bits, or a comparison sort for short lists. It gives back the spare room it used.
func sortEntries(list, spare []uint64) []uint64 {
	if len(list) < 256 {
		slices.SortStableFunc(list, func(a, b uint64) int { return cmp.Compare(a>>32, b>>32) })
		return spare
	}
	if cap(spare) < len(list) {
		spare = make([]uint64, len(list))
	}
	from, to := list, spare[:len(list)]
	var counts [3][2048]uint32
	for _, e := range list {
		counts[0][e>>32&2047]++
		counts[1][e>>43&2047]++
		counts[2][e>>54&2047]++ // ten bits
	}
	for pass := range 3 {
		shift := 32 + 11*pass
		sum := uint32(0)
		for i, n := range counts[pass] {
			counts[pass][i] = sum
			sum += n
		}
		count := &counts[pass]
		for _, e := range from {
			at := e >> shift & 2047
			to[count[at]] = e
			count[at]++
		}
		from, to = to, from
	}
	copy(list, from)
	return spare
}
