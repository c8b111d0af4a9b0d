package papers

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/proposals"
)

// The deadlines of data/workflow that say how long papers are kept.
const (
	KeptDeadline   = "papers_kept"   // after the case's last step
	UnsentDeadline = "papers_unsent" // of a form that is not sent, after the paper was given
)

// sweepPage is how many papers are looked at, and erased, in one act.
const sweepPage = 100

// Sweep erases the papers whose time is over: of cases long decided, and of forms that were never sent. It gives how many
// went, and is for a periodic job. A case that goes on, or is opened again, keeps its papers.
func (s *Service) Sweep(ctx context.Context, now time.Time) (erased int64, err error) {
	for _, tenant := range s.Places.Tree().Written() {
		for at := (mark{}); ; {
			list, err := old(ctx, s.Acts.DB().Direct(), tenant, at)
			if err != nil {
				return erased, fmt.Errorf("look for papers whose time is over: %w", err)
			}
			n, err := s.sweepPage(ctx, tenant, list, now)
			if err != nil {
				return erased, err
			}
			if erased += n; len(list) < sweepPage {
				break
			}
			last := list[len(list)-1]
			at = mark{last.AddedAt.UnixMicro(), last.ID}
		}
	}
	return erased, nil
}

// mark is where reading goes on.
type mark struct {
	at int64
	id sqldb.ID
}

// old reads papers that are there, by age.
func old(ctx context.Context, q sqldb.Querier, tenant area.Tenant, from mark) ([]Paper, error) {
	if from.id.IsZero() {
		from.id[15] = 1 // the zero id is NULL
	}
	return sqldb.Collect(ctx, q, `
		SELECT `+columns+` FROM paper
		WHERE kabkota = $1 AND removed_at = 0 AND (added_at, id) > ($2, $3)
		ORDER BY added_at, id LIMIT $4`, []any{int64(tenant), from.at, from.id, int64(sweepPage)}, scan)
}

// sweepPage erases those of some papers whose time is over, in one act of the system.
func (s *Service) sweepPage(ctx context.Context, tenant area.Tenant, list []Paper, now time.Time) (int64, error) {
	over := map[sqldb.ID]string{}
	var gone []Paper
	for _, p := range list {
		why, err := s.over(ctx, s.Acts.DB().Direct(), p, now)
		if err != nil {
			return 0, err
		}
		if why != "" {
			over[p.ID], gone = why, append(gone, p)
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	home, err := s.Places.Tree().DistrictOf(tenant)
	if err != nil {
		return 0, err
	}
	var n int64
	err = proposals.Unattended(ctx, s.Acts, s.Home.ID, proposals.System, "paper.sweep", now, func(tx *act.Tx) (audit.Entry, error) {
		n = 0
		why := map[string]int{}
		for _, p := range gone {
			again, err := s.over(ctx, tx, p, now) // a case may have been opened since
			if err != nil {
				return audit.Entry{}, err
			}
			if again == "" {
				continue
			}
			if err := erase(ctx, tx, p, again); err != nil {
				return audit.Entry{}, err
			}
			why[again]++
			n++
		}
		return audit.Entry{Tenant: tenant, Area: home, Facts: map[string]any{"unsent": why[unsent], "retention": why[retention]}}, nil
	})
	if err != nil {
		return 0, fmt.Errorf("erase papers whose time is over: %w", err)
	}
	return n, nil
}

// over says why the time of a paper is over, and nothing while it is not.
func (s *Service) over(ctx context.Context, q sqldb.Querier, p Paper, now time.Time) (string, error) {
	c, ok, err := s.readCase(ctx, q, p.Tenant, p.Kind, p.Case)
	if err != nil {
		return "", fmt.Errorf("read case of paper: %w", err)
	}
	zone := s.Places.Tree().Zone(p.area).Location()
	today := period.DateOf(now, zone)
	past := func(deadline string, since time.Time) bool {
		last := s.Deadlines.Due(deadline, period.DateOf(since, zone), s.Calendar)
		return !last.IsZero() && last.Before(today)
	}
	switch {
	case !ok && !p.Filed && past(UnsentDeadline, p.AddedAt):
		return unsent, nil
	case ok && !c.open && past(KeptDeadline, c.ended):
		return retention, nil
	}
	return "", nil
}
