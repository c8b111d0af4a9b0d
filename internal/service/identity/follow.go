package identity

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Changes are numbered without gaps for each tenant, in the order in which they commit; every row an act writes
// carries the act's id and its one moment. So the acts after the last number seen say which rows to read again.

const (
	pageSize = 5000
	// mostCounted bounds how many persons are counted who were written or changed since.
	mostCounted = 1_000_000
	// batchActs is how many acts are looked up in one go.
	batchActs = 200
)

// marks are the last change seen of each tenant, with its act, which no other database has under that number.
type marks map[area.Tenant]mark

type mark struct {
	Seq int64    `json:"seq"`
	Act sqldb.ID `json:"act"`
}

// marksIn reads where the feeds of changes stand.
func marksIn(ctx context.Context, q sqldb.Querier) (marks, error) {
	out := marks{}
	err := sqldb.Each(ctx, q, `
		SELECT t.kabkota, t.seq, c.act_id FROM tenant t LEFT JOIN change c ON c.kabkota = t.kabkota AND c.seq = t.seq ORDER BY t.kabkota`, nil, func(r sqldb.Row) error {
		var tenant int64
		var m mark
		err := r.Scan(&tenant, &m.Seq, &m.Act)
		out[area.Tenant(tenant)] = m
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read feeds of changes: %w", err)
	}
	return out, nil
}

// follows tells whether the database goes on where the marks stand.
func (m marks) follows(ctx context.Context, q sqldb.Querier) (bool, error) {
	for _, tenant := range slices.Sorted(maps.Keys(m)) {
		var n int64
		err := q.QueryRow(ctx, `SELECT count(*) FROM change WHERE kabkota = $1 AND seq = $2 AND act_id = $3`, int64(tenant), m[tenant].Seq, m[tenant].Act).Scan(&n)
		if err != nil {
			return false, fmt.Errorf("compare feeds of changes: %w", err)
		}
		if n == 0 && m[tenant].Seq > 0 {
			return false, nil
		}
	}
	return true, nil
}

// behind counts the changes from one standing to another.
func (m marks) behind(now marks) (n int64) {
	for tenant, at := range now {
		n += max(at.Seq-m[tenant].Seq, 0)
	}
	return n
}

// moment is an act after the last change seen.
type moment struct {
	at  int64
	act sqldb.ID
}

// momentsIn gives the acts of a tenant from one change to another.
func momentsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, from, to int64) ([]moment, error) {
	return sqldb.Collect(ctx, q, `SELECT DISTINCT at, act_id FROM change WHERE kabkota = $1 AND seq > $2 AND seq <= $3 ORDER BY at, act_id`,
		[]any{int64(tenant), from, to}, func(r sqldb.Row) (m moment, err error) {
			err = r.Scan(&m.at, &m.act)
			return m, err
		})
}

// changedIn gives the persons that acts of a tenant wrote, and those of the families they wrote, each once, up to a number
// and one more. Rows that were changed have left their former state in the history, under the act's moment; rows that are
// new have ids that rise with time, and the floor is an id well before the first of the acts.
func changedIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []moment, floor sqldb.ID, most int) ([]sqldb.ID, error) {
	seen := map[sqldb.ID]bool{}
	for some := range slices.Chunk(list, batchActs) {
		acts := make([]sqldb.ID, len(some))
		for i, m := range some {
			acts[i] = m.act
		}
		superseded := func(a *sqldb.Args, table string) string {
			return `(SELECT h.id FROM ` + table + ` h WHERE h.kabkota = ` + a.P(int64(tenant)) + ` AND h.recorded_to >= ` + a.P(some[0].at) +
				` AND h.recorded_to <= ` + a.P(some[len(some)-1].at) + ` AND h.act_id IN ` + sqldb.In(a, acts) + `)`
		}
		for _, which := range [3]func(a *sqldb.Args) string{
			func(a *sqldb.Args) string { return `p.id > ` + a.P(floor) + ` AND p.act_id IN ` + sqldb.In(a, acts) },
			func(a *sqldb.Args) string { return `p.id IN ` + superseded(a, "person_history") },
			func(a *sqldb.Args) string { return `p.family_id IN ` + superseded(a, "family_history") },
		} {
			a := sqldb.NewArgs(q)
			query := `SELECT p.id FROM person p WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND ` + which(a) + ` LIMIT ` + a.P(int64(most+1))
			err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
				var id sqldb.ID
				err := r.Scan(&id)
				seen[id] = true
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("find changed persons: %w", err)
			}
			if len(seen) > most {
				return byID(seen, most+1), nil
			}
		}
	}
	return byID(seen, len(seen)), nil
}

// byID gives so many of a set in the order of their ids.
func byID(set map[sqldb.ID]bool, most int) []sqldb.ID {
	out := slices.Collect(maps.Keys(set))
	slices.SortFunc(out, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
	return out[:most]
}

// rowsIn reads persons as they stand now, whatever their state, in the order of their ids.
func rowsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID, each func(row) error) error {
	for some := range slices.Chunk(ids, 400) {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + personColumns + ` FROM person p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
			WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND p.id IN ` + sqldb.In(a, some) + ` ORDER BY p.id`
		if err := sqldb.Each(ctx, q, query, a.Values, eachRow(each)); err != nil {
			return fmt.Errorf("read changed persons: %w", err)
		}
	}
	return nil
}

func eachRow(each func(row) error) func(sqldb.Row) error {
	return func(r sqldb.Row) error {
		one, err := scanRow(r)
		if err != nil {
			return err
		}
		return each(one)
	}
}

// everybodyIn reads the active persons of districts, or of an area of one, in the order of their ids.
func everybodyIn(ctx context.Context, q sqldb.Querier, tenants []area.Tenant, at area.Code, each func([]row) error) error {
	for _, tenant := range tenants {
		after := sqldb.ID{15: 1}
		for {
			a := sqldb.NewArgs(q)
			query := `SELECT ` + personColumns + ` FROM person p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
				WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND p.id > ` + a.P(after) + ` AND p.state = 1`
			if at != area.Nation {
				from, to := at.Range()
				query += ` AND p.area_code >= ` + a.P(int64(from)) + ` AND p.area_code < ` + a.P(int64(to))
			}
			rows, err := sqldb.Collect(ctx, q, query+` ORDER BY p.id LIMIT `+a.P(int64(pageSize)), a.Values, scanRow)
			if err != nil {
				return fmt.Errorf("read persons: %w", err)
			}
			if len(rows) == 0 {
				break
			}
			if err := each(rows); err != nil {
				return err
			}
			if after = rows[len(rows)-1].ID; len(rows) < pageSize {
				break
			}
		}
	}
	return nil
}

// someIn reads active persons of a district by their ids.
func someIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID, each func([]row) error) error {
	for some := range slices.Chunk(ids, 400) {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + personColumns + ` FROM person p JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
			WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND p.state = 1 AND p.id IN ` + sqldb.In(a, some) + ` ORDER BY p.id`
		rows, err := sqldb.Collect(ctx, q, query, a.Values, scanRow)
		if err != nil {
			return fmt.Errorf("read persons: %w", err)
		}
		if err := each(rows); err != nil {
			return err
		}
	}
	return nil
}
