package linkage

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestBitsTellSharedValues holds sets of bits to the values they stand for: without a bit in common no value is, and with one
// bit that no two values of both sides have, one value is at most.
func TestBitsTellSharedValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) uint32 {
			return rapid.Uint32Range(0, 7).Draw(t, "bit")<<29 | rapid.Uint32Range(0, 3).Draw(t, "value")
		}), 0, 6, rapid.ID[uint32])
		one, two := values.Draw(t, "one"), values.Draw(t, "two")
		shared := 0
		for _, v := range one {
			if slices.Contains(two, v) {
				shared++
			}
		}
		both := bitsOf(one) & bitsOf(two)
		if both == 0 && shared > 0 {
			t.Fatalf("%d values are shared and no bit is", shared)
		}
		if alone := both &^ sharedBit; both == alone && alone&(alone-1) == 0 && shared > 1 {
			t.Fatalf("%d values are shared and one bit is", shared)
		}
	})
}

// TestEqualPrints holds the look at four prints to one at each.
func TestEqualPrints(t *testing.T) {
	t.Parallel()
	print := rapid.SampledFrom([]uint16{0, printedBit, printedBit | 1, printedBit | 0x7fff, printedBit | 0x4000})
	rapid.Check(t, func(t *rapid.T) {
		var a, b, want uint64
		for i := range printsWord {
			x, y := print.Draw(t, "one"), print.Draw(t, "two")
			a, b = a|uint64(x)<<(16*i), b|uint64(y)<<(16*i)
			if x == y && x != 0 {
				want |= printedBit << (16 * i)
			}
		}
		if got := equalPrints(a, b); got != want {
			t.Fatalf("%x and %x: %x, want %x", a, b, got, want)
		}
	})
}

// TestOvers holds the table of common values to a map.
func TestOvers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var o overs
		want := map[uint32]uint8{}
		for range rapid.IntRange(0, 300).Draw(t, "values") {
			v := rapid.Uint32Range(0, 400).Draw(t, "value")<<rapid.IntRange(1, 20).Draw(t, "shift") | 1
			mark := rapid.Uint8Range(1, 255).Draw(t, "mark")
			o.set(v, mark)
			want[v] = mark
		}
		for v, mark := range want {
			if o.get(v) != mark || o.get(v+2) != want[v+2] {
				t.Fatalf("value %d has mark %d, want %d", v, o.get(v), mark)
			}
		}
	})
}
