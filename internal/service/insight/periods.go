package insight

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
)

// Closed is a month whose figures are frozen.
type Closed struct {
	Month  period.Month
	AsOf   time.Time // when its figures were counted
	Rows   int64
	Digest string // SHA-256 over the numbers in order, hex; the audit entry of the closing holds it
}

// CloseMonth counts a district once more and freezes its figures as those of a month; they never change again.
// Months are closed one after the other, none before its last day, by the head of the agency (access.CloseFigures). Errors: insight.month_early, insight.month_closed, insight.month_order (fact month: the
// latest closed one).
func (s *Service) CloseMonth(ctx context.Context, who access.Actor, tenant area.Tenant, month period.Month) (out Closed, err error) {
	district, err := s.places.Tree().DistrictOf(tenant)
	if err != nil {
		return out, fmt.Errorf("find district: %w", err)
	}
	if err := who.Allow(access.CloseFigures, tenant, district); err != nil {
		return out, err
	}
	if s.places.LocalDate(district, s.acts.Now()).Before(month.Last()) {
		return out, fail.Conflict("insight.month_early", "month", month.Text()).On("month")
	}
	if _, err := s.Refresh(ctx, tenant); err != nil {
		return out, err
	}
	err = s.acts.Write(ctx, who, "insight.close", func(tx *act.Tx) error {
		if err := tx.Allow(access.CloseFigures, tenant, district); err != nil {
			return err
		}
		if err := mayClose(ctx, tx, tenant, month); err != nil {
			return err
		}
		if out, err = freeze(ctx, tx, tenant, district, month); err != nil {
			return fmt.Errorf("freeze figures: %w", err)
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: district, Subject: closingID(month), Facts: map[string]any{"month": month.Text(), "rows": out.Rows, "digest": out.Digest}})
	})
	return out, err
}

// register is the period under which rollup notes the closed months of a district: the month is the metric, the
// number the instant its figures were counted at. It makes finding them as cheap as reading a figure.
const register = "closed"

func mayClose(ctx context.Context, q sqldb.Querier, tenant area.Tenant, month period.Month) error {
	var latest string
	err := q.QueryRow(ctx, `SELECT coalesce(max(metric), '') FROM rollup WHERE kabkota = $1 AND period = $2`, int64(tenant), register).Scan(&latest)
	switch {
	case err != nil:
		return fmt.Errorf("read closed months: %w", err)
	case latest == month.Text():
		return fail.Conflict("insight.month_closed", "month", latest).On("month")
	case latest > month.Text():
		return fail.Conflict("insight.month_order", "month", latest).On("month")
	}
	return nil
}

// freeze copies the live figures under the month's name.
func freeze(ctx context.Context, tx *act.Tx, tenant area.Tenant, district area.Code, month period.Month) (out Closed, err error) {
	out.Month = month
	out.Rows, err = tx.Exec(ctx, `
		INSERT INTO rollup (kabkota, period, area_code, metric, n, refreshed_at)
		SELECT kabkota, CAST($1 AS TEXT), area_code, metric, n, refreshed_at FROM rollup
		WHERE kabkota = $2 AND period = 'live'`, month.Text(), int64(tenant))
	if err != nil {
		return out, err
	}
	if err := out.seal(ctx, tx, tenant, district); err != nil {
		return out, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO rollup (kabkota, period, area_code, metric, n, refreshed_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		int64(tenant), register, int64(district), month.Text(), out.AsOf.UnixMicro(), tx.Micros())
	return out, err
}

// seal works out the digest and the instant of a closed month from its rows.
func (c *Closed) seal(ctx context.Context, q sqldb.Querier, tenant area.Tenant, district area.Code) error {
	h, c2 := sha256.New(), Closed{Month: c.Month}
	err := sqldb.Each(ctx, q, `
		SELECT area_code, metric, n FROM rollup WHERE kabkota = $1 AND period = $2
		ORDER BY area_code, metric`, []any{int64(tenant), c.Month.Text()}, func(r sqldb.Row) error {
		var code, n int64
		var metric string
		if err := r.Scan(&code, &metric, &n); err != nil {
			return err
		}
		if c2.Rows++; metric == metricRefreshed && area.Code(code) == district {
			c2.AsOf = time.UnixMicro(n).UTC()
		}
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], uint64(code))
		binary.BigEndian.PutUint64(b[8:], uint64(n))
		h.Write(append(b[:], metric+"\x00"...))
		return nil
	})
	c2.Digest = hex.EncodeToString(h.Sum(nil))
	*c = c2
	return err
}

// Verify works the digest of a closed month out anew; it must be that of the audit entry of its closing. Error:
// insight.period.
func (s *Service) Verify(ctx context.Context, who access.Actor, tenant area.Tenant, month period.Month) (Closed, error) {
	out := Closed{Month: month}
	district, err := s.places.Tree().DistrictOf(tenant)
	if err != nil {
		return out, fmt.Errorf("find district: %w", err)
	}
	if err := s.allow(who, district); err != nil {
		return out, err
	}
	if err := out.seal(ctx, s.acts.DB().Direct(), tenant, district); err != nil {
		return out, fmt.Errorf("verify month: %w", err)
	}
	if out.Rows == 0 {
		return out, fail.NotFound("insight.period", "period", month.Text())
	}
	return out, nil
}

// Months gives the closed months of an area, latest first: those that each of its districts has closed.
func (s *Service) Months(ctx context.Context, who access.Actor, at area.Code) ([]period.Month, error) {
	if err := s.allow(who, at); err != nil {
		return nil, err
	}
	months, err := s.closedIn(ctx, s.acts.DB().Direct(), s.places.Tree(), at)
	if err != nil {
		return nil, err
	}
	out := make([]period.Month, 0, len(months))
	for _, text := range months {
		m, err := period.ParseMonth(text)
		if err != nil {
			return nil, fmt.Errorf("read closed month: %w", err)
		}
		out = append(out, m)
	}
	return out, nil
}

// closedIn reads the months that all districts of an area, of those the installation writes for, have closed.
func (s *Service) closedIn(ctx context.Context, q sqldb.Querier, tree *areas.Tree, at area.Code) ([]string, error) {
	var tenants []int64
	for _, t := range tree.Written() {
		if district, err := tree.DistrictOf(t); err == nil && (at.Contains(district) || district.Contains(at)) {
			tenants = append(tenants, int64(t))
		}
	}
	if len(tenants) == 0 {
		return nil, nil
	}
	a := sqldb.NewArgs(q)
	query := `SELECT metric FROM rollup WHERE kabkota IN ` + sqldb.In(a, tenants) + ` AND period = ` + a.P(register) + `
		GROUP BY metric HAVING count(*) = ` + a.P(int64(len(tenants))) + ` ORDER BY metric DESC LIMIT 240`
	out, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (string, error) {
		var text string
		err := r.Scan(&text)
		return text, err
	})
	if err != nil {
		return nil, fmt.Errorf("read closed months: %w", err)
	}
	return out, nil
}

// mustBeClosed refuses a period that is neither live nor a month every district of the area has closed.
func (s *Service) mustBeClosed(ctx context.Context, q sqldb.Querier, tree *areas.Tree, v View) error {
	if v.period() == Live {
		return nil
	}
	if _, err := period.ParseMonth(v.Period); err != nil {
		return err
	}
	months, err := s.closedIn(ctx, q, tree, v.Area)
	if err != nil {
		return err
	}
	for _, m := range months {
		if m == v.Period {
			return nil
		}
	}
	return fail.NotFound("insight.period", "period", v.Period)
}
