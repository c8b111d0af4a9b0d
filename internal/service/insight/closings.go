package insight

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
)

// Closing tells of a month that a district closed.
type Closing struct {
	Month    period.Month
	AsOf     time.Time // when its figures were counted
	ClosedAt time.Time
	By       sqldb.ID // the account; zero where the log does not say
}

// mostClosings bounds the list: ten years.
const mostClosings = 120

// closingID is what the audit entry of a closing is about. It is worked out from the month, so that the entry is
// found by its subject.
func closingID(month period.Month) (id sqldb.ID) {
	sum := sha256.Sum256([]byte("insight.close " + month.Text()))
	copy(id[:], sum[:])
	return id
}

// Closings gives the months a district has closed, the latest first, with who closed each and when.
func (s *Service) Closings(ctx context.Context, who access.Actor, tenant area.Tenant) ([]Closing, error) {
	district, err := s.places.Tree().DistrictOf(tenant)
	if err != nil {
		return nil, fmt.Errorf("find district: %w", err)
	}
	if err := s.allow(who, district); err != nil {
		return nil, err
	}
	q := s.acts.DB().Direct()
	list, err := sqldb.Collect(ctx, q, `
		SELECT metric, n, refreshed_at FROM rollup WHERE kabkota = $1 AND period = $2 AND area_code = $3 ORDER BY metric DESC LIMIT $4`,
		[]any{int64(tenant), register, int64(district), mostClosings}, func(r sqldb.Row) (c Closing, err error) {
			var month string
			var counted, closed int64
			if err = r.Scan(&month, &counted, &closed); err == nil {
				c.Month, err = period.ParseMonth(month)
			}
			c.AsOf, c.ClosedAt = time.UnixMicro(counted).UTC(), time.UnixMicro(closed).UTC()
			return c, err
		})
	if err != nil {
		return nil, fmt.Errorf("read closings: %w", err)
	}
	subjects := make([]sqldb.ID, len(list))
	for i := range list {
		subjects[i] = closingID(list[i].Month)
	}
	by, err := audit.ActorsOf(ctx, q, tenant, "insight.close", subjects)
	for i := range list {
		list[i].By = by[subjects[i]]
	}
	return list, err
}

// Closable gives the months a district may close today, the earliest first: those after the last one closed whose last
// day has come. Where none was closed yet that is one month: figures of the past cannot be counted any more.
func (s *Service) Closable(ctx context.Context, who access.Actor, tenant area.Tenant) ([]period.Month, error) {
	closed, err := s.Closings(ctx, who, tenant)
	if err != nil {
		return nil, err
	}
	district, err := s.places.Tree().DistrictOf(tenant)
	if err != nil {
		return nil, fmt.Errorf("find district: %w", err)
	}
	today := s.places.LocalDate(district, s.acts.Now())
	last := period.MonthOf(today)
	if today.Before(last.Last()) {
		last = last.Add(-1)
	}
	first := last
	if len(closed) > 0 {
		first = closed[0].Month.Add(1)
	}
	var out []period.Month
	for m := first; !last.Before(m); m = m.Add(1) {
		out = append(out, m)
	}
	return out, nil
}
