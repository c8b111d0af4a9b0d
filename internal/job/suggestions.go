package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/runs"
	"tepat/internal/service/suggestions"
)

// renewSuggestions looks for districts whose suggestions are old.
type renewSuggestions struct{}

// Kind names the job for good.
func (renewSuggestions) Kind() string { return "suggestions.renew" }

// RenewSuggestions works suggestions out anew within ten minutes of a match, a civil file or a repair.
func RenewSuggestions(service *suggestions.Service, rs *runs.Service, actors runs.Actors) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ renewSuggestions) error {
			_, err := service.Renew(ctx, rs, actors)
			return err
		}),
		queue.Every(10*time.Minute, func() queue.Job { return renewSuggestions{} }),
	}
}
