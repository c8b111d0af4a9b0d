package payments

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Sum is a number of rows and their money.
type Sum struct {
	Rows   int64
	Amount money.Rupiah
}

func (s *Sum) add(o Sum) {
	s.Rows += o.Rows
	s.Amount += o.Amount
}

// VillageSums are the rows of one village by where they stand.
type VillageSums struct {
	Area    area.Code
	Listed  Sum
	Open    Sum
	ByFinal map[payment.Status]Sum
}

// CauseSum is one reason why money did not reach a family, or was not used.
type CauseSum struct {
	State payment.Status
	Code  string
	Who   Holder
	Label questionnaire.Label
	Sum
}

// FindingSum counts the open findings of a kind.
type FindingSum struct {
	Kind payment.FindingKind
	Sum
}

// Report is a stage in figures, as far as the reader's area reaches. The sums by final state and the open rows
// always add up to what is listed.
type Report struct {
	Cycle    Cycle
	AsOf     time.Time
	Whole    bool // the reader sees the whole stage; else the sums are those of her area, without order and findings
	Listed   Sum
	Payable  Sum // not excluded
	Answered Sum // the bank has said something of them
	Open     Sum
	ByFinal  map[payment.Status]Sum
	Findings []FindingSum
	// List and Bank are by how much the order differs from the payable rows, and the bank's rows from the order.
	List, Bank money.Rupiah
	Villages   []VillageSums
	Causes     []CauseSum
}

// Report gives a stage in figures: by final state, by village and by cause. It holds no persons, so that
// reading it is no act.
func (s *Service) Report(ctx context.Context, who access.Actor, tenant area.Tenant, cycle sqldb.ID) (out Report, err error) {
	scope := who.ScopeOf(access.ReadInsight)
	if scope.Empty() {
		return out, who.Allow(access.ReadInsight, tenant, area.Nation)
	}
	district, err := s.district(tenant)
	if err != nil {
		return out, err
	}
	out = Report{AsOf: s.acts.Now(), Whole: scope.Contains(district), ByFinal: map[payment.Status]Sum{}}
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		if out.Cycle, err = cycleIn(ctx, tx, tenant, cycle); err != nil {
			return err
		}
		if !scope.Nation() && !slices.Contains(scope.Tenants(), tenant) {
			return fail.NotFound("payments.cycle_unknown")
		}
		if err := out.villagesIn(ctx, tx, scope); err != nil {
			return fmt.Errorf("sum stage by village: %w", err)
		}
		if err := out.causesIn(ctx, tx, scope, s); err != nil {
			return fmt.Errorf("sum stage by cause: %w", err)
		}
		if out.Whole {
			return out.findingsIn(ctx, tx)
		}
		out.Cycle.Rows, out.Cycle.Amount, out.Cycle.Disbursed = out.Listed.Rows, out.Listed.Amount, 0
		return nil
	})
	return out, err
}

func (r *Report) villagesIn(ctx context.Context, q sqldb.Querier, scope access.Scope) error {
	a := sqldb.NewArgs(q)
	query := `SELECT area_code, final, excluded, state, count(*), CAST(sum(amount) AS BIGINT) FROM payment
		WHERE kabkota = ` + a.P(int64(r.Cycle.Tenant)) + ` AND cycle_id = ` + a.P(r.Cycle.ID) + ` AND ` + act.Where(scope, "kabkota", "area_code", a) + `
		GROUP BY area_code, final, excluded, state ORDER BY area_code`
	return sqldb.Each(ctx, q, query, a.Values, func(row sqldb.Row) error {
		var code, amount int64
		var final, excluded, state string
		var sum Sum
		if err := row.Scan(&code, &final, &excluded, &state, &sum.Rows, &amount); err != nil {
			return err
		}
		sum.Amount = money.Rupiah(amount)
		r.add(area.Code(code), payment.Status(final), payment.Status(excluded), payment.Status(state), sum)
		return nil
	})
}

func (r *Report) add(at area.Code, final, excluded, state payment.Status, sum Sum) {
	if n := len(r.Villages); n == 0 || r.Villages[n-1].Area != at {
		r.Villages = append(r.Villages, VillageSums{Area: at, ByFinal: map[payment.Status]Sum{}})
	}
	v := &r.Villages[len(r.Villages)-1]
	v.Listed.add(sum)
	r.Listed.add(sum)
	if excluded == "" {
		r.Payable.add(sum)
		if state.Final() || state == payment.Credited || state == payment.NotUsed {
			r.Answered.add(sum)
		}
	}
	if final == "" {
		v.Open.add(sum)
		r.Open.add(sum)
		return
	}
	final = unstored(string(final))
	for _, by := range []map[payment.Status]Sum{v.ByFinal, r.ByFinal} {
		total := by[final]
		total.add(sum)
		by[final] = total
	}
}

func (r *Report) causesIn(ctx context.Context, q sqldb.Querier, scope access.Scope, s *Service) error {
	a := sqldb.NewArgs(q)
	query := `SELECT state, code, count(*), CAST(sum(amount) AS BIGINT) FROM payment
		WHERE kabkota = ` + a.P(int64(r.Cycle.Tenant)) + ` AND cycle_id = ` + a.P(r.Cycle.ID) + ` AND ` + act.Where(scope, "kabkota", "area_code", a) + `
			AND (repair <> '' OR code <> '')
		GROUP BY state, code ORDER BY 3 DESC, state, code`
	return sqldb.Each(ctx, q, query, a.Values, func(row sqldb.Row) error {
		var c CauseSum
		var state string
		var amount int64
		if err := row.Scan(&state, &c.Code, &c.Rows, &amount); err != nil {
			return err
		}
		c.State, c.Amount = payment.Status(state), money.Rupiah(amount)
		next := s.next(c.State, c.Code)
		c.Who, c.Label = next.Who, next.Cause
		if c.Label.ID == "" {
			c.Label = s.tables.Meaning(c.State).Label
		}
		r.Causes = append(r.Causes, c)
		return nil
	})
}

func (r *Report) findingsIn(ctx context.Context, q sqldb.Querier) error {
	var found money.Rupiah
	err := sqldb.Each(ctx, q, `
		SELECT kind, count(*), CAST(sum(amount) AS BIGINT) FROM pay_finding
		WHERE kabkota = $1 AND cycle_id = $2 AND state = 'open' GROUP BY kind ORDER BY kind`, []any{int64(r.Cycle.Tenant), r.Cycle.ID}, func(row sqldb.Row) error {
		var f FindingSum
		var kind string
		var amount int64
		err := row.Scan(&kind, &f.Rows, &amount)
		f.Kind, f.Amount = payment.FindingKind(kind), money.Rupiah(amount)
		found += f.Amount
		r.Findings = append(r.Findings, f)
		return err
	})
	if err != nil {
		return fmt.Errorf("sum findings: %w", err)
	}
	if r.Cycle.OwnMoney {
		r.List, r.Bank = r.Cycle.Disbursed-r.Payable.Amount, r.Answered.Amount+found-r.Cycle.Disbursed
	}
	return nil
}
