package screening

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
)

// Told is everything the newest letter about a finding says (edge/print sets it).
type Told struct {
	Letter    letters.Letter
	Facts     LetterFacts
	Criterion eligibility.Criterion
	Family    registry.Family
	Person    registry.Person // the member it is about; the zero Person when it is the family as a whole
	Area      area.Code
}

// LetterID gives the newest letter the family got about the finding; zero when there is none.
func (f Finding) LetterID() sqldb.ID {
	if !f.Letter.IsZero() {
		return f.Letter
	}
	return f.Notice
}

// Tell gives the newest letter about a finding, to be printed: the removal, else the notice or the request for another
// payee. Errors: finding.no_letter.
func (s *Service) Tell(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (out Told, err error) {
	err = s.acts.View(ctx, who, "finding.letter", "", func(tx *act.Tx) error {
		f, err := loadFinding(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.IssueLetter, tenant, f.Area); err != nil {
			return err
		}
		if f.LetterID().IsZero() {
			return fail.NotFound("finding.no_letter")
		}
		if err := s.letterAbout(ctx, tx, f, &out); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: f.Subject(), Facts: map[string]any{"letter": out.Letter.ID.String()}})
	})
	return out, err
}

func (s *Service) letterAbout(ctx context.Context, tx *act.Tx, f Finding, out *Told) (err error) {
	if out.Letter, err = s.letters.In(ctx, tx, f.Tenant, f.LetterID()); err != nil {
		return err
	}
	if !out.Letter.RevokedAt.IsZero() {
		return fail.NotFound("finding.no_letter")
	}
	if err := out.Letter.Decode(&out.Facts); err != nil {
		return fmt.Errorf("read facts of letter: %w", err)
	}
	if out.Family, err = s.reg.FamilyIn(ctx, tx, f.Tenant, f.Family); err != nil {
		return err
	}
	if !f.Person.IsZero() {
		if out.Person, err = s.reg.PersonIn(ctx, tx, f.Tenant, f.Person); err != nil {
			return err
		}
	}
	out.Area = f.Area
	out.Criterion, _ = s.Criterion(f.Criterion, f.Facts.Day)
	return nil
}
