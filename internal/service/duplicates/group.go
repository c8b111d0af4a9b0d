package duplicates

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Three records may be one person: their pairs hang together. The page of a pair names the others and leads
// to the pairs that still wait.

// groupMost is how many pairs of a group are shown.
const groupMost = 12

// groupIn gives the other pairs that wait and hang together with a pair by a person they share, and counts the
// records of all of them. Pairs another district keeps are not followed.
func (s *Service) groupIn(ctx context.Context, tx *act.Tx, p Pair) (others []Line, records int, err error) {
	seen := map[sqldb.ID]bool{p.Left.ID: true, p.Right.ID: true}
	pairs := map[sqldb.ID]bool{p.ID: true}
	var lines []line
	for ask := []sqldb.ID{p.Left.ID, p.Right.ID}; len(ask) > 0 && len(lines) < groupMost; {
		some, err := s.pairsOf(ctx, tx, p.Tenant, ask)
		if err != nil {
			return nil, 0, fmt.Errorf("read group: %w", err)
		}
		ask = nil
		for _, o := range some {
			if pairs[o.ID] || len(lines) == groupMost {
				continue
			}
			pairs[o.ID], lines = true, append(lines, line{o, o.Area})
			for _, id := range []sqldb.ID{o.Left.ID, o.Right.ID} {
				if !seen[id] {
					seen[id], ask = true, append(ask, id)
				}
			}
		}
	}
	page, err := s.facesIn(ctx, tx, lines)
	if err != nil || len(lines) == 0 {
		return nil, 0, err
	}
	return page.Lines, len(seen), recordOthers(ctx, tx, p, page.Lines)
}

// pairsOf reads the waiting pairs of persons who are still there, the surest first.
func (s *Service) pairsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID) ([]Pair, error) {
	var out []Pair
	for _, side := range []string{"left_id", "right_id"} {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + pairColumns + ` FROM link_pair l` + bothThere + ` WHERE l.kabkota = ` + a.P(int64(tenant)) +
			` AND l.state IN ('open', 'awaiting') AND l.` + side + ` IN ` + sqldb.In(a, ids) + ` AND ` + nobodyKnows(a) +
			` ORDER BY l.weight DESC, l.id LIMIT ` + a.P(int64(groupMost+1))
		some, err := sqldb.Collect(ctx, q, query, a.Values, s.scanPair)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// recordOthers leaves an entry under each other person of a group who was shown.
func recordOthers(ctx context.Context, tx *act.Tx, p Pair, others []Line) error {
	told := []sqldb.ID{p.Left.ID, p.Right.ID}
	for _, l := range others {
		for _, f := range []Face{l.Left, l.Right} {
			if !f.Visible || slices.Contains(told, f.ID) {
				continue
			}
			told = append(told, f.ID)
			if err := tx.Record(ctx, audit.Entry{Tenant: f.Tenant, Area: f.Area, Subject: f.ID, Facts: map[string]any{"pair": p.ID.String()}}); err != nil {
				return err
			}
		}
	}
	return nil
}
