package proposal

import (
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Rules is what the machine needs to know beside the proposal: reasons, deadlines, and the working
// days of the responsible office.
type Rules struct {
	Reasons   Reasons
	Deadlines Deadlines
	Calendar  period.Calendar
}

// Step is one act on a proposal, as the service saw it. The service has asked for the permission.
type Step struct {
	By             [16]byte // who acts; zero for the system
	At             time.Time
	On             period.Date // the local date at the office that acts
	Reason         string      // a code of Reasons, where the step needs one
	Note           string      // words for the applicant beside the reason
	Document       [16]byte    // evidence, minutes, letter
	DocumentNumber string      // of the decree or letter
}

// Filing is what a new proposal is made of.
type Filing struct {
	Kind      Kind
	Origin    Origin
	Area      area.Code
	Family    [16]byte
	Person    [16]byte
	Programme string
	Reason    string
	Filer     [16]byte
	Route     Route
}

// New makes a draft, which may still be incomplete; File checks it.
func New(id [16]byte, f Filing) Proposal {
	return Proposal{
		ID: id, Kind: f.Kind, Origin: f.Origin, Area: f.Area, Family: f.Family, Person: f.Person, Programme: f.Programme, Reason: f.Reason,
		Filer: f.Filer, Route: f.Route, State: Draft,
	}
}

// Act takes one step and gives the proposal after it; the one given is not changed. Where a state
// has two steps of the same name, the first whose guards hold is taken. Errors: proposal.transition
// (facts state, action), proposal.actor, proposal.date, those of the guards, and those of Reasons.
func (r Rules) Act(p Proposal, action Action, s Step) (Proposal, error) {
	refusal := error(fail.Conflict("proposal.transition", "state", string(p.State), "action", string(action)))
	if err := s.check(p, action); err != nil {
		return Proposal{}, err
	}
	for _, t := range Next(p.State) {
		if t.Action != action {
			continue
		}
		if refusal = r.holds(t, p, s); refusal == nil {
			return r.move(p, t, s), nil
		}
	}
	return Proposal{}, refusal
}

// check wants an actor where a person acts, none where the system does, and dates that do not run
// backwards.
func (s Step) check(p Proposal, action Action) error {
	if !s.On.IsFull() || len(p.Events) > 0 && s.On.Before(p.Events[len(p.Events)-1].On) {
		return fail.Invalid("proposal.date")
	}
	system := slices.Contains([]Action{ActMatched, ActMatchFailed, ActSubmit}, action)
	if system != (s.By == [16]byte{}) {
		return fail.Forbidden("proposal.actor", "action", string(action))
	}
	return nil
}

// holds checks the guards of a transition and its reason.
func (r Rules) holds(t Transition, p Proposal, s Step) error {
	for _, g := range t.Guards {
		if err := r.guard(g, t, p, s); err != nil {
			return err
		}
	}
	if t.Reason == "" {
		return nil
	}
	return r.Reasons.check(s.Reason, t.Reason, s.On, s.Document)
}

// move writes the event and sets the dates.
func (r Rules) move(p Proposal, t Transition, s Step) Proposal {
	e := Event{s.At, s.On, s.By, t.Action, t.From, t.To, s.Reason, s.Note, s.Document, s.DocumentNumber}
	if t.Reason == "" {
		e.Reason = "" // a reason nobody asked for was not checked either
	}
	p.Events = append(slices.Clip(p.Events), e)
	p.State = t.To
	if t.Action == ActFile {
		p.FiledOn = s.On
		p.AnswerBy = r.Deadlines.Due(AnswerDeadline, s.On, r.Calendar)
	}
	p.Due = r.due(p, s.On)
	return p
}

// due gives by when whoever holds the proposal now should act: the month's cut-off on the way to the
// signature, the answer promised to the applicant after it, the window of whoever has to reply.
func (r Rules) due(p Proposal, on period.Date) period.Date {
	switch p.State {
	case MatchPending, Matched, MatchFailed, Submitted, InitialList, Deliberated, Attested, FieldVerified, SubdistrictSeen, DistrictVerified, AgencyApproved:
		return r.Deadlines.CutOff(on, r.Calendar)
	case Endorsed, Forwarded:
		return p.AnswerBy
	case Returned:
		return r.Deadlines.Due(ReturnDeadline, on, r.Calendar)
	}
	return period.Date{}
}

// ObjectUntil gives the last day on which a refusal may be objected to; the zero Date when the
// proposal is not refused.
func (r Rules) ObjectUntil(p Proposal) period.Date {
	e, refused := p.Refusal()
	if !refused || p.State != Refused {
		return period.Date{}
	}
	return r.Deadlines.Due(ObjectionWindow, e.On, r.Calendar)
}

// guard checks one condition. Errors: proposal.village, proposal.subject, proposal.reason_needed,
// proposal.programme_needed, proposal.origin, proposal.kind, proposal.document_needed,
// proposal.number_needed, proposal.same_person, proposal.step_required and proposal.step_off (fact
// step), proposal.listed.
func (r Rules) guard(g Guard, t Transition, p Proposal, s Step) error {
	switch g {
	case IsComplete:
		return r.complete(p, s)
	case CitizenFiled, NotCitizenFiled:
		return when((p.Origin == FromCitizen) == (g == CitizenFiled), fail.Conflict("proposal.origin"))
	case IsRemoval, NotRemoval:
		return when((p.Kind == Removal) == (g == IsRemoval), fail.Conflict("proposal.kind", "kind", string(p.Kind)))
	case HasDocument:
		return when(s.Document != [16]byte{}, fail.Invalid("proposal.document_needed", "action", string(t.Action)))
	case HasNumber:
		return when(s.DocumentNumber != "", fail.Invalid("proposal.number_needed", "action", string(t.Action)))
	case AnotherPerson:
		return when(!p.signedBy(s.By), fail.Forbidden("proposal.same_person"))
	case VisitDone:
		return when(p.Route.FieldVisit != Required || p.State == FieldVerified, fail.Conflict("proposal.step_required", "step", "field_visit"))
	case SubdistrictDone:
		return when(p.Route.Subdistrict != Required, fail.Conflict("proposal.step_required", "step", "subdistrict"))
	case SubdistrictOn:
		return when(p.Route.Subdistrict == Optional || p.Route.Subdistrict == Required, fail.Conflict("proposal.step_off", "step", "subdistrict"))
	case ForwardDone:
		return when(p.Route.Forward != Required || p.State == Forwarded, fail.Conflict("proposal.step_required", "step", "forward"))
	case ForwardOn:
		return when(p.Route.Forward == Optional || p.Route.Forward == Required, fail.Conflict("proposal.step_off", "step", "forward"))
	case WasListed, NotYetListed:
		return when(p.wasListed() == (g == WasListed), fail.Conflict("proposal.listed"))
	}
	return fail.Conflict("proposal.transition", "state", string(p.State), "action", string(t.Action))
}

func when(holds bool, refusal *fail.Error) error {
	if holds {
		return nil
	}
	return refusal
}

func (p Proposal) wasListed() bool {
	_, listed := p.last(ActList)
	return listed
}

// signedBy reports whether the person took an earlier step of this decision: since the proposal came
// onto the list last, every step of it is another person's.
func (p Proposal) signedBy(by [16]byte) bool {
	for _, e := range slices.Backward(p.Events) {
		if e.To == InitialList {
			return false
		}
		if e.By == by && slices.Contains([]Action{ActDeliberate, ActAttest, ActVerify, ActApprove, ActRatify}, e.Action) {
			return true
		}
	}
	return false
}

// complete checks what a proposal has to have before it leaves its filer.
func (r Rules) complete(p Proposal, s Step) error {
	switch {
	case p.Area.Level() != area.LevelVillage:
		return fail.Invalid("proposal.village").On("area")
	case p.Family == [16]byte{} || p.Filer == [16]byte{}:
		return fail.Invalid("proposal.subject").On("family")
	case p.Kind == Enrolment && p.Programme == "":
		return fail.Invalid("proposal.programme_needed").On("programme")
	case p.Kind == Removal:
		return r.Reasons.check(p.Reason, UseRemove, s.On, s.Document)
	case p.Kind == Reactivation:
		return r.Reasons.check(p.Reason, UseReactivate, s.On, s.Document)
	case p.Kind != NewFamily && p.Kind != Enrolment:
		return fail.Invalid("proposal.kind", "kind", string(p.Kind)).On("kind")
	}
	return nil
}
