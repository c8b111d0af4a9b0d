package proposals

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
)

// Requested counts the proposals of citizens in a district, whatever became of them.
type Requested struct {
	Programmes int64 // asked for a programme: self-proposals, help that is not money
	Unlisted   int64 // asked to be listed, without naming a programme
}

// RequestedIn counts what citizens proposed in a district since it began.
func (s *Service) RequestedIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (out Requested, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(CASE WHEN programme <> '' THEN 1 END), count(CASE WHEN programme = '' THEN 1 END)
		FROM proposal WHERE kabkota = $1 AND channel = $2`, int64(tenant), string(proposal.FromCitizen)).Scan(&out.Programmes, &out.Unlisted)
	if err != nil {
		return out, fmt.Errorf("count proposals of citizens: %w", err)
	}
	return out, nil
}
