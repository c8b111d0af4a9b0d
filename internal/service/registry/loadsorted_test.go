package registry

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"tepat/internal/kit/sqldb"
)

// TestClaimsAreSortedAheadOfWhoWritesThem reads no further than it is told, as who writes them does.
func TestClaimsAreSortedAheadOfWhoWritesThem(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 5, 40_000} {
		rng := rand.New(rand.NewPCG(7, uint64(n)))
		var c claims
		for i := range n {
			var h sqldb.Hash
			for at := range h {
				h[at] = byte(rng.Uint32())
			}
			if i%3 == 0 { // hashes that begin alike
				copy(h[:8], "selalu..")
			}
			c.list.add(claim{hash: h})
		}
		order, ready := c.sorted()
		if len(order) != n {
			t.Fatalf("%d of %d claims", len(order), n)
		}
		sure := 0
		var last sqldb.Hash
		for i := range order {
			for i >= sure {
				sure = <-ready
			}
			h := c.list.at(int(order[i].i)).hash
			if i > 0 && bytes.Compare(last[:], h[:]) >= 0 {
				t.Fatalf("claim %d of %d comes before the one before it", i, n)
			}
			last = h
		}
		for range ready {
		}
	}
}
