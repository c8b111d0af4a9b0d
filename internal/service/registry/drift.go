package registry

import (
	"context"
	"fmt"

	"tepat/internal/kit/sqldb"
)

// Drift counts what must never be: a NIK whose holder does not say she holds it, or a
// person who says so and is not the holder.
func (s *Service) Drift(ctx context.Context, q sqldb.Querier) (int64, error) {
	var n int64
	// -- national: the whole index against the persons (kabkota, nik_hash); for the doctor only
	err := q.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM nik_index i LEFT JOIN person p ON p.kabkota = i.kabkota AND p.id = i.person_id
				WHERE p.id IS NULL OR p.nik_state <> 1 OR p.nik_hash <> i.nik_hash)
			+ (SELECT count(*) FROM person p LEFT JOIN nik_index i ON i.nik_hash = p.nik_hash
				WHERE p.nik_state = 1 AND p.state = 1 AND (i.person_id IS NULL OR i.person_id <> p.id))`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("compare NIK index: %w", err)
	}
	return n, nil
}
