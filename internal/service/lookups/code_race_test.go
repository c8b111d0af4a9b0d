package lookups_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/lookups"
	"tepat/internal/testkit"
)

// together runs f so many times at once and waits for all.
func together(times int, f func()) {
	var start, done sync.WaitGroup
	start.Add(1)
	for range times {
		done.Go(func() {
			start.Wait()
			f()
		})
	}
	start.Done()
	done.Wait()
}

func TestOneCodeIsLiveHoweverManyAreIssuedAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		d, own := newOwn(t, db)
		nik, _ := d.add(1, "SITI UJI")
		id := d.holder(nik)
		together(12, func() {
			if _, _, err := own.IssueCode(ctx, clerk, testkit.AmbonTenant, id, "status"); err != nil {
				t.Error(err)
			}
		})
		list, err := own.CodesOf(ctx, clerk, testkit.AmbonTenant, testkit.Village, []sqldb.ID{id})
		if err != nil || len(list) != 12 {
			t.Fatalf("%d codes, %v", len(list), err)
		}
		live := 0
		for _, c := range list {
			if c.EndedAt.IsZero() {
				live++
			}
		}
		var papers int64
		if err := db.Direct().QueryRow(ctx, `SELECT count(*) FROM letter WHERE kabkota = 8171 AND kind = 'access' AND revoked_at = 0`).Scan(&papers); err != nil || papers != 1 || live != 1 {
			t.Errorf("%d codes and %d papers are live, %v", live, papers, err)
		}
	})
}

func TestGuessesAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		d, own := newOwn(t, db)
		nik, _ := d.add(1, "SITI UJI")
		var tried atomic.Int64
		together(40, func() {
			if _, err := own.Enter(ctx, nik, "0000-0000"); fail.CodeOf(err) == "access_code.unknown" {
				tried.Add(1)
			}
		})
		if n := tried.Load(); n != int64(lookups.CodeTries()) {
			t.Errorf("%d guesses at once were answered", n)
		}
	})
}
