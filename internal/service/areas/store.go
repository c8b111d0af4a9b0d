package areas

import (
	"context"

	list "tepat/data/areas"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
)

func countPlaces(ctx context.Context, q sqldb.Querier) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM area`).Scan(&n)
	return n, err
}

// eachPlace reads code and name of the areas in use, in no order: to follow the index by code costs as much again as the rows.
func eachPlace(ctx context.Context, q sqldb.Querier, f func(code area.Code, name string)) error {
	var code int64
	var name string
	return sqldb.Each(ctx, q, `SELECT code, name FROM area WHERE valid_to = ''`, nil, func(r sqldb.Row) error {
		if err := r.Scan(&code, &name); err != nil {
			return err
		}
		f(area.Code(code), name)
		return nil
	})
}

// oddPlace is an area whose storage, number, BPS code or first day is not what its code alone says.
type oddPlace struct {
	code    area.Code
	tenant  area.Tenant
	village int64
	bps     string
	from    string
}

func eachOdd(ctx context.Context, q sqldb.Querier, f func(oddPlace)) error {
	var code, tenant int64
	var o oddPlace
	return sqldb.Each(ctx, q, `
		SELECT code, kabkota, village_id, bps_code, valid_from FROM area
		WHERE valid_to = '' AND (bps_code <> '' OR valid_from <> '' OR level = 4 AND village_id <> code OR level >= 2 AND kabkota <> code / 1000000)`, nil, func(r sqldb.Row) error {
		if err := r.Scan(&code, &tenant, &o.village, &o.bps, &o.from); err != nil {
			return err
		}
		o.code, o.tenant = area.Code(code), area.Tenant(tenant)
		f(o)
		return nil
	})
}

func insertPlaces(ctx context.Context, tx *sqldb.Tx, rows []list.Row) (int64, error) {
	return tx.Bulk(ctx, placeInsert(), len(rows), func(i int, v []any) {
		row := rows[i]
		code := area.Code(row.Code)
		village := int64(0)
		if code.Level() == area.LevelVillage {
			village = row.Code // a village's number is the code it was first listed with
		}
		placeValues(v, Place{Place: area.Place{Code: code, Name: row.Name}, Tenant: area.FirstTenant(code), Village: village, BPS: row.BPS}, row.ValidFrom)
	})
}

func placeInsert() sqldb.Insert {
	return sqldb.Insert{Table: "area", Columns: []string{
		"code", "name", "name_norm", "kind", "level", "parent", "kabkota", "village_id", "bps_code", "valid_from", "valid_to",
	}}
}

func placeValues(v []any, p Place, from string) {
	v[0], v[1], v[2], v[3] = int64(p.Code), p.Name, foldPlace(p.Code, p.Name), p.Code.Kind().String()
	v[4], v[5], v[6], v[7] = int64(p.Code.Level()), int64(p.Code.Parent()), int64(p.Tenant), p.Village
	v[8], v[9], v[10] = p.BPS, from, ""
}

func insertReferenceAliases(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	aliases, err := list.Aliases()
	if err != nil {
		return 0, err
	}
	in := sqldb.Insert{Table: "area_alias", Columns: []string{"old_code", "new_code", "valid_from", "legal_basis"}}
	return tx.Bulk(ctx, in, len(aliases), func(i int, v []any) {
		v[0], v[1], v[2], v[3] = aliases[i].Old, aliases[i].New, aliases[i].ValidFrom, aliases[i].LegalBasis
	})
}

func insertTenants(ctx context.Context, tx *sqldb.Tx, rows []tenantRow) (int64, error) {
	in := sqldb.Insert{Table: "tenant", Columns: []string{"kabkota", "area_code", "zone", "seq", "sealed_seq"}, OnConflict: "(kabkota) DO NOTHING"}
	return tx.Bulk(ctx, in, len(rows), func(i int, v []any) {
		v[0], v[1], v[2], v[3], v[4] = int64(rows[i].tenant), int64(rows[i].code), rows[i].zone.String(), int64(0), int64(0)
	})
}

func readTenants(ctx context.Context, q sqldb.Querier) ([]tenantRow, error) {
	return sqldb.Collect(ctx, q, `SELECT kabkota, area_code, zone FROM tenant ORDER BY kabkota`, nil, func(r sqldb.Row) (tenantRow, error) {
		var tenant, code int64
		var zone string
		if err := r.Scan(&tenant, &code, &zone); err != nil {
			return tenantRow{}, err
		}
		z, err := area.ParseZone(zone)
		return tenantRow{area.Tenant(tenant), area.Code(code), z}, err
	})
}

func readAliases(ctx context.Context, q sqldb.Querier) ([]alias, error) {
	return sqldb.Collect(ctx, q, `
		SELECT old_code, new_code, valid_from, legal_basis
		FROM area_alias ORDER BY valid_from, old_code, new_code`, nil, func(r sqldb.Row) (alias, error) {
		var old, recent int64
		var from string
		var a alias
		if err := r.Scan(&old, &recent, &from, &a.basis); err != nil {
			return a, err
		}
		day, err := period.ParseDate(from)
		a.old, a.new, a.from = area.Code(old), area.Code(recent), day
		return a, err
	})
}

// tenantMove says that villages of one tenant went to another.
type tenantMove struct{ from, to area.Tenant }

func readTenantMoves(ctx context.Context, q sqldb.Querier) ([]tenantMove, error) {
	return sqldb.Collect(ctx, q, `
		SELECT m.from_kabkota, m.to_kabkota
		FROM area_move m
		JOIN area_change c ON c.id = m.change_id
		WHERE m.from_kabkota <> m.to_kabkota AND m.done = 1
		GROUP BY m.from_kabkota, m.to_kabkota
		ORDER BY min(c.approved_at), m.from_kabkota, m.to_kabkota`, nil, func(r sqldb.Row) (tenantMove, error) {
		var from, to int64
		err := r.Scan(&from, &to)
		return tenantMove{area.Tenant(from), area.Tenant(to)}, err
	})
}

// revision changes with every step of every change of codes, and with every new tenant.
func revision(ctx context.Context, q sqldb.Querier) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM area_move WHERE done = 1) + (SELECT count(*) FROM tenant) + (SELECT count(*) FROM area_change)
			+ (SELECT count(*) FROM area_change WHERE state IN ('running', 'halted', 'done'))`).Scan(&n)
	return n, err
}
