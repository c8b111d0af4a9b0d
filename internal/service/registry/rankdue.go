package registry

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// RankDue is a family whose estimated decile rests on answers that changed since, and the act that changed them last.
type RankDue struct {
	Family sqldb.ID
	Marked sqldb.ID
}

const (
	// estimated says whom a model has judged: an official decile rests on nobody's answers here, and who was never judged
	// waits for the next scoring like everybody new.
	estimated = `(f.decile_source = 2 OR f.decile_source = 0 AND EXISTS (
		SELECT 1 FROM decile d WHERE d.kabkota = f.kabkota AND d.family_id = f.id AND d.source = 2))`
	markAgain = ` ON CONFLICT (kabkota, family_id) DO UPDATE SET marked_at = excluded.marked_at, act_id = excluded.act_id`
)

// markRanksIn notes of families, and of the families of persons, that their estimates rest on old answers now.
func (s *Service) markRanksIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, families, persons []sqldb.ID) error {
	whose := [2]func(a *sqldb.Args, ids []sqldb.ID) string{
		func(a *sqldb.Args, ids []sqldb.ID) string { return `f.id IN ` + sqldb.In(a, ids) },
		func(a *sqldb.Args, ids []sqldb.ID) string {
			return `f.id IN (SELECT p.family_id FROM person p WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND p.id IN ` + sqldb.In(a, ids) + `)`
		},
	}
	for i, list := range [2][]sqldb.ID{families, persons} {
		_, err := inChunks(list, func(some []sqldb.ID) ([]struct{}, error) {
			a := sqldb.NewArgs(tx)
			query := `INSERT INTO rank_due (kabkota, family_id, marked_at, act_id)
				SELECT f.kabkota, f.id, ` + a.P(tx.Micros()) + `, ` + a.P(tx.Act) + ` FROM family f
				WHERE f.kabkota = ` + a.P(int64(tenant)) + ` AND ` + whose[i](a, some) + ` AND ` + estimated + markAgain
			_, err := tx.Exec(ctx, query, a.Values...)
			return nil, err
		})
		if err != nil {
			return fmt.Errorf("mark estimates that rest on old answers: %w", err)
		}
	}
	return nil
}

// RanksDueIn gives families of an area whose estimates rest on old answers, in the order of their ids behind one.
func (s *Service) RanksDueIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code, after sqldb.ID, limit int) ([]RankDue, error) {
	from, to := at.Range()
	list, err := sqldb.Collect(ctx, q, `
		SELECT r.family_id, r.act_id FROM rank_due r JOIN family f ON f.kabkota = r.kabkota AND f.id = r.family_id
		WHERE r.kabkota = $1 AND r.family_id > $2 AND f.area_code >= $3 AND f.area_code < $4
		ORDER BY r.family_id LIMIT $5`, []any{int64(tenant), after, int64(from), int64(to), int64(limit)}, func(r sqldb.Row) (d RankDue, err error) {
		err = r.Scan(&d.Family, &d.Marked)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("read estimates that rest on old answers: %w", err)
	}
	return list, nil
}

// RankDueIn gives the mark of one family, or nothing.
func (s *Service) RankDueIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, family sqldb.ID) ([]RankDue, error) {
	list, err := sqldb.Collect(ctx, q, `SELECT family_id, act_id FROM rank_due WHERE kabkota = $1 AND family_id = $2`, []any{int64(tenant), family}, func(r sqldb.Row) (d RankDue, err error) {
		err = r.Scan(&d.Family, &d.Marked)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("read mark of old answers: %w", err)
	}
	return list, nil
}

// RanksSettledIn takes marks away: the families were ranked by the answers of today. A family whose answers changed again
// since her mark was read keeps it.
func (s *Service) RanksSettledIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []RankDue) error {
	_, err := tx.ExecEach(ctx, `DELETE FROM rank_due WHERE kabkota = $1 AND family_id = $2 AND act_id = $3`, 3, len(list), func(i int, v []any) {
		v[0], v[1], v[2] = int64(tenant), list[i].Family, list[i].Marked
	})
	if err != nil {
		return fmt.Errorf("take marks of old answers away: %w", err)
	}
	return nil
}

// RanksUnsettledIn marks families again whose estimate in force, recorded at an instant, is older than their answers: a
// scoring that had seen those was taken back.
func (s *Service) RanksUnsettledIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, families []sqldb.ID) error {
	_, err := inChunks(families, func(some []sqldb.ID) ([]struct{}, error) {
		a := sqldb.NewArgs(tx)
		query := `INSERT INTO rank_due (kabkota, family_id, marked_at, act_id)
			SELECT f.kabkota, f.id, ` + a.P(tx.Micros()) + `, ` + a.P(tx.Act) + ` FROM family f
			JOIN decile e ON e.kabkota = f.kabkota AND e.family_id = f.id AND e.vintage = f.decile_vintage AND e.source = 2
			WHERE f.kabkota = ` + a.P(int64(tenant)) + ` AND f.id IN ` + sqldb.In(a, some) + ` AND f.decile_source = 2 AND (
				EXISTS (SELECT 1 FROM answers w WHERE w.kabkota = f.kabkota AND w.subject_id = f.id AND w.recorded_at > e.recorded_at)
				OR EXISTS (SELECT 1 FROM person p JOIN answers w ON w.kabkota = p.kabkota AND w.subject_id = p.id
					WHERE p.kabkota = f.kabkota AND p.family_id = f.id AND w.recorded_at > e.recorded_at))` + markAgain
		_, err := tx.Exec(ctx, query, a.Values...)
		return nil, err
	})
	if err != nil {
		return fmt.Errorf("mark estimates taken back: %w", err)
	}
	return nil
}

// tellDue says of families that are shown whether their estimates rest on old answers.
func tellDue(ctx context.Context, q sqldb.Querier, list []Family) error {
	of := map[area.Tenant][]sqldb.ID{}
	for i := range list {
		if list[i].DecileSource != Official {
			of[list[i].Tenant] = append(of[list[i].Tenant], list[i].ID)
		}
	}
	due := map[sqldb.ID]bool{}
	for tenant, ids := range of {
		_, err := inChunks(ids, func(some []sqldb.ID) ([]struct{}, error) {
			a := sqldb.NewArgs(q)
			query := `SELECT family_id FROM rank_due WHERE kabkota = ` + a.P(int64(tenant)) + ` AND family_id IN ` + sqldb.In(a, some)
			return nil, sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
				var id sqldb.ID
				err := r.Scan(&id)
				due[id] = true
				return err
			})
		})
		if err != nil {
			return fmt.Errorf("read estimates that rest on old answers: %w", err)
		}
	}
	for i := range list {
		list[i].RankDue = due[list[i].ID]
	}
	return nil
}
