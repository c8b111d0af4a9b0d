package letters

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const columns = `kabkota, id, number, kind, subject_id, area_code, facts, code, issued_at, expires_at, revoked_at`

func scan(row sqldb.Row) (Letter, error) {
	var l Letter
	var tenant, areaCode, issued, revoked int64
	var kind, facts, expires string
	err := row.Scan(&tenant, &l.ID, &l.Number, &kind, &l.Subject, &areaCode, &facts, &l.Code, &issued, &expires, &revoked)
	if err != nil {
		return l, err
	}
	l.Tenant, l.Kind, l.Area, l.Facts, l.IssuedAt = area.Tenant(tenant), Kind(kind), area.Code(areaCode), json.RawMessage(facts), time.UnixMicro(issued).UTC()
	if revoked > 0 {
		l.RevokedAt = time.UnixMicro(revoked).UTC()
	}
	if expires != "" {
		l.Expires, err = period.ParseDate(expires)
	}
	return l, err
}

func load(ctx context.Context, q sqldb.Querier, tenants []area.Tenant, id sqldb.ID) (Letter, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + columns + ` FROM letter WHERE kabkota IN ` + sqldb.In(a, tenants) + ` AND id = ` + a.P(id)
	l, err := scan(q.QueryRow(ctx, query, a.Values...))
	return sqldb.Sole(l, err, "read letter", fail.NotFound("letter.unknown"))
}

func byCode(ctx context.Context, q sqldb.Querier, tenant area.Tenant, code string) (Letter, error) {
	return scan(q.QueryRow(ctx, `SELECT `+columns+` FROM letter WHERE kabkota = $1 AND code = $2`, int64(tenant), code))
}

const maxList = 200

func listOf(ctx context.Context, q sqldb.Querier, scope access.Scope, tenants []area.Tenant, subjects []sqldb.ID) ([]Letter, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + columns + ` FROM letter WHERE kabkota IN ` + sqldb.In(a, tenants) + ` AND subject_id IN ` + sqldb.In(a, subjects) +
		` AND ` + act.Where(scope, "kabkota", "area_code", a) + ` ORDER BY id DESC LIMIT ` + a.P(int64(maxList))
	return sqldb.Collect(ctx, q, query, a.Values, scan)
}

// insert writes letters and gives how many: one whose code is taken is left out.
func insert(ctx context.Context, tx *act.Tx, list []*Letter) (int64, error) {
	in := sqldb.Insert{
		Table:      "letter",
		Columns:    []string{"kabkota", "id", "number", "kind", "subject_id", "area_code", "facts", "code", "issued_at", "expires_at", "act_id", "revoked_at"},
		OnConflict: "(kabkota, code) DO NOTHING",
	}
	return tx.Bulk(ctx, in, len(list), func(i int, v []any) {
		l := list[i]
		v[0], v[1], v[2], v[3], v[4], v[5] = int64(l.Tenant), l.ID, l.Number, string(l.Kind), l.Subject, int64(l.Area)
		v[6], v[7], v[8], v[9], v[10], v[11] = string(l.Facts), l.Code, l.IssuedAt.UnixMicro(), l.Expires.Text(), tx.Act, int64(0)
	})
}

const inSize = 400

// missing gives the letters that were left out.
func missing(ctx context.Context, q sqldb.Querier, list []*Letter) ([]*Letter, error) {
	written := make(map[sqldb.ID]bool, len(list))
	for some := range slices.Chunk(list, inSize) {
		ids := make([]sqldb.ID, len(some))
		for i, l := range some {
			ids[i] = l.ID
		}
		a := sqldb.NewArgs(q)
		query := `SELECT id FROM letter WHERE kabkota = ` + a.P(int64(some[0].Tenant)) + ` AND id IN ` + sqldb.In(a, ids)
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			err := r.Scan(&id)
			written[id] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(l *Letter) bool { return written[l.ID] }), nil
}
