package linkage

import (
	"iter"
	"slices"
)

// entry is one key of one row; slot is where the key stands in the index's list of keys.
type entry struct {
	key  uint64
	row  uint32
	slot uint32
}

// block is a run of entries with one key. In a windowed block only entries at most a window apart meet.
type block struct {
	rule   int
	lo, hi int
	window bool
}

// index holds the keys of all rows, by row and rule, and the blocks they form. A pair is scored in the
// first block that holds it, found by comparing the two rows' keys, so that no list of pairs is needed.
type index struct {
	rows    []row
	words   *dictionary
	rules   []rule
	keys    []uint64 // of row 0 rule 0, row 0 rule 1, ...; 0 for a key that names no block
	starts  []uint32 // where the keys of a row and rule begin; one more than rows x rules
	entries [][]entry
	blocks  [][]block
	logs    []RuleReport
	cap     int
}

// newIndex makes the keys and blocks of all rules.
func newIndex(rows []row, d *dictionary, m *Model) *index {
	x := &index{rows: rows, words: d, rules: m.rules, cap: m.blockCap}
	x.starts = make([]uint32, 0, len(rows)*len(m.rules)+1)
	x.entries = make([][]entry, len(m.rules))
	for i := range rows {
		for k, r := range m.rules {
			x.starts = append(x.starts, uint32(len(x.keys)))
			x.add(k, i, r)
		}
	}
	x.starts = append(x.starts, uint32(len(x.keys)))
	var spare []entry
	for k, r := range m.rules {
		x.logs = append(x.logs, RuleReport{Rule: r.name, Keys: len(x.entries[k])})
		spare = sortEntries(x.entries[k], spare)
		x.blocks = append(x.blocks, x.cut(k))
	}
	return x
}

func (x *index) add(k, i int, r rule) {
	from := len(x.keys)
	x.keys = r.keys(x.words, &x.rows[i], x.keys)
	own := x.keys[from:]
	slices.Sort(own)
	x.keys = x.keys[:from+len(slices.Compact(own))]
	for slot := from; slot < len(x.keys); slot++ {
		x.entries[k] = append(x.entries[k], entry{key: x.keys[slot], row: uint32(i), slot: uint32(slot)})
	}
}

// cut finds the runs of equal keys, refining those above the cap.
func (x *index) cut(k int) []block {
	var blocks []block
	list := x.entries[k]
	for lo := 0; lo < len(list); {
		hi := lo + 1
		for hi < len(list) && list[hi].key == list[lo].key {
			hi++
		}
		if hi-lo > 1 {
			x.logs[k].Largest = max(x.logs[k].Largest, hi-lo)
			if hi-lo > x.cap {
				x.logs[k].Refined++
			}
			blocks = x.refine(k, lo, hi, refinements(), blocks)
		}
		lo = hi
	}
	return blocks
}

// refine appends the run as a block, or as the blocks it falls into when split by further fields.
func (x *index) refine(k, lo, hi int, left []refinement, blocks []block) []block {
	switch {
	case hi-lo < 2:
		return blocks
	case hi-lo <= x.cap:
		x.logs[k].Blocks++
		return append(blocks, block{rule: k, lo: lo, hi: hi})
	case len(left) == 0:
		x.logs[k].Blocks++
		x.logs[k].Windowed++
		x.forget(k, lo, hi)
		return append(blocks, block{rule: k, lo: lo, hi: hi, window: true})
	}
	run := x.entries[k][lo:hi]
	for i := range run {
		run[i].key = blend(run[i].key, left[0].value(x.words, &x.rows[run[i].row]))
		x.keys[run[i].slot] = run[i].key
	}
	sortEntries(run, nil)
	for from := lo; from < hi; {
		to := from + 1
		for to < hi && x.entries[k][to].key == x.entries[k][from].key {
			to++
		}
		blocks = x.refine(k, from, to, left[1:], blocks)
		from = to
	}
	return blocks
}

// forget blanks the keys of a block that is only walked in a window: sharing one proves no meeting there.
func (x *index) forget(k, lo, hi int) {
	for _, e := range x.entries[k][lo:hi] {
		x.keys[e.slot] = 0
	}
}

// ownKeys gives the keys of a row under a rule.
func (x *index) ownKeys(row uint32, rule int) []uint64 {
	at := int(row)*len(x.rules) + rule
	return x.keys[x.starts[at]:x.starts[at+1]]
}

// metBefore tells whether two rows share a key of an earlier rule, or a smaller key of the same rule.
func (x *index) metBefore(a, b uint32, rule int, key uint64) bool {
	for k := 0; k < rule; k++ {
		if shares(x.ownKeys(a, k), x.ownKeys(b, k), ^uint64(0)) {
			return true
		}
	}
	return shares(x.ownKeys(a, rule), x.ownKeys(b, rule), key)
}

func shares(a, b []uint64, below uint64) bool {
	for _, k := range a {
		if k != 0 && k < below && slices.Contains(b, k) {
			return true
		}
	}
	return false
}

// pairs yields the pairs of a block that no earlier block holds, the smaller row first.
func (x *index) pairs(b block) iter.Seq2[uint32, uint32] {
	return func(yield func(i, j uint32) bool) {
		list := x.entries[b.rule][b.lo:b.hi]
		for i := range list {
			end := len(list)
			if b.window {
				end = min(end, i+x.cap)
			}
			for j := i + 1; j < end; j++ {
				one, two := list[i].row, list[j].row
				if !x.metBefore(one, two, b.rule, list[i].key) && !yield(min(one, two), max(one, two)) {
					return
				}
			}
		}
	}
}

// cost gives the number of pairs of a block, at most.
func (x *index) cost(b block) int {
	n := b.hi - b.lo
	if b.window {
		return n * x.cap
	}
	return n * (n - 1) / 2
}

// portions yields the blocks in order, in groups of about the given number of pairs.
func (x *index) portions(pairs int) iter.Seq[[]block] {
	return func(yield func([]block) bool) {
		for _, list := range x.blocks {
			from, sum := 0, 0
			for i := range list {
				if sum += x.cost(list[i]); sum >= pairs {
					if !yield(list[from : i+1]) {
						return
					}
					from, sum = i+1, 0
				}
			}
			if from < len(list) && !yield(list[from:]) {
				return
			}
		}
	}
}

// sortEntries orders entries by key, keeping the order of equal keys: a radix sort, byte by byte, that
// skips bytes all keys share. It gives back the spare room it used.
func sortEntries(list, spare []entry) []entry {
	if len(list) < 64 {
		slices.SortStableFunc(list, func(a, b entry) int {
			switch {
			case a.key < b.key:
				return -1
			case a.key > b.key:
				return 1
			}
			return 0
		})
		return spare
	}
	if cap(spare) < len(list) {
		spare = make([]entry, len(list))
	}
	from, to := list, spare[:len(list)]
	for shift := 0; shift < 64; shift += 8 {
		if scatter(from, to, shift) {
			from, to = to, from
		}
	}
	if &from[0] != &list[0] {
		copy(list, from)
	}
	return spare
}

// scatter is one pass of the radix sort; it does nothing and says so when all keys have the same byte.
func scatter(from, to []entry, shift int) bool {
	var count [256]int
	for i := range from {
		count[byte(from[i].key>>shift)]++
	}
	if count[byte(from[0].key>>shift)] == len(from) {
		return false
	}
	sum := 0
	for i, n := range count {
		count[i] = sum
		sum += n
	}
	for i := range from {
		b := byte(from[i].key >> shift)
		to[count[b]] = from[i]
		count[b]++
	}
	return true
}
