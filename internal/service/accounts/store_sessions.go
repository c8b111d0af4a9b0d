package accounts

import (
	"context"
	"time"

	"tepat/internal/kit/sqldb"
)

const findSession = `SELECT data, expires_at FROM session WHERE token = $1 AND expires_at > $2`

func saveSession(ctx context.Context, tx *sqldb.Tx, key, account sqldb.ID, sealed []byte, expires time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO session (token, account_id, data, expires_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (token) DO UPDATE SET account_id = excluded.account_id, data = excluded.data, expires_at = excluded.expires_at`,
		key, account, sealed, expires.UnixMicro())
	return err
}

func deleteSession(ctx context.Context, tx *sqldb.Tx, key sqldb.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM session WHERE token = $1`, key)
	return err
}

func deleteSessionsOf(ctx context.Context, tx *sqldb.Tx, account sqldb.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM session WHERE account_id = $1`, account)
	return err
}

func deleteExpiredSessions(ctx context.Context, tx *sqldb.Tx, now time.Time) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM session WHERE expires_at <= $1`, now.UnixMicro())
}
