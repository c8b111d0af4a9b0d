package registry

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Rank is a decile in force with where it comes from; the zero Rank is unranked.
type Rank struct {
	Decile  int64 // 1 to 10; 0 is unranked
	Source  DecileSource
	Vintage string
}

// Ranked is a family whose rank changes from one to another.
type Ranked struct {
	Family sqldb.ID
	Before Rank
	Now    Rank
	// Score is the estimate Now rests on; nil when it is official or there is none.
	Score *float64
}

// SetRanksIn writes the ranks that service/assessments decided. It does not make a new
// version of the family: the history of a decile is kept by vintage. A family whose rank
// is no longer the one it was decided on fails the act with registry.race, to run again.
func (s *Service) SetRanksIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []Ranked) error {
	var plain, scored []Ranked
	for _, r := range list {
		if r.Score == nil {
			plain = append(plain, r)
		} else {
			scored = append(scored, r)
		}
	}
	n, err := setPlainRanks(ctx, tx, tenant, plain)
	if err != nil {
		return fmt.Errorf("set deciles: %w", err)
	}
	m, err := setScoredRanks(ctx, tx, tenant, scored)
	if err != nil {
		return fmt.Errorf("set estimated deciles: %w", err)
	}
	if n+m != int64(len(list)) {
		return fail.Unavailable("registry.race")
	}
	return nil
}

// setPlainRanks writes families with the same change together: a publication has few
// kinds of changes and many families.
func setPlainRanks(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []Ranked) (int64, error) {
	slices.SortFunc(list, func(a, b Ranked) int {
		return cmp.Or(compareRanks(a.Before, b.Before), compareRanks(a.Now, b.Now), slices.Compare(a.Family[:], b.Family[:]))
	})
	var changed int64
	for start := 0; start < len(list); {
		end := start + 1
		for end < len(list) && end-start < inSize && list[end].Before == list[start].Before && list[end].Now == list[start].Now {
			end++
		}
		n, err := setSameRank(ctx, tx, tenant, list[start:end])
		if err != nil {
			return changed, err
		}
		changed += n
		start = end
	}
	return changed, nil
}

func compareRanks(a, b Rank) int {
	return cmp.Or(cmp.Compare(a.Decile, b.Decile), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Vintage, b.Vintage))
}

func setSameRank(ctx context.Context, tx *act.Tx, tenant area.Tenant, same []Ranked) (int64, error) {
	ids := make([]sqldb.ID, len(same))
	for i := range same {
		ids[i] = same[i].Family
	}
	a := sqldb.NewArgs(tx)
	now, before := same[0].Now, same[0].Before
	return tx.Exec(ctx, `
		UPDATE family SET decile = `+a.P(now.Decile)+`, decile_source = `+a.P(int64(now.Source))+`, decile_vintage = `+a.P(now.Vintage)+`, score = NULL
		WHERE kabkota = `+a.P(int64(tenant))+` AND id IN `+sqldb.In(a, ids)+`
			AND decile = `+a.P(before.Decile)+` AND decile_source = `+a.P(int64(before.Source))+` AND decile_vintage = `+a.P(before.Vintage), a.Values...)
}

func setScoredRanks(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []Ranked) (int64, error) {
	update := sqldb.Update{
		Table: "family", Set: []string{"decile", "decile_source", "decile_vintage", "score"},
		Key: []string{"kabkota", "id", "decile", "decile_source", "decile_vintage"},
	}
	return tx.Update(ctx, update, len(list), func(i int, v []any) {
		r := &list[i]
		v[0], v[1], v[2], v[3], v[4], v[5] = r.Now.Decile, int64(r.Now.Source), r.Now.Vintage, *r.Score, int64(tenant), r.Family
		v[6], v[7], v[8] = r.Before.Decile, int64(r.Before.Source), r.Before.Vintage
	})
}
