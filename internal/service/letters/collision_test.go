package letters

import (
	"errors"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/testkit"
)

type utc struct{}

func (utc) LocalDate(_ area.Code, now time.Time) period.Date { return period.DateOf(now, time.UTC) }

// Lineage: no village has changed its district.
func (utc) Lineage(tenant area.Tenant) []area.Tenant { return []area.Tenant{tenant} }

// TestATakenCodeIsDrawnAgain lets chance give every letter the same code at first.
func TestATakenCodeIsDrawnAgain(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		testkit.Seed(t, db)
		acts := act.New(db, testkit.NewClock().Now, nil)
		s := NewService(acts, utc{})
		issue := func(n int) (out []Letter, err error) {
			list := make([]New, n)
			for i := range list {
				list[i] = New{Tenant: testkit.AmbonTenant, Kind: Award, Subject: sqldb.NewID(), Area: testkit.Village}
			}
			err = acts.Write(t.Context(), testkit.Person(1, access.Verifier, testkit.Ambon), "test", func(tx *act.Tx) error {
				if err := tx.Allow(access.IssueLetter, testkit.AmbonTenant, testkit.Village); err != nil {
					return err
				}
				if out, err = s.IssueManyIn(t.Context(), tx, testkit.AmbonTenant, list); err != nil {
					return err
				}
				return tx.Record(t.Context(), audit.Entry{Tenant: testkit.AmbonTenant})
			})
			return out, err
		}
		draws := 0
		s.random = func(b []byte) {
			draws++
			for i := range b { // the first draw repeats itself, later ones tell letters apart
				b[i] = byte(min(draws-1, 1) * (i/randomLetters + draws))
			}
		}
		out, err := issue(3)
		if err != nil {
			t.Fatal(err)
		}
		codes := map[string]bool{}
		for _, l := range out {
			held, err := s.ByCode(t.Context(), l.Code)
			codes[l.Code] = true
			if err != nil || held.Kind != Award {
				t.Errorf("%s: %+v, %v", l.Code, held, err)
			}
		}
		if len(codes) != 3 || draws < 2 {
			t.Errorf("codes %v after %d draws", codes, draws)
		}
		s.random = func(b []byte) { clear(b) }
		if _, err := issue(1); !errors.Is(err, fail.Unavailable("letter.no_code")) {
			t.Errorf("chance that never ends: %v", err)
		}
	})
}
