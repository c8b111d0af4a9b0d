package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/looks"
)

// watchLooks looks through the log for what is out of the ordinary.
type watchLooks struct{}

// Kind names the job for good.
func (watchLooks) Kind() string { return "looks.watch" }

// WatchLooks watches the log every hour.
func WatchLooks(watched *looks.Service, now func() time.Time) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ watchLooks) error {
			_, err := watched.Watch(ctx, now())
			return err
		}),
		queue.Every(time.Hour, func() queue.Job { return watchLooks{} }),
	}
}
