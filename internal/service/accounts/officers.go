package accounts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// Officer is a colleague work can be given to.
type Officer struct {
	ID    sqldb.ID
	Name  string
	Roles []access.Role
}

// mostOfficers bounds how many colleagues a form offers.
const mostOfficers = 100

// Officers gives who holds a permission at a place today, by name, for a form that hands work on. Who
// asks must hold it there herself. Error: access.denied.
func (s *Service) Officers(ctx context.Context, who access.Actor, p access.Permission, tenant area.Tenant, at area.Code) ([]Officer, error) {
	if err := who.Allow(p, tenant, at); err != nil {
		return nil, err
	}
	ids, err := holdersAt(ctx, s.acts.DB().Direct(), p, at)
	if err != nil {
		return nil, fmt.Errorf("list officers: %w", err)
	}
	var out []Officer
	for _, id := range ids {
		one, err := s.Load(ctx, id)
		if fail.CodeOf(err) == "account.suspended" {
			continue
		}
		if err != nil {
			return nil, err
		}
		if one.Allow(p, tenant, at) == nil { // the role is in force today
			out = append(out, Officer{ID: one.ID, Name: one.Name, Roles: one.Roles()})
		}
	}
	slices.SortFunc(out, func(a, b Officer) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// holdersAt gives the accounts with a role that carries a permission, at an area or one that holds it.
func holdersAt(ctx context.Context, q sqldb.Querier, p access.Permission, at area.Code) ([]sqldb.ID, error) {
	var roles []string
	for _, role := range access.Roles() {
		if role.Has(p) {
			roles = append(roles, string(role))
		}
	}
	codes := []int64{int64(at)}
	for code := at; code != area.Nation; {
		code = code.Parent()
		codes = append(codes, int64(code))
	}
	a := sqldb.NewArgs(q)
	query := `SELECT DISTINCT account_id FROM account_grant WHERE role IN ` + sqldb.In(a, roles) + ` AND area_code IN ` + sqldb.In(a, codes) +
		` ORDER BY account_id LIMIT ` + a.P(int64(mostOfficers))
	return sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (id sqldb.ID, err error) {
		err = r.Scan(&id)
		return id, err
	})
}
