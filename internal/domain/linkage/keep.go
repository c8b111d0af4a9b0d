package linkage

import (
	"cmp"
	"slices"
)

// What deduplication holds in memory is bounded by the number of rows, whatever they hold: beyond edgesPerRow pairs a
// row (and a floor for small tables) only those stay that are among the strongest of one of their two rows. Lists of
// people never come near it; a file of a million near-identical rows has tens of billions of pairs above the bar.
const (
	edgesPerRow = 16
	edgesFloor  = 1 << 16
	strongest   = 8
)

// keeper bounds a list of pairs. While the list is short it does nothing.
type keeper struct {
	e     *Engine
	limit int
	near  [][strongest]neighbour // by row; nil while the list is short
	count []uint8                // neighbours of each row
	ranks []int32                // of all rows, by their ids
}

// neighbour is the other row of a pair.
type neighbour struct{ weight, row int32 }

func newKeeper(e *Engine) *keeper {
	return &keeper{e: e, limit: edgesFloor + edgesPerRow*e.n}
}

// better orders the neighbours of a row: the stronger, and of equally strong ones that of the first id.
func (k *keeper) better(x, y neighbour) bool {
	return x.weight > y.weight || x.weight == y.weight && k.ranks[x.row] < k.ranks[y.row]
}

// offer takes a pair in; false means that both rows have stronger ones enough, or that it is there already.
func (k *keeper) offer(a, b, weight int32) bool {
	if k.near == nil {
		return true
	}
	one, known := k.put(a, neighbour{weight, b})
	two, too := k.put(b, neighbour{weight, a})
	if known || too {
		return false
	}
	return one || two
}

// put places a neighbour among the strongest of a row.
func (k *keeper) put(row int32, x neighbour) (taken, known bool) {
	list, n := &k.near[row], int(k.count[row])
	for _, y := range list[:n] {
		if y.row == x.row {
			return true, true
		}
	}
	at := n
	for at > 0 && k.better(x, list[at-1]) {
		at--
	}
	if at == strongest {
		return false, false
	}
	copy(list[at+1:], list[at:strongest-1])
	list[at] = x
	k.count[row] = uint8(min(n+1, strongest))
	return true, false
}

// thins begins to keep the strongest when a list has become too long; true tells that it has just begun.
func (k *keeper) thins(length int) bool {
	if k.near != nil || length <= k.limit {
		return false
	}
	k.near, k.count = make([][strongest]neighbour, k.e.n), make([]uint8, k.e.n)
	k.ranks = k.e.allRanks()
	return true
}

// stays tells whether a pair is among the strongest of one of its rows.
func (k *keeper) stays(a, b, weight int32) bool {
	in := func(row int32, x neighbour) bool {
		n := k.count[row]
		return n > 0 && !k.better(k.near[row][n-1], x)
	}
	return in(a, neighbour{weight, b}) || in(b, neighbour{weight, a})
}

// thinEdges leaves out of a list that is too long, or at the end, the pairs that are not among the strongest of one of
// their rows.
func (k *keeper) thinEdges(list []Edge, end bool) []Edge {
	if k.thins(len(list)) {
		list = slices.DeleteFunc(list, func(x Edge) bool { return !k.offer(x.A, x.B, x.Weight) })
	}
	if k.near == nil || !end && len(list) <= k.limit {
		return list
	}
	return slices.DeleteFunc(list, func(x Edge) bool { return !k.stays(x.A, x.B, x.Weight) })
}

// thinApart does the same for pairs without a weight.
func (k *keeper) thinApart(list [][2]int32, end bool) [][2]int32 {
	if k.thins(len(list)) {
		list = slices.DeleteFunc(list, func(p [2]int32) bool { return !k.offer(p[0], p[1], 0) })
	}
	if k.near == nil || !end && len(list) <= k.limit {
		return list
	}
	return slices.DeleteFunc(list, func(p [2]int32) bool { return !k.stays(p[0], p[1], 0) })
}

// allRanks gives the place of each row among all by their ids.
func (e *Engine) allRanks() []int32 {
	rows := make([]int32, e.n)
	for i := range rows {
		rows[i] = int32(i)
	}
	e.byID(rows)
	ranks := make([]int32, e.n)
	for i, row := range rows {
		ranks[row] = int32(i)
	}
	return ranks
}

// byID orders rows by their ids, and rows of one id by their places.
func (e *Engine) byID(rows []int32) {
	type held struct {
		id  []byte
		row int32
	}
	list := make([]held, len(rows))
	for i, row := range rows {
		list[i] = held{e.ID(int(row)), row}
	}
	slices.SortFunc(list, func(x, y held) int { return cmp.Or(compareIDs(x.id, y.id), cmp.Compare(x.row, y.row)) })
	for i, x := range list {
		rows[i] = x.row
	}
}
