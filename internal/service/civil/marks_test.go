package civil_test

import (
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// mark tells whether the public check answers a NIK neutrally because several claim it.
func (h *house) mark(of registry.Incoming) int64 {
	h.t.Helper()
	return h.count(`SELECT contested FROM nik_index WHERE nik_hash = $1`, h.reg.NIKHash(of.NIK))
}

// TestAMatchTakesTheMarkFromWhoHoldsHerNIKAlone: a name in whose favour the civil registry speaks is enough
// only where nobody else alive claims the NIK.
func TestAMatchTakesTheMarkFromWhoHoldsHerNIKAlone(t *testing.T) {
	t.Parallel()
	end := func(h *house, rows ...registry.Incoming) {
		for _, r := range rows {
			h.write(func(tx *act.Tx) error {
				_, err := h.reg.EndPersonIn(h.t.Context(), tx, testkit.AmbonTenant, h.find(r.RowID).ID, registry.Died, "uji")
				return err
			})
		}
	}
	unmark := func(h *house, r registry.Incoming, mark int64) {
		h.write(func(tx *act.Tx) error {
			_, err := tx.Exec(h.t.Context(), `UPDATE nik_index SET contested = $1 WHERE nik_hash = $2`, mark, h.reg.NIKHash(r.NIK))
			return err
		})
	}
	for name, c := range map[string]struct {
		before func(h *house, first, second, third registry.Incoming)
		match  civilmatch.Status // of the second, after the run
		mark   int64
		tally  map[string]int64
	}{
		"the heir is padan and alone": {func(h *house, first, _, third registry.Incoming) { end(h, first, third) },
			civilmatch.Matched, 0, map[string]int64{"unmarked": 1, "marked": 0}},
		"the heir is padan but another claims it": {func(h *house, first, _, _ registry.Incoming) { end(h, first) },
			civilmatch.Matched, 1, map[string]int64{"unmarked": 0, "marked": 0}},
		"the heir differs": {func(h *house, first, second, third registry.Incoming) {
			end(h, first, third)
			c := civilRow(second)
			c.Name, c.AsOf = "NAMA LAIN", "2024-02-01"
			h.loadCivil(c)
		}, civilmatch.NameDiffers, 1, map[string]int64{"unmarked": 0, "marked": 0}},
		"she was padan before the mark was hers alone": {func(h *house, first, _, third registry.Incoming) {
			end(h, first, third)
			h.match()
			unmark(h, first, 1)
		}, civilmatch.Matched, 0, map[string]int64{"unmarked": 1, "marked": 0}},
		"two are alive and the mark is missing": {func(h *house, first, _, third registry.Incoming) {
			end(h, third)
			unmark(h, first, 0)
		}, civilmatch.NIKDouble, 1, map[string]int64{"unmarked": 0, "marked": 1}},
		"two are alive, matched before": {func(h *house, first, _, third registry.Incoming) {
			end(h, third)
			h.match()
			unmark(h, first, 0)
		}, civilmatch.NIKDouble, 1, map[string]int64{"unmarked": 0, "marked": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
				h := newHouse(t, db)
				first, second, third := row(t, 1, 1), row(t, 2, 1), row(t, 3, 1)
				second.NIK, second.Name, second.BirthDate = first.NIK, "SITI KEDUA", period.On(1944, 1, 2)
				third.NIK, third.Name, third.BirthDate = first.NIK, "SITI KETIGA", period.On(1933, 1, 2)
				h.load(first)
				h.load(second)
				h.load(third)
				h.load(row(t, 4, 1), row(t, 5, 1), row(t, 6, 1), row(t, 7, 1)) // chunks are three persons
				h.loadCivil(civilRow(second), civilRow(row(t, 4, 1)))
				c.before(h, first, second, third)
				r := h.match()
				if p := h.find(second.RowID); p.Match != c.match {
					t.Errorf("the second is %v, want %v", p.Match, c.match)
				}
				if got := h.mark(first); got != c.mark {
					t.Errorf("contested %d, want %d", got, c.mark)
				}
				for figure, want := range c.tally {
					if got := r.Tally[figure]; got != want {
						t.Errorf("%s = %d, want %d", figure, got, want)
					}
				}
				if again := h.match(); again.Tally["marked"] != 0 || again.Tally["unmarked"] != 0 || h.mark(first) != c.mark {
					t.Errorf("a second run goes on marking: %v", again.Tally)
				}
			})
		})
	}
}

// TestARunLeavesTheMarksOfOtherVillages: a run of one village settles its own people.
func TestARunLeavesTheMarksOfOtherVillages(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		here, there := row(t, 1, 1), row(t, 2, 1)
		there.Area = testkit.Neighbour
		h.load(here, there)
		h.loadCivil(civilRow(here), civilRow(there))
		h.match()
		h.write(func(tx *act.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE nik_index SET contested = 1 WHERE nik_hash IS NOT NULL`)
			return err
		})
		r, err := h.runs.Create(t.Context(), h.who, runs.NewRun{Kind: "match", Tenant: testkit.AmbonTenant, Area: testkit.Village})
		if err == nil {
			r, err = h.runs.Look(t.Context(), h.who, r.Tenant, r.ID)
		}
		if err == nil {
			r, err = h.runs.Submit(t.Context(), h.who, r.Tenant, r.ID)
		}
		if err == nil {
			_, err = h.runs.Drive(t.Context(), r.Tenant, r.ID, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.mark(here) != 0 || h.mark(there) != 1 {
			t.Errorf("marks %d and %d, want 0 and 1", h.mark(here), h.mark(there))
		}
	})
}
