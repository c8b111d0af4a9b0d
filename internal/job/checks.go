package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/lookups"
)

// countChecks keeps how many public checks were answered.
type countChecks struct{}

// Kind names the job for good.
func (countChecks) Kind() string { return "checks.count" }

// CountChecks keeps the counts of the public checks every minute.
func CountChecks(checker *lookups.Checker, db *sqldb.DB) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ countChecks) error { return checker.KeepCounts(ctx, db) }),
		queue.Every(time.Minute, func() queue.Job { return countChecks{} }),
	}
}
