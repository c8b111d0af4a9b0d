package runs

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// acting loads the person a run acts for, with her rights of today. A run whose person is suspended, or has lost the right to
// make such runs, halts: what it wrote stays, and it goes on where it stood when somebody else takes it over. Error: run.halted.
func (s *Service) acting(ctx context.Context, k Kind, r Run) (access.Actor, error) {
	who, err := s.actors(ctx, r.Actor())
	if err == nil {
		err = who.Allow(k.Start, r.Tenant, r.Area)
	}
	if !access.Gone(err) {
		return who, err
	}
	if !r.Halted() {
		if err := s.halt(ctx, r, err); err != nil {
			return who, err
		}
	}
	return who, fail.Conflict(haltedCode, "number", r.Number)
}

// halt notes that a run stands still. Nobody acts: it says what is so. Who moved the run meanwhile is before it.
func (s *Service) halt(ctx context.Context, r Run, cause error) error {
	err := s.acts.Unattended(ctx, r.ID, "system", "run.halt", s.acts.Now(), func(tx *act.Tx) (audit.Entry, error) {
		fresh, err := load(ctx, tx, r.Tenant, r.ID)
		if err != nil {
			return audit.Entry{}, err
		}
		if fresh.Version != r.Version {
			return audit.Entry{}, fail.Conflict("run.changed", "number", r.Number)
		}
		fresh.Failure = haltedCode
		if err := update(ctx, tx.Tx, fresh); err != nil {
			return audit.Entry{}, err
		}
		return entry(fresh, map[string]any{"state": string(fresh.State), "code": fail.CodeOf(cause)}), nil
	})
	if err != nil && fail.CodeOf(err) != "run.changed" {
		return fmt.Errorf("halt run: %w", err)
	}
	return err
}

// TakeOver lets a run that has halted go on where it stood, in the name of who takes it over. It needs the permission to make
// such runs, and another person than the one who approved it: the run keeps two. Errors: run.state when it has not halted,
// access.same_person.
func (s *Service) TakeOver(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Run, error) {
	return s.change(ctx, who, "run.take_over", tenant, id, starter, func(tx *act.Tx, _ Kind, r *Run) error {
		if !r.Halted() {
			return wrongState(*r)
		}
		if !r.ApprovedBy.IsZero() {
			if err := access.OtherPerson(r.ApprovedBy, who); err != nil {
				return err
			}
		}
		r.ActsBy, r.Failure = who.ID, ""
		return s.hand(ctx, tx, *r)
	})
}

// IsHalted reports whether an error says that a run has halted: no job need try again.
func IsHalted(err error) bool { return fail.CodeOf(err) == haltedCode }

// MayTakeOver reports whether the actor may let a halted run go on.
func (s *Service) MayTakeOver(r Run, who access.Actor) bool {
	return r.Halted() && s.MayStart(r, who) && (r.ApprovedBy.IsZero() || r.ApprovedBy != sqldb.ID(who.ID))
}
