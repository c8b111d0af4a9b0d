package duplicates_test

import (
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/testkit"
)

// TestWhoWasThisRecordOnce: the log of a record tells what was merged into it, what had been merged into that before, and what
// came apart again.
func TestWhoWasThisRecordOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		first, second, third := row(t, 1), row(t, 2), row(t, 3)
		third.Area = testkit.Neighbour
		h.load(testkit.AmbonTenant, first, second, third)
		a, b, c := h.find("1"), h.find("2"), h.find("3")
		step := func(p duplicates.Ref, keep sqldb.ID, take ...duplicates.Field) duplicates.Merge {
			h.clock.Move(time.Hour)
			m, err := h.merge(h.who, h.pairOf(p), keep, take...)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		one := step(h.pair(b, c), b.ID)
		two := step(h.pair(a, h.find("2")), a.ID, duplicates.Phone)
		events, err := h.dup.History(t.Context(), h.who, a.Tenant, a.Area, []sqldb.ID{a.ID})
		if err != nil {
			t.Fatal(err)
		}
		if len(events) != 2 || events[0].Merged.ID != b.ID || events[0].Name != b.Name || events[0].NIK != b.NIK.String() || !events[0].At.Equal(two.MergedAt) ||
			len(events[0].Fields) != 1 || events[1].Merged.ID != c.ID || events[1].Kept.ID != b.ID || events[1].Name != c.Name || !events[1].At.Equal(one.MergedAt) {
			t.Fatalf("events %+v", events)
		}
		h.clock.Move(time.Hour)
		if _, err := h.dup.UndoMerge(t.Context(), h.who, duplicates.Ref{Tenant: two.Tenant, ID: two.ID}); err != nil {
			t.Fatal(err)
		}
		// What came apart is told with its undo, and what hung on it no more.
		events, err = h.dup.History(t.Context(), h.who, a.Tenant, a.Area, []sqldb.ID{a.ID})
		if err != nil || len(events) != 2 || !events[0].Undone || events[1].Undone || events[0].Merged.ID != b.ID {
			t.Fatalf("events %+v, %v", events, err)
		}
		// An operator of the village sees that somebody of the neighbour village was merged, not who she was.
		events, err = h.dup.History(t.Context(), operator(2, testkit.Village), b.Tenant, b.Area, []sqldb.ID{b.ID})
		if err != nil || len(events) != 1 || events[0].Visible || events[0].Name != "" || events[0].NIK != "" || events[0].Area != testkit.Neighbour {
			t.Fatalf("events %+v, %v", events, err)
		}
		for what, ask := range map[string]func() error{
			"an operator of another village": func() error {
				_, err := h.dup.History(t.Context(), operator(3, testkit.Neighbour), a.Tenant, a.Area, []sqldb.ID{a.ID})
				return err
			},
			"persons elsewhere under an area of one's own": func() error {
				_, err := h.dup.History(t.Context(), operator(3, testkit.Neighbour), c.Tenant, c.Area, []sqldb.ID{a.ID})
				return err
			},
			"nobody's": func() error {
				_, err := h.dup.History(t.Context(), access.Actor{ID: sqldb.NewID()}, a.Tenant, a.Area, []sqldb.ID{a.ID})
				return err
			},
		} {
			if err := ask(); fail.CodeOf(err) != "access.denied" {
				t.Errorf("%s: %v", what, err)
			}
		}
		if events, err := h.dup.History(t.Context(), h.who, c.Tenant, c.Area, []sqldb.ID{c.ID}); err != nil || len(events) != 0 {
			t.Errorf("nothing was merged into her: %+v, %v", events, err)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'duplicate.history'`); n != 3 {
			t.Errorf("%d entries of looks, want 3", n)
		}
	})
}
