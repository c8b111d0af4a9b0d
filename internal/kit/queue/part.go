package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"tepat/internal/kit/fail"
)

// Part is what a queue is made of: Work, Every, Retry.
type Part interface{ add(*setup) error }

type setup struct {
	log      *slog.Logger
	workers  *river.Workers
	kinds    int
	periodic []*river.PeriodicJob
	retry    river.ClientRetryPolicy
}

type partFunc func(*setup) error

func (f partFunc) add(s *setup) error { return f(s) }

// Work says which function does the jobs of a type. An error makes the job run again later; see
// Later and GiveUp for what else may come of it.
func Work[T Job](f func(ctx context.Context, job T) error) Part {
	return partFunc(func(s *setup) error {
		s.kinds++
		return river.AddWorkerSafely(s.workers, river.WorkFunc(func(ctx context.Context, job *river.Job[T]) error {
			return s.outcome(ctx, job.JobRow, f(ctx, job.Args))
		}))
	})
}

// Every enqueues a job again and again, the first time at once. One that still waits or runs is
// not added a second time, and of several processes one does it. make may read the clock.
func Every(interval time.Duration, make func() Job) Part {
	return partFunc(func(s *setup) error {
		if interval < time.Second {
			return fmt.Errorf("a job every %s: at least a second", interval)
		}
		build := func() (river.JobArgs, *river.InsertOpts) {
			job := make()
			opts := insertOptions(job)
			if opts == nil {
				opts = &river.InsertOpts{}
			}
			opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: waiting()}
			return job, opts
		}
		s.periodic = append(s.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval), build, &river.PeriodicJobOpts{RunOnStart: true}))
		return nil
	})
}

// Retry says how long to wait before the next try of a job that failed for the attempt-th time.
// Without it the waits grow as the fourth power of the attempt: 1 s, 16 s, 81 s and so on.
func Retry(wait func(attempt int) time.Duration) Part {
	return partFunc(func(s *setup) error {
		s.retry = retryPolicy(wait)
		return nil
	})
}

type retryPolicy func(attempt int) time.Duration

// NextRetry implements river.ClientRetryPolicy.
func (p retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().UTC().Add(p(job.Attempt))
}

type laterError struct{ after time.Duration }

func (e laterError) Error() string { return fmt.Sprintf("later, after %s", e.after) }

// Later makes the job run again after a while without counting as a failure: the thing it waits
// for is not there yet.
func Later(after time.Duration) error { return laterError{after} }

type giveUpError struct{ cause error }

func (e giveUpError) Error() string { return "given up: " + e.cause.Error() }
func (e giveUpError) Unwrap() error { return e.cause }

// GiveUp ends the job for good: trying again cannot help.
func GiveUp(cause error) error { return giveUpError{cause} }

// outcome turns our words into River's.
func (s *setup) outcome(ctx context.Context, job *rivertype.JobRow, err error) error {
	var later laterError
	var giveUp giveUpError
	switch {
	case errors.As(err, &later):
		return river.JobSnooze(later.after)
	case errors.As(err, &giveUp):
		s.log.WarnContext(ctx, "job given up", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "code", fail.CodeOf(err), "error", err)
		return river.JobCancel(giveUp.cause)
	}
	return err
}

// failures logs failed jobs by kind and id, never by their values.
type failures struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (f failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	level := slog.LevelWarn
	if job.Attempt >= job.MaxAttempts {
		level = slog.LevelError
	}
	f.log.Log(ctx, level, "job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "code", fail.CodeOf(err), "error", err)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (f failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "panic", value, "trace", trace)
	return nil
}

// quietLogger passes what River warns of; its chatter about starting and leading stays out. Failed
// jobs come from failures.
func quietLogger(log *slog.Logger) *slog.Logger { return slog.New(warnings{log.Handler()}) }

type warnings struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (h warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h warnings) WithGroup(name string) slog.Handler { return warnings{h.Handler.WithGroup(name)} }
