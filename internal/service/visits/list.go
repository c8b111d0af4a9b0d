package visits

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// PageRows is how many visits a page shows.
const PageRows = 50

// Of gives visits to a family, withdrawn ones among them, the newest first, to who may read the family; after continues behind a visit,
// zero begins. They are one more than a page shows where others follow. It is recorded under the family's id. Errors: registry.no_family,
// access.denied, visits.unknown where after is no visit to the family.
func (s *Service) Of(ctx context.Context, who access.Actor, tenant area.Tenant, family, after sqldb.ID) (list []Visit, err error) {
	err = s.look(ctx, who, tenant, family, func(tx *act.Tx, f registry.Family) (int, error) {
		list, err = s.list(ctx, tx, f, after)
		return min(len(list), PageRows), err
	})
	return list, err
}

// Open gives one visit to a family, to who may read the family; it is recorded as Of is. Errors: registry.no_family, access.denied,
// visits.unknown.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, family, visit sqldb.ID) (v Visit, err error) {
	err = s.look(ctx, who, tenant, family, func(tx *act.Tx, f registry.Family) (int, error) {
		_, v, err = s.one(ctx, tx, f, visit)
		return 1, err
	})
	return v, err
}

// look runs a read of the visits to a family, for who may read the family, and records how many it showed.
func (s *Service) look(ctx context.Context, who access.Actor, tenant area.Tenant, family sqldb.ID, read func(*act.Tx, registry.Family) (int, error)) error {
	return s.acts.View(ctx, who, "visit.of_family", "", func(tx *act.Tx) error {
		f, err := s.reg.FamilyIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, f.Area); err != nil {
			return err
		}
		shown, err := read(tx, f)
		if err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: family, Facts: map[string]any{"shown": shown}})
	})
}

func (s *Service) list(ctx context.Context, q sqldb.Querier, f registry.Family, after sqldb.ID) ([]Visit, error) {
	a := sqldb.NewArgs(q)
	query := readVisit + `WHERE v.kabkota IN ` + sqldb.In(a, s.places.Lineage(f.Tenant)) + ` AND v.family_id = ` + a.P(f.ID)
	if after != (sqldb.ID{}) {
		_, last, err := s.one(ctx, q, f, after)
		if err != nil {
			return nil, err
		}
		query += ` AND (v.visited_on, v.id) < (` + a.P(last.On.Text()) + `, ` + a.P(after) + `)`
	}
	query += ` ORDER BY v.visited_on DESC, v.id DESC LIMIT ` + a.P(int64(PageRows+1))
	list, err := sqldb.Collect(ctx, q, query, a.Values, s.scan)
	if err != nil {
		return nil, fmt.Errorf("read visits: %w", err)
	}
	return list, nil
}
