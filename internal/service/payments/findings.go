package payments

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// FindingState is whether somebody has dealt with a finding. The words are stored.
type FindingState string

// The states of a finding.
const (
	FindingOpen    FindingState = "open"
	FindingSettled FindingState = "settled"
)

// Finding is a row of the bank's file that was not taken. Its kind's words are payments.finding.<kind>.
type Finding struct {
	ID        sqldb.ID
	Cycle     sqldb.ID
	Payment   sqldb.ID // zero when the row is on no list
	Kind      payment.FindingKind
	Amount    money.Rupiah // what the bank says
	Code      string
	Line      int64 // of the file
	NIK       person.NIK
	Account   Account
	State     FindingState
	Note      string
	SettledAt time.Time
	FoundAt   time.Time
}

// FindingFilter narrows a list of findings.
type FindingFilter struct {
	Kind  payment.FindingKind
	State FindingState // empty: open
	After sqldb.ID
	Limit int
}

// Findings lists what is wrong with a stage, 200 at most. It shows numbers of people, so it is recorded.
func (s *Service) Findings(ctx context.Context, who access.Actor, tenant area.Tenant, cycle sqldb.ID, f FindingFilter) (out []Finding, err error) {
	district, err := s.district(tenant)
	if err != nil {
		return nil, err
	}
	err = s.acts.View(ctx, who, "payments.findings", "", func(tx *act.Tx) error {
		if err := allowAny(tx, []access.Permission{access.RunPayment, access.ApprovePayment}, tenant, district); err != nil {
			return err
		}
		if out, err = s.listFindings(ctx, tx, tenant, cycle, f); err != nil {
			return fmt.Errorf("list findings: %w", err)
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: district, Subject: cycle, Facts: map[string]any{"shown": len(out)}})
	})
	return out, err
}

func (s *Service) listFindings(ctx context.Context, q sqldb.Querier, tenant area.Tenant, cycle sqldb.ID, f FindingFilter) ([]Finding, error) {
	if f.State == "" {
		f.State = FindingOpen
	}
	a := sqldb.NewArgs(q)
	query := `SELECT id, cycle_id, payment_id, kind, amount, code, document, state, note, settled_at, recorded_at FROM pay_finding
		WHERE kabkota = ` + a.P(int64(tenant)) + ` AND cycle_id = ` + a.P(cycle) + ` AND state = ` + a.P(string(f.State)) + ` AND id > ` + a.P(floor(f.After))
	if f.Kind != "" {
		query += ` AND kind = ` + a.P(string(f.Kind))
	}
	query += ` ORDER BY id LIMIT ` + a.P(int64(min(max(f.Limit, 1), maxList)))
	return sqldb.Collect(ctx, q, query, a.Values, s.scanFinding)
}

func (s *Service) scanFinding(r sqldb.Row) (Finding, error) {
	var f Finding
	var kind, state string
	var amount, settled, found int64
	var document, note []byte
	err := r.Scan(&f.ID, &f.Cycle, &f.Payment, &kind, &amount, &f.Code, &document, &state, &note, &settled, &found)
	if err != nil {
		return f, err
	}
	f.Kind, f.Amount, f.State, f.FoundAt = payment.FindingKind(kind), money.Rupiah(amount), FindingState(state), time.UnixMicro(found).UTC()
	if settled > 0 {
		f.SettledAt = time.UnixMicro(settled).UTC()
	}
	if f.Note, err = s.opened(note); err != nil {
		return f, fmt.Errorf("open finding %s: %w", f.ID, err)
	}
	return f, s.readDocument(&f, document)
}

func (s *Service) readDocument(f *Finding, sealed []byte) error {
	text, err := s.opened(sealed)
	if err != nil {
		return fmt.Errorf("open finding %s: %w", f.ID, err)
	}
	var d findingDocument
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return fmt.Errorf("read finding %s: %w", f.ID, err)
	}
	f.Line, f.Account = d.Line, Account{d.Account}
	if d.NIK != "" {
		f.NIK, err = person.ParseNIK(d.NIK)
	}
	return err
}

// Settlement says which findings of a stage are settled, and how: the bank took the money back, it was a file
// of another stage.
type Settlement struct {
	// IDs are the findings; none means every open one of the kind.
	IDs  []sqldb.ID
	Kind payment.FindingKind
	Note string
}

// Settle settles findings of a stage that is not closed, and gives how many. Errors: payments.note,
// payments.settle_none when nothing is chosen, payments.stage_state.
func (s *Service) Settle(ctx context.Context, who access.Actor, tenant area.Tenant, cycle sqldb.ID, in Settlement) (n int64, err error) {
	switch {
	case strings.TrimSpace(in.Note) == "":
		return 0, fail.Invalid("payments.note").On("note")
	case len(in.IDs) == 0 && in.Kind == "", len(in.IDs) > maxList:
		return 0, fail.Invalid("payments.settle_none", "max", maxList)
	}
	district, err := s.district(tenant)
	if err != nil {
		return 0, err
	}
	err = s.acts.Write(ctx, who, "payments.settle", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunPayment, tenant, district); err != nil {
			return err
		}
		c, err := cycleIn(ctx, tx, tenant, cycle)
		if err != nil {
			return err
		}
		if c.State != Instructed && c.State != Reconciling {
			return wrongStage(c)
		}
		if n, err = s.settleFindings(ctx, tx, c, in); err != nil {
			return fmt.Errorf("settle findings: %w", err)
		}
		return tx.Record(ctx, s.entry(c, district, map[string]any{"settled": n, "kind": in.Kind}))
	})
	return n, err
}

func (s *Service) settleFindings(ctx context.Context, tx *act.Tx, c Cycle, in Settlement) (int64, error) {
	a := sqldb.NewArgs(tx)
	query := `UPDATE pay_finding SET state = 'settled', note = ` + a.P(s.sealed(strings.TrimSpace(in.Note))) + `, settled_by = ` + a.P(sqldb.ID(tx.Who.ID)) +
		`, settled_at = ` + a.P(tx.Micros()) + ` WHERE kabkota = ` + a.P(int64(c.Tenant)) + ` AND cycle_id = ` + a.P(c.ID) + ` AND state = 'open'`
	if in.Kind != "" {
		query += ` AND kind = ` + a.P(string(in.Kind))
	}
	if len(in.IDs) > 0 {
		query += ` AND id IN ` + sqldb.In(a, in.IDs)
	}
	return tx.Exec(ctx, query, a.Values...)
}
