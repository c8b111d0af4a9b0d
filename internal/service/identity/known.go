package identity

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/sqldb"
)

// The index finds by values alone. What a search for duplicates is told beforehand (linkage.Known) holds here too: two
// who match the civil registry under two NIKs are two, and so are two whom somebody found to be two.

// States of link_pair that count here; the table belongs to duplicates, which comes later and only writes it.
const (
	pairOpen     = "open"
	pairDistinct = "distinct"
)

// pairOf is a pair of the queue of duplicates.
type pairOf struct {
	id     sqldb.ID
	keeper area.Tenant
	state  string
}

// decidedIn reads the pairs of a person with others, whichever stands left, by the other.
func decidedIn(ctx context.Context, q sqldb.Querier, who Who, others []Who) (map[Who]pairOf, error) {
	out := map[Who]pairOf{}
	byID := map[sqldb.ID]Who{}
	byTenant := map[area.Tenant][]sqldb.ID{}
	for _, o := range others {
		byID[o.ID] = o
		byTenant[o.Tenant] = append(byTenant[o.Tenant], o.ID)
	}
	read := func(keeper area.Tenant, left, right []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := `SELECT id, left_id, right_id, state FROM link_pair WHERE kabkota = ` + a.P(int64(keeper)) +
			` AND left_id IN ` + sqldb.In(a, left) + ` AND right_id IN ` + sqldb.In(a, right)
		return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			p := pairOf{keeper: keeper}
			var l, r2 sqldb.ID
			err := r.Scan(&p.id, &l, &r2, &p.state)
			if l == who.ID {
				l = r2
			}
			out[byID[l]] = p
			return err
		})
	}
	own := []sqldb.ID{who.ID}
	for _, tenant := range slices.Sorted(maps.Keys(byTenant)) {
		if err := read(tenant, byTenant[tenant], own); err != nil {
			return nil, fmt.Errorf("read pairs: %w", err)
		}
	}
	if err := read(who.Tenant, own, slices.Collect(maps.Keys(byID))); err != nil {
		return nil, fmt.Errorf("read pairs: %w", err)
	}
	return out, nil
}

// civilIn tells under which NIK, by its keyed hash, people match the civil registry; who does not match is not in it.
func civilIn(ctx context.Context, q sqldb.Querier, people []Who) (map[Who]sqldb.Hash, error) {
	out := map[Who]sqldb.Hash{}
	byTenant := map[area.Tenant][]sqldb.ID{}
	for _, w := range people {
		byTenant[w.Tenant] = append(byTenant[w.Tenant], w.ID)
	}
	for _, tenant := range slices.Sorted(maps.Keys(byTenant)) {
		for some := range slices.Chunk(byTenant[tenant], 400) {
			a := sqldb.NewArgs(q)
			query := `SELECT id, nik_hash FROM person WHERE kabkota = ` + a.P(int64(tenant)) + ` AND match_status = ` + a.P(int64(civilmatch.Matched)) +
				` AND id IN ` + sqldb.In(a, some)
			err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
				w := Who{Tenant: tenant}
				var hash sqldb.Hash
				err := r.Scan(&w.ID, &hash)
				if !hash.IsZero() {
					out[w] = hash
				}
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("read matched persons: %w", err)
			}
		}
	}
	return out, nil
}

// apartIn tells which of the others somebody, or the civil registry, holds to be another person than the one asked for.
func (s *Service) apartIn(ctx context.Context, q sqldb.Querier, a *Asked, others []Who) (map[Who]bool, error) {
	out := map[Who]bool{}
	if len(others) == 0 || a.Who.ID.IsZero() && !a.Matches { // of somebody nobody has seen yet, nothing is known
		return out, nil
	}
	civil, err := civilIn(ctx, q, append(slices.Clone(others), a.Who))
	if err != nil {
		return nil, err
	}
	own := s.reg.NIKHash(a.NIK)
	held, matched := civil[a.Who] // a number she is about to be given is not known to be hers
	known := !own.IsZero() && (a.Matches || matched && held == own)
	decided := map[Who]pairOf{}
	if !a.Who.ID.IsZero() {
		if decided, err = decidedIn(ctx, q, a.Who, others); err != nil {
			return nil, err
		}
	}
	for _, o := range others {
		theirs, matched := civil[o]
		out[o] = decided[o].state == pairDistinct || known && matched && theirs != own
	}
	return out, nil
}

// without leaves out whom somebody or the civil registry holds to be other persons, and all beyond the likeliest few.
func (s *Service) without(ctx context.Context, q sqldb.Querier, asked []Asked, found [][]Alike) error {
	for i := range found {
		others := make([]Who, len(found[i]))
		for k := range found[i] {
			others[k] = found[i][k].Who
		}
		apart, err := s.apartIn(ctx, q, &asked[i], others)
		if err != nil {
			return err
		}
		found[i] = slices.DeleteFunc(found[i], func(x Alike) bool { return apart[x.Who] })
		found[i] = found[i][:min(len(found[i]), MostAlike)]
	}
	return nil
}
