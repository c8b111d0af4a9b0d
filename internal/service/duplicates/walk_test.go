package duplicates_test

import (
	"bytes"
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
			switch n := w.rnd.IntN(12); {
			case n < 7:
				merges += w.mergeAny()
			case n < 8:
				w.reopenAny()
			default:
				w.undoAny()
			}
			w.check(fmt.Sprintf("seed %d, step %d", seed, step))
			w.checkPassed(fmt.Sprintf("seed %d, step %d", seed, step))
		}
		for len(w.done) > 0 {
			m := w.done[len(w.done)-1]
			if err := w.undo(m); err != nil {
				t.Fatalf("seed %d: undo in order: %v", seed, err)
			}
			w.check(fmt.Sprintf("seed %d, undoing", seed))
			w.checkPassed(fmt.Sprintf("seed %d, undoing", seed))
		}
		w.same(fmt.Sprintf("seed %d, all undone", seed), before, w.image())
		if n := w.count(`SELECT count(*) FROM link_pair WHERE kind = 'passed' AND state = 'open' OR decision = 'passed'`); n != 0 {
			t.Errorf("seed %d, all undone: %d pairs are passed on", seed, n)
		}
		if merges < 4 {
			t.Errorf("seed %d: only %d merges", seed, merges)
		}
	})
}

type walk struct {
	*house
	rnd    *rand.Rand
	people []string
	done   []duplicates.Ref // in the order of the merges
}

// newWalk loads ten persons: some alone, some of one family, three of one NIK, two of
// another, one without and one with an impossible one.
func newWalk(t *testing.T, db *sqldb.DB, seed uint64) *walk {
	w := &walk{house: newHouse(t, db), rnd: rand.New(rand.NewPCG(seed, 2))}
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
	for _, two := range [][2]string{{"1", "2"}, {"2", "3"}, {"3", "9"}, {"1", "9"}, {"7", "10"}, {"8", "10"}, {"2", "7"}} { // beside those the imports found
		w.pair(w.find(two[0]), w.find(two[1]))
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
	ref, ok := w.between(a.ID, b.ID)
	if !ok {
		ref = w.pair(a, b)
	} else if w.pairOf(ref).State != duplicates.Open {
		return 0
	}
	if w.rnd.IntN(5) == 0 {
		if _, err := w.dup.Distinct(w.t.Context(), w.who, duplicates.Telling{Pair: ref, Reason: "twins"}); err != nil {
			w.t.Fatalf("tell apart: %v", err)
		}
		return 0
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

// reopenAny takes back some answer.
func (w *walk) reopenAny() {
	refs, err := sqldb.Collect(w.t.Context(), w.db.Direct(), `SELECT id FROM link_pair WHERE kabkota = 8171 AND state = 'distinct' ORDER BY id`, nil, func(r sqldb.Row) (ref duplicates.Ref, err error) {
		ref.Tenant = testkit.AmbonTenant
		return ref, r.Scan(&ref.ID)
	})
	if err != nil || len(refs) == 0 {
		return
	}
	if _, err := w.dup.Reopen(w.t.Context(), w.who, refs[w.rnd.IntN(len(refs))]); err != nil {
		w.t.Fatalf("take back: %v", err)
	}
}

// both tells whether two persons are in the registry.
func (w *walk) both(a, b sqldb.ID) bool {
	return w.count(`SELECT count(*) FROM person WHERE kabkota = 8171 AND state = 1 AND id IN ($1, $2)`, a, b) == 2
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

// between gives the pair of two persons, whichever stands left.
func (w *walk) between(a, b sqldb.ID) (duplicates.Ref, bool) {
	ref := duplicates.Ref{Tenant: testkit.AmbonTenant}
	err := w.db.Direct().QueryRow(w.t.Context(), `SELECT id FROM link_pair WHERE kabkota = 8171 AND (left_id = $1 AND right_id = $2 OR left_id = $2 AND right_id = $1) LIMIT 1`, a, b).Scan(&ref.ID)
	found, err := sqldb.Found(err)
	if err != nil {
		w.t.Fatal(err)
	}
	return ref, found
}

// checkPassed holds the queue to the merges in force: whoever stood in an open pair with a record that was merged away, or was
// merged away herself, stands in a pair with who the other is today; and no pair is passed on that no merge asks for. Whoever was
// found to be another person than a merged record is not asked about beside the one that stays.
func (w *walk) checkPassed(when string) {
	w.t.Helper()
	type pair struct {
		left, right           sqldb.ID
		kind, state, decision string
	}
	ctx, q := w.t.Context(), w.db.Direct()
	merges, err := sqldb.Collect(ctx, q, `SELECT merged_id, kept_id FROM merge WHERE kabkota = 8171 AND state = 'done'`, nil, func(r sqldb.Row) (m [2]sqldb.ID, err error) {
		err = r.Scan(&m[0], &m[1])
		return m, err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	pairs, err := sqldb.Collect(ctx, q, `SELECT left_id, right_id, kind, state, decision FROM link_pair WHERE kabkota = 8171`, nil, func(r sqldb.Row) (p pair, err error) {
		err = r.Scan(&p.left, &p.right, &p.kind, &p.state, &p.decision)
		return p, err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	into := map[sqldb.ID]sqldb.ID{}
	for _, m := range merges {
		into[m[0]] = m[1]
	}
	today := func(id sqldb.ID) sqldb.ID {
		for next, merged := into[id]; merged; next, merged = into[id] {
			id = next
		}
		return id
	}
	key := func(a, b sqldb.ID) [2]sqldb.ID {
		if bytes.Compare(a[:], b[:]) > 0 {
			a, b = b, a
		}
		return [2]sqldb.ID{a, b}
	}
	there, due, apart := map[[2]sqldb.ID]int{}, map[[2]sqldb.ID]bool{}, map[[2]sqldb.ID]bool{}
	for _, p := range pairs {
		there[key(p.left, p.right)]++
		if l, r := today(p.left), today(p.right); p.kind != "passed" && (p.state == "open" || p.state == "awaiting") && l != r {
			due[key(l, r)] = true
		} else if p.state == "distinct" && p.decision != "passed" && l != r && key(l, r) != key(p.left, p.right) {
			apart[key(l, r)] = true
		}
	}
	for _, p := range pairs {
		switch two := key(p.left, p.right); {
		case apart[two] && p.state == "open" && w.both(p.left, p.right):
			w.t.Fatalf("%s: of %s and %s is asked again", when, p.left, p.right)
		case !apart[two] && p.decision == "passed":
			w.t.Fatalf("%s: the answer of %s and %s is left over", when, p.left, p.right)
		case p.decision == "passed" && p.state != "distinct":
			w.t.Fatalf("%s: %s and %s are %s by an answer", when, p.left, p.right, p.state)
		}
	}
	for two := range apart {
		if there[two] != 1 && w.both(two[0], two[1]) {
			w.t.Fatalf("%s: the answer of %s and %s did not pass", when, two[0], two[1])
		}
	}
	for two := range due {
		if there[two] != 1 {
			w.t.Fatalf("%s: %d pairs of %s and %s", when, there[two], two[0], two[1])
		}
	}
	for _, p := range pairs {
		if p.kind == "passed" && p.state == "open" && !due[key(p.left, p.right)] {
			w.t.Fatalf("%s: a pair of %s and %s is left over", when, p.left, p.right)
		}
	}
}
