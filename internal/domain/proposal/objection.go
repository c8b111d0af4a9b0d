package proposal

import (
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// ObjectionKind says what is objected to.
type ObjectionKind string

// The kinds of objections.
const (
	AgainstRefusal ObjectionKind = "OWN_REFUSAL"   // the refusal of one's own proposal
	AgainstListing ObjectionKind = "LISTED_FAMILY" // a listed family seems able; only neighbours may say so
	AgainstMisuse  ObjectionKind = "NIK_MISUSE"    // one's NIK was used by another; only its owner may say so
)

// ObjectionState is where an objection stands. There is no state for one that lapsed: the rule that an
// objection unanswered for 14 days is dropped (domain dossier 13.5) punishes the citizen for the
// office's silence, so a late one is escalated instead and stays open until somebody decides it.
type ObjectionState string

// The states of an objection.
const (
	ObjectionFiled      ObjectionState = "FILED"
	ObjectionAssigned   ObjectionState = "ASSIGNED"
	ObjectionFieldCheck ObjectionState = "FIELD_CHECK"
	ObjectionEscalated  ObjectionState = "ESCALATED"
	ObjectionUpheld     ObjectionState = "UPHELD"
	ObjectionDismissed  ObjectionState = "DISMISSED"
)

// Open reports whether the objection still waits for a decision.
func (s ObjectionState) Open() bool { return s != ObjectionUpheld && s != ObjectionDismissed }

// ObjectionEvent is one line of an objection's history.
type ObjectionEvent struct {
	At       time.Time
	On       period.Date
	By       [16]byte
	Action   string
	From, To ObjectionState
	Note     string
	Document [16]byte
}

// Objection is one sanggah with its history. Who filed it is never shown to the family it is about.
type Objection struct {
	ID       [16]byte
	Number   string // S-2026-00042
	Kind     ObjectionKind
	Area     area.Code // the village of the family it is about
	Family   [16]byte  // whom it is about
	Proposal [16]byte  // the refused proposal, or zero
	Filer    [16]byte
	Reason   string
	State    ObjectionState
	FiledOn  period.Date
	Due      period.Date
	Officer  [16]byte
	Joined   int // how many others filed the same and were joined to it
	Events   []ObjectionEvent
}

// ObjectionFiling is what an objection is made of.
type ObjectionFiling struct {
	Kind        ObjectionKind
	Family      [16]byte
	Area        area.Code // the village of that family
	Proposal    [16]byte
	Filer       [16]byte
	FilerFamily [16]byte
	FilerArea   area.Code // the filer's village
	NIKOwner    bool      // the NIK concerned is the filer's, proven at filing
	Reason      string
}

// ObjectionTransition is one allowed step of an objection.
type ObjectionTransition struct {
	From       ObjectionState
	Action     string
	Permission access.Permission
	To         ObjectionState
}

// ObjectionTransitions gives the whole machine. An empty permission is a step of the system.
func ObjectionTransitions() []ObjectionTransition {
	out := []ObjectionTransition{
		{ObjectionFiled, "assign", access.VerifyProposal, ObjectionAssigned},
		{ObjectionAssigned, "assign", access.VerifyProposal, ObjectionAssigned}, // to somebody else
		{ObjectionAssigned, "check", access.VerifyProposal, ObjectionFieldCheck},
		{ObjectionEscalated, "check", access.VerifyProposal, ObjectionEscalated}, // the visit counts, the level stays
		{ObjectionAssigned, "uphold", access.VerifyProposal, ObjectionUpheld},
		{ObjectionAssigned, "dismiss", access.VerifyProposal, ObjectionDismissed},
		{ObjectionFieldCheck, "uphold", access.VerifyProposal, ObjectionUpheld},
		{ObjectionFieldCheck, "dismiss", access.VerifyProposal, ObjectionDismissed},
		{ObjectionEscalated, "uphold", access.ApproveProposal, ObjectionUpheld},
		{ObjectionEscalated, "dismiss", access.ApproveProposal, ObjectionDismissed},
	}
	for _, from := range []ObjectionState{ObjectionFiled, ObjectionAssigned, ObjectionFieldCheck} {
		out = append(out, ObjectionTransition{from, "escalate", BySystem, ObjectionEscalated})
	}
	return out
}

// Object files an objection. An objection to a listed family is for people of the same village, one
// to a refusal for that family, one about a misused NIK for its owner. Errors: objection.neighbour,
// objection.own, objection.owner, objection.kind, proposal.date, and those of Reasons.
func (r Rules) Object(id [16]byte, number string, f ObjectionFiling, s Step) (Objection, error) {
	if !s.On.IsFull() {
		return Objection{}, fail.Invalid("proposal.date")
	}
	if err := f.mayFile(); err != nil {
		return Objection{}, err
	}
	if err := r.Reasons.check(f.Reason, UseObject, s.On, s.Document); err != nil {
		return Objection{}, err
	}
	o := Objection{
		ID: id, Number: number, Kind: f.Kind, Area: f.Area, Family: f.Family, Proposal: f.Proposal, Filer: f.Filer, Reason: f.Reason,
		FiledOn: s.On, Due: r.Deadlines.Due(ObjectionDeadline, s.On, r.Calendar),
	}
	return o.move("file", ObjectionFiled, s), nil
}

func (f ObjectionFiling) mayFile() error {
	switch f.Kind {
	case AgainstListing:
		return when(f.FilerArea == f.Area && f.Area.Level() == area.LevelVillage, fail.Forbidden("objection.neighbour"))
	case AgainstRefusal:
		return when(f.FilerFamily == f.Family && f.Family != [16]byte{}, fail.Forbidden("objection.own"))
	case AgainstMisuse:
		return when(f.NIKOwner, fail.Forbidden("objection.owner"))
	}
	return fail.Invalid("objection.kind")
}

func (o Objection) move(action string, to ObjectionState, s Step) Objection {
	o.Events = append(slices.Clip(o.Events), ObjectionEvent{s.At, s.On, s.By, action, o.State, to, s.Note, s.Document})
	o.State = to
	return o
}

// step finds the transition and checks date and actor. Errors: objection.transition (facts state,
// action), proposal.date, proposal.actor.
func (o Objection) step(action string, s Step) (Objection, error) {
	if !s.On.IsFull() || len(o.Events) > 0 && s.On.Before(o.Events[len(o.Events)-1].On) {
		return Objection{}, fail.Invalid("proposal.date")
	}
	if (s.By == [16]byte{}) != (action == "escalate") {
		return Objection{}, fail.Forbidden("proposal.actor", "action", action)
	}
	for _, t := range ObjectionTransitions() {
		if t.From == o.State && t.Action == action {
			return o.move(action, t.To, s), nil
		}
	}
	return Objection{}, fail.Conflict("objection.transition", "state", string(o.State), "action", action)
}

// Assign gives an objection to an officer, who decides or visits.
func (r Rules) Assign(o Objection, officer [16]byte, s Step) (Objection, error) {
	next, err := o.step("assign", s)
	if err == nil {
		next.Officer = officer
	}
	return next, err
}

// Check records a field check of an objection; the document is the visit. Error:
// proposal.document_needed.
func (r Rules) Check(o Objection, s Step) (Objection, error) {
	if s.Document == [16]byte{} {
		return Objection{}, fail.Invalid("proposal.document_needed", "action", "check")
	}
	return o.step("check", s)
}

// Uphold decides for the filer: a refusal is reopened, a listed family is proposed for removal (with
// notice and its own right to object), a misused NIK is freed.
func (r Rules) Uphold(o Objection, s Step) (Objection, error) { return o.decide("uphold", s) }

// Dismiss decides against the filer, with words that tell her why.
func (r Rules) Dismiss(o Objection, s Step) (Objection, error) { return o.decide("dismiss", s) }

// decide wants words for the outcome, a visit before a decision about a listed family, and for a
// late case somebody else than the officer who was late. Errors: objection.words, objection.visit,
// proposal.same_person.
func (o Objection) decide(action string, s Step) (Objection, error) {
	visited := slices.ContainsFunc(o.Events, func(e ObjectionEvent) bool { return e.Action == "check" })
	switch {
	case s.Note == "":
		return Objection{}, fail.Invalid("objection.words").On("note")
	case o.Kind == AgainstListing && !visited && o.State.Open():
		return Objection{}, fail.Conflict("objection.visit")
	case o.State == ObjectionEscalated && s.By == o.Officer && s.By != [16]byte{}:
		return Objection{}, fail.Forbidden("proposal.same_person")
	}
	return o.step(action, s)
}

// Escalate takes a late objection to the level above, with a new date. It is the system's step and
// the only thing time does to an objection. Error: objection.not_late.
func (r Rules) Escalate(o Objection, s Step) (Objection, error) {
	if o.Overdue(s.On) == 0 {
		return Objection{}, fail.Conflict("objection.not_late")
	}
	next, err := o.step("escalate", s)
	if err == nil {
		next.Due = r.Deadlines.Due(EscalatedDeadline, s.On, r.Calendar)
	}
	return next, err
}

// Join counts another filing of the same objection into an open one. Error: objection.transition.
func (r Rules) Join(o Objection, s Step) (Objection, error) {
	if !o.State.Open() {
		return Objection{}, fail.Conflict("objection.transition", "state", string(o.State), "action", "join")
	}
	next := o.move("join", o.State, s)
	next.Joined++
	return next, nil
}

// Overdue gives by how many days the office is late with the objection.
func (o Objection) Overdue(today period.Date) int { return daysLate(o.Due, today, o.State.Open()) }

// ForTarget gives the objection as the family it is about may see it: without who filed or joined
// it, and without words and papers that could tell.
func (o Objection) ForTarget() Objection {
	o.Filer, o.Joined = [16]byte{}, 0
	events := make([]ObjectionEvent, 0, len(o.Events))
	for _, e := range o.Events {
		if e.Action == "join" {
			continue
		}
		if e.Action == "file" {
			e.By, e.Note, e.Document = [16]byte{}, "", [16]byte{}
		}
		events = append(events, e)
	}
	o.Events = events
	return o
}
