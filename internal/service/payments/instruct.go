package payments

import (
	"context"
	"fmt"
	"strings"

	"tepat/internal/domain/access"
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
// an excluded row was taken back onto the list, as long as the bank has not answered.
func (s *Service) instructKind() runs.Kind {
	return runs.Kind{Name: "pay.instruct", Start: access.RunPayment, View: s.previewOrder, Prepare: s.prepareOrder}
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
	listed, payable, err := payableIn(ctx, tx, c)
	if err != nil {
		return runs.Preview{}, fmt.Errorf("sum stage: %w", err)
	}
	return runs.Preview{Total: payable.rows, Figures: runs.Tally{
		"rows": listed.rows, "rows_amount": int64(listed.amount), "payable": payable.rows, "payable_amount": int64(payable.amount),
		"order_amount": int64(set.Amount), "difference": int64(set.Amount - payable.amount),
	}}, nil
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
