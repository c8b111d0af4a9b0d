package accounts

import (
	"context"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const requestColumns = `q.id, q.account_id, a.login, a.name, q.role, q.area_code, q.valid_from, q.valid_to, q.requested_by, q.requested_at`

func scanRequest(r sqldb.Row) (Request, error) {
	var q Request
	var role, from, to string
	var code, at int64
	if err := r.Scan(&q.ID, &q.Account, &q.Login, &q.Name, &role, &code, &from, &to, &q.RequestedBy, &at); err != nil {
		return q, err
	}
	var err error
	q.RequestedAt = time.UnixMicro(at).UTC()
	q.Grant, err = grant(role, code, from, to)
	return q, err
}

func requestByID(ctx context.Context, q sqldb.Querier, id sqldb.ID) (Request, error) {
	found, err := sqldb.Collect(ctx, q, `
		SELECT `+requestColumns+`
		FROM grant_request q JOIN account a ON a.id = q.account_id
		WHERE q.id = $1`, []any{id}, scanRequest)
	if err == nil && len(found) == 0 {
		err = fail.NotFound("account.no_request")
	}
	if err != nil {
		return Request{}, err
	}
	return found[0], nil
}

// decideRequest moves a request on, once.
func decideRequest(ctx context.Context, tx *act.Tx, id sqldb.ID, state string) error {
	n, err := tx.Exec(ctx, `
		UPDATE grant_request SET state = $1, decided_by = $2, decided_at = $3
		WHERE id = $4 AND state = 'awaiting'`, state, sqldb.ID(tx.Who.ID), tx.Micros(), id)
	if err == nil && n == 0 {
		err = fail.Conflict("account.request_decided")
	}
	return err
}

// endGrant ends the grants of a role in an area that would still hold on the day. One that would
// begin later ends on the day it begins, and so never holds.
func endGrant(ctx context.Context, tx *sqldb.Tx, account sqldb.ID, role access.Role, at area.Code, on period.Date) (int64, error) {
	return tx.Exec(ctx, `
		UPDATE account_grant SET valid_to = CASE WHEN valid_from > $1 THEN valid_from ELSE $1 END
		WHERE account_id = $2 AND role = $3 AND area_code = $4 AND (valid_to = '' OR valid_to > $1)`,
		on.Text(), account, string(role), int64(at))
}

// requestsOf gives the undecided requests for the accounts.
func requestsOf(ctx context.Context, q sqldb.Querier, accounts []sqldb.ID) ([]Request, error) {
	args := sqldb.NewArgs(q)
	return sqldb.Collect(ctx, q, `
		SELECT `+requestColumns+`
		FROM grant_request q JOIN account a ON a.id = q.account_id
		WHERE q.state = 'awaiting' AND q.account_id IN `+sqldb.In(args, accounts)+`
		ORDER BY q.id`, args.Values, scanRequest)
}

func awaiting(ctx context.Context, q sqldb.Querier, scope access.Scope, after sqldb.ID, limit int) ([]Request, error) {
	args := sqldb.NewArgs(q)
	query := `
		SELECT ` + requestColumns + `
		FROM grant_request q JOIN account a ON a.id = q.account_id
		WHERE q.state = 'awaiting' AND ` + inScope(scope, "q.area_code", args)
	if !after.IsZero() {
		query += ` AND q.id > ` + args.P(after)
	}
	query += ` ORDER BY q.id LIMIT ` + args.P(limit)
	return sqldb.Collect(ctx, q, query, args.Values, scanRequest)
}

// eachGrantOf reads the roles of the accounts.
func eachGrantOf(ctx context.Context, q sqldb.Querier, accounts []sqldb.ID, f func(sqldb.ID, Grant)) error {
	args := sqldb.NewArgs(q)
	var id sqldb.ID
	var role, from, to string
	var code int64
	return sqldb.Each(ctx, q, `
		SELECT account_id, role, area_code, valid_from, valid_to
		FROM account_grant WHERE account_id IN `+sqldb.In(args, accounts)+`
		ORDER BY valid_from, area_code, role`, args.Values, func(r sqldb.Row) error {
		if err := r.Scan(&id, &role, &code, &from, &to); err != nil {
			return err
		}
		g, err := grant(role, code, from, to)
		f(id, g)
		return err
	})
}

// inScope bounds an area column by a scope. Accounts have no tenant: they are no district's rows.
func inScope(s access.Scope, column string, args *sqldb.Args) string {
	switch {
	case s.Nation():
		return "1 = 1"
	case s.Empty():
		return "1 = 0"
	}
	var parts []string
	for _, r := range s.Ranges() {
		parts = append(parts, column+" >= "+args.P(int64(r.From))+" AND "+column+" < "+args.P(int64(r.To)))
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// visible bounds accounts to those with a role, held or awaited, where the actor may see accounts.
func visible(who access.Actor, within area.Code, args *sqldb.Args) string {
	var parts []string
	for _, p := range readers() {
		scope := who.ScopeOf(p).Within(within)
		if scope.Empty() {
			continue
		}
		parts = append(parts,
			"EXISTS (SELECT 1 FROM account_grant g WHERE g.account_id = account.id AND "+inScope(scope, "g.area_code", args)+")",
			"EXISTS (SELECT 1 FROM grant_request q WHERE q.account_id = account.id AND q.state = 'awaiting' AND "+inScope(scope, "q.area_code", args)+")")
	}
	if len(parts) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func listAccounts(ctx context.Context, q sqldb.Querier, who access.Actor, f Filter) ([]secretRow, error) {
	args := sqldb.NewArgs(q)
	query := `SELECT ` + accountColumns + ` FROM account WHERE login > ` + args.P(f.After) + ` AND ` + visible(who, f.Within, args)
	if f.State != "" {
		query += ` AND state = ` + args.P(string(f.State))
	}
	if search := normalLogin(f.Search); search != "" {
		d := q.Dialect()
		query += ` AND (` + d.NameSearch("login", args.P(sqldb.LikePrefix(search))) +
			` OR ` + d.NameSearch("lower(name)", args.P(sqldb.LikePrefix(search))) +
			` OR ` + d.NameSearch("lower(name)", args.P("% "+sqldb.LikePrefix(search))) + `)`
	}
	query += ` ORDER BY login LIMIT ` + args.P(f.Limit+1)
	return sqldb.Collect(ctx, q, query, args.Values, scanAccount)
}

func visibleAccount(ctx context.Context, q sqldb.Querier, who access.Actor, id sqldb.ID) ([]secretRow, error) {
	args := sqldb.NewArgs(q)
	query := `SELECT ` + accountColumns + ` FROM account WHERE id = ` + args.P(id) + ` AND ` + visible(who, area.Nation, args)
	return sqldb.Collect(ctx, q, query, args.Values, scanAccount)
}

func namesOf(ctx context.Context, q sqldb.Querier, ids []sqldb.ID) (map[sqldb.ID]string, error) {
	out := map[sqldb.ID]string{}
	args := sqldb.NewArgs(q)
	err := sqldb.Each(ctx, q, `SELECT id, name FROM account WHERE id IN `+sqldb.In(args, ids), args.Values, func(r sqldb.Row) error {
		var id sqldb.ID
		var name string
		err := r.Scan(&id, &name)
		out[id] = name
		return err
	})
	return out, err
}

func copyGrants(ctx context.Context, tx *act.Tx, from, to area.Code, today, until period.Date) (int64, error) {
	type post struct {
		account sqldb.ID
		role    string
	}
	posts, err := sqldb.Collect(ctx, tx.Tx, `
		SELECT DISTINCT account_id, role FROM account_grant
		WHERE area_code = $1 AND valid_from <= $2 AND (valid_to = '' OR valid_to > $2)`, []any{int64(from), today.Text()}, func(r sqldb.Row) (post, error) {
		var p post
		err := r.Scan(&p.account, &p.role)
		return p, err
	})
	if err != nil {
		return 0, err
	}
	in := sqldb.Insert{Table: "account_grant", Columns: []string{"account_id", "role", "area_code", "valid_from", "valid_to", "granted_by"},
		OnConflict: "(account_id, role, area_code, valid_from) DO NOTHING"}
	return tx.Bulk(ctx, in, len(posts), func(i int, v []any) {
		v[0], v[1], v[2] = posts[i].account, posts[i].role, int64(to)
		v[3], v[4], v[5] = today.Text(), until.Text(), sqldb.ID(tx.Who.ID)
	})
}
