package accounts

import (
	"context"
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
