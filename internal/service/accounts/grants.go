package accounts

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Ask asks for a role for an account; a second person grants it. Errors beside those of checking:
// account.unknown, account.grant_exists.
func (s *Service) Ask(ctx context.Context, who access.Actor, account sqldb.ID, g Grant) (sqldb.ID, error) {
	if err := s.checkGrant(&g, s.places.LocalDate(g.Area, s.acts.Now())); err != nil {
		return sqldb.ID{}, err
	}
	id := sqldb.NewID()
	err := s.acts.Write(ctx, who, "account.ask", func(tx *act.Tx) error {
		if err := s.allow(tx, access.ManageUsers, g.Area); err != nil {
			return err
		}
		if _, err := mustAccount(ctx, tx.Tx, account); err != nil {
			return err
		}
		grants, err := grantsOf(ctx, tx.Tx, account)
		if err != nil {
			return err
		}
		if holds(grants, g) {
			return fail.Conflict("account.grant_exists")
		}
		asked := Request{ID: id, Account: account, Grant: g, RequestedBy: who.ID, RequestedAt: tx.Now}
		if err := insertRequest(ctx, tx.Tx, asked); err != nil {
			return err
		}
		return s.record(ctx, tx, account, g.Area, grantFacts(g))
	})
	if err != nil {
		return sqldb.ID{}, fmt.Errorf("ask for a role: %w", err)
	}
	return id, nil
}

// Approve grants a role that was asked for. Whoever asked for it, and the person it is for, may
// not: access.same_person. Other errors: account.no_request, account.request_decided,
// account.grant_exists.
func (s *Service) Approve(ctx context.Context, who access.Actor, request sqldb.ID) error {
	return s.decide(ctx, who, request, "approved")
}

// Refuse declines a role that was asked for; errors as Approve.
func (s *Service) Refuse(ctx context.Context, who access.Actor, request sqldb.ID) error {
	return s.decide(ctx, who, request, "refused")
}

func (s *Service) decide(ctx context.Context, who access.Actor, request sqldb.ID, state string) error {
	err := s.acts.Write(ctx, who, "account.grant_"+state, func(tx *act.Tx) error {
		r, err := requestByID(ctx, tx.Tx, request)
		if err != nil {
			return err
		}
		if err := s.allow(tx, access.ApproveUsers, r.Grant.Area); err != nil {
			return err
		}
		for _, involved := range []sqldb.ID{r.RequestedBy, r.Account} {
			if err := access.OtherPerson(involved, who); err != nil {
				return err
			}
		}
		if err := decideRequest(ctx, tx, request, state); err != nil {
			return err
		}
		if state == "approved" {
			if err := s.grant(ctx, tx, &r); err != nil {
				return err
			}
		}
		facts := grantFacts(r.Grant)
		facts["request"] = request
		return s.record(ctx, tx, r.Account, r.Grant.Area, facts)
	})
	if err != nil {
		return fmt.Errorf("decide on a role: %w", err)
	}
	return nil
}

// grant writes the role down; it never holds before the day it was approved on.
func (s *Service) grant(ctx context.Context, tx *act.Tx, r *Request) error {
	if today := s.places.LocalDate(r.Grant.Area, tx.Now); r.Grant.From.Before(today) {
		r.Grant.From = today
	}
	if !r.Grant.To.IsZero() && !r.Grant.From.Before(r.Grant.To) {
		return fail.Conflict("account.dates")
	}
	grants, err := grantsOf(ctx, tx.Tx, r.Account)
	if err != nil {
		return err
	}
	if holds(grants, r.Grant) {
		return fail.Conflict("account.grant_exists")
	}
	return insertGrant(ctx, tx.Tx, r.Account, r.Grant, tx.Who.ID)
}

// Withdraw takes back a role one asked for oneself, before it is decided. Errors:
// account.no_request, account.request_decided, access.denied for what somebody else asked for.
func (s *Service) Withdraw(ctx context.Context, who access.Actor, request sqldb.ID) error {
	err := s.acts.Write(ctx, who, "account.grant_withdrawn", func(tx *act.Tx) error {
		r, err := requestByID(ctx, tx.Tx, request)
		if err != nil {
			return err
		}
		if err := s.allow(tx, access.ManageUsers, r.Grant.Area); err != nil {
			return err
		}
		if r.RequestedBy != sqldb.ID(who.ID) {
			return fail.Forbidden("access.denied", "permission", string(access.ManageUsers))
		}
		if err := decideRequest(ctx, tx, request, "withdrawn"); err != nil {
			return err
		}
		return s.record(ctx, tx, r.Account, r.Grant.Area, grantFacts(r.Grant))
	})
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	return nil
}

// End sets the first day on which a role no longer holds, today or later; taking power away needs
// one person, who manages or approves users there. Error: account.no_grant.
func (s *Service) End(ctx context.Context, who access.Actor, account sqldb.ID, role access.Role, at area.Code, on period.Date) error {
	err := s.acts.Write(ctx, who, "account.end_grant", func(tx *act.Tx) error {
		if err := s.allowAny(tx, at); err != nil {
			return err
		}
		if today := s.places.LocalDate(at, tx.Now); on.Before(today) {
			on = today
		}
		n, err := endGrant(ctx, tx.Tx, account, role, at, on)
		if err != nil {
			return err
		}
		if n == 0 {
			return fail.NotFound("account.no_grant")
		}
		return s.record(ctx, tx, account, at, map[string]any{"role": role, "area": at.Dotted(), "to": on.Text()})
	})
	if err != nil {
		return fmt.Errorf("end a role: %w", err)
	}
	return nil
}

// allowAny asks for either of the two permissions over accounts at an area.
func (s *Service) allowAny(tx *act.Tx, at area.Code) error {
	if err := s.allow(tx, access.ManageUsers, at); err == nil {
		return nil
	}
	return s.allow(tx, access.ApproveUsers, at)
}

func mustAccount(ctx context.Context, q sqldb.Querier, id sqldb.ID) (secretRow, error) {
	row, err := accountByID(ctx, q, id)
	if err == nil && row.ID.IsZero() {
		err = fail.NotFound("account.unknown")
	}
	return row, err
}

// CaretakeIn gives everybody who holds a post in a district today the same post in the district
// that is made out of it, until the day, and gives the number of posts. It joins the act that
// splits the district; that act's second person is who grants them.
func (s *Service) CaretakeIn(ctx context.Context, tx *act.Tx, from, to area.Code, today, until period.Date) (int64, error) {
	n, err := copyGrants(ctx, tx, from, to, today, until)
	if err != nil {
		return 0, fmt.Errorf("name caretakers: %w", err)
	}
	return n, nil
}
