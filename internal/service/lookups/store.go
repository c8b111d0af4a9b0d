package lookups

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const codeColumns = `kabkota, id, person_id, area_code, letter_id, number, code_hash, purpose, issued_at, issued_by, expires_on, used_at, uses, ended_at, ended_why`

// mostCodes bounds the codes of a family that are read: those that count are the newest.
const mostCodes = 50

func scanCode(r sqldb.Row) (c AccessCode, err error) {
	var tenant, code, issued, used, ended int64
	var expires string
	err = r.Scan(&tenant, &c.ID, &c.Person, &code, &c.Letter, &c.Number, &c.hash, &c.Purpose, &issued, &c.IssuedBy, &expires, &used, &c.Uses, &ended, &c.EndedWhy)
	if err != nil {
		return c, err
	}
	c.Tenant, c.Area, c.IssuedAt = area.Tenant(tenant), area.Code(code), time.UnixMicro(issued).UTC()
	if used > 0 {
		c.UsedAt = time.UnixMicro(used).UTC()
	}
	if ended > 0 {
		c.EndedAt = time.UnixMicro(ended).UTC()
	}
	c.ExpiresOn, err = period.ParseDate(expires)
	return c, err
}

// codeByID reads a code. Error: access_code.missing.
func codeByID(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (AccessCode, error) {
	c, err := scanCode(q.QueryRow(ctx, `SELECT `+codeColumns+` FROM access_code WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	ok, err := sqldb.Found(err)
	if err != nil {
		return c, fmt.Errorf("read access code: %w", err)
	}
	if !ok {
		return c, fail.NotFound("access_code.missing")
	}
	return c, nil
}

// codesOf reads the codes of some persons, the newest first.
func codesOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, persons []sqldb.ID) ([]AccessCode, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + codeColumns + ` FROM access_code WHERE kabkota = ` + a.P(int64(tenant)) + ` AND person_id IN ` + sqldb.In(a, persons) + ` ORDER BY id DESC LIMIT ` + a.P(int64(mostCodes))
	list, err := sqldb.Collect(ctx, q, query, a.Values, scanCode)
	if err != nil {
		return nil, fmt.Errorf("read access codes: %w", err)
	}
	return list, nil
}

func insertCode(ctx context.Context, tx *act.Tx, c AccessCode) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO access_code (kabkota, id, person_id, area_code, letter_id, number, code_hash, purpose, issued_at, issued_by, expires_on, used_at, uses, ended_at, ended_why, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, '', $12)`,
		int64(c.Tenant), c.ID, c.Person, int64(c.Area), c.Letter, c.Number, c.hash, c.Purpose, c.IssuedAt.UnixMicro(), c.IssuedBy, c.ExpiresOn.Text(), tx.Act)
	if err != nil {
		return fmt.Errorf("keep access code: %w", err)
	}
	return nil
}

// useCode notes that a code was used.
func useCode(ctx context.Context, tx *act.Tx, c AccessCode) error {
	_, err := tx.Exec(ctx, `UPDATE access_code SET used_at = $1, uses = uses + 1, act_id = $2 WHERE kabkota = $3 AND id = $4`, tx.Micros(), tx.Act, int64(c.Tenant), c.ID)
	if err != nil {
		return fmt.Errorf("note use of access code: %w", err)
	}
	return nil
}

func endCodes(ctx context.Context, tx *act.Tx, tenant area.Tenant, person sqldb.ID, why EndedWhy) error {
	_, err := tx.Exec(ctx, `
		UPDATE access_code SET ended_at = $1, ended_by = $2, ended_why = $3, act_id = $4
		WHERE kabkota = $5 AND person_id = $6 AND ended_at = 0`, tx.Micros(), sqldb.ID(tx.Who.ID), string(why), tx.Act, int64(tenant), person)
	if err != nil {
		return fmt.Errorf("end access codes: %w", err)
	}
	return nil
}
