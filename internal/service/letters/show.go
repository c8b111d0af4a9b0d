package letters

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Show gives one letter, to be printed. It is recorded under the letter's subject with
// the purpose.
func (s *Service) Show(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (l Letter, err error) {
	err = s.acts.View(ctx, who, "letter.show", purpose, func(tx *act.Tx) error {
		if l, err = load(ctx, tx, s.places.Lineage(tenant), id); err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, l.Tenant, l.Area); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: l.Tenant, Area: l.Area, Subject: l.Subject, Facts: map[string]any{"letter": l.ID.String(), "kind": l.Kind}})
	})
	return l, err
}

// In gives one letter about somebody of a tenant to a caller that shows it in an act of its own. Error: letter.unknown.
func (s *Service) In(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Letter, error) {
	return load(ctx, q, s.places.Lineage(tenant), id)
}

// OfSubjectIn gives the letters of a kind about a subject that were not taken back, the oldest first, 200 at most, to a caller
// that goes on in an act of its own.
func (s *Service) OfSubjectIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, subject sqldb.ID, kind Kind) ([]Letter, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + columns + ` FROM letter WHERE kabkota IN ` + sqldb.In(a, s.places.Lineage(tenant)) + ` AND subject_id = ` + a.P(subject) + ` AND kind = ` + a.P(string(kind)) +
		` AND revoked_at = 0 ORDER BY id LIMIT ` + a.P(int64(maxList))
	list, err := sqldb.Collect(ctx, q, query, a.Values, scan)
	if err != nil {
		return nil, fmt.Errorf("read letters of a subject: %w", err)
	}
	return list, nil
}

// ListOf gives the letters about subjects, such as a family and its members, newest
// first, as far as the actor may see them.
// The act is recorded under the first subject.
func (s *Service) ListOf(ctx context.Context, who access.Actor, tenant area.Tenant, subjects ...sqldb.ID) (list []Letter, err error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	err = s.acts.View(ctx, who, "letter.list", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadRegistry)
		if err != nil {
			return err
		}
		if list, err = listOf(ctx, tx, scope, s.places.Lineage(tenant), subjects); err != nil {
			return fmt.Errorf("list letters: %w", err)
		}
		home, _ := who.Home()
		facts := audit.Shown(list, func(l *Letter) sqldb.ID { return l.ID })
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: home, Subject: subjects[0], Facts: facts})
	})
	return list, err
}

// Check is all that a code tells: which sort of letter it is, when it was issued, and
// whether it holds.
type Check struct {
	Kind     Kind
	IssuedAt time.Time
	Valid    bool
}

// ByCode checks a printed letter for anybody who holds it. The code alone is the key, so
// it tells nothing of whom the letter is about. Errors: letter.code when it cannot be a
// code, letter.unknown_code when no letter has it.
func (s *Service) ByCode(ctx context.Context, typed string) (Check, error) {
	code, tenant, err := ParseCode(typed)
	if err != nil {
		return Check{}, err
	}
	l, err := byCode(ctx, s.acts.DB().Direct(), tenant, code)
	if found, err := sqldb.Found(err); !found {
		if err != nil {
			return Check{}, fmt.Errorf("read letter by code: %w", err)
		}
		return Check{}, fail.NotFound("letter.unknown_code").On("code")
	}
	return Check{Kind: l.Kind, IssuedAt: l.IssuedAt, Valid: l.ValidOn(s.places.LocalDate(l.Area, s.acts.Now()))}, nil
}

// HeldIn gives the letter whose code somebody types, for an office that acts on it; it is not for a page, which learns
// from ByCode what anybody may know. Errors: letter.code, letter.unknown_code.
func (s *Service) HeldIn(ctx context.Context, q sqldb.Querier, typed string) (Letter, error) {
	code, tenant, err := ParseCode(typed)
	if err != nil {
		return Letter{}, err
	}
	l, err := byCode(ctx, q, tenant, code)
	return sqldb.Sole(l, err, "read letter by code", fail.NotFound("letter.unknown_code").On("code"))
}
