package programmes

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
)

// Wanted is a change that waits for the second person, with whose place it is.
type Wanted struct {
	Change
	Head string // name of the head of family
}

// Waiting lists the changes nobody decided yet in the area of who may decide or ask, the oldest first, 200 at
// most. It is recorded with how many were shown.
func (s *Service) Waiting(ctx context.Context, who access.Actor, limit int) (out []Wanted, err error) {
	err = s.Acts.View(ctx, who, "programme.changes", "", func(tx *act.Tx) error {
		permission := access.ApproveEnrolment
		if !who.Can(permission) {
			permission = access.RunEnrolment
		}
		scope, err := tx.AllowList(permission)
		if err != nil {
			return err
		}
		a := sqldb.NewArgs(tx)
		query := `SELECT ` + changeColumns + ` FROM enrolment_change WHERE ` + act.Where(scope, "kabkota", "area_code", a) +
			` AND state = 'open' ORDER BY id LIMIT ` + a.P(int64(min(max(limit, 1), maxList)))
		list, err := sqldb.Collect(ctx, tx, query, a.Values, scanChange)
		if err != nil {
			return fmt.Errorf("list changes: %w", err)
		}
		if out, err = s.withHeads(ctx, tx, list); err != nil {
			return err
		}
		home, _ := who.Home()
		return tx.Record(ctx, audit.Entry{Area: home, Facts: map[string]any{"shown": len(out)}})
	})
	return out, err
}

func (s *Service) withHeads(ctx context.Context, q sqldb.Querier, list []Change) ([]Wanted, error) {
	families := map[area.Tenant][]sqldb.ID{}
	for _, c := range list {
		families[c.Tenant] = append(families[c.Tenant], c.Family)
	}
	heads := map[sqldb.ID]string{}
	for tenant, ids := range families {
		held, err := s.Registry.FamiliesIn(ctx, q, tenant, ids)
		if err != nil {
			return nil, err
		}
		for _, f := range held {
			heads[f.ID] = f.HeadName
		}
	}
	out := make([]Wanted, len(list))
	for i, c := range list {
		out[i] = Wanted{c, heads[c.Family]}
	}
	return out, nil
}

// CountWaiting counts the changes somebody else asked for and the actor may decide. It tells a number alone, so it is no act.
func (s *Service) CountWaiting(ctx context.Context, who access.Actor) (n int64, err error) {
	scope := who.ScopeOf(access.ApproveEnrolment)
	if scope.Empty() {
		return 0, nil
	}
	err = s.Acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		a := sqldb.NewArgs(tx)
		query := `SELECT count(*) FROM enrolment_change WHERE ` + act.Where(scope, "kabkota", "area_code", a) + ` AND state = 'open' AND asked_by <> ` + a.P(sqldb.ID(who.ID))
		return tx.QueryRow(ctx, query, a.Values...).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count changes: %w", err)
	}
	return n, nil
}

// Apart counts the places of a list in force that people have set apart since.
type Apart struct{ Suspended, Ended int64 }

// ApartFrom counts the suspended and the ended places of a list in force. It tells numbers alone, so it is no act.
func (s *Service) ApartFrom(ctx context.Context, who access.Actor, l List) (out Apart, err error) {
	if err := within(who, l.Tenant); err != nil || l.State != Frozen {
		return out, err
	}
	err = s.Acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		err := tx.QueryRow(ctx, `SELECT count(*) FROM enrolment WHERE kabkota = $1 AND programme = $2 AND state = 3 AND list_id = $3`,
			int64(l.Tenant), string(l.Programme), l.ID).Scan(&out.Suspended)
		if err != nil {
			return err
		}
		// By the few decisions that stand, since every list before left ended rows of the programme.
		return tx.QueryRow(ctx, `
			SELECT count(*) FROM enrolment_change c JOIN enrolment e ON e.kabkota = c.kabkota AND e.id = c.enrolment_id
			WHERE c.kabkota = $1 AND c.programme = $2 AND c.kind = 'end' AND c.state = 'done' AND c.lifted_at = 0 AND e.list_id = $3 AND e.state = 4`,
			int64(l.Tenant), string(l.Programme), l.ID).Scan(&out.Ended)
	})
	if err != nil {
		return out, fmt.Errorf("count places set apart: %w", err)
	}
	return out, nil
}

// ReasonsFor gives the reasons that a kind of change may name on a day; none for a payee.
func (s *Service) ReasonsFor(kind ChangeKind, day period.Date) []proposal.Reason {
	switch kind {
	case Suspend, End:
		return s.Reasons.For(proposal.UseDeactivate, day)
	case Resume, Restore:
		return s.Reasons.For(proposal.UseReactivate, day)
	}
	return nil
}

// Told is everything the letter about a suspension or an end says (edge/print sets it).
type Told struct {
	Letter    letters.Letter
	Facts     ChangeFacts
	Programme programme.Programme
	Family    registry.Family
	Person    registry.Person // whom a personal programme is for; the zero Person when the place is the family's
	Area      area.Code
	Reason    proposal.Reason
}

// Tell gives the letter that told a family of a change, to be printed. Errors: programme.no_change, programme.no_letter.
func (s *Service) Tell(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (out Told, err error) {
	err = s.Acts.View(ctx, who, "programme.change_letter", "", func(tx *act.Tx) error {
		c, err := changeByID(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.IssueLetter, tenant, c.Area); err != nil {
			return err
		}
		if c.Letter.IsZero() {
			return fail.NotFound("programme.no_letter")
		}
		if err := s.told(ctx, tx, c, &out); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: c.Area, Subject: c.Family, Facts: map[string]any{"letter": c.Letter.String()}})
	})
	return out, err
}

func (s *Service) told(ctx context.Context, tx *act.Tx, c Change, out *Told) (err error) {
	if out.Letter, err = s.Letters.In(ctx, tx, c.Tenant, c.Letter); err != nil {
		return err
	}
	if err = out.Letter.Decode(&out.Facts); err != nil {
		return fmt.Errorf("read facts of letter: %w", err)
	}
	if out.Programme, err = s.Set(out.Facts.From).Programme(c.Programme); err != nil {
		return err
	}
	if out.Family, err = s.Registry.FamilyIn(ctx, tx, c.Tenant, c.Family); err != nil {
		return err
	}
	if !c.Person.IsZero() {
		if out.Person, err = s.Registry.PersonIn(ctx, tx, c.Tenant, c.Person); err != nil {
			return err
		}
	}
	out.Area = c.Area
	out.Reason, err = s.Reasons.Find(c.Reason, out.Facts.From)
	return err
}

// ChangesOfIn gives what was decided about one place alone, the newest first, to a caller that shows it in an act of its own.
func (s *Service) ChangesOfIn(ctx context.Context, q sqldb.Querier, e Enrolment) ([]Change, error) {
	list, err := changesOf(ctx, q, e)
	return slices.DeleteFunc(list, func(c Change) bool { return c.State != ChangeDone }), err
}
