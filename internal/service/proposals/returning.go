package proposals

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/identity"
)

// returning tells, before a reactivation is filed, who of the registry those who come back may be: while somebody was off
// the registry she may have been written down anew, under another number or in another village. It is an act of its own
// that says how many were shown. Of every other kind nobody is told: a new family is checked by Check, and the rest
// brings nobody in.
func (s *Service) returning(ctx context.Context, who access.Actor, f Filing) (told []identity.Resembling, err error) {
	if s.alikes == nil || f.Kind != proposal.Reactivation {
		return nil, nil
	}
	err = s.acts.View(ctx, who, "proposal.alike", "", func(tx *act.Tx) error {
		at, err := s.subjectIn(ctx, tx, f)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.FileProposal, at.tenant, at.village); err != nil {
			return err
		}
		told = nil
		reach, err := s.returningIn(ctx, tx, at, f, &told)
		if err != nil {
			return err
		}
		facts := map[string]any{"shown": len(told), "ids": identity.Seen(told)}
		reach.Note(facts)
		return tx.Record(ctx, audit.Entry{Tenant: at.tenant, Area: at.village, Subject: at.family.ID, Facts: facts})
	})
	return told, err
}

func (s *Service) returningIn(ctx context.Context, tx *act.Tx, at subject, f Filing, told *[]identity.Resembling) (reach identity.Reach, err error) {
	members, err := s.reg.MembersIn(ctx, tx, f.Tenant, f.Family)
	if err != nil {
		return reach, fmt.Errorf("read members: %w", err)
	}
	if members, err = about(f, at.family, members); err != nil {
		return reach, err
	}
	list := make([]identity.Asked, len(members))
	for i := range members {
		list[i] = identity.AskedOf(members[i], at.family)
	}
	all, reach, err := s.alikes.TellIn(ctx, tx, list)
	if err != nil {
		return reach, fmt.Errorf("find who is alike: %w", err)
	}
	for _, few := range all {
		for _, one := range few {
			if !slices.ContainsFunc(*told, func(o identity.Resembling) bool { return o.Who == one.Who }) {
				*told = append(*told, one)
			}
		}
	}
	return reach, nil
}

// unseen refuses to bring somebody back until who files has seen whom she may be.
func (f *Filing) unseen(told []identity.Resembling) error {
	if len(told) == 0 || f.Seen == identity.Seen(told) {
		return nil
	}
	return fail.Conflict("proposal.alike", "count", len(told)).On("alike")
}
