package accounts

import (
	"context"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// newAccount is what a new row says.
type newAccount struct {
	ID          sqldb.ID
	Login, Name string
	digest      string
	until       time.Time // of a temporary password, zero for one that lasts
	demo        bool
	at          time.Time
}

// micros writes an instant; none is zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

func insertAccount(ctx context.Context, tx *sqldb.Tx, a newAccount) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO account (id, login, name, password, password_until, totp, totp_step, demo, state,
			failures, locked_until, last_login, created_at, version)
		VALUES ($1, $2, $3, $4, $5, NULL, 0, $6, 'active', 0, 0, 0, $7, 1)`,
		a.ID, a.Login, a.Name, a.digest, micros(a.until), flag(a.demo), a.at.UnixMicro())
	return err
}

func countAccounts(ctx context.Context, q sqldb.Querier) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM account`).Scan(&n)
	return n, err
}

func setPassword(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, digest string, until time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE account SET password = $1, password_until = $2, failures = 0, locked_until = 0, version = version + 1
		WHERE id = $3`, digest, micros(until), id)
	return err
}

func insertGrant(ctx context.Context, tx *sqldb.Tx, account sqldb.ID, g Grant, by sqldb.ID) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO account_grant (account_id, role, area_code, valid_from, valid_to, granted_by)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		account, string(g.Role), int64(g.Area), g.From.Text(), g.To.Text(), by)
	return err
}

func insertRequest(ctx context.Context, tx *sqldb.Tx, r Request) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO grant_request (id, account_id, role, area_code, valid_from, valid_to, state, requested_by, requested_at, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'awaiting', $7, $8, 0)`,
		r.ID, r.Account, string(r.Grant.Role), int64(r.Grant.Area), r.Grant.From.Text(), r.Grant.To.Text(), r.RequestedBy, r.RequestedAt.UnixMicro())
	return err
}

// suspend takes the account out of use and ends its sessions.
func suspend(ctx context.Context, tx *sqldb.Tx, row secretRow, by sqldb.ID) error {
	if err := changed(tx.Exec(ctx, `
		UPDATE account SET state = 'suspended', suspended_by = $1, version = version + 1
		WHERE id = $2 AND version = $3`, by, row.ID, row.version)); err != nil {
		return err
	}
	return deleteSessionsOf(ctx, tx, row.ID)
}

func resume(ctx context.Context, tx *sqldb.Tx, row secretRow) error {
	return changed(tx.Exec(ctx, `
		UPDATE account SET state = 'active', suspended_by = NULL, failures = 0, locked_until = 0, version = version + 1
		WHERE id = $1 AND version = $2`, row.ID, row.version))
}

func setNIK(ctx context.Context, tx *sqldb.Tx, row secretRow, hash sqldb.Hash) error {
	return changed(tx.Exec(ctx, `UPDATE account SET nik_hash = $1, version = version + 1 WHERE id = $2 AND version = $3`, hash, row.ID, row.version))
}

// changed refuses a row that somebody else changed since it was read.
func changed(n int64, err error) error {
	if err == nil && n == 0 {
		return fail.Conflict("account.changed")
	}
	return err
}

// setFactor stores a sealed key and the last step used; nil takes the second factor off.
func setFactor(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, sealed []byte, step int64) error {
	var key any
	if sealed != nil {
		key = sealed
	}
	_, err := tx.Exec(ctx, `UPDATE account SET totp = $1, totp_step = $2, version = version + 1 WHERE id = $3`, key, step, id)
	return err
}
