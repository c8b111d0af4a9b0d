package registry

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// MarkClaimedIn marks NIKs as contested that somebody claims whom another holds, and gives how many were not:
// two living persons with one NIK are in doubt whatever the civil registry says of either.
func (s *Service) MarkClaimedIn(ctx context.Context, tx *act.Tx, hashes []sqldb.Hash) (marked int64, err error) {
	slices.SortFunc(hashes, func(a, b sqldb.Hash) int { return slices.Compare(a[:], b[:]) })
	_, err = inChunks(hashes, func(some []sqldb.Hash) ([]struct{}, error) {
		a := sqldb.NewArgs(tx)
		n, err := tx.Exec(ctx, `UPDATE nik_index SET contested = 1 WHERE contested = 0 AND nik_hash IN `+sqldb.In(a, some), a.Values...)
		marked += n
		return nil, err
	})
	if err != nil {
		return marked, fmt.Errorf("mark contested NIKs: %w", err)
	}
	return marked, nil
}

// ClearMarksIn takes the mark of a contested NIK from the persons of an area who hold theirs alone and whom the
// civil registry agrees to, and gives how many: an heir is marked until then. A claimant in any district keeps it.
func (s *Service) ClearMarksIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, at area.Code) (int64, error) {
	marked, err := sqldb.Collect(ctx, tx, `SELECT nik_hash, person_id FROM nik_index WHERE kabkota = $1 AND contested = 1 ORDER BY nik_hash`, []any{int64(tenant)}, scanMark)
	var n int64
	for some := range slices.Chunk(marked, 500) {
		if err != nil {
			break
		}
		var clear []sqldb.Hash
		if clear, err = s.clearable(ctx, tx, tenant, at, some); err == nil && len(clear) > 0 {
			a := sqldb.NewArgs(tx)
			var more int64
			more, err = tx.Exec(ctx, `UPDATE nik_index SET contested = 0 WHERE contested = 1 AND nik_hash IN `+sqldb.In(a, clear), a.Values...)
			n += more
		}
	}
	if err != nil {
		return 0, fmt.Errorf("clear marks of NIKs: %w", err)
	}
	return n, nil
}

// mark is a contested NIK with who holds it.
type mark struct {
	hash   sqldb.Hash
	holder sqldb.ID
}

func scanMark(r sqldb.Row) (m mark, err error) {
	err = r.Scan(&m.hash, &m.holder)
	return m, err
}

// clearable gives the NIKs of some marks whose mark may go. NIKs and persons are asked for one after the other: a database that is
// spread over machines keeps the ones by NIK and the others by district, and joins neither with the other.
func (s *Service) clearable(ctx context.Context, tx *act.Tx, tenant area.Tenant, at area.Code, marks []mark) ([]sqldb.Hash, error) {
	from, to := at.Range()
	holder, ids := map[sqldb.ID]sqldb.Hash{}, make([]sqldb.ID, len(marks))
	for i, m := range marks {
		holder[m.holder], ids[i] = m.hash, m.holder
	}
	a := sqldb.NewArgs(tx)
	query := `SELECT id FROM person WHERE kabkota = ` + a.P(int64(tenant)) + ` AND id IN ` + sqldb.In(a, ids) + ` AND state = 1 AND nik_state = 1 AND match_status = ` +
		a.P(int64(civilmatch.Matched)) + ` AND area_code >= ` + a.P(int64(from)) + ` AND area_code < ` + a.P(int64(to)) + ` ORDER BY id`
	var clear []sqldb.Hash
	err := sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
		var id sqldb.ID
		err := r.Scan(&id)
		clear = append(clear, holder[id])
		return err
	})
	if err != nil || len(clear) == 0 {
		return nil, err
	}
	// Who claims one of these NIKs writes its mark too: held from here on, it is either there to be seen or written after this.
	a = sqldb.NewArgs(tx)
	if _, err := tx.Exec(ctx, `UPDATE nik_index SET contested = 1 WHERE nik_hash IN `+sqldb.In(a, clear), a.Values...); err != nil {
		return nil, err
	}
	// A claimant in any district keeps the mark.
	a = sqldb.NewArgs(tx)
	query = `SELECT nik_hash FROM person WHERE kabkota IN (SELECT kabkota FROM tenant) AND nik_hash IN ` + sqldb.In(a, clear) +
		` AND state = 1 AND nik_state = 2 AND (nik_state <> 1 OR state <> 1)` // the last as the index of claimants has it
	claimed := map[sqldb.Hash]bool{}
	err = sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
		var hash sqldb.Hash
		err := r.Scan(&hash)
		claimed[hash] = true
		return err
	})
	return slices.DeleteFunc(clear, func(h sqldb.Hash) bool { return claimed[h] }), err
}
