// Package programmes keeps who is enrolled in which aid programme: the quotas of a district,
// the lists made from the registry by rule, priority and quota, the decree that freezes a
// list, and the working of every amount.
//
// A list is made by a run of kind "enrol" and goes its way:
//
//	building ── complete ──▶ draft ── freeze ──▶ frozen ── the next is frozen ──▶ ending ──▶ superseded
//	    └────── undo ──────────┴─ undo ─▶ undone
//
// A draft decides nothing: its rows have states of their own (Selected, WouldWait), so whoever
// counts recipients counts those of frozen lists alone. The rows of a draft that a newer draft
// replaces, or that is undone, are taken away: they can be computed again, and the digest of the
// list stays. Rows of a frozen list are never taken away, they end with a reason.
//
// Priority is the domain's: decile, then components, then how long the family is registered. What
// is still equal is drawn by lot: the order of a digest of programme, month and id, which favours
// no village, is the same for every quota, and can be worked out again by an auditor. An estimate's
// score decides within a decile only where every decile is an estimate: BPS publishes no scores.
package programmes

import (
	"context"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/assessments"
	"tepat/internal/service/installation"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
)

// Exclusions gives, by family, who may not receive; screening.Service.AllExclusionsIn does. It is
// a function because screening asks this package for the payees.
type Exclusions func(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (map[sqldb.ID]screening.Exclusion, error)

// Statements gives, by person, what other offices stated of some kinds; screening.Service.StatedIn does.
type Statements func(ctx context.Context, q sqldb.Querier, tenant area.Tenant, kinds []evidence.Kind) (map[sqldb.ID][]evidence.Evidence, error)

// Places gives the date at an area at an instant; service/areas does.
type Places interface {
	LocalDate(at area.Code, now time.Time) period.Date
}

// Parts are what the service is made of.
type Parts struct {
	Acts      *act.Acts
	Registry  *registry.Service
	Cases     *assessments.Service
	Letters   *letters.Service
	Places    Places
	Home      installation.Installation
	Catalogue programme.Catalogue
	// Vocabulary compiles the rules that programmes have beside decile and components.
	Vocabulary *eligibility.Vocabulary
	Wages      *eligibility.Wages // nil where no minimum wages are known
	Exclusions Exclusions         // nil: nobody is excluded
	Statements Statements         // nil: nothing is stated, and who is an orphan or in which class stays unknown
	Deadlines  proposal.Deadlines // objection_window
	Reasons    proposal.Reasons   // why a place is suspended, ended or given back
	Calendar   period.Calendar
	// Workers is how many cores an enrolment uses; below one means one.
	Workers int
}

// Service keeps lists of recipients. Get one from New.
type Service struct {
	Parts
	chunk int
	held  runs.Held[draft]
}

// chunkRows is how many rows of a list are written at a time.
const chunkRows = 20_000

// New makes the service.
func New(p Parts) *Service { return &Service{Parts: p, chunk: chunkRows} }

// Set gives the programmes in force on a day, for the pages that show them. It holds nobody's data.
func (s *Service) Set(day period.Date) programme.Edition { return s.Catalogue.At(day) }
