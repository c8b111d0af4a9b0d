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
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// ResultRow is what the bank's result file says of one row. The payment is found by its own id, which the list
// for the bank carries, else by the NIK of the one who receives it.
type ResultRow struct {
	Line       int64
	Payment    sqldb.ID
	NIK        person.NIK
	Account    Account
	Amount     money.Rupiah
	CreditedOn period.Date
	UsedOn     period.Date // first transaction
	ReturnedOn period.Date
	Code       string // the bank's code; empty counts as done

	hash sqldb.Hash
}

// Ready hashes the NIK of a row, outside any transaction.
func (s *Service) Ready(r *ResultRow) {
	r.hash = s.reg.NIKHash(r.NIK)
	r.Code = strings.ToUpper(strings.TrimSpace(r.Code))
}

// Rejected is a row that was not taken, and why.
type Rejected struct {
	Line    int64
	Payment sqldb.ID // zero when it is on no list
	Err     error
}

// ResultReport is what a list of results did.
type ResultReport struct {
	Rows      int64
	Applied   int64
	Unchanged int64 // known already, or older than what is known
	Amount    money.Rupiah
	ByState   map[payment.Status]int64 // of the applied
	Rejected  []Rejected
}

// The kinds of findings of this package, beside those of payment.FindingKind.
const (
	findingPerson     payment.FindingKind = "person"     // the payment is not hers whose NIK the row gives
	findingAmbiguous  payment.FindingKind = "ambiguous"  // the NIK has several rows in the stage
	findingAccount    payment.FindingKind = "account"    // not the account of the list
	findingTransition payment.FindingKind = "transition" // the row has ended otherwise before
)

// LoadResultsIn takes ready rows of the bank's result file of a stage: each is held against the list and the
// order. A row that is on no list, or whose amount, account or person differs, or that contradicts itself or
// what is known, is rejected with the reason, and kept as a finding that has to be settled before the stage
// closes. The same row again changes nothing, and an older file takes nothing back. It asks for the right to
// run payments, records nothing (its caller does), and runs in the caller's act.
func (s *Service) LoadResultsIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, cycle sqldb.ID, rows []ResultRow) (ResultReport, error) {
	out := ResultReport{Rows: int64(len(rows)), ByState: map[payment.Status]int64{}}
	district, err := s.district(tenant)
	if err != nil {
		return out, err
	}
	if err := tx.Allow(access.RunPayment, tenant, district); err != nil {
		return out, err
	}
	c, err := cycleIn(ctx, tx, tenant, cycle)
	if err != nil {
		return out, err
	}
	if !c.OwnMoney || c.State != Instructed && c.State != Reconciling {
		return out, wrongStage(c)
	}
	p, _, err := s.programmeAt(c.Programme, c.Period)
	if err != nil {
		return out, err
	}
	b := batch{s: s, cycle: c, days: p.Payment.UnclaimedDays, out: &out}
	if err := b.match(ctx, tx, rows); err != nil {
		return out, fmt.Errorf("find payments: %w", err)
	}
	b.weigh()
	return out, b.keep(ctx, tx)
}

// batch is a list of results under way.
type batch struct {
	s     *Service
	cycle Cycle
	days  int
	out   *ResultReport

	rows     []*ResultRow // matched with exactly one payment
	payments []matched    // of each of the rows
	changed  []row
	from     []payment.Status // of each of the changed
	findings []finding
}

// matched is a payment with the NIK of the one who receives it.
type matched struct {
	row
	nik sqldb.Hash
}

// finding is a row of the bank that was not taken.
type finding struct {
	kind    payment.FindingKind
	row     *ResultRow
	payment sqldb.ID
}

// match finds the payment of each row.
func (b *batch) match(ctx context.Context, tx *act.Tx, rows []ResultRow) error {
	var ids []sqldb.ID
	var hashes []sqldb.Hash
	for i := range rows {
		if r := &rows[i]; !r.Payment.IsZero() {
			ids = append(ids, r.Payment)
		} else if !r.hash.IsZero() {
			hashes = append(hashes, r.hash)
		}
	}
	byID, err := paymentsByID(ctx, tx, b.cycle, ids)
	if err != nil {
		return err
	}
	byNIK, err := paymentsByNIK(ctx, tx, b.cycle, hashes)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		switch {
		case !r.Payment.IsZero():
			if p, ok := byID[r.Payment]; ok {
				b.found(r, p)
			} else {
				b.reject(r, sqldb.ID{}, payment.FindingUnlisted)
			}
		case r.hash.IsZero():
			b.out.Rejected = append(b.out.Rejected, Rejected{Line: r.Line, Err: fail.Invalid("payments.result_no_key").On("nik")})
		default:
			if err := b.byPerson(r, byNIK[r.hash]); err != nil {
				return err
			}
		}
	}
	return nil
}

// byPerson takes the one payment of a person; her account tells which when she has several.
func (b *batch) byPerson(r *ResultRow, candidates []matched) error {
	if len(candidates) > 1 && !r.Account.IsZero() {
		var same []matched
		for _, p := range candidates {
			known, err := b.s.openAccount(p.account)
			if err != nil {
				return err
			}
			if known == r.Account {
				same = append(same, p)
			}
		}
		candidates = same
	}
	switch len(candidates) {
	case 0:
		b.reject(r, sqldb.ID{}, payment.FindingUnlisted)
	case 1:
		b.found(r, candidates[0])
	default:
		b.reject(r, sqldb.ID{}, findingAmbiguous)
	}
	return nil
}

func (b *batch) found(r *ResultRow, p matched) {
	if !r.hash.IsZero() && !p.nik.IsZero() && r.hash != p.nik {
		b.reject(r, p.id, findingPerson)
		return
	}
	b.rows, b.payments = append(b.rows, r), append(b.payments, p)
}

// reject notes a row that is not taken.
func (b *batch) reject(r *ResultRow, id sqldb.ID, kind payment.FindingKind, facts ...any) {
	b.findings = append(b.findings, finding{kind, r, id})
	b.out.Rejected = append(b.out.Rejected, Rejected{Line: r.Line, Payment: id, Err: fail.Conflict("payments.result_"+string(kind), facts...)})
}

// weigh holds the matched rows against the list by the rules of payment.Reconcile, and takes those in which
// nothing is found.
func (b *batch) weigh() {
	var lines []payment.Line
	at := map[sqldb.ID]int{}
	bank := make([]payment.BankRow, len(b.rows))
	for i, r := range b.rows {
		p := &b.payments[i]
		if _, known := at[p.id]; !known {
			at[p.id] = len(lines)
			lines = append(lines, payment.Line{ID: p.id, Amount: p.amount, Excluded: p.excluded})
		}
		bank[i] = payment.BankRow{ID: p.id, Amount: r.Amount, CreditedOn: r.CreditedOn, UsedOn: r.UsedOn, ReturnedOn: r.ReturnedOn, Code: r.Code}
	}
	report := payment.Reconcile(lines, 0, bank, b.s.tables, b.days)
	wrong := map[int]payment.FindingKind{}
	for _, f := range report.Findings {
		if _, known := wrong[f.Row]; f.Row >= 0 && !known {
			wrong[f.Row] = f.Kind
		}
	}
	for i, r := range b.rows {
		p := &b.payments[i]
		outcome := report.Outcomes[at[p.id]]
		kind, bad := wrong[i]
		switch {
		case bad:
			b.reject(r, p.id, kind, "listed", int64(p.amount), "bank", int64(r.Amount), "code", r.Code)
		case outcome.Final == "": // another row of the file says something else of it
			b.reject(r, p.id, payment.FindingTwice)
		default:
			b.take(r, p, outcome)
		}
	}
}

// target says in which status an outcome leaves a row while the stage is open: what was credited and not used
// may still be used.
func target(final payment.Status) payment.Status {
	if final == payment.PaidUnused {
		return payment.Credited
	}
	return final
}

func (b *batch) take(r *ResultRow, p *matched, outcome payment.Outcome) {
	now := p.row
	b.s.settle(&now, target(outcome.Final))
	now.code, now.creditedOn, now.usedOn, now.returnedOn = outcome.Why, r.CreditedOn, r.UsedOn, r.ReturnedOn
	if known, err := b.s.openAccount(p.account); err != nil || !known.IsZero() && !r.Account.IsZero() && known != r.Account {
		b.reject(r, p.id, findingAccount)
		return
	}
	if len(now.account) == 0 {
		now.account = b.s.sealAccount(r.Account)
	}
	if same(now, p.row) || tellsLess(now, p.row) {
		b.out.Unchanged++
		return
	}
	if _, err := payment.Jump(p.state, now.state); err != nil {
		b.reject(r, p.id, findingTransition)
		return
	}
	b.changed, b.from = append(b.changed, now), append(b.from, p.state)
	b.out.Applied++
	b.out.Amount += now.amount
	b.out.ByState[now.state]++
}

func same(now, before row) bool {
	return now.state == before.state && now.code == before.code && now.creditedOn == before.creditedOn && now.usedOn == before.usedOn &&
		now.returnedOn == before.returnedOn && len(now.account) == len(before.account)
}

// tellsLess reports whether a result is an older one: what is known came after it and says all it says.
func tellsLess(now, before row) bool {
	if _, err := payment.Jump(now.state, before.state); err != nil || now.state == before.state {
		return false
	}
	said := func(now, before period.Date) bool { return now.IsZero() || now == before }
	return said(now.creditedOn, before.creditedOn) && said(now.usedOn, before.usedOn) && said(now.returnedOn, before.returnedOn)
}

// keep writes the changed rows, what became of earlier results, and the findings.
func (b *batch) keep(ctx context.Context, tx *act.Tx) error {
	var events []event
	for i := range b.changed {
		if b.from[i] != payment.SI && b.from[i] != payment.Listed {
			events = append(events, event{row: &b.changed[i], action: "result", from: b.from[i]})
		}
	}
	n, err := keepRows(ctx, tx, b.changed)
	if err != nil {
		return err
	}
	if n != int64(len(b.changed)) {
		return fail.Conflict("payments.changed")
	}
	if err := b.s.insertEvents(ctx, tx, events); err != nil {
		return err
	}
	if err := b.s.insertFindings(ctx, tx, b.cycle, b.findings); err != nil {
		return err
	}
	if err := settleApplied(ctx, tx, b.cycle, b.changed); err != nil {
		return err
	}
	if len(b.changed) == 0 && len(b.findings) == 0 {
		return nil
	}
	b.cycle.State = Reconciling // also notes that the stage changed, for a run that is about to close it
	return keepCycle(ctx, tx, &b.cycle)
}
