package linkage

import "math/bits"

// shared gives the values of a key with their rows, as far as another row may have the same, between two tables one of
// the other table. Most values stand on one row alone, and need not be sorted to know it.
func (b *blocker) shared(rule int) []uint64 {
	k, seen := &b.d.plan.keys[rule], newSieve(b.d.n)
	entries := make([]uint64, 0, b.d.left)
	for row := range b.d.n {
		if row&(stopRows-1) == 0 && b.stopped() != nil {
			return nil
		}
		if b.skip.has(row) {
			continue
		}
		b.keys = k.each(b.d.record(row), b.keys[:0])
		b.logs[rule].Rows += len(b.keys)
		for _, v := range b.keys {
			switch {
			case row >= b.d.left:
				if !seen.has(v) {
					continue
				}
				seen.again(v)
			case b.d.sources[1] != nil:
				seen.add(v)
			case seen.has(v):
				seen.again(v)
			default:
				seen.add(v)
			}
			entries = append(entries, uint64(v)<<32|uint64(row))
		}
	}
	n := 0
	for _, e := range entries {
		if seen.twice(uint32(e >> 32)) {
			entries[n] = e
			n++
		}
	}
	return entries[:n]
}

// sieve remembers values that were seen, and seen again; it may take one for another.
type sieve struct {
	once, more []uint64
	shift      uint
}

func newSieve(n int) *sieve {
	width := min(max(bits.Len(uint(n))+3, 6), 30)
	return &sieve{once: make([]uint64, 1<<(width-6)), more: make([]uint64, 1<<(width-6)), shift: uint(32 - width)}
}

func (s *sieve) add(v uint32)        { v >>= s.shift; s.once[v>>6] |= 1 << (v & 63) }
func (s *sieve) again(v uint32)      { v >>= s.shift; s.more[v>>6] |= 1 << (v & 63) }
func (s *sieve) has(v uint32) bool   { v >>= s.shift; return s.once[v>>6]>>(v&63)&1 != 0 }
func (s *sieve) twice(v uint32) bool { v >>= s.shift; return s.more[v>>6]>>(v&63)&1 != 0 }
