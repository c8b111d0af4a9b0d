package grievances

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Filed counts the objections and complaints of a district, whatever became of them.
type Filed struct {
	Objections int64
	Complaints int64
}

// FiledIn counts what was objected to and complained about in a district since it began.
func (s *Service) FiledIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (out Filed, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(CASE WHEN kind = $2 THEN 1 END), count(CASE WHEN kind = $3 THEN 1 END)
		FROM grievance WHERE kabkota = $1`, int64(tenant), string(Objection), string(Complaint)).Scan(&out.Objections, &out.Complaints)
	if err != nil {
		return out, fmt.Errorf("count objections and complaints: %w", err)
	}
	return out, nil
}
