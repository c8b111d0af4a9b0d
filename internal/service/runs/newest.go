package runs

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Newest gives the newest run of a kind in a tenant, for a job that follows it up; found is false without one.
func (s *Service) Newest(ctx context.Context, tenant area.Tenant, kind string) (r Run, found bool, err error) {
	return NewestIn(ctx, s.acts.DB().Direct(), tenant, kind)
}

// NewestIn is Newest as q sees the database.
func NewestIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, kind string) (r Run, found bool, err error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT `+columns+` FROM run WHERE kabkota = $1 AND kind = $2 ORDER BY created_at DESC, id DESC LIMIT 1`, []any{int64(tenant), kind}, scan)
	if err != nil {
		return r, false, fmt.Errorf("read newest run: %w", err)
	}
	if len(list) == 0 {
		return r, false, nil
	}
	return list[0], true, nil
}

// doneLooked is how many runs that ended are looked at for one over the whole of a district.
const doneLooked = 50

// LastDoneIn gives the newest run of a kind over the whole of a tenant that was done and not undone; found is false without one.
func LastDoneIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, kind string) (r Run, found bool, err error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT `+columns+` FROM run WHERE kabkota = $1 AND kind = $2 AND state = $3 ORDER BY created_at DESC, id DESC LIMIT $4`,
		[]any{int64(tenant), kind, string(Done), int64(doneLooked)}, scan)
	if err != nil {
		return r, false, fmt.Errorf("read last run: %w", err)
	}
	for _, one := range list {
		if one.Area.Level() <= area.LevelDistrict {
			return one, true, nil
		}
	}
	return r, false, nil
}
