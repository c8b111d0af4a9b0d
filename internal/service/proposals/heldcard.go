package proposals

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// cardIn finds the family of the registry that has the No. KK of a form. Its people may stand there
// under numbers that are damaged, so that no NIK tells: determined as a new family they would only
// be added to it. Families told by one of their people already are left out. Only the tenant is asked; it reads family, which belongs to registry, by one index.
func (s *Service) cardIn(ctx context.Context, tx *act.Tx, who access.Actor, tenant area.Tenant, d Document, own *Row, told map[sqldb.ID]bool, found []Held) ([]Held, error) {
	hash := s.reg.KKHash(d.KK)
	if hash.IsZero() {
		return found, nil
	}
	ids, err := sqldb.Collect(ctx, tx, `SELECT id FROM family WHERE kabkota = $1 AND kk_hash = $2 AND state = $3 ORDER BY id LIMIT 1`,
		[]any{int64(tenant), hash, int64(registry.Active)}, func(r sqldb.Row) (id sqldb.ID, err error) {
			err = r.Scan(&id)
			return id, err
		})
	if err != nil {
		return nil, fmt.Errorf("find family by card: %w", err)
	}
	if len(ids) == 0 || told[ids[0]] || own != nil && ids[0] == own.Registered {
		return found, nil
	}
	one, err := s.holderIn(ctx, tx, who, registry.HolderOf{Tenant: tenant, FamilyID: ids[0]})
	if err != nil {
		return nil, err
	}
	one.Card, told[ids[0]] = true, true
	return append(found, one), nil
}
