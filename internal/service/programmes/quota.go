package programmes

import (
	"context"
	"fmt"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Quota is how many places a programme has in a district from a day on, in the programme's unit.
// A district's quota comes from the owner of the programme; the national one is in the catalogue.
type Quota struct {
	Programme  programme.ID
	From       period.Date
	Places     int64
	LegalBasis string
	// Version counts the corrections of the same day; the highest counts.
	Version int64
}

// Problems names everything that is wrong with a quota. Errors: programme.quota_from, programme.quota_places,
// programme.quota_basis, programme.not_in_force.
func (s *Service) Problems(q Quota) (out []error) {
	if !q.From.IsFull() {
		out = append(out, fail.Invalid("programme.quota_from").On("valid_from"))
	} else if _, err := s.Set(q.From).Programme(q.Programme); err != nil {
		out = append(out, err)
	}
	if q.Places < 0 {
		out = append(out, fail.Invalid("programme.quota_places", "given", q.Places).On("quota"))
	}
	if strings.TrimSpace(q.LegalBasis) == "" {
		out = append(out, fail.Invalid("programme.quota_basis").On("legal_basis"))
	}
	return out
}

// check gives the first of the problems.
func (s *Service) check(q Quota) error {
	if problems := s.Problems(q); len(problems) > 0 {
		return problems[0]
	}
	return nil
}

// SetQuota sets the quota of a district, whose area is given, from a day on. The earlier ones stay
// on record.
func (s *Service) SetQuota(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code, q Quota) (Quota, error) {
	if err := s.check(q); err != nil {
		return q, err
	}
	err := s.Acts.Write(ctx, who, "programme.quota", func(tx *act.Tx) (err error) {
		if err := tx.Allow(access.RunEnrolment, tenant, at); err != nil {
			return err
		}
		if q.Version, err = insertQuota(ctx, tx, tenant, q); err != nil {
			return fmt.Errorf("keep quota: %w", err)
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: at, Facts: map[string]any{
			"programme": q.Programme, "valid_from": q.From.Text(), "quota": q.Places, "version": q.Version,
		}})
	})
	return q, err
}

// Quotas gives the quotas of a programme that count or counted, the newest day first.
func (s *Service) Quotas(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code, id programme.ID) ([]Quota, error) {
	if err := who.Allow(access.ReadInsight, tenant, at); err != nil {
		return nil, err
	}
	list, err := quotasOf(ctx, s.Acts.DB().Direct(), tenant, id)
	if err != nil {
		return nil, fmt.Errorf("list quotas: %w", err)
	}
	return list, nil
}

// quotaIn gives the quota in force on a day as it was on record at an instant. Error:
// programme.no_quota.
func quotaIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id programme.ID, day period.Date, until int64) (int64, error) {
	var places int64
	err := q.QueryRow(ctx, `
		SELECT quota FROM programme_quota
		WHERE kabkota = $1 AND programme = $2 AND valid_from <= $3 AND recorded_at <= $4
		ORDER BY valid_from DESC, version DESC LIMIT 1`, int64(tenant), string(id), day.Text(), until).Scan(&places)
	if found, err := sqldb.Found(err); !found {
		if err != nil {
			return 0, fmt.Errorf("read quota: %w", err)
		}
		return 0, fail.NotFound("programme.no_quota", "programme", string(id), "date", day.Text()).On("quota")
	}
	return places, nil
}

func insertQuota(ctx context.Context, tx *act.Tx, tenant area.Tenant, q Quota) (version int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT coalesce(max(version), 0) + 1 FROM programme_quota
		WHERE kabkota = $1 AND programme = $2 AND valid_from = $3`, int64(tenant), string(q.Programme), q.From.Text()).Scan(&version)
	if err != nil {
		return 0, err
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO programme_quota (kabkota, programme, valid_from, version, quota, legal_basis, recorded_at, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (kabkota, programme, valid_from, version) DO NOTHING`,
		int64(tenant), string(q.Programme), q.From.Text(), version, q.Places, q.LegalBasis, tx.Micros(), tx.Act)
	if err == nil && n == 0 {
		return 0, fail.Unavailable("programme.race") // somebody else corrected the same day at the same moment
	}
	return version, err
}

func quotasOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id programme.ID) ([]Quota, error) {
	return sqldb.Collect(ctx, q, `
		SELECT p.valid_from, p.version, p.quota, p.legal_basis FROM programme_quota p
		WHERE p.kabkota = $1 AND p.programme = $2 AND NOT EXISTS (
			SELECT 1 FROM programme_quota n
			WHERE n.kabkota = p.kabkota AND n.programme = p.programme AND n.valid_from = p.valid_from AND n.version > p.version)
		ORDER BY p.valid_from DESC LIMIT 200`, []any{int64(tenant), string(id)}, func(r sqldb.Row) (Quota, error) {
		out := Quota{Programme: id}
		var from string
		err := r.Scan(&from, &out.Version, &out.Places, &out.LegalBasis)
		if err == nil {
			out.From, err = period.ParseDate(from)
		}
		return out, err
	})
}
