package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/assessments"
	"tepat/internal/service/runs"
)

// rankChanged ranks families whose answers changed since they were estimated.
type rankChanged struct{}

// Kind names the job for good.
func (rankChanged) Kind() string { return "assess.rank_changed" }

// RankChanged ranks families anew within two minutes of a change of their answers, where an installation scores.
func RankChanged(service *assessments.Service, rs *runs.Service, actors runs.Actors) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ rankChanged) error {
			_, err := service.RankAllChanged(ctx, rs, actors)
			return err
		}),
		queue.Every(2*time.Minute, func() queue.Job { return rankChanged{} }),
	}
}
