package programmes_test

import (
	"maps"
	"slices"
	"testing"

	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/programmes"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

func TestChangingTheQuotaBy100ChangesTheListBy100(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 260)
		for _, c := range []struct {
			id       programme.ID
			personal bool
			from     int64
		}{{programme.Sembako, false, 55}, {programme.PBIJK, true, 217}} {
			small := h.ids(h.enrol(settings(c.id, c.from)).ID, programmes.Enrolled, c.personal)
			r := h.enrol(settings(c.id, c.from+100))
			large := h.ids(r.ID, programmes.Enrolled, c.personal)
			if int64(len(small)) != c.from || int64(len(large)) != c.from+100 {
				t.Errorf("%s: %d and %d enrolled, want %d and 100 more", c.id, len(small), len(large), c.from)
			}
			for id := range small {
				if !large[id] {
					t.Errorf("%s: %s lost her place by a larger quota", c.id, id)
				}
			}
			waiting := h.ids(r.ID, programmes.Waiting, c.personal)
			if int64(len(large)+len(waiting)) != r.Tally["demand"] || r.Tally["waiting"] != int64(len(waiting)) {
				t.Errorf("%s: %d enrolled and %d waiting of %d", c.id, len(large), len(waiting), r.Tally["demand"])
			}
		}
	})
}

func TestPriorityIsDecileThenComponentsThenLot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 60)
		r := h.enrol(settings(programme.Sembako, 31))
		all := append(h.members(r.ID, programmes.Enrolled), h.members(r.ID, programmes.Waiting)...)
		slices.SortFunc(all, func(a, b programmes.Member) int { return int(a.Position - b.Position) })
		villages := map[bool]int{}
		for i, m := range all {
			if m.Position != int64(i)+1 || i > 0 && m.Decile < all[i-1].Decile || (m.State == programmes.Selected) != (i < 31) {
				t.Fatalf("place %d is position %d, decile %d, %s", i+1, m.Position, m.Decile, m.State)
			}
			if m.Decile == 1 && i < 3 {
				villages[m.Area == testkit.Village] = i
			}
		}
		if len(all) != 60 {
			t.Fatalf("%d places, want 60", len(all))
		}
		again := h.enrol(settings(programme.Sembako, 31))
		for i, m := range h.members(again.ID, programmes.Enrolled) {
			if first := h.members(again.ID, programmes.Enrolled)[i]; first.Family != m.Family {
				t.Fatal("the same list came out in another order")
			}
		}
		if a, b := h.digestOf(r.ID), h.digestOf(again.ID); a != b || len(a) != 64 {
			t.Errorf("digests %s and %s", a, b)
		}
		other := settings(programme.Sembako, 31)
		other.Period = period.NewMonth(2024, 11)
		if a, b := h.digestOf(again.ID), h.digestOf(h.enrol(other).ID); a == b {
			t.Error("the list of another month has the same digest")
		}
	})
}

// digestOf gives the digest of a list.
func (h *house) digestOf(list sqldb.ID) (text string) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), `SELECT digest FROM programme_list WHERE kabkota = 8171 AND id = $1`, list).Scan(&text))
	return text
}

func TestANewerDraftTakesThePlaceOfTheEarlier(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		programmes.SetChunk(h.s, 7)
		h.couples(1, 30)
		first := h.enrol(settings(programme.Sembako, 10))
		if n := h.count(`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND state IN (1, 2)`); n != 0 {
			t.Errorf("%d rows of a draft count as recipients or waiting", n)
		}
		second := h.enrol(settings(programme.Sembako, 20))
		for query, want := range map[string]int64{
			`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND list_id = $1`:                                   0,
			`SELECT count(*) FROM programme_list WHERE kabkota = 8171 AND id = $1 AND state = 'superseded'`:          1,
			`SELECT count(*) FROM programme_list WHERE kabkota = 8171 AND id <> $1 AND state = 'draft'`:              1,
			`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND list_id <> $1`:                                  30,
			`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND list_id <> $1 AND state = 5 AND position <= 20`: 20,
		} {
			if got := h.count(query, first.ID); got != want {
				t.Errorf("%s = %d, want %d", query, got, want)
			}
		}
		if second.Tally["cleared"] != 30 || second.Tally["written"] != 30 {
			t.Errorf("tally %v", second.Tally)
		}
	})
}

func TestADraftCanBeUndoneAndAListInForceCannot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		programmes.SetChunk(h.s, 7)
		h.couples(1, 30)
		r := h.enrol(settings(programme.Sembako, 10))
		_, err := h.work.Undo(t.Context(), h.head, r.Tenant, r.ID)
		h.must(err)
		if r = h.drive(r); r.State != runs.Undone {
			t.Fatalf("run is %s", r.State)
		}
		if n := h.count(`SELECT count(*) FROM enrolment WHERE kabkota = 8171`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		l, err := h.s.List(t.Context(), h.head, r.Tenant, r.ID)
		if err != nil || l.State != programmes.Undone || l.Digest == "" {
			t.Errorf("list %+v, %v", l, err)
		}
		if _, err := h.s.Freeze(t.Context(), h.work, h.head, h.freezing(r.ID, "SK 1")); fail.CodeOf(err) != "programme.list_state" {
			t.Errorf("an undone list was frozen: %v", err)
		}
		r = h.enrol(settings(programme.Sembako, 10))
		h.freeze(r.ID, "SK 1")
		if _, err = h.work.Undo(t.Context(), h.head, r.Tenant, r.ID); fail.CodeOf(err) != "programme.list_state" {
			t.Errorf("a list in force was undone: %v", err)
		}
		if r, err := h.work.Show(t.Context(), h.head, r.Tenant, r.ID); err != nil || r.State != runs.Done {
			t.Errorf("the run of a list in force is %s after the try, %v", r.State, err)
		}
		if n := h.count(`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND state = 1`); n != 10 {
			t.Errorf("%d enrolled after the try", n)
		}
	})
}

// placesOf gives the family and person on every position of a list.
func (h *house) placesOf(list sqldb.ID) map[int64][2]sqldb.ID {
	h.t.Helper()
	out := map[int64][2]sqldb.ID{}
	h.must(sqldb.Each(h.t.Context(), h.db.Direct(), `SELECT position, family_id, person_id FROM enrolment WHERE kabkota = 8171 AND list_id = $1`, []any{list}, func(r sqldb.Row) error {
		var position int64
		var who [2]sqldb.ID
		err := r.Scan(&position, &who[0], &who[1])
		if _, twice := out[position]; twice {
			h.t.Errorf("position %d is there twice", position)
		}
		out[position] = who
		return err
	}))
	return out
}

func TestAnEnrolmentThatWasKilledEndsAsOneThatWasNot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 40)
		want := h.placesOf(h.enrol(settings(programme.PBIJK, 33)).ID)
		for stop := range 5 {
			programmes.SetChunk(h.s, 13)
			r := h.approved(settings(programme.PBIJK, 33))
			h.steps(r, stop)
			h.reborn() // another process, which holds nothing in memory
			programmes.SetChunk(h.s, 13)
			r = h.drive(r)
			if got := h.placesOf(r.ID); !maps.Equal(got, want) || r.Tally["written"] != 80 || r.Tally["taken_back"] != 0 {
				t.Errorf("stopped after %d chunks: %d places, want %d as before; %v", stop, len(got), len(want), r.Tally)
			}
		}
	})
}

// steps works so many chunks of a run.
func (h *house) steps(r runs.Run, n int) {
	h.t.Helper()
	for range n {
		_, more, err := h.work.Step(h.t.Context(), r.Tenant, r.ID)
		h.must(err)
		if !more {
			h.t.Fatal("the run was over too early")
		}
	}
}

func TestAListIsOfOneMomentThoughTheRegistryChangesInTheMiddle(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 40)
		programmes.SetChunk(h.s, 13)
		r := h.approved(settings(programme.PBIJK, 33))
		h.steps(r, 2)
		h.dead(h.personOf(1, 1))
		h.reborn()
		programmes.SetChunk(h.s, 13)
		r = h.drive(r)
		if r.Tally["written"] != 79 || r.Tally["taken_back"] != 26 || r.Tally["demand"] != 79 {
			t.Errorf("tally %v", r.Tally)
		}
		got := h.placesOf(r.ID)
		for position := int64(1); position <= 79; position++ {
			if _, there := got[position]; !there {
				t.Errorf("position %d is missing", position)
			}
		}
		h.freeze(r.ID, "SK 1") // which checks the digest
		if n := h.count(`SELECT count(*) FROM enrolment WHERE kabkota = 8171 AND list_id = $1`, r.ID); n != 79 {
			t.Errorf("%d rows, want 79", n)
		}
	})
}

func TestAChangeAfterThePreviewIsInTheList(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.couples(1, 10)
		r := h.approved(settings(programme.Sembako, 4))
		h.couples(100, 10) // registered after the preview, before the run
		if r = h.drive(r); r.Tally["demand"] != 20 {
			t.Errorf("demand %d: the list was made of what was there when it was looked at", r.Tally["demand"])
		}
	})
}
