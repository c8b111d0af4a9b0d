package assessments

import (
	"context"
	"fmt"
	"math"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Reranked is what ranking one family anew did.
type Reranked struct {
	Family        sqldb.ID
	Area          area.Code
	Before, After registry.Rank
	Score         *float64 // nil when facts are missing
	Changed       bool
}

// RankAnew scores one family again after her answers changed and gives her the tenth that her score has among the families
// of the district that were estimated last. Nobody chooses the outcome, so that it needs no second person; the others keep
// their ranks until the next scoring. The estimate before stays on record under its own vintage. Errors:
// assessment.official when an official decile is in force, assessment.no_scoring before the first scoring,
// registry.no_family.
func (s *Service) RankAnew(ctx context.Context, who access.Actor, tenant area.Tenant, family sqldb.ID, on period.Date) (out Reranked, err error) {
	err = s.acts.Write(ctx, who, "assess.rank", func(tx *act.Tx) error {
		f, err := s.reg.FamilyIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RunAssessment, tenant, f.Area); err != nil {
			return err
		}
		bands, err := bandsIn(ctx, tx, tenant, f.ID)
		if err != nil {
			return err
		}
		due, err := s.reg.RankDueIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if out, err = s.rankAnewIn(ctx, tx, tenant, f, bands, on); err != nil {
			return err
		}
		return s.reg.RanksSettledIn(ctx, tx, tenant, due)
	})
	return out, err
}

// rankAnewIn ranks a family by the bands of the others and records it.
func (s *Service) rankAnewIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, f registry.Family, bands []band, on period.Date) (Reranked, error) {
	out, err := s.placeIn(ctx, tx, tenant, f, bands, on)
	if err != nil {
		return out, err
	}
	return out, tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: f.ID, Facts: map[string]any{
		"from": out.Before.Decile, "to": out.After.Decile, "vintage": out.After.Vintage, "changed": out.Changed,
	}})
}

func (s *Service) placeIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, f registry.Family, bands []band, on period.Date) (Reranked, error) {
	out := Reranked{Family: f.ID, Area: f.Area}
	var one *scored
	of := Selection{Tenant: tenant, Area: area.Nation, Family: f.ID, Workers: 1}
	err := Cases(ctx, s, tx.Tx, of, s.score, func(some []scored) error {
		for i := range some {
			one = &some[i]
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	if one == nil {
		return out, fail.NotFound("registry.no_family") // she is not active
	}
	if one.rank.Source == registry.Official {
		return out, fail.Conflict("assessment.official")
	}
	out.Before, out.After = one.rank, one.rank
	if len(bands) == 0 {
		return out, fail.Conflict("assessment.no_scoring")
	}
	decile := int64(0)
	if !math.IsNaN(one.score) {
		decile, out.Score = place(bands, one.score), &one.score
	}
	if one.asBefore() || decile == 0 && one.rank.Decile == 0 {
		return out, nil // nothing she said changes her score: she stays where the last scoring put her
	}
	v, err := ownVintage(ctx, tx, tenant, f.ID, on)
	if err != nil {
		return out, err
	}
	c := change{Ranked: registry.Ranked{Family: f.ID, Before: one.rank, Score: out.Score}, explanation: one.explanation}
	if decile > 0 {
		c.Now = registry.Rank{Decile: decile, Source: registry.ModelMade, Vintage: v.Text()}
	}
	list := []change{c}
	if err := explainAgain(ctx, tx, tenant, list); err != nil {
		return out, err
	}
	if err := insertEstimates(ctx, tx, tenant, v, list); err != nil {
		return out, err
	}
	out.After, out.Changed = c.Now, true
	return out, s.reg.SetRanksIn(ctx, tx, tenant, []registry.Ranked{c.Ranked})
}

// band is the scores that a decile has among the families estimated last.
type band struct {
	decile     int64
	from, upTo float64
}

// place gives the decile of a score: the band it lies in, or of two the one whose edge is nearer.
func place(bands []band, score float64) int64 {
	for i := range bands {
		if i+1 == len(bands) || score <= (bands[i].upTo+bands[i+1].from)/2 {
			return bands[i].decile
		}
	}
	return 0
}

// bandsIn reads the bands, poorest first, without the family herself and without those whose own score rests on old
// answers, unless all do. It only reads the tables of registry.
func bandsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, without sqldb.ID) ([]band, error) {
	if without.IsZero() {
		without = sqldb.ID{15: 1} // no family has it; an empty id would be NULL, which equals nothing and differs from nothing
	}
	for _, others := range [2]string{` AND NOT EXISTS (SELECT 1 FROM rank_due r WHERE r.kabkota = family.kabkota AND r.family_id = family.id)`, ``} {
		out, err := sqldb.Collect(ctx, q, `
			SELECT decile, min(score), max(score) FROM family
			WHERE kabkota = $1 AND state = 1 AND decile_source = 2 AND score IS NOT NULL AND id <> $2`+others+`
			GROUP BY decile ORDER BY decile`, []any{int64(tenant), without}, func(r sqldb.Row) (b band, err error) {
			err = r.Scan(&b.decile, &b.from, &b.upTo)
			return b, err
		})
		if err != nil {
			return nil, fmt.Errorf("read scores of deciles: %w", err)
		}
		if len(out) > 0 {
			return out, nil
		}
	}
	return nil, nil
}

// ownVintage gives the first vintage of a day's quarter that the family has no estimate of.
func ownVintage(ctx context.Context, q sqldb.Querier, tenant area.Tenant, family sqldb.ID, on period.Date) (period.Vintage, error) {
	taken, err := sqldb.Collect(ctx, q, `SELECT vintage FROM decile WHERE kabkota = $1 AND family_id = $2 AND source IN (2, 3)`, []any{int64(tenant), family}, func(r sqldb.Row) (v string, err error) {
		err = r.Scan(&v)
		return v, err
	})
	if err != nil {
		return period.Vintage{}, fmt.Errorf("read vintages of family: %w", err)
	}
	return freeVintage(taken, on)
}
