package suggestions

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// Who stands in the registry with the NIK of her twin, and is unknown to the civil registry herself, looks like her twin with a slip in
// the name, and nothing of hers tells otherwise. But where the NIK stands on two, one of them is somebody else: then a person has to look.

// withheld tells whether a person with these faults is left to somebody who looks. Under two names of one birth date and card only the name
// is in doubt.
func withheld(s registry.Shared, causes []Cause) bool {
	return s.Claimed || s.OtherName && slices.ContainsFunc(causes, func(c Cause) bool {
		return slices.Contains([]Cause{NameForm, NameJoined, NameSpelled, NameShort, NameOther}, c)
	})
}

// doubtShared takes the certainty from what was found by a NIK that stands on two.
func (s *Service) doubtShared(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []suggestion) error {
	var found []registry.Bearer
	for i := range list {
		if g := &list[i]; g.nikSame && g.somebody() {
			found = append(found, registry.Bearer{Person: g.person, NIK: g.civil})
		}
	}
	shared, err := s.Registry.SharedIn(ctx, q, tenant, found)
	if err != nil {
		return fmt.Errorf("read who shares a NIK: %w", err)
	}
	for i := range list {
		if g := &list[i]; g.nikSame && withheld(shared[g.person], g.causes) && !slices.Contains(g.causes, SharedNIK) {
			g.doubt(SharedNIK)
		}
	}
	return nil
}

// withheldIn gives those of the persons of a batch whose NIK stands on two by now.
func (s *Service) withheldIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list []mendable) (map[sqldb.ID]bool, error) {
	bearers := make([]registry.Bearer, len(list))
	for i, m := range list {
		bearers[i] = registry.Bearer{Person: m.person, NIK: m.civil}
	}
	shared, err := s.Registry.SharedIn(ctx, q, tenant, bearers)
	if err != nil {
		return nil, fmt.Errorf("read who shares a NIK: %w", err)
	}
	out := map[sqldb.ID]bool{}
	for _, m := range list {
		out[m.person] = withheld(shared[m.person], m.causes)
	}
	return out, nil
}
