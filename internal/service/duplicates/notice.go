package duplicates

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/identity"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
)

// noticeSize is how many pairs one act queues.
const noticeSize = 200

// Notice queues the pairs that were found when people were written or changed, so that a person looks at them without
// waiting for the next search. What is queued already, or was decided, stays as it is. It acts as the installation
// (by), which needs no role: nothing is shown, and nothing but the queue changes.
func (s *Service) Notice(ctx context.Context, by sqldb.ID, found []identity.Found) error {
	for some := range slices.Chunk(found, noticeSize) {
		byTenant := map[area.Tenant][]identity.Found{}
		for _, f := range some {
			keeper := f.Left
			if before(f.Right.ID, f.Left.ID) {
				keeper = f.Right
			}
			byTenant[keeper.Tenant] = append(byTenant[keeper.Tenant], f)
		}
		for _, tenant := range slices.Sorted(maps.Keys(byTenant)) {
			if err := s.noticeOf(ctx, by, tenant, byTenant[tenant]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) noticeOf(ctx context.Context, by sqldb.ID, tenant area.Tenant, found []identity.Found) error {
	list, err := s.newFindings(ctx, s.acts.DB().Direct(), tenant, found)
	if err != nil || len(list) == 0 {
		return err
	}
	return proposals.Unattended(ctx, s.acts, by, proposals.System, "duplicate.notice", s.acts.Now(), func(tx *act.Tx) (audit.Entry, error) {
		there, err := pairsThere(ctx, tx, tenant, list)
		if err != nil {
			return audit.Entry{}, fmt.Errorf("read pairs: %w", err)
		}
		fresh := slices.DeleteFunc(slices.Clone(list), func(f finding) bool { return there[sidesOf(f.left, f.right)] })
		return audit.Entry{Tenant: tenant, Facts: map[string]any{"pairs": len(fresh)}}, insertPairs(ctx, tx, tenant, fresh)
	})
}

// newFindings makes findings of pairs whose persons are both in the registry still, unless they are queued, or the
// civil registry knows the two as two.
func (s *Service) newFindings(ctx context.Context, q sqldb.Querier, tenant area.Tenant, found []identity.Found) (list []finding, err error) {
	seen := map[sides]bool{}
	for _, f := range found {
		if before(f.Right.ID, f.Left.ID) {
			f.Left, f.Right = f.Right, f.Left
		}
		if who := sidesOf(f.Left.ID, f.Right.ID); seen[who] {
			continue
		} else {
			seen[who] = true
		}
		left, right, err := s.bothIn(ctx, q, f)
		if fail.CodeOf(err) == "registry.no_person" || err == nil && apartBefore(&left, &right) {
			continue
		}
		if err != nil {
			return nil, err
		}
		w := weighingOf(s.model, f.Fall)
		text, err := w.text()
		if err != nil {
			return nil, err
		}
		list = append(list, finding{
			left: left.ID, right: right.ID, area: left.Area, rightArea: right.Area, rightTenant: right.Tenant, weight: f.Fall.Bits, probability: f.Fall.Probability,
			reasons: text, kind: w.kind(left.NIKState == registry.Contested || right.NIKState == registry.Contested),
		})
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list, nil
}

func (s *Service) bothIn(ctx context.Context, q sqldb.Querier, f identity.Found) (left, right registry.Person, err error) {
	if left, err = s.reg.PersonIn(ctx, q, f.Left.Tenant, f.Left.ID); err == nil {
		right, err = s.reg.PersonIn(ctx, q, f.Right.Tenant, f.Right.ID)
	}
	return left, right, err
}

// apartBefore tells whether nobody need look: one is no more, or the civil registry knows both, as two.
func apartBefore(left, right *registry.Person) bool {
	if left.State != registry.Active || right.State != registry.Active {
		return true
	}
	return left.Match == civilmatch.Matched && right.Match == civilmatch.Matched && left.NIK != right.NIK
}
