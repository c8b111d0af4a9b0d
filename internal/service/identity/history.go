package identity

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Event is what became of a record among those it is held to be one with. Groups are named by the id of a record; nothing
// else is told of the others.
type Event struct {
	Person   sqldb.ID
	Kind     EventKind
	From, To sqldb.ID // the group before and after; zero: alone, or gone
	Size     int      // records in the group after; none where the record is gone
	At       time.Time
}

// mostEvents is how many events of a family are told, the newest first.
const mostEvents = 50

// History tells what became of records of one district, the newest first. It asks for access.ReadRegistry where they live.
func (s *Service) History(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code, persons []sqldb.ID) (events []Event, err error) {
	if len(persons) == 0 {
		return nil, who.Allow(access.ReadRegistry, tenant, at)
	}
	// Most records stand alone: then nothing is shown, and nothing is left in the log.
	if events, err = eventsOf(ctx, s.acts.DB().Direct(), tenant, persons); err != nil || len(events) == 0 {
		if err == nil {
			err = who.Allow(access.ReadRegistry, tenant, at)
		}
		return nil, err
	}
	err = s.acts.View(ctx, who, "identity.history", "", func(tx *act.Tx) error {
		people, err := s.reg.PersonsIn(ctx, tx, tenant, persons)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, at); err != nil {
			return err
		}
		for _, p := range people { // an area the actor may read says nothing of persons who live elsewhere
			if err := tx.Allow(access.ReadRegistry, p.Tenant, p.Area); err != nil {
				return err
			}
		}
		if events, err = eventsOf(ctx, tx, tenant, persons); err != nil {
			return err
		}
		facts := audit.Shown(events, func(e *Event) sqldb.ID { return e.Person })
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: at, Facts: facts})
	})
	if err != nil {
		return nil, err
	}
	return events, nil
}

func eventsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, persons []sqldb.ID) ([]Event, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT person_id, kind, from_id, to_id, size, at FROM entity_event WHERE kabkota = ` + a.P(int64(tenant)) + ` AND person_id IN ` + sqldb.In(a, persons) +
		` ORDER BY at DESC, id DESC LIMIT ` + a.P(int64(mostEvents))
	list, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (e Event, err error) {
		var at int64
		err = r.Scan(&e.Person, &e.Kind, &e.From, &e.To, &e.Size, &at)
		e.At = time.UnixMicro(at).UTC()
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what became of groups: %w", err)
	}
	return list, nil
}

// Sizes is how many groups have so many records.
type Sizes struct {
	Records int
	Groups  int64
}

// GroupSizes counts the groups with a record in an area by how many records they hold in all, the smallest first. It shows
// nobody; it asks for access.ReadInsight there.
func (s *Service) GroupSizes(ctx context.Context, who access.Actor, at area.Code) ([]Sizes, error) {
	scope := who.ScopeOf(access.ReadInsight)
	if scope.Empty() {
		return nil, who.Allow(access.ReadInsight, 0, at)
	}
	a := sqldb.NewArgs(s.acts.DB().Direct())
	// -- national: a group may hold records of several districts (kabkota)
	query := `SELECT g.n, count(*) FROM (
			SELECT m.entity_id, count(*) AS n FROM entity_member m WHERE m.kabkota IN (SELECT kabkota FROM tenant) AND m.entity_id IN (
				SELECT o.entity_id FROM entity_member o JOIN person p ON p.kabkota = o.kabkota AND p.id = o.person_id WHERE ` + act.Where(scope.Within(at), "p.kabkota", "p.area_code", a) + `)
			GROUP BY m.entity_id) g
		WHERE g.n > 1 GROUP BY g.n ORDER BY g.n`
	list, err := sqldb.Collect(ctx, s.acts.DB().Direct(), query, a.Values, func(r sqldb.Row) (one Sizes, err error) {
		return one, r.Scan(&one.Records, &one.Groups)
	})
	if err != nil {
		return nil, fmt.Errorf("count groups: %w", err)
	}
	return list, nil
}
