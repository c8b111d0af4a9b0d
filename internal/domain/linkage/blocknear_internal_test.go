package linkage

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestNearKeepsBlocks puts blocks of rows anywhere into the order of their first rows: each stays as it is, with the same
// part before its middle, and rows of one stretch come together.
func TestNearKeepsBlocks(t *testing.T) {
	t.Parallel()
	const rows = 200_000
	r := rand.New(rand.NewPCG(1, 2))
	b := &blocker{d: &data{n: rows}, logs: make([]KeyReport, 1)}
	var all blocks
	for len(all.list) < 5_000 {
		from := uint32(len(all.entries))
		for range 2 + r.IntN(5) {
			all.entries = append(all.entries, uint64(len(all.list)+1)<<32|uint64(r.IntN(rows)))
		}
		slices.Sort(all.entries[from:])
		to := uint32(len(all.entries))
		all.list = append(all.list, block{from: from, mid: from + r.Uint32N(to-from), to: to})
	}
	was := blocks{entries: slices.Clone(all.entries), list: slices.Clone(all.list)}
	b.near(&all)
	if len(all.list) != len(was.list) || len(all.entries) != len(was.entries) {
		t.Fatalf("%d blocks of %d entries, before %d of %d", len(all.list), len(all.entries), len(was.list), len(was.entries))
	}
	last := uint32(0)
	for _, k := range all.list {
		old := was.list[all.entries[k.from]>>32-1]
		if !slices.Equal(all.entries[k.from:k.to], was.entries[old.from:old.to]) || k.mid-k.from != old.mid-old.from {
			t.Fatalf("block %v was %v", k, old)
		}
		first := uint32(all.entries[k.from])
		if first+rows/100 < last {
			t.Fatalf("row %d comes behind row %d", first, last)
		}
		last = max(last, first)
	}
	if slices.Equal(all.entries, was.entries) {
		t.Error("nothing was moved")
	}

	windowed := blocks{entries: slices.Clone(was.entries), list: slices.Clone(was.list)}
	b.logs[0].Windowed = 1
	b.near(&windowed)
	if !slices.Equal(windowed.entries, was.entries) {
		t.Error("entries of windows, which blocks share, were moved")
	}
}
