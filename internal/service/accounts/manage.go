package accounts

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Suspend keeps an account from signing in and acting, at once: its sessions end. It needs one
// person, who manages or approves users wherever the account has a role, and who is not herself
// the one. Errors: account.unknown, account.own, account.suspended.
func (s *Service) Suspend(ctx context.Context, who access.Actor, id sqldb.ID) error {
	return s.manage(ctx, who, "account.suspend", id, []access.Permission{access.ManageUsers, access.ApproveUsers}, func(tx *act.Tx, row secretRow) error {
		if row.State == Suspended {
			return fail.Conflict("account.suspended")
		}
		return suspend(ctx, tx.Tx, row, who.ID)
	})
}

// Resume lifts a suspension. Whoever suspended the account may not: access.same_person.
func (s *Service) Resume(ctx context.Context, who access.Actor, id sqldb.ID) error {
	return s.manage(ctx, who, "account.resume", id, []access.Permission{access.ManageUsers, access.ApproveUsers}, func(tx *act.Tx, row secretRow) error {
		if row.State != Suspended {
			return fail.Conflict("account.not_suspended")
		}
		if err := access.OtherPerson(row.suspendedBy, who); err != nil {
			return err
		}
		return resume(ctx, tx.Tx, row)
	})
}

// ResetPassword gives an account a temporary password, shown once, and ends its sessions. An
// account that approves users is suspended until a second person resumes it: otherwise one
// administrator could act as both maker and checker. A second factor stays.
func (s *Service) ResetPassword(ctx context.Context, who access.Actor, id sqldb.ID) (Secret, error) {
	password := Secret(temporaryPassword())
	digest, err := s.hasher.hash(ctx, password.Reveal())
	if err != nil {
		return "", fmt.Errorf("reset password: %w", err)
	}
	err = s.manage(ctx, who, "account.reset_password", id, []access.Permission{access.ManageUsers}, func(tx *act.Tx, row secretRow) error {
		if err := setPassword(ctx, tx.Tx, id, digest, tx.Now.Add(temporaryLife)); err != nil {
			return err
		}
		grants, err := grantsOf(ctx, tx.Tx, id)
		if err != nil {
			return err
		}
		row.version++
		if approves(grants) && row.State == Active {
			return suspend(ctx, tx.Tx, row, who.ID)
		}
		return deleteSessionsOf(ctx, tx.Tx, id)
	})
	if err != nil {
		return "", err
	}
	return password, nil
}

func approves(grants []Grant) bool {
	for _, g := range grants {
		if g.Role.Has(access.ApproveUsers) {
			return true
		}
	}
	return false
}

// DropFactor takes the second factor off the account of somebody who lost the phone. It needs a
// person who approves users: whoever may reset passwords may not also take the factor away.
func (s *Service) DropFactor(ctx context.Context, who access.Actor, id sqldb.ID) error {
	return s.manage(ctx, who, "account.drop_factor", id, []access.Permission{access.ApproveUsers}, func(tx *act.Tx, row secretRow) error {
		if !row.Factor {
			return fail.Conflict("account.no_factor")
		}
		if err := setFactor(ctx, tx.Tx, id, nil, 0); err != nil {
			return err
		}
		return deleteSessionsOf(ctx, tx.Tx, id)
	})
}

// KnowNIK keeps the keyed hash of the NIK of whoever has the account (registry.Service.NIKHash), so that looks at her own family are
// found; a zero hash forgets it. The NIK itself is not kept. Errors: those of Suspend.
func (s *Service) KnowNIK(ctx context.Context, who access.Actor, id sqldb.ID, hash sqldb.Hash) error {
	return s.manage(ctx, who, "account.nik", id, []access.Permission{access.ManageUsers}, func(tx *act.Tx, row secretRow) error {
		return setNIK(ctx, tx.Tx, row, hash)
	})
}

// manage runs an act on somebody else's account. The actor needs one of the permissions wherever
// the account holds or awaits a role: a district's administrator has no say over a ministry's.
func (s *Service) manage(ctx context.Context, who access.Actor, name string, id sqldb.ID, with []access.Permission, f func(*act.Tx, secretRow) error) error {
	err := s.acts.Write(ctx, who, name, func(tx *act.Tx) error {
		row, err := mustAccount(ctx, tx.Tx, id)
		if err != nil {
			return err
		}
		home, err := s.allowWherever(ctx, tx, id, with)
		if err != nil {
			return err
		}
		if sqldb.ID(who.ID) == id {
			return fail.Forbidden("account.own")
		}
		if err := f(tx, row); err != nil {
			return err
		}
		return s.record(ctx, tx, id, home, nil)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// allowWherever asks for one of the permissions at every area of the account, and gives the first
// area. Roles that have ended count no more; an account without any role belongs to the nation.
func (s *Service) allowWherever(ctx context.Context, tx *act.Tx, id sqldb.ID, with []access.Permission) (area.Code, error) {
	places, err := s.placesOf(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	for _, at := range places {
		var denied error
		for _, p := range with {
			if denied = s.allow(tx, p, at); denied == nil {
				break
			}
		}
		if denied != nil {
			return 0, denied
		}
	}
	return places[0], nil
}

func (s *Service) placesOf(ctx context.Context, tx *act.Tx, id sqldb.ID) ([]area.Code, error) {
	grants, err := grantsOf(ctx, tx.Tx, id)
	if err != nil {
		return nil, err
	}
	asked, err := requestsOf(ctx, tx.Tx, []sqldb.ID{id})
	if err != nil {
		return nil, err
	}
	for _, r := range asked {
		grants = append(grants, r.Grant)
	}
	var out []area.Code
	for _, g := range grants {
		if g.To.IsZero() || s.places.LocalDate(g.Area, tx.Now).Before(g.To) {
			out = append(out, g.Area)
		}
	}
	if len(out) == 0 {
		out = append(out, area.Nation)
	}
	return out, nil
}
