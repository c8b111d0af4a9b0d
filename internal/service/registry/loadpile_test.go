package registry

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"tepat/internal/kit/sqldb"
)

// TestAPileKnowsItsClaims holds a pile against a map, with hashes of which many share the bits that place them.
func TestAPileKnowsItsClaims(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(8, 17))
	for _, most := range []uint32{1, 7, 1 << 31} { // different last bits
		var p pile
		known, order := map[sqldb.Hash]int{}, []sqldb.Hash{}
		for round := range 4 {
			for range 9000 << (round % 2) {
				var h sqldb.Hash
				binary.BigEndian.PutUint64(h[:], random.Uint64N(1<<14)) // some come again
				binary.BigEndian.PutUint32(h[12:], random.Uint32N(most))
				if most == 1 && len(order) > 600 {
					break // all behind one another: slow
				}
				i, found := p.find(h)
				if was, is := known[h]; found != is || found && (was != i || p.at(i).hash != h) {
					t.Fatalf("find = %d, %t; known at %d, %t", i, found, was, is)
				}
				if !found {
					known[h] = p.n
					order = append(order, h)
					p.add(claim{hash: h, tenant: int32(p.n)})
				}
			}
			left := p.n * round / 3
			for _, h := range order[left:] {
				delete(known, h)
			}
			order = order[:left]
			p.cut(left)
			if p.n != left {
				t.Fatalf("%d are left, want %d", p.n, left)
			}
			for i, h := range order {
				if at, found := p.find(h); !found || at != i || p.at(at).tenant != int32(i) {
					t.Fatalf("after the cut %d is at %d, %t", i, at, found)
				}
			}
		}
	}
}
