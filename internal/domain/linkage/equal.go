package linkage

import (
	"cmp"
	"math/bits"
	"slices"

	"tepat/internal/kit/parallel"
)

// mostEqual is how many rows that hold the same are compared like any others, every pair of them. Of more, the first by
// its id stands for all: a million rows without a value that tells them apart have half a billion pairs a thousand
// times over, and none of these says more than one does.
const mostEqual = 20

// EqualKey is the key of an edge between a row and the first of the many rows that hold the same as it.
const EqualKey = 254

// equal finds the runs of more than so many rows of one table that hold the same in every column of the plan, and for
// which mark, when there is one, gives the same. The rows of a run are in the order of their places.
func (e *Engine) equal(mark func(row int) uint64, more [2]int) (runs [][]int32) {
	entries := make([]uint64, e.n)
	_ = parallel.Chunks(e.options.Workers, e.portions(e.options.Workers), func(run []portion) struct{} {
		e.hashRows(entries, run[0], mark)
		return struct{}{}
	}, func(struct{}) error { return nil })
	if e.halted(0) {
		return nil
	}
	seen := newSieve(e.n)
	seen.note(entries)
	entries = entries[:seen.twice(entries)] // most rows are like no other, and need not be sorted
	sortEntries(entries, nil)
	for len(entries) > 0 {
		n, left := 0, 0
		for n < len(entries) && entries[n]>>32 == entries[0]>>32 {
			if int(uint32(entries[n])) < e.left {
				left++
			}
			n++
		}
		if left > more[0] || n-left > more[1] {
			runs = e.equalRuns(entries[:n], mark, more, runs)
		}
		entries = entries[n:]
	}
	return runs
}

// hashRows hashes what rows hold.
func (e *Engine) hashRows(into []uint64, run portion, mark func(row int) uint64) {
	for row := run.from; row < run.to && !e.halted(row); row++ {
		h := hashWords(e.record(row)[:e.plan.values])
		if mark != nil {
			h = mix(h ^ mark(row))
		}
		into[row] = h&^0xffffffff | uint64(row)
	}
}

// equalRuns parts rows of one hash by what they really hold, and by table.
func (e *Engine) equalRuns(entries []uint64, mark func(row int) uint64, more [2]int, runs [][]int32) [][]int32 {
	width := e.plan.values
	rows := make([]int32, len(entries))
	for i, x := range entries {
		rows[i] = int32(uint32(x))
	}
	order := func(a, b int32) int {
		by := cmp.Or(cmp.Compare(e.side(int(a)), e.side(int(b))), slices.Compare(e.record(int(a))[:width], e.record(int(b))[:width]))
		if by == 0 && mark != nil {
			by = cmp.Compare(mark(int(a)), mark(int(b)))
		}
		return by
	}
	slices.SortStableFunc(rows, order)
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && order(rows[0], rows[n]) == 0 {
			n++
		}
		if n > more[e.side(int(rows[0]))] {
			runs = append(runs, rows[:n:n])
		}
		rows = rows[n:]
	}
	return runs
}

// hashWords hashes words of a record.
func hashWords(words []uint32) uint64 {
	h := uint64(len(words))
	for _, w := range words {
		h = (h ^ uint64(w)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return mix(h)
}

// first moves the first k rows of a list, by their ids, to its head, in their order.
func (e *Engine) first(rows []int32, k int) {
	head := min(k, len(rows))
	before := func(a, b int32) int {
		return cmp.Or(compareIDs(e.ID(int(a)), e.ID(int(b))), cmp.Compare(a, b))
	}
	slices.SortFunc(rows[:head], before)
	for i := head; i < len(rows); i++ {
		if before(rows[i], rows[head-1]) >= 0 {
			continue
		}
		rows[i], rows[head-1] = rows[head-1], rows[i]
		slices.SortFunc(rows[:head], before)
	}
}

// marks is a set of rows, one bit each; nil has none.
type marks []uint64

func newMarks(n int) marks { return make(marks, (n+63)/64) }

func (s marks) add(row int) { s[row>>6] |= 1 << (row & 63) }

// below gives how many of the first n rows are in the set.
func (s marks) below(n int) (sum int) {
	if s == nil {
		return 0
	}
	for _, word := range s[:n>>6] {
		sum += bits.OnesCount64(word)
	}
	if n&63 != 0 {
		sum += bits.OnesCount64(s[n>>6] & (1<<(n&63) - 1))
	}
	return sum
}

func (s marks) has(row int) bool { return s != nil && s[row>>6]>>(row&63)&1 != 0 }

// standIns are rows that stand for others, which hold the same and are not compared.
type standIns struct {
	runs [][]int32 // the first of each stands for the others
	out  marks     // rows another stands for
	n    int       // their number
}

// doublesOf finds the rows of one table that another stands for. Rows that somebody found to be another thing than some
// row stand for themselves, and rows of two entities do not stand for each other.
func (e *Engine) doublesOf() (s standIns) {
	k := &e.options.Known
	var mark func(row int) uint64
	if k.Entity != nil || len(k.Apart) > 0 {
		apart := newMarks(e.n)
		for _, p := range k.Apart {
			apart.add(int(p[0]))
			apart.add(int(p[1]))
		}
		mark = func(row int) uint64 {
			if apart.has(row) {
				return 1<<63 | uint64(row)
			}
			return k.entity(int32(row))
		}
	}
	s.runs = e.equal(mark, [2]int{mostEqual, mostEqual})
	for _, run := range s.runs {
		e.first(run, 1)
		s.leave(e.n, run[1:])
	}
	return s
}

// referenceOf finds the rows of two tables that need not be compared: of equal rows of the first, one is looked up
// for all; of equal rows of the reference, only as many compete as are kept for a row.
func (e *Engine) referenceOf() (s standIns) {
	for _, run := range e.equal(nil, [2]int{1, contenders}) {
		if e.side(int(run[0])) == 1 {
			e.first(run, contenders)
			s.leave(e.n, run[contenders:])
			continue
		}
		e.first(run, 1)
		s.runs = append(s.runs, run)
		s.leave(e.n, run[1:])
	}
	return s
}

func (s *standIns) leave(n int, rows []int32) {
	if s.out == nil {
		s.out = newMarks(n)
	}
	for _, row := range rows {
		s.out.add(int(row))
	}
	s.n += len(rows)
}
