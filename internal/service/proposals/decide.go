package proposals

import (
	"context"
	"fmt"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
)

// mostAtOnce bounds the proposals one person decides in one act.
const mostAtOnce = 500

// Decision is one step for one or several proposals of a tenant: all of them take it, or none. Note
// is what the applicant reads beside the reason.
type Decision struct {
	Tenant area.Tenant
	Rows   []Seen
	Reason string
	Note   string
	Paper  Paper
}

// One makes the decision about one proposal as it was seen.
func One(r Row) Decision { return Decision{Tenant: r.Tenant, Rows: []Seen{{r.ID, r.Version}}} }

// The steps. Each checks the permission at the proposals' own villages and the versions seen, and
// gives the proposals after it. Errors, with the fact number of the proposal concerned:
// proposal.unknown, access.denied, proposal.changed when somebody else was faster,
// installation.not_our_level, and those of proposal.Rules.Act. proposal.none, proposal.twice,
// proposal.too_many_rows and proposal.too_long are about the decision itself.

// List puts proposals onto the village's initial list; one that the civil registry has not answered
// for needs the paper that was seen in its place.
func (s *Service) List(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActList, d)
}

// Deliberate records that the village meeting decided for them; the paper is its minutes.
func (s *Service) Deliberate(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActDeliberate, d)
}

// Attest records a statement of absolute responsibility (SPTJM) in place of a meeting.
func (s *Service) Attest(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActAttest, d)
}

// Visit records a field visit that confirmed them; the paper is its report.
func (s *Service) Visit(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActVisit, d)
}

// See records that the camat has seen them, where the route has that step.
func (s *Service) See(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActSeen, d)
}

// Verify records Dinsos's verification.
func (s *Service) Verify(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActVerify, d)
}

// Approve records the approval of the head of the agency.
func (s *Service) Approve(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActApprove, d)
}

// Forward records that the governor passed them on, where the route has that step.
func (s *Service) Forward(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActForward, d)
}

// Return sends them back to their filers, for a reason and with words they can act on.
func (s *Service) Return(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActReturn, d)
}

// Refuse refuses them for a reason; each applicant gets a letter and may object until the day in it.
func (s *Service) Refuse(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActRefuse, d)
}

// Withdraw takes them back for their filers, for a reason.
func (s *Service) Withdraw(ctx context.Context, who access.Actor, d Decision) ([]Row, error) {
	return s.decide(ctx, who, proposal.ActWithdraw, d)
}

func (s *Service) decide(ctx context.Context, who access.Actor, action proposal.Action, d Decision) (out []Row, err error) {
	if len(d.Rows) == 0 {
		return nil, fail.Invalid("proposal.none")
	}
	if len(d.Rows) > mostAtOnce {
		return nil, fail.Invalid("proposal.too_many_rows", "most", mostAtOnce)
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	d.Paper = d.Paper.given()
	err = s.acts.Write(ctx, who, "proposal."+string(action), func(tx *act.Tx) error {
		out = nil
		rows, err := s.seenIn(ctx, tx, d)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := s.take(tx, r, action, d); err != nil {
				return r.about(err)
			}
		}
		if err := s.keepIn(ctx, tx, rows); err != nil {
			return err
		}
		for _, r := range rows {
			out = append(out, *r)
		}
		return tx.Record(ctx, decided(rows, d))
	})
	return out, err
}

// check bounds the words of a decision.
func (d Decision) check() error {
	switch {
	case utf8.RuneCountInString(d.Note) > longestText:
		return fail.Invalid("proposal.too_long", "max", longestText).On("note")
	case utf8.RuneCountInString(d.Paper.Name) > longestLine || utf8.RuneCountInString(d.Paper.Number) > longestLine:
		return fail.Invalid("proposal.too_long", "max", longestLine).On("document")
	}
	return nil
}

// seenIn reads the proposals of a decision and refuses those that moved since they were seen.
func (s *Service) seenIn(ctx context.Context, tx *act.Tx, d Decision) ([]*Row, error) {
	ids := make([]sqldb.ID, len(d.Rows))
	twice := map[sqldb.ID]bool{}
	for i, seen := range d.Rows {
		if ids[i] = seen.ID; twice[seen.ID] {
			return nil, fail.Invalid("proposal.twice")
		}
		twice[seen.ID] = true
	}
	rows, err := rowsIn(ctx, tx, d.Tenant, ids)
	if err != nil {
		return nil, err
	}
	for i, r := range rows {
		// Who may not see a proposal learns nothing of where it stands.
		if err := tx.Who.Allow(access.ReadRegistry, r.Tenant, r.Area); err != nil {
			return nil, err
		}
		if r.Version != d.Rows[i].Version {
			return nil, r.about(fail.Conflict("proposal.changed", "state", string(r.State)))
		}
	}
	return rows, nil
}

// take asks for leave at the proposal's own village and takes one step.
func (s *Service) take(tx *act.Tx, r *Row, action proposal.Action, d Decision) error {
	permission := permissionFor(r.State, action)
	if err := tx.Allow(permission, r.Tenant, r.Area); err != nil {
		return err
	}
	if duty, bound := dutyOf(permission); bound {
		if err := s.home.MustPerform(duty); err != nil {
			return err
		}
	}
	step := proposal.Step{
		By: tx.Who.ID, At: tx.Now, On: s.today(tx, r.Area), Reason: d.Reason, Note: d.Note, Document: d.Paper.ID, DocumentNumber: d.Paper.Number,
	}
	next, err := s.rules.Act(r.Proposal, action, step)
	if err != nil {
		return err
	}
	r.step(next, tx.Who.RoleFor(permission, r.Tenant, r.Area), said{d.Note, d.Paper.Name})
	return nil
}

// permissionFor gives what a step from a state asks for. Where the table has no such step it is the
// right to see the proposal, and the rules say that the step is not possible.
func permissionFor(from proposal.State, action proposal.Action) access.Permission {
	for _, t := range proposal.Next(from) {
		if t.Action == action && t.Permission != proposal.BySystem {
			return t.Permission
		}
	}
	return access.ReadRegistry
}

// dutyOf says which permissions are exercised only where the installation performs the duty.
func dutyOf(p access.Permission) (installation.Duty, bool) {
	switch p {
	case access.VerifyProposal, access.ApproveProposal:
		return installation.Verify, true
	case access.RatifyProposal:
		return installation.Ratify, true
	case access.Determine:
		return installation.Determine, true
	}
	return "", false
}

// keepIn keeps proposals that took a step, and tells those that were refused.
func (s *Service) keepIn(ctx context.Context, tx *act.Tx, rows []*Row) error {
	if err := s.updateRows(ctx, tx, rows); err != nil {
		return err
	}
	for _, r := range rows {
		if err := s.tell(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// decided is the audit entry of a decision: the proposal, or of several how many and a digest.
func decided(rows []*Row, d Decision) audit.Entry {
	facts := map[string]any{"reason": d.Reason}
	if !d.Paper.ID.IsZero() {
		facts["document"] = d.Paper.ID.String()
	}
	if len(rows) == 1 {
		return rows[0].entry(facts)
	}
	at := rows[0].Area
	for _, r := range rows {
		at = common(at, r.Area)
	}
	facts["proposals"], facts["ids"], facts["state"] = len(rows), audit.Digest(rows, func(r **Row) sqldb.ID { return (*r).ID }), string(rows[0].State)
	return audit.Entry{Tenant: d.Tenant, Area: at, Subject: d.Paper.ID, Facts: facts}
}

// common gives the smallest area that holds both.
func common(a, b area.Code) area.Code {
	for !a.Contains(b) {
		a = a.Parent()
	}
	return a
}

// Mending replaces what was filed, in a proposal that came back or did not match.
type Mending struct {
	Tenant area.Tenant
	Seen
	// Document is the whole form again; only that of a new family can be replaced, since a
	// family in the registry is mended there. Nil leaves it as it is.
	Document *Document
	Paper    Paper
}

// Repair sends a proposal that did not match, or was returned, to be compared again, with a mended
// form or after the registry was mended. Errors: those of Problems and of the steps.
func (s *Service) Repair(ctx context.Context, who access.Actor, m Mending) (Row, error) {
	return s.mend(ctx, who, proposal.ActRepair, m)
}

// Resubmit sends a returned proposal on: to the initial list where it has been, else to be compared.
// A form mended in who a person is has to be compared again: proposal.identity_changed tells to use
// Repair.
func (s *Service) Resubmit(ctx context.Context, who access.Actor, m Mending) (Row, error) {
	return s.mend(ctx, who, proposal.ActResubmit, m)
}

func (s *Service) mend(ctx context.Context, who access.Actor, action proposal.Action, m Mending) (out Row, err error) {
	d := Decision{Tenant: m.Tenant, Rows: []Seen{m.Seen}, Paper: m.Paper.given()}
	if err := d.check(); err != nil {
		return out, err
	}
	err = s.acts.Write(ctx, who, "proposal."+string(action), func(tx *act.Tx) error {
		rows, err := s.seenIn(ctx, tx, d)
		if err != nil {
			return err
		}
		r := rows[0]
		if err := s.take(tx, r, action, d); err != nil {
			return r.about(err)
		}
		if err := s.redocument(ctx, tx, r, action, m.Document); err != nil {
			return r.about(err)
		}
		if err := s.keepIn(ctx, tx, rows); err != nil {
			return err
		}
		out = *r
		return tx.Record(ctx, r.entry(map[string]any{"document_replaced": r.changed}))
	})
	return out, err
}

// redocument puts the mended form in place of the old one, which is kept, and compares it.
func (s *Service) redocument(ctx context.Context, tx *act.Tx, r *Row, action proposal.Action, mended *Document) error {
	now, err := s.open(r.sealed)
	if err != nil {
		return err
	}
	before := now
	switch {
	case r.Kind != proposal.NewFamily:
		if now, err = s.reread(ctx, tx, r, now); err != nil {
			return err
		}
	case mended != nil:
		if problems := s.Problems(r.Area, *mended, s.today(tx, r.Area)); len(problems) > 0 {
			return problems[0]
		}
		now = *mended
	}
	if action == proposal.ActResubmit && r.State != proposal.MatchPending && !sameIdentity(before, now) {
		return fail.Conflict("proposal.identity_changed")
	}
	if err := s.matchIn(ctx, tx, r, &now, proposal.Step{At: tx.Now, On: s.today(tx, r.Area)}); err != nil {
		return err
	}
	if err := keepDocument(ctx, tx, r); err != nil {
		return err
	}
	r.changed = mended != nil
	if head, ok := now.Head(); ok && r.Kind == proposal.NewFamily {
		r.Applicant = head.Name
	}
	if r.sealed, err = s.seal(now); err != nil {
		return err
	}
	return PutKeysIn(ctx, tx, r.Tenant, s.keysOf(r, now))
}

// reread gives the document of a family in the registry as it is recorded now.
func (s *Service) reread(ctx context.Context, tx *act.Tx, r *Row, d Document) (Document, error) {
	f := Filing{Kind: r.Kind, Tenant: s.storage(r), Family: r.Registered, Person: r.Person, Reason: r.Reason, Document: d}
	at, err := s.subjectIn(ctx, tx, f)
	if err != nil {
		return d, fmt.Errorf("read family of %s: %w", r.Number, err)
	}
	return s.documentIn(ctx, tx, &at, f)
}

// sameIdentity tells whether what the civil registry compares stayed the same.
func sameIdentity(a, b Document) bool {
	if a.KK != b.KK || len(a.Members) != len(b.Members) {
		return false
	}
	for i := range a.Members {
		x, y := a.Members[i], b.Members[i]
		if x.NIK != y.NIK || x.Name != y.Name || x.Sex != y.Sex || x.BirthDate != y.BirthDate {
			return false
		}
	}
	return true
}
