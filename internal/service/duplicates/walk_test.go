package duplicates_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestARandomWalkOfMergesKeepsTheInvariants merges and undoes at random among persons who
// share families and NIKs. After every step each NIK has one holder and the counts of
// families are right; when all is undone, everything is as it was.
func TestARandomWalkOfMergesKeepsTheInvariants(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		w := newWalk(t, db, seed)
		before := w.image()
		merges := 0
		for step := range 60 {
			w.clock.Move(time.Minute)
			if w.rnd.IntN(5) < 3 {
				merges += w.mergeAny()
			} else {
				w.undoAny()
			}
			w.check(fmt.Sprintf("seed %d, step %d", seed, step))
		}
		for len(w.done) > 0 {
			m := w.done[len(w.done)-1]
			if err := w.undo(m); err != nil {
				t.Fatalf("seed %d: undo in order: %v", seed, err)
			}
			w.check(fmt.Sprintf("seed %d, undoing", seed))
		}
		w.same(fmt.Sprintf("seed %d, all undone", seed), before, w.image())
		if merges < 4 {
			t.Errorf("seed %d: only %d merges", seed, merges)
		}
	})
}

type walk struct {
	*house
	rnd    *rand.Rand
	people []string
	pairs  map[[2]sqldb.ID]duplicates.Ref
	done   []duplicates.Ref // in the order of the merges
}

// newWalk loads ten persons: some alone, some of one family, three of one NIK, two of
// another, one without and one with an impossible one.
func newWalk(t *testing.T, db *sqldb.DB, seed uint64) *walk {
	w := &walk{house: newHouse(t, db), rnd: rand.New(rand.NewPCG(seed, 2)), pairs: map[[2]sqldb.ID]duplicates.Ref{}}
	var rows []registry.Incoming
	for n := 1; n <= 10; n++ {
		r := row(t, n)
		switch n {
		case 4, 5:
			r.NIK = rows[0].NIK
		case 6:
			r.NIK = rows[1].NIK
		case 7:
			r.NIK = person.NIK{}
		case 8:
			r.NIK, r.RawNIK = person.NIK{}, "8171-X"
		case 9, 10:
			r.KK = rows[2].KK
		}
		rows = append(rows, r)
		w.people = append(w.people, r.RowID)
	}
	for _, r := range rows {
		w.load(testkit.AmbonTenant, r)
		w.loadCivil(civilRow(row(t, 1)))
	}
	w.loadCivil(civilRow(row(t, 2)), civilRow(row(t, 3)), civilRow(row(t, 9)))
	w.run("match")
	for i, nik := range []person.NIK{rows[0].NIK, rows[1].NIK, rows[2].NIK} {
		w.listed(nik, fmt.Sprintf("pkh 2024-1%d", i))
	}
	for _, l := range w.list(w.who, duplicates.Filter{Limit: 100}) { // those the imports found
		w.pairs[[2]sqldb.ID{l.Left.ID, l.Right.ID}] = duplicates.Ref{Tenant: l.Pair.Tenant, ID: l.Pair.ID}
	}
	// A person with aid, so that some merges need a second reviewer.
	w.pay(w.find("3"))
	return w
}

func (w *walk) mergeAny() int {
	a, b := w.find(w.people[w.rnd.IntN(len(w.people))]), w.find(w.people[w.rnd.IntN(len(w.people))])
	if a.ID == b.ID || a.State != registry.Active || b.State != registry.Active {
		return 0
	}
	key := [2]sqldb.ID{a.ID, b.ID}
	ref, ok := w.pairs[key]
	if !ok {
		ref = w.pair(a, b)
		w.pairs[key] = ref
	}
	var take []duplicates.Field
	for _, f := range duplicates.Fields() {
		if w.rnd.IntN(3) == 0 {
			take = append(take, f)
		}
	}
	p := w.pairOf(ref)
	keep := []sqldb.ID{a.ID, b.ID}[w.rnd.IntN(2)]
	m, err := w.merge(w.who, p, keep, take...)
	if err != nil {
		w.t.Fatalf("merge: %v", err)
	}
	id := duplicates.Ref{Tenant: m.Tenant, ID: m.ID}
	if m.State == duplicates.MergeAwaiting {
		w.clock.Move(time.Second)
		second := testkit.Person(7, access.Verifier, testkit.Ambon)
		if w.rnd.IntN(4) == 0 {
			if _, err := w.dup.Refuse(w.t.Context(), second, id); err != nil {
				w.t.Fatalf("refuse: %v", err)
			}
			return 0
		}
		if _, err := w.dup.Approve(w.t.Context(), second, id); err != nil {
			w.t.Fatalf("approve: %v", err)
		}
	}
	w.done = append(w.done, id)
	return 1
}

func (w *walk) undoAny() {
	if len(w.done) == 0 {
		return
	}
	m := w.done[w.rnd.IntN(len(w.done))]
	switch err := w.undo(m); fail.CodeOf(err) {
	case "", "duplicates.undo", "duplicates.later": // another merge goes back first
		if err != nil && fail.CodeOf(err) == "" {
			w.t.Fatalf("undo: %v", err)
		}
	default:
		w.t.Fatalf("undo: %v", err)
	}
}

func (w *walk) undo(m duplicates.Ref) error {
	_, err := w.dup.UndoMerge(w.t.Context(), w.who, m)
	if err == nil {
		w.done = slices.DeleteFunc(w.done, func(other duplicates.Ref) bool { return other == m })
	}
	return err
}
