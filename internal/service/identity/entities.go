package identity

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Records held to be one person are a group, named after one of them: the entity. The index finds the groups; names and
// what became of them stand in entity_member and entity_event, so that they outlive any index. Nothing is decided by them.

// memberRows reads the rows of members of some entities, or of some records, whichever column is named.
func memberRows(ctx context.Context, q sqldb.Querier, column string, ids []sqldb.ID, into map[Who]Who) error {
	for some := range slices.Chunk(ids, 400) {
		a := sqldb.NewArgs(q)
		// -- national: records held to be one may be of any district (kabkota)
		query := `SELECT kabkota, person_id, entity_kabkota, entity_id FROM entity_member WHERE kabkota IN (SELECT kabkota FROM tenant) AND ` + column + ` IN ` + sqldb.In(a, some)
		if err := sqldb.Each(ctx, q, query, a.Values, eachMember(into)); err != nil {
			return fmt.Errorf("read groups: %w", err)
		}
	}
	return nil
}

// allMembers reads all groups.
func allMembers(ctx context.Context, q sqldb.Querier, into map[Who]Who) error {
	// -- national: all districts (kabkota)
	err := sqldb.Each(ctx, q, `SELECT kabkota, person_id, entity_kabkota, entity_id FROM entity_member WHERE kabkota IN (SELECT kabkota FROM tenant)`, nil, eachMember(into))
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	return nil
}

func eachMember(into map[Who]Who) func(sqldb.Row) error {
	return func(r sqldb.Row) error {
		var tenant, other int64
		var w, entity Who
		err := r.Scan(&tenant, &w.ID, &other, &entity.ID)
		w.Tenant, entity.Tenant = area.Tenant(tenant), area.Tenant(other)
		into[w] = entity
		return err
	}
}

// loggedAtOnce is how many records one act moves between groups.
const loggedAtOnce = 500

// log writes what became of records. A row that is not as it was read stays: another process has followed the same change.
func (s *Service) log(ctx context.Context, list []moved) error {
	byTenant := map[area.Tenant][]moved{}
	for _, m := range list {
		byTenant[m.who.Tenant] = append(byTenant[m.who.Tenant], m)
	}
	for _, tenant := range slices.Sorted(maps.Keys(byTenant)) {
		for some := range slices.Chunk(byTenant[tenant], loggedAtOnce) {
			err := s.acts.Unattended(ctx, s.by, "system", "identity.follow", s.acts.Now(), func(tx *act.Tx) (audit.Entry, error) {
				told := map[string]any{}
				for _, m := range some {
					done, err := keepMoved(ctx, tx, m)
					if err != nil {
						return audit.Entry{}, err
					}
					if done && m.kind != "" {
						n, _ := told[string(m.kind)].(int)
						told[string(m.kind)] = n + 1
					}
				}
				return audit.Entry{Tenant: tenant, Facts: told}, nil
			})
			if err != nil {
				return fmt.Errorf("keep what became of groups: %w", err)
			}
		}
	}
	return nil
}

// keepMoved writes where a record stands now, and its event; done is false where it does not stand where it was read.
func keepMoved(ctx context.Context, tx *act.Tx, m moved) (done bool, err error) {
	alone := m.gone || m.size < 2 && m.to == m.who
	var n int64
	switch {
	case alone:
		n, err = tx.Exec(ctx, `DELETE FROM entity_member WHERE kabkota = $1 AND person_id = $2 AND entity_id = $3`, int64(m.who.Tenant), m.who.ID, m.from.ID)
	case m.from == m.who: // it may have no row yet
		n, err = tx.Exec(ctx, `
			INSERT INTO entity_member (kabkota, person_id, entity_kabkota, entity_id, since, act_id) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (kabkota, person_id) DO UPDATE SET entity_kabkota = excluded.entity_kabkota, entity_id = excluded.entity_id, since = excluded.since, act_id = excluded.act_id
			WHERE entity_member.entity_id = $2 AND entity_member.entity_id <> excluded.entity_id`,
			int64(m.who.Tenant), m.who.ID, int64(m.to.Tenant), m.to.ID, tx.Micros(), tx.Act)
	default:
		n, err = tx.Exec(ctx, `UPDATE entity_member SET entity_kabkota = $1, entity_id = $2, since = $3, act_id = $4 WHERE kabkota = $5 AND person_id = $6 AND entity_id = $7`,
			int64(m.to.Tenant), m.to.ID, tx.Micros(), tx.Act, int64(m.who.Tenant), m.who.ID, m.from.ID)
	}
	if err != nil || n == 0 || m.kind == "" {
		return n > 0, err
	}
	var from, to any
	if m.kind != Joined {
		from = m.from.ID
	}
	if m.size > 1 {
		to = m.to.ID
	}
	_, err = tx.Exec(ctx, `INSERT INTO entity_event (kabkota, id, person_id, kind, from_id, to_id, size, at, act_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		int64(m.who.Tenant), tx.NewID(), m.who.ID, string(m.kind), from, to, int64(m.size), tx.Micros(), tx.Act)
	return true, err
}
