package grievances

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/audit"
	"tepat/internal/service/proposals"
)

// Kind says which of the two a case is.
type Kind string

// The kinds.
const (
	Objection Kind = "objection" // sanggah, against a decision or a listing
	Complaint Kind = "complaint" // aduan, about a levy, a card, service or data
)

// Event is one line of a case's history. By is zero for the system and for who gave no name.
type Event struct {
	At       time.Time
	On       period.Date
	By       sqldb.ID
	Role     access.Role
	Action   string
	From, To string
	Note     string // words; only where the case is opened
	Document sqldb.ID
	Paper    string // name of the document

	contact *Contact // of who joined
}

// Row is one objection or complaint as it is kept. Its version is the number of its events.
type Row struct {
	Tenant   area.Tenant
	ID       sqldb.ID
	Version  int64
	Number   string // A-2026-00017
	Kind     Kind
	Topic    string // proposal.ObjectionKind or grievance.Kind
	State    string // proposal.ObjectionState or grievance.State
	Area     area.Code
	Subject  sqldb.ID // the family it is about
	Proposal sqldb.ID // the refused proposal
	Finding  sqldb.ID
	Filer    sqldb.ID // zero: anonymous
	Officer  sqldb.ID
	Above    bool // the district's to see and handle
	Reason   string
	Joined   int // others who filed the same
	FiledOn  period.Date
	AnswerBy period.Date
	Due      period.Date
	Outcome  string
	Events   []Event

	request sqldb.ID
	sealed  []byte
}

// Contact is who filed, and how she is reached. All of it may be empty.
type Contact struct {
	Name  person.Name
	NIK   person.NIK
	KK    person.KK
	Phone person.Phone
}

// Document is what was filed: the words, the papers shown, and who filed it.
type Document struct {
	Contact
	Words  string
	Target string // whom it is about, in the filer's words, where the family is not known
	Papers []string
}

// String tells the size only: a document is personal data from end to end.
func (d Document) String() string { return fmt.Sprintf("document of %d letters", len(d.Words)) }

// Format prints what String says, whatever the verb.
func (d Document) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(d.String())) }

// LogValue logs what String says.
func (d Document) LogValue() slog.Value { return slog.StringValue(d.String()) }

// Open reports whether an office still owes something.
func (r *Row) Open() bool {
	if r.Kind == Objection {
		return proposal.ObjectionState(r.State).Open()
	}
	return grievance.State(r.State).Open()
}

// Overdue gives by how many days the office is late; zero when it is not.
func (r *Row) Overdue(today period.Date) int {
	if !r.Open() || r.Due.IsZero() {
		return 0
	}
	return max(0, today.DaysSince(r.Due))
}

func (r *Row) entry(facts map[string]any) audit.Entry {
	if facts == nil {
		facts = map[string]any{}
	}
	facts["number"], facts["state"] = r.Number, r.State
	return audit.Entry{Tenant: r.Tenant, Area: r.Area, Subject: r.ID, Facts: facts}
}

// objection gives the case as the rules of objections know it.
func (r *Row) objection() proposal.Objection {
	o := proposal.Objection{
		ID: r.ID, Number: r.Number, Kind: proposal.ObjectionKind(r.Topic), Area: r.Area, Family: r.Subject, Proposal: r.Proposal, Filer: r.Filer,
		Reason: r.Reason, State: proposal.ObjectionState(r.State), FiledOn: r.FiledOn, Due: r.Due, Officer: r.Officer, Joined: r.Joined,
	}
	for _, e := range r.Events {
		o.Events = append(o.Events, proposal.ObjectionEvent{
			At: e.At, On: e.On, By: e.By, Action: e.Action, From: proposal.ObjectionState(e.From), To: proposal.ObjectionState(e.To), Document: e.Document,
		})
	}
	return o
}

// fromObjection takes the case after a step.
func (r *Row) fromObjection(o proposal.Objection, role access.Role, paper string) {
	r.State, r.FiledOn, r.Due, r.Officer, r.Joined = string(o.State), o.FiledOn, o.Due, o.Officer, o.Joined
	for _, e := range o.Events[len(r.Events):] {
		r.Events = append(r.Events, Event{
			At: e.At, On: e.On, By: e.By, Role: roleOf(e.By, role), Action: e.Action, From: string(e.From), To: string(e.To), Note: e.Note, Document: e.Document, Paper: paper,
		})
	}
	switch o.State {
	case proposal.ObjectionUpheld, proposal.ObjectionDismissed:
		r.Outcome, r.Due = string(o.State), period.Date{}
	}
}

// complaint gives the case as the rules of complaints know it.
func (r *Row) complaint() grievance.Grievance {
	g := grievance.Grievance{
		ID: r.ID, Number: r.Number, Kind: grievance.Kind(r.Topic), Area: r.Area, Filer: r.Filer, Anonymous: r.Filer.IsZero(), State: grievance.State(r.State),
		FiledOn: r.FiledOn, AnswerBy: r.AnswerBy, Due: r.Due, Officer: r.Officer,
	}
	for _, e := range r.Events {
		g.Events = append(g.Events, grievance.Event{At: e.At, On: e.On, By: e.By, Action: grievance.Action(e.Action), From: grievance.State(e.From), To: grievance.State(e.To)})
	}
	return g
}

// fromComplaint takes the case after a step.
func (r *Row) fromComplaint(g grievance.Grievance, role access.Role, paper string) {
	r.State, r.FiledOn, r.AnswerBy, r.Due, r.Officer = string(g.State), g.FiledOn, g.AnswerBy, g.Due, g.Officer
	for _, e := range g.Events[len(r.Events):] {
		r.Events = append(r.Events, Event{At: e.At, On: e.On, By: e.By, Role: roleOf(e.By, role), Action: string(e.Action), From: string(e.From), To: string(e.To), Note: e.Note, Paper: paper})
	}
	switch g.State {
	case grievance.Answered, grievance.Closed:
		r.Outcome = string(g.State)
	default:
		r.Outcome = ""
	}
	r.Above = r.Above || g.State == grievance.Escalated
}

// roleOf gives the role an event is recorded under; what nobody did, the system did, or who gave no name.
func roleOf(by [16]byte, role access.Role) access.Role {
	if by == [16]byte{} && role == "" {
		return proposals.System
	}
	return role
}

// filedBy tells whether the person filed the case or joined it.
func (r *Row) filedBy(by sqldb.ID) bool {
	joined := slices.ContainsFunc(r.Events, func(e Event) bool { return e.Action == "join" && e.By == by })
	return !by.IsZero() && (r.Filer == by || joined)
}

const (
	documentPurpose = seal.Purpose("grievance")
	wordsPurpose    = seal.Purpose("grievance words")
)

// contactJSON, documentJSON and saidJSON are the sealed forms.
type contactJSON struct {
	Name  string `json:"name,omitempty"`
	NIK   string `json:"nik,omitempty"`
	KK    string `json:"no_kk,omitempty"`
	Phone string `json:"phone,omitempty"`
}

type documentJSON struct {
	contactJSON
	Words  string   `json:"words"`
	Target string   `json:"target,omitempty"`
	Papers []string `json:"papers,omitempty"`
}

type saidJSON struct {
	Note    string       `json:"note,omitempty"`
	Paper   string       `json:"paper,omitempty"`
	Contact *contactJSON `json:"contact,omitempty"`
}

func plainContact(c Contact) contactJSON {
	return contactJSON{Name: c.Name.Plain(), NIK: c.NIK.Plain(), KK: c.KK.Plain(), Phone: c.Phone.Plain()}
}

func (c contactJSON) contact() (out Contact, err error) {
	out.Name = person.Name(c.Name)
	if c.NIK != "" {
		if out.NIK, err = person.ParseNIK(c.NIK); err != nil {
			return out, err
		}
	}
	if c.KK != "" {
		if out.KK, err = person.ParseKK(c.KK); err != nil {
			return out, err
		}
	}
	if c.Phone != "" {
		out.Phone, err = person.ParsePhone(c.Phone)
	}
	return out, err
}

func (s *Service) seal(d Document) ([]byte, error) {
	data, err := json.Marshal(documentJSON{plainContact(d.Contact), d.Words, d.Target, d.Papers})
	if err != nil {
		return nil, fmt.Errorf("write document of case: %w", err)
	}
	return s.keys.Seal(nil, documentPurpose, data), nil
}

func (s *Service) open(sealed []byte) (d Document, err error) {
	data, err := s.keys.Open(documentPurpose, sealed)
	if err != nil {
		return d, fmt.Errorf("open document of case: %w", err)
	}
	var in documentJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return d, fmt.Errorf("read document of case: %w", err)
	}
	d.Words, d.Target, d.Papers = in.Words, in.Target, in.Papers
	if d.Contact, err = in.contact(); err != nil {
		return d, fmt.Errorf("read contact of case: %w", err)
	}
	return d, nil
}

func (s *Service) sealSaid(e Event) ([]byte, error) {
	w := saidJSON{Note: e.Note, Paper: e.Paper}
	if e.contact != nil {
		plain := plainContact(*e.contact)
		w.Contact = &plain
	}
	if w == (saidJSON{}) {
		return nil, nil
	}
	data, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("write words of event: %w", err)
	}
	return s.keys.Seal(nil, wordsPurpose, data), nil
}

func (s *Service) openSaid(e *Event, sealed []byte) error {
	if len(sealed) == 0 {
		return nil
	}
	data, err := s.keys.Open(wordsPurpose, sealed)
	var w saidJSON
	if err == nil {
		err = json.Unmarshal(data, &w)
	}
	if err == nil && w.Contact != nil {
		var c Contact
		c, err = w.Contact.contact()
		e.contact = &c
	}
	if err != nil {
		return fmt.Errorf("open words of event: %w", err)
	}
	e.Note, e.Paper = w.Note, w.Paper
	return nil
}
