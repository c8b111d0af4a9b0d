package screening_test

import (
	"testing"

	"tepat/internal/domain/evidence"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit"
)

func TestWhatIsStatedIsOfWhoAloneHoldsTheNIK(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.families(1, 1, 1)
		h.evidence(
			h.says(nik(t, 1, 1), "orphan", "ya", "2024-01"), h.says(nik(t, 1, 1), "asn", "ya", "2024-01"), h.says(nik(t, 1, 1), "school_class", "7", "2024-08"),
			h.says(nik(t, 2, 1), "orphan", "ya", "2024-01"), h.says(nik(t, 3, 1), "orphan", "tidak", "2024-01"), h.says(nik(t, 99, 1), "orphan", "ya", "2024-01"),
		)
		contested := h.reg.NIKHash(nik(t, 2, 1))
		h.must(db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE nik_index SET contested = 1 WHERE nik_hash = $1`, contested)
			return err
		}))
		got, err := h.s.StatedIn(t.Context(), db.Direct(), testkit.AmbonTenant, []evidence.Kind{evidence.Orphan, evidence.SchoolClass})
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[string]int{}
		for _, list := range got {
			for _, e := range list {
				kinds[e.Kind.String()]++
				if e.Match != evidence.MatchExactNIK || e.Source == "" {
					t.Errorf("%+v", e)
				}
			}
		}
		if len(got) != 2 || kinds["orphan"] != 2 || kinds["school_class"] != 1 || kinds["asn"] != 0 {
			t.Errorf("of %d persons: %v", len(got), kinds)
		}
	})
}
