package job

import (
	"context"
	"reflect"
	"strconv"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// TestInterruptedRunsAreTakenUp: alone with its database a process takes every run up at once; beside others it
// looks again after a minute, and takes up the one that has not moved.
func TestInterruptedRunsAreTakenUp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		testkit.Seed(t, db)
		ctx, clock, who := t.Context(), testkit.NewClock(), testkit.Person(1, access.Verifier, testkit.Ambon)
		acts := act.New(db, clock.Now, nil)
		three := runs.Kind{Name: "count", Start: access.RunScreening,
			View: func(context.Context, *act.Tx, runs.Run) (runs.Preview, error) { return runs.Preview{Total: 3}, nil },
			Prepare: func(_ context.Context, _ runs.Run, cursor string) (runs.Chunk, error) {
				n, _ := strconv.Atoi("0" + cursor)
				return runs.Chunk{Next: strconv.Itoa(n + 1), Last: n == 2, Units: 1}, nil
			}}
		service := runs.New(acts, func(context.Context, sqldb.ID) (access.Actor, error) { return who, nil }, nil, three)
		begun := func(steps int) runs.Run {
			r, err := service.Create(ctx, who, runs.NewRun{Kind: "count", Tenant: testkit.AmbonTenant, Area: testkit.Ambon})
			if err == nil {
				r, err = service.Look(ctx, who, r.Tenant, r.ID)
			}
			if err == nil && steps >= 0 {
				r, err = service.Submit(ctx, who, r.Tenant, r.ID)
			}
			for range steps {
				if err == nil {
					r, _, err = service.Step(ctx, r.Tenant, r.ID)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			clock.Move(time.Second)
			return r
		}
		approved, working := begun(0), begun(1)
		begun(3)  // done
		begun(-1) // waits for somebody's word
		var asked []any
		enqueue := func(_ context.Context, jobs ...any) error { asked = append(asked, jobs...); return nil }
		took := func(when string, want ...any) {
			t.Helper()
			if !reflect.DeepEqual(asked, want) {
				t.Errorf("%s: enqueued %+v, want %+v", when, asked, want)
			}
			asked = nil
		}
		if err := TakeUp(ctx, service, true, clock.Now, enqueue); err != nil {
			t.Fatal(err)
		}
		took("alone", runs.JobOf(approved), runs.JobOf(working))
		if err := TakeUp(ctx, service, false, clock.Now, enqueue); err != nil {
			t.Fatal(err)
		}
		at := clock.Now().Add(time.Minute)
		took("beside others", runs.WatchOf(approved, at), runs.WatchOf(working, at))

		look := watch(service, clock.Now, enqueue)
		first := runs.WatchOf(working, at)
		clock.Move(time.Minute)
		moved, _, err := service.Step(ctx, working.Tenant, working.ID) // by the other process
		if err != nil {
			t.Fatal(err)
		}
		if err := look(ctx, first); err != nil {
			t.Fatal(err)
		}
		took("it moved", runs.WatchOf(moved, clock.Now().Add(time.Minute)))
		if err := look(ctx, runs.WatchOf(moved, clock.Now())); err != nil {
			t.Fatal(err)
		}
		took("it stood still", runs.JobOf(moved))
		if _, _, err := service.Step(ctx, moved.Tenant, moved.ID); err != nil {
			t.Fatal(err)
		}
		if err := look(ctx, runs.WatchOf(moved, clock.Now())); err != nil {
			t.Fatal(err)
		}
		took("it has ended")
	})
}
