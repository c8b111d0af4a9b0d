package civil

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// CountNotMatching counts the persons of the actor's area who do not match. It counts
// families' own counts, so that it costs the same at any number of persons.
func (s *Service) CountNotMatching(ctx context.Context, who access.Actor) (int64, error) {
	scope := who.ScopeOf(access.RepairMatch)
	q := s.acts.DB().Direct()
	a := sqldb.NewArgs(q)
	var n int64
	err := q.QueryRow(ctx, `SELECT CAST(coalesce(sum(unmatched), 0) AS BIGINT) FROM family WHERE unmatched > 0 AND `+
		act.Where(scope, "kabkota", "area_code", a), a.Values...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count mismatches: %w", err)
	}
	return n, nil
}
