package registry

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
)

// Counts are the first figures of a registry.
type Counts struct {
	// Families and persons that came in by lists; Proposed are families that were proposed
	// and determined since.
	Families    int64            `json:"families"`
	Persons     int64            `json:"persons"`
	Households  int64            `json:"households"`
	NotMatching int64            `json:"not_matching"`
	Proposed    int64            `json:"proposed_families"`
	ByStatus    map[string]int64 `json:"by_status"`
}

// Count counts the active families and persons of a tenant.
func (s *Service) Count(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (Counts, error) {
	c := Counts{ByStatus: map[string]int64{}}
	err := q.QueryRow(ctx, `
		SELECT count(*), count(DISTINCT household_id) FROM family WHERE kabkota = $1 AND state = 1 AND persons > 0 AND source NOT LIKE 'USULAN-%'`, int64(tenant)).Scan(&c.Families, &c.Households)
	if err != nil {
		return c, fmt.Errorf("count families: %w", err)
	}
	err = q.QueryRow(ctx, `SELECT count(*) FROM family WHERE kabkota = $1 AND state = 1 AND source LIKE 'USULAN-%'`, int64(tenant)).Scan(&c.Proposed)
	if err != nil {
		return c, fmt.Errorf("count proposed families: %w", err)
	}
	err = sqldb.Each(ctx, q, `SELECT match_status, count(*) FROM person WHERE kabkota = $1 AND state = 1 AND source NOT LIKE 'USULAN-%' GROUP BY match_status`, []any{int64(tenant)}, func(r sqldb.Row) error {
		var status, n int64
		if err := r.Scan(&status, &n); err != nil {
			return err
		}
		c.Persons += n
		c.ByStatus[civilmatch.Status(status).Code()] = n
		if civilmatch.Status(status).Group() == civilmatch.NotMatching {
			c.NotMatching += n
		}
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("count persons: %w", err)
	}
	return c, nil
}
