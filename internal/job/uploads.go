package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/exchange"
)

// sweepUploads removes uploaded files that no run needs any more.
type sweepUploads struct{}

// Kind names the job for good.
func (sweepUploads) Kind() string { return "exchange.sweep_uploads" }

// SweepUploads removes the files of people whose run has ended, every hour.
func SweepUploads(uploads *exchange.Uploads, ended exchange.Ended) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ sweepUploads) error {
			_, err := uploads.Sweep(ctx, ended)
			return err
		}),
		queue.Every(time.Hour, func() queue.Job { return sweepUploads{} }),
	}
}
