package areas

import (
	"context"
	"fmt"

	list "tepat/data/areas"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// Seeded is what Seed put into the database.
type Seeded struct {
	Areas   int64 `json:"areas"`
	Aliases int64 `json:"aliases"`
	Tenants int64 `json:"tenants"`
}

// Seed fills the area list, when it is empty, from the reference data, and makes the storage
// tenants of the districts the installation writes for (codes of any level; the nation means all)
// and tenant zero, the installation itself. Running it again adds only what is missing: areas
// change by decree, never by a newer list.
//
// It runs when an installation is made, before there is anybody to act.
func Seed(ctx context.Context, db *sqldb.DB, writes []area.Code) (done Seeded, err error) {
	rows, err := reference()
	if err != nil {
		return done, fmt.Errorf("read area list: %w", err)
	}
	tenants, err := tenantsFor(rows, writes)
	if err != nil {
		return done, err
	}
	err = db.Write(ctx, func(tx *sqldb.Tx) error {
		done = Seeded{}
		n, err := countPlaces(ctx, tx)
		if err != nil {
			return err
		}
		if n == 0 {
			if done.Areas, err = insertPlaces(ctx, tx, rows); err != nil {
				return err
			}
			if done.Aliases, err = insertReferenceAliases(ctx, tx); err != nil {
				return err
			}
		}
		done.Tenants, err = insertTenants(ctx, tx, tenants)
		return err
	})
	if err != nil {
		return done, fmt.Errorf("seed areas: %w", err)
	}
	return done, nil
}

// reference gives the areas of the newest list.
func reference() ([]list.Row, error) {
	rows := make([]list.Row, 0, 92_000)
	for row, err := range list.All("") {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// tenantsFor gives the tenants of the districts that the areas are, lie in or hold.
func tenantsFor(rows []list.Row, writes []area.Code) ([]tenantRow, error) {
	zero := tenantRow{zone: area.WIB}
	var out []tenantRow
	for _, row := range rows {
		code := area.Code(row.Code)
		if code.Level() != area.LevelDistrict || !touches(writes, code) {
			continue
		}
		zone, err := area.ParseZone(row.Zone)
		if err != nil {
			return nil, err
		}
		out = append(out, tenantRow{area.FirstTenant(code), code, zone})
	}
	if len(out) == 0 {
		return nil, fail.Invalid("area.no_district")
	}
	if len(writes) == 1 && writes[0] != area.Nation {
		zero.zone = out[0].zone
	}
	return append([]tenantRow{zero}, out...), nil
}

func touches(writes []area.Code, district area.Code) bool {
	for _, w := range writes {
		if w.Contains(district) || district.Contains(w) {
			return true
		}
	}
	return false
}
