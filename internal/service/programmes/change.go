package programmes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
)

// ChangeKind is what somebody asks about one place on a list in force. Its words are programmes.change.<kind>.
type ChangeKind string

// The kinds of changes. Resume takes a suspension back, Restore an end.
const (
	Suspend  ChangeKind = "suspend"
	Resume   ChangeKind = "resume"
	End      ChangeKind = "end"
	Restore  ChangeKind = "restore"
	NewPayee ChangeKind = "payee"
)

// ChangeState is how far a change has come. Its words are programmes.change_state.<state>.
type ChangeState string

// The states of a change.
const (
	ChangeOpen      ChangeState = "open" // waits for the second person
	ChangeDone      ChangeState = "done"
	ChangeRefused   ChangeState = "refused"
	ChangeWithdrawn ChangeState = "withdrawn"
)

// EndedByDecision is the reason of a row that a Change ended; a key of the catalogue under programmes.ended.
const EndedByDecision = "decision"

// Change is one thing decided, or to be decided, about one place.
type Change struct {
	Tenant    area.Tenant
	ID        sqldb.ID
	Version   int64
	Enrolment sqldb.ID
	Programme programme.ID
	Family    sqldb.ID
	Person    sqldb.ID // whom a personal programme is for; zero when the place is the family's
	Area      area.Code
	Kind      ChangeKind
	Reason    string // code of data/reasons; empty for a payee
	Note      string
	Before    sqldb.ID // the payee so far
	Payee     sqldb.ID // the new one
	State     ChangeState
	AskedBy   sqldb.ID
	AskedAt   time.Time
	DecidedBy sqldb.ID
	DecidedAt time.Time
	Answer    string
	Letter    sqldb.ID // that told the family; zero when there is none
	LiftedAt  time.Time
}

// Ask is what is asked of a place.
type Ask struct {
	// Version of the enrolment as it was shown.
	Version int64
	Kind    ChangeKind
	Reason  string
	Note    string
	Payee   sqldb.ID
}

// AskProblems names everything that is wrong with what is asked, on a day. Errors: programme.change_kind,
// programme.change_reason, programme.change_note, programme.change_payee.
func (s *Service) AskProblems(in Ask, day period.Date) (out []error) {
	use := proposal.UseDeactivate
	switch in.Kind {
	case Suspend, End:
	case Resume, Restore:
		use = proposal.UseReactivate
	case NewPayee:
		use = ""
		if in.Payee.IsZero() {
			out = append(out, fail.Invalid("programme.change_payee").On("payee"))
		}
	default:
		return []error{fail.Invalid("programme.change_kind").On("kind")}
	}
	if use != "" && !slices.ContainsFunc(s.Reasons.For(use, day), func(r proposal.Reason) bool { return r.Code == in.Reason }) {
		out = append(out, fail.Invalid("programme.change_reason").On("reason"))
	}
	if strings.TrimSpace(in.Note) == "" {
		out = append(out, fail.Invalid("programme.change_note").On("note"))
	}
	return out
}

// AskChange asks for a change of one place; nothing changes before another person decides (DecideChange). Errors:
// those of AskProblems, programme.changed, programme.change_open, programme.change_state (fact state),
// programme.change_list when the list is no longer in force.
func (s *Service) AskChange(ctx context.Context, who access.Actor, tenant area.Tenant, enrolment sqldb.ID, in Ask) (c Change, err error) {
	err = s.Acts.Write(ctx, who, "programme.change_ask", func(tx *act.Tx) error {
		e, err := enrolmentByID(ctx, tx, tenant, enrolment)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RunEnrolment, tenant, e.Area); err != nil {
			return err
		}
		if problems := s.AskProblems(in, s.Places.LocalDate(e.Area, tx.Now)); len(problems) > 0 {
			return problems[0]
		}
		if e.Version != in.Version {
			return fail.Conflict("programme.changed")
		}
		if c, err = s.newChange(ctx, tx, e, in); err != nil {
			return err
		}
		return tx.Record(ctx, changeEntry(c))
	})
	return c, err
}

func changeEntry(c Change) audit.Entry {
	return audit.Entry{Tenant: c.Tenant, Area: c.Area, Subject: c.Family, Facts: map[string]any{
		"enrolment": c.Enrolment.String(), "change": c.ID.String(), "kind": c.Kind, "reason": c.Reason, "state": c.State,
	}}
}

func (s *Service) newChange(ctx context.Context, tx *act.Tx, e Enrolment, in Ask) (Change, error) {
	c := Change{Tenant: e.Tenant, ID: tx.NewID(), Version: 1, Enrolment: e.ID, Programme: e.Programme, Family: e.Family, Area: e.Area,
		Kind: in.Kind, Reason: in.Reason, Note: strings.TrimSpace(in.Note), State: ChangeOpen, AskedBy: sqldb.ID(tx.Who.ID), AskedAt: tx.Now}
	_, p, err := s.changeable(ctx, tx, e, in.Kind)
	if err != nil {
		return c, err
	}
	if personal(p) {
		c.Person = e.Person
	}
	if in.Kind == NewPayee {
		c.Reason, c.Before, c.Payee = "", e.Person, in.Payee
		if err := s.mayReceive(ctx, tx, e, p, in.Payee, s.Places.LocalDate(e.Area, tx.Now)); err != nil {
			return c, err
		}
	}
	if err := insertChange(ctx, tx, c); err != nil {
		if sqldb.IsUnique(err) {
			return c, fail.Conflict("programme.change_open")
		}
		return c, fmt.Errorf("keep change: %w", err)
	}
	return c, nil
}

// changeable refuses a change that the place's state, or its list's, does not allow.
func (s *Service) changeable(ctx context.Context, q sqldb.Querier, e Enrolment, kind ChangeKind) (l List, p programme.Programme, err error) {
	if l, err = listByID(ctx, q, e.Tenant, e.List); err != nil {
		return l, p, err
	}
	if p, err = s.Set(l.AsOf).Programme(e.Programme); err != nil {
		return l, p, err
	}
	if l.State != Frozen {
		return l, p, fail.Conflict("programme.change_list")
	}
	from := map[ChangeKind][]State{Suspend: {Enrolled}, Resume: {Suspended}, End: {Enrolled, Suspended}, Restore: {Ended}, NewPayee: {Enrolled, Suspended}}[kind]
	if !slices.Contains(from, e.State) || kind == Restore && e.EndedReason != EndedByDecision || kind == NewPayee && personal(p) {
		return l, p, fail.Conflict("programme.change_state", "state", e.State.String())
	}
	return l, p, nil
}

// mayReceive refuses a payee who is no active adult of the family, or who receives already. Error: programme.change_payee.
func (s *Service) mayReceive(ctx context.Context, q sqldb.Querier, e Enrolment, p programme.Programme, payee sqldb.ID, day period.Date) error {
	able, err := s.payeesFor(ctx, q, e, p, day)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(able, func(m registry.Person) bool { return m.ID == payee }) {
		return fail.Invalid("programme.change_payee").On("payee")
	}
	return nil
}

// payeesFor gives who else of the family may receive the money: its active members who are surely of age.
func (s *Service) payeesFor(ctx context.Context, q sqldb.Querier, e Enrolment, p programme.Programme, day period.Date) ([]registry.Person, error) {
	if personal(p) {
		return nil, nil
	}
	members, err := s.Registry.MembersIn(ctx, q, e.Tenant, e.Family)
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	return slices.DeleteFunc(members, func(m registry.Person) bool {
		youngest, _, known := m.BirthDate.AgeRange(day)
		return m.ID == e.Person || m.State != registry.Active || !known || youngest < adult
	}), nil
}

// Verdict is what the second person says.
type Verdict struct {
	Version int64 // of the change as it was shown
	Approve bool
	Note    string // needed for a refusal
}

// DecideChange carries a change out, or refuses it. Nobody decides what she asked for herself. Errors:
// programme.no_change, programme.change_decided, programme.change_note, access.same_person, and those of AskChange
// when the place changed since.
func (s *Service) DecideChange(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, in Verdict) (c Change, err error) {
	err = s.Acts.Write(ctx, who, "programme.change_decide", func(tx *act.Tx) error {
		if c, err = changeByID(ctx, tx, tenant, id); err != nil {
			return err
		}
		if err := tx.Allow(access.ApproveEnrolment, tenant, c.Area); err != nil {
			return err
		}
		if err := access.OtherPerson(c.AskedBy, who); err != nil {
			return err
		}
		if c.State != ChangeOpen || c.Version != in.Version {
			return fail.Conflict("programme.change_decided")
		}
		if c.Answer = strings.TrimSpace(in.Note); !in.Approve && c.Answer == "" {
			return fail.Invalid("programme.change_note").On("answer")
		}
		c.State, c.DecidedBy, c.DecidedAt = ChangeRefused, sqldb.ID(who.ID), tx.Now
		if in.Approve {
			c.State = ChangeDone
			if err := s.carryOut(ctx, tx, &c); err != nil {
				return err
			}
		}
		if err := keepChange(ctx, tx, &c); err != nil {
			return err
		}
		return tx.Record(ctx, changeEntry(c))
	})
	return c, err
}

// WithdrawChange takes a request back that nobody decided yet; only who asked may. Errors: programme.no_change,
// programme.change_decided, access.denied.
func (s *Service) WithdrawChange(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) error {
	return s.Acts.Write(ctx, who, "programme.change_withdraw", func(tx *act.Tx) error {
		c, err := changeByID(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RunEnrolment, tenant, c.Area); err != nil {
			return err
		}
		switch {
		case c.AskedBy != sqldb.ID(who.ID):
			return fail.Forbidden("access.denied", "permission", string(access.RunEnrolment))
		case c.State != ChangeOpen:
			return fail.Conflict("programme.change_decided")
		}
		c.State, c.DecidedBy, c.DecidedAt = ChangeWithdrawn, sqldb.ID(who.ID), tx.Now
		if err := keepChange(ctx, tx, &c); err != nil {
			return err
		}
		return tx.Record(ctx, changeEntry(c))
	})
}

// carryOut changes the place, what the public check shows of it, and the letters that hold.
func (s *Service) carryOut(ctx context.Context, tx *act.Tx, c *Change) error {
	e, err := enrolmentByID(ctx, tx, c.Tenant, c.Enrolment)
	if err != nil {
		return err
	}
	l, p, err := s.changeable(ctx, tx, e, c.Kind)
	if err != nil {
		return err
	}
	today := s.Places.LocalDate(e.Area, tx.Now)
	shown := registry.Listing{Programme: string(e.Programme)}
	if personal(p) {
		shown.Persons = []sqldb.ID{e.Person}
	} else {
		shown.Families = []sqldb.ID{e.Family}
	}
	switch c.Kind {
	case Suspend:
		e.State = Suspended
	case End:
		e.State, e.To, e.EndedReason = Ended, today, EndedByDecision
	case Resume, Restore:
		e.State, e.To, e.EndedReason, shown.Period = Enrolled, period.Date{}, "", l.Period.Text()
	case NewPayee:
		if err := s.mayReceive(ctx, tx, e, p, c.Payee, today); err != nil {
			return err
		}
		c.Before, e.Person = e.Person, c.Payee
		if e.State == Enrolled {
			shown.Period = l.Period.Text()
		}
	}
	if err := keepEnrolment(ctx, tx, e); err != nil {
		return err
	}
	if c.Kind != NewPayee { // one act asks for one place; whoever stood suspended and is ended stands once
		if err := liftChanges(ctx, tx, e.Tenant, e.Programme, stand{e.Family, c.Person}); err != nil {
			return err
		}
	}
	if _, err := s.Registry.SetProgrammesIn(ctx, tx, e.Tenant, shown); err != nil {
		return err
	}
	return s.tellFamily(ctx, tx, e, c, today)
}

// ChangeFacts are what the register keeps of a letter about a change: ids, codes and dates.
type ChangeFacts struct {
	Change      sqldb.ID    `json:"change"`
	Enrolment   sqldb.ID    `json:"enrolment"`
	Programme   string      `json:"programme"`
	Kind        ChangeKind  `json:"kind"`
	Reason      string      `json:"reason"`
	From        period.Date `json:"from"`
	ObjectUntil period.Date `json:"object_until,omitzero"`
}

// tellFamily takes the letters back that do not hold any more, and issues the one that tells of a suspension or an end. Who is
// back on the list, or has another payee, is told by a letter of award again.
func (s *Service) tellFamily(ctx context.Context, tx *act.Tx, e Enrolment, c *Change, today period.Date) error {
	old, err := lettersOf(ctx, tx, e)
	if err != nil {
		return err
	}
	if err := s.Letters.RevokeIn(ctx, tx, e.Tenant, old); err != nil {
		return err
	}
	kind := letters.Suspension
	switch c.Kind {
	case Suspend:
	case End:
		kind = letters.Removal
	default:
		return nil
	}
	l, err := s.Letters.IssueIn(ctx, tx, letters.New{Tenant: e.Tenant, Kind: kind, Subject: e.Family, Area: e.Area, Facts: ChangeFacts{
		Change: c.ID, Enrolment: e.ID, Programme: string(e.Programme), Kind: c.Kind, Reason: c.Reason, From: today,
		ObjectUntil: s.Deadlines.Due("objection_window", today, s.Calendar),
	}})
	c.Letter = l.ID
	return err
}
