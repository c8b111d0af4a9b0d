package registry_test

import (
	"fmt"
	"sync"
	"testing"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/testkit"
)

// TestAMarkIsNotTakenFromANIKThatIsClaimedMeanwhile: while marks are cleared, others claim the same NIKs. Whichever comes
// first, every one of them is contested in the end.
func TestAMarkIsNotTakenFromANIKThatIsClaimedMeanwhile(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		const people = 24
		h := newHouse(t, db)
		for n := 1; n <= people; n++ {
			h.load(row(t, n, 1))
		}
		for _, statement := range []string{`UPDATE nik_index SET contested = 1 WHERE kabkota = 8171`, fmt.Sprintf(`UPDATE person SET match_status = %d WHERE kabkota = 8171`, civilmatch.Matched)} {
			if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				_, err := tx.Exec(t.Context(), statement)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		var done sync.WaitGroup
		for n := 1; n <= people; n++ {
			done.Go(func() {
				claimant := row(t, people+n, 1)
				claimant.NIK, claimant.Name, claimant.BirthDate = row(t, n, 1).NIK, fmt.Sprintf("SITI LAIN %d", n), period.On(1960, 1, 2)
				h.load(claimant)
			})
			if n%4 == 0 {
				done.Go(func() {
					h.write(func(tx *act.Tx) error {
						_, err := h.s.ClearMarksIn(t.Context(), tx, testkit.AmbonTenant, testkit.Ambon)
						return err
					})
				})
			}
		}
		done.Wait()
		if n := h.count(`SELECT count(*) FROM nik_index WHERE contested = 1`); n != people {
			t.Errorf("%d of %d claimed NIKs are contested", n, people)
		}
	})
}
