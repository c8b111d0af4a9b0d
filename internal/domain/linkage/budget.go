package linkage

import (
	"math/bits"
	"sort"
)

// The more rows there are, the more of them share a value of a key by chance: where a thousand people were born on a day there
// are ten thousand in a table ten times as large. So that a row costs as much among ten million as among one, a key may bring
// together so many pairs; of a key that would bring more, the largest blocks are split by the columns of refine, down to
// the size from which on it does not. Who agrees in these too still meets, as do all under other keys.
//
// In a million rows most keys stay far below a pair a row, and the few that do not are bounded by it. The more rows, the more
// keys reach the bound, and were it a pair a row for each of them, a row would cost twice as much among ten million. So beyond
// a million the bound grows more slowly than the rows: to the power of two thirds, with which the pairs of all keys together stay
// about as many a row.
const (
	pairsFree = 1 << 18 // pairs of a key that small tables may have, too
	pairsFlat = 1 << 20 // rows up to which a key may bring together as many pairs as there are rows
)

// pairsOfKey gives how many pairs a key may bring together among so many rows.
func pairsOfKey(rows int) int {
	if rows <= pairsFlat {
		return max(rows, pairsFree)
	}
	// The cube of the bound is the square of the rows times pairsFlat; in integers, so that it is the same on every machine.
	high, low := bits.Mul64(uint64(rows)*uint64(rows), pairsFlat)
	return sort.Search(rows, func(n int) bool {
		h, l := bits.Mul64(uint64(n)*uint64(n), uint64(n))
		return h > high || h == high && l > low
	}) - 1
}

// rowsOfBlock gives how many rows a block of a key may have in deduplication before it is split: the cap of the model, or
// fewer where the key would bring too many pairs together. Entries are in order, and the rows of a value in one part.
func rowsOfBlock(parts [][]uint64, rows, most int) int {
	blocks := make([]int, most+1) // by their rows
	for _, entries := range parts {
		for from := 0; from < len(entries); {
			to := from + 1
			for to < len(entries) && entries[to]>>32 == entries[from]>>32 {
				to++
			}
			if to-from <= most {
				blocks[to-from]++
			}
			from = to
		}
	}
	left := pairsOfKey(rows)
	for n := 2; n <= most; n++ {
		if left -= blocks[n] * n * (n - 1) / 2; left < 0 {
			return n - 1
		}
	}
	return most
}
