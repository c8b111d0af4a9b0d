package job

import (
	"context"
	"time"

	"tepat/internal/kit/queue"
	"tepat/internal/service/grievances"
	"tepat/internal/service/papers"
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

// papersDue erases the papers whose time is over.
type papersDue struct{}

// Kind names the job for good.
func (papersDue) Kind() string { return "papers.due" }

// Papers erases, every hour, the files of cases that were decided long ago and of forms that were never sent.
func Papers(kept *papers.Service, now func() time.Time) []queue.Part {
	return []queue.Part{
		queue.Work(func(ctx context.Context, _ papersDue) error {
			_, err := kept.Sweep(ctx, now())
			return err
		}),
		queue.Every(time.Hour, func() queue.Job { return papersDue{} }), // a process that is restarted daily would never come to a day
	}
}

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
