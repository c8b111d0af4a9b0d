package programmes

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// Story is why somebody stands where she stands on a list, and what she gets.
type Story struct {
	Enrolment Enrolment
	List      List
	Decree    Decree // zero while the list is a draft
	// Programme is the programme with the rules of the list's day.
	Programme programme.Programme
	Family    registry.Family
	// Members are everybody recorded in the family now, for the names in the working.
	Members []registry.Person
	// Priority is what priority looked at when the list was made.
	Priority Priority
	// Working is the calculation, line by line; without lines where the amount is flat.
	Working programme.Working
	// Stages are the amounts of a year's stages, in order.
	Stages []money.Rupiah
	// Year is what a whole year gives.
	Year money.Rupiah
	// Changes are what was asked of this place alone, the newest first.
	Changes []Change
	// Payees are who else of the family may receive the money; none in a personal programme.
	Payees []registry.Person
}

// Priority is what puts somebody before others: the decile, then the components, then the day since
// which the family is registered, then the lot.
type Priority struct {
	Decile     int64 // 0 is unranked
	Estimated  bool  // the decile is the demonstration model's
	Components int
	Score      *float64
	Since      period.Date
}

// Explain tells how a place on a list came about. It is recorded under the family's id.
func (s *Service) Explain(ctx context.Context, who access.Actor, tenant area.Tenant, enrolment sqldb.ID, purpose string) (out Story, err error) {
	err = s.Acts.View(ctx, who, "programme.explain", purpose, func(tx *act.Tx) error {
		if out.Enrolment, err = enrolmentByID(ctx, tx, tenant, enrolment); err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, out.Enrolment.Area); err != nil {
			return err
		}
		if err := s.tell(ctx, tx.Tx, &out); err != nil {
			return err
		}
		if out.Changes, err = changesOf(ctx, tx, out.Enrolment); err != nil {
			return err
		}
		if out.Payees, err = s.payeesFor(ctx, tx, out.Enrolment, out.Programme, s.Places.LocalDate(out.Enrolment.Area, tx.Now)); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: out.Enrolment.Area, Subject: out.Enrolment.Family, Facts: map[string]any{"enrolment": enrolment.String()}})
	})
	return out, err
}

// tell fills a story of which the enrolment is known.
func (s *Service) tell(ctx context.Context, tx *sqldb.Tx, out *Story) (err error) {
	e := out.Enrolment
	if out.List, err = listByID(ctx, tx, e.Tenant, e.List); err != nil {
		return err
	}
	if out.Decree, err = decreeByID(ctx, tx, e.Tenant, out.List.Decree); err != nil {
		return err
	}
	if out.Programme, err = s.Set(out.List.AsOf).Programme(e.Programme); err != nil {
		return err
	}
	if out.Family, err = s.Registry.FamilyIn(ctx, tx, e.Tenant, e.Family); err != nil {
		return err
	}
	if out.Members, err = s.Registry.MembersIn(ctx, tx, e.Tenant, e.Family); err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	k, err := readWorking(e.working)
	if err != nil {
		return err
	}
	out.Priority = Priority{Decile: k.Decile, Estimated: k.Estimated, Components: k.Components, Score: k.Score}
	if k.Since != "" {
		if out.Priority.Since, err = period.ParseDate(k.Since); err != nil {
			return err
		}
	}
	out.Working, out.Year = k.working(out.Programme, out.List.AsOf), money.Rupiah(k.PerYear)
	for n := range out.Programme.Payment.StagesPerYear {
		out.Stages = append(out.Stages, out.Working.Stage(n+1))
	}
	return nil
}

func enrolmentByID(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Enrolment, error) {
	e, err := scanEnrolment(q.QueryRow(ctx, `SELECT `+enrolmentColumns+` FROM enrolment WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(e, err, "read enrolment", fail.NotFound("programme.no_enrolment"))
}

// OfFamily gives the places of a family and its members on lists that are or were in force, the
// newest first. It is recorded under the family's id.
func (s *Service) OfFamily(ctx context.Context, who access.Actor, tenant area.Tenant, family sqldb.ID) (out []Enrolment, err error) {
	err = s.Acts.View(ctx, who, "programme.family", "", func(tx *act.Tx) error {
		f, err := s.Registry.FamilyIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, f.Area); err != nil {
			return err
		}
		if out, err = s.OfFamilyIn(ctx, tx, tenant, family); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: family})
	})
	return out, err
}

// OfPerson gives the places a person holds herself, and those of which she is the payee, the newest
// first. It is recorded under her id.
func (s *Service) OfPerson(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (out []Enrolment, err error) {
	err = s.Acts.View(ctx, who, "programme.person", "", func(tx *act.Tx) error {
		p, err := s.Registry.PersonIn(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, p.Area); err != nil {
			return err
		}
		if out, err = s.OfPersonIn(ctx, tx, tenant, id); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: p.Area, Subject: id})
	})
	return out, err
}

// OfFamilyIn is OfFamily for acts of others, such as the letter of registration.
func (s *Service) OfFamilyIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, family sqldb.ID) ([]Enrolment, error) {
	return enrolmentsOf(ctx, q, "family_id", tenant, family)
}

// OfPersonIn is OfPerson for acts of others.
func (s *Service) OfPersonIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) ([]Enrolment, error) {
	return enrolmentsOf(ctx, q, "person_id", tenant, id)
}

func enrolmentsOf(ctx context.Context, q sqldb.Querier, column string, tenant area.Tenant, id sqldb.ID) ([]Enrolment, error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT `+enrolmentColumns+` FROM enrolment
		WHERE kabkota = $1 AND `+column+` = $2 AND state IN (1, 2, 3, 4)
		ORDER BY valid_from DESC, programme, position, id LIMIT 500`, []any{int64(tenant), id}, scanEnrolment)
	if err != nil {
		return nil, fmt.Errorf("read enrolments: %w", err)
	}
	return list, nil
}

// PayeesIn gives the payees of families by the lists in force, in no order: those of programmes that
// are given to a family. Whom a personal programme is for is nobody's payee by that.
func (s *Service) PayeesIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, families []sqldb.ID) (out []sqldb.ID, err error) {
	var given []string
	for _, p := range s.Set(period.DateOf(s.Acts.Now(), time.UTC)).Programmes() {
		if !personal(p) {
			given = append(given, string(p.ID))
		}
	}
	for some := range slices.Chunk(families, inSize) {
		a := sqldb.NewArgs(q)
		query := `SELECT DISTINCT person_id FROM enrolment WHERE kabkota = ` + a.P(int64(tenant)) + ` AND family_id IN ` + sqldb.In(a, some) +
			` AND programme IN ` + sqldb.In(a, given) + ` AND state IN (1, 3) AND person_id IS NOT NULL`
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			err := r.Scan(&id)
			out = append(out, id)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read payees: %w", err)
		}
	}
	return out, nil
}
