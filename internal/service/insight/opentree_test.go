package insight

import (
	"math"
	"math/rand/v2"
	"testing"

	"tepat/internal/domain/area"
)

// treeOf makes a district of subdistricts with the numbers of their villages.
func treeOf(subs ...[]int64) *openNode {
	root := &openNode{known: true}
	code := area.Code(1)
	for _, villages := range subs {
		sub := &openNode{known: true}
		for _, n := range villages {
			code++
			sub.below = append(sub.below, &openNode{code: code, n: n, known: true})
			sub.n += n
		}
		root.below = append(root.below, sub)
		root.n += sub.n
	}
	root.each(func(o *openNode) { o.hidden = Value{N: o.n}.small() })
	return root
}

// seen lists the numbers of a tree in its order, with -1 for a hidden one.
func (o *openNode) seen() (out []int64) {
	o.each(func(n *openNode) {
		if n.hidden {
			out = append(out, -1)
		} else {
			out = append(out, n.n)
		}
	})
	return out
}

func TestPublicNumbersHideWhatSubtractionTells(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		subs [][]int64
		want []int64 // district, then each subdistrict and its villages
	}{
		{"nothing is small", [][]int64{{10, 20}, {30, 40}}, []int64{100, 30, 10, 20, 70, 30, 40}},
		{"nobody is shown as nobody", [][]int64{{0, 20}, {30, 40}}, []int64{90, 20, 0, 20, 70, 30, 40}},
		{"one small village follows from its subdistrict: the next smallest goes too", [][]int64{{3, 20, 50}, {30, 40}}, []int64{143, 73, -1, -1, 50, 70, 30, 40}},
		{"two small villages whose sum tells both", [][]int64{{1, 1, 50}, {30, 40}}, []int64{122, 52, -1, -1, -1, 70, 30, 40}},
		{"a small subdistrict follows from the district", [][]int64{{3}, {30, 40}, {80, 90}}, []int64{243, -1, -1, -1, -1, 40, 170, 80, 90}},
		{"the only village of its subdistrict is the subdistrict", [][]int64{{7}, {30, 40}}, []int64{77, 7, 7, 70, 30, 40}},
		{"a district of one small village", [][]int64{{3}}, []int64{-1, -1, -1}},
	} {
		root := treeOf(c.subs...)
		root.protect()
		got := root.seen()
		for i := range c.want {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}

// TestNoHiddenPublicNumberCanBeWorkedOut solves, for random districts, the equations of what is published: every sum is
// the sum of what is below it, and what is shown is known. No hidden number may have one solution only.
func TestNoHiddenPublicNumberCanBeWorkedOut(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	hiddenSeen := 0
	for range 3000 {
		subs := make([][]int64, 1+rng.IntN(4))
		for i := range subs {
			subs[i] = make([]int64, 1+rng.IntN(5))
			for j := range subs[i] {
				subs[i][j] = int64(rng.IntN(3) * rng.IntN(9))
			}
		}
		root := treeOf(subs...)
		root.protect()
		root.each(func(o *openNode) {
			if !o.hidden && o.n > 0 && o.n < smallest {
				t.Fatalf("%v shows %d", subs, o.n)
			}
		})
		if told := workedOut(root); told >= 0 {
			t.Fatalf("%v, shown as %v: number %d follows", subs, root.seen(), told)
		}
		root.each(func(o *openNode) {
			if o.hidden {
				hiddenSeen++
			}
		})
	}
	if hiddenSeen < 1000 {
		t.Errorf("only %d numbers were hidden: the districts prove little", hiddenSeen)
	}
}

// workedOut gives the place of a hidden number that the equations determine, -1 when there is none.
func workedOut(root *openNode) int { return solved(root, func(*openNode) bool { return true }) }

// determined reports whether the equations determine one hidden number.
func determined(root, one *openNode) bool {
	return solved(root, func(o *openNode) bool { return o == one }) >= 0
}

// solved gives the place of a hidden number, of those asked for, that the equations determine.
func solved(root *openNode, asked func(*openNode) bool) int {
	place, hidden := map[*openNode]int{}, []int{}
	var all []*openNode
	root.each(func(o *openNode) {
		place[o] = len(all)
		all = append(all, o)
		if o.hidden {
			hidden = append(hidden, place[o])
		}
	})
	column := map[int]int{}
	for i, at := range hidden {
		column[at] = i
	}
	var rows [][]float64 // of the hidden numbers alone: what is shown is a constant
	for _, o := range all {
		if len(o.below) == 0 {
			continue
		}
		row := make([]float64, len(hidden))
		for _, n := range append([]*openNode{o}, o.below...) {
			if n.hidden {
				sign := 1.0
				if n == o {
					sign = -1
				}
				row[column[place[n]]] += sign
			}
		}
		rows = append(rows, row)
	}
	rank := reduce(rows, len(hidden))
	for i, at := range hidden {
		if !asked(all[at]) {
			continue
		}
		alone := make([]float64, len(hidden))
		alone[i] = 1
		with := append(append([][]float64{}, rows[:rank]...), alone)
		if reduce(copied(with), len(hidden)) == rank { // the number lies in what is known
			return at
		}
	}
	return -1
}

func copied(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i := range rows {
		out[i] = append([]float64(nil), rows[i]...)
	}
	return out
}

// reduce brings rows into echelon form in place and gives the rank.
func reduce(rows [][]float64, columns int) (rank int) {
	for c := 0; c < columns && rank < len(rows); c++ {
		best := rank
		for r := rank; r < len(rows); r++ {
			if math.Abs(rows[r][c]) > math.Abs(rows[best][c]) {
				best = r
			}
		}
		if math.Abs(rows[best][c]) < 1e-9 {
			continue
		}
		rows[rank], rows[best] = rows[best], rows[rank]
		for r := rank + 1; r < len(rows); r++ {
			f := rows[r][c] / rows[rank][c]
			for k := c; k < columns; k++ {
				rows[r][k] -= f * rows[rank][k]
			}
		}
		rank++
	}
	return rank
}
