package visits

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
)

// Found is what of a visit its family may read: no names and no words of the officer's.
type Found struct {
	ID      sqldb.ID
	On      period.Date
	Outcome Outcome
}

// StandingIn gives the visits to a family that were not withdrawn, the newest first, at most 50. The caller has asked whether the
// reader may see the family; nothing sealed is opened.
func (s *Service) StandingIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, family sqldb.ID) ([]Found, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT v.id, v.visited_on, v.outcome FROM family_visit v LEFT JOIN visit_withdrawal w ON w.kabkota = v.kabkota AND w.visit_id = v.id
		WHERE v.kabkota IN ` + sqldb.In(a, s.places.Lineage(tenant)) + ` AND v.family_id = ` + a.P(family) + ` AND w.visit_id IS NULL
		ORDER BY v.visited_on DESC, v.id DESC LIMIT ` + a.P(int64(PageRows))
	list, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (f Found, err error) {
		var on, outcome string
		if err = r.Scan(&f.ID, &on, &outcome); err != nil {
			return f, err
		}
		f.Outcome = Outcome(outcome)
		f.On, err = period.ParseDate(on)
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("read standing visits: %w", err)
	}
	return list, nil
}
