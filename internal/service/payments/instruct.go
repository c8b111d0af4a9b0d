package payments

import (
	"context"
	"fmt"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// OrderSettings are what the order that releases a stage's money says (SP2D, or the district's own order).
type OrderSettings struct {
	StageSettings
	Number string       `json:"number"`
	On     period.Date  `json:"on"`
	Amount money.Rupiah `json:"amount"`
}

// check refuses an order that cannot be. Errors: payments.order_number, payments.order_date, payments.order_amount.
func (o OrderSettings) check() error {
	switch {
	case strings.TrimSpace(o.Number) == "":
		return fail.Invalid("payments.order_number").On("number")
	case !o.On.IsFull():
		return fail.Invalid("payments.order_date").On("on")
	case o.Amount <= 0:
		return fail.Invalid("payments.order_amount").On("amount")
	}
	return nil
}

// instructKind is the run that notes the order: the rows to pay go to the bank, and what the order releases
// becomes the second of the three sides that must agree. It may run again with a corrected order, or after
// an excluded row was taken back onto the list, as long as the bank has not answered. A second person approves
// it: she sees the sums and how many rows were corrected by hand, and a row corrected after that stops the run.
func (s *Service) instructKind() runs.Kind {
	return runs.Kind{Name: "pay.instruct", Counts: runs.Rows, Start: access.RunPayment, Approve: access.ApprovePayment, View: s.previewOrder, Prepare: s.prepareOrder}
}

// previewOrder shows the order beside the rows it pays. They may differ: an order is what it is, and a stage
// that does not balance cannot be closed.
func (s *Service) previewOrder(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	var set OrderSettings
	if err := r.Decode(&set); err != nil {
		return runs.Preview{}, err
	}
	if err := set.check(); err != nil {
		return runs.Preview{}, err
	}
	c, err := cycleIn(ctx, tx, r.Tenant, set.Cycle)
	if err != nil {
		return runs.Preview{}, err
	}
	if err := instructable(c); err != nil {
		return runs.Preview{}, err
	}
	figures, err := s.ordered(ctx, tx, c)
	if err != nil {
		return runs.Preview{}, err
	}
	figures["order_amount"], figures["difference"] = int64(set.Amount), int64(set.Amount)-figures["payable_amount"]
	samples, err := s.correctedRows(ctx, tx, c)
	if err != nil {
		return runs.Preview{}, fmt.Errorf("read corrections: %w", err)
	}
	return runs.Preview{Total: figures["payable"], Figures: figures, Samples: samples}, nil
}

// shownCorrections is how many corrected rows an approver is shown on the page of the run.
const shownCorrections = 20

// correctedRows gives the rows people corrected last, without names: the approver opens the payment to see more.
func (s *Service) correctedRows(ctx context.Context, q sqldb.Querier, c Cycle) ([]runs.Sample, error) {
	return sqldb.Collect(ctx, q, `
		SELECT p.id, p.area_code, e.action FROM payment p
		JOIN payment_event e ON e.kabkota = p.kabkota AND e.payment_id = p.id
		WHERE p.kabkota = $1 AND p.cycle_id = $2 AND e.action IN ('exclude', 'reinstate', 'payee')
		ORDER BY e.at DESC, p.id LIMIT $3`, []any{int64(c.Tenant), c.ID, shownCorrections}, func(r sqldb.Row) (runs.Sample, error) {
		var out runs.Sample
		var at int64
		var action string
		err := r.Scan(&out.Subject, &at, &action)
		out.Label, out.Outcome = s.places.Tree().Label(area.Code(at)), "corrected_"+action
		return out, err
	})
}

// ordered gives what an order is approved by: the rows, those to pay, and what people corrected of them.
func (s *Service) ordered(ctx context.Context, q sqldb.Querier, c Cycle) (runs.Tally, error) {
	listed, payable, err := payableIn(ctx, q, c)
	if err != nil {
		return nil, fmt.Errorf("sum stage: %w", err)
	}
	figures := runs.Tally{"rows": listed.rows, "rows_amount": int64(listed.amount), "payable": payable.rows, "payable_amount": int64(payable.amount)}
	before, err := previousCycle(ctx, q, c)
	if err != nil {
		return nil, fmt.Errorf("find stage before: %w", err)
	}
	if err := correctedIn(ctx, q, c, before, figures); err != nil {
		return nil, fmt.Errorf("count corrections: %w", err)
	}
	return figures, nil
}

// correctedIn counts by action what people did with rows of a stage, and the accounts they gave for the stage before:
// this one pays to them.
func correctedIn(ctx context.Context, q sqldb.Querier, c Cycle, before sqldb.ID, figures runs.Tally) error {
	return sqldb.Each(ctx, q, `
		SELECT e.action, count(*) FROM payment p
		JOIN payment_event e ON e.kabkota = p.kabkota AND e.payment_id = p.id
		WHERE p.kabkota = $1 AND (p.cycle_id = $2 AND e.action IN ('exclude', 'reinstate', 'payee') OR p.cycle_id = $3 AND e.action = 'account')
		GROUP BY e.action`, []any{int64(c.Tenant), c.ID, floor(before)}, func(r sqldb.Row) error {
		var action string
		var n int64
		err := r.Scan(&action, &n)
		figures["corrected_"+action] = n
		return err
	})
}

// unchanged refuses an order whose rows were corrected since its approver looked at them. Error: payments.order_stale.
func (s *Service) unchanged(ctx context.Context, q sqldb.Querier, r runs.Run, c Cycle) error {
	seen, err := previewed(r)
	if err != nil {
		return err
	}
	now, err := s.ordered(ctx, q, c)
	if err != nil {
		return err
	}
	for name, n := range now {
		if seen[name] != n {
			return fail.Conflict("payments.order_stale")
		}
	}
	return nil
}

func instructable(c Cycle) error {
	switch {
	case !c.OwnMoney:
		return fail.Conflict("payments.not_ours", "programme", string(c.Programme))
	case c.State != Open && c.State != Instructed:
		return wrongStage(c)
	case c.Rows == 0:
		return fail.Conflict("payments.no_rows")
	}
	return nil
}

func (s *Service) prepareOrder(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var set OrderSettings
	if err := r.Decode(&set); err != nil {
		return runs.Chunk{}, err
	}
	if cursor == "" {
		err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
			c, err := cycleIn(ctx, tx, r.Tenant, set.Cycle)
			if err != nil {
				return err
			}
			return s.unchanged(ctx, tx, r, c)
		})
		if err != nil {
			return runs.Chunk{}, err
		}
	}
	return s.sweep(ctx, r, cursor, sweep{
		states: []payment.Status{payment.Listed},
		begin: func(c *Cycle) error {
			c.Order, c.OrderedOn, c.Disbursed = strings.TrimSpace(set.Number), set.On, set.Amount
			return instructable(*c)
		},
		change: func(p *row) bool {
			s.settle(p, payment.SI)
			return true
		},
		end: func(_ *act.Tx, c *Cycle) error {
			c.State = Instructed
			return nil
		},
	})
}

// payableIn sums all rows of a stage, and those that are not excluded.
func payableIn(ctx context.Context, q sqldb.Querier, c Cycle) (listed, payable sum, err error) {
	err = sqldb.Each(ctx, q, `
		SELECT excluded, count(*), CAST(sum(amount) AS BIGINT) FROM payment
		WHERE kabkota = $1 AND cycle_id = $2 GROUP BY excluded`, []any{int64(c.Tenant), c.ID}, func(r sqldb.Row) error {
		var excluded string
		var rows, amount int64
		if err := r.Scan(&excluded, &rows, &amount); err != nil {
			return err
		}
		listed.rows, listed.amount = listed.rows+rows, listed.amount+money.Rupiah(amount)
		if excluded == "" {
			payable.rows, payable.amount = payable.rows+rows, payable.amount+money.Rupiah(amount)
		}
		return nil
	})
	return listed, payable, err
}
