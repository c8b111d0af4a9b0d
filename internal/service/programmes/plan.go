package programmes

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
	"tepat/internal/service/screening"
)

// Settings are the frozen settings of a run of kind "enrol", whose area is a whole district.
type Settings struct {
	Programme programme.ID `json:"programme"`
	// AsOf is the day whose rules, ages and facts count.
	AsOf period.Date `json:"as_of"`
	// Period is the month from which the list is in force; zero is the month of AsOf.
	Period period.Month `json:"period,omitzero"`
	// Quota is the number of places; nil takes the district's quota of that day as it was on record
	// when the run was made.
	Quota *int64 `json:"quota,omitempty"`
}

// plan is everything an enrolment judges by.
type plan struct {
	run     runs.Run
	set     Settings
	quota   int64
	edition programme.Edition
	p       programme.Programme
	rule    *eligibility.Rule // nil where the programme has none
	world   eligibility.World
	words   *eligibility.Vocabulary

	excluded map[sqldb.ID]screening.Exclusion
	held     map[sqldb.ID][]holding      // by family, of the programmes that cross rules may set against this one
	payees   map[sqldb.ID]sqldb.ID       // by family, as the list in force has them
	needed   map[sqldb.ID][]programme.ID // by family, of the programmes the rule wants to be held
	ended    map[stand]bool              // whose place was ended by decision, and not given back
	stated   map[sqldb.ID][]evidence.Evidence
}

// holding is a programme somebody of a family has.
type holding struct {
	programme programme.ID
	person    sqldb.ID // of a personal programme
}

// personal tells whether a place holds a person and not a family.
func personal(p programme.Programme) bool {
	return p.Unit == programme.UnitPerson || p.Unit == programme.UnitPupil
}

// settings reads and checks what a run is to do. Errors: programme.as_of, programme.whole_district,
// programme.not_in_force, programme.by_deliberation, programme.quota_places, programme.no_quota.
func (s *Service) settings(ctx context.Context, q sqldb.Querier, r runs.Run) (*plan, error) {
	x := &plan{run: r}
	if err := r.Decode(&x.set); err != nil {
		return nil, err
	}
	switch {
	case !x.set.AsOf.IsFull():
		return nil, fail.Invalid("programme.as_of").On("as_of")
	case r.Area.Level() != area.LevelDistrict:
		return nil, fail.Invalid("programme.whole_district").On("area")
	case x.set.Quota != nil && *x.set.Quota < 0:
		return nil, fail.Invalid("programme.quota_places", "given", *x.set.Quota).On("quota")
	}
	if x.set.Period.IsZero() {
		x.set.Period = period.MonthOf(x.set.AsOf)
	}
	x.edition = s.Set(x.set.AsOf)
	var err error
	if x.p, err = x.edition.Programme(x.set.Programme); err != nil {
		return nil, err
	}
	if x.p.Eligibility.Deliberation {
		return nil, fail.Conflict("programme.by_deliberation", "programme", string(x.p.ID)).On("programme")
	}
	if x.set.Quota != nil {
		x.quota = *x.set.Quota
		return x, nil
	}
	x.quota, err = quotaIn(ctx, q, r.Tenant, x.p.ID, x.set.AsOf, r.CreatedAt.UnixMicro())
	return x, err
}

// gather reads what judging needs beside the families themselves.
func (s *Service) gather(ctx context.Context, tx *sqldb.Tx, x *plan) (err error) {
	if rule := x.p.Eligibility.Rule; rule != "" {
		if x.rule, err = s.Vocabulary.Compile(rule, eligibility.LevelFamily); err != nil {
			return fmt.Errorf("rule of %s: %w", x.p.ID, err)
		}
		x.words = s.Vocabulary
		x.world = eligibility.World{Day: x.set.AsOf, Wages: s.Wages}
	}
	if s.Exclusions != nil {
		if x.excluded, err = s.Exclusions(ctx, tx, x.run.Tenant); err != nil {
			return err
		}
	}
	if x.ended, err = standingIn(ctx, tx, x.run.Tenant, x.p.ID, End); err != nil {
		return err
	}
	if kinds := asked(x.p.Components); len(kinds) > 0 && s.Statements != nil {
		if x.stated, err = s.Statements(ctx, tx, x.run.Tenant, kinds); err != nil {
			return err
		}
	}
	if x.held, err = readHoldings(ctx, tx, x.run.Tenant, x.rivals()); err != nil {
		return fmt.Errorf("read what families hold: %w", err)
	}
	if len(x.p.Eligibility.NeedsProgramme) > 0 {
		held, err := readHoldings(ctx, tx, x.run.Tenant, x.p.Eligibility.NeedsProgramme)
		if err != nil {
			return fmt.Errorf("read what families hold: %w", err)
		}
		x.needed = map[sqldb.ID][]programme.ID{}
		for family, list := range held {
			for _, h := range list {
				x.needed[family] = append(x.needed[family], h.programme)
			}
		}
	}
	if personal(x.p) {
		return nil
	}
	if x.payees, err = readPayees(ctx, tx, x.run.Tenant, x.p.ID); err != nil {
		return fmt.Errorf("read payees: %w", err)
	}
	return nil
}

// manyHolders is more than any cap on the holders of one family.
const manyHolders = 100

// rivals gives the other programmes that some number of holders may set against this one; the
// others need not be read.
func (x *plan) rivals() []programme.ID {
	var out []programme.ID
	for _, other := range x.edition.Programmes() {
		if other.ID == x.p.ID {
			continue
		}
		many := slices.Repeat([]programme.Holding{{Programme: other.ID, SamePerson: true}}, manyHolders)
		if !x.edition.Judge(x.p.ID, many).Allowed {
			out = append(out, other.ID)
		}
	}
	return out
}

// perFamily gives how many persons of one family the programme takes, zero for no bound.
func (x *plan) perFamily() int {
	if !personal(x.p) {
		return 0
	}
	for n := range manyHolders {
		if !x.edition.Judge(x.p.ID, slices.Repeat([]programme.Holding{{Programme: x.p.ID}}, n)).Allowed {
			return n
		}
	}
	return 0
}

// denied tells whether what the family holds forbids the programme, for the family or one of its persons.
func (x *plan) denied(family, person sqldb.ID) bool {
	list := x.held[family]
	if len(list) == 0 {
		return false
	}
	held := make([]programme.Holding, len(list))
	for i, h := range list {
		held[i] = programme.Holding{Programme: h.programme, SamePerson: !person.IsZero() && h.person == person}
	}
	return !x.edition.Judge(x.p.ID, held).Allowed
}

// amounts gives what one place is worth, for a stage and for a year; w is the working where the
// amount follows from components.
func amounts(p programme.Programme, w *programme.Working) (stage, year money.Rupiah) {
	if w != nil && len(p.Components.Items) > 0 {
		return w.Stage(1), w.PerYear
	}
	stages := money.Rupiah(max(p.Payment.StagesPerYear, 1))
	switch b := p.Benefit; b.Per {
	case programme.PerMonth:
		year = b.Amount * 12
	case programme.PerDay:
		year = b.Amount * 365
	case programme.PerYear:
		year = b.Amount
	case programme.PerOnce:
		return b.Amount, b.Amount
	}
	return year / stages, year
}
