package linkage

import (
	"fmt"
	"math/rand/v2"
	"testing"

	tables "tepat/data/linkage"
)

// townForBounds is rows that share much of what they hold, so that pairs lie on both sides of any bar.
func townForBounds(n int) memory {
	s := memory{header: []string{"nik", "no_kk", "nama", "tanggal_lahir", "jenis_kelamin", "nama_ibu", "kode_desa", "telepon", "tempat_lahir", "alamat"}}
	r := rand.New(rand.NewPCG(41, 3))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for range n {
		born := fmt.Sprintf("19%d-%02d-%02d", 85+r.IntN(3), 1+r.IntN(3), 1+r.IntN(3))
		area := pick("3301192001", "3301192002", "3301132010", "3302052003", "7371011001")
		s.rows = append(s.rows, []string{
			pick("", area[:6]+born[8:]+born[5:7]+born[2:4]+fmt.Sprintf("%04d", 1+r.IntN(3))), pick("", area[:6]+"1208220001", area[:6]+"0601150012"),
			pick("DWI LESTARI", "DWI LESTARY", "SITI", "SITI AMINAH", "TRI HANDAYANI", "HANDAYANI", "BUDI SANTOSO", "B SANTOSO"), pick(born, born, born[:4]), pick("L", "P", ""),
			pick("TRI", "RETNO YULIANI", "RETNO", "YULIANI RETNO", "SITI AMINAH"), area, pick("", "081234567890", "081234567891"),
			pick("CILACAP", "CILACAP", "CILACAB", "MAKASSAR", ""), pick("JL. VETERAN NO. 111", "JL. VETERAN NO. 11", "JL. FLAMBOYAN NO. 168", ""),
		})
	}
	return s
}

// TestNoPairIsGivenUpThatReachesTheFloor holds the search, which gives pairs up as soon as what is left cannot bring them to
// the floor, against the weights of all pairs, for any floor and in the order of any key.
func TestNoPairIsGivenUpThatReachesTheFloor(t *testing.T) {
	t.Parallel()
	m, err := ParseModel(tables.Identity, tables.Tables)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Prepare(m, townForBounds(150), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, w := newScorer(e.data, e.prior(), e.mates()), newWorker(e.data)
	for k, order := range e.data.orders() {
		w.order = order
		for floor := fixed(-24); floor < fixed(24); floor += fixed(5.3) {
			near := 0
			for i := range e.n {
				list := make([]pair, 0, batchPairs)
				for j := range i {
					if (i+j)%3 == k%3 && len(list) < batchPairs {
						list = append(list, pair{i: uint32(i), j: uint32(j), a: e.record(i), b: e.record(j)})
					}
				}
				near += heldAgainst(t, s, w, list, floor)
			}
			if near == 0 {
				t.Errorf("order %d: no pair near %.1f bits", k, Bits(floor))
			}
		}
	}
}

// heldAgainst sifts pairs at a floor and without one, and gives how many are close above it.
func heldAgainst(t *testing.T, s *scorer, w *worker, list []pair, floor int32) (near int) {
	t.Helper()
	want := map[[2]uint32]int32{}
	s.floor = -1 << 29
	for _, x := range list {
		if s.pair(w, x.a, x.b); w.sum >= floor {
			want[[2]uint32{x.i, x.j}] = w.sum
			if w.sum < floor+fixed(1) {
				near++
			}
		}
	}
	s.floor = floor
	for _, x := range s.sift(w, list) {
		if s.settle(w, &x); w.sum >= floor {
			if sum := want[[2]uint32{x.i, x.j}]; sum != w.sum {
				t.Fatalf("floor %.1f: %d and %d have %.2f bits, not %.2f", Bits(floor), x.i, x.j, Bits(w.sum), Bits(sum))
			}
			delete(want, [2]uint32{x.i, x.j})
		}
	}
	for p, sum := range want {
		t.Fatalf("floor %.1f: %v of %.2f bits were given up", Bits(floor), p, Bits(sum))
	}
	return near
}
