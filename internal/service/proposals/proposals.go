// Package proposals keeps usulan: forms begun, what was filed, where each proposal stands and who
// acted on it, the decrees that cover them, and what a determination does to the registry.
//
// The rules are in domain/proposal. A proposal's version is the number of its events: every step is
// one event, and nothing else changes the row. What was filed is sealed as a whole; in the clear
// stand only the applicant's name, the place and the state, by which queues are searched.
package proposals

import (
	"context"
	"fmt"
	"time"

	"tepat/data/holidays"
	"tepat/data/reasons"
	"tepat/data/workflow"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/civil"
	"tepat/internal/service/installation"
	"tepat/internal/service/registry"
)

// Parts are what the service is made of.
type Parts struct {
	Acts     *act.Acts
	Keys     *seal.Keyring
	Places   *areas.Service
	Registry *registry.Service
	// Civil compares the people of a family again once it is in the registry.
	Civil *civil.Service
	// Matcher answers for people who are not in the registry yet; the same that Civil asks.
	Matcher civil.Registry
	Home    installation.Installation
	// Zone is where a day of tries begins, the office's; nil is the capital's.
	Zone   *time.Location
	Forms  questionnaire.Set
	Rules  proposal.Rules
	Routes proposal.Routes
	// Letters tells the applicant of a refusal; nil where no letters are kept.
	Letters Letters
	// Papers gives the files of a form to the proposal it becomes; nil where no files are kept.
	Papers Papers
	// Alikes finds who is alike; nil where nobody looks.
	Alikes Alikes
}

// Service keeps proposals. It is safe for concurrent use.
type Service struct {
	acts    *act.Acts
	keys    *seal.Keyring
	places  *areas.Service
	reg     *registry.Service
	civil   *civil.Service
	matcher civil.Registry
	home    installation.Installation
	forms   questionnaire.Set
	rules   proposal.Rules
	routes  proposal.Routes
	letters Letters
	papers  Papers
	alikes  Alikes
	compare civilmatch.Rules
	guesses *Tries // of who tracks
	filings *Tries // of citizens
	chunk   int    // proposals a chunk of a determination
}

// What one citizen may try in a day, and how many are remembered.
const (
	guessesADay = 5
	filingsADay = 5
	remembered  = 1 << 18
)

// determineChunk is small enough that a chunk with its families takes a fraction of a second.
const determineChunk = 250

// New makes the service.
func New(p Parts) *Service {
	return &Service{
		acts: p.Acts, keys: p.Keys, places: p.Places, reg: p.Registry, civil: p.Civil, matcher: p.Matcher, home: p.Home, forms: p.Forms,
		rules: p.Rules, routes: p.Routes, letters: p.Letters, papers: p.Papers, alikes: p.Alikes, compare: civilmatch.DukcapilRules(),
		guesses: NewTries(guessesADay, remembered, p.Zone), filings: NewTries(filingsADay, remembered, p.Zone), chunk: determineChunk,
	}
}

// Workflow reads the rules as the data folders state them: reasons, deadlines, holidays and routes.
// Offices rest on Saturday and Sunday.
func Workflow() (rules proposal.Rules, routes proposal.Routes, err error) {
	if rules.Reasons, err = proposal.LoadReasons(reasons.Files); err != nil {
		return rules, routes, err
	}
	if rules.Deadlines, err = proposal.LoadDeadlines(workflow.Files); err != nil {
		return rules, routes, err
	}
	days, err := proposal.LoadHolidays(holidays.Files)
	if err != nil {
		return rules, routes, err
	}
	if rules.Calendar, err = period.NewCalendar(days, time.Saturday, time.Sunday); err != nil {
		return rules, routes, err
	}
	routes, err = proposal.LoadRoutes(workflow.Files)
	return rules, routes, err
}

// Rules gives the reasons, deadlines and working days the service goes by, for pages that offer them.
func (s *Service) Rules() proposal.Rules { return s.rules }

// Forms gives the questionnaires a form may be filled in by.
func (s *Service) Forms() questionnaire.Set { return s.forms }

// today gives the date at an area at the time of the act.
func (s *Service) today(tx *act.Tx, at area.Code) period.Date { return s.places.LocalDate(at, tx.Now) }

// Letter is a letter about a decision, for the register of letters.
type Letter struct {
	Tenant   area.Tenant
	Kind     string // of service/letters
	Proposal sqldb.ID
	Area     area.Code
	Facts    any // ids, codes and dates, as JSON
}

// Letters puts letters into the register, in the act that decides. service/letters does it, which
// stands above this package: app ties the two.
type Letters interface {
	IssueIn(ctx context.Context, tx *act.Tx, l Letter) error
}

// LetterFunc is a function as Letters.
type LetterFunc func(ctx context.Context, tx *act.Tx, l Letter) error

// IssueIn calls the function.
func (f LetterFunc) IssueIn(ctx context.Context, tx *act.Tx, l Letter) error { return f(ctx, tx, l) }

// Papers keeps files of forms and cases. service/papers does it, which stands above this package: app ties the two.
type Papers interface {
	AttachIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, form, to sqldb.ID) (int64, error)
}

// RefusalLetter is the kind of letter that tells of a refusal.
const RefusalLetter = "refusal"

// RefusalFacts are what the letter of a refusal says. Words said beside the reason stay sealed in
// the event and are read when the letter is printed.
type RefusalFacts struct {
	Number      string      `json:"number"`
	Kind        string      `json:"kind"`
	Programme   string      `json:"programme,omitempty"`
	Reason      string      `json:"reason"`
	Decree      string      `json:"decree,omitempty"`
	On          period.Date `json:"on"`
	ObjectUntil period.Date `json:"object_until"`
}

// tell issues the letter of a refusal.
func (s *Service) tell(ctx context.Context, tx *act.Tx, r *Row) error {
	e, refused := r.Refusal()
	if s.letters == nil || !refused || r.State != proposal.Refused {
		return nil
	}
	err := s.letters.IssueIn(ctx, tx, Letter{Tenant: r.Tenant, Kind: RefusalLetter, Proposal: r.ID, Area: r.Area, Facts: RefusalFacts{
		Number: r.Number, Kind: string(r.Kind), Programme: r.Programme, Reason: e.Reason, Decree: e.DocumentNumber, On: e.On,
		ObjectUntil: s.rules.ObjectUntil(r.Proposal),
	}})
	if err != nil {
		return fmt.Errorf("issue letter of refusal: %w", err)
	}
	return nil
}
