package linkage

import (
	"math/bits"
	"slices"
)

// sieveRows is how many rows are sieved at a time: their values are still near when they are.
const sieveRows = 4096

// shared gives the values of a part of a key with their rows, as far as another row may have the same, between two tables one
// of the other table. Most values stand on one row alone, and need not be sorted to know it: all are gathered in spare room,
// and only those that are shared in room of their own.
func (b *blocker) shared(p keyPortion, spare *[]uint64) []uint64 {
	left := b.d.left - b.skip.below(b.d.left)
	k, seen := &b.d.plan.keys[p.rule], newSieve(left)
	entries, rows := slices.Grow((*spare)[:0], left/p.of), 0
	for from, to := 0, 0; from < b.d.n; from = to {
		if b.stopped() != nil {
			return nil
		}
		to = min(from+sieveRows, b.d.n)
		if from < b.d.left {
			to = min(to, b.d.left)
		}
		first := len(entries)
		entries = b.values(k, from, to, entries)
		rows += len(entries) - first
		entries = p.only(entries, first)
		switch {
		case b.d.sources[1] == nil:
			seen.note(entries[first:])
		case from < b.d.left:
			seen.add(entries[first:])
		default:
			entries = entries[:first+seen.again(entries[first:])]
		}
	}
	if p.i == 0 { // all parts go over all rows
		b.logs[p.rule].Rows += rows
	}
	*spare = entries
	return slices.Clone(entries[:seen.twice(entries)])
}

// only leaves those of entries from one on that are in the part.
func (p keyPortion) only(entries []uint64, from int) []uint64 {
	if p.of == 1 {
		return entries
	}
	n := from
	for _, e := range entries[from:] {
		entries[n] = e
		if p.has(uint32(e >> 32)) {
			n++
		}
	}
	return entries[:n]
}

// values appends the values of a key and their rows, from one row to another.
func (b *blocker) values(k *key, from, to int, entries []uint64) []uint64 {
	for row := from; row < to; row++ {
		base := k.lane[row]
		switch {
		case base == 0 || b.skip.has(row):
		case k.many == nil:
			entries = append(entries, uint64(base)<<32|uint64(row))
		default:
			for _, v := range k.many.of(b.d.record(row)) {
				entries = append(entries, uint64(joinKey(base, v))<<32|uint64(row))
			}
		}
	}
	return entries
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

// at gives the place of a value's bit.
func (s *sieve) at(entry uint64) (word uint32, bit uint64) {
	v := uint32(entry>>32) >> s.shift
	return v >> 6, 1 << (v & 63)
}

// add notes that values were seen.
func (s *sieve) add(entries []uint64) {
	for _, e := range entries {
		word, bit := s.at(e)
		s.once[word] |= bit
	}
}

// note notes that values were seen, and which of them for a second time.
func (s *sieve) note(entries []uint64) {
	for _, e := range entries {
		word, bit := s.at(e)
		s.more[word] |= s.once[word] & bit
		s.once[word] |= bit
	}
}

// again notes which values were seen before, and moves their entries to the head; it gives their number.
func (s *sieve) again(entries []uint64) (n int) {
	for _, e := range entries {
		word, bit := s.at(e)
		s.more[word] |= s.once[word] & bit
		entries[n] = e
		n += int(s.once[word] >> (uint32(e>>32) >> s.shift & 63) & 1)
	}
	return n
}

// twice moves the entries of values that were seen again to the head, and gives their number.
func (s *sieve) twice(entries []uint64) (n int) {
	for _, e := range entries {
		v := uint32(e>>32) >> s.shift
		entries[n] = e
		n += int(s.more[v>>6] >> (v & 63) & 1)
	}
	return n
}
