package papers

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Why a paper went; stored.
const (
	takenOut  = "taken_out"  // by somebody who works on the case
	takenBack = "taken_back" // by who sent it, before anybody looked
	unsent    = "unsent"     // its form was never sent
	retention = "retention"  // its time is over
)

const columns = `kabkota, id, case_kind, case_id, filed, area_code, what, format, size, digest, added_by, added_at, removed_at`

func scan(r sqldb.Row) (p Paper, err error) {
	var tenant, filed, code, added, removed int64
	err = r.Scan(&tenant, &p.ID, &p.Kind, &p.Case, &filed, &code, &p.What, &p.Format, &p.Size, &p.digest, &p.AddedBy, &added, &removed)
	p.Tenant, p.Filed, p.area, p.AddedAt, p.removed = area.Tenant(tenant), filed == 1, area.Code(code), time.UnixMicro(added).UTC(), removed > 0
	return p, err
}

// paperByID reads a paper that is there. Error: papers.unknown.
func paperByID(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Paper, error) {
	p, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM paper WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	ok, err := sqldb.Found(err)
	if err != nil {
		return p, fmt.Errorf("read paper: %w", err)
	}
	if !ok || p.removed {
		return p, fail.NotFound("papers.unknown")
	}
	return p, nil
}

func papersOf(ctx context.Context, q sqldb.Querier, in []area.Tenant, of sqldb.ID) ([]Paper, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + columns + ` FROM paper WHERE kabkota IN ` + sqldb.In(a, in) + ` AND case_id = ` + a.P(of) + ` AND removed_at = 0 ORDER BY id LIMIT ` + a.P(int64(Most))
	out, err := sqldb.Collect(ctx, q, query, a.Values, scan)
	if err != nil {
		return nil, fmt.Errorf("list papers: %w", err)
	}
	return out, nil
}

func insertPaper(ctx context.Context, tx *act.Tx, p Paper) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO paper (kabkota, id, case_kind, case_id, filed, area_code, what, format, size, digest, added_by, added_at, removed_at, removed_why, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, '', $13)`,
		int64(p.Tenant), p.ID, string(p.Kind), p.Case, flag(p.Filed), int64(p.area), string(p.What), string(p.Format), p.Size, p.digest,
		p.AddedBy, tx.Micros(), tx.Act)
	if err != nil {
		return fmt.Errorf("keep paper: %w", err)
	}
	return nil
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// insertParts keeps the content, unless another case of the district has the same.
func insertParts(ctx context.Context, tx *act.Tx, p Paper, sealed [][]byte) error {
	_, err := tx.ExecEach(ctx, `
		INSERT INTO paper_part (kabkota, digest, part, content) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kabkota, digest, part) DO NOTHING`, 4, len(sealed), func(i int, v []any) {
		v[0], v[1], v[2], v[3] = int64(p.Tenant), p.digest, int64(i), sealed[i]
	})
	if err != nil {
		return fmt.Errorf("keep content of paper: %w", err)
	}
	return nil
}

func partsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, digest sqldb.Hash) ([][]byte, error) {
	return sqldb.Collect(ctx, q, `
		SELECT content FROM paper_part WHERE kabkota = $1 AND digest = $2 ORDER BY part LIMIT $3`,
		[]any{int64(tenant), digest, int64(Largest/partSize + 1)}, func(r sqldb.Row) (content []byte, err error) {
			err = r.Scan(&content)
			return content, err
		})
}

// erase takes a paper away: the row says that it was there and why it went; its content goes when no other paper of the
// district has the same.
func erase(ctx context.Context, tx *act.Tx, p Paper, why string) error {
	n, err := tx.Exec(ctx, `
		UPDATE paper SET removed_at = $1, removed_by = $2, removed_why = $3, act_id = $4
		WHERE kabkota = $5 AND id = $6 AND removed_at = 0`, tx.Micros(), sqldb.ID(tx.Who.ID), why, tx.Act, int64(p.Tenant), p.ID)
	if err != nil {
		return fmt.Errorf("take paper out: %w", err)
	}
	if n == 0 {
		return fail.NotFound("papers.unknown")
	}
	_, err = tx.Exec(ctx, `
		DELETE FROM paper_part
		WHERE kabkota = $1 AND digest = $2 AND NOT EXISTS (SELECT 1 FROM paper p WHERE p.kabkota = $1 AND p.digest = $2 AND p.removed_at = 0)`,
		int64(p.Tenant), p.digest)
	if err != nil {
		return fmt.Errorf("erase content of paper: %w", err)
	}
	return nil
}

// Attach gives the papers of a form to the case it became, in the act that files it.
type Attach struct{}

// AttachIn moves them and gives how many there were.
func (Attach) AttachIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, form, to sqldb.ID) (int64, error) {
	n, err := tx.Exec(ctx, `UPDATE paper SET case_id = $1, filed = 1 WHERE kabkota = $2 AND case_id = $3 AND filed = 0`, to, int64(tenant), form)
	if err != nil {
		return 0, fmt.Errorf("give papers to their case: %w", err)
	}
	return n, nil
}
