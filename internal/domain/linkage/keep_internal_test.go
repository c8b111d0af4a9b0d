package linkage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestKeeperBoundsPairs offers all pairs of many rows in several orders, in portions: never are more kept than the
// limit and a portion, and what stays in the end is the same, each row's strongest pairs among it.
func TestKeeperBoundsPairs(t *testing.T) {
	t.Parallel()
	const rows, limit, portion = 60, 500, 100
	p := pages{rows: [][]string{{"id"}}}
	for i := range rows {
		p.rows = append(p.rows, []string{fmt.Sprint(i)})
	}
	e := &Engine{data: &data{plan: &plan{}, sources: []Source{p, nil}, n: rows, left: rows}}
	var pairs []Edge
	for a := range int32(rows) {
		for b := range a {
			pairs = append(pairs, Edge{A: b, B: a, Weight: (a*7 + b*13) % 11})
		}
	}
	var want []Edge
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 1))
		offered := append(slices.Clone(pairs), pairs[:300]...) // some meet twice
		r.Shuffle(len(offered), func(i, j int) { offered[i], offered[j] = offered[j], offered[i] })
		all := finds{keepEdges: &keeper{e: e, limit: limit}, keepApart: &keeper{e: e, limit: limit}}
		for chunk := range slices.Chunk(offered, portion) {
			all.take(1, &finds{edges: chunk})
			if len(all.edges) > limit+portion {
				t.Fatalf("%d pairs are held", len(all.edges))
			}
		}
		all.edges = all.keepEdges.thinEdges(all.edges, true)
		e.settle(&all)
		if want == nil {
			want = slices.Clone(all.edges)
		}
		if len(all.edges) < rows*strongest/2 || len(all.edges) > rows*strongest || !slices.Equal(all.edges, want) {
			t.Errorf("seed %d: %d pairs, at first %d", seed, len(all.edges), len(want))
		}
	}
	for row := range int32(rows) {
		best := int32(0)
		for _, x := range pairs {
			if x.A == row || x.B == row {
				best = max(best, x.Weight)
			}
		}
		if !slices.ContainsFunc(want, func(x Edge) bool { return (x.A == row || x.B == row) && x.Weight == best }) {
			t.Errorf("row %d lost its strongest pair", row)
		}
	}
}
