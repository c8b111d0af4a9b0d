package runs

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Newest gives the newest run of a kind in a tenant, for a job that follows it up; found is false without one.
func (s *Service) Newest(ctx context.Context, tenant area.Tenant, kind string) (r Run, found bool, err error) {
	list, err := sqldb.Collect(ctx, s.acts.DB().Direct(), `
		SELECT `+columns+` FROM run WHERE kabkota = $1 AND kind = $2 ORDER BY created_at DESC, id DESC LIMIT 1`, []any{int64(tenant), kind}, scan)
	if err != nil {
		return r, false, fmt.Errorf("read newest run: %w", err)
	}
	if len(list) == 0 {
		return r, false, nil
	}
	return list[0], true, nil
}
