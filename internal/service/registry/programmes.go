package registry

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Listing says for whom the public check shows a programme: persons, and everybody in families.
type Listing struct {
	Programme string // its id, such as "pkh"
	// Period is the month of the list in force, such as "2024-10"; empty takes the programme away.
	Period   string
	Persons  []sqldb.ID
	Families []sqldb.ID
}

// SetProgrammesIn sets what the public check shows of the active holders of a NIK among the persons
// and families of a listing, and gives for how many it changed. Other programmes stay as they are. What is
// kept of a NIK that one of them gave up follows, so that it comes back in step with the lists in force.
func (s *Service) SetProgrammesIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, l Listing) (int64, error) {
	shown := map[string][]sqldb.Hash{} // by what it becomes
	take := func(column string) func([]sqldb.ID) ([]struct{}, error) {
		return func(some []sqldb.ID) ([]struct{}, error) {
			a := sqldb.NewArgs(tx)
			query := `SELECT p.id, p.nik_hash FROM person p WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND ` + column + ` IN ` + sqldb.In(a, some) + ` AND p.state = 1 AND p.nik_state = 1`
			holds := map[sqldb.Hash]sqldb.ID{}
			var hashes []sqldb.Hash
			err := sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
				var id sqldb.ID
				var hash sqldb.Hash
				err := r.Scan(&id, &hash)
				holds[hash], hashes = id, append(hashes, hash)
				return err
			})
			if err != nil {
				return nil, err
			}
			return inChunks(hashes, func(some []sqldb.Hash) ([]struct{}, error) {
				return nil, shownOf(ctx, tx, tenant, l, some, holds, shown)
			})
		}
	}
	if _, err := inChunks(l.Persons, take("p.id")); err != nil {
		return 0, fmt.Errorf("find persons of a list: %w", err)
	}
	if _, err := inChunks(l.Families, take("p.family_id")); err != nil {
		return 0, fmt.Errorf("find families of a list: %w", err)
	}
	if err := followFreedIn(ctx, tx, tenant, l); err != nil {
		return 0, err
	}
	return writeListed(ctx, tx, shown)
}

// shownOf sorts holders by what the public check shows of them with the listing, where that is not what it shows now.
func shownOf(ctx context.Context, tx *act.Tx, tenant area.Tenant, l Listing, hashes []sqldb.Hash, holds map[sqldb.Hash]sqldb.ID, shown map[string][]sqldb.Hash) error {
	a := sqldb.NewArgs(tx)
	query := `SELECT nik_hash, person_id, programmes FROM nik_index WHERE nik_hash IN ` + sqldb.In(a, hashes) + ` AND kabkota = ` + a.P(int64(tenant))
	return sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
		var hash sqldb.Hash
		var person sqldb.ID
		var before string
		err := r.Scan(&hash, &person, &before)
		if now := listed(before, l.Programme, l.Period); now != before && person == holds[hash] {
			shown[now] = append(shown[now], hash)
		}
		return err
	})
}

// keptClaim is what the public check would show of somebody who held a NIK.
type keptClaim struct {
	person     sqldb.ID
	hash       sqldb.Hash
	programmes string
}

// followFreedIn sets what would be shown of those of a listing who gave a NIK up.
func followFreedIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, l Listing) error {
	var changed []keptClaim
	take := func(column string) func([]sqldb.ID) ([]struct{}, error) {
		return func(some []sqldb.ID) ([]struct{}, error) {
			a := sqldb.NewArgs(tx)
			query := `SELECT person_id, nik_hash, programmes FROM nik_freed WHERE kabkota = ` + a.P(int64(tenant)) + ` AND ` + column + ` IN ` + sqldb.In(a, some)
			return nil, sqldb.Each(ctx, tx, query, a.Values, func(r sqldb.Row) error {
				var k keptClaim
				err := r.Scan(&k.person, &k.hash, &k.programmes)
				if now := listed(k.programmes, l.Programme, l.Period); now != k.programmes {
					changed = append(changed, keptClaim{k.person, k.hash, now})
				}
				return err
			})
		}
	}
	if _, err := inChunks(l.Persons, take("person_id")); err != nil {
		return fmt.Errorf("read claims persons gave up: %w", err)
	}
	if _, err := inChunks(l.Families, take("family_id")); err != nil {
		return fmt.Errorf("read claims families gave up: %w", err)
	}
	_, err := tx.ExecEach(ctx, `UPDATE nik_freed SET programmes = $1 WHERE kabkota = $2 AND person_id = $3 AND nik_hash = $4`, 4, len(changed), func(i int, args []any) {
		k := &changed[i]
		args[0], args[1], args[2], args[3] = k.programmes, int64(tenant), k.person, k.hash
	})
	if err != nil {
		return fmt.Errorf("show list in claims given up: %w", err)
	}
	return nil
}

// writeListed writes persons who come to show the same together, and always in one order, so that two lists
// do not wait for each other in a circle.
func writeListed(ctx context.Context, tx *act.Tx, shown map[string][]sqldb.Hash) (changed int64, err error) {
	for _, text := range slices.Sorted(maps.Keys(shown)) {
		hashes := shown[text]
		slices.SortFunc(hashes, func(a, b sqldb.Hash) int { return slices.Compare(a[:], b[:]) })
		_, err := inChunks(hashes, func(some []sqldb.Hash) ([]struct{}, error) {
			a := sqldb.NewArgs(tx)
			n, err := tx.Exec(ctx, `UPDATE nik_index SET programmes = `+a.P(text)+` WHERE nik_hash IN `+sqldb.In(a, some), a.Values...)
			changed += n
			return nil, err
		})
		if err != nil {
			return changed, fmt.Errorf("show list in public check: %w", err)
		}
	}
	return changed, nil
}

// listed sets one programme in "pkh 2024-10;sembako 2024-10", which stays sorted.
func listed(before, programme, period string) string {
	var parts []string
	for part := range strings.SplitSeq(before, ";") {
		if name, _, ok := strings.Cut(part, " "); ok && name != programme {
			parts = append(parts, part)
		}
	}
	if period != "" {
		parts = append(parts, programme+" "+period)
	}
	slices.Sort(parts)
	return strings.Join(parts, ";")
}
