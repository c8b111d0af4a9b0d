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
	from, to := at.Range()
	n, err := tx.Exec(ctx, `
		UPDATE nik_index SET contested = 0
		WHERE kabkota = $1 AND contested = 1
		AND EXISTS (SELECT 1 FROM person p WHERE p.kabkota = nik_index.kabkota AND p.id = nik_index.person_id
			AND p.state = 1 AND p.nik_state = 1 AND p.match_status = $2 AND p.area_code >= $3 AND p.area_code < $4)
		AND NOT EXISTS (SELECT 1 FROM person q
			WHERE q.kabkota IN (SELECT kabkota FROM tenant) AND q.nik_hash = nik_index.nik_hash AND q.state = 1 AND q.nik_state = 2
			AND (q.nik_state <> 1 OR q.state <> 1))`,
		int64(tenant), int64(civilmatch.Matched), int64(from), int64(to))
	if err != nil {
		return 0, fmt.Errorf("clear marks of NIKs: %w", err)
	}
	return n, nil
}
