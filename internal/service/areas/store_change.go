package areas

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const changeColumns = `c.id, c.state, c.document, c.digest, c.proposed_by, c.proposed_at, c.approved_by, c.approved_at,
	(SELECT count(*) FROM area_move m WHERE m.change_id = c.id),
	(SELECT count(*) FROM area_move m WHERE m.change_id = c.id AND m.done = 1)`

func scanChange(r sqldb.Row) (Change, error) {
	var c Change
	var document string
	var proposed, approved int64
	if err := r.Scan(&c.ID, &c.State, &document, &c.Digest, &c.ProposedBy, &proposed, &c.ApprovedBy, &approved, &c.Steps, &c.Done); err != nil {
		return c, err
	}
	c.ProposedAt = time.UnixMicro(proposed).UTC()
	if approved > 0 {
		c.ApprovedAt = time.UnixMicro(approved).UTC()
	}
	return c, json.Unmarshal([]byte(document), &c.Decree)
}

func changeByID(ctx context.Context, q sqldb.Querier, id sqldb.ID) (Change, error) {
	found, err := sqldb.Collect(ctx, q, `SELECT `+changeColumns+` FROM area_change c WHERE c.id = $1`, []any{id}, scanChange)
	if err == nil && len(found) == 0 {
		err = fail.NotFound("area.change_unknown")
	}
	if err != nil {
		return Change{}, err
	}
	return found[0], nil
}

func listChanges(ctx context.Context, q sqldb.Querier, limit int) ([]Change, error) {
	return sqldb.Collect(ctx, q, `SELECT `+changeColumns+` FROM area_change c ORDER BY c.proposed_at DESC, c.id DESC LIMIT $1`, []any{limit}, scanChange)
}

func countOpenChanges(ctx context.Context, q sqldb.Querier) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM area_change WHERE state IN ('awaiting', 'running', 'halted')`).Scan(&n)
	return n, err
}

func insertChange(ctx context.Context, tx *sqldb.Tx, c Change, kind string) error {
	document, err := json.Marshal(c.Decree)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO area_change (id, kind, area_code, valid_from, legal_basis, document, digest, state,
			proposed_by, proposed_at, approved_by, approved_at, ended_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, 0, 0, 1)`,
		c.ID, kind, int64(c.Decree.About), c.Decree.From.Text(), c.Decree.Basis, string(document), c.Digest, c.State,
		c.ProposedBy, c.ProposedAt.UnixMicro())
	return err
}

// setChangeState moves a change on, once: somebody else may have done so meanwhile.
func setChangeState(ctx context.Context, tx *act.Tx, c Change, from, to string) error {
	query := `UPDATE area_change SET state = $1, ended_at = $2, version = version + 1 WHERE id = $3 AND state = $4`
	args := []any{to, tx.Micros(), c.ID, from}
	switch to {
	case Halted:
		args[1] = int64(0)
	case Running:
		query = `UPDATE area_change SET state = $1, approved_at = $2, approved_by = $5, version = version + 1 WHERE id = $3 AND state = $4`
		args = append(args, sqldb.ID(tx.Who.ID))
	}
	n, err := tx.Exec(ctx, query, args...)
	if err == nil && n == 0 {
		err = fail.Conflict("area.change_decided")
	}
	return err
}

func insertSteps(ctx context.Context, tx *sqldb.Tx, change sqldb.ID, steps []step) error {
	in := sqldb.Insert{Table: "area_move", Columns: []string{"change_id", "seq", "from_code", "to_code", "from_kabkota", "to_kabkota", "name", "done"}}
	_, err := tx.Bulk(ctx, in, len(steps), func(i int, v []any) {
		m := steps[i]
		v[0], v[1], v[2], v[3] = change, int64(i+1), int64(m.From), int64(m.To)
		v[4], v[5], v[6], v[7] = int64(m.fromTenant), int64(m.toTenant), m.Name, int64(0)
	})
	return err
}

func nextStep(ctx context.Context, q sqldb.Querier, change sqldb.ID) (seq int64, m step, err error) {
	var from, to, fromTenant, toTenant int64
	err = q.QueryRow(ctx, `
		SELECT seq, from_code, to_code, from_kabkota, to_kabkota, name
		FROM area_move WHERE change_id = $1 AND done = 0 ORDER BY seq LIMIT 1`, change).Scan(&seq, &from, &to, &fromTenant, &toTenant, &m.Name)
	m.From, m.To, m.fromTenant, m.toTenant = area.Code(from), area.Code(to), area.Tenant(fromTenant), area.Tenant(toTenant)
	return seq, m, err
}

func markStep(ctx context.Context, tx *sqldb.Tx, change sqldb.ID, seq int64) error {
	n, err := tx.Exec(ctx, `UPDATE area_move SET done = 1 WHERE change_id = $1 AND seq = $2 AND done = 0`, change, seq)
	if err == nil && n == 0 {
		err = fail.Conflict("area.change_decided")
	}
	return err
}

// newTenants gives the tenants of districts into which areas of a change go.
func newTenants(ctx context.Context, q sqldb.Querier, change sqldb.ID) (map[area.Code]area.Tenant, error) {
	out := map[area.Code]area.Tenant{}
	err := sqldb.Each(ctx, q, `SELECT to_code, to_kabkota FROM area_move WHERE change_id = $1 AND to_kabkota <> 0 AND to_code <> 0`, []any{change}, func(r sqldb.Row) error {
		var code, tenant int64
		err := r.Scan(&code, &tenant)
		out[area.Code(code).District()] = area.Tenant(tenant)
		return err
	})
	return out, err
}

// usedTenants gives every number that is or was some district's.
func usedTenants(ctx context.Context, q sqldb.Querier) (map[area.Tenant]bool, error) {
	out := map[area.Tenant]bool{}
	err := sqldb.Each(ctx, q, `
		SELECT kabkota FROM area GROUP BY kabkota
		UNION SELECT kabkota FROM tenant
		UNION SELECT to_kabkota FROM area_move`, nil, func(r sqldb.Row) error {
		var tenant int64
		err := r.Scan(&tenant)
		out[area.Tenant(tenant)] = true
		return err
	})
	return out, err
}

func endPlace(ctx context.Context, tx *sqldb.Tx, code area.Code, day period.Date) error {
	_, err := tx.Exec(ctx, `UPDATE area SET valid_to = $1 WHERE code = $2`, day.Text(), int64(code))
	return err
}

// placeInUse gives the village number of a code that is in use.
func placeInUse(ctx context.Context, q sqldb.Querier, code area.Code) (village int64, used bool, err error) {
	used, err = sqldb.Found(q.QueryRow(ctx, `SELECT village_id FROM area WHERE code = $1 AND valid_to = ''`, int64(code)).Scan(&village))
	return village, used, err
}

// renamePlace gives an area another name, or another code of Statistics Indonesia; what is empty stays.
func renamePlace(ctx context.Context, tx *sqldb.Tx, code area.Code, name, bps string) error {
	if name != "" {
		if _, err := tx.Exec(ctx, `UPDATE area SET name = $1, name_norm = $2 WHERE code = $3 AND valid_to = ''`, name, foldPlace(code, name), int64(code)); err != nil {
			return err
		}
	}
	if bps == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE area SET bps_code = $1 WHERE code = $2 AND valid_to = ''`, bps, int64(code))
	return err
}

func dropAlias(ctx context.Context, tx *sqldb.Tx, old, recent area.Code) error {
	_, err := tx.Exec(ctx, `DELETE FROM area_alias WHERE old_code = $1 AND new_code = $2`, int64(old), int64(recent))
	return err
}

// familiesIn counts the families an area has in a tenant, whether they are active, proposed or ended with a way back.
func familiesIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code) (n int64, err error) {
	from, to := at.Range()
	err = q.QueryRow(ctx, `SELECT count(*) FROM family WHERE kabkota = $1 AND area_code >= $2 AND area_code < $3 AND state IN (1, 2, 6)`,
		int64(tenant), int64(from), int64(to)).Scan(&n)
	return n, err
}

// firstFreeVillage is above every number a code can make.
const firstFreeVillage = 10_000_000_000

// villageNumber gives the number of a village that comes into being: its code, unless another village still has that number.
func villageNumber(ctx context.Context, q sqldb.Querier, code area.Code) (int64, error) {
	for number := int64(code); ; number += firstFreeVillage {
		var one int
		taken, err := sqldb.Found(q.QueryRow(ctx, `SELECT 1 FROM area WHERE village_id = $1 AND code <> $2 LIMIT 1`, number, int64(code)).Scan(&one))
		if err != nil || !taken {
			return number, err
		}
	}
}

// putPlace adds an area; a code that belonged to another area once is given to this one.
func putPlace(ctx context.Context, tx *sqldb.Tx, p Place, from period.Date) error {
	in := placeInsert()
	in.OnConflict = `(code) DO UPDATE SET name = excluded.name, name_norm = excluded.name_norm, kind = excluded.kind, kabkota = excluded.kabkota,
		village_id = excluded.village_id, bps_code = excluded.bps_code, valid_from = excluded.valid_from, valid_to = ''`
	_, err := tx.Bulk(ctx, in, 1, func(_ int, v []any) { placeValues(v, p, from.Text()) })
	return err
}

func putAlias(ctx context.Context, tx *sqldb.Tx, m Move, d Decree) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO area_alias (old_code, new_code, valid_from, legal_basis) VALUES ($1, $2, $3, $4)
		ON CONFLICT (old_code, new_code) DO UPDATE SET valid_from = excluded.valid_from, legal_basis = excluded.legal_basis`,
		int64(m.From), int64(m.To), d.From.Text(), d.Basis)
	return err
}

func setTenantCode(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, code area.Code) error {
	_, err := tx.Exec(ctx, `UPDATE tenant SET area_code = $1 WHERE kabkota = $2`, int64(code), int64(tenant))
	return err
}

func tenantExists(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (bool, error) {
	var one int
	return sqldb.Found(q.QueryRow(ctx, `SELECT 1 FROM tenant WHERE kabkota = $1`, int64(tenant)).Scan(&one))
}

// columnsOf gives the columns of a table in their order.
func columnsOf(ctx context.Context, q sqldb.Querier, table string) ([]string, error) {
	query := `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`
	if q.Dialect() == sqldb.SQLite {
		query = `SELECT name FROM pragma_table_info($1) ORDER BY cid`
	}
	out, err := sqldb.Collect(ctx, q, query, []any{table}, func(r sqldb.Row) (string, error) {
		var name string
		err := r.Scan(&name)
		return name, err
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("table %s is in the manifest and not in the database", table)
	}
	return out, err
}
