package grievances

import (
	"context"
	"fmt"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/proposals"
)

// actIdentify is the step that names the family an objection is about; it changes no state.
const actIdentify = "identify"

// Decision is one step of an officer. Note is what who filed reads of an answer or decision; of a
// visit it is for the office. A step on another version than the one seen is refused.
type Decision struct {
	Tenant  area.Tenant
	ID      sqldb.ID
	Version int64
	Note    string
	Paper   proposals.Paper
	Officer sqldb.ID // to whom it is assigned; zero for the actor herself
	// Reason is why a listed family is proposed for removal after an upheld objection, a code
	// of data/reasons; empty for better_off.
	Reason string
	Family sqldb.ID // of Identify
}

// The steps of officers. Errors: grievance.unknown, access.denied, grievance.changed,
// grievance.transition or objection.transition, and those the rules give each step.

// Assign gives a case to an officer. Error, beside those of every step: grievance.officer when she may
// not handle it.
func (s *Service) Assign(ctx context.Context, who access.Actor, d Decision) (Row, error) {
	officer := d.Officer
	if officer.IsZero() {
		officer = who.ID
	}
	return s.decide(ctx, who, "assign", access.HandleGrievance, d, func(tx *act.Tx, r *Row, role access.Role) error {
		if err := s.mayHandle(ctx, tx, r, officer); err != nil {
			return err
		}
		if r.Kind == Objection {
			o, err := s.rules.Assign(r.objection(), officer, s.step(tx, r, d))
			if err == nil {
				r.fromObjection(o, role, d.Paper.Name)
			}
			return err
		}
		if err := s.answer(tx, r, grievance.ActAssign, d, role); err != nil {
			return err
		}
		r.Officer = officer
		return nil
	})
}

// mayHandle wants who gets a case to be an officer who may take the next step with it.
func (s *Service) mayHandle(ctx context.Context, tx *act.Tx, r *Row, officer sqldb.ID) error {
	if officer == tx.Who.ID {
		return nil
	}
	if s.load == nil {
		return fail.Invalid("grievance.officer").On("officer")
	}
	other, err := s.load(ctx, officer)
	if err == nil {
		err = other.Allow(r.HandledBy(), r.Tenant, r.HandledAt())
	}
	switch fail.KindOf(err) {
	case fail.KindForbidden, fail.KindUnauthorized:
		return fail.Invalid("grievance.officer").On("officer")
	}
	return err
}

// HandledBy gives the permission by which a case is worked on.
func (r *Row) HandledBy() access.Permission {
	if r.Kind == Objection {
		return access.VerifyProposal
	}
	return access.HandleGrievance
}

// Ask asks who complained for more; until she tells it, the office is not late.
func (s *Service) Ask(ctx context.Context, who access.Actor, d Decision) (Row, error) {
	return s.complain(ctx, who, grievance.ActAsk, d)
}

// Answer answers a complaint. The one who complained may reopen it until the day in the answer.
func (s *Service) Answer(ctx context.Context, who access.Actor, d Decision) (Row, error) {
	return s.complain(ctx, who, grievance.ActAnswer, d)
}

// Check records a field check of an objection; the paper is the visit.
func (s *Service) Check(ctx context.Context, who access.Actor, d Decision) (Row, error) {
	return s.object(ctx, who, "check", d, s.rules.Check, nil)
}

// Uphold decides an objection for who filed it, and carries it out in the same act: a refused proposal
// is taken up again, a listed family is proposed for removal, which goes the way of every proposal, a
// misused NIK is taken off the record that carried it. Errors, beside those of the rules:
// objection.family_needed when nobody has said which family it is about.
func (s *Service) Uphold(ctx context.Context, who access.Actor, d Decision) (Row, error) {
	return s.object(ctx, who, "uphold", d, s.rules.Uphold, s.carryOut)
}

// Dismiss decides an objection against who filed it, with words that tell her why.
func (s *Service) Dismiss(ctx context.Context, who access.Actor, d Decision) (Row, error) {
	return s.object(ctx, who, "dismiss", d, s.rules.Dismiss, nil)
}

// Identify says which family of the registry an objection to a listing is about, where its filer did
// not know. Errors: objection.other_village when the family lives elsewhere, objection.transition.
func (s *Service) Identify(ctx context.Context, who access.Actor, d Decision) (Row, error) {
	return s.decide(ctx, who, actIdentify, access.VerifyProposal, d, func(tx *act.Tx, r *Row, role access.Role) error {
		if r.Kind != Objection || r.Topic != string(proposal.AgainstListing) || !r.Open() {
			return fail.Conflict("objection.transition", "state", r.State, "action", actIdentify)
		}
		f, err := s.reg.FamilyIn(ctx, tx, s.storage(r), d.Family)
		if err != nil {
			return err
		}
		if f.Area != r.Area {
			return fail.Invalid("objection.other_village").On("family")
		}
		r.Subject = f.ID
		r.Events = append(r.Events, Event{At: tx.Now, On: s.today(tx, r), By: tx.Who.ID, Role: role, Action: actIdentify, From: r.State, To: r.State, Document: f.ID})
		return nil
	})
}

// decide changes one case: permission at the level it is handled, version, step, entry.
func (s *Service) decide(ctx context.Context, who access.Actor, action string, p access.Permission, d Decision, f func(*act.Tx, *Row, access.Role) error) (out Row, err error) {
	if utf8.RuneCountInString(d.Note) > longestText {
		return out, fail.Invalid("grievance.too_long", "max", longestText).On("note")
	}
	err = s.acts.Write(ctx, who, "grievance."+action, func(tx *act.Tx) error {
		r, err := rowIn(ctx, tx, d.Tenant, d.ID)
		if err != nil {
			return err
		}
		// Who may not handle the case learns nothing of where it stands.
		p := s.permission(r, p, action)
		if err := tx.Allow(p, r.Tenant, r.HandledAt()); err != nil {
			return err
		}
		if r.Version != d.Version {
			return fail.Conflict("grievance.changed", "state", r.State)
		}
		if err := f(tx, r, who.RoleFor(p, r.Tenant, r.HandledAt())); err != nil {
			return err
		}
		if err := s.updateRow(ctx, tx, r); err != nil {
			return err
		}
		out = *r
		return tx.Record(ctx, r.entry(map[string]any{"topic": r.Topic}))
	})
	return out, err
}

// permission gives what a step asks for: that of the table of transitions, and of a step the table
// does not have what handling the case asks for, so that the rules say why.
func (s *Service) permission(r *Row, p access.Permission, action string) access.Permission {
	if r.Kind != Objection {
		return access.HandleGrievance
	}
	for _, t := range proposal.ObjectionTransitions() {
		if string(t.From) == r.State && t.Action == action && t.Permission != proposal.BySystem {
			return t.Permission
		}
	}
	if p == access.HandleGrievance {
		return access.VerifyProposal
	}
	return p
}

// HandledAt gives the area whose office handles the case.
func (r *Row) HandledAt() area.Code {
	if r.Above {
		return r.Area.District()
	}
	return r.Area
}

func (s *Service) step(tx *act.Tx, r *Row, d Decision) proposal.Step {
	return proposal.Step{By: tx.Who.ID, At: tx.Now, On: s.today(tx, r), Note: d.Note, Document: evidence(d.Paper), DocumentNumber: d.Paper.Number}
}

// complain takes a step of a complaint.
func (s *Service) complain(ctx context.Context, who access.Actor, action grievance.Action, d Decision) (Row, error) {
	return s.decide(ctx, who, string(action), access.HandleGrievance, d, func(tx *act.Tx, r *Row, role access.Role) error {
		if r.Kind != Complaint {
			return fail.Conflict("grievance.transition", "state", r.State, "action", string(action))
		}
		return s.answer(tx, r, action, d, role)
	})
}

func (s *Service) answer(tx *act.Tx, r *Row, action grievance.Action, d Decision, role access.Role) error {
	next, err := s.answers.Act(r.complaint(), action, grievance.Step{By: tx.Who.ID, At: tx.Now, On: s.today(tx, r), Note: d.Note})
	if err == nil {
		r.fromComplaint(next, role, d.Paper.Name)
	}
	return err
}

// object takes a step of an objection, and what follows from it.
func (s *Service) object(ctx context.Context, who access.Actor, action string, d Decision,
	rule func(proposal.Objection, proposal.Step) (proposal.Objection, error), after func(context.Context, *act.Tx, *Row, Decision) error) (Row, error) {
	return s.decide(ctx, who, action, access.VerifyProposal, d, func(tx *act.Tx, r *Row, role access.Role) error {
		if r.Kind != Objection {
			return fail.Conflict("objection.transition", "state", r.State, "action", action)
		}
		o, err := rule(r.objection(), s.step(tx, r, d))
		if err != nil {
			return err
		}
		r.fromObjection(o, role, d.Paper.Name)
		if after == nil {
			return nil
		}
		return after(ctx, tx, r, d)
	})
}

// carryOut does what an upheld objection asks for.
func (s *Service) carryOut(ctx context.Context, tx *act.Tx, r *Row, d Decision) error {
	outcome := proposals.Paper{ID: r.ID, Name: r.Number, Number: r.Number}
	switch proposal.ObjectionKind(r.Topic) {
	case proposal.AgainstRefusal:
		_, err := s.proposals.ReopenIn(ctx, tx, r.Tenant, r.Proposal, outcome, d.Note)
		return err
	case proposal.AgainstMisuse:
		return s.freeIn(ctx, tx, r)
	}
	if r.Subject.IsZero() {
		return fail.Conflict("objection.family_needed").On("family")
	}
	reason := d.Reason
	if reason == "" {
		reason = "better_off"
	}
	_, err := s.proposals.ProposeRemovalIn(ctx, tx, access.VerifyProposal, proposals.Filing{
		Tenant: s.storage(r), Family: r.Subject, Reason: reason, Evidence: outcome,
	})
	return err
}

// freeIn takes the filer's NIK off the record that carried it. Where nobody carries it any more there
// is nothing to do.
func (s *Service) freeIn(ctx context.Context, tx *act.Tx, r *Row) error {
	d, err := s.open(r.sealed)
	if err != nil {
		return err
	}
	hash := s.reg.NIKHash(d.NIK)
	holders, err := s.reg.HoldersIn(ctx, tx, []sqldb.Hash{hash})
	if err != nil {
		return fmt.Errorf("find holder: %w", err)
	}
	holder, held := holders[hash]
	if !held || holder.Tenant != s.storage(r) || holder.FamilyID != r.Subject {
		return nil
	}
	p, err := s.reg.PersonIn(ctx, tx, holder.Tenant, holder.PersonID)
	if err != nil {
		return err
	}
	p.NIK, p.Match, p.MatchFields = person.NIK{}, civilmatch.Pending, 0
	_, err = s.reg.ChangePersonIn(ctx, tx, p)
	return err
}
