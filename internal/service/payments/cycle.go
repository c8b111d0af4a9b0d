package payments

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
)

// CycleState is where a stage of payment stands; its words are payments.cycle.<state> of the catalogue.
type CycleState string

// The states of a stage.
const (
	Open        CycleState = "open"        // rows are worked out, or the status of the centre is being imported
	Instructed  CycleState = "instructed"  // the order released the money
	Reconciling CycleState = "reconciling" // the bank has answered
	Closing     CycleState = "closing"     // a run is closing it: no result is taken any more
	Closed      CycleState = "closed"
	Cancelled   CycleState = "cancelled" // taken back before it was instructed
)

// Cycle is one stage of payment of one programme in one district.
type Cycle struct {
	Tenant    area.Tenant
	ID        sqldb.ID
	Version   int64
	Run       sqldb.ID // that worked out its rows
	List      sqldb.ID // the list it pays, in force for its period; zero when only the status is imported
	Programme programme.ID
	Period    string // "2024-10", "2024-Q4", "2024"
	OwnMoney  bool   // paid from here; else the status of the centre
	State     CycleState
	Rows      int64
	Amount    money.Rupiah // of all rows, excluded ones too
	Order     string       // number of the order that released the money (SP2D)
	OrderedOn period.Date
	Disbursed money.Rupiah // by that order
	OpenedBy  sqldb.ID
	ClosedBy  sqldb.ID
	ClosedAt  time.Time
	ChangedAt time.Time
}

// Opening is what a stage is opened with.
type Opening struct {
	Tenant    area.Tenant
	Programme programme.ID
	Period    string
	// List is the list to pay, when somebody wants to be sure of it; by default it is found by the date of the stage.
	List sqldb.ID
	// Status keeps the status of what the level above pays, although this installation may pay it itself: in training.
	Status bool
}

// PeriodOf gives the name of a programme's stage that a day lies in: the quarter for one with four stages a
// year, the year for one, else the month the stage begins in.
func PeriodOf(p programme.Programme, day period.Date) string {
	switch stages := p.Payment.StagesPerYear; stages {
	case 4:
		return period.MonthOf(day).Quarter().Text()
	case 0, 1:
		return fmt.Sprintf("%04d", day.Year())
	default:
		months := max(12/stages, 1)
		return period.MonthOf(day).Add(-(int(day.Month()) - 1) % months).Text()
	}
}

// programmeAt gives the cycle's programme by the rules in force when the stage begins.
func (s *Service) programmeAt(id programme.ID, stage string) (programme.Programme, period.Date, error) {
	first, _, err := months(programme.Programme{}, stage)
	if err != nil {
		return programme.Programme{}, period.Date{}, err
	}
	day := first.First()
	p, err := s.catalogue.At(day).Programme(id)
	return p, day, err
}

// duty gives the duty of paying a programme.
func duty(p programme.Programme) installation.Duty {
	if p.Owner == programme.OwnerNational {
		return installation.PayCentral
	}
	return installation.PayLocal
}

// OpenCycle opens a stage. What this installation may pay is paid from here, from the list in force for the stage's
// period, be that list followed by another meanwhile or not; of the rest the status of what another level pays is kept.
// Errors: payments.period, programme.not_in_force, installation.not_our_level, payments.needs_list,
// payments.period_taken (facts programme, period), and those of payableListIn.
func (s *Service) OpenCycle(ctx context.Context, who access.Actor, in Opening) (c Cycle, err error) {
	district, err := s.district(in.Tenant)
	if err != nil {
		return c, err
	}
	p, _, err := s.programmeAt(in.Programme, in.Period)
	if err != nil {
		return c, err
	}
	own, err := s.paidHere(p, in)
	if err != nil {
		return c, err
	}
	err = s.acts.Write(ctx, who, "payments.open", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunPayment, in.Tenant, district); err != nil {
			return err
		}
		facts := map[string]any{"programme": in.Programme, "period": in.Period, "own_money": own}
		c = Cycle{Tenant: in.Tenant, ID: tx.NewID(), Version: 1, Programme: in.Programme, Period: in.Period, OwnMoney: own,
			State: Open, OpenedBy: who.ID, ChangedAt: tx.Now}
		if own {
			list, err := payableListIn(ctx, tx, p, in)
			if err != nil {
				return err
			}
			c.List = list.ID
			facts["list"], facts["list_from"], facts["list_state"] = list.ID.String(), list.From.Text(), list.State
		}
		if err := insertCycle(ctx, tx, c); err != nil {
			if sqldb.IsUnique(err) {
				return fail.Conflict("payments.period_taken", "programme", string(in.Programme), "period", in.Period)
			}
			return fmt.Errorf("keep stage: %w", err)
		}
		return tx.Record(ctx, s.entry(c, district, facts))
	})
	return c, err
}

// paidHere reports whether a stage is paid from here. Errors: installation.not_our_level when a list is named that
// another level pays, payments.needs_list when only the status is wanted of what must be paid here.
func (s *Service) paidHere(p programme.Programme, in Opening) (bool, error) {
	switch may := s.home.May(duty(p)); {
	case !in.List.IsZero():
		return true, s.home.MustPerform(duty(p))
	case in.Status && may && !s.home.Training:
		return false, fail.Invalid("payments.needs_list").On("list")
	default:
		return may && !in.Status, nil
	}
}

// entry is the audit entry of a stage.
func (s *Service) entry(c Cycle, district area.Code, facts map[string]any) audit.Entry {
	return audit.Entry{Tenant: c.Tenant, Area: district, Subject: c.ID, Facts: facts}
}

// Show gives one stage. It holds sums and no persons, so that reading it is no act; the right to read
// runs in the district is asked. Error: payments.cycle_unknown.
func (s *Service) Show(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Cycle, error) {
	c, err := cycleIn(ctx, s.acts.DB().Direct(), tenant, id)
	if err != nil {
		return c, err
	}
	return c, s.mayRead(who, tenant)
}

// MayShow tells whether somebody may see a stage of a district as a whole, and not her village's rows alone.
func (s *Service) MayShow(who access.Actor, tenant area.Tenant) bool {
	return s.mayRead(who, tenant) == nil
}

func (s *Service) mayRead(who access.Actor, tenant area.Tenant) error {
	district, err := s.district(tenant)
	if err != nil {
		return err
	}
	return who.Allow(access.ReadRuns, tenant, district)
}

// CycleFilter narrows a list of stages.
type CycleFilter struct {
	Programme programme.ID
	State     CycleState
	// Before continues a list behind this stage.
	Before Cycle
	Limit  int
}

// Cycles gives the stages of a district, the latest period first, 200 at most.
func (s *Service) Cycles(ctx context.Context, who access.Actor, tenant area.Tenant, f CycleFilter) ([]Cycle, error) {
	if err := s.mayRead(who, tenant); err != nil {
		return nil, err
	}
	out, err := listCycles(ctx, s.acts.DB().Direct(), tenant, f)
	if err != nil {
		return nil, fmt.Errorf("list stages: %w", err)
	}
	return out, nil
}
