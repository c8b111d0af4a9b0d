package suggestions

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
)

// Renew starts a run for every district in which somebody who does not match has no suggestion that is up to date:
// after a match, a new civil file, a repair that did not help; and where somebody claimed a NIK since, so that a filter by cause and the
// figures of the quality page know it too. It acts for whoever made the newest match, with her
// rights of today. A run that failed or was taken back is not tried again before the next match. It gives the
// runs it started.
func (s *Service) Renew(ctx context.Context, rs *runs.Service, actors runs.Actors) (started []runs.Run, err error) {
	for _, tenant := range s.Places.Tree().Written() {
		r, begun, err := s.renew(ctx, rs, actors, tenant)
		if err != nil {
			return started, fmt.Errorf("renew suggestions: %w", err)
		}
		if begun {
			started = append(started, r)
		}
	}
	return started, nil
}

func (s *Service) renew(ctx context.Context, rs *runs.Service, actors runs.Actors, tenant area.Tenant) (r runs.Run, begun bool, err error) {
	match, matched, err := rs.Newest(ctx, tenant, "match")
	if err != nil || !matched || match.State != runs.Done {
		return r, false, err
	}
	last, found, err := rs.Newest(ctx, tenant, "suggest")
	if err != nil || found && last.State != runs.Done && !(last.State.Ended() && match.EndedAt.After(last.CreatedAt)) {
		return r, false, err
	}
	var c counted
	overtaken := false
	err = s.Acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		if c, err = s.count(ctx, tx, tenant, match.Area); err == nil && c.persons == c.fresh {
			overtaken, err = s.overtaken(ctx, tx, tenant, match.Area)
		}
		return err
	})
	if err != nil || c.persons == c.fresh && !overtaken {
		return r, false, err
	}
	who, err := actors(ctx, match.CreatedBy)
	if access.Gone(err) { // as without the right
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	if who.Allow(s.SuggestKind().Start, tenant, match.Area) != nil {
		return r, false, nil
	}
	r, err = rs.Create(ctx, who, runs.NewRun{Kind: "suggest", Tenant: tenant, Area: match.Area, Settings: map[string]any{}})
	if err == nil {
		r, err = rs.Look(ctx, who, tenant, r.ID)
	}
	if err == nil {
		r, err = rs.Submit(ctx, who, tenant, r.ID)
	}
	return r, err == nil, err
}
