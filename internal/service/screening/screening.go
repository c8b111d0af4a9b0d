// Package screening holds the registry against the exit and exclusion criteria: it keeps
// what other offices state about people, finds whom a criterion hits, gives notice,
// removes when the notice is over, and takes all of it back.
//
// A finding is one criterion met by one person or family:
//
//	found ── uphold ──▶ noticed ── notice over ──▶ removed
//	  └─ dismiss ─▶ dismissed ◀─ dismiss ─ appealed ◀─ appeal ─┘ (noticed or removed)
//
// Criteria of action auto begin at noticed, with the letter of notice; all others wait at
// found until somebody has looked (Decide, or a run of kind "verify" for a list that came
// back from the field). A finding whose run was taken back is undone.
//
// A finding that is removed, or appealed after that, is in force. What that means is the
// criterion's effect:
//
//   - end, transfer: the person's record ends (dead, ended, moved out) and her NIK is free
//     for her new place; the family stays, whatever became of its members;
//   - exclude: nobody's record is touched. The person, or with a criterion about families
//     every active member, is off the list: ExclusionsIn says so to who enrols and pays;
//   - new_payee: the family is asked for another payee and goes on;
//   - merge: never comes into force here; service/duplicates joins the records.
//
// "Removed persons" are the different persons that findings with the effects end, transfer
// and exclude have in force: those of criteria about persons, and of criteria about
// families all active members. A person hit twice counts once (RemovedIn).
//
// Taking back is exact: the record, its NIK and the counts of the family are as before,
// with one more version in the history.
package screening

import (
	"context"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/letters"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
)

// Payees tells in whose name families are paid. service/programmes does.
type Payees interface {
	// PayeesIn gives the payees of the families, in no order.
	PayeesIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, families []sqldb.ID) ([]sqldb.ID, error)
}

// Duplicates tells which persons repeat another record on the same NIK. service/duplicates does.
type Duplicates interface {
	// ConfirmedIn gives the active persons of a tenant that are confirmed as such, in no order.
	ConfirmedIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant) ([]sqldb.ID, error)
}

// Places gives dates at areas, where letters lie, and where a finding may have gone with its area; service/areas does.
type Places interface {
	letters.Places
	// Written gives the tenants the installation writes for.
	Written() []area.Tenant
}

// Parts are what the service is made of.
type Parts struct {
	Acts     *act.Acts
	Keys     *seal.Keyring
	Registry *registry.Service
	Letters  *letters.Service
	Places   Places

	Catalogue  *evidence.Catalogue
	Vocabulary *eligibility.Vocabulary
	Library    *eligibility.Library
	Wages      *eligibility.Wages // nil where no minimum wages are known
	Forms      questionnaire.Set
	Deadlines  proposal.Deadlines // removal_notice and objection_window
	Reasons    proposal.Reasons
	Calendar   period.Calendar

	// Zone is where a day of tries begins, the office's; nil is the capital's.
	Zone *time.Location
	// Training marks a LATIHAN installation, where a removal need not wait for the notice.
	Training bool
	// Workers is how many cores a screening uses; below one means one.
	Workers int
}

// Service screens. Get one from New.
type Service struct {
	acts       *act.Acts
	keys       *seal.Keyring
	reg        *registry.Service
	letters    *letters.Service
	places     Places
	catalogue  *evidence.Catalogue
	vocabulary *eligibility.Vocabulary
	library    *eligibility.Library
	criteria   []eligibility.Criterion // of all times
	wages      *eligibility.Wages
	forms      questionnaire.Set
	deadlines  proposal.Deadlines
	reasons    proposal.Reasons
	calendar   period.Calendar
	payees     Payees
	duplicates Duplicates
	alikes     Alikes
	training   bool
	workers    int

	plans plans
	sizes sizes
	tries *proposals.Tries // of the digits of a letter
}

// sizes are how much a chunk of a run holds.
type sizes struct {
	// screen is how many families are judged and written at a time: about the twenty
	// thousand rows a run may write when it owns the database, were each of them hit.
	screen int
	// page is how many findings are changed at a time: each may end a record, which takes
	// some six statements.
	page int
}

// New makes the service.
func New(p Parts) *Service {
	s := &Service{
		acts: p.Acts, keys: p.Keys, reg: p.Registry, letters: p.Letters, places: p.Places,
		catalogue: p.Catalogue, vocabulary: p.Vocabulary, library: p.Library, wages: p.Wages, forms: p.Forms,
		deadlines: p.Deadlines, reasons: p.Reasons, calendar: p.Calendar, training: p.Training, workers: p.Workers,
		plans: newPlans(), sizes: sizes{screen: 4000, page: 500}, tries: proposals.NewTries(triesPerLetter, triedLetters, p.Zone),
	}
	s.criteria = p.Library.Criteria()
	return s
}

// Connect names who knows payees and duplicates: offices that are built after this one,
// because they ask it who is excluded. Until then nobody is known as either. Call it
// before the service is used.
func (s *Service) Connect(p Payees, d Duplicates) { s.payees, s.duplicates = p, d }

// Criterion gives the version of a criterion that was in force on a day, for the words of a
// finding or its letter; ok is false when there is none.
func (s *Service) Criterion(id string, day period.Date) (c eligibility.Criterion, ok bool) {
	for i := range s.criteria {
		if c := &s.criteria[i]; c.ID == id && c.InForce(day) {
			return *c, true
		}
	}
	return eligibility.Criterion{}, false
}
