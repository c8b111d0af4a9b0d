// Package visits keeps who visited a family of the registry, when, and what was found there. A visit changes nothing of the family:
// what has to be mended is mended where everything else is.
package visits

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
)

// Outcome is what was found. Its words are visits.outcome.<outcome> of the catalogue.
type Outcome string

// The outcomes of a visit.
const (
	AsRegistered Outcome = "as_registered"
	ToMend       Outcome = "to_mend"   // details differ from what is recorded
	Moved        Outcome = "moved"     // the family lives elsewhere
	NotFound     Outcome = "not_found" // nobody knows of the family, or nobody was there
	Died         Outcome = "died"      // somebody of the family
)

// Outcomes lists them in the order of forms.
func Outcomes() []Outcome { return []Outcome{AsRegistered, ToMend, Moved, NotFound, Died} }

// Visit is one visit.
type Visit struct {
	ID      sqldb.ID // given by the form, so that one sent twice is kept once
	On      period.Date
	By      string // name of who visited
	Met     string // name of who was met; empty where nobody was
	Outcome Outcome
	Note    string
	// RecordedBy entered it, at RecordedAt.
	RecordedBy sqldb.ID
	RecordedAt time.Time
	// Withdrawn tells that it was taken back; zero of one that stands.
	Withdrawn Withdrawal
}

// longestLine and longestNote bound what is written of a visit, in letters.
const (
	longestLine = 120
	longestNote = 1000
)

// Purpose is what a visit is sealed for.
const Purpose = seal.Purpose("family visit")

// Places gives the date at an area at an instant, and where records of a tenant's families may lie; areas.Service does.
type Places interface {
	LocalDate(at area.Code, now time.Time) period.Date
	Lineage(tenant area.Tenant) []area.Tenant
}

// Service keeps visits.
type Service struct {
	acts   *act.Acts
	keys   *seal.Keyring
	reg    *registry.Service
	places Places
}

// New makes the service.
func New(acts *act.Acts, keys *seal.Keyring, reg *registry.Service, places Places) *Service {
	return &Service{acts: acts, keys: keys, reg: reg, places: places}
}

// Note keeps a visit to a family; one whose id is kept already is left as it is, and the log says that it was sent again. Errors: visits.withdrawn where that one was taken back, visits.unknown where it is another family's, proposal.visit_day, proposal.visit_future (fact day), proposal.visit_old (fact days),
// proposal.visit_by, visits.outcome, visits.met, visits.note, visits.too_long (fact max), registry.no_family, access.denied.
func (s *Service) Note(ctx context.Context, who access.Actor, tenant area.Tenant, family sqldb.ID, v Visit) error {
	v.By, v.Met, v.Note = line(v.By), line(v.Met), strings.TrimSpace(v.Note)
	return s.acts.Write(ctx, who, "visit.note", func(tx *act.Tx) error {
		f, err := s.reg.FamilyIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RepairMatch, tenant, f.Area); err != nil {
			return err
		}
		if err := v.check(s.places.LocalDate(f.Area, tx.Now)); err != nil {
			return err
		}
		repeated, err := s.keep(ctx, tx, f, v)
		if err != nil {
			return err
		}
		facts := map[string]any{"outcome": string(v.Outcome), "visited_on": v.On.Text(), "repeated": repeated}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: family, Facts: facts})
	})
}

func line(text string) string { return strings.Join(strings.Fields(text), " ") }

func (v Visit) check(today period.Date) error {
	if v.On.IsZero() {
		return fail.Invalid("proposal.visit_day").On("visit_on")
	}
	if err := (proposals.Visit{On: v.On, By: v.By}).Check(today); err != nil {
		return err
	}
	switch {
	case !slices.Contains(Outcomes(), v.Outcome):
		return fail.Invalid("visits.outcome").On("outcome")
	case v.Met == "" && v.Outcome != NotFound:
		return fail.Invalid("visits.met").On("met")
	case utf8.RuneCountInString(v.Met) > longestLine:
		return fail.Invalid("visits.too_long", "max", longestLine).On("met")
	case v.Note == "" && v.Outcome != AsRegistered:
		return fail.Invalid("visits.note").On("note")
	case utf8.RuneCountInString(v.Note) > longestNote:
		return fail.Invalid("visits.too_long", "max", longestNote).On("note")
	}
	return nil
}

// sealed is what of a visit names people.
type sealed struct {
	By   string `json:"by"`
	Met  string `json:"met"`
	Note string `json:"note"`
}

// keep keeps a visit, unless it is kept already: under another district, maybe, which the family's village has left since. Errors:
// visits.withdrawn, visits.unknown where its id is that of another family's.
func (s *Service) keep(ctx context.Context, tx *act.Tx, f registry.Family, v Visit) (repeated bool, err error) {
	if repeated, err = s.stands(ctx, tx, f, v.ID); err != nil || repeated {
		return repeated, err
	}
	kept, err := s.insert(ctx, tx, f, v)
	if err != nil || kept {
		return false, err
	}
	if repeated, err = s.stands(ctx, tx, f, v.ID); err == nil && !repeated { // sent twice at once, or another family's
		err = fail.NotFound("visits.unknown")
	}
	return repeated, err
}

// insert keeps a visit; false where one with its id is kept under the district already.
func (s *Service) insert(ctx context.Context, tx *act.Tx, f registry.Family, v Visit) (kept bool, err error) {
	document, err := json.Marshal(sealed{v.By, v.Met, v.Note})
	if err != nil {
		return false, fmt.Errorf("write visit: %w", err)
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO family_visit (kabkota, id, family_id, area_code, visited_on, outcome, document, recorded_by, recorded_at, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (kabkota, id) DO NOTHING`,
		int64(f.Tenant), v.ID, f.ID, int64(f.Area), v.On.Text(), string(v.Outcome), s.keys.Seal(nil, Purpose, document), sqldb.ID(tx.Who.ID), tx.Micros(), tx.Act)
	if err != nil {
		return false, fmt.Errorf("keep visit: %w", err)
	}
	return n > 0, nil
}

// readVisit reads visits with what is known of their withdrawal.
const readVisit = `SELECT v.id, v.visited_on, v.outcome, v.document, v.recorded_by, v.recorded_at, w.document, w.withdrawn_at
	FROM family_visit v LEFT JOIN visit_withdrawal w ON w.kabkota = v.kabkota AND w.visit_id = v.id `

func (s *Service) scan(r sqldb.Row) (v Visit, err error) {
	var on, outcome string
	var document, withdrawn []byte
	var at int64
	var back *int64
	if err = r.Scan(&v.ID, &on, &outcome, &document, &v.RecordedBy, &at, &withdrawn, &back); err != nil {
		return v, err
	}
	v.Outcome, v.RecordedAt = Outcome(outcome), time.UnixMicro(at).UTC()
	if v.On, err = period.ParseDate(on); err != nil {
		return v, err
	}
	var said sealed
	if err = s.open(Purpose, document, &said); err != nil {
		return v, err
	}
	v.By, v.Met, v.Note = said.By, said.Met, said.Note
	if back == nil {
		return v, nil
	}
	v.Withdrawn.At = time.UnixMicro(*back).UTC()
	return v, s.open(WithdrawalPurpose, withdrawn, &v.Withdrawn)
}

func (s *Service) open(purpose seal.Purpose, document []byte, into any) error {
	plain, err := s.keys.Open(purpose, document)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}
