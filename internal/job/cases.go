package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
)

// proposalsDue asks again for people the civil registry has not answered for, and drops old drafts.
type proposalsDue struct{}

// Kind names the job for good.
func (proposalsDue) Kind() string { return "proposals.due" }

// casesDue escalates cases that are overdue and closes those that were answered long ago.
type casesDue struct{}

// Kind names the job for good.
func (casesDue) Kind() string { return "cases.due" }

// mostPending bounds the proposals one job asks for.
const mostPending = 200

// Cases looks after proposals, objections and complaints: silence is never a refusal.
func Cases(props *proposals.Service, cases *grievances.Service, now func() time.Time) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ proposalsDue) error {
			if _, err := props.CheckPending(ctx, mostPending); err != nil {
				return err
			}
			_, err := props.DropOldDrafts(ctx, now())
			return err
		}),
		queue.Work(func(ctx context.Context, _ casesDue) error {
			if _, err := cases.EscalateDue(ctx, now()); err != nil {
				return err
			}
			_, err := cases.CloseDue(ctx, now())
			return err
		}),
		queue.Every(10*time.Minute, func() queue.Job { return proposalsDue{} }),
		queue.Every(time.Hour, func() queue.Job { return casesDue{} }),
	}
}
