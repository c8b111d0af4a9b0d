package registry

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"tepat/internal/kit/sqldb"
)

const rebuildRows = 10000

// RebuildClaims writes the claims a killed load had kept back: whoever came first holds her
// NIK, as the load decided. It may run again; what is written already stays.
func (s *Service) RebuildClaims(ctx context.Context) error {
	var tenant int64
	var last sqldb.ID
	last[15] = 1
	for more := true; more; {
		err := s.acts.DB().Write(ctx, func(tx *sqldb.Tx) (err error) {
			var list []rebuilt
			if list, err = s.unclaimedIn(ctx, tx, tenant, last); err != nil {
				return err
			}
			if more = len(list) == rebuildRows; more {
				tenant, last = list[len(list)-1].tenant, list[len(list)-1].person
			}
			return insertRebuilt(ctx, tx, list)
		})
		if err != nil {
			return fmt.Errorf("rebuild claims: %w", err)
		}
	}
	err := s.acts.DB().Write(ctx, func(tx *sqldb.Tx) error {
		// -- national: after a killed load, whichever districts it filled (kabkota, nik_hash)
		_, err := tx.Exec(ctx, `UPDATE nik_index SET contested = 1 WHERE contested = 0
			AND nik_hash IN (SELECT nik_hash FROM person WHERE kabkota > 0 AND nik_state = $1)`, int64(Contested))
		return err
	})
	if err != nil {
		return fmt.Errorf("mark contested: %w", err)
	}
	return nil
}

type rebuilt struct {
	tenant         int64
	hash           sqldb.Hash
	person, family sqldb.ID
	tags           []byte
}

// unclaimedIn reads the next holders, with the tags of the public check worked out anew.
func (s *Service) unclaimedIn(ctx context.Context, tx *sqldb.Tx, tenant int64, last sqldb.ID) ([]rebuilt, error) {
	// -- national: after a killed load, whichever districts it filled (kabkota)
	return sqldb.Collect(ctx, tx, `
		SELECT p.kabkota, p.id, p.family_id, p.nik_hash, p.nik, f.no_kk
		FROM person p
		JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		WHERE (p.kabkota, p.id) > ($1, $2) AND p.nik_state = $3
		ORDER BY p.kabkota, p.id LIMIT $4`, []any{tenant, last, int64(Holder), rebuildRows}, func(r sqldb.Row) (rebuilt, error) {
		var b rebuilt
		var nik, kk []byte
		if err := r.Scan(&b.tenant, &b.person, &b.family, &b.hash, &nik, &kk); err != nil {
			return b, err
		}
		p := Person{NIKState: Holder}
		if err := s.openPerson(&p, "", nik, nil, nil); err != nil {
			return b, fmt.Errorf("open person %s: %w", b.person, err)
		}
		number, err := s.openKK(kk)
		if err != nil {
			return b, fmt.Errorf("open family %s: %w", b.family, err)
		}
		b.tags = []byte{}
		if !number.IsZero() {
			tag := s.CheckTag(p.NIK, number.Last6())
			b.tags = tag[:]
		}
		return b, nil
	})
}

func insertRebuilt(ctx context.Context, tx *sqldb.Tx, list []rebuilt) error {
	slices.SortFunc(list, func(a, b rebuilt) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	in := sqldb.Insert{
		Table: "nik_index", Columns: []string{"nik_hash", "kabkota", "person_id", "family_id", "check_tags"},
		Fixed: []sqldb.Fixed{
			{Column: "contested", Value: int64(0)}, {Column: "listed", Value: int64(1)}, {Column: "programmes", Value: ""},
		},
		OnConflict: "(nik_hash) DO NOTHING",
	}
	_, err := tx.Bulk(ctx, in, len(list), func(i int, v []any) {
		b := &list[i]
		v[0], v[1], v[2], v[3], v[4] = b.hash, b.tenant, b.person, b.family, b.tags
	})
	return err
}
