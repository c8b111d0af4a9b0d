package suggestions

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
)

// Suggested is what the repair page of a person shows beside the field rules.
type Suggested struct {
	Made  bool // a run has looked at her
	Fresh bool // and everything it looked at is as it was; else nothing of it is shown
	At    time.Time
	Suggestion
}

// Suggestion is a suggestion that is up to date.
type Suggestion struct {
	Outcome     Outcome
	Probability float64
	Gap         float64 // bits ahead of the next civil person, -1 without a next
	Causes      []Cause
	Levels      map[string]string // how each comparison of the model agrees
	Model       string
	// OwnNIK says that the civil person found is the holder of the NIK she has.
	OwnNIK bool
	// Civil is the civil person found; only where the agreement gives values.
	Civil civilmatch.Answer
	NIK   string // masked
	// Taken says that another of our persons has the NIK, or may be the same civil person.
	Taken bool
	// Other is the person who holds the NIK, where the actor may see her.
	Other *registry.Person
}

// Open shows the repair page of a person with what is suggested for her, in one act.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (b civil.Bench, g Suggested, err error) {
	err = s.Acts.View(ctx, who, "civil.open", "", func(tx *act.Tx) error {
		if b, err = s.Civil.OpenIn(ctx, tx, tenant, id); err != nil {
			return err
		}
		if g, err = s.suggestedIn(ctx, tx, b); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: b.Person.Area, Subject: id})
	})
	return b, g, err
}

func (s *Service) suggestedIn(ctx context.Context, tx *act.Tx, b civil.Bench) (g Suggested, err error) {
	now, err := s.basisIn(ctx, tx)
	if err != nil {
		return g, err
	}
	var k kept
	found, err := sqldb.Found(tx.QueryRow(ctx, `
		SELECT person_version, family_version, basis, outcome, civil_hash, taken, probability, gap, document, model, recorded_at
		FROM match_suggestion WHERE kabkota = $1 AND person_id = $2`, int64(b.Person.Tenant), b.Person.ID).Scan(k.fields()...))
	if err != nil {
		return g, fmt.Errorf("read suggestion: %w", err)
	}
	if !found {
		return g, nil
	}
	g.Made, g.At = true, time.UnixMicro(k.at).UTC()
	g.Fresh = k.basis == now.digest && k.version == b.Person.Version && k.familyVersion == b.Family.Version && b.Person.Match.Group() == civilmatch.NotMatching
	if !g.Fresh {
		return g, nil
	}
	g.Suggestion, err = s.unfold(ctx, tx, &k, b.Person)
	return g, err
}

// kept is a row of match_suggestion.
type kept struct {
	version, familyVersion, taken, at int64
	basis, civil                      sqldb.Hash
	outcome                           Outcome
	probability, gap                  float64
	document                          []byte
	model                             string
}

func (k *kept) fields() []any {
	return []any{&k.version, &k.familyVersion, &k.basis, &k.outcome, &k.civil, &k.taken, &k.probability, &k.gap, &k.document, &k.model, &k.at}
}

// unfold opens what is kept, and reads the civil person where the agreement gives values.
func (s *Service) unfold(ctx context.Context, tx *act.Tx, k *kept, p registry.Person) (g Suggestion, err error) {
	d, err := s.opened(k.document)
	if err != nil {
		return g, fmt.Errorf("open suggestion: %w", err)
	}
	g = Suggestion{
		Outcome: k.outcome, Probability: k.probability, Gap: k.gap, Causes: d.Causes, Levels: levelsOf(d.Levels), Model: k.model, Taken: k.taken == 1,
	}
	if k.civil.IsZero() || !s.Civil.Scans() {
		return g, nil
	}
	g.OwnNIK = s.Registry.NIKHash(p.NIK) == k.civil
	now := []suggestion{{person: p.ID, outcome: g.Outcome, civil: k.civil, nikSame: g.OwnNIK, taken: g.Taken, causes: g.Causes}}
	if err := s.asClaimed(ctx, tx, p.Tenant, now); err != nil {
		return g, err
	}
	g.Outcome, g.Taken, g.Causes = now[0].outcome, now[0].taken, now[0].causes
	records, err := s.Civil.RecordsIn(ctx, tx, []sqldb.Hash{k.civil})
	if err != nil {
		return g, err
	}
	g.Civil = records[k.civil]
	if g.NIK, err = s.Civil.MaskedIn(ctx, tx, k.civil); err != nil || !g.Taken {
		return g, err
	}
	return g, s.showHolder(ctx, tx, &g, k.civil, p.ID)
}

// showHolder puts the other person of ours who holds a NIK on a suggestion, where the actor may see her.
func (s *Service) showHolder(ctx context.Context, tx *act.Tx, g *Suggestion, nik sqldb.Hash, but sqldb.ID) error {
	holders, err := s.Registry.HoldersIn(ctx, tx, []sqldb.Hash{nik})
	holder, held := holders[nik]
	if err != nil || !held || holder.PersonID == but {
		return err
	}
	other, err := s.Registry.PersonIn(ctx, tx, holder.Tenant, holder.PersonID)
	if err == nil && tx.Who.Allow(access.ReadRegistry, other.Tenant, other.Area) == nil {
		g.Other = &other
	}
	return err
}
