package linkage

// The more rows there are, the more of them share a value of a key by chance: where a thousand people were born on a day there
// are ten thousand in a table ten times as large. So that a row costs as much among ten million as among one, a key may bring
// together so many pairs a row; of a key that would bring more, the largest blocks are split by the columns of refine, down to
// the size from which on it does not. Who agrees in these too still meets, as do all under other keys.
const (
	pairsPerRow = 1
	pairsFree   = 1 << 18 // pairs of a key that small tables may have, too
)

// rowsOfBlock gives how many rows a block of a key may have in deduplication before it is split: the cap of the model, or
// fewer where the key would bring too many pairs together. Entries are in order.
func rowsOfBlock(entries []uint64, rows, most int) int {
	blocks := make([]int, most+1) // by their rows
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
	left := max(pairsPerRow*rows, pairsFree)
	for n := 2; n <= most; n++ {
		if left -= blocks[n] * n * (n - 1) / 2; left < 0 {
			return n - 1
		}
	}
	return most
}
