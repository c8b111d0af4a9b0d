package exchange

import (
	"context"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// An export reads the whole of an area in the order of its villages. It takes only keys from
// the registry's tables; what people are, package registry opens.

// familyKey is where an export stands.
type familyKey struct {
	tenant area.Tenant
	id     sqldb.ID
	at     area.Code
	head   string
}

// page reads the keys of the next active families.
func (x *exporting) page(ctx context.Context, after familyKey) ([]familyKey, error) {
	a := sqldb.NewArgs(x.tx)
	query := `SELECT kabkota, id, area_code, head_name FROM family WHERE ` + act.Where(x.scope, "kabkota", "area_code", a) +
		` AND state = ` + a.P(int64(registry.Active))
	if !after.id.IsZero() {
		query += ` AND (area_code, head_name, id) > (` + a.P(int64(after.at)) + `, ` + a.P(after.head) + `, ` + a.P(after.id) + `)`
	}
	query += ` ORDER BY area_code, head_name, id LIMIT ` + a.P(int64(exportFamilies))
	return sqldb.Collect(ctx, x.tx, query, a.Values, func(r sqldb.Row) (k familyKey, err error) {
		var tenant, at int64
		err = r.Scan(&tenant, &k.id, &at, &k.head)
		k.tenant, k.at = area.Tenant(tenant), area.Code(at)
		return k, err
	})
}

// memberIDs reads who belongs to families now.
func memberIDs(ctx context.Context, q sqldb.Querier, tenant area.Tenant, families []sqldb.ID) ([]sqldb.ID, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT id FROM person WHERE kabkota = ` + a.P(int64(tenant)) + ` AND state = ` + a.P(int64(registry.Active)) + ` AND family_id IN ` + sqldb.In(a, families)
	return sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (id sqldb.ID, err error) {
		err = r.Scan(&id)
		return id, err
	})
}
