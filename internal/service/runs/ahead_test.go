package runs_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// TestDriveLeavesNothingBehind fails a chunk while the next one is being prepared: Drive
// must not return before that is over, or whoever drives the run again would meet it.
func TestDriveLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		testkit.Seed(t, db)
		maker := testkit.Person(1, access.Verifier, testkit.Ambon)
		begun, failed := make(chan struct{}), make(chan struct{})
		var preparing atomic.Bool
		kind := runs.Kind{Name: "slow", Start: access.RunScreening, Prepare: func(_ context.Context, _ runs.Run, cursor string) (runs.Chunk, error) {
			if cursor == "" {
				return runs.Chunk{Next: "1", Apply: func(context.Context, *act.Tx) (runs.Tally, error) {
					<-begun
					close(failed)
					return nil, context.Canceled
				}}, nil
			}
			preparing.Store(true)
			close(begun)
			<-failed
			for range 100_000 {
				runtime.Gosched()
			}
			preparing.Store(false)
			return runs.Chunk{Next: "2", Last: true}, nil
		}}
		s := runs.New(act.New(db, testkit.NewClock().Now, nil), func(context.Context, sqldb.ID) (access.Actor, error) { return maker, nil }, nil, kind)
		r, err := s.Create(t.Context(), maker, runs.NewRun{Kind: "slow", Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
		if err == nil {
			r, err = s.Look(t.Context(), maker, r.Tenant, r.ID)
		}
		if err == nil {
			r, err = s.Submit(t.Context(), maker, r.Tenant, r.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Drive(t.Context(), r.Tenant, r.ID, nil); err == nil || preparing.Load() {
			t.Errorf("Drive gave %v while a chunk was being prepared: %t", err, preparing.Load())
		}
	})
}
