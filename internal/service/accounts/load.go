package accounts

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// Load gives the person behind an account with the roles in force today at each role's own
// place, and the storage tenants they reach. Errors: access.nobody when there is no such account,
// account.suspended when it may not act.
func (s *Service) Load(ctx context.Context, id sqldb.ID) (access.Actor, error) {
	row, err := accountByID(ctx, s.acts.DB().Direct(), id)
	if err != nil {
		return access.Actor{}, fmt.Errorf("load account: %w", err)
	}
	return s.load(ctx, row)
}

func (s *Service) load(ctx context.Context, row secretRow) (access.Actor, error) {
	if row.ID.IsZero() {
		return access.Actor{}, fail.Unauthorized("access.nobody")
	}
	if row.State == Suspended {
		return access.Actor{}, fail.Forbidden("account.suspended")
	}
	grants, err := grantsOf(ctx, s.acts.DB().Direct(), row.ID)
	if err != nil {
		return access.Actor{}, fmt.Errorf("load grants: %w", err)
	}
	return s.actor(row.Account, grants), nil
}

// LoadSession is Load for a person who signed in: as long as she has not replaced the password an
// administrator gave her it refuses with account.must_change.
func (s *Service) LoadSession(ctx context.Context, id sqldb.ID) (access.Actor, error) {
	row, err := accountByID(ctx, s.acts.DB().Direct(), id)
	if err != nil {
		return access.Actor{}, fmt.Errorf("load account: %w", err)
	}
	if row.Temporary {
		return access.Actor{}, fail.Forbidden("account.must_change")
	}
	return s.load(ctx, row)
}

// LoadByLogin is Load by the login name, for commands that act --as somebody.
func (s *Service) LoadByLogin(ctx context.Context, login string) (access.Actor, error) {
	row, err := accountByLogin(ctx, s.acts.DB().Direct(), normalLogin(login))
	if err != nil {
		return access.Actor{}, fmt.Errorf("load account: %w", err)
	}
	if row.ID.IsZero() {
		return access.Actor{}, fail.Unauthorized("account.unknown_login")
	}
	return s.load(ctx, row)
}

func (s *Service) actor(a Account, grants []Grant) access.Actor {
	now := s.acts.Now()
	who := access.Actor{ID: a.ID, Name: a.Name, Login: a.Login}
	for _, g := range grants {
		if !g.Holds(s.places.LocalDate(g.Area, now)) {
			continue
		}
		granted := access.Grant{Role: g.Role, Area: g.Area, Tenants: s.places.TenantsIn(g.Area)}
		who.Grants = append(who.Grants, granted)
		if !g.Role.Has(access.ReadAudit) {
			continue
		}
		// Sealed audit entries keep the code of their day: whoever reads the log of an area
		// reads it under its abolished codes too. No other row carries such a code.
		for _, old := range s.places.Former(g.Area) {
			who.Grants = append(who.Grants, access.Grant{Role: g.Role, Area: old, Tenants: granted.Tenants})
		}
	}
	return who
}
