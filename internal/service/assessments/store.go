package assessments

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

const inSize = 400

// recorded is the source that stands for an official decile read back from a family's
// row: the words of its source are with the decile.
const recorded = "registry"

const standingColumns = `id, kk_hash, registry_id, state, decile, decile_source, decile_vintage`

// readByKK and readByRegistry read the families table, which belongs to registry, for
// reading only: a file of deciles is held against the whole of it.
func readByKK(ctx context.Context, tx *act.Tx, tenant area.Tenant, hashes []sqldb.Hash, out *standings) error {
	for some := range slices.Chunk(hashes, inSize) {
		a := sqldb.NewArgs(tx)
		query := `SELECT ` + standingColumns + ` FROM family WHERE kabkota = ` + a.P(int64(tenant)) + ` AND kk_hash IN ` + sqldb.In(a, some) + ` AND state IN (1, 2, 6)`
		if err := readStandings(ctx, tx, query, a.Values, out); err != nil {
			return fmt.Errorf("find families by No. KK: %w", err)
		}
	}
	return nil
}

func readByRegistry(ctx context.Context, tx *act.Tx, tenant area.Tenant, numbers []string, out *standings) error {
	for some := range slices.Chunk(numbers, inSize) {
		a := sqldb.NewArgs(tx)
		query := `SELECT ` + standingColumns + ` FROM family WHERE kabkota = ` + a.P(int64(tenant)) + ` AND registry_id IN ` + sqldb.In(a, some) + ` AND state IN (1, 2, 6)`
		if err := readStandings(ctx, tx, query, a.Values, out); err != nil {
			return fmt.Errorf("find families by registry number: %w", err)
		}
	}
	return nil
}

func readStandings(ctx context.Context, tx *act.Tx, query string, args []any, out *standings) error {
	return sqldb.Each(ctx, tx, query, args, func(r sqldb.Row) error {
		f := &standing{}
		var kk sqldb.Hash
		var number string
		if err := r.Scan(&f.id, &kk, &number, &f.state, &f.before.Decile, &f.before.Source, &f.before.Vintage); err != nil {
			return err
		}
		if f.before.Source == registry.Official {
			vintage, err := period.ParseVintage(f.before.Vintage)
			if err != nil {
				return err
			}
			official, err := scoring.NewOfficial(int(f.before.Decile), vintage, recorded)
			if err != nil {
				return err
			}
			if f.now, err = f.now.WithOfficial(official); err != nil {
				return err
			}
		}
		out.add(f, kk, number)
		return nil
	})
}

// readHeld reads the official deciles on record of families.
func readHeld(ctx context.Context, tx *act.Tx, tenant area.Tenant, families []sqldb.ID, out *standings) error {
	for some := range slices.Chunk(families, inSize) {
		a := sqldb.NewArgs(tx)
		query := `SELECT family_id, vintage, decile FROM decile WHERE kabkota = ` + a.P(int64(tenant)) + ` AND family_id IN ` + sqldb.In(a, some) + ` AND source = 1`
		err := sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			var text string
			var decile int64
			if err := r.Scan(&id, &text, &decile); err != nil {
				return err
			}
			vintage, err := period.ParseVintage(text)
			out.byID[id].hold(vintage, scoring.Decile(decile))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var decileColumns = []string{"kabkota", "family_id", "vintage", "source", "decile", "score", "recorded_at", "act_id", "explanation"}

// insertOfficial keeps deciles that are not on record. Another load may have kept the same
// since we looked: then the family's own row has changed too, and the act runs again.
func insertOfficial(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []officialRow) error {
	slices.SortStableFunc(rows, func(a, b officialRow) int { return slices.Compare(a.family[:], b.family[:]) })
	sources := map[string]string{}
	for _, r := range rows {
		if _, ok := sources[r.row.Source]; !ok {
			text, err := json.Marshal(map[string]string{"source": r.row.Source})
			if err != nil {
				return fmt.Errorf("keep source of deciles: %w", err)
			}
			sources[r.row.Source] = string(text)
		}
	}
	in := sqldb.Insert{Table: "decile", Columns: decileColumns, OnConflict: "(kabkota, family_id, vintage, source) DO NOTHING"}
	_, err := tx.Bulk(ctx, in, len(rows), func(i int, v []any) {
		r := rows[i]
		v[0], v[1], v[2], v[3], v[4] = int64(tenant), r.family, r.row.Vintage.Text(), int64(registry.Official), int64(r.row.Decile)
		v[5], v[6], v[7], v[8] = nil, tx.Micros(), tx.Act, sources[r.row.Source]
	})
	return err
}
