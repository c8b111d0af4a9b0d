package linkage

// Blocks come in the order of the hashes of their values, so that the rows of each lie anywhere in memory, and every one of them
// would be waited for. People of one house and one village stand beside each other in most files: when blocks are compared in the
// order of their first rows, those rows, and the others of the same place, are near already.

const (
	stretchBits = 10      // a stretch is a thousand rows, whose records fit into near memory
	mostStretch = 1 << 13 // stretches; of more rows they are longer
	leastNear   = 1 << 10 // blocks; of fewer all is near
)

// near puts blocks, and their entries, into the order of the stretches their first rows are in. Entries of windows, which
// overlap, stay where they are.
func (b *blocker) near(out *blocks) {
	if len(out.list) < leastNear || b.logs[out.rule].Windowed > 0 {
		return
	}
	shift := stretchBits
	for b.d.n>>shift >= mostStretch {
		shift++
	}
	stretch := func(k *block) int { return int(uint32(out.entries[k.from])) >> shift }
	n := b.d.n>>shift + 1
	places, rooms := make([]uint32, n+1), make([]uint32, n+1) // where the blocks of each stretch begin, and their entries
	for i := range out.list {
		k := &out.list[i]
		at := stretch(k) + 1
		places[at]++
		rooms[at] += k.to - k.from
	}
	for i := range n {
		places[i+1] += places[i]
		rooms[i+1] += rooms[i]
	}
	list, entries := make([]block, len(out.list)), make([]uint64, rooms[n])
	for i := range out.list {
		k := out.list[i]
		at := stretch(&k)
		to := rooms[at]
		copy(entries[to:], out.entries[k.from:k.to])
		list[places[at]] = block{from: to, mid: to + k.mid - k.from, to: to + k.to - k.from}
		places[at], rooms[at] = places[at]+1, to+k.to-k.from
	}
	out.list, out.entries = list, entries
}
