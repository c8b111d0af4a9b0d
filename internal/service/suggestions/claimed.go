package suggestions

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// A suggestion is kept, and somebody may claim its NIK afterwards: she is then as little sure as a run would find her. What is kept of
// her is not old by it, since nothing of hers has changed, so whoever shows suggestions asks who claims their NIKs.

// somebody tells that a civil person was found.
func (g *suggestion) somebody() bool { return g.outcome == Found || g.outcome == Unsure }

// take marks that another of our persons is the civil person found, or is likely to be.
func (g *suggestion) take() {
	g.taken, g.causes = true, append([]Cause{Taken}, g.causes...)
}

func heldByAnother(holders map[sqldb.Hash]registry.HolderOf, g *suggestion) bool {
	holder, held := holders[g.civil]
	return held && holder.PersonID != g.person
}

// asClaimed puts on kept suggestions of a district what claims made since say of them.
func (s *Service) asClaimed(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []suggestion) error {
	if err := s.doubtShared(ctx, q, tenant, list); err != nil {
		return err
	}
	var hashes []sqldb.Hash
	for i := range list {
		if list[i].somebody() && !list[i].taken {
			hashes = append(hashes, list[i].civil)
		}
	}
	holders, err := s.Registry.HoldersIn(ctx, q, hashes)
	if err != nil {
		return fmt.Errorf("read holders: %w", err)
	}
	for i := range list {
		if g := &list[i]; g.somebody() && !g.taken && heldByAnother(holders, g) {
			g.take()
		}
	}
	return nil
}

// claimedLines puts it on the lines of a page, which may be of several districts. Their order, and the cause they were filtered by, stay
// those of the run.
func (s *Service) claimedLines(ctx context.Context, q sqldb.Querier, list []Line) error {
	lines := map[area.Tenant][]*Line{}
	for i := range list {
		if l := &list[i]; l.Outcome == Found || l.Outcome == Unsure {
			lines[l.Tenant] = append(lines[l.Tenant], l)
		}
	}
	for tenant, some := range lines {
		kept := make([]suggestion, len(some))
		for i, l := range some {
			kept[i] = suggestion{person: l.PersonID, outcome: l.Outcome, civil: l.civil, nikSame: l.ownNIK, taken: l.taken, causes: l.Causes}
		}
		if err := s.asClaimed(ctx, q, tenant, kept); err != nil {
			return err
		}
		for i, l := range some {
			l.Outcome, l.Causes = kept[i].outcome, kept[i].causes
		}
	}
	return nil
}
