package assessments

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// withdrawn is the source of an estimate whose scoring was taken back: it stays on record under its vintage, and counts for
// nothing any more.
const withdrawn = 3

// undoable refuses to take a scoring back after which another one ranked: its tenths rest on this one. Errors:
// assessment.later_score (fact vintage).
func (s *Service) undoable(ctx context.Context, tx *act.Tx, r runs.Run) error {
	set, err := settingsOf(r)
	if err != nil {
		return err
	}
	var later string
	err = tx.QueryRow(ctx, `
		SELECT vintage FROM decile
		WHERE kabkota = $1 AND source = 2 AND vintage <> $2 AND recorded_at > (SELECT coalesce(max(recorded_at), 0) FROM decile WHERE kabkota = $1 AND source = 2 AND vintage = $2)
		ORDER BY recorded_at DESC LIMIT 1`, int64(r.Tenant), set.Vintage.Text()).Scan(&later)
	found, err := sqldb.Found(err)
	if err != nil {
		return fmt.Errorf("look for later scoring: %w", err)
	}
	if found {
		return fail.Conflict("assessment.later_score", "vintage", later)
	}
	return nil
}

// undoScores takes the estimates of a run back: each family has the estimate again that it had before, or none. Who got an
// official decile since keeps it.
func (s *Service) undoScores(ctx context.Context, r runs.Run, cursor string) (chunk runs.Chunk, err error) {
	set, err := settingsOf(r)
	if err != nil {
		return chunk, err
	}
	after := sqldb.ID{15: 1}
	if cursor != "" {
		if after, err = sqldb.ParseID(cursor); err != nil {
			return chunk, fmt.Errorf("read cursor: %w", err)
		}
	}
	var list []registry.Ranked
	var ids []sqldb.ID
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		if ids, err = estimatedIn(ctx, tx, r.Tenant, set.Vintage, after, s.chunk); err != nil {
			return err
		}
		list, err = wayBack(ctx, tx, r.Tenant, set.Vintage, ids)
		return err
	})
	if err != nil {
		return chunk, err
	}
	chunk = runs.Chunk{Last: len(ids) < s.chunk, Units: int64(len(ids))}
	if len(ids) > 0 {
		chunk.Next = ids[len(ids)-1].String()
	}
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		if err := s.reg.SetRanksIn(ctx, tx, r.Tenant, slices.Clone(list)); err != nil {
			return nil, err
		}
		if err := withdraw(ctx, tx, r.Tenant, set.Vintage, ids); err != nil {
			return nil, err
		}
		return runs.Tally{"restored": int64(len(list))}, s.reg.RanksUnsettledIn(ctx, tx, r.Tenant, ids)
	}
	return chunk, nil
}

// estimatedIn gives the next families that have an estimate of a vintage.
func estimatedIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, v period.Vintage, after sqldb.ID, limit int) ([]sqldb.ID, error) {
	ids, err := sqldb.Collect(ctx, q, `
		SELECT family_id FROM decile WHERE kabkota = $1 AND family_id > $2 AND vintage = $3 AND source = 2 ORDER BY family_id LIMIT $4`,
		[]any{int64(tenant), after, v.Text(), int64(limit)}, func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
	if err != nil {
		return nil, fmt.Errorf("read estimates to take back: %w", err)
	}
	return ids, nil
}

// wayBack gives what becomes of the families whose rank in force is of the vintage: the estimate before it.
func wayBack(ctx context.Context, q sqldb.Querier, tenant area.Tenant, v period.Vintage, ids []sqldb.ID) ([]registry.Ranked, error) {
	var out []registry.Ranked
	for some := range slices.Chunk(ids, inSize) {
		now, err := ranksOf(ctx, q, tenant, v, some)
		if err != nil {
			return nil, err
		}
		before, err := estimatesBefore(ctx, q, tenant, v, some)
		if err != nil {
			return nil, err
		}
		for _, id := range some {
			rank, stands := now[id]
			if !stands {
				continue
			}
			back := before[id]
			back.Family, back.Before = id, rank
			if back.Now.Decile == 0 {
				back.Now, back.Score = registry.Rank{}, nil
			}
			out = append(out, back)
		}
	}
	return out, nil
}

// ranksOf gives the ranks in force of the families that stand by the vintage, or are unranked by it.
func ranksOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, v period.Vintage, some []sqldb.ID) (map[sqldb.ID]registry.Rank, error) {
	out := map[sqldb.ID]registry.Rank{}
	a := sqldb.NewArgs(q)
	query := `SELECT id, decile, decile_source, decile_vintage FROM family WHERE kabkota = ` + a.P(int64(tenant)) + ` AND id IN ` + sqldb.In(a, some)
	err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var id sqldb.ID
		var rank registry.Rank
		err := r.Scan(&id, &rank.Decile, &rank.Source, &rank.Vintage)
		if rank.Source == registry.ModelMade && rank.Vintage == v.Text() || rank == (registry.Rank{}) {
			out[id] = rank
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read ranks in force: %w", err)
	}
	return out, nil
}

// estimatesBefore gives the last estimate of each family besides the vintage.
func estimatesBefore(ctx context.Context, q sqldb.Querier, tenant area.Tenant, v period.Vintage, some []sqldb.ID) (map[sqldb.ID]registry.Ranked, error) {
	out := map[sqldb.ID]registry.Ranked{}
	a := sqldb.NewArgs(q)
	query := `SELECT family_id, vintage, decile, score FROM decile WHERE kabkota = ` + a.P(int64(tenant)) + ` AND family_id IN ` + sqldb.In(a, some) +
		` AND source = 2 AND vintage <> ` + a.P(v.Text()) + ` ORDER BY family_id, recorded_at`
	err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		one := registry.Ranked{Now: registry.Rank{Source: registry.ModelMade}}
		err := r.Scan(&one.Family, &one.Now.Vintage, &one.Now.Decile, &one.Score)
		out[one.Family] = one // the last one stays
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read earlier estimates: %w", err)
	}
	return out, nil
}

// withdraw marks the estimates of a vintage as taken back.
func withdraw(ctx context.Context, tx *act.Tx, tenant area.Tenant, v period.Vintage, ids []sqldb.ID) error {
	_, err := tx.ExecEach(ctx, `
		UPDATE decile SET source = $1, recorded_at = $2, act_id = $3
		WHERE kabkota = $4 AND family_id = $5 AND vintage = $6 AND source = 2`, 6, len(ids), func(i int, values []any) {
		values[0], values[1], values[2], values[3], values[4], values[5] = int64(withdrawn), tx.Micros(), tx.Act, int64(tenant), ids[i], v.Text()
	})
	if err != nil {
		return fmt.Errorf("take estimates back: %w", err)
	}
	return nil
}
