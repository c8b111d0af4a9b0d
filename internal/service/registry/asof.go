package registry

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// PersonAsOf gives a person as the registry recorded her at an instant;
// registry.no_person when she was not recorded yet.
func (s *Service) PersonAsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID, recorded time.Time) (Person, error) {
	current, err := s.PersonIn(ctx, q, tenant, id)
	if err != nil {
		return current, err
	}
	if !current.RecordedAt.After(recorded) {
		return current, nil
	}
	version, from, document, err := historyAt(ctx, q, "person_history", tenant, id, recorded)
	if err != nil {
		return Person{}, fmt.Errorf("read history of person: %w", err)
	}
	if document == nil {
		return Person{}, fail.NotFound("registry.no_person")
	}
	return s.openPersonDocument(tenant, id, version, from, document)
}

// FamilyAsOf gives a family as the registry recorded it at an instant;
// registry.no_family when it was not recorded yet.
func (s *Service) FamilyAsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID, recorded time.Time) (Family, error) {
	current, err := s.FamilyIn(ctx, q, tenant, id)
	if err != nil {
		return current, err
	}
	if !current.RecordedAt.After(recorded) {
		return current, nil
	}
	version, from, document, err := historyAt(ctx, q, "family_history", tenant, id, recorded)
	if err != nil {
		return Family{}, fmt.Errorf("read history of family: %w", err)
	}
	if document == nil {
		return Family{}, fail.NotFound("registry.no_family")
	}
	return s.openFamilyDocument(tenant, id, version, from, document)
}

func historyAt(ctx context.Context, q sqldb.Querier, table string, tenant area.Tenant, id sqldb.ID, at time.Time) (version int64, from time.Time, document []byte, err error) {
	var micros int64
	err = q.QueryRow(ctx, `
		SELECT version, recorded_from, document FROM `+table+`
		WHERE kabkota = $1 AND id = $2 AND recorded_from <= $3 AND recorded_to > $3
		ORDER BY version DESC LIMIT 1`, int64(tenant), id, at.UnixMicro()).Scan(&version, &micros, &document)
	if found, err := sqldb.Found(err); !found {
		return 0, time.Time{}, nil, err
	}
	return version, time.UnixMicro(micros).UTC(), document, nil
}

// MembersAsOf gives who belonged to a family on a date (valid time) as recorded at an
// instant (system time).
func (s *Service) MembersAsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, family sqldb.ID, recorded time.Time, valid string) ([]Person, error) {
	ids, err := sqldb.Collect(ctx, q, `
		SELECT id FROM person WHERE kabkota = $1 AND family_id = $2 AND member_since <= $3
		UNION
		SELECT person_id FROM membership WHERE kabkota = $1 AND family_id = $2 AND valid_from <= $3 AND valid_to > $3 AND recorded_at <= $4`,
		[]any{int64(tenant), family, valid, recorded.UnixMicro()}, func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	var out []Person
	for _, id := range ids {
		p, err := s.PersonAsOf(ctx, q, tenant, id, recorded)
		if fail.CodeOf(err) == "registry.no_person" {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}
