package screening

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
)

// notePurpose binds the sealed words of a decision or appeal.
const notePurpose = seal.Purpose("finding_note")

// Decision is what a person decides about one finding.
type Decision struct {
	// Version is the version of the finding that was looked at.
	Version int64
	// Uphold keeps the finding; else it is dismissed.
	Uphold bool
	// Reason of a dismissal: a code that may be given for a reactivation.
	Reason string
	// Note is what was seen, in words; it is kept sealed.
	Note string
}

// Event is what somebody said or decided about a finding.
type Event struct {
	At     time.Time
	Actor  sqldb.ID
	Action string // uphold, dismiss, appeal, settle
	From   State
	To     State
	Reason string
	Note   string
	// Number is that of an objection, such as A-2026-00017: whoever sent it follows it by the number.
	Number string
}

// The actions of events.
const (
	actionUphold  = "uphold"
	actionDismiss = "dismiss"
	actionAppeal  = "appeal"
	actionSettle  = "settle" // the family named another payee
)

// Decide upholds or dismisses one finding. Upheld, a found one is noticed with its letter,
// and an appealed one stands as before the appeal. Dismissed, whoever was removed is
// reinstated at once and told so by letter. An appeal is decided by another person than
// who decided before. Errors: finding.unknown, finding.changed, finding.state (facts state),
// finding.merge for a duplicate, which is reviewed elsewhere, finding.reason, reason.unknown,
// reason.use, access.same_person.
func (s *Service) Decide(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, d Decision) (f Finding, err error) {
	err = s.acts.Write(ctx, who, "finding.decide", func(tx *act.Tx) error {
		if f, err = s.lookIn(ctx, tx, access.DecideFinding, tenant, id, d.Version); err != nil {
			return err
		}
		from := f.State
		if from == Appealed && !f.DecidedBy.IsZero() {
			if err := access.OtherPerson(f.DecidedBy, who); err != nil {
				return err
			}
		}
		action := actionDismiss
		if d.Uphold {
			action, err = actionUphold, s.uphold(ctx, tx, &f)
		} else {
			err = s.dismiss(ctx, tx, &f, d.Reason)
		}
		if err != nil {
			return err
		}
		return s.told(ctx, tx, f, Event{Action: action, From: from, To: f.State, Reason: d.Reason, Note: d.Note})
	})
	return f, err
}

// lookIn reads a finding that is about to be changed, with the permission at its place.
func (s *Service) lookIn(ctx context.Context, tx *act.Tx, p access.Permission, tenant area.Tenant, id sqldb.ID, version int64) (Finding, error) {
	f, err := loadFinding(ctx, tx, tenant, id)
	if err != nil {
		return f, err
	}
	if err := tx.Allow(p, tenant, f.Area); err != nil {
		return f, err
	}
	if f.Version != version {
		return f, fail.Conflict("finding.changed")
	}
	return f, nil
}

func wrongState(f Finding) error { return fail.Conflict("finding.state", "state", string(f.State)) }

func (s *Service) uphold(ctx context.Context, tx *act.Tx, f *Finding) error {
	if !s.mayBeNoticed(*f) {
		return fail.Conflict("finding.merge")
	}
	f.DecidedBy = tx.Who.ID
	list := []Finding{*f}
	switch {
	case f.State == Found:
		if err := s.noticeIn(ctx, tx, list, func(Finding) bool { return true }); err != nil {
			return err
		}
	case f.State == Appealed && f.InForce():
		list[0].State = Removed
	case f.State == Appealed:
		list[0].State = Noticed
	default:
		return wrongState(*f)
	}
	err := updateFindings(ctx, tx, list)
	*f = list[0]
	return err
}

func (s *Service) dismiss(ctx context.Context, tx *act.Tx, f *Finding, reason string) error {
	if !f.State.Open() {
		return wrongState(*f)
	}
	if err := s.checkReason(reason, proposal.UseReactivate, s.places.LocalDate(f.Area, tx.Now)); err != nil {
		return err
	}
	told := f.State != Found // who was told of a removal is told that it is off
	f.DecidedBy = tx.Who.ID
	list := []Finding{*f}
	if _, err := s.takeBackIn(ctx, tx, list, Dismissed); err != nil {
		return err
	}
	*f = list[0]
	if !told {
		return nil
	}
	_, err := s.writeIn(ctx, tx, []*Finding{f}, func(*Finding) (letters.Kind, LetterFacts) {
		return letters.Reinstatement, LetterFacts{Decision: reason}
	})
	return err
}

// checkReason wants a reason in force that may be given for the use.
func (s *Service) checkReason(code string, use proposal.Use, today period.Date) error {
	if code == "" {
		return fail.Invalid("finding.reason").On("reason")
	}
	reason, err := s.reasons.Find(code, today)
	if err != nil {
		return err
	}
	if !slices.Contains(reason.Uses, use) {
		return fail.Invalid("reason.use", "code", code, "use", string(use)).On("reason")
	}
	return nil
}

// told keeps the event of a finding that was just changed, and the audit entry.
func (s *Service) told(ctx context.Context, tx *act.Tx, f Finding, e Event) error {
	if err := s.keepEvent(ctx, tx, f, e); err != nil {
		return err
	}
	return tx.Record(ctx, entryOf(f, e))
}

// entryOf is the audit entry of an event.
func entryOf(f Finding, e Event) audit.Entry {
	return audit.Entry{Tenant: f.Tenant, Area: f.Area, Subject: f.Subject(), Facts: map[string]any{
		"finding": f.ID.String(), "criterion": f.Criterion, "from": e.From, "to": e.To, "reason": e.Reason,
	}}
}

func (s *Service) keepEvent(ctx context.Context, tx *act.Tx, f Finding, e Event) error {
	var note []byte
	if text := strings.TrimSpace(e.Note); text != "" {
		note = s.keys.Seal(nil, notePurpose, []byte(text))
	}
	if err := insertEvent(ctx, tx, f, e, note); err != nil {
		return fmt.Errorf("keep event of finding: %w", err)
	}
	return nil
}

// Appeal is an objection against a finding.
type Appeal struct {
	// Version is the version of the finding that was looked at.
	Version int64
	// Reason is a code that may be given for an objection.
	Reason string
	// Note is what the person says, in words; it is kept sealed.
	Note string
}

// Appeal records an objection against a notice or a removal; see AppealIn.
func (s *Service) Appeal(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, a Appeal) (f Finding, err error) {
	err = s.acts.Write(ctx, who, "finding.appeal", func(tx *act.Tx) error {
		if f, err = s.lookIn(ctx, tx, access.HandleGrievance, tenant, id, a.Version); err != nil {
			return err
		}
		f, err = s.AppealIn(ctx, tx, f, a)
		return err
	})
	return f, err
}

// AppealIn records an objection in an act that has its permission. Until it is decided a
// notice does not run out; a removal stays in force. A notice may be appealed as long as
// nobody is removed, a removal while the window for objections is open: later the way is a
// proposal of reactivation. Errors: finding.state, finding.appeal_late (fact until),
// finding.reason, reason.unknown, reason.use.
func (s *Service) AppealIn(ctx context.Context, tx *act.Tx, f Finding, a Appeal) (Finding, error) {
	f, e, err := s.appealed(ctx, tx, f, a)
	if err != nil {
		return f, err
	}
	return f, s.told(ctx, tx, f, e)
}

// appealed changes the finding, and gives the event that is to be kept of it.
func (s *Service) appealed(ctx context.Context, tx *act.Tx, f Finding, a Appeal) (Finding, Event, error) {
	if f.State != Noticed && f.State != Removed {
		return f, Event{}, wrongState(f)
	}
	today := s.places.LocalDate(f.Area, tx.Now)
	if err := s.checkReason(a.Reason, proposal.UseObject, today); err != nil {
		return f, Event{}, err
	}
	if until := s.deadlines.Due(objectionWindow, f.EffectiveOn, s.calendar); f.State == Removed && !until.IsZero() && today.After(until) {
		return f, Event{}, fail.Conflict("finding.appeal_late", "until", until.Text())
	}
	from := f.State
	f.State = Appealed
	list := []Finding{f}
	if err := updateFindings(ctx, tx, list); err != nil {
		return f, Event{}, err
	}
	number, err := s.numberIn(ctx, tx, f)
	if err != nil {
		return f, Event{}, err
	}
	return list[0], Event{Action: actionAppeal, From: from, To: Appealed, Reason: a.Reason, Note: a.Note, Number: number}, nil
}

func insertEvent(ctx context.Context, tx *act.Tx, f Finding, e Event, note []byte) error {
	var sealed any
	if note != nil {
		sealed = note
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO finding_event (kabkota, finding_id, seq, at, actor_id, action, from_state, to_state, reason, note, act_id, number)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		int64(f.Tenant), f.ID, f.Version, tx.Micros(), sqldb.ID(tx.Who.ID), e.Action, string(e.From), string(e.To), e.Reason, sealed, tx.Act, e.Number)
	return err
}

func (s *Service) eventsOf(ctx context.Context, q sqldb.Querier, f Finding) ([]Event, error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT at, actor_id, action, from_state, to_state, reason, note, number FROM finding_event
		WHERE kabkota = $1 AND finding_id = $2 ORDER BY seq LIMIT 200`, []any{int64(f.Tenant), f.ID}, func(r sqldb.Row) (e Event, err error) {
		var at int64
		var from, to string
		var note []byte
		if err := r.Scan(&at, &e.Actor, &e.Action, &from, &to, &e.Reason, &note, &e.Number); err != nil {
			return e, err
		}
		e.At, e.From, e.To = time.UnixMicro(at).UTC(), State(from), State(to)
		if len(note) > 0 {
			plain, err := s.keys.Open(notePurpose, note)
			e.Note = string(plain)
			return e, err
		}
		return e, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read events of finding: %w", err)
	}
	return list, nil
}
