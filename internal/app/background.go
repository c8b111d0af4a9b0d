package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tepat/internal/job"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/queue"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
)

// jobs hands jobs to the queue while there is one. A command that works its runs
// itself has none, and enqueues nothing.
type jobs struct{ b *house }

func (j jobs) Enqueue(ctx context.Context, tx *sqldb.Tx, work any) error {
	if j.b.queue == nil {
		return fmt.Errorf("enqueue %T: %w", work, act.ErrNoQueue)
	}
	return j.b.queue.Enqueue(ctx, tx, work)
}

// background gives the job that works a run; nil while commands work theirs themselves.
func (b *house) background(r runs.Run) any {
	if b.queue == nil {
		return nil
	}
	return runs.JobOf(r)
}

// work starts the background workers.
func (b *house) work(ctx context.Context) error {
	parts := []queue.Part{job.Runs(b.Runs), job.WatchRuns(b.Runs, time.Now, b.enqueue)}
	parts = append(parts, job.CheckAgain(b.Civil, b.Accounts.Load))
	parts = append(parts, job.SealAudit(b.Sealer, b.Acts.Now)...)
	parts = append(parts, job.SweepAccounts(b.Accounts)...)
	parts = append(parts, job.SweepUploads(exchange.NewUploads(b.uploadDir(), b.uploadLimit, b.Acts.Now), b.Runs.Ended)...)
	parts = append(parts, job.Cases(b.Proposals, b.Grievances, b.Acts.Now)...)
	parts = append(parts, job.Papers(b.Papers, b.Acts.Now)...)
	parts = append(parts, job.RefreshFigures(b.Insight)...)
	parts = append(parts, job.WatchLooks(b.looks(), b.Acts.Now)...)
	parts = append(parts, job.RenewSuggestions(b.Suggestions, b.Runs, b.Accounts.Load)...)
	parts = append(parts, job.ApplyAreas(b.Places, b.Accounts.Load)...)
	parts = append(parts, job.RankChanged(b.Assessments, b.Runs, b.Accounts.Load)...)
	if b.checker != nil {
		parts = append(parts, job.CountChecks(b.checker, b.DB)...)
	}
	q, err := queue.Open(ctx, b.DB, b.log, parts...)
	if err != nil {
		return err
	}
	b.queue = q
	if err := q.Start(ctx); err != nil {
		return err
	}
	// Due times of jobs are of this machine's clock, which in a demo is not the house's.
	return job.TakeUp(ctx, b.Runs, b.DB.Dialect() == sqldb.SQLite, time.Now, b.enqueue)
}

// enqueue adds jobs in a transaction of their own.
func (b *house) enqueue(ctx context.Context, jobs ...any) error {
	return b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		for _, one := range jobs {
			if err := b.queue.Enqueue(ctx, tx, one); err != nil {
				return err
			}
		}
		return nil
	})
}

// labour works the jobs without serving, until the context ends.
func (b *house) labour(ctx context.Context, ready func()) error {
	if err := b.work(ctx); err != nil {
		return err
	}
	ready()
	<-ctx.Done()
	return nil
}

// close ends the workers, then the database.
func (b *house) close() (err error) {
	if b.queue != nil {
		err = b.queue.Stop(context.Background())
	}
	if b.queue != nil && b.DB.Dialect() == sqldb.SQLite {
		// The next start may be days away, and what no seal covers by then looks as if its seal had been taken out.
		if _, failed := b.Sealer.SealAll(context.Background(), b.Acts.Now()); failed != nil {
			b.log.Warn("the newest entries of the log are not sealed", "code", fail.CodeOf(failed), "error", failed)
		}
	}
	return errors.Join(err, b.DB.Close())
}
