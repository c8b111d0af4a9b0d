package linkage

import (
	"fmt"
	"testing"
)

const budgetModel = `format: 1
name: budget
version: "1"
id: [id]
columns: [{name: a, type: text}, {name: b, type: text}]
comparisons:
  - {name: a, column: a, levels: [{level: same, when: equal, m: 0.9, u: 0.001}, {level: other, when: else, m: 0.1, u: 0.999}]}
  - {name: b, column: b, levels: [{level: same, when: equal, m: 0.9, u: 0.001}, {level: other, when: else, m: 0.1, u: 0.999}]}
prior: {duplicates: 0.5}
dedupe: {link_bits: 3, review_bits: -20}
blocking: {cap: 200, keys: [a], refine: [b]}
`

// TestPairsARowAreBounded lets a key bring together far more pairs than rows: its blocks are split, small ones stay whole,
// rows that agree in the column they are split by meet all the same, and the index finds the same pairs.
func TestPairsARowAreBounded(t *testing.T) {
	t.Parallel()
	m, err := ParseModel([]byte(budgetModel), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := memory{header: []string{"id", "a", "b"}}
	for i := range 7200 {
		group := i / 144 // 49 blocks of 144 rows have half a million pairs
		if i >= 7056 {
			group = i // and 72 of two, which differ in b
			group -= i % 2
		}
		s.rows = append(s.rows, []string{fmt.Sprint("r", i), fmt.Sprint("G", group), fmt.Sprint("B", i%24)})
	}
	e, err := Prepare(m, s, nil, Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	d, err := e.Dedupe()
	if err != nil {
		t.Fatal(err)
	}
	key := d.Report.Keys[0]
	if key.Refined < 48 || key.Windowed > 0 || key.Pairs > pairsFree {
		t.Errorf("%+v: the blocks were not split", key)
	}
	met := map[[2]string]bool{}
	for _, x := range d.Edges {
		met[[2]string{s.rows[x.A][0], s.rows[x.B][0]}] = true
	}
	for i, r := range s.rows {
		for _, o := range s.rows[:i] {
			whole := i >= 7056
			want := r[1] == o[1] && (whole || r[2] == o[2])
			if got := met[[2]string{o[0], r[0]}] || met[[2]string{r[0], o[0]}]; got != want {
				t.Fatalf("%v and %v met: %v", o, r, got)
			}
		}
	}
	x, err := e.Index()
	if err != nil {
		t.Fatal(err)
	}
	f, found := x.Finder(), 0
	for _, r := range s.rows {
		list, err := f.FindID(r[0], 1000)
		if err != nil {
			t.Fatal(err)
		}
		found += len(list)
	}
	if found != 2*len(d.Edges) {
		t.Errorf("the index found %d pairs from both sides, %d were found by all", found, len(d.Edges))
	}
}

// TestPairsOfKey holds the bound of a key to what it is to be: a pair a row up to a million, at least what small tables
// may have, and less and less a row beyond.
func TestPairsOfKey(t *testing.T) {
	t.Parallel()
	for rows, want := range map[int]int{
		2: pairsFree, pairsFree: pairsFree, 999_999: 999_999, pairsFlat: pairsFlat,
		8 * pairsFlat: 4 * pairsFlat, 64 * pairsFlat: 16 * pairsFlat, 1<<31 - 1: 169_103_740,
	} {
		if got := pairsOfKey(rows); got != want {
			t.Errorf("%d rows: %d pairs, want %d", rows, got, want)
		}
	}
	last := 0
	for rows := 1; rows < 1<<31; rows += rows/7 + 1 {
		n := pairsOfKey(rows)
		if n < last {
			t.Errorf("%d rows: %d pairs, fewer than of fewer rows", rows, n)
		}
		last = n
	}
}
