package duplicates

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/service/runs"
)

// Searched says how a district was searched for duplicates last. Who is written or changed is looked at by herself, as soon as
// there is an index; those who were there before, and everybody when there is a new model, are for a search.
type Searched struct {
	// Ended is when the last search of the whole district was done; zero when there was none.
	Ended time.Time
	// OtherModel says that it compared people with another model than the one in use.
	OtherModel bool
	// Waits is a search that was begun and has not ended; zero without one.
	Waits sqldb.ID
}

// Due tells whether the district has to be searched.
func (s Searched) Due() bool { return s.Ended.IsZero() || s.OtherModel }

// SearchedIn gives how a district stands. It tells nothing of anybody, so it asks for no permission.
func (s *Service) SearchedIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (out Searched, err error) {
	last, found, err := runs.LastDoneIn(ctx, q, tenant, identity.SearchKind)
	if err != nil {
		return out, err
	}
	if found {
		var seen runs.Preview
		if err := json.Unmarshal(last.Preview, &seen); err != nil {
			return out, fmt.Errorf("read preview of a search: %w", err)
		}
		out.Ended, out.OtherModel = last.EndedAt, seen.Model != s.model.Version()
	}
	newest, found, err := runs.NewestIn(ctx, q, tenant, identity.SearchKind)
	if err == nil && found && newest.State != runs.Draft && !newest.State.Ended() {
		out.Waits = newest.ID
	}
	return out, err
}

// Searched is SearchedIn as of now.
func (s *Service) Searched(ctx context.Context, tenant area.Tenant) (Searched, error) {
	return s.SearchedIn(ctx, s.acts.DB().Direct(), tenant)
}
