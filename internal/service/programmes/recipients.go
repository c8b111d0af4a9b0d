package programmes

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
)

// Receiving counts, of one frozen list, what stands in the database.
type Receiving struct {
	Unit     string `json:"unit"`
	Demand   int64  `json:"demand"`
	Quota    int64  `json:"quota"`
	Enrolled int64  `json:"enrolled"`
	Waiting  int64  `json:"waiting"`
}

// RecipientsIn counts the frozen lists of a tenant by programme, row by row, and the
// different persons who receive something in their name: recipients of personal
// programmes and payees of families.
func (s *Service) RecipientsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (map[string]Receiving, int64, error) {
	out := map[string]Receiving{}
	err := sqldb.Each(ctx, q, `
		SELECT l.programme, l.as_of, l.demand, l.quota, CAST(sum(CASE WHEN e.state = 1 THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN e.state = 2 THEN 1 ELSE 0 END) AS BIGINT)
		FROM programme_list l JOIN enrolment e ON e.kabkota = l.kabkota AND e.list_id = l.id
		WHERE l.kabkota = $1 AND l.state = 'frozen'
		GROUP BY l.programme, l.as_of, l.demand, l.quota`, []any{int64(tenant)}, func(r sqldb.Row) error {
		var id, asOf string
		var one Receiving
		if err := r.Scan(&id, &asOf, &one.Demand, &one.Quota, &one.Enrolled, &one.Waiting); err != nil {
			return err
		}
		var err error
		one.Unit, err = s.unitOf(id, asOf)
		out[id] = one
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("count recipients: %w", err)
	}
	var persons int64
	err = q.QueryRow(ctx, `SELECT count(DISTINCT person_id) FROM enrolment WHERE kabkota = $1 AND state = 1`, int64(tenant)).Scan(&persons)
	if err != nil {
		return nil, 0, fmt.Errorf("count recipients: %w", err)
	}
	return out, persons, nil
}

// unitOf gives what a programme counts: families, persons, pupils, houses.
func (s *Service) unitOf(id, asOf string) (string, error) {
	day, err := period.ParseDate(asOf)
	if err != nil {
		return "", err
	}
	p, err := s.Set(day).Programme(programme.ID(id))
	return string(p.Unit), err
}
