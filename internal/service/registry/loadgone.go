package registry

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
)

// findGone finds the new persons with the NIK of somebody who is dead, or whose it was by the civil registry and who was taken off the
// registry: she holds it, and it is in doubt until the civil registry agrees to her (claimIn does so for one who changes). Of an empty
// registry nobody is gone.
func (l *load) findGone(ctx context.Context) error {
	if l.first != nil {
		return nil
	}
	rows := make(map[sqldb.Hash]*Incoming, len(l.fresh))
	hashes := make([]sqldb.Hash, 0, len(l.fresh))
	for _, row := range l.fresh {
		if row.nikState() == Holder && !l.disputed[row] {
			rows[row.nikHash], hashes = row, append(hashes, row.nikHash)
		}
	}
	slices.SortFunc(hashes, func(a, b sqldb.Hash) int { return slices.Compare(a[:], b[:]) })
	_, err := inChunks(hashes, func(some []sqldb.Hash) ([]struct{}, error) {
		a := sqldb.NewArgs(l.tx)
		query := `SELECT nik_hash FROM person WHERE kabkota IN (SELECT kabkota FROM tenant) AND nik_hash IN ` + sqldb.In(a, some) +
			` AND (state = ` + a.P(int64(Died)) + ` OR state = ` + a.P(int64(Ended)) + ` AND match_status = ` + a.P(int64(civilmatch.Matched)) +
			`) AND (nik_state <> 1 OR state <> 1)` // the last as the index of claimants has it
		return nil, sqldb.Each(ctx, l.tx, query, a.Values, func(r sqldb.Row) error {
			var hash sqldb.Hash
			err := r.Scan(&hash)
			l.gone[rows[hash]] = true
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("find NIKs of who is gone: %w", err)
	}
	for _, row := range l.fresh {
		if l.gone[row] {
			l.out.Contested++
			l.out.Touched = append(l.out.Touched, Touched{row.id, "contested"})
		}
	}
	return nil
}
