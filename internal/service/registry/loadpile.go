package registry

import (
	"encoding/binary"

	"tepat/internal/kit/sqldb"
)

// pile is a list of claims that are found by their hash. It grows by pages, so that it is never copied, and its
// table holds places in the list instead of the hashes again: 70 bytes a claim.
type pile struct {
	pages [][]claim
	n     int
	slots []int32 // places in the list, from 1, where the hash says or behind it; zero is free
}

const pileBits = 14 // of the number of claims on a page

func (p *pile) at(i int) *claim { return &p.pages[i>>pileBits][i&(1<<pileBits-1)] }

// find gives the place of a hash, false when it is not there.
func (p *pile) find(h sqldb.Hash) (int, bool) {
	if len(p.slots) == 0 {
		return 0, false
	}
	i := int(p.slots[p.slot(h)]) - 1
	return i, i >= 0
}

// slot gives the slot of a hash, or the free one it would take.
func (p *pile) slot(h sqldb.Hash) int {
	mask := len(p.slots) - 1
	at := int(binary.BigEndian.Uint32(h[12:])) & mask
	for p.slots[at] != 0 && p.at(int(p.slots[at])-1).hash != h {
		at = (at + 1) & mask
	}
	return at
}

// add adds a claim whose hash is not there.
func (p *pile) add(k claim) {
	if 2*(p.n+1) > len(p.slots) {
		p.place(max(1<<10, 2*len(p.slots)))
	}
	if p.n>>pileBits == len(p.pages) {
		p.pages = append(p.pages, make([]claim, 1<<pileBits))
	}
	p.slots[p.slot(k.hash)] = int32(p.n + 1)
	p.n++
	*p.at(p.n - 1) = k
}

// cut leaves the first n claims.
func (p *pile) cut(n int) {
	switch {
	case n == 0:
		*p = pile{}
	case n < p.n:
		p.n = n
		p.place(len(p.slots))
	}
}

// place makes a table of so many slots, a power of two, for the claims there are.
func (p *pile) place(slots int) {
	p.slots = make([]int32, slots)
	for i := range p.n {
		p.slots[p.slot(p.at(i).hash)] = int32(i + 1)
	}
}
