package assessments

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
)

// NextVintage gives the first vintage of a date's quarter that no estimate has yet.
func (s *Service) NextVintage(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code, on period.Date) (period.Vintage, error) {
	if err := who.Allow(access.RunAssessment, tenant, at); err != nil {
		return period.Vintage{}, err
	}
	taken, err := estimatedVintages(ctx, s.acts.DB().Direct(), tenant)
	if err != nil {
		return period.Vintage{}, fmt.Errorf("read vintages: %w", err)
	}
	return freeVintage(taken, on)
}

// freeVintage gives the first vintage of a day's quarter behind those taken.
func freeVintage(taken []string, on period.Date) (period.Vintage, error) {
	quarter, revision := period.MonthOf(on).Quarter(), 1
	for _, text := range taken {
		v, err := period.ParseVintage(text)
		if err != nil {
			return v, fmt.Errorf("read vintages: %w", err)
		}
		if v.Quarter() == quarter {
			revision = max(revision, v.Revision()+1)
		}
	}
	return period.NewVintage(quarter, revision)
}
