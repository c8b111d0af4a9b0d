package doubles

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
	list   []entry
	window bool
}

// index holds the keys of all rows, by row and rule. A pair is scored in the first block that holds it,
// found by comparing the two rows' keys, so that no list of pairs is needed. The blocks of a rule are made
// when their turn comes, and forgotten after it: of all rules at once they would be the most of the memory.
type index struct {
	rows   []row
	words  *dictionary
	rules  []rule
	keys   []uint64 // of row 0 rule 0, row 0 rule 1, ...; 0 for a key that names no block
	starts []uint32 // where the keys of a row and rule begin; one more than rows x rules
	counts []int    // keys a rule
	logs   []RuleReport
	cap    int
	spare  []entry // room the sort of the last rule used
}

// newIndex makes the keys of all rules.
func newIndex(rows []row, d *dictionary, m *Model) *index {
	x := &index{rows: rows, words: d, rules: m.rules, cap: m.blockCap, counts: make([]int, len(m.rules))}
	x.starts = make([]uint32, 0, len(rows)*len(m.rules)+1)
	x.keys = make([]uint64, 0, len(rows)*len(m.rules))
	for i := range rows {
		for k, r := range m.rules {
			x.starts = append(x.starts, uint32(len(x.keys)))
			x.add(k, i, r)
		}
	}
	x.starts = append(x.starts, uint32(len(x.keys)))
	for k, r := range m.rules {
		x.logs = append(x.logs, RuleReport{Rule: r.name, Keys: x.counts[k]})
	}
	return x
}

func (x *index) add(k, i int, r rule) {
	from := len(x.keys)
	x.keys = r.keys(x.words, &x.rows[i], x.keys)
	own := x.keys[from:]
	slices.Sort(own)
	x.keys = x.keys[:from+len(slices.Compact(own))]
	x.counts[k] += len(x.keys) - from
}

// blocks makes the blocks of a rule: once, since refining changes the keys.
func (x *index) blocks(k int) []block {
	list := make([]entry, 0, x.counts[k])
	for i := range x.rows {
		at := i*len(x.rules) + k
		for slot := x.starts[at]; slot < x.starts[at+1]; slot++ {
			list = append(list, entry{key: x.keys[slot], row: uint32(i), slot: slot})
		}
	}
	x.spare = sortEntries(list, x.spare)
	return x.cut(k, list)
}

// cut finds the runs of equal keys, refining those above the cap.
func (x *index) cut(k int, list []entry) []block {
	var blocks []block
	for len(list) > 0 {
		n := run(list)
		if n > 1 {
			x.logs[k].Largest = max(x.logs[k].Largest, n)
			if n > x.cap {
				x.logs[k].Refined++
			}
			blocks = x.refine(k, list[:n], refinements(), blocks)
		}
		list = list[n:]
	}
	return blocks
}

// run counts the entries at the beginning of a list that share one key.
func run(list []entry) int {
	n := 1
	for n < len(list) && list[n].key == list[0].key {
		n++
	}
	return n
}

// refine appends the run as a block, or as the blocks it falls into when split by further fields.
func (x *index) refine(k int, list []entry, left []refinement, blocks []block) []block {
	switch {
	case len(list) < 2:
		return blocks
	case len(list) <= x.cap:
		x.logs[k].Blocks++
		return append(blocks, block{rule: k, list: list})
	case len(left) == 0:
		x.logs[k].Blocks++
		x.logs[k].Windowed++
		x.forget(list)
		return append(blocks, block{rule: k, list: list, window: true})
	}
	for i := range list {
		list[i].key = blend(list[i].key, left[0].value(x.words, &x.rows[list[i].row]))
		x.keys[list[i].slot] = list[i].key
	}
	sortEntries(list, nil)
	for len(list) > 0 {
		n := run(list)
		blocks = x.refine(k, list[:n], left[1:], blocks)
		list = list[n:]
	}
	return blocks
}

// forget blanks the keys of a block that is only walked in a window: sharing one proves no meeting there.
func (x *index) forget(list []entry) {
	for _, e := range list {
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
		list := b.list
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
	n := len(b.list)
	if b.window {
		return n * x.cap
	}
	return n * (n - 1) / 2
}

// portions yields the blocks in order, in groups of about the given number of pairs.
func (x *index) portions(pairs int) iter.Seq[[]block] {
	return func(yield func([]block) bool) {
		for k := range x.rules {
			list := x.blocks(k)
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
