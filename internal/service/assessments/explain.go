package assessments

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Story is where a family stands and how it came there.
type Story struct {
	Tenant area.Tenant
	Family sqldb.ID
	Area   area.Code
	// Rank is the decile in force; the zero Rank is unranked.
	Rank registry.Rank
	// Vintages are all deciles on record, newest first.
	Vintages []Vintage
	// Estimate is what the demonstration model says of the family today, fact by fact, with labels
	// in both languages. It decides nothing where the rank is official.
	Estimate scoring.Explanation
	// Missing are the facts nobody has, without which the model cannot estimate.
	Missing []questionnaire.Fact
	// Moves tell, newest first, how the decile went from one vintage to the next of its source.
	Moves []Move
}

// Vintage is one decile on record.
type Vintage struct {
	registry.Rank
	Score      *float64 // of an estimate
	RecordedAt time.Time
	From       string   // the file or letter of an official decile, the model of an estimate
	Missing    []string // names of the facts that kept an estimate from being made
	parts      map[string]float64
}

// Move is a decile's way from one vintage to the next.
type Move struct {
	From, To Vintage
	// Because are the facts whose effect on the estimate changed, the largest change first. It is
	// empty for official deciles: BPS does not publish why.
	Because []Shift
}

// Shift is a change of what one fact adds to an estimate.
type Shift struct {
	Fact   string
	Label  questionnaire.Label
	Before float64 // in ln spending
	After  float64
}

// Percent gives the shift as a change of estimated spending.
func (s Shift) Percent() float64 { return 100 * math.Expm1(s.After-s.Before) }

// Explain tells where a family stands and why. It is recorded under the family's id.
func (s *Service) Explain(ctx context.Context, who access.Actor, tenant area.Tenant, family sqldb.ID, purpose string) (out Story, err error) {
	err = s.acts.View(ctx, who, "assessment.explain", purpose, func(tx *act.Tx) error {
		f, err := s.reg.FamilyIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, f.Area); err != nil {
			return err
		}
		out = Story{Tenant: tenant, Family: family, Area: f.Area, Rank: registry.Rank{Decile: f.Decile, Source: f.DecileSource, Vintage: f.DecileVintage}}
		if out.Vintages, err = readVintages(ctx, tx, tenant, family); err != nil {
			return fmt.Errorf("read deciles: %w", err)
		}
		if err := s.explainToday(ctx, tx, &out); err != nil {
			return err
		}
		out.Moves = s.moves(out.Vintages)
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: family})
	})
	return out, err
}

// explainToday works the estimate out from the answers held now. A family that is not active
// has none.
func (s *Service) explainToday(ctx context.Context, tx *act.Tx, out *Story) error {
	of := Selection{Tenant: out.Tenant, Area: area.Nation, Family: out.Family}
	return Cases(ctx, s, tx.Tx, of, func(c *Case) scoring.Explanation { return s.model.Explain(c.Facts) }, func(list []scoring.Explanation) error {
		out.Estimate = list[0]
		labels := s.familyFacts()
		for _, name := range list[0].Missing {
			out.Missing = append(out.Missing, labels[name])
		}
		return nil
	})
}

func (s *Service) familyFacts() map[string]questionnaire.Fact {
	out := map[string]questionnaire.Fact{}
	for _, f := range s.forms.Facts(questionnaire.LevelFamily) {
		out[f.Name] = f
	}
	return out
}

// moves pairs each vintage with the one before it of the same source; vintages come newest first.
func (s *Service) moves(list []Vintage) []Move {
	var out []Move
	labels := map[string]questionnaire.Label{}
	for _, t := range s.model.Terms() {
		labels[t.Fact] = t.Label
	}
	for i := range list {
		earlier := slices.IndexFunc(list[i+1:], func(v Vintage) bool { return v.Source == list[i].Source })
		if earlier < 0 {
			continue
		}
		m := Move{From: list[i+1+earlier], To: list[i]}
		if m.To.Source == registry.ModelMade {
			m.Because = shifts(m.From.parts, m.To.parts, labels)
		}
		out = append(out, m)
	}
	return out
}

// shifts compares what facts added to two estimates; where one could not be made it is empty.
func shifts(before, after map[string]float64, labels map[string]questionnaire.Label) []Shift {
	if before == nil || after == nil {
		return nil
	}
	var out []Shift
	for fact, label := range labels {
		if before[fact] != after[fact] {
			out = append(out, Shift{fact, label, before[fact], after[fact]})
		}
	}
	slices.SortFunc(out, func(a, b Shift) int {
		return cmp.Or(cmp.Compare(math.Abs(b.After-b.Before), math.Abs(a.After-a.Before)), cmp.Compare(a.Fact, b.Fact))
	})
	return out
}

func scanVintage(r sqldb.Row) (Vintage, error) {
	var v Vintage
	var recorded int64
	var explanation string
	if err := r.Scan(&v.Rank.Vintage, &v.Source, &v.Decile, &v.Score, &recorded, &explanation); err != nil {
		return v, err
	}
	v.RecordedAt = time.UnixMicro(recorded).UTC()
	var document keptExplanation
	if err := json.Unmarshal([]byte(explanation), &document); err != nil {
		return v, fmt.Errorf("read explanation: %w", err)
	}
	v.From, v.Missing, v.parts = cmp.Or(document.Source, document.Model), document.Missing, document.Parts
	return v, nil
}
