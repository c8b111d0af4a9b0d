package civil

import (
	"context"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
)

// Quota is how often a civil registry elsewhere may still be asked.
type Quota struct {
	Limit  int64 // NIKs a day; 0 is no limit
	Asked  int64 // today, retries included
	Renews time.Time
	// Rests is until when nobody asks, for the registry failed or said so; zero while it is asked.
	Rests time.Time
}

// Left gives how many NIKs may still be asked about today; meaningful where there is a limit.
func (q Quota) Left() int64 { return max(q.Limit-q.Asked, 0) }

// Quota gives the quota of the registry that is asked; remote is false where none is asked over the network.
func (s *Service) Quota(ctx context.Context) (q Quota, remote bool, err error) {
	h, remote := s.civil.(*HTTP)
	if !remote {
		return q, false, nil
	}
	q, err = h.Left(ctx)
	return q, true, err
}

// Left gives the day's quota, and whether the registry rests.
func (h *HTTP) Left(ctx context.Context) (q Quota, err error) {
	now := h.o.Now()
	local := now.In(h.o.Zone)
	q = Quota{Limit: h.o.Quota, Renews: time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, h.o.Zone), Rests: h.fuse.rests(now)}
	q.Asked, err = h.Asked(ctx)
	return q, err
}

// ValuesIn gives what a civil registry elsewhere said before of NIKs and still holds, by their keyed hashes; nothing
// where the agreement gives no values, or the registry is not asked over the network.
func (s *Service) ValuesIn(ctx context.Context, q sqldb.Querier, niks []sqldb.Hash) (map[sqldb.Hash]civilmatch.Answer, error) {
	remote, elsewhere := s.civil.(Remote)
	if !elsewhere || s.civil.Mode() != civilmatch.FullValues {
		return nil, nil
	}
	questions := make([]Question, len(niks))
	for i := range niks {
		questions[i].Hash = niks[i]
	}
	heard, err := remote.Held(ctx, q, questions)
	if err != nil {
		return nil, err
	}
	out := map[sqldb.Hash]civilmatch.Answer{}
	for i := range heard {
		if heard[i].Outcome == civilmatch.Found {
			out[niks[i]] = heard[i].Answer
		}
	}
	return out, nil
}
