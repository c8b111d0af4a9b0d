package civil_test

import (
	"maps"
	"testing"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"

	"pgregory.net/rapid"
)

// statuses gives the status and the differing fields of the persons, by their rows.
func (h *house) statuses(want map[string]civilmatch.Status) map[string]string {
	out := map[string]string{}
	for id := range want {
		p := h.find(id)
		out[id] = p.Match.Code() + " " + p.MatchFields.String()
	}
	return out
}

func TestALargeRunDecidesAsASmallOne(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		want := oneOfEach(h)
		for _, mode := range []civilmatch.Mode{civilmatch.FullValues, civilmatch.YesNo, civilmatch.FoundOnly} {
			h.use(civil.NewFile(h.keys, mode))
			small := h.match()
			looked := h.statuses(want)
			if err := h.db.Write(t.Context(), func(tx *sqldb.Tx) error {
				if _, err := tx.Exec(t.Context(), `UPDATE person SET match_status = 0, match_fields = 0 WHERE kabkota = 8171`); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), `UPDATE family SET unmatched = 0 WHERE kabkota = 8171`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			h.civil.WithLarge(1)
			large := h.match()
			if got := h.statuses(want); !maps.Equal(got, looked) {
				t.Errorf("mode %v: %v, want %v", mode, got, looked)
			}
			for status := range looked {
				if small.Tally[status] != large.Tally[status] {
					t.Errorf("mode %v: tally %v, want %v", mode, large.Tally, small.Tally)
				}
			}
			h.checkCounts("after the large run")
			if again := h.match(); again.Tally["changed"] != 0 {
				t.Errorf("mode %v: again = %v", mode, again.Tally)
			}
			if h.civil.Holds() {
				t.Error("the file is still in memory")
			}
		}
	})
}

// TestARunGoesOnBesideAnInterruptedOne: the first run stops with the file in memory; the
// second looks the persons up, and after a while the file is its own.
func TestARunGoesOnBesideAnInterruptedOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	want := oneOfEach(h)
	h.civil.WithLarge(1)
	r := h.newRun(civil.MatchSettings{})
	if _, more, err := h.runs.Step(t.Context(), r.Tenant, r.ID); err != nil || !more || !h.civil.Holds() {
		t.Fatalf("first chunk: more %t, holds %t, %v", more, h.civil.Holds(), err)
	}
	second := h.match()
	if n := second.Tally["persons"]; n != int64(len(want)) || !h.civil.Holds() {
		t.Errorf("second run looked at %d of %d persons", n, len(want))
	}
	h.clock.Move(time.Hour)
	if third := h.match(); third.Tally["changed"] != 0 || h.civil.Holds() {
		t.Errorf("third run = %v", third.Tally)
	}
	if _, err := h.runs.Drive(t.Context(), r.Tenant, r.ID, nil); err != nil {
		t.Error(err)
	}
	for id, status := range want {
		if p := h.find(id); p.Match != status {
			t.Errorf("row %s is %v, want %v", id, p.Match, status)
		}
	}
}

// TestALargeFileIsLookedUpIn: a file with more rows than memory has room for.
func TestALargeFileIsLookedUpIn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		rows := []registry.Incoming{row(t, 1, 1), row(t, 2, 1), row(t, 3, 1)}
		h.load(rows...)
		h.loadCivil(civilRow(rows[0]), civilRow(rows[1]), civilRow(rows[2]))
		for most, want := range map[int]bool{2: false, 3: true, 4: true} {
			if got, err := civil.ReadWhole(t.Context(), db.Direct(), most); err != nil || got != want {
				t.Errorf("at most %d rows: read %t, %v", most, got, err)
			}
		}
	})
}

func TestRowsAreFoundByTheirHash(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// Few different first bytes: hashes that crowd must be found as well.
		hash := rapid.Custom(func(t *rapid.T) (h sqldb.Hash) {
			h[0], h[7], h[15] = rapid.SampledFrom([]byte{0, 1, 128, 255}).Draw(t, "first"), rapid.Byte().Draw(t, "middle"), rapid.Byte().Draw(t, "last")
			return h
		})
		all := rapid.SliceOfNDistinct(hash, 0, 60, func(h sqldb.Hash) sqldb.Hash { return h }).Draw(t, "all")
		half := len(all) / 2
		found := civil.FindAll(all[:half], all)
		for i, at := range found {
			if want := i < half; (at == i) != want {
				t.Fatalf("hash %d of %d is found at %d", i, half, at)
			}
		}
	})
}
