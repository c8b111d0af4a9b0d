package proposals

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// OfFamily lists the proposals about a family of the registry, the newest first, for its page. It is
// recorded under the family's id. Errors: registry.no_family, access.denied.
func (s *Service) OfFamily(ctx context.Context, who access.Actor, tenant area.Tenant, family sqldb.ID) (list []Line, err error) {
	err = s.acts.View(ctx, who, "proposal.of_family", "", func(tx *act.Tx) error {
		f, err := s.reg.FamilyIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, f.Area); err != nil {
			return err
		}
		list, err = sqldb.Collect(ctx, tx, `
			SELECT kabkota, id, version, number, kind, channel, state, area_code, programme, applicant, match_status, filed_on, due_on
			FROM proposal WHERE kabkota = $1 AND family_id = $2 ORDER BY id DESC LIMIT $3`, []any{int64(tenant), family, int64(maxList)}, scanLine)
		if err != nil {
			return fmt.Errorf("list proposals of family: %w", err)
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: family, Facts: map[string]any{"shown": len(list)}})
	})
	return list, err
}
