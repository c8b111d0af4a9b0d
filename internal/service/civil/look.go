package civil

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
)

// Alikes finds who of the registry somebody may be; identity.Service does.
type Alikes interface {
	TellIn(ctx context.Context, tx *act.Tx, asked []identity.Asked) (told [][]identity.Resembling, reach identity.Reach, err error)
}

// Look names who is asked, before a repair is kept, whether the person it makes is in the registry already. It is set
// while the house is built; without it nobody is asked.
func (s *Service) Look(a Alikes) { s.alikes = a }

// asks tells whether a repair makes somebody of a person who may be in the registry already.
func (m *Mending) asks() bool {
	return m.NIK != nil || m.Name != nil || m.BirthDate != nil || m.Sex != nil
}

// look tells who of the registry may be the person a repair makes, in an act of its own that says how many were shown.
// Where who is alike cannot be looked up yet, nobody is told: once the index stands, it asks for her of itself.
func (s *Service) look(ctx context.Context, who access.Actor, m Mending) (told []identity.Resembling, err error) {
	if s.alikes == nil || !m.asks() {
		return nil, nil
	}
	err = s.acts.View(ctx, who, "civil.alike", "", func(tx *act.Tx) error {
		p, err := s.reg.PersonIn(ctx, tx, m.Tenant, m.PersonID)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RepairMatch, m.Tenant, p.Area); err != nil {
			return err
		}
		f, err := s.reg.FamilyIn(ctx, tx, p.Tenant, p.FamilyID)
		if err != nil {
			return err
		}
		asked, err := s.madeIn(ctx, tx, m, p, f)
		if err != nil {
			return err
		}
		all, reach, err := s.alikes.TellIn(ctx, tx, []identity.Asked{asked})
		if err != nil {
			return fmt.Errorf("find who is alike: %w", err)
		}
		told = all[0]
		facts := map[string]any{"shown": len(told), "ids": identity.Seen(told)}
		reach.Note(facts)
		return tx.Record(ctx, audit.Entry{Tenant: m.Tenant, Area: p.Area, Subject: p.ID, Facts: facts})
	})
	return told, err
}

// madeIn is the person as the repair makes her. One whom the civil registry then knows under her NIK is no other whom it
// knows under another.
func (s *Service) madeIn(ctx context.Context, q sqldb.Querier, m Mending, p registry.Person, f registry.Family) (identity.Asked, error) {
	if m.NIK != nil {
		p.NIK, p.RawNIK, p.NIKState = *m.NIK, "", registry.Holder // at best: who else claims it is found out when it is kept
	}
	if m.KK != nil {
		f.KK = *m.KK
	}
	if m.Name != nil {
		p.Name = *m.Name
	}
	if m.BirthDate != nil {
		p.BirthDate = *m.BirthDate
	}
	if m.Sex != nil {
		p.Sex = *m.Sex
	}
	out := identity.AskedOf(p, f)
	questions := []Question{s.question(p, f.KK)}
	heard, err := s.hear(ctx, q, questions)
	if err == nil {
		out.Matches = civilmatch.Compare(s.rules, &questions[0].Record, &heard[0].Answer).Status == civilmatch.Matched
	}
	return out, err
}

// asked refuses a repair until who asks for it has seen whom the person may be.
func (m *Mending) asked(told []identity.Resembling) error {
	if len(told) == 0 || m.Seen == identity.Seen(told) {
		return nil
	}
	return fail.Conflict("civil.alike", "count", len(told)).On("alike")
}
