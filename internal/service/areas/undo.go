package areas

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Undo proposes the way back from a change that is done, for a second person to approve like every change: codes and names as
// they were, what came into being ends while nobody lives there, what ended is there again. basis is the document that takes
// it back. Errors: area.change_unknown, area.change_not_running, area.undo_merged (fact area) when villages were merged, whose
// families cannot be told apart any more, area.undo_district (fact area) when a district or province came into being, and
// those of Propose.
func (s *Service) Undo(ctx context.Context, who access.Actor, id sqldb.ID, basis string, on period.Date) (Change, error) {
	c, err := changeByID(ctx, s.acts.DB().Direct(), id)
	if err != nil {
		return Change{}, err
	}
	about := s.present(c.Decree.About)
	if err := who.Allow(access.Administer, s.TenantOf(about), about); err != nil {
		return Change{}, err
	}
	if c.State != Finished {
		return Change{}, fail.Conflict("area.change_not_running")
	}
	back, err := c.Decree.back(about, basis, on)
	if err != nil {
		return Change{}, err
	}
	back.Undoes = c.ID.String()
	out, err := s.Propose(ctx, who, back)
	if err != nil {
		return out, fmt.Errorf("take back change of areas: %w", err)
	}
	return out, nil
}

// back gives the decree that leads back.
func (d Decree) back(about area.Code, basis string, on period.Date) (Decree, error) {
	out := Decree{About: about, Basis: basis, From: on}
	for _, m := range d.Moves {
		if m.Merged {
			return out, fail.Conflict("area.undo_merged", "area", m.From.Dotted())
		}
		if m.From == d.About {
			out.About = m.To
		}
		out.Moves = append(out.Moves, Move{From: m.To, To: m.From, Name: m.Was})
	}
	for _, r := range d.Renames {
		out.Renames = append(out.Renames, Rename{Code: r.Code, Name: r.Was, BPS: r.WasBPS, Was: r.Name, WasBPS: r.BPS})
	}
	for _, n := range d.New {
		if n.Code.Level() <= area.LevelDistrict {
			return out, fail.Conflict("area.undo_district", "area", n.Code.Dotted())
		}
		out.Ends = append(out.Ends, End{Code: n.Code, Name: n.Name, BPS: n.BPS})
	}
	for _, e := range d.Ends {
		out.New = append(out.New, NewPlace{Code: e.Code, Name: e.Name, BPS: e.BPS})
	}
	return out, nil
}

// mostAtOnce bounds the steps of a change that one call of ApplyApproved does.
const mostAtOnce = 2000

// ApplyApproved goes on with the change that is approved, for who approved it, with her rights of today. It is for a periodic
// job: nobody need wait for it, and a call that was cut goes on where it was. A change whose approver was suspended or has lost
// the right halts until another person approves it again.
func (s *Service) ApplyApproved(ctx context.Context, load func(ctx context.Context, id sqldb.ID) (access.Actor, error)) error {
	list, err := listChanges(ctx, s.acts.DB().Direct(), 1)
	if err != nil || len(list) == 0 || list[0].State != Running {
		return err
	}
	who, err := load(ctx, list[0].ApprovedBy)
	if access.Gone(err) {
		return s.halt(ctx, list[0], err)
	}
	if err != nil {
		return fmt.Errorf("load who approved the change of areas: %w", err)
	}
	for range mostAtOnce {
		c, more, err := s.Step(ctx, who, list[0].ID)
		switch fail.CodeOf(err) {
		case "area.change_not_running", "area.change_decided":
			return nil // somebody else did it
		}
		if access.Gone(err) {
			return s.halt(ctx, c, err)
		}
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// halt stops a change for whose approver nothing may be done any more. Nobody acts: it says what is so. Somebody else who
// approves it or finishes it meanwhile is before it.
func (s *Service) halt(ctx context.Context, c Change, cause error) error {
	about := s.present(c.Decree.About)
	err := s.acts.Unattended(ctx, c.ID, "system", "area.halt", s.acts.Now(), func(tx *act.Tx) (audit.Entry, error) {
		if err := setChangeState(ctx, tx, c, Running, Halted); err != nil {
			return audit.Entry{}, err
		}
		return audit.Entry{Tenant: s.RecordTenant(about), Area: about, Subject: c.ID,
			Facts: map[string]any{"code": fail.CodeOf(cause), "done": c.Done, "steps": c.Steps, "digest": c.Digest}}, nil
	})
	if fail.CodeOf(err) == "area.change_decided" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("halt change of areas: %w", err)
	}
	return nil
}

// Change shows one change, for whoever may see the list of them.
func (s *Service) Change(ctx context.Context, who access.Actor, id sqldb.ID) (Change, error) {
	if !who.Can(access.Administer) && !who.Can(access.ApproveUsers) && !who.Can(access.ReadAudit) {
		return Change{}, who.Allow(access.Administer, 0, area.Nation)
	}
	return changeByID(ctx, s.acts.DB().Direct(), id)
}
