package duplicates_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

func TestAidNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, row(t, 1), row(t, 2))
		a, b := h.find("1"), h.find("2")
		p := h.pair(a, b)
		h.enrol(b, "pkh", 2)
		before := h.image()
		ask := func() duplicates.Ref {
			m, err := h.merge(h.who, h.pairOf(p), b.ID, duplicates.Name)
			if err != nil || m.State != duplicates.MergeAwaiting || h.pairOf(p).State != duplicates.Awaiting {
				t.Fatalf("merge is %s, pair %s, %v", m.State, h.pairOf(p).State, err)
			}
			return duplicates.Ref{Tenant: m.Tenant, ID: m.ID}
		}
		m := ask()
		h.same("while it waits", before, h.image())
		if lines := h.list(h.who, duplicates.Filter{State: duplicates.Awaiting, Limit: 5}); len(lines) != 1 {
			t.Errorf("%d pairs wait in the queue", len(lines))
		}
		second := testkit.Person(7, access.Verifier, testkit.Ambon)
		for what, c := range map[string]struct {
			who  access.Actor
			code string
		}{
			"the same person":  {h.who, "access.same_person"},
			"outside the area": {operator(8, testkit.Neighbour), "access.denied"},
		} {
			if _, err := h.dup.Approve(t.Context(), c.who, m); fail.CodeOf(err) != c.code {
				t.Errorf("%s approves: %v", what, err)
			}
		}
		h.same("after refused approvals", before, h.image())

		if got, err := h.dup.Refuse(t.Context(), second, m); err != nil || got.State != duplicates.MergeRefused || h.pairOf(p).State != duplicates.Open {
			t.Errorf("refused: %s, pair %s, %v", got.State, h.pairOf(p).State, err)
		}
		if _, err := h.dup.Approve(t.Context(), second, m); fail.CodeOf(err) != "duplicates.state" {
			t.Errorf("approved what was refused: %v", err)
		}
		h.clock.Move(time.Minute)
		m = ask()
		got, err := h.dup.Approve(t.Context(), second, m)
		if err != nil || got.State != duplicates.MergeDone || h.pairOf(p).State != duplicates.Merged {
			t.Fatalf("approved: %s, %v", got.State, err)
		}
		if now := h.find("2"); now.Name != a.Name || h.find("1").State != registry.Merged {
			t.Errorf("kept %q, the other in state %d", now.Name, h.find("1").State)
		}
		h.check("after the approval")
		bench, err := h.dup.Open(t.Context(), h.who, p)
		if err != nil || bench.Merge == nil || bench.Merge.AskedBy != h.who.ID || bench.Merge.DecidedBy != second.ID || bench.Merge.State != duplicates.MergeDone {
			t.Errorf("the page says %+v, %v", bench.Merge, err)
		}
	})
}

func TestWhatCountsAsAid(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		n := 0
		for name, c := range map[string]struct {
			give func(p registry.Person)
			want duplicates.MergeState
		}{
			"enrolled":           {func(p registry.Person) { h.enrol(p, "pkh", 1) }, duplicates.MergeAwaiting},
			"waiting":            {func(p registry.Person) { h.enrol(p, "pkh", 2) }, duplicates.MergeAwaiting},
			"suspended":          {func(p registry.Person) { h.enrol(p, "pkh", 3) }, duplicates.MergeAwaiting},
			"once paid":          {func(p registry.Person) { h.pay(p) }, duplicates.MergeAwaiting},
			"her family is paid": {func(p registry.Person) { p.ID = sqldb.NewID(); h.enrol(p, "pkh", 1) }, duplicates.MergeAwaiting},
			"ended long ago":     {func(p registry.Person) { h.enrol(p, "pkh", 4) }, duplicates.MergeDone},
			"nothing":            {func(registry.Person) {}, duplicates.MergeDone},
		} {
			for _, toMerged := range []bool{false, true} {
				n += 2
				h.load(testkit.AmbonTenant, row(t, n), row(t, n+1))
				kept, merged := h.find(fmt.Sprint(n)), h.find(fmt.Sprint(n+1))
				if toMerged {
					c.give(merged)
				} else {
					c.give(kept)
				}
				m, err := h.merge(h.who, h.pairOf(h.pair(kept, merged)), kept.ID)
				if err != nil || m.State != c.want {
					t.Errorf("%s (merged: %v): %s, %v; want %s", name, toMerged, m.State, err, c.want)
				}
			}
		}
	})
}

// TestWhoChangedWhileItWaitedIsNotMerged: the second person approves what the first one saw.
func TestWhoChangedWhileItWaitedIsNotMerged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, row(t, 1), row(t, 2))
		a, b := h.find("1"), h.find("2")
		h.pay(a)
		p := h.pair(a, b)
		m, err := h.merge(h.who, h.pairOf(p), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		h.write(txChange(h, duplicates.Ref{Tenant: b.Tenant, ID: b.ID}, func(p *registry.Person) { p.Name = "ORANG LAIN" }))
		if _, err := h.dup.Approve(t.Context(), testkit.Person(7, access.Verifier, testkit.Ambon), duplicates.Ref{Tenant: m.Tenant, ID: m.ID}); fail.CodeOf(err) != "registry.changed" {
			t.Errorf("err = %v", err)
		}
		if h.find("2").State != registry.Active {
			t.Error("merged all the same")
		}
	})
}

// TestTwoOfficesMergeTogether: one asks at her side without seeing the other, the other
// approves at hers.
func TestTwoOfficesMergeTogether(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		here, there := row(t, 1), row(t, 2)
		there.Area, there.NIK = TualVillage, here.NIK
		h.load(TualTenant, there)
		h.load(testkit.AmbonTenant, here)
		a, b := h.find("1"), h.findOf(TualTenant, "2")
		if a.NIKState != registry.Contested || b.NIKState != registry.Holder {
			t.Fatalf("NIK states %d, %d", a.NIKState, b.NIKState)
		}
		before := h.image()
		first := operator(2, testkit.Village)
		lines := h.list(first, duplicates.Filter{Limit: 5})
		if len(lines) != 1 || lines[0].Right.Visible {
			t.Fatalf("queue = %+v", lines)
		}
		p := lines[0].Pair
		if _, err := h.merge(first, p, a.ID, duplicates.MotherName); fail.CodeOf(err) != "duplicates.blind" {
			t.Errorf("she took a value she may not see: %v", err)
		}
		m, err := h.merge(first, p, a.ID)
		if err != nil || m.State != duplicates.MergeAwaiting {
			t.Fatalf("merge is %s, %v", m.State, err)
		}
		id := duplicates.Ref{Tenant: m.Tenant, ID: m.ID}
		if _, err := h.dup.Approve(t.Context(), operator(4, testkit.Village), id); fail.CodeOf(err) != "access.denied" {
			t.Errorf("a colleague of the same office approved: %v", err)
		}
		// Before any run the right side's queue does not know the pair's place; the run of its own
		// district places it, and its page opens by its address all the time.
		if _, err := h.dup.Open(t.Context(), tualOperator(), ref(p)); err != nil {
			t.Error(err)
		}
		if got, err := h.dup.Approve(t.Context(), tualOperator(), id); err != nil || got.State != duplicates.MergeDone {
			t.Fatalf("approved: %s, %v", got.State, err)
		}
		h.check("after the merge")
		if now := h.find("1"); now.NIKState != registry.Holder || h.findOf(TualTenant, "2").State != registry.Merged {
			t.Errorf("NIK state %d, the other in state %d", now.NIKState, h.findOf(TualTenant, "2").State)
		}
		for tenant, who := range map[area.Tenant]sqldb.ID{testkit.AmbonTenant: a.ID, TualTenant: b.ID} {
			if facts := h.facts("duplicate.approve", tenant, who); facts["state"] != "done" {
				t.Errorf("audit entry in %d = %v", tenant, facts)
			}
		}
		if _, err := h.dup.UndoMerge(t.Context(), tualOperator(), id); err != nil {
			t.Fatal(err)
		}
		h.check("after the undo")
		h.same("after the undo", before, h.image())
	})
}

// TestReviewersAtOneMomentDecideOnce: of several who decide a pair together one wins, and
// the others are told.
func TestReviewersAtOneMomentDecideOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		for n := 1; n <= 20; n += 2 {
			h.load(testkit.AmbonTenant, row(t, n), row(t, n+1))
			a, b := h.find(fmt.Sprint(n)), h.find(fmt.Sprint(n+1))
			p := h.pair(a, b)
			in := duplicates.Merging{Pair: p, Keep: a.ID, LeftVersion: a.Version, RightVersion: b.Version}
			turned := in
			turned.Keep = b.ID
			errs := make([]error, 3)
			var all sync.WaitGroup
			all.Go(func() { _, errs[0] = h.dup.Merge(t.Context(), h.who, in) })
			all.Go(func() { _, errs[1] = h.dup.Merge(t.Context(), h.who, turned) })
			all.Go(func() {
				_, errs[2] = h.dup.Distinct(t.Context(), h.who, duplicates.Telling{Pair: p, Reason: "twins"})
			})
			all.Wait()
			won := 0
			for i, err := range errs {
				switch fail.CodeOf(err) {
				case "":
					if err != nil {
						t.Fatal(err)
					}
					won++
				case "duplicates.state", "duplicates.changed", "registry.changed", "registry.not_active":
				default:
					t.Errorf("reviewer %d: %v", i, err)
				}
			}
			if won != 1 {
				t.Errorf("%d of three decided: %v", won, errs)
			}
			h.check("after the race")
		}
	})
}
