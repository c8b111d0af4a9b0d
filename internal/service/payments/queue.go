package payments

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Payment is one row of a stage as a page shows it. NIK and Account print masked.
type Payment struct {
	Tenant     area.Tenant
	ID         sqldb.ID
	Version    int64
	Cycle      sqldb.ID
	Programme  programme.ID
	Period     string
	Enrolment  sqldb.ID
	Family     sqldb.ID
	Person     sqldb.ID // who receives it
	Name       string
	NIK        person.NIK
	Head       string
	Area       area.Code
	Amount     money.Rupiah
	Account    Account
	Channel    string
	State      payment.Status
	Final      payment.Status // empty while open
	Code       string
	Excluded   payment.Status
	Repair     Repair
	CreditedOn period.Date
	UsedOn     period.Date
	ReturnedOn period.Date
	// BackBy is the day after which credited money that nobody used goes back; zero when it does not apply.
	BackBy    period.Date
	ChangedAt time.Time
	Meaning   payment.Meaning // of the state
	Next      Next
}

// Filter narrows a list of payments.
type Filter struct {
	Tenant  area.Tenant
	Cycle   sqldb.ID       // of List
	State   payment.Status // of List; empty: any
	Area    area.Code
	Channel string
	// After continues a list behind this payment.
	After Payment
	Limit int
}

// List gives the payments of a stage in the actor's area, village by village, 200 at most. It is recorded
// with a digest of what was shown.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) ([]Payment, error) {
	return s.list(ctx, who, "payments.list", f, f.ofStage)
}

// Count gives how many payments of a stage List has in all, wherever it continues; of more than most it gives one more
// than most. It shows nobody's data and is no act.
func (s *Service) Count(ctx context.Context, who access.Actor, f Filter, most int64) (int64, error) {
	return s.count(ctx, who, f, most, f.ofStage)
}

// CountQueue is Count of Queue.
func (s *Service) CountQueue(ctx context.Context, who access.Actor, f Filter, most int64) (int64, error) {
	return s.count(ctx, who, f, most, failed)
}

func (s *Service) count(ctx context.Context, who access.Actor, f Filter, most int64, narrow func(*sqldb.Args) string) (n int64, err error) {
	scope := who.ScopeOf(access.ReadRegistry).Within(f.Area)
	if scope.Empty() {
		return 0, nil
	}
	q := s.acts.DB().Direct()
	a := sqldb.NewArgs(q)
	query := `SELECT count(*) FROM (SELECT 1 AS one FROM payment p WHERE ` + act.Where(scope, "p.kabkota", "p.area_code", a) + narrow(a) + f.where(a) + ` LIMIT ` + a.P(most+1) + `) AS counted`
	if err := q.QueryRow(ctx, query, a.Values...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count payments: %w", err)
	}
	return n, nil
}

// ofStage narrows payments to those of a stage.
func (f Filter) ofStage(a *sqldb.Args) string {
	query := ` AND p.kabkota = ` + a.P(int64(f.Tenant)) + ` AND p.cycle_id = ` + a.P(f.Cycle)
	if f.State != "" { // hidden from the planner: the list goes along payment_place, which holds the state
		query += ` AND coalesce(p.state, p.state) = ` + a.P(string(f.State))
	}
	return query
}

// failed narrows payments to those that nobody has dealt with.
func failed(*sqldb.Args) string { return ` AND p.repair = 'open'` }

// where narrows payments to those of a list, whichever page of it.
func (f Filter) where(a *sqldb.Args) string {
	if f.Channel == "" {
		return ""
	}
	return ` AND p.channel = ` + a.P(f.Channel)
}

// Queue gives the payments that failed and that nobody has dealt with, of all stages, in the actor's area: the
// repair queue. It is recorded with a digest of what was shown.
func (s *Service) Queue(ctx context.Context, who access.Actor, f Filter) ([]Payment, error) {
	return s.list(ctx, who, "payments.queue", f, failed)
}

func (s *Service) list(ctx context.Context, who access.Actor, name string, f Filter, narrow func(*sqldb.Args) string) (out []Payment, err error) {
	err = s.acts.View(ctx, who, name, "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadRegistry)
		if err != nil {
			return err
		}
		a := sqldb.NewArgs(tx)
		query := shownQuery + ` WHERE ` + act.Where(scope.Within(f.Area), "p.kabkota", "p.area_code", a) + narrow(a) + f.where(a)
		if !f.After.ID.IsZero() {
			query += ` AND (p.area_code, p.id) > (` + a.P(int64(f.After.Area)) + `, ` + a.P(f.After.ID) + `)`
		}
		query += ` ORDER BY p.area_code, p.id LIMIT ` + a.P(int64(min(max(f.Limit, 1), maxList)))
		if out, err = sqldb.Collect(ctx, tx, query, a.Values, s.scanShown); err != nil {
			return fmt.Errorf("list payments: %w", err)
		}
		return tx.Record(ctx, audit.OfReader(who, audit.Shown(out, func(p *Payment) sqldb.ID { return p.ID })))
	})
	return out, err
}

// Waiting counts the payments that wait to be repaired in the actor's area. It tells a number and nobody's
// data, so that it is no act.
func (s *Service) Waiting(ctx context.Context, who access.Actor) (n int64, err error) {
	scope := who.ScopeOf(access.ReadRegistry)
	if scope.Empty() {
		return 0, nil
	}
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		a := sqldb.NewArgs(tx)
		query := `SELECT count(*) FROM payment p WHERE ` + act.Where(scope, "p.kabkota", "p.area_code", a) + ` AND p.repair = 'open'`
		return tx.QueryRow(ctx, query, a.Values...).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count failed payments: %w", err)
	}
	return n, nil
}

// shownQuery reads payments with the names they are shown by. The tables person and family belong to registry
// and are only read.
const shownQuery = `SELECT ` + rowColumns + `, c.programme, c.period, coalesce(m.name, ''), m.nik, coalesce(m.nik_state, 0), coalesce(f.head_name, '')
	FROM payment p
	JOIN pay_cycle c ON c.kabkota = p.kabkota AND c.id = p.cycle_id
	LEFT JOIN person m ON m.kabkota = p.kabkota AND m.id = p.person_id
	LEFT JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id`

func (s *Service) scanShown(r sqldb.Row) (Payment, error) {
	var p row
	var out Payment
	var name string
	var nik []byte
	var nikState registry.NIKState
	targets, done := p.fields()
	if err := r.Scan(append(targets, &name, &out.Period, &out.Name, &nik, &nikState, &out.Head)...); err != nil {
		return out, err
	}
	if err := done(); err != nil {
		return out, err
	}
	out.Programme = programme.ID(name)
	out.Tenant, out.ID, out.Version, out.Cycle, out.Enrolment, out.Family, out.Person = p.tenant, p.id, p.version, p.cycle, p.enrolment, p.family, p.person
	out.Area, out.Amount, out.Channel, out.State, out.Final, out.Code, out.Excluded = p.area, p.amount, p.channel, p.state, p.final, p.code, p.excluded
	out.Repair, out.CreditedOn, out.UsedOn, out.ReturnedOn, out.ChangedAt = p.repair, p.creditedOn, p.usedOn, p.returnedOn, p.changedAt
	out.Meaning, out.Next = s.tables.Meaning(p.state), s.next(p.state, p.code)
	if p.state == payment.Credited || p.state == payment.NotUsed || p.state == payment.PaidUnused {
		if of, _, err := s.programmeAt(out.Programme, out.Period); err == nil {
			out.BackBy = payment.DueBack(p.creditedOn, of.Payment.UnclaimedDays)
		}
	}
	var err error
	if out.Account, err = s.openAccount(p.account); err != nil {
		return out, err
	}
	out.NIK, err = s.openNIK(nik, nikState)
	return out, err
}

// Event is one thing that happened to a payment.
type Event struct {
	At     time.Time
	Actor  sqldb.ID
	Action string // as payments.event.<action> of the catalogue
	From   payment.Status
	To     payment.Status
	Code   string
	Note   string
}

// Sheet is one payment with its history and the other payments of the family.
type Sheet struct {
	Payment
	Stage  Cycle
	Events []Event
	Others []Payment // of the same family, newest first
	// Payees are who of the family may receive the money, in the order of the rule.
	Payees []registry.Person
}

// Open shows one payment. It is recorded under the payment's id, with the purpose.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (out Sheet, err error) {
	err = s.acts.View(ctx, who, "payments.show", purpose, func(tx *act.Tx) error {
		p, err := rowIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, p.area); err != nil {
			return err
		}
		if out.Payment, err = s.scanShown(tx.QueryRow(ctx, shownQuery+` WHERE p.kabkota = $1 AND p.id = $2`, int64(tenant), id)); err != nil {
			return fmt.Errorf("read payment: %w", err)
		}
		if out.Stage, err = cycleIn(ctx, tx, tenant, p.cycle); err != nil {
			return err
		}
		if out.Events, err = s.eventsOf(ctx, tx, tenant, id); err != nil {
			return fmt.Errorf("read history of payment: %w", err)
		}
		if out.Others, err = s.othersOf(ctx, tx, p); err != nil {
			return fmt.Errorf("read payments of family: %w", err)
		}
		if out.Payees, err = s.payeesIn(ctx, tx, out.Stage, p); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: p.area, Subject: id})
	})
	return out, err
}

// OfFamily gives the payments of a family, newest first, 200 at most, to a caller that shows the family in an
// act of its own.
func (s *Service) OfFamily(ctx context.Context, q sqldb.Querier, tenant area.Tenant, family sqldb.ID) ([]Payment, error) {
	out, err := sqldb.Collect(ctx, q, shownQuery+`
		WHERE p.kabkota = $1 AND p.family_id = $2 AND c.state <> 'cancelled' ORDER BY c.period DESC, p.id DESC LIMIT $3`,
		[]any{int64(tenant), family, maxList}, s.scanShown)
	if err != nil {
		return nil, fmt.Errorf("read payments of family: %w", err)
	}
	return out, nil
}

func (s *Service) othersOf(ctx context.Context, q sqldb.Querier, p row) ([]Payment, error) {
	return sqldb.Collect(ctx, q, shownQuery+`
		WHERE p.kabkota = $1 AND p.family_id = $2 AND p.id <> $3 ORDER BY c.period DESC, p.id DESC LIMIT 20`,
		[]any{int64(p.tenant), p.family, p.id}, s.scanShown)
}

func (s *Service) eventsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) ([]Event, error) {
	return sqldb.Collect(ctx, q, `
		SELECT at, actor_id, action, from_state, to_state, code, note FROM payment_event
		WHERE kabkota = $1 AND payment_id = $2 ORDER BY seq DESC LIMIT $3`, []any{int64(tenant), id, maxList}, func(r sqldb.Row) (Event, error) {
		var e Event
		var at int64
		var from, to string
		var note []byte
		err := r.Scan(&at, &e.Actor, &e.Action, &from, &to, &e.Code, &note)
		if err != nil {
			return e, err
		}
		e.At, e.From, e.To = time.UnixMicro(at).UTC(), payment.Status(from), payment.Status(to)
		e.Note, err = s.opened(note)
		return e, err
	})
}
