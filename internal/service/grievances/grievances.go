// Package grievances keeps objections (sanggah) and complaints (aduan): who said what about which
// decision, family or service, which office has to answer by when, and what came of it. The rules are
// in domain/proposal and domain/grievance.
//
// Who filed is known to those who handle the case and to nobody else: the contact is sealed, the
// family an objection is about sees it without the filer, and what may concern the village's own
// office is the district's to see. Time refuses nothing: a late case goes up a level.
package grievances

import (
	"context"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/installation"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
)

// Parts are what the service is made of.
type Parts struct {
	Acts      *act.Acts
	Keys      *seal.Keyring
	Places    *areas.Service
	Registry  *registry.Service
	Proposals *proposals.Service
	Home      installation.Installation
	// Zone is where a day of tries begins, the office's; nil is the capital's.
	Zone *time.Location
	// Load gives an officer with the roles she holds today: who gets a case has to be one who may
	// handle it. Without it a case is only taken by who assigns it.
	Load func(ctx context.Context, id sqldb.ID) (access.Actor, error)
}

// Service keeps objections and complaints. It is safe for concurrent use.
type Service struct {
	acts      *act.Acts
	keys      *seal.Keyring
	places    *areas.Service
	reg       *registry.Service
	proposals *proposals.Service
	home      installation.Installation
	load      func(ctx context.Context, id sqldb.ID) (access.Actor, error)
	findings  Findings
	rules     proposal.Rules
	answers   grievance.Rules
	guesses   *proposals.Tries // of who tracks
	filings   *proposals.Tries // of who files with a NIK or phone
	unnamed   *proposals.Tries // of anonymous complaints, by village
}

// Findings gives where an objection to a finding of the screening stands: its number is of the same series, and it is kept
// there. ok is false when the number is none of them.
type Findings func(ctx context.Context, tenant area.Tenant, id sqldb.ID, number string) (t Timeline, ok bool, err error)

// Connect names who knows the objections to findings. Until then such a number leads nowhere. Call it before the service
// is used.
func (s *Service) Connect(f Findings) { s.findings = f }

// What may be tried in a day, and how many are remembered.
const (
	guessesADay = 5
	filingsADay = 5
	unnamedADay = 50 // a village has no more anonymous complaints a day, unless somebody floods it
	remembered  = 1 << 17
)

// New makes the service; it goes by the rules proposals go by.
func New(p Parts) *Service {
	rules := p.Proposals.Rules()
	return &Service{
		acts: p.Acts, keys: p.Keys, places: p.Places, reg: p.Registry, proposals: p.Proposals, home: p.Home, load: p.Load, rules: rules,
		answers: grievance.Rules{Deadlines: rules.Deadlines, Calendar: rules.Calendar},
		guesses: proposals.NewTries(guessesADay, remembered, p.Zone), filings: proposals.NewTries(filingsADay, remembered, p.Zone),
		unnamed: proposals.NewTries(unnamedADay, remembered, p.Zone),
	}
}

// today gives the date at a village at the time of the act.
func (s *Service) today(tx *act.Tx, r *Row) period.Date { return s.places.LocalDate(r.Area, tx.Now) }
