package duplicates_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

func TestUndoHasItsLimits(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, row(t, 1), row(t, 2), row(t, 3))
		a, b, c := h.find("1"), h.find("2"), h.find("3")
		p, q := h.pair(a, b), h.pair(a, c)
		m, err := h.merge(h.who, h.pairOf(p), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		undo := func(who access.Actor, m duplicates.Merge) error {
			_, err := h.dup.UndoMerge(t.Context(), who, duplicates.Ref{Tenant: m.Tenant, ID: m.ID})
			return err
		}
		if err := undo(operator(2, testkit.Neighbour), m); fail.CodeOf(err) != "access.denied" {
			t.Errorf("outside the area: %v", err)
		}
		// The kept one is merged once more: that merge goes back first.
		m2, err := h.merge(h.who, h.pairOf(q), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := undo(h.who, m); fail.CodeOf(err) != "duplicates.undo" {
			t.Errorf("under another merge: %v", err)
		}
		if err := undo(h.who, m2); err != nil {
			t.Fatal(err)
		}
		// She takes up the third one: that record goes back first, too.
		h.clock.Move(time.Minute)
		m3, err := h.merge(h.who, h.pairOf(q), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := undo(h.who, m); fail.CodeOf(err) != "duplicates.later" {
			t.Errorf("before a later merge: %v", err)
		}
		if err := undo(h.who, m3); err != nil {
			t.Fatal(err)
		}
		h.clock.Move(30*24*time.Hour - time.Minute + time.Second)
		if err := undo(h.who, m); fail.CodeOf(err) != "duplicates.too_late" {
			t.Errorf("after 30 days: %v", err)
		}
		h.clock.Move(-time.Second)
		if err := undo(h.who, m); err != nil {
			t.Errorf("on the last day: %v", err)
		}
		if err := undo(h.who, m); fail.CodeOf(err) != "duplicates.state" {
			t.Errorf("undone twice: %v", err)
		}
		h.check("at the end")
	})
}

// TestAnUndoLeavesWhatOthersDidSince: a name mended after the merge stays, the rest goes back.
func TestAnUndoLeavesWhatOthersDidSince(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		k, m := row(t, 1), row(t, 2)
		m.BirthDate = period.On(1961, 2, 3)
		h.load(testkit.AmbonTenant, k, m)
		a, b := h.find("1"), h.find("2")
		done, err := h.merge(h.who, h.pairOf(h.pair(a, b)), a.ID, duplicates.Name, duplicates.BirthDate)
		if err != nil {
			t.Fatal(err)
		}
		h.write(txChange(h, duplicates.Ref{Tenant: a.Tenant, ID: a.ID}, func(p *registry.Person) { p.Name = "NAMA YANG BENAR" }))
		if _, err := h.dup.UndoMerge(t.Context(), h.who, duplicates.Ref{Tenant: done.Tenant, ID: done.ID}); err != nil {
			t.Fatal(err)
		}
		if now := h.find("1"); now.Name != "NAMA YANG BENAR" || now.BirthDate != k.BirthDate {
			t.Errorf("name %q, born %v", now.Name, now.BirthDate)
		}
		if back := h.find("2"); back.State != registry.Active || back.Name != m.Name || back.NIKState != registry.Holder {
			t.Errorf("the other: state %d, %q, NIK state %d", back.State, back.Name, back.NIKState)
		}
		h.check("after the undo")
	})
}

func TestDistinctNeedsAReason(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, row(t, 1), row(t, 2))
		a, b := h.find("1"), h.find("2")
		p := h.pair(a, b)
		for name, c := range map[string]struct {
			who  access.Actor
			in   duplicates.Telling
			code string
		}{
			"no reason":        {h.who, duplicates.Telling{Pair: p}, "duplicates.reason"},
			"a reason of none": {h.who, duplicates.Telling{Pair: p, Reason: "mood"}, "duplicates.reason"},
			"other, no note":   {h.who, duplicates.Telling{Pair: p, Reason: "other", Note: "  "}, "duplicates.note"},
			"a novel":          {h.who, duplicates.Telling{Pair: p, Reason: "twins", Note: strings.Repeat("a", 3000)}, "duplicates.note"},
			"outside the area": {operator(2, testkit.Neighbour), duplicates.Telling{Pair: p, Reason: "twins"}, "access.denied"},
		} {
			if _, err := h.dup.Distinct(t.Context(), c.who, c.in); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		note := "Dua kakak beradik, KTP keduanya dilihat."
		got, err := h.dup.Distinct(t.Context(), h.who, duplicates.Telling{Pair: p, Reason: "other", Note: note})
		if err != nil || got.State != duplicates.Distinct {
			t.Fatalf("%s, %v", got.State, err)
		}
		if kept := h.pairOf(p); kept.Note != note || kept.Decision != "other" || kept.DecidedBy != h.who.ID || !kept.DecidedAt.Equal(h.clock.Now()) {
			t.Errorf("kept %+v", kept)
		}
		var stored []byte
		if err := db.Direct().QueryRow(t.Context(), `SELECT note FROM link_pair WHERE kabkota = 8171`).Scan(&stored); err != nil || bytes.Contains(stored, []byte("KTP")) {
			t.Errorf("the note is not sealed (%v)", err)
		}
		for _, who := range []registry.Person{a, b} {
			if facts := h.facts("duplicate.distinct", who.Tenant, who.ID); facts["reason"] != "other" || facts["pair"] != p.ID.String() {
				t.Errorf("audit entry = %v", facts)
			}
		}
		if _, err := h.merge(h.who, h.pairOf(p), a.ID); fail.CodeOf(err) != "duplicates.state" {
			t.Errorf("merged though told apart: %v", err)
		}
		if got, err := h.dup.Reopen(t.Context(), h.who, p); err != nil || got.State != duplicates.Open || got.Note != "" || got.Decision != "" {
			t.Errorf("reopened: %+v, %v", got, err)
		}
		if _, err := h.merge(h.who, h.pairOf(p), a.ID); err != nil {
			t.Errorf("merged after reopening: %v", err)
		}
	})
}

// TestAnUndoKeepsInStepWithTheLists: what the public check shows of a record merged by mistake comes back as
// the lists are today, and its old cards with it.
func TestAnUndoKeepsInStepWithTheLists(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, row(t, 1), row(t, 2))
		a, b := h.find("1"), h.find("2")
		h.listed(a.NIK, "pkh 2024-10")
		h.listed(b.NIK, "bst 2024-10;sembako 2024-10")
		done, err := h.merge(h.who, h.pairOf(h.pair(a, b)), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		h.write(func(tx *act.Tx) error { // the next lists: one with her, one without
			for programme, month := range map[string]string{"sembako": "2024-11", "bst": ""} {
				if _, err := h.reg.SetProgrammesIn(t.Context(), tx, b.Tenant, registry.Listing{Programme: programme, Period: month, Persons: []sqldb.ID{b.ID}}); err != nil {
					return err
				}
			}
			return nil
		})
		if _, err := h.dup.UndoMerge(t.Context(), h.who, duplicates.Ref{Tenant: done.Tenant, ID: done.ID}); err != nil {
			t.Fatal(err)
		}
		if id, contested, cards, shows := h.holder(b.NIK); id != b.ID || contested != 0 || cards != 1 || shows != "sembako 2024-11" {
			t.Errorf("the other is shown %q, contested %d, %d cards, holds it: %v", shows, contested, cards, id == b.ID)
		}
		if _, _, _, shows := h.holder(a.NIK); shows != "pkh 2024-10" {
			t.Errorf("the first is shown %q", shows)
		}
		h.check("after the undo")
	})
}
