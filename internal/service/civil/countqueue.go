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
	query := `SELECT count(*) FROM person WHERE ` + notMatchingOf(who.ScopeOf(access.RepairMatch), civilmatch.Pending, a)
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
	query := `SELECT count(*) FROM (SELECT 1 AS one FROM person WHERE ` + notMatchingOf(scope, f.Status, a) + ` LIMIT ` + a.P(most+1) + `) AS counted`
	if err := q.QueryRow(ctx, query, a.Values...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count mismatches: %w", err)
	}
	return n, nil
}

// notMatchingOf narrows persons to the active ones of a scope who have a status, or any that does not match.
func notMatchingOf(scope access.Scope, status civilmatch.Status, a *sqldb.Args) string {
	statuses := []int64{int64(status)}
	if status == civilmatch.Pending {
		statuses = statuses[:0]
		for _, one := range notMatching() {
			statuses = append(statuses, int64(one))
		}
	}
	return `match_status IN ` + sqldb.In(a, statuses) + ` AND ` + act.Where(scope, "kabkota", "area_code", a) + ` AND state = 1`
}
