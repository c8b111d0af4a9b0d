package suggestions

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
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

// overtakenPage is how many suggestions are asked about at a time.
const overtakenPage = 2000

// overtaken tells whether a claim made since makes anybody of an area doubtful whom the newest run found: by a NIK that is somebody else's
// by now, or by one of hers that another bears too. A run that knows of it leaves nobody to be told of.
func (s *Service) overtaken(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code) (bool, error) {
	b, err := s.basisIn(ctx, q)
	if err != nil {
		return false, err
	}
	for after, all := (sqldb.ID{}), false; !all; {
		list, err := claimable(ctx, q, b, tenant, at, after)
		if err != nil {
			return false, fmt.Errorf("look for claims: %w", err)
		}
		if all = len(list) < overtakenPage; len(list) > 0 {
			after = list[len(list)-1].person
		}
		hashes := make([]sqldb.Hash, len(list))
		for i := range list {
			hashes[i] = list[i].civil
		}
		holders, err := s.Registry.HoldersIn(ctx, q, hashes)
		if err != nil {
			return false, fmt.Errorf("read holders: %w", err)
		}
		if slices.ContainsFunc(list, func(g suggestion) bool {
			return !g.taken && heldByAnother(holders, &g) || g.outcome == Found && g.nikSame && holders[g.civil].Contested
		}) {
			return true, nil
		}
	}
	return false, nil
}

// claimable gives those of an area whom the newest run found or holds unsure and who do not match yet, a page of them in the order of
// their ids; of each who she would be, and whether that is the NIK she has.
func claimable(ctx context.Context, q sqldb.Querier, b basis, tenant area.Tenant, at area.Code, after sqldb.ID) ([]suggestion, error) {
	a := sqldb.NewArgs(q)
	from, to := at.Range()
	later := ""
	if !after.IsZero() {
		later = ` AND g.person_id > ` + a.P(after)
	}
	query := `
		SELECT g.person_id, g.outcome, g.civil_hash, CASE WHEN g.civil_hash = p.nik_hash THEN 1 ELSE 0 END, g.taken
		FROM match_suggestion g
		JOIN person p ON p.kabkota = g.kabkota AND p.id = g.person_id
		JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		WHERE g.kabkota = ` + a.P(int64(tenant)) + later + ` AND ` + fresh(a, b) + ` AND p.match_status IN ` + sqldb.In(a, notMatching()) + `
			AND p.area_code >= ` + a.P(int64(from)) + ` AND p.area_code < ` + a.P(int64(to)) + ` AND p.state = 1
			AND g.outcome IN ` + sqldb.In(a, []Outcome{Unsure, Found}) + ` AND g.civil_hash IS NOT NULL
		ORDER BY g.person_id LIMIT ` + a.P(overtakenPage)
	return sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (g suggestion, err error) {
		var same, taken int64
		err = r.Scan(&g.person, &g.outcome, &g.civil, &same, &taken)
		g.nikSame, g.taken = same == 1, taken == 1
		return g, err
	})
}

// AsOf gives when the suggestions of a district were worked out last, all of them; the zero time for never. By what that run knew a queue is
// ranked and filtered, and the figures of the quality page are counted.
func (s *Service) AsOf(ctx context.Context, tenant area.Tenant) (time.Time, error) {
	r, _, err := runs.LastDoneIn(ctx, s.Acts.DB().Direct(), tenant, s.SuggestKind().Name)
	return r.EndedAt, err
}
