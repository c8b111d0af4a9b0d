// Package job holds the background workers, one file a job: they call one service
// method and hold no rule.
package job

import (
	"context"

	"tepat/internal/kit/queue"
	"tepat/internal/service/runs"
)

// Runs works one chunk of a run at a time, so that no job is long and nobody waits for
// the writer behind one. A kill between two chunks loses nothing: the job is still there,
// and the run knows where it stands.
func Runs(service *runs.Service) queue.Part {
	return queue.Work(func(ctx context.Context, j runs.Job) error {
		_, more, err := service.Step(ctx, j.Tenant, j.Run)
		if err != nil {
			return err
		}
		if more {
			return queue.Later(0)
		}
		return nil
	})
}
