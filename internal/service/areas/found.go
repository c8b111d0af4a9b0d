package areas

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// foundVillage lets a village come into being. A code that is given again after it ended is the same village when a change is
// taken back.
func (s *Service) foundVillage(ctx context.Context, tx *sqldb.Tx, by Decree, m step, bps string) error {
	number, err := villageNumber(ctx, tx, m.To)
	if err != nil {
		return fmt.Errorf("number village: %w", err)
	}
	return putPlace(ctx, tx, Place{Place: area.Place{Code: m.To, Name: m.Name}, Tenant: m.toTenant, Village: number, BPS: bps}, by.From)
}

// endEmpty ends an area in which nobody is registered and nothing lies. Errors: area.has_families (facts area, families),
// area.has_parts (fact area).
func (s *Service) endEmpty(ctx context.Context, tx *sqldb.Tx, by Decree, m step) error {
	if n, err := familiesIn(ctx, tx, m.fromTenant, m.From); err != nil || n > 0 {
		if err == nil {
			err = fail.Conflict("area.has_families", "area", m.From.Dotted(), "families", n)
		}
		return err
	}
	from, to := m.From.Range()
	var parts int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM area WHERE code > $1 AND code < $2 AND valid_to = ''`, int64(from), int64(to)).Scan(&parts)
	if err != nil || parts > 0 {
		if err == nil {
			err = fail.Conflict("area.has_parts", "area", m.From.Dotted())
		}
		return err
	}
	return endPlace(ctx, tx, m.From, by.From)
}
