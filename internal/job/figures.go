package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/insight"
)

// refreshFigures counts the figures of every village anew.
type refreshFigures struct{}

// Kind names the job for good.
func (refreshFigures) Kind() string { return "figures.refresh" }

// RefreshFigures counts the figures of the dashboards every ten minutes.
func RefreshFigures(service *insight.Service) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ refreshFigures) error {
			_, err := service.RefreshAll(ctx)
			return err
		}),
		queue.Every(10*time.Minute, func() queue.Job { return refreshFigures{} }),
	}
}
