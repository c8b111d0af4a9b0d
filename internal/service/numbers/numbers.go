// Package numbers gives out the numbers people quote: U-2026-04180 for a proposal,
// S-2026-00012 for a letter. A number is given once, in the act that uses it.
package numbers

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Series is what is numbered; its letter opens the number.
type Series string

// The series.
const (
	Proposal  Series = "U" // usulan
	Grievance Series = "A" // aduan, sanggah
	Letter    Series = "S" // surat
	Run       Series = "R"
)

// NextIn gives the next number of the series in the tenant and year.
func NextIn(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, s Series, year int) (string, error) {
	n, err := ReserveIn(ctx, tx, tenant, s, year, 1)
	if err != nil {
		return "", err
	}
	return Format(s, year, n), nil
}

// ReserveIn takes count numbers at once and gives the first, for bulk work.
func ReserveIn(ctx context.Context, tx *sqldb.Tx, tenant area.Tenant, s Series, year int, count int64) (int64, error) {
	var last int64
	err := tx.QueryRow(ctx, `
		INSERT INTO counter (kabkota, name, n) VALUES ($1, $2, $3)
		ON CONFLICT (kabkota, name) DO UPDATE SET n = counter.n + excluded.n
		RETURNING n`, int64(tenant), fmt.Sprintf("%s-%d", s, year), count).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("take number: %w", err)
	}
	return last - count + 1, nil
}

// Format writes a number.
func Format(s Series, year int, n int64) string { return fmt.Sprintf("%s-%d-%05d", s, year, n) }
