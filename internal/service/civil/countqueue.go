package civil

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// CountNotMatching counts the persons of the actor's area who do not match, along the index of the queue alone.
func (s *Service) CountNotMatching(ctx context.Context, who access.Actor) (n int64, err error) {
	q := s.acts.DB().Direct()
	a := sqldb.NewArgs(q)
	scope := who.ScopeOf(access.RepairMatch)
	query := `SELECT count(*) FROM person WHERE match_status IN ` + queued(civilmatch.Pending, a) +
		` AND ` + act.Where(scope, "kabkota", "area_code", a) + ` AND state = 1`
	if err := q.QueryRow(ctx, query, a.Values...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count mismatches: %w", err)
	}
	return n, nil
}

// CountQueue counts the persons of one status, or of every status that does not match for Pending, whom the actor may
// read of a place; of more than most it gives one more than most. It shows nobody's data and is no act.
func (s *Service) CountQueue(ctx context.Context, who access.Actor, f QueueFilter, most int64) (n int64, err error) {
	scope := who.ScopeOf(access.ReadRegistry).Within(f.Area)
	if scope.Empty() {
		return 0, nil
	}
	q := s.acts.DB().Direct()
	a := sqldb.NewArgs(q)
	query := `SELECT count(*) FROM (SELECT 1 AS one FROM person WHERE match_status IN ` + queued(f.Status, a) +
		` AND ` + act.Where(scope, "kabkota", "area_code", a) + ` AND state = 1 LIMIT ` + a.P(most+1) + `) AS counted`
	if err := q.QueryRow(ctx, query, a.Values...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count mismatches: %w", err)
	}
	return n, nil
}

// queued lists a status, or every status that does not match for Pending.
func queued(status civilmatch.Status, a *sqldb.Args) string {
	statuses := []int64{int64(status)}
	if status == civilmatch.Pending {
		statuses = statuses[:0]
		for _, one := range notMatching() {
			statuses = append(statuses, int64(one))
		}
	}
	return sqldb.In(a, statuses)
}
