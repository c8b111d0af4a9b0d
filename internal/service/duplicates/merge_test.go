package duplicates_test

import (
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

// TestMergeAndUndo has one case for each way two records stand to their NIKs: what the kept
// one has after the merge, and that the undo brings everything back.
func TestMergeAndUndo(t *testing.T) {
	t.Parallel()
	all := duplicates.Fields()
	type after struct {
		state      registry.NIKState
		nik        byte // k: the kept one's own, m: the merged one's, -: none
		contested  int64
		cards      int
		programmes string
	}
	for name, c := range map[string]struct {
		set  func(k, m *registry.Incoming)
		take []duplicates.Field
		want after
	}{
		"two NIKs, own kept":         {func(k, m *registry.Incoming) {}, nil, after{registry.Holder, 'k', 0, 1, "pkh 2024-10;sembako 2024-10"}},
		"two NIKs, the other taken":  {func(k, m *registry.Incoming) {}, all, after{registry.Holder, 'm', 0, 2, "pkh 2024-10;sembako 2024-10"}},
		"names only":                 {func(k, m *registry.Incoming) {}, []duplicates.Field{duplicates.Name}, after{registry.Holder, 'k', 0, 1, "pkh 2024-10;sembako 2024-10"}},
		"kept holds, merged claims":  {func(k, m *registry.Incoming) { m.NIK = k.NIK }, nil, after{registry.Holder, 'k', 0, 1, "pkh 2024-10"}},
		"kept has none, taken":       {func(k, m *registry.Incoming) { k.NIK = person.NIK{} }, []duplicates.Field{duplicates.NIK}, after{registry.Holder, 'm', 0, 2, "sembako 2024-10"}},
		"kept has none, not taken":   {func(k, m *registry.Incoming) { k.NIK = person.NIK{} }, nil, after{registry.NoNIK, '-', 0, 0, ""}},
		"kept has an impossible one": {func(k, m *registry.Incoming) { k.NIK, k.RawNIK = person.NIK{}, "12" }, all, after{registry.Holder, 'm', 0, 2, "sembako 2024-10"}},
		"an impossible one is taken": {func(k, m *registry.Incoming) { m.NIK, m.RawNIK = person.NIK{}, "12" }, all, after{registry.BadNIK, '-', 0, 0, ""}},
		"nobody has one":             {func(k, m *registry.Incoming) { k.NIK, m.NIK = person.NIK{}, person.NIK{} }, all, after{registry.NoNIK, '-', 0, 0, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
				h := newHouse(t, db)
				k, m := row(t, 1), row(t, 2)
				k.Phone, m.BirthPlace = phone(t, "081234567890"), "TUAL"
				c.set(&k, &m)
				h.load(testkit.AmbonTenant, k)
				h.load(testkit.AmbonTenant, m)
				h.loadCivil(civilRow(row(t, 1)), civilRow(row(t, 2)))
				h.run("match")
				kept, merged := h.find("1"), h.find("2")
				if !k.NIK.IsZero() {
					h.listed(k.NIK, "pkh 2024-10")
				}
				if merged.NIKState == registry.Holder {
					h.listed(m.NIK, "sembako 2024-10")
				}
				h.check("before")
				before := h.image()
				p := h.pair(kept, merged)
				h.clock.Move(time.Hour)
				done, err := h.merge(h.who, h.pairOf(p), kept.ID, c.take...)
				if err != nil || done.State != duplicates.MergeDone {
					t.Fatalf("merge is %s, %v", done.State, err)
				}
				h.check("after the merge")
				h.looksMerged(kept, merged, c.take)
				now := h.find("1")
				wantNIK := map[byte]person.NIK{'k': kept.NIK, 'm': merged.NIK}[c.want.nik]
				if now.NIK != wantNIK || now.NIKState != c.want.state {
					t.Errorf("she has the NIK %v in state %d, want %v in state %d", now.NIK, now.NIKState, wantNIK, c.want.state)
				}
				if !wantNIK.IsZero() {
					id, contested, cards, programmes := h.holder(wantNIK)
					if got := (after{c.want.state, c.want.nik, contested, cards, programmes}); id != kept.ID || got != c.want {
						t.Errorf("the public check knows %+v of %v, want %+v", got, id == kept.ID, c.want)
					}
				}
				h.clock.Move(29 * 24 * time.Hour)
				undone, err := h.dup.UndoMerge(t.Context(), h.who, duplicates.Ref{Tenant: done.Tenant, ID: done.ID})
				if err != nil || undone.State != duplicates.MergeUndone {
					t.Fatalf("undo is %s, %v", undone.State, err)
				}
				h.check("after the undo")
				h.same("after the undo", before, h.image())
				if got := h.pairOf(p); got.State != duplicates.Open {
					t.Errorf("the pair is %s", got.State)
				}
			})
		})
	}
}

// looksMerged checks what holds after every merge.
func (h *house) looksMerged(kept, merged registry.Person, take []duplicates.Field) {
	h.t.Helper()
	now, gone := h.find("1"), h.find("2")
	if gone.State != registry.Merged || gone.Name != merged.Name || gone.EndedReason != "merged" {
		h.t.Errorf("the merged person is in state %d, %q", gone.State, gone.EndedReason)
	}
	taken := map[duplicates.Field]bool{}
	for _, f := range take {
		taken[f] = true
	}
	for f, values := range map[duplicates.Field][3]any{
		duplicates.Name:       {now.Name, kept.Name, merged.Name},
		duplicates.Sex:        {now.Sex, kept.Sex, merged.Sex},
		duplicates.BirthDate:  {now.BirthDate, kept.BirthDate, merged.BirthDate},
		duplicates.BirthPlace: {now.BirthPlace, kept.BirthPlace, merged.BirthPlace},
		duplicates.MotherName: {now.MotherName, kept.MotherName, merged.MotherName},
		duplicates.Phone:      {now.Phone, kept.Phone, merged.Phone},
	} {
		want := values[1]
		if taken[f] {
			want = values[2]
		}
		if values[0] != want {
			h.t.Errorf("%s is %v, want %v", f, values[0], want)
		}
	}
	if now.FamilyID != kept.FamilyID || now.Relation != kept.Relation || now.Area != kept.Area {
		h.t.Error("the kept person left her place")
	}
	f, err := h.reg.FamilyIn(h.t.Context(), h.db.Direct(), merged.Tenant, merged.FamilyID)
	if err != nil || f.Persons != 0 || f.State != registry.Merged {
		h.t.Errorf("the family of the merged person has %d members, state %d, %v", f.Persons, f.State, err)
	}
	for _, p := range []registry.Person{kept, merged} {
		facts := h.facts("duplicate.merge", p.Tenant, p.ID)
		if facts["kept"] != kept.ID.String() || facts["state"] != "done" {
			h.t.Errorf("audit entry = %v", facts)
		}
	}
	old, err := h.reg.PersonAsOf(h.t.Context(), h.db.Direct(), kept.Tenant, kept.ID, kept.RecordedAt)
	if err != nil || old.Name != kept.Name {
		h.t.Errorf("history: %q, %v", old.Name, err)
	}
}

// TestAClaimPassesToTheKeptRecord: the record with the aid claims the NIK, the other one
// holds it; after the merge she holds it and matches, with the old card still answering.
func TestAClaimPassesToTheKeptRecord(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		holder, claimant, third := row(t, 1), row(t, 2), row(t, 3)
		claimant.NIK, third.NIK = holder.NIK, holder.NIK
		claimant.KK = holder.KK // one card: padan afterwards
		claimant.HouseholdID = "h2"
		h.load(testkit.AmbonTenant, holder)
		h.load(testkit.AmbonTenant, claimant)
		h.loadCivil(civilRow(claimant))
		h.run("match")
		h.listed(holder.NIK, "pkh 2024-10")
		a, b := h.find("1"), h.find("2")
		if b.NIKState != registry.Contested || b.Match != civilmatch.NIKDouble {
			t.Fatalf("before: NIK state %d, %v", b.NIKState, b.Match)
		}
		before := h.image()
		lines := h.list(h.who, duplicates.Filter{Limit: 5})
		m, err := h.merge(h.who, lines[0].Pair, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		now := h.find("2")
		id, contested, _, programmes := h.holder(holder.NIK)
		if now.NIKState != registry.Holder || now.Match != civilmatch.Matched || id != b.ID || contested != 0 || programmes != "pkh 2024-10" {
			t.Errorf("after: NIK state %d, %v, holder is she: %v, contested %d, %q", now.NIKState, now.Match, id == b.ID, contested, programmes)
		}
		h.check("after the merge")

		// A third claimant comes while the merge stands; a newer list is frozen.
		h.load(testkit.AmbonTenant, third)
		h.listed(holder.NIK, "pkh 2024-11")
		h.check("with a third claimant")
		if _, err := h.dup.UndoMerge(t.Context(), h.who, duplicates.Ref{Tenant: m.Tenant, ID: m.ID}); err != nil {
			t.Fatal(err)
		}
		h.check("after the undo")
		after := h.image()
		if after.Persons[a.ID] != before.Persons[a.ID] || after.Persons[b.ID] != before.Persons[b.ID] {
			t.Errorf("not restored:\n%+v\n%+v", after.Persons[a.ID], after.Persons[b.ID])
		}
		if id, contested, _, programmes := h.holder(holder.NIK); id != a.ID || contested != 1 || programmes != "pkh 2024-11" {
			t.Errorf("after the undo: holder is the first: %v, contested %d, %q", id == a.ID, contested, programmes)
		}
	})
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.load(testkit.AmbonTenant, row(t, 1), row(t, 2), row(t, 3))
		a, b, c := h.find("1"), h.find("2"), h.find("3")
		p, gone := h.pair(a, b), h.pair(a, c)
		h.write(func(tx *act.Tx) error {
			_, err := h.reg.EndPersonIn(t.Context(), tx, c.Tenant, c.ID, registry.Died, "uji")
			return err
		})
		before := h.image()
		merging := func(f func(*duplicates.Merging)) duplicates.Merging {
			in := duplicates.Merging{Pair: p, Keep: a.ID, LeftVersion: a.Version, RightVersion: b.Version}
			f(&in)
			return in
		}
		for name, c := range map[string]struct {
			who  access.Actor
			in   duplicates.Merging
			code string
		}{
			"outside the area":      {operator(2, testkit.Neighbour), merging(func(*duplicates.Merging) {}), "access.denied"},
			"who may not review":    {testkit.Person(3, access.AgencyHead, testkit.Ambon), merging(func(*duplicates.Merging) {}), "access.denied"},
			"the other district":    {tualOperator(), merging(func(*duplicates.Merging) {}), "access.denied"},
			"an older left":         {h.who, merging(func(m *duplicates.Merging) { m.LeftVersion = 0 }), "registry.changed"},
			"an older right":        {h.who, merging(func(m *duplicates.Merging) { m.RightVersion = 0 }), "registry.changed"},
			"keeping somebody else": {h.who, merging(func(m *duplicates.Merging) { m.Keep = sqldb.NewID() }), "duplicates.keep"},
			"a field that is none":  {h.who, merging(func(m *duplicates.Merging) { m.Take = []duplicates.Field{"decile"} }), "duplicates.field"},
			"no such pair":          {h.who, merging(func(m *duplicates.Merging) { m.Pair.ID = sqldb.NewID() }), "duplicates.unknown"},
			"one of them is gone": {h.who, merging(func(m *duplicates.Merging) {
				m.Pair, m.RightVersion = gone, 2
			}), "registry.not_active"},
		} {
			if _, err := h.dup.Merge(t.Context(), c.who, c.in); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		h.same("after the refusals", before, h.image())
		if n := h.count(`SELECT count(*) FROM merge WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d merges are kept", n)
		}
		if _, err := h.merge(h.who, h.pairOf(p), a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.merge(h.who, h.pairOf(p), a.ID); fail.CodeOf(err) != "duplicates.state" {
			t.Errorf("merged twice: %v", err)
		}
		if _, err := h.dup.Distinct(t.Context(), h.who, duplicates.Telling{Pair: p, Reason: "twins"}); fail.CodeOf(err) != "duplicates.state" {
			t.Errorf("told apart after the merge: %v", err)
		}
	})
}
