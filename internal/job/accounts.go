package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/accounts"
)

// SweepAccounts forgets ended sessions and old sign-in failures every hour.
func SweepAccounts(service *accounts.Service) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ accounts.Sweep) error {
			_, err := service.Sweep(ctx)
			return err
		}),
		queue.Every(time.Hour, func() queue.Job { return accounts.Sweep{} }),
	}
}
