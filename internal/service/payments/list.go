package payments

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// List is a list of recipients as far as paying needs it. One that another followed still says who was to be paid
// while it was in force.
type List struct {
	ID        sqldb.ID
	Programme programme.ID
	State     string       // as programmes names it: frozen, ending, superseded; anything else was never in force
	From      period.Month // in force from its first day, until the next one
}

// decided reports whether a decree put the list in force, be it over or not.
func (l List) decided() bool {
	return l.State == "frozen" || l.State == "ending" || l.State == "superseded"
}

// months gives the first and the last month of a programme's stage by its name; one of six a year is named by the first
// of its two months. Error: payments.period.
func months(p programme.Programme, stage string) (first, last period.Month, err error) {
	if m, err := period.ParseMonth(stage); err == nil {
		if stages := p.Payment.StagesPerYear; stages > 1 && stages < 12 && stages != 4 {
			return m, m.Add(12/stages - 1), nil
		}
		return m, m, nil
	}
	if q, err := period.ParseQuarter(stage); err == nil {
		all := q.Months()
		return all[0], all[2], nil
	}
	if d, err := period.ParseDate(stage); err == nil && len(stage) == len("2024") {
		first = period.MonthOf(d.Earliest())
		return first, first.Add(11), nil
	}
	return first, last, fail.Invalid("payments.period").On("period")
}

// inForce gives the list that a stage is paid from: the one in force on its first day. Where the programme had none
// then, it is the first that came into force before the stage ended. The lists are given latest month first, and of one
// month the last decided one first, which is the one that counts.
func inForce(lists []List, first, last period.Month) (found List, ok bool) {
	for _, l := range lists {
		if last.Before(l.From) || ok && l.From == found.From {
			continue
		}
		found, ok = l, true
		if !first.Before(l.From) {
			return found, true
		}
	}
	return found, ok
}

// listForIn finds the list a stage is paid from by its date. Error: payments.no_list (facts programme, period).
func listForIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, p programme.Programme, stage string) (List, error) {
	first, last, err := months(p, stage)
	if err != nil {
		return List{}, err
	}
	lists, err := decidedLists(ctx, q, tenant, p.ID, last)
	if err != nil {
		return List{}, fmt.Errorf("read lists: %w", err)
	}
	found, ok := inForce(lists, first, last)
	if !ok {
		return List{}, fail.Conflict("payments.no_list", "programme", string(p.ID), "period", stage).On("period")
	}
	return found, nil
}

// payableListIn gives the list a stage is opened with: the one in force for its period, which a list that is named must
// be. Errors: payments.list_unknown, payments.list_other (fact programme), payments.list_not_frozen (fact state),
// payments.list_not_in_force (facts period, held), payments.no_list.
func payableListIn(ctx context.Context, tx *act.Tx, p programme.Programme, in Opening) (List, error) {
	if in.List.IsZero() {
		return listForIn(ctx, tx, in.Tenant, p, in.Period)
	}
	named, err := listIn(ctx, tx, in.Tenant, in.List)
	switch {
	case err != nil:
		return named, err
	case named.Programme != in.Programme:
		return named, fail.Conflict("payments.list_other", "programme", string(named.Programme)).On("list")
	case !named.decided():
		return named, fail.Conflict("payments.list_not_frozen", "state", named.State).On("list")
	}
	held, err := listForIn(ctx, tx, in.Tenant, p, in.Period)
	if err == nil && held.ID != named.ID {
		err = fail.Conflict("payments.list_not_in_force", "period", in.Period, "held", held.From.Text()).On("list")
	}
	return held, err
}

// PaidFrom gives the list that a stage is paid from; the zero List when only the status of the centre is kept. It holds no
// persons, so that reading it is no act; the right to read runs in the district is asked.
func (s *Service) PaidFrom(ctx context.Context, who access.Actor, c Cycle) (List, error) {
	if err := s.mayRead(who, c.Tenant); err != nil || c.List.IsZero() {
		return List{}, err
	}
	return listIn(ctx, s.acts.DB().Direct(), c.Tenant, c.List)
}
