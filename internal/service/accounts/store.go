package accounts

import (
	"context"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
)

// secretRow is an account with what only signing in looks at.
type secretRow struct {
	Account
	password      string
	passwordUntil time.Time
	totp          []byte
	totpStep      int64
	suspendedBy   sqldb.ID
	version       int64
}

const accountColumns = `id, login, name, password, password_until, totp, totp_step, demo, state, failures, locked_until, last_login, created_at, suspended_by, version,
	CASE WHEN nik_hash IS NULL THEN 0 ELSE 1 END`

func scanAccount(r sqldb.Row) (secretRow, error) {
	var a secretRow
	var state string
	var demo, failures, until, locked, last, created, known int64
	err := r.Scan(&a.ID, &a.Login, &a.Name, &a.password, &until, &a.totp, &a.totpStep, &demo, &state, &failures, &locked, &last, &created, &a.suspendedBy, &a.version, &known)
	a.State, a.Demo, a.Created = State(state), demo == 1, instant(created)
	a.LastLogin, a.Locked, a.passwordUntil = instant(last), instant(locked), instant(until)
	a.Factor = len(a.totp) > 0 && a.totpStep >= 0
	a.Temporary = until > 0
	a.NIKKnown = known == 1
	if failures < int64(perLogin.free) {
		a.Locked = time.Time{}
	}
	return a, err
}

// instant reads microseconds since 1970; zero is no instant.
func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// first gives the row found, or the empty one.
func first(rows []secretRow, err error) (secretRow, error) {
	if err != nil || len(rows) == 0 {
		return secretRow{}, err
	}
	return rows[0], nil
}

func accountByLogin(ctx context.Context, q sqldb.Querier, login string) (secretRow, error) {
	return first(sqldb.Collect(ctx, q, `SELECT `+accountColumns+` FROM account WHERE login = $1`, []any{login}, scanAccount))
}

func accountByID(ctx context.Context, q sqldb.Querier, id sqldb.ID) (secretRow, error) {
	return first(sqldb.Collect(ctx, q, `SELECT `+accountColumns+` FROM account WHERE id = $1`, []any{id}, scanAccount))
}

func grantsOf(ctx context.Context, q sqldb.Querier, id sqldb.ID) ([]Grant, error) {
	return sqldb.Collect(ctx, q, `
		SELECT role, area_code, valid_from, valid_to
		FROM account_grant WHERE account_id = $1
		ORDER BY valid_from, area_code, role`, []any{id}, scanGrant)
}

func scanGrant(r sqldb.Row) (Grant, error) {
	var role, from, to string
	var code int64
	if err := r.Scan(&role, &code, &from, &to); err != nil {
		return Grant{}, err
	}
	return grant(role, code, from, to)
}

func grant(role string, code int64, from, to string) (g Grant, err error) {
	g.Role, g.Area = access.Role(role), area.Code(code)
	if g.From, err = period.ParseDate(from); err != nil {
		return g, err
	}
	if to != "" {
		g.To, err = period.ParseDate(to)
	}
	return g, err
}

func accountTries(ctx context.Context, q sqldb.Querier, id sqldb.ID) (tries, error) {
	var t tries
	var until int64
	err := q.QueryRow(ctx, `SELECT failures, locked_until FROM account WHERE id = $1`, id).Scan(&t.failures, &until)
	t.until = time.UnixMicro(until)
	return t, err
}

func failuresOf(ctx context.Context, q sqldb.Querier, key sqldb.ID) (tries, error) {
	var t tries
	var until int64
	_, err := sqldb.Found(q.QueryRow(ctx, `SELECT failures, locked_until FROM sign_in_failure WHERE key = $1`, key).Scan(&t.failures, &until))
	t.until = time.UnixMicro(until)
	return t, err
}

// setAccountFailures changes the count only when it is still what was read.
func setAccountFailures(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, was, now tries) error {
	n, err := tx.Exec(ctx, `
		UPDATE account SET failures = $1, locked_until = $2
		WHERE id = $3 AND failures = $4 AND locked_until = $5`,
		now.failures, now.until.UnixMicro(), id, was.failures, was.until.UnixMicro())
	return moved(n, err)
}

func setFailures(ctx context.Context, tx *sqldb.Tx, key sqldb.ID, was, now tries) error {
	n, err := tx.Exec(ctx, `
		INSERT INTO sign_in_failure (key, failures, locked_until) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until
		WHERE sign_in_failure.failures = $4 AND sign_in_failure.locked_until = $5`,
		key, now.failures, now.until.UnixMicro(), was.failures, was.until.UnixMicro())
	return moved(n, err)
}

func moved(n int64, err error) error {
	if err == nil && n == 0 {
		return errMoved
	}
	return err
}

func deleteOldFailures(ctx context.Context, tx *sqldb.Tx, before time.Time) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM sign_in_failure WHERE locked_until < $1`, before.UnixMicro())
}

func useFactorStep(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, step int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE account SET totp_step = $1 WHERE id = $2 AND totp_step >= 0 AND totp_step < $1`, step, id)
}

func setLastLogin(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE account SET last_login = $1 WHERE id = $2`, now.UnixMicro(), id)
	return err
}

// rehash stores the same password at today's cost, unless it was changed meanwhile.
func rehash(ctx context.Context, tx *sqldb.Tx, id sqldb.ID, old, fresh string) error {
	_, err := tx.Exec(ctx, `UPDATE account SET password = $1 WHERE id = $2 AND password = $3`, fresh, id, old)
	return err
}
