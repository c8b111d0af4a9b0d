package identity_test

import (
	"fmt"
	"testing"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/testkit"
)

// searched leaves a search for duplicates in the list of runs, done now.
func (h *house) searched(kind, state string, at area.Code) {
	h.t.Helper()
	now := h.clock.Now().UnixMicro()
	h.must(h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), `
			INSERT INTO run (kabkota, id, number, kind, state, area_code, settings, digest, preview, cursor, tally, total, done, chunks, failure,
				created_by, approved_by, created_at, approved_at, started_at, ended_at, version)
			VALUES ($1, $2, $3, $4, $5, $6, '{}', '', '{}', '', '{}', 0, 0, 0, '', $7, NULL, $8, $8, $8, $8, 1)`,
			int64(testkit.AmbonTenant), sqldb.NewID(), fmt.Sprint(now), kind, state, int64(at), sqldb.ID(h.who.ID), now)
		return err
	}))
}

// TestAFirstIndexNotesWhomNoSearchHasSeen: who was written after the last search of the whole district, and before there was an
// index, is noted when the first is made, whoever makes it and wherever the process ends; where there was no search nobody is,
// for a search is due.
func TestAFirstIndexNotesWhomNoSearchHasSeen(t *testing.T) {
	t.Parallel()
	whole := func(h *house) { h.searched(identity.SearchKind, "done", testkit.Ambon) }
	for name, c := range map[string]struct {
		search func(h *house)
		before func(h *house) // the keeper of the index comes
		want   int
	}{
		"after a search":            {whole, nil, 12},
		"no search":                 {nil, nil, 0},
		"a search of one village":   {func(h *house) { h.searched(identity.SearchKind, "done", testkit.Village) }, nil, 0},
		"a search that was undone":  {func(h *house) { h.searched(identity.SearchKind, "undone", testkit.Ambon) }, nil, 0},
		"another run":               {func(h *house) { h.searched("match", "done", testkit.Ambon) }, nil, 0},
		"somebody asked before":     {whole, func(h *house) { h.s.SetBounds(100_000, 5, 400); h.alike(h.s, h.asked(3, 1)); h.restart() }, 12},
		"somebody asked, it is bad": {whole, func(h *house) { h.s.SetBounds(100_000, 5, 400); h.alike(h.s, h.asked(3, 1)); h.damage(); h.restart() }, 12},
	} {
		testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
			h := newHouse(t, db)
			h.load(0, 100)
			h.copies(0, 10) // the search has seen them
			h.clock.Move(time.Hour)
			if c.search != nil {
				c.search(h)
			}
			h.clock.Move(time.Hour)
			h.copies(10, 22)
			if c.before != nil {
				c.before(h)
			}
			e := &ear{people: map[identity.Who]bool{}, fails: 1}
			for range 4 { // the process ends after each piece
				h.s.SetBounds(10, 5, 400)
				h.s.SetPieces(5, 4, 2)
				h.s.Tell(e.hear)
				if err := h.s.Follow(t.Context()); err != nil && e.fails > 0 {
					t.Fatal(err)
				}
				h.restart()
			}
			if early, late := h.heard(e, 0, 10), h.heard(e, 10, 22); early != 0 || late != c.want {
				t.Errorf("%s: of those a search saw %d were asked about, of the others %d, want 0 and %d", name, early, late, c.want)
			}
			if n := h.count(`SELECT count(*) FROM alike_due WHERE kabkota > 0`); n != 0 {
				t.Errorf("%s: %d are left behind", name, n)
			}
		})
	}
}
