package payments

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// closeKind is the run that ends a stage. It refuses unless the list, the order and the bank agree to the
// last rupiah (payment.Report.Close); then what was credited and not used ends as PAID_UNUSED, and what was
// excluded as REJECTED with its reason, so that every row has exactly one final state.
func (s *Service) closeKind() runs.Kind {
	return runs.Kind{Name: "pay.close", Counts: runs.Rows, Start: access.RunPayment, Approve: access.ApprovePayment, View: s.previewClose, Prepare: s.prepareClose, Finish: s.finishClose}
}

// previewClose shows the reconciliation, and refuses a stage that cannot be closed: the reason says what is missing.
func (s *Service) previewClose(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	var set StageSettings
	if err := r.Decode(&set); err != nil {
		return runs.Preview{}, err
	}
	c, report, err := s.closableIn(ctx, tx, r, set)
	if err != nil {
		return runs.Preview{}, err
	}
	figures := runs.Tally{"rows": int64(report.Listed.Rows), "rows_amount": int64(report.Listed.Amount), "order_amount": int64(c.Disbursed)}
	for final, sum := range report.ByFinal {
		figures[stored(final)], figures[stored(final)+"_amount"] = int64(sum.Rows), int64(sum.Amount)
	}
	if err := settledIn(ctx, tx, c, figures); err != nil {
		return runs.Preview{}, fmt.Errorf("sum settled findings: %w", err)
	}
	return runs.Preview{Total: int64(report.Listed.Rows), Figures: figures}, nil
}

// settledIn sums the findings somebody settled by hand: whoever approves the close answers for them too. A finding
// that a later row of the bank settled has no note.
func settledIn(ctx context.Context, q sqldb.Querier, c Cycle, figures runs.Tally) error {
	var n, amount int64
	err := q.QueryRow(ctx, `
		SELECT count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM pay_finding
		WHERE kabkota = $1 AND cycle_id = $2 AND state = 'settled' AND note IS NOT NULL`, int64(c.Tenant), c.ID).Scan(&n, &amount)
	if n > 0 {
		figures["findings_settled"], figures["findings_settled_amount"] = n, amount
	}
	return err
}

// closableIn reconciles a stage and says whether it may be closed.
func (s *Service) closableIn(ctx context.Context, q sqldb.Querier, r runs.Run, set StageSettings) (c Cycle, report payment.Report, err error) {
	if c, err = cycleIn(ctx, q, r.Tenant, set.Cycle); err != nil {
		return c, report, err
	}
	if err := endable(c); err != nil {
		return c, report, err
	}
	if report, err = s.reconcileIn(ctx, q, c); err != nil {
		return c, report, err
	}
	return c, report, report.Close()
}

// endable refuses a stage that has no results yet, or has ended.
func endable(c Cycle) error {
	if c.State == Closing || c.State == Reconciling || !c.OwnMoney && c.State == Open && c.Rows > 0 {
		return nil
	}
	return wrongStage(c)
}

// reconcileIn sets list, order and bank against each other, by the rows as they are kept and the open findings.
// Of a stage of the centre only the rows are known: its order and its bank are taken to be what the rows say.
func (s *Service) reconcileIn(ctx context.Context, q sqldb.Querier, c Cycle) (payment.Report, error) {
	p, _, err := s.programmeAt(c.Programme, c.Period)
	if err != nil {
		return payment.Report{}, err
	}
	lines, bank, err := s.sidesIn(ctx, q, c)
	if err != nil {
		return payment.Report{}, fmt.Errorf("read sides of stage: %w", err)
	}
	disbursed := c.Disbursed
	if !c.OwnMoney {
		disbursed = payable(lines)
	}
	return payment.Reconcile(lines, disbursed, bank, s.tables, p.Payment.UnclaimedDays), nil
}

func payable(lines []payment.Line) (total money.Rupiah) {
	for _, l := range lines {
		if l.Excluded == "" {
			total += l.Amount
		}
	}
	return total
}

// sidesIn reads what the list and the bank say. An open finding counts as a row of the bank that is on no line:
// until somebody settles it, its money is money the list does not explain.
func (s *Service) sidesIn(ctx context.Context, q sqldb.Querier, c Cycle) (lines []payment.Line, bank []payment.BankRow, err error) {
	err = sqldb.Each(ctx, q, `SELECT `+rowColumns+` FROM payment p WHERE p.kabkota = $1 AND p.cycle_id = $2`, []any{int64(c.Tenant), c.ID}, func(r sqldb.Row) error {
		p, err := scanRow(r)
		if err != nil {
			return err
		}
		if !c.OwnMoney {
			asAnswered(&p, c)
		}
		lines = append(lines, payment.Line{ID: p.id, Amount: p.amount, Excluded: p.excluded})
		if answer, ok := s.answer(&p); ok {
			bank = append(bank, answer)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	err = sqldb.Each(ctx, q, `SELECT amount FROM pay_finding WHERE kabkota = $1 AND cycle_id = $2 AND state = 'open'`, []any{int64(c.Tenant), c.ID}, func(r sqldb.Row) error {
		var amount int64
		err := r.Scan(&amount)
		bank = append(bank, payment.BankRow{Amount: money.Rupiah(amount)})
		return err
	})
	return lines, bank, err
}

// answer gives what the bank said of a row; ok is false while it said nothing.
func (s *Service) answer(p *row) (b payment.BankRow, ok bool) {
	b = payment.BankRow{ID: p.id, Amount: p.amount, CreditedOn: p.creditedOn, UsedOn: p.usedOn, ReturnedOn: p.returnedOn}
	if _, err := s.tables.ResultCode(p.code); err == nil {
		b.Code = p.code
	}
	if p.excluded != "" {
		return b, false
	}
	return b, slices.Contains([]payment.Status{
		payment.Credited, payment.NotUsed, payment.PaidUsed, payment.PaidUnused, payment.Rejected, payment.Returned,
	}, p.state)
}

// asAnswered fills in what a status of the centre leaves out: the days, and that a failure is no money.
func asAnswered(p *row, c Cycle) {
	first, _, err := months(programme.Programme{}, c.Period)
	if err != nil || p.excluded != "" {
		return
	}
	day := first.First()
	switch p.state {
	case payment.OMSPANFailed, payment.AccountOpeningFailed, payment.AccountCheckFailed, payment.Rejected:
		p.excluded = payment.Excluded
	case payment.Returned:
		p.returnedOn = day
	case payment.PaidUsed:
		p.usedOn = day
		fallthrough
	default:
		p.creditedOn = day
	}
}

func (s *Service) prepareClose(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var set StageSettings
	if err := r.Decode(&set); err != nil {
		return runs.Chunk{}, err
	}
	var checked int64
	if cursor == "" {
		err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
			c, _, err := s.closableIn(ctx, tx, r, set)
			checked = c.Version
			return err
		})
		if err != nil {
			return runs.Chunk{}, err
		}
	}
	return s.sweep(ctx, r, cursor, sweep{
		states: append([]payment.Status{
			payment.Credited, payment.NotUsed, payment.OMSPANFailed, payment.AccountOpeningFailed, payment.AccountCheckFailed,
		}, payment.Exclusions()...),
		begin: func(c *Cycle) error {
			if c.Version != checked { // a result came in since the sums were compared
				return fail.Conflict("payments.changed")
			}
			c.State = Closing
			return endable(*c)
		},
		change: func(p *row) bool {
			if p.state == payment.Credited || p.state == payment.NotUsed {
				s.settle(p, payment.PaidUnused)
				return true
			}
			if p.excluded == "" {
				p.excluded = payment.Excluded
			}
			if p.code == "" {
				p.code = string(p.state)
			}
			repair := p.repair
			s.settle(p, payment.Rejected)
			p.repair = repair // closing tells nothing new about the failure
			return true
		},
	})
}

// finishClose proves once more that nothing is open and the sums agree, and ends the stage.
func (s *Service) finishClose(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Tally, error) {
	var set StageSettings
	if err := r.Decode(&set); err != nil {
		return nil, err
	}
	c, _, err := s.closableIn(ctx, tx, r, set)
	if err != nil {
		return nil, err
	}
	var open int64
	err = tx.QueryRow(ctx, `SELECT count(*) FROM payment WHERE kabkota = $1 AND cycle_id = $2 AND final = ''`, int64(c.Tenant), c.ID).Scan(&open)
	if err != nil {
		return nil, fmt.Errorf("count open payments: %w", err)
	}
	if open > 0 {
		return nil, fail.Conflict("payment.rows_open", "rows", open)
	}
	c.State, c.ClosedBy, c.ClosedAt = Closed, sqldb.ID(r.ApprovedBy), tx.Now
	return nil, keepCycle(ctx, tx, &c)
}

// ReturnSettings say which day the money goes back on.
type ReturnSettings struct {
	StageSettings
	On period.Date `json:"on"`
}

// returnKind is the run that books what nobody collected in time: money credited more than unclaimed_days ago
// and not used is RETURNED.
func (s *Service) returnKind() runs.Kind {
	return runs.Kind{Name: "pay.return", Counts: runs.Rows, Start: access.RunPayment, Approve: access.ApprovePayment, View: s.previewReturn, Prepare: s.prepareReturn}
}

// returning gives the settings of a run and the days after which money goes back, and refuses what cannot be:
// payments.return_date when the day is not past, payments.no_return when the programme sets no days.
func (s *Service) returning(r runs.Run, c Cycle) (set ReturnSettings, days int, err error) {
	if err := r.Decode(&set); err != nil {
		return set, 0, err
	}
	p, _, err := s.programmeAt(c.Programme, c.Period)
	if err != nil {
		return set, 0, err
	}
	switch days = p.Payment.UnclaimedDays; {
	case !c.OwnMoney || c.State != Reconciling:
		err = wrongStage(c)
	case days == 0:
		err = fail.Conflict("payments.no_return", "programme", string(c.Programme))
	case !set.On.IsFull() || set.On.After(s.places.LocalDate(r.Area, s.acts.Now())):
		err = fail.Invalid("payments.return_date").On("on")
	}
	return set, days, err
}

func (s *Service) previewReturn(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	var stage StageSettings
	if err := r.Decode(&stage); err != nil {
		return runs.Preview{}, err
	}
	c, err := cycleIn(ctx, tx, r.Tenant, stage.Cycle)
	if err != nil {
		return runs.Preview{}, err
	}
	set, days, err := s.returning(r, c)
	if err != nil {
		return runs.Preview{}, err
	}
	out := runs.Preview{Figures: runs.Tally{"days": int64(days)}}
	var amount int64
	// Text dates sort as dates do; a row is due when its last day lies before the day of return.
	err = tx.QueryRow(ctx, `
		SELECT count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM payment
		WHERE kabkota = $1 AND cycle_id = $2 AND state IN ('CREDITED', 'NOT_USED') AND credited_on < $3`,
		int64(c.Tenant), c.ID, set.On.AddDays(-days).Text()).Scan(&out.Total, &amount)
	if err != nil {
		return out, fmt.Errorf("sum unclaimed: %w", err)
	}
	out.Figures["rows"], out.Figures["amount"] = out.Total, amount
	return out, nil
}

func (s *Service) prepareReturn(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var set ReturnSettings
	var days int
	return s.sweep(ctx, r, cursor, sweep{
		states: []payment.Status{payment.Credited, payment.NotUsed},
		begin: func(c *Cycle) error {
			_, _, err := s.returning(r, *c)
			return err
		},
		ready: func(c Cycle) (err error) {
			set, days, err = s.returning(r, c)
			return err
		},
		change: func(p *row) bool {
			back := payment.DueBack(p.creditedOn, days)
			if back.IsZero() || !back.Before(set.On) {
				return false
			}
			s.settle(p, payment.Returned)
			p.code, p.returnedOn = causeUnclaimed, set.On
			return true
		},
	})
}
