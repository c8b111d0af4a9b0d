package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/audit"
)

// sealAudit seals the audit entries that are due.
type sealAudit struct{}

// Kind names the job for good.
func (sealAudit) Kind() string { return "audit.seal" }

// SealAudit seals the log every five minutes.
func SealAudit(sealer *audit.Sealer, now func() time.Time) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ sealAudit) error {
			_, err := sealer.SealDue(ctx, now())
			return err
		}),
		queue.Every(5*time.Minute, func() queue.Job { return sealAudit{} }),
	}
}
