package duplicates_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/civil"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
)

func civilMending(p registry.Person, nik person.NIK) civil.Mending {
	return civil.Mending{Tenant: p.Tenant, PersonID: p.ID, Version: p.Version, NIK: &nik, Document: "ktp"}
}

func txChange(h *house, side duplicates.Ref, f func(*registry.Person)) func(*act.Tx) error {
	return func(tx *act.Tx) error {
		p, err := h.reg.PersonIn(h.t.Context(), tx, side.Tenant, side.ID)
		if err != nil {
			return err
		}
		f(&p)
		_, err = h.reg.ChangePersonIn(h.t.Context(), tx, p)
		return err
	}
}

// pairOf gives a pair as it stands.
func (h *house) pairOf(r duplicates.Ref) duplicates.Pair {
	h.t.Helper()
	b, err := h.dup.Open(h.t.Context(), h.who, r)
	if err != nil {
		h.t.Fatal(err)
	}
	return b.Pair
}

// image is everything a merge and its undo must bring back: persons and families but for
// their versions and times, and who holds which NIK.
type image struct {
	Persons  map[sqldb.ID]registry.Person
	Families map[sqldb.ID]registry.Family
	NIKs     []string
}

func (h *house) image() image {
	h.t.Helper()
	ctx, q := h.t.Context(), h.db.Direct()
	out := image{Persons: map[sqldb.ID]registry.Person{}, Families: map[sqldb.ID]registry.Family{}}
	for _, tenant := range []area.Tenant{testkit.AmbonTenant, TualTenant} {
		ids := func(table string) []sqldb.ID {
			list, err := sqldb.Collect(ctx, q, `SELECT id FROM `+table+` WHERE kabkota = $1`, []any{int64(tenant)}, func(r sqldb.Row) (id sqldb.ID, err error) {
				err = r.Scan(&id)
				return id, err
			})
			if err != nil {
				h.t.Fatal(err)
			}
			return list
		}
		persons, err1 := h.reg.PersonsIn(ctx, q, tenant, ids("person"))
		families, err2 := h.reg.FamiliesIn(ctx, q, tenant, ids("family"))
		if err := errors.Join(err1, err2); err != nil {
			h.t.Fatal(err)
		}
		for _, p := range persons {
			p.Version, p.RecordedAt = 0, time.Time{}
			out.Persons[p.ID] = p
		}
		for _, f := range families {
			f.Version, f.RecordedAt = 0, time.Time{}
			out.Families[f.ID] = f
		}
	}
	var err error
	out.NIKs, err = sqldb.Collect(ctx, q, `
		SELECT nik_hash, kabkota, person_id, family_id, contested, check_tags, listed, programmes FROM nik_index
		WHERE nik_hash IS NOT NULL ORDER BY nik_hash`, nil, func(r sqldb.Row) (string, error) {
		var hash sqldb.Hash
		var who, family sqldb.ID
		var tenant, contested, listed int64
		var tags []byte
		var programmes string
		err := r.Scan(&hash, &tenant, &who, &family, &contested, &tags, &listed, &programmes)
		return fmt.Sprintf("%x %d %s %s %d %x %d %q", hash, tenant, who, family, contested, tags, listed, programmes), err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) same(what string, want, got image) {
	h.t.Helper()
	for id, p := range want.Persons {
		if got.Persons[id] != p {
			h.t.Errorf("%s: person\n%#v\nwas\n%#v", what, got.Persons[id], p)
		}
	}
	for id, f := range want.Families {
		if got.Families[id] != f {
			h.t.Errorf("%s: family %+v was %+v", what, got.Families[id], f)
		}
	}
	if !reflect.DeepEqual(got.NIKs, want.NIKs) {
		h.t.Errorf("%s: NIKs\n%s\nwere\n%s", what, strings.Join(got.NIKs, "\n"), strings.Join(want.NIKs, "\n"))
	}
}

// listed gives a NIK what the public check shows.
func (h *house) listed(nik person.NIK, programmes string) {
	h.t.Helper()
	h.write(func(tx *act.Tx) error {
		n, err := tx.Exec(h.t.Context(), `UPDATE nik_index SET programmes = $1 WHERE nik_hash = $2`, programmes, h.reg.NIKHash(nik))
		if err == nil && n != 1 {
			h.t.Errorf("%d rows of the NIK", n)
		}
		return err
	})
}

// holder gives who holds a NIK and what the public check shows for it.
func (h *house) holder(nik person.NIK) (id sqldb.ID, contested int64, cards int, programmes string) {
	h.t.Helper()
	var tags []byte
	err := h.db.Direct().QueryRow(h.t.Context(), `SELECT person_id, contested, check_tags, programmes FROM nik_index WHERE nik_hash = $1`, h.reg.NIKHash(nik)).
		Scan(&id, &contested, &tags, &programmes)
	if found, err := sqldb.Found(err); err != nil || !found {
		return sqldb.ID{}, 0, 0, ""
	}
	return id, contested, len(tags) / registry.TagSize, programmes
}

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

func phone(t testing.TB, s string) person.Phone {
	t.Helper()
	p, err := person.ParsePhone(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
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
		if _, err := h.dup.Distinct(t.Context(), first, duplicates.Telling{Pair: ref(p), Reason: "documents"}); fail.CodeOf(err) != "access.denied" {
			t.Errorf("one office told them apart: %v", err)
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
