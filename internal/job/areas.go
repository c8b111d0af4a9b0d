package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/areas"
	"tepat/internal/service/runs"
)

// applyAreas goes on with a change of areas that was approved.
type applyAreas struct{}

// Kind names the job for good.
func (applyAreas) Kind() string { return "areas.apply" }

// ApplyAreas applies an approved change of areas within a minute, also one that a kill has cut.
func ApplyAreas(places *areas.Service, actors runs.Actors) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ applyAreas) error { return places.ApplyApproved(ctx, actors) }),
		queue.Every(time.Minute, func() queue.Job { return applyAreas{} }),
	}
}
