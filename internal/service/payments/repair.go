package payments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/payment"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Mending is what somebody did about a payment that failed.
type Mending string

// The mendings; their words are payments.event.<mending> of the catalogue.
const (
	Visited      Mending = "visit"   // the family was visited
	NewAccount   Mending = "account" // the right account is known now
	ByPos        Mending = "pos"     // Pos pays from the next stage on
	DataMended   Mending = "data"    // name or number mended, here or in the civil registry
	MendedByBank Mending = "bank"    // unblocked, reopened
)

// Mendings lists the mendings in the order of the form.
func Mendings() []Mending { return []Mending{Visited, NewAccount, ByPos, DataMended, MendedByBank} }

// Mend is one thing done about a payment.
type Mend struct {
	Tenant  area.Tenant
	Payment sqldb.ID
	Version int64 // of the payment as it was shown
	What    Mending
	Account Account // of NewAccount
	Note    string
}

// pos is the channel of the post office in the programmes' data.
const pos = "pos"

// Mend notes that a failure was dealt with: the payment leaves the queue, and the next stage pays to the new
// account or by Pos. Who runs payments may do so, and who keeps the registry of the village. Errors:
// payments.mending, payments.note, payments.account_empty, payments.no_pos, payments.not_failed, payments.changed.
func (s *Service) Mend(ctx context.Context, who access.Actor, in Mend) error {
	switch {
	case !slices.Contains(Mendings(), in.What):
		return fail.Invalid("payments.mending").On("what")
	case strings.TrimSpace(in.Note) == "":
		return fail.Invalid("payments.note").On("note")
	case in.What == NewAccount && in.Account.IsZero():
		return fail.Invalid("payments.account_empty").On("account")
	}
	return s.change(ctx, who, "payments.mend", in.Tenant, in.Payment, in.Version, []access.Permission{access.RunPayment, access.ChangeRegistry},
		func(_ *act.Tx, c Cycle, p *row) (event, error) {
			if p.repair != RepairOpen {
				return event{}, fail.Conflict("payments.not_failed")
			}
			switch in.What {
			case NewAccount:
				p.account = s.sealAccount(in.Account)
			case ByPos:
				if of, _, err := s.programmeAt(c.Programme, c.Period); err != nil || !slices.Contains(of.Payment.Channels, pos) {
					return event{}, fail.Conflict("payments.no_pos", "programme", string(c.Programme))
				}
				p.channel = pos
			}
			p.repair = Repaired
			return event{action: string(in.What), from: p.state, note: strings.TrimSpace(in.Note)}, nil
		})
}

// Exclusion takes one row out of a stage that is not instructed yet, with one of payment.Exclusions, or puts it
// back.
type Exclusion struct {
	Tenant  area.Tenant
	Payment sqldb.ID
	Version int64
	Status  payment.Status // of Exclude
	Note    string
}

// Exclude keeps a row from being paid in this stage. Errors: payments.exclusion, payments.note,
// payments.stage_state, payments.changed, payment.transition.
func (s *Service) Exclude(ctx context.Context, who access.Actor, in Exclusion) error {
	if !slices.Contains(payment.Exclusions(), in.Status) {
		return fail.Invalid("payments.exclusion").On("status")
	}
	return s.move(ctx, who, "exclude", in, func(p *row) error {
		if _, err := payment.Move(p.state, in.Status); err != nil {
			return err
		}
		s.settle(p, in.Status)
		p.excluded, p.code = in.Status, ""
		return nil
	})
}

// Reinstate puts an excluded row back onto the list. A row without anybody to receive it stays excluded:
// payments.no_payee. Other errors are as of Exclude.
func (s *Service) Reinstate(ctx context.Context, who access.Actor, in Exclusion) error {
	return s.move(ctx, who, "reinstate", in, func(p *row) error {
		if p.code == causeNoPayee || p.code == causeNoAmount {
			return fail.Conflict("payments.no_payee")
		}
		if _, err := payment.Move(p.state, payment.Listed); err != nil {
			return err
		}
		s.settle(p, payment.Listed)
		p.excluded, p.code = "", ""
		return nil
	})
}

// Payee names somebody else of the family to receive the money, for a row that is not instructed yet. A row
// that was excluded for want of a payee, or since the payee died, is back on the list. Errors: payments.payee
// when she is no active adult of the family, payments.note, payments.stage_state, payments.changed.
func (s *Service) Payee(ctx context.Context, who access.Actor, in Exclusion, payee sqldb.ID) error {
	return s.moveWith(ctx, who, "payee", in, func(tx *act.Tx, c Cycle, p *row) error {
		able, err := s.payeesIn(ctx, tx, c, *p)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(able, func(m registry.Person) bool { return m.ID == payee }) {
			return fail.Conflict("payments.payee").On("payee")
		}
		p.person, p.account = payee, nil
		if p.code == causeNoPayee || p.excluded == payment.ExcludedDead {
			s.settle(p, payment.Listed)
			p.excluded, p.code = "", ""
		}
		return nil
	})
}

// payeesIn gives who of a payment's family may receive the money on the first day of the stage, in the order of
// the rule.
func (s *Service) payeesIn(ctx context.Context, tx *act.Tx, c Cycle, p row) (out []registry.Person, err error) {
	_, day, err := s.programmeAt(c.Programme, c.Period)
	if err != nil {
		return nil, err
	}
	members, err := s.reg.MembersIn(ctx, tx, p.tenant, p.family)
	if err != nil {
		return nil, fmt.Errorf("read members of family: %w", err)
	}
	rule, ranks := s.rules.Payee(day), map[sqldb.ID]int{}
	for _, m := range members {
		one := member{id: m.ID, sex: m.Sex, relation: m.Relation, birth: m.BirthDate, active: m.State == registry.Active}
		if rank := rule.rank(&one, day); rank > 0 {
			ranks[m.ID], out = rank, append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b registry.Person) int { return ranks[a.ID] - ranks[b.ID] })
	return out, nil
}

func (s *Service) move(ctx context.Context, who access.Actor, action string, in Exclusion, f func(*row) error) error {
	return s.moveWith(ctx, who, action, in, func(_ *act.Tx, _ Cycle, p *row) error { return f(p) })
}

func (s *Service) moveWith(ctx context.Context, who access.Actor, action string, in Exclusion, f func(*act.Tx, Cycle, *row) error) error {
	if strings.TrimSpace(in.Note) == "" {
		return fail.Invalid("payments.note").On("note")
	}
	return s.change(ctx, who, "payments."+action, in.Tenant, in.Payment, in.Version, []access.Permission{access.RunPayment},
		func(tx *act.Tx, c Cycle, p *row) (event, error) {
			if !c.OwnMoney || c.State != Open && c.State != Instructed || p.state == payment.SI {
				return event{}, wrongStage(c)
			}
			from := p.state
			return event{action: action, from: from, note: strings.TrimSpace(in.Note)}, f(tx, c, p)
		})
}

// change changes one payment and keeps what happened to it. Any of the permissions at the payment's own place will do.
func (s *Service) change(ctx context.Context, who access.Actor, name string, tenant area.Tenant, id sqldb.ID, version int64, permissions []access.Permission,
	f func(*act.Tx, Cycle, *row) (event, error),
) error {
	return s.acts.Write(ctx, who, name, func(tx *act.Tx) error {
		p, err := rowIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := allowAny(tx, permissions, p.tenant, p.area); err != nil {
			return err
		}
		c, err := cycleIn(ctx, tx, tenant, p.cycle)
		if err != nil {
			return err
		}
		if p.version != version {
			return fail.Conflict("payments.changed")
		}
		e, err := f(tx, c, &p)
		if err != nil {
			return err
		}
		n, err := keepRows(ctx, tx, []row{p})
		if err != nil {
			return err
		}
		if n == 0 {
			return fail.Conflict("payments.changed")
		}
		e.row = &p
		if err := s.insertEvents(ctx, tx, []event{e}); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: p.area, Subject: id, Facts: map[string]any{"action": e.action, "from": e.from, "to": p.state}})
	})
}

// allowAny asks for any of the permissions at a place.
func allowAny(tx *act.Tx, permissions []access.Permission, tenant area.Tenant, at area.Code) (err error) {
	for _, permission := range permissions {
		if err = tx.Allow(permission, tenant, at); err == nil {
			return nil
		}
	}
	return err
}
