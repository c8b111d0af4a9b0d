package grievances

import (
	"context"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/proposals"
)

// batch bounds the cases of one look for late ones.
const batch = 200

// EscalateDue takes every case its office is late with to the level above, with a new date, and gives
// how many. It is the only thing time does to an open case: nothing is ever refused or dropped by
// it. It is for a periodic job.
func (s *Service) EscalateDue(ctx context.Context, now time.Time) (int64, error) {
	states := []string{
		string(proposal.ObjectionFiled), string(proposal.ObjectionAssigned), string(proposal.ObjectionFieldCheck), string(grievance.Received), string(grievance.Assigned),
	}
	return s.each(ctx, now, states, "grievance.escalate", func(tx *act.Tx, r *Row) error {
		if r.Kind == Objection {
			o, err := s.rules.Escalate(r.objection(), proposal.Step{At: tx.Now, On: s.today(tx, r)})
			if err == nil {
				r.fromObjection(o, "", "")
			}
			return err
		}
		g, err := s.answers.Act(r.complaint(), grievance.ActEscalate, grievance.Step{At: tx.Now, On: s.today(tx, r)})
		if err == nil {
			r.fromComplaint(g, "", "")
		}
		return err
	})
}

// each changes the cases that are past their day at their own village. One that moved meanwhile is left.
func (s *Service) each(ctx context.Context, now time.Time, states []string, name string, f func(*act.Tx, *Row) error) (done int64, err error) {
	for _, tenant := range s.places.Tree().Written() {
		today, err := s.dayOf(tenant, now)
		if err != nil {
			return done, err
		}
		for {
			ids, err := dueIn(ctx, s.acts.DB().Direct(), tenant, states, today, batch)
			if err != nil {
				return done, err
			}
			moved := int64(0)
			for _, id := range ids {
				err := s.unattended(ctx, tenant, id, proposals.System, name, now, f)
				switch fail.CodeOf(err) {
				case "objection.not_late", "grievance.not_late", "grievance.changed", "objection.transition", "grievance.transition":
					continue
				}
				if err != nil {
					return done, err
				}
				moved++
			}
			if done += moved; len(ids) < batch || moved == 0 {
				break
			}
		}
	}
	return done, nil
}

// dayOf gives the date at a tenant's district.
func (s *Service) dayOf(tenant area.Tenant, now time.Time) (period.Date, error) {
	home, err := s.places.Tree().DistrictOf(tenant)
	if err != nil {
		return period.Date{}, err
	}
	return s.places.LocalDate(home, now), nil
}

// CloseDue closes answered complaints that nobody may reopen any more, and gives how many. It is for a
// periodic job.
func (s *Service) CloseDue(ctx context.Context, now time.Time) (done int64, err error) {
	for _, tenant := range s.places.Tree().Written() {
		ids, err := answeredIn(ctx, s.acts.DB().Direct(), tenant)
		if err != nil {
			return done, err
		}
		for _, id := range ids {
			r, err := rowIn(ctx, s.acts.DB().Direct(), tenant, id)
			if err != nil {
				return done, err
			}
			if until := s.answers.ReopenUntil(r.complaint()); !s.places.LocalDate(r.Area, now).After(until) {
				continue
			}
			err = s.unattended(ctx, tenant, id, proposals.System, "grievance.close", now, func(tx *act.Tx, r *Row) error {
				g, err := s.answers.Act(r.complaint(), grievance.ActClose, grievance.Step{At: tx.Now, On: s.today(tx, r)})
				if err == nil {
					r.fromComplaint(g, "", "")
				}
				return err
			})
			if err != nil {
				return done, err
			}
			done++
		}
	}
	return done, nil
}

// answeredIn gives the answered complaints of a tenant, the longest ago first.
func answeredIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant) ([]sqldb.ID, error) {
	return sqldb.Collect(ctx, q, `
		SELECT id FROM grievance WHERE kabkota = $1 AND state = $2 AND kind = $3 ORDER BY recorded_at, id LIMIT $4`,
		[]any{int64(tenant), string(grievance.Answered), string(Complaint), int64(batch)}, func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
}
