package payments

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// StageSettings name the stage a run works on.
type StageSettings struct {
	Cycle sqldb.ID `json:"cycle"`
}

// payKind is the run that works out what a stage pays: one row for every enrolled row of the frozen list, with
// the amount of the stage, who receives it and where. Nobody is left off the list: a row that cannot be paid
// stands there as excluded, with its reason.
func (s *Service) payKind() runs.Kind {
	return runs.Kind{
		Name: "pay", Counts: runs.Rows, Start: access.RunPayment, Approve: access.ApprovePayment,
		View: s.previewPay, Prepare: s.preparePay, Finish: s.finishPay, Undo: s.undoPay, Undoable: s.undoable,
	}
}

// plan is what the entitlements of a stage are worked out by.
type plan struct {
	cycle     Cycle
	programme programme.Programme
	day       period.Date // the stage begins
	payees    PayeeRule
	previous  sqldb.ID // the stage before, whose accounts still hold
}

// personal reports whether a place in the programme is a person's, not a family's.
func (p plan) personal() bool {
	return p.programme.Unit == programme.UnitPerson || p.programme.Unit == programme.UnitPupil
}

// planIn makes the plan of a run: the stage must be open, and nobody else's.
func (s *Service) planIn(ctx context.Context, q sqldb.Querier, r runs.Run) (p plan, err error) {
	var set StageSettings
	if err := r.Decode(&set); err != nil {
		return p, err
	}
	if p, err = s.planOf(ctx, q, r.Tenant, set.Cycle); err != nil {
		return p, err
	}
	if p.cycle.State != Open || !p.cycle.Run.IsZero() && p.cycle.Run != r.ID {
		return p, wrongStage(p.cycle)
	}
	return p, nil
}

// planOf makes the plan of a stage that is paid from here.
func (s *Service) planOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, cycle sqldb.ID) (p plan, err error) {
	if p.cycle, err = cycleIn(ctx, q, tenant, cycle); err != nil {
		return p, err
	}
	if p.programme, p.day, err = s.programmeAt(p.cycle.Programme, p.cycle.Period); err != nil {
		return p, err
	}
	if !p.cycle.OwnMoney {
		return p, fail.Conflict("payments.not_ours", "programme", string(p.cycle.Programme))
	}
	if err := s.home.MustPerform(duty(p.programme)); err != nil {
		return p, err
	}
	p.payees = s.rules.Payee(p.day)
	p.previous, err = previousCycle(ctx, q, p.cycle)
	return p, err
}

// claim is an enrolled row of the list with the people it may be paid to.
type claim struct {
	enrolment sqldb.ID
	position  int64
	family    sqldb.ID
	person    sqldb.ID // the person of a personal programme, or the payee the list names
	amount    money.Rupiah
	area      area.Code
	state     registry.State // of the family, 0 when there is none
	members   []member
}

// entitlement is the row a claim becomes.
type entitlement struct {
	row
	newPayee bool // somebody else than the list names receives it
	leftOut  bool // there is nobody at all it could be written to
}

// entitle works out one row.
func (p plan) entitle(c *claim) entitlement {
	e := entitlement{row: row{
		tenant: p.cycle.Tenant, cycle: p.cycle.ID, enrolment: c.enrolment, family: c.family, person: c.person, area: c.area, amount: c.amount,
		state: payment.Listed, channel: firstChannel(p.programme),
	}}
	if p.personal() {
		p.entitlePerson(&e, c)
	} else {
		p.entitleFamily(&e, c)
	}
	if e.excluded == "" && c.amount <= 0 {
		e.exclude(payment.Excluded, causeNoAmount)
	}
	e.leftOut = e.person.IsZero()
	return e
}

func (e *entitlement) exclude(status payment.Status, cause string) {
	e.state, e.excluded, e.code, e.repair = status, status, cause, RepairOpen
}

func (p plan) entitlePerson(e *entitlement, c *claim) {
	switch {
	case len(c.members) == 0 || !c.members[0].active && !c.members[0].dead:
		e.exclude(payment.Excluded, causePersonEnded)
	case c.members[0].dead:
		e.exclude(payment.ExcludedDead, causePersonDead)
	}
}

func (p plan) entitleFamily(e *entitlement, c *claim) {
	at := p.payees.choose(c.members, c.person, p.day)
	if at >= 0 {
		e.newPayee = !c.person.IsZero() && c.members[at].id != c.person
		e.person = c.members[at].id
	} else if e.person.IsZero() && len(c.members) > 0 {
		e.person = slices.MinFunc(c.members, func(a, b member) int { return int(a.relation) - int(b.relation) }).id
	}
	switch {
	case c.state == registry.MovedOut:
		e.exclude(payment.Excluded, causeFamilyMoved)
	case c.state != registry.Active:
		e.exclude(payment.Excluded, causeFamilyEnded)
	case at < 0 && slices.ContainsFunc(c.members, func(m member) bool { return m.dead && m.id == c.person }):
		e.exclude(payment.ExcludedDead, causeNoPayee)
	case at < 0:
		e.exclude(payment.Excluded, causeNoPayee)
	}
}

func firstChannel(p programme.Programme) string {
	if len(p.Payment.Channels) == 0 {
		return ""
	}
	return p.Payment.Channels[0]
}

// totals add up entitlements.
type totals runs.Tally

func (t totals) add(e *entitlement) {
	count := func(name string) {
		t[name]++
		t[name+"_amount"] += int64(e.amount)
	}
	if e.leftOut {
		count("left_out")
		return
	}
	count("rows")
	if e.excluded != "" {
		count("excluded")
	}
	if e.newPayee {
		t["payee_changed"]++
	}
}

const samples = 10

// previewPay works the whole stage out, as the run will, and keeps nothing.
func (s *Service) previewPay(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	p, err := s.planIn(ctx, tx, r)
	if err != nil {
		return runs.Preview{}, err
	}
	listed, err := enrolledIn(ctx, tx, r.Tenant, p.cycle.List)
	if err != nil {
		return runs.Preview{}, fmt.Errorf("sum list: %w", err)
	}
	if listed.amount == 0 {
		return runs.Preview{}, fail.Conflict("payments.no_amount", "programme", string(p.cycle.Programme))
	}
	out := runs.Preview{Figures: runs.Tally{"list": listed.rows, "list_amount": int64(listed.amount)}, Total: listed.rows}
	return out, s.eachEntitled(ctx, tx, p, func(e *entitlement) {
		totals(out.Figures).add(e)
		if len(out.Samples) < samples {
			out.Samples = append(out.Samples, runs.Sample{Subject: e.family, Label: e.area.Dotted() + " " + e.amount.String(), Outcome: string(e.state)})
		}
	})
}

// eachEntitled works out every row of a stage, in the order of the list.
func (s *Service) eachEntitled(ctx context.Context, q sqldb.Querier, p plan, f func(*entitlement)) error {
	for at := (place{position: -1}); ; {
		claims, next, err := readClaims(ctx, q, p, at, s.chunk)
		if err != nil {
			return fmt.Errorf("read list: %w", err)
		}
		for i := range claims {
			e := p.entitle(&claims[i])
			f(&e)
		}
		if at = next; len(claims) < s.chunk {
			return nil
		}
	}
}

// preparePay works out the next rows. The first chunk makes sure that the list is what was approved.
func (s *Service) preparePay(ctx context.Context, r runs.Run, cursor string) (out runs.Chunk, err error) {
	at, err := parsePlace(cursor)
	if err != nil {
		return out, err
	}
	var p plan
	var claims []claim
	var rows []entitlement
	err = s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		if p, err = s.planIn(ctx, tx, r); err != nil {
			return err
		}
		if cursor == "" {
			if err := sameList(ctx, tx, p, r); err != nil {
				return err
			}
		}
		read, next, err := readClaims(ctx, tx, p, at, s.chunk)
		if err != nil {
			return fmt.Errorf("read list: %w", err)
		}
		claims = read
		rows = make([]entitlement, len(claims))
		for i := range claims {
			rows[i] = p.entitle(&claims[i])
			rows[i].id = sqldb.NewID()
		}
		out = runs.Chunk{Next: next.String(), Last: len(claims) < s.chunk, Units: int64(len(claims))}
		return carryOver(ctx, tx, p, rows)
	})
	out.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		return s.keepEntitlements(ctx, tx, r, p.cycle.ID, rows)
	}
	return out, err
}

// sameList refuses a list that is not what the preview showed.
func sameList(ctx context.Context, q sqldb.Querier, p plan, r runs.Run) error {
	shown, err := previewed(r)
	if err != nil {
		return err
	}
	now, err := enrolledIn(ctx, q, r.Tenant, p.cycle.List)
	if err != nil {
		return fmt.Errorf("sum list: %w", err)
	}
	if now.rows != shown["list"] || int64(now.amount) != shown["list_amount"] {
		return fail.Conflict("payments.list_changed", "shown", shown["list"], "now", now.rows)
	}
	return nil
}
