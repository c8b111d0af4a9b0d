package identity

import (
	"context"
	"maps"
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
)

// Before there is an index nobody is asked about who is written. A search for duplicates has looked at those it found in the
// registry; who was written or changed since is noted when the first index is made (ADR 0031). Where no search was ever
// done, or another model did it, the page of duplicates says so and offers one: it costs a hundredth of asking about everybody.

// SearchKind is the kind of run that searches the whole of a district for duplicates; package duplicates makes it.
const SearchKind = "dedupe"

// heldFor is how much older than the start of a search what it found may be: it goes on with what its preview has found.
const heldFor = 10 * time.Minute

// unsearched gathers, for each district that was ever searched, who was written or changed since.
type unsearched map[area.Tenant]*since

type since struct {
	at  int64 // microseconds
	ids []sqldb.ID
}

// searchedIn reads when each of the districts was searched last.
func searchedIn(ctx context.Context, q sqldb.Querier, of marks) (unsearched, error) {
	out := unsearched{}
	for _, tenant := range slices.Sorted(maps.Keys(of)) {
		r, found, err := runs.LastDoneIn(ctx, q, tenant, SearchKind)
		if err != nil {
			return nil, err
		}
		if found {
			out[tenant] = &since{at: r.StartedAt.Add(-heldFor).UnixMicro()}
		}
	}
	return out, nil
}

// add notes a person whom no search has seen as she is.
func (u unsearched) add(r *row) {
	if s := u[r.Tenant]; s != nil && r.recorded >= s.at {
		s.ids = append(s.ids, r.ID)
	}
}

// noteAll keeps whom an index is made for the first time to know of and nobody was asked about.
func (s *Service) noteAll(ctx context.Context, from origin, to marks, unseen unsearched) error {
	if from.asked != nil {
		if err := s.note(ctx, *from.asked, to); err != nil {
			return err
		}
	}
	for _, tenant := range slices.Sorted(maps.Keys(unseen)) {
		for some := range slices.Chunk(unseen[tenant].ids, notedAtOnce) {
			if err := s.keepDue(ctx, tenant, some); err != nil {
				return err
			}
		}
	}
	return nil
}
