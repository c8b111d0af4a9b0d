// Package grievance holds the states and deadlines of aduan (complaints) about levies, cards, service and
// data; service/grievances keeps the rows.
//
// A complaint may be anonymous. As with objections, time closes nothing: a late one goes up a level,
// and one that was answered is closed by the one who complained, or when the time to reopen it is over.
package grievance

import (
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
)

// Kind says what a complaint is about.
type Kind string

// The kinds.
const (
	Levy    Kind = "LEVY"    // potongan liar: money taken from the aid
	Card    Kind = "CARD"    // card or account
	Service Kind = "SERVICE" // how somebody was treated
	Data    Kind = "DATA"    // wrong data
	Other   Kind = "OTHER"
)

// Kinds lists the kinds in the order of the form.
func Kinds() []Kind { return []Kind{Levy, Card, Service, Data, Other} }

// deadline names the deadline of the kind in data/workflow.
func (k Kind) deadline() string {
	return map[Kind]string{
		Levy: "grievance_levy", Card: "grievance_card", Service: "grievance_service", Data: "grievance_data", Other: "grievance_other",
	}[k]
}

// State is where a complaint stands; its words are grievance.state.<state> of the catalogue.
type State string

// The states.
const (
	Received  State = "RECEIVED"
	Assigned  State = "ASSIGNED"
	AwaitInfo State = "AWAITING_INFO" // more is asked of the one who complained
	Escalated State = "ESCALATED"     // late, or about the office itself
	Answered  State = "ANSWERED"
	Closed    State = "CLOSED"
)

// Open reports whether an office still owes something.
func (s State) Open() bool { return s != Answered && s != Closed }

// Action is what is done with a complaint.
type Action string

// The actions.
const (
	ActAssign   Action = "assign"
	ActAsk      Action = "ask"
	ActInform   Action = "inform"
	ActEscalate Action = "escalate"
	ActAnswer   Action = "answer"
	ActReopen   Action = "reopen"
	ActClose    Action = "close"
)

// Transition is one allowed step. The permission is empty for a step of the system or of the one who
// complained.
type Transition struct {
	From       State
	Action     Action
	Permission access.Permission
	To         State
}

// Transitions gives the whole machine.
func Transitions() []Transition {
	return []Transition{
		{Received, ActAssign, access.HandleGrievance, Assigned},
		{Assigned, ActAssign, access.HandleGrievance, Assigned},
		{Assigned, ActAsk, access.HandleGrievance, AwaitInfo},
		{AwaitInfo, ActInform, "", Assigned},
		{AwaitInfo, ActAnswer, access.HandleGrievance, Answered},
		{Assigned, ActAnswer, access.HandleGrievance, Answered},
		{Received, ActEscalate, "", Escalated},
		{Assigned, ActEscalate, "", Escalated},
		{Escalated, ActAnswer, access.HandleGrievance, Answered},
		{Answered, ActReopen, "", Escalated}, // not content: the level above looks
		{Answered, ActClose, "", Closed},
	}
}

// Event is one line of a complaint's history. By is zero for the system and for who complained.
type Event struct {
	At       time.Time
	On       period.Date
	By       [16]byte
	Action   Action
	From, To State
	Note     string
}

// Grievance is one complaint with its history.
type Grievance struct {
	ID        [16]byte
	Number    string // A-2026-00017
	Kind      Kind
	Area      area.Code
	Filer     [16]byte // zero when anonymous
	Anonymous bool
	State     State
	FiledOn   period.Date
	AnswerBy  period.Date // the promise to the one who complained
	Due       period.Date // of the present step; zero when no office owes anything
	Officer   [16]byte
	Events    []Event
}

// Rules is what the machine needs beside the complaint.
type Rules struct {
	Deadlines proposal.Deadlines
	Calendar  period.Calendar
}

// Step is one act, as the service saw it.
type Step struct {
	By   [16]byte
	At   time.Time
	On   period.Date
	Note string
}

// File takes a complaint in. Errors: grievance.kind, grievance.date, grievance.words.
func (r Rules) File(id [16]byte, number string, kind Kind, at area.Code, filer [16]byte, s Step) (Grievance, error) {
	switch {
	case !slices.Contains(Kinds(), kind):
		return Grievance{}, fail.Invalid("grievance.kind").On("kind")
	case !s.On.IsFull():
		return Grievance{}, fail.Invalid("grievance.date")
	case s.Note == "":
		return Grievance{}, fail.Invalid("grievance.words").On("text")
	}
	g := Grievance{
		ID: id, Number: number, Kind: kind, Area: at, Filer: filer, Anonymous: filer == [16]byte{}, FiledOn: s.On,
		AnswerBy: r.Deadlines.Due(kind.deadline(), s.On, r.Calendar), Due: r.Deadlines.Due("grievance_assign", s.On, r.Calendar),
	}
	return g.move("file", Received, Step{At: s.At, On: s.On}), nil // who and what she said stay out of the history
}

func (g Grievance) move(action Action, to State, s Step) Grievance {
	g.Events = append(slices.Clip(g.Events), Event{s.At, s.On, s.By, action, g.State, to, s.Note})
	g.State = to
	return g
}

// Act takes one step and gives the complaint after it; the one given is not changed. An answer and
// a question need words; only a late complaint is escalated by the system. Errors:
// grievance.transition (facts state, action), grievance.date, grievance.words, grievance.actor,
// grievance.not_late, grievance.may_reopen (fact date).
func (r Rules) Act(g Grievance, action Action, s Step) (Grievance, error) {
	for _, t := range Transitions() {
		if t.From != g.State || t.Action != action {
			continue
		}
		if err := g.check(t, s); err != nil {
			return Grievance{}, err
		}
		if action == ActClose && (g.Anonymous || s.By != g.Filer) && s.On.Before(r.ReopenUntil(g).AddDays(1)) {
			return Grievance{}, fail.Conflict("grievance.may_reopen", "date", r.ReopenUntil(g).Text())
		}
		return r.due(g.move(action, t.To, s), s), nil
	}
	return Grievance{}, fail.Conflict("grievance.transition", "state", string(g.State), "action", string(action))
}

// ReopenUntil gives the last day on which an answered complaint may be reopened; the zero Date while
// it is not answered.
func (r Rules) ReopenUntil(g Grievance) period.Date {
	if g.State != Answered {
		return period.Date{}
	}
	return r.Deadlines.Due(proposal.ObjectionWindow, g.Events[len(g.Events)-1].On, r.Calendar)
}

func (g Grievance) check(t Transition, s Step) error {
	switch {
	case !s.On.IsFull() || s.On.Before(g.Events[len(g.Events)-1].On):
		return fail.Invalid("grievance.date")
	case t.Permission != "" && s.By == [16]byte{}:
		return fail.Forbidden("grievance.actor")
	case s.Note == "" && slices.Contains([]Action{ActAsk, ActInform, ActAnswer, ActReopen}, t.Action):
		return fail.Invalid("grievance.words").On("text")
	case t.Action == ActEscalate && g.Overdue(s.On) == 0:
		return fail.Conflict("grievance.not_late")
	}
	return nil
}

// due sets the date of the step that comes next.
func (r Rules) due(g Grievance, s Step) Grievance {
	switch g.State {
	case Assigned:
		g.Officer, g.Due = s.officer(g), g.AnswerBy
	case Escalated:
		g.Due = r.Deadlines.Due(proposal.EscalatedDeadline, s.On, r.Calendar)
	case AwaitInfo, Answered, Closed:
		g.Due = period.Date{}
	}
	return g
}

// officer keeps the officer when it was the one who complained who acted.
func (s Step) officer(g Grievance) [16]byte {
	if s.By == [16]byte{} || s.By == g.Filer {
		return g.Officer
	}
	return s.By
}

// Overdue gives by how many days the office is late; zero while it waits for an answer itself.
func (g Grievance) Overdue(today period.Date) int {
	if !g.State.Open() || g.Due.IsZero() {
		return 0
	}
	return max(0, today.DaysSince(g.Due))
}
