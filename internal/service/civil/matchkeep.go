package civil

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// keepOutcomes writes the changed statuses, the counts of the families, and an item
// for everybody who does not match or no longer does. A person somebody else changed
// meanwhile is left out: her change has its own comparison, or waits for the next run.
func (s *Service) keepOutcomes(ctx context.Context, tx *act.Tx, r runs.Run, changed []outcome, counted runs.Tally) (runs.Tally, error) {
	kept, err := keepStatuses(ctx, tx, r.Tenant, changed)
	if err != nil {
		return nil, err
	}
	if err := recountFamilies(ctx, tx, r.Tenant, kept); err != nil {
		return nil, err
	}
	tally := runs.Tally{"changed": int64(len(kept))}
	tally.Add(counted)
	if n := len(changed) - len(kept); n > 0 {
		tally["changed_meanwhile"] = int64(n)
	}
	var items []runs.Item
	for _, o := range kept {
		if o.now.Group() == civilmatch.NotMatching || o.before.Group() == civilmatch.NotMatching {
			items = append(items, runs.Item{Subject: o.id, Outcome: o.now.Code(), Code: o.before.Code(), Facts: `{"differs":"` + o.differs.String() + `"}`})
		}
	}
	_, err = runs.ItemsIn(ctx, tx, r, items)
	return tally, err
}

// keepStatuses writes the statuses of persons who are still as they were read, and gives
// those. It hopes that all are, and only if not looks one by one, from a savepoint.
func keepStatuses(ctx context.Context, tx *act.Tx, tenant area.Tenant, changed []outcome) ([]outcome, error) {
	if len(changed) == 0 {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, "SAVEPOINT statuses"); err != nil {
		return nil, fmt.Errorf("savepoint: %w", err)
	}
	n, err := updateStatuses(ctx, tx, tenant, changed)
	if err != nil {
		return nil, fmt.Errorf("keep statuses: %w", err)
	}
	if n == int64(len(changed)) {
		_, err = tx.Exec(ctx, "RELEASE SAVEPOINT statuses")
		return changed, err
	}
	if _, err := tx.Exec(ctx, "ROLLBACK TO SAVEPOINT statuses"); err != nil {
		return nil, fmt.Errorf("back to savepoint: %w", err)
	}
	still, err := unmoved(ctx, tx, tenant, changed)
	if err != nil {
		return nil, fmt.Errorf("look again at persons: %w", err)
	}
	if n, err = updateStatuses(ctx, tx, tenant, still); err != nil {
		return nil, fmt.Errorf("keep statuses: %w", err)
	}
	if n != int64(len(still)) {
		return nil, errMoved // changed between the look and the write: the whole chunk is tried again
	}
	return still, nil
}

func updateStatuses(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []outcome) (int64, error) {
	update := sqldb.Update{
		Table: "person", Set: []string{"match_status", "match_fields", "matched_at"},
		Key: []string{"kabkota", "id", "version", "match_status", "match_fields"}, Where: "state = 1",
	}
	return tx.Update(ctx, update, len(list), func(i int, v []any) {
		o := &list[i]
		v[0], v[1], v[2], v[3], v[4], v[5] = int64(o.now), int64(o.differs), tx.Micros(), int64(tenant), o.id, o.version
		v[6], v[7] = int64(o.before), int64(o.beforeDiffers)
	})
}

// unmoved gives the persons whose rows are still as they were read.
func unmoved(ctx context.Context, tx *act.Tx, tenant area.Tenant, list []outcome) ([]outcome, error) {
	type seen struct{ version, status, fields int64 }
	rows := make(map[sqldb.ID]seen, len(list))
	for some := range slices.Chunk(list, fileChunk) {
		a := sqldb.NewArgs(tx)
		query := `SELECT id, version, match_status, match_fields FROM person WHERE kabkota = ` + a.P(int64(tenant)) + ` AND state = 1 AND id IN `
		ids := make([]sqldb.ID, len(some))
		for i := range some {
			ids[i] = some[i].id
		}
		err := sqldb.Each(ctx, tx, query+sqldb.In(a, ids), a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			var row seen
			err := r.Scan(&id, &row.version, &row.status, &row.fields)
			rows[id] = row
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(o outcome) bool {
		return rows[o.id] != seen{o.version, int64(o.before), int64(o.beforeDiffers)}
	}), nil
}

// recountFamilies moves the counts of the families whose members began or ceased to match.
func recountFamilies(ctx context.Context, tx *act.Tx, tenant area.Tenant, changed []outcome) error {
	delta := map[sqldb.ID]int64{}
	for _, o := range changed {
		if o.now.Group() == civilmatch.NotMatching {
			delta[o.family]++
		}
		if o.before.Group() == civilmatch.NotMatching {
			delta[o.family]--
		}
	}
	maps.DeleteFunc(delta, func(_ sqldb.ID, d int64) bool { return d == 0 })
	// In one order everywhere, so that two runs do not wait for each other in a circle.
	order := slices.SortedFunc(maps.Keys(delta), func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
	update := sqldb.Update{Table: "family", Add: []string{"unmatched"}, Key: []string{"kabkota", "id"}}
	_, err := tx.Update(ctx, update, len(order), func(i int, v []any) {
		v[0], v[1], v[2] = delta[order[i]], int64(tenant), order[i]
	})
	if err != nil {
		return fmt.Errorf("count families: %w", err)
	}
	return nil
}
