package assessments

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

func vintageTaken(ctx context.Context, q sqldb.Querier, tenant area.Tenant, v period.Vintage) (bool, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM decile WHERE kabkota = $1 AND vintage = $2 AND source IN (2, 3) LIMIT 1) t`, int64(tenant), v.Text()).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for vintage: %w", err)
	}
	return n > 0, nil
}

func estimatedVintages(ctx context.Context, q sqldb.Querier, tenant area.Tenant) ([]string, error) {
	return sqldb.Collect(ctx, q, `SELECT DISTINCT vintage FROM decile WHERE kabkota = $1 AND source IN (2, 3)`, []any{int64(tenant)}, func(r sqldb.Row) (v string, err error) {
		err = r.Scan(&v)
		return v, err
	})
}

func countOfficial(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code) (n int64, err error) {
	from, to := at.Range()
	err = q.QueryRow(ctx, `
		SELECT count(*) FROM family
		WHERE kabkota = $1 AND state = 1 AND decile_source = 1 AND area_code >= $2 AND area_code < $3`, int64(tenant), int64(from), int64(to)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count official deciles: %w", err)
	}
	return n, nil
}

// lastExplanations reads what the last scoring said of families.
func lastExplanations(ctx context.Context, q sqldb.Querier, tenant area.Tenant, families []sqldb.ID) (map[sqldb.ID]string, error) {
	said := map[sqldb.ID]string{}
	for some := range slices.Chunk(families, inSize) {
		a := sqldb.NewArgs(q)
		query := `SELECT family_id, explanation FROM decile WHERE kabkota = ` + a.P(int64(tenant)) + ` AND family_id IN ` + sqldb.In(a, some) + ` AND source = 2
			ORDER BY family_id, recorded_at`
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			var explanation string
			err := r.Scan(&id, &explanation)
			said[id] = explanation // the last one stays
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read earlier estimates: %w", err)
		}
	}
	return said, nil
}

// explainAgain gives a family whose score stayed and whose decile moved the explanation it had.
func explainAgain(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []change) error {
	var families []sqldb.ID
	for i := range list {
		if list[i].explanation == "" {
			families = append(families, list[i].Family)
		}
	}
	said, err := lastExplanations(ctx, q, tenant, families)
	for i := range list {
		if list[i].explanation == "" {
			list[i].explanation = cmp.Or(said[list[i].Family], "{}")
		}
	}
	return err
}

// newlyUnranked leaves those of the unranked families for whom something changes: they lose
// an estimate, or other facts are missing than the last scoring said.
func newlyUnranked(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []change) ([]change, error) {
	families := make([]sqldb.ID, len(list))
	for i := range list {
		families[i] = list[i].Family
	}
	said, err := lastExplanations(ctx, q, tenant, families)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(c change) bool {
		return c.Before == registry.Rank{} && said[c.Family] == c.explanation
	}), nil
}

// insertEstimates keeps estimates under their vintage. The rows of a chunk that was written
// before a kill are there already when the run was worked out anew: the later value counts.
func insertEstimates(ctx context.Context, tx *act.Tx, tenant area.Tenant, v period.Vintage, list []change) error {
	in := sqldb.Insert{Table: "decile", Columns: decileColumns, OnConflict: `(kabkota, family_id, vintage, source) DO UPDATE SET
		decile = excluded.decile, score = excluded.score, recorded_at = excluded.recorded_at, act_id = excluded.act_id, explanation = excluded.explanation`}
	_, err := tx.Bulk(ctx, in, len(list), func(i int, values []any) {
		c := &list[i]
		var score any
		if c.Score != nil {
			score = *c.Score
		}
		values[0], values[1], values[2], values[3], values[4] = int64(tenant), c.Family, v.Text(), int64(registry.ModelMade), c.Now.Decile
		values[5], values[6], values[7], values[8] = score, tx.Micros(), tx.Act, c.explanation
	})
	return err
}

// readVintages reads every decile of a family on record, the newest vintage first and of two of one
// vintage the official first.
func readVintages(ctx context.Context, q sqldb.Querier, tenant area.Tenant, family sqldb.ID) ([]Vintage, error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT vintage, source, decile, score, recorded_at, explanation FROM decile
		WHERE kabkota = $1 AND family_id = $2 AND source <> 3
		ORDER BY vintage, source`, []any{int64(tenant), family}, scanVintage)
	if err != nil {
		return nil, err
	}
	when := make(map[string]period.Vintage, len(list))
	for _, v := range list {
		if when[v.Rank.Vintage], err = period.ParseVintage(v.Rank.Vintage); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b Vintage) int {
		switch x, y := when[a.Rank.Vintage], when[b.Rank.Vintage]; {
		case y.Before(x):
			return -1
		case x.Before(y):
			return 1
		}
		return 0
	})
	return list, nil
}
