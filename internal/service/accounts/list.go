package accounts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// Filter narrows a list of accounts.
type Filter struct {
	Within area.Code // only accounts with a role in the area; Nation for all one may see
	State  State     // empty for all
	Search string    // the beginning of a login, or of any word of a name
	After  string    // the login after which the page begins
	Limit  int       // rows; at most 100, 0 means 20
}

// Page is one page of accounts in the order of their logins.
type Page struct {
	Accounts []Account
	Next     string // After of the next page, empty on the last
}

const (
	defaultLimit = 20
	maxLimit     = 100
	maxNames     = 500
)

// readers are the permissions that show accounts: those over users, and the auditor's.
func readers() []access.Permission {
	return []access.Permission{access.ManageUsers, access.ApproveUsers, access.ReadAudit}
}

// List gives a page of the accounts that hold, held or await a role where the actor manages or
// approves users, or reads the audit log. Error: access.denied.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) (Page, error) {
	if !slices.ContainsFunc(readers(), who.Can) {
		return Page{}, who.Allow(access.ManageUsers, 0, area.Nation)
	}
	if f.Limit <= 0 {
		f.Limit = defaultLimit
	}
	f.Limit = min(f.Limit, maxLimit)
	var page Page
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		rows, err := listAccounts(ctx, tx, who, f)
		if err != nil {
			return err
		}
		if len(rows) > f.Limit {
			rows = rows[:f.Limit]
			page.Next = rows[f.Limit-1].Login
		}
		page.Accounts, err = s.withRoles(ctx, tx, rows)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("list accounts: %w", err)
	}
	return page, nil
}

// One gives an account as List would. Error: account.unknown, also for what lies outside.
func (s *Service) One(ctx context.Context, who access.Actor, id sqldb.ID) (Account, error) {
	var found []Account
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		row, err := visibleAccount(ctx, tx, who, id)
		if err != nil {
			return err
		}
		found, err = s.withRoles(ctx, tx, row)
		return err
	})
	if err == nil && len(found) == 0 {
		err = fail.NotFound("account.unknown")
	}
	if err != nil {
		return Account{}, fmt.Errorf("read account: %w", err)
	}
	return found[0], nil
}

// Own gives one's own account.
func (s *Service) Own(ctx context.Context, who access.Actor) (Account, error) {
	var found []Account
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		row, err := mustAccount(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		found, err = s.withRoles(ctx, tx, []secretRow{row})
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("read own account: %w", err)
	}
	return found[0], nil
}

// withRoles adds the roles held and asked for, in two queries for the whole page.
func (s *Service) withRoles(ctx context.Context, tx *sqldb.Tx, rows []secretRow) ([]Account, error) {
	out := make([]Account, len(rows))
	ids := make([]sqldb.ID, len(rows))
	at := map[sqldb.ID]int{}
	for i, r := range rows {
		out[i], ids[i], at[r.ID] = r.Account, r.ID, i
		if !r.Locked.After(s.acts.Now()) {
			out[i].Locked = time.Time{} // the time of the last failure, not a lock
		}
	}
	asked, err := requestsOf(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range asked {
		a := &out[at[r.Account]]
		a.Requests = append(a.Requests, r)
	}
	return out, eachGrantOf(ctx, tx, ids, func(id sqldb.ID, g Grant) {
		a := &out[at[id]]
		a.Grants = append(a.Grants, g)
	})
}

// Awaiting gives the roles that wait for the actor's decision, the oldest first, after the given
// request; at most limit.
func (s *Service) Awaiting(ctx context.Context, who access.Actor, after sqldb.ID, limit int) ([]Request, error) {
	scope := who.ScopeOf(access.ApproveUsers)
	if scope.Empty() {
		return nil, who.Allow(access.ApproveUsers, 0, area.Nation)
	}
	if limit <= 0 || limit > maxLimit {
		limit = defaultLimit
	}
	out, err := awaiting(ctx, s.acts.DB().Direct(), scope, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return out, nil
}

// Names gives the names of accounts, to say who did something; unknown ids are left out. At most
// 500 are looked up.
func (s *Service) Names(ctx context.Context, ids []sqldb.ID) (map[sqldb.ID]string, error) {
	ids = slices.Compact(slices.SortedFunc(slices.Values(ids), func(a, b sqldb.ID) int { return strings.Compare(string(a[:]), string(b[:])) }))
	out, err := namesOf(ctx, s.acts.DB().Direct(), ids[:min(len(ids), maxNames)])
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	return out, nil
}
