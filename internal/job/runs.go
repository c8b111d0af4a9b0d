// Package job holds the background workers, one file a job: they call one service
// method and hold no rule.
package job

import (
	"context"
	"errors"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/runs"
)

// Between two looks at a run that another process may be working, and before a job tries again
// where another of its own process does.
const (
	watchEvery = time.Minute
	busyFor    = time.Second
)

// Runs works one chunk of a run at a time, so that no job is long and nobody waits for
// the writer behind one. A kill between two chunks loses nothing: the job is still there,
// and the run knows where it stands.
func Runs(service *runs.Service) queue.Part {
	return queue.Work(func(ctx context.Context, j runs.Job) error {
		_, more, err := service.Step(ctx, j.Tenant, j.Run)
		switch {
		case errors.Is(err, runs.ErrBusy):
			return queue.Later(busyFor)
		case runs.IsHalted(err): // whoever takes it over hands it to the background again
			return nil
		case err != nil:
			return err
		case more:
			return queue.Later(0)
		}
		return nil
	})
}

// Enqueuer adds jobs.
type Enqueuer func(ctx context.Context, jobs ...any) error

// TakeUp hands the interrupted runs to the background when a process begins to work. Where it is alone with its
// database nobody else can be working them; else each is watched, and taken up when it has not moved for a minute.
func TakeUp(ctx context.Context, service *runs.Service, alone bool, now func() time.Time, enqueue Enqueuer) error {
	list, err := service.Interrupted(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	jobs := make([]any, len(list))
	for i, r := range list {
		if jobs[i] = runs.JobOf(r); !alone {
			jobs[i] = runs.WatchOf(r, now().Add(watchEvery))
		}
	}
	return enqueue(ctx, jobs...)
}

// WatchRuns takes up a run that has not moved since the last look; one that did is looked at again.
func WatchRuns(service *runs.Service, now func() time.Time, enqueue Enqueuer) queue.Part {
	return queue.Work(watch(service, now, enqueue))
}

func watch(service *runs.Service, now func() time.Time, enqueue Enqueuer) func(context.Context, runs.Watch) error {
	return func(ctx context.Context, j runs.Watch) error {
		r, err := service.Peek(ctx, j.Tenant, j.Run)
		if err != nil || r.State.Ended() || r.State == runs.Awaiting || r.Halted() {
			return err
		}
		if r.Version != j.Version {
			return enqueue(ctx, runs.WatchOf(r, now().Add(watchEvery)))
		}
		return enqueue(ctx, runs.JobOf(r))
	}
}
