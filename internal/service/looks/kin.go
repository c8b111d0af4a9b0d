package looks

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/kit/sqldb"
)

// official is a reader whose own NIK is known, and the family she lives in by the registry.
type official struct{ account, family sqldb.ID }

// mostKin bounds the families that are held to be of one reader's kin: a house where a hundred families live says nothing.
const mostKin = 50

// ownKin finds looks at the family of a reader whose own NIK is known, at those who live at its address, and at those who were on
// its card before. It reads person, family, membership and nik_index, which belong to service/registry, for reading only.
func ownKin(ctx context.Context, q sqldb.Querier, d span, r Rule, looks []string) (out []Unusual, err error) {
	readers, err := officials(ctx, q, d, looks)
	if err != nil {
		return nil, fmt.Errorf("find readers in the registry: %w", err)
	}
	for _, one := range readers {
		families, err := kinOf(ctx, q, d, one.family)
		if err != nil {
			return nil, fmt.Errorf("find kin: %w", err)
		}
		if len(families) == 0 || len(families) > mostKin {
			continue
		}
		a := sqldb.NewArgs(q)
		query := `SELECT e.actor_id, e.subject, CAST(0 AS BIGINT), min(e.at), max(e.at), count(*)` + within(d, a) + ` AND e.actor_id = ` + a.P(one.account) +
			` AND e.act IN ` + sqldb.In(a, looks) + ` AND (e.subject IN ` + sqldb.In(a, families) + ` OR e.subject IN (SELECT p.id FROM person p WHERE p.kabkota = ` + a.P(int64(d.tenant)) +
			` AND p.family_id IN ` + sqldb.In(a, families) + `)) GROUP BY 1, 2 HAVING count(*) >= ` + a.P(r.Least)
		some, err := counted(ctx, q, r, query, a)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// officials gives the readers of a day whose own NIK is known, as far as the registry of the tenant has them.
func officials(ctx context.Context, q sqldb.Querier, d span, looks []string) ([]official, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT c.nik_hash, c.id FROM account c WHERE c.nik_hash IS NOT NULL AND c.id IN (SELECT e.actor_id` + within(d, a) + ` AND e.act IN ` + sqldb.In(a, looks) + `)
		ORDER BY c.id LIMIT ` + a.P(int64(mostFinds))
	accounts := map[sqldb.Hash][]sqldb.ID{} // one person may have two accounts
	var hashes []sqldb.Hash
	err := sqldb.Each(ctx, q, query, a.Values, func(row sqldb.Row) error {
		var hash sqldb.Hash
		var id sqldb.ID
		err := row.Scan(&hash, &id)
		accounts[hash], hashes = append(accounts[hash], id), append(hashes, hash)
		return err
	})
	if err != nil || len(hashes) == 0 {
		return nil, err
	}
	a = sqldb.NewArgs(q)
	query = `SELECT nik_hash, family_id FROM nik_index WHERE nik_hash IN ` + sqldb.In(a, hashes) + ` AND kabkota = ` + a.P(int64(d.tenant))
	var out []official
	err = sqldb.Each(ctx, q, query, a.Values, func(row sqldb.Row) error {
		var hash sqldb.Hash
		var family sqldb.ID
		err := row.Scan(&hash, &family)
		for _, id := range accounts[hash] {
			out = append(out, official{id, family})
		}
		return err
	})
	return out, err
}

// kinOf gives a family, the others of its card or its address, and the families of who was on its card before.
func kinOf(ctx context.Context, q sqldb.Querier, d span, family sqldb.ID) ([]sqldb.ID, error) {
	id := func(row sqldb.Row) (id sqldb.ID, err error) {
		err = row.Scan(&id)
		return id, err
	}
	tenant := int64(d.tenant)
	near, err := sqldb.Collect(ctx, q, `
		SELECT o.id FROM family f JOIN family o ON o.kabkota = f.kabkota AND o.village_id = f.village_id
			AND (o.kk_hash = f.kk_hash OR f.address <> '' AND upper(o.address) = upper(f.address) AND o.rt = f.rt AND o.rw = f.rw)
		WHERE f.kabkota = $1 AND f.id = $2 ORDER BY o.id LIMIT $3`, []any{tenant, family, int64(mostKin + 1)}, id)
	if err != nil {
		return nil, err
	}
	before, err := sqldb.Collect(ctx, q, `
		SELECT DISTINCT p.family_id FROM membership m JOIN person p ON p.kabkota = m.kabkota AND p.id = m.person_id
		WHERE m.kabkota = $1 AND m.family_id = $2 ORDER BY 1 LIMIT $3`, []any{tenant, family, int64(mostKin + 1)}, id)
	if err != nil {
		return nil, err
	}
	out := append(near, before...)
	if !slices.Contains(out, family) {
		out = append(out, family)
	}
	slices.SortFunc(out, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(out), nil
}
