package duplicates_test

import (
	"io"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/testkit"
)

// TestPairsPassToTheRecordThatStays: the pairs of a merged record, also with a person of another district, stand in the queue
// under the record that stays at once, once each; they go back with the undo, but for those somebody has decided.
func TestPairsPassToTheRecordThatStays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, row(t, 1), row(t, 2), row(t, 3), row(t, 4))
		elsewhere := row(t, 20)
		elsewhere.Area = TualVillage
		h.load(TualTenant, elsewhere)
		kept, gone, third, fourth, far := h.find("1"), h.find("2"), h.find("3"), h.find("4"), h.findOf(TualTenant, "20")
		first := h.pair(kept, gone)
		h.pair(gone, third)
		h.pair(fourth, gone)
		h.pair(gone, far)
		h.pair(kept, fourth) // stands there already
		m, err := h.merge(h.who, h.pairOf(first), kept.ID)
		if err != nil {
			t.Fatal(err)
		}
		with := map[sqldb.ID]duplicates.Line{}
		for _, l := range h.list(h.who, duplicates.Filter{}) {
			for _, pair := range [][2]sqldb.ID{{l.Left.ID, l.Right.ID}, {l.Right.ID, l.Left.ID}} {
				if pair[0] == kept.ID {
					with[pair[1]] = l
				}
			}
		}
		if len(with) != 3 || with[third.ID].Pair.Kind != duplicates.Passed || with[fourth.ID].Pair.Kind == duplicates.Passed || with[far.ID].Pair.Kind != duplicates.Passed {
			t.Fatalf("pairs of the record that stays: %+v", with)
		}
		if n := len(h.list(h.who, duplicates.Filter{Kind: duplicates.Passed})); n != 2 {
			t.Errorf("%d pairs passed on are listed", n)
		}
		if n := len(h.list(tualOperator(), duplicates.Filter{})); n != 1 {
			t.Errorf("the other district sees %d pairs", n)
		}
		for _, who := range []duplicates.Ref{m.Kept, m.Merged} {
			if facts := h.facts("duplicate.merge", who.Tenant, who.ID); facts["passed"] != 2.0 {
				t.Errorf("audit entry = %v", facts)
			}
		}
		b, err := h.dup.Open(t.Context(), h.who, ref(with[third.ID].Pair))
		if err != nil || b.Pair.Weight == 0 {
			t.Errorf("a pair passed on is weighed when it is opened: %+v, %v", b.Pair, err)
		}
		if _, err := h.dup.Distinct(t.Context(), h.who, duplicates.Telling{Pair: ref(with[third.ID].Pair), Reason: "twins"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.dup.UndoMerge(t.Context(), h.who, duplicates.Ref{Tenant: m.Tenant, ID: m.ID}); err != nil {
			t.Fatal(err)
		}
		if n := h.count(`SELECT count(*) FROM link_pair WHERE kind = 'passed'`); n != 1 {
			t.Errorf("after the undo %d pairs are passed on", n)
		}
		if n := len(h.list(h.who, duplicates.Filter{})); n != 5 {
			t.Errorf("after the undo %d pairs wait", n)
		}
	})
}

// TestAnAnswerPassesToTheRecordThatStays: somebody has found a third to be another person than a record that is merged away then.
// Beside the record that stays nobody is asked again, not even where that pair waits already; the undo brings both questions
// back as they were, whoever takes the answer back takes it back where it was given, and no label is made of it.
func TestAnAnswerPassesToTheRecordThatStays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, row(t, 1), row(t, 2), row(t, 3), row(t, 4))
		elsewhere := row(t, 20)
		elsewhere.Area = TualVillage
		h.load(TualTenant, elsewhere)
		kept, gone, third, fourth, far := h.find("1"), h.find("2"), h.find("3"), h.find("4"), h.findOf(TualTenant, "20")
		first := h.pair(kept, gone)
		tell := func(ref duplicates.Ref) {
			t.Helper()
			if _, err := h.dup.Distinct(t.Context(), h.who, duplicates.Telling{Pair: ref, Reason: "twins"}); err != nil {
				t.Fatal(err)
			}
		}
		own := h.pair(gone, third)
		tell(own)
		tell(h.pair(fourth, gone))
		waits := h.pair(kept, fourth) // found of itself, and open
		h.pair(gone, far)
		labels := func() int {
			n, err := h.dup.Labels(t.Context(), h.who, testkit.Ambon, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := labels()
		m, err := h.merge(h.who, h.pairOf(first), kept.ID)
		if err != nil {
			t.Fatal(err)
		}
		if facts := h.facts("duplicate.merge", m.Kept.Tenant, m.Kept.ID); facts["passed"] != 1.0 || facts["passed_apart"] != 2.0 {
			t.Errorf("audit entry = %v", facts)
		}
		if list := h.list(h.who, duplicates.Filter{}); len(list) != 1 || list[0].Pair.Kind != duplicates.Passed || list[0].Left.ID != far.ID && list[0].Right.ID != far.ID {
			t.Fatalf("asked are %+v", list)
		}
		p := h.pairOf(waits)
		if p.State != duplicates.Distinct || p.Decision != "passed" || p.DecidedBy != sqldb.ID(h.who.ID) || p.DecidedAt.IsZero() {
			t.Errorf("the pair that waited: %+v", p)
		}
		if n := labels(); n != before+1 { // of the merge itself
			t.Errorf("%d labels, before the merge %d", n, before)
		}
		if _, err := h.dup.UndoMerge(t.Context(), h.who, duplicates.Ref{Tenant: m.Tenant, ID: m.ID}); err != nil {
			t.Fatal(err)
		}
		if p := h.pairOf(waits); p.State != duplicates.Open || p.Decision != "" || !p.DecidedAt.IsZero() {
			t.Errorf("after the undo the pair that waited: %+v", p)
		}
		if n := h.count(`SELECT count(*) FROM link_pair WHERE kind = 'passed' OR decision = 'passed'`); n != 0 || h.pairOf(own).Decision != "twins" {
			t.Errorf("after the undo %d pairs are passed on, and the answer is %q", n, h.pairOf(own).Decision)
		}
		if m, err = h.merge(h.who, h.pairOf(first), kept.ID); err != nil {
			t.Fatal(err)
		}
		if p, err = h.dup.Reopen(t.Context(), h.who, waits); err != nil || p.State != duplicates.Open {
			t.Fatalf("taken back: %+v, %v", p, err)
		}
		if n := h.count(`SELECT count(*) FROM link_pair WHERE state = 'distinct'`); n != 2 { // the third: found, and passed
			t.Errorf("%d answers stand", n)
		}
		if list := h.list(h.who, duplicates.Filter{}); len(list) != 2 {
			t.Errorf("asked are %+v", list)
		}
	})
}
