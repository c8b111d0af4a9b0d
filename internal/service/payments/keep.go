package payments

import (
	"context"
	"encoding/json"
	"fmt"

	"tepat/internal/domain/payment"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// previewed gives the figures the approver of a run saw.
func previewed(r runs.Run) (runs.Tally, error) {
	var p runs.Preview
	if err := json.Unmarshal(r.Preview, &p); err != nil {
		return nil, fmt.Errorf("read preview of run %s: %w", r.Number, err)
	}
	return p.Figures, nil
}

// keepEntitlements writes a chunk of rows. The first one takes the stage for its run, so that two runs can
// never pay one stage.
func (s *Service) keepEntitlements(ctx context.Context, tx *act.Tx, r runs.Run, cycle sqldb.ID, rows []entitlement) (runs.Tally, error) {
	c, err := cycleIn(ctx, tx, r.Tenant, cycle)
	if err != nil {
		return nil, err
	}
	if c.State != Open || !c.Run.IsZero() && c.Run != r.ID {
		return nil, wrongStage(c)
	}
	if c.Run.IsZero() {
		c.Run = r.ID
		if err := keepCycle(ctx, tx, &c); err != nil {
			return nil, err
		}
	}
	tally, kept := totals{}, make([]row, 0, len(rows))
	var items []runs.Item
	for i := range rows {
		e := &rows[i]
		tally.add(e)
		switch {
		case e.leftOut:
			items = append(items, runs.Item{Subject: e.family, Outcome: "left_out", Code: causeNoPayee, Facts: "{}"})
			continue
		case e.excluded != "":
			items = append(items, runs.Item{Subject: e.person, Outcome: "excluded", Code: e.code, Facts: `{"payment":"` + e.id.String() + `"}`})
		case e.newPayee:
			items = append(items, runs.Item{Subject: e.person, Outcome: "payee_changed", Facts: `{"payment":"` + e.id.String() + `"}`})
		}
		kept = append(kept, e.row)
	}
	if err := insertRows(ctx, tx, kept); err != nil {
		return nil, err
	}
	_, err = runs.ItemsIn(ctx, tx, r, items)
	return runs.Tally(tally), err
}

// finishPay checks the sum: the rows kept, and those nobody could be found for, are the rows and the rupiah
// of the list that was approved, to the last one.
func (s *Service) finishPay(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Tally, error) {
	p, err := s.planIn(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	if err := sameList(ctx, tx, p, r); err != nil {
		return nil, err
	}
	listed, err := enrolledIn(ctx, tx, r.Tenant, p.cycle.List)
	if err != nil {
		return nil, fmt.Errorf("sum list: %w", err)
	}
	kept, err := paidIn(ctx, tx, r.Tenant, p.cycle.ID)
	if err != nil {
		return nil, fmt.Errorf("sum stage: %w", err)
	}
	if kept.rows+r.Tally["left_out"] != listed.rows || int64(kept.amount)+r.Tally["left_out_amount"] != int64(listed.amount) {
		return nil, fail.Conflict("payments.sum", "listed", listed.rows, "kept", kept.rows)
	}
	p.cycle.Rows, p.cycle.Amount = kept.rows, kept.amount
	return nil, keepCycle(ctx, tx, &p.cycle)
}

// undoPay takes a stage back that was not instructed yet: its rows end as not paid, and its period is free.
// A run that never took the stage has nothing to take back.
func (s *Service) undoPay(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	return s.sweep(ctx, r, cursor, sweep{
		states: append([]payment.Status{payment.Listed}, payment.Exclusions()...),
		begin:  func(c *Cycle) error { return notOrdered(r, *c) },
		skip:   func(c Cycle) bool { return c.Run != r.ID },
		change: func(p *row) bool {
			s.settle(p, payment.Rejected)
			p.code, p.repair = causeCancelled, NothingToRepair
			return true
		},
		end: func(_ *act.Tx, c *Cycle) error {
			c.State = Cancelled
			return nil
		},
	})
}

// undoable refuses to take a stage back whose order is out.
func (s *Service) undoable(ctx context.Context, tx *act.Tx, r runs.Run) error {
	var set StageSettings
	if err := r.Decode(&set); err != nil {
		return err
	}
	c, err := cycleIn(ctx, tx, r.Tenant, set.Cycle)
	if err != nil {
		return err
	}
	return notOrdered(r, c)
}

// notOrdered refuses a run that worked a stage out whose order is out.
func notOrdered(r runs.Run, c Cycle) error {
	if c.Run == r.ID && (c.State != Open || c.Order != "") {
		return wrongStage(c)
	}
	return nil
}
