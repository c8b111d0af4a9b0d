package duplicates

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/service/runs"
)

// population is everybody of a run as the engine compares them, the table of the live index: what is found alike before
// somebody is saved and what a run finds are compared alike. What it holds in clear is wiped when the run has been worked out.
type population struct {
	identity.People
	people []human
}

// human is what a run keeps of a person beside her values.
type human struct {
	identity.Person
	guest bool // lives outside the run's area; only weighed with whom she is paired
}

// wipe clears all values.
func (p *population) wipe() { p.Wipe() }

// read adds people to the table.
func (s *Service) read(ctx context.Context, q sqldb.Querier, of identity.Reading, p *population, guests bool) error {
	list, err := identity.Read(ctx, q, s.keys, s.workers, of, &p.People)
	for _, one := range list {
		p.people = append(p.people, human{one, guests})
	}
	return err
}

// readPopulation reads the active persons of a run's area.
func (s *Service) readPopulation(ctx context.Context, q sqldb.Querier, r runs.Run) (*population, error) {
	p := &population{people: make([]human, 0, r.Total)}
	if err := s.read(ctx, q, identity.Reading{Tenant: r.Tenant, Area: r.Area}, p, false); err != nil {
		p.wipe()
		return nil, err
	}
	return p, nil
}

// readGuests adds the persons outside the run's area, of this district or another, who stand in pairs with somebody of it
// that wait and have no weight of this model.
func (s *Service) readGuests(ctx context.Context, q sqldb.Querier, p *population, pairs map[sides]known) error {
	at := p.rows()
	wanted := map[area.Tenant][]sqldb.ID{}
	for _, who := range slices.SortedFunc(maps.Keys(pairs), compareSides) {
		k := pairs[who]
		if k.state != Open || k.weighed {
			continue
		}
		for i := range who {
			_, here := at[who[i]]
			_, other := at[who[1-i]]
			if !here && other && !slices.Contains(wanted[k.tenants[i]], who[i]) {
				wanted[k.tenants[i]] = append(wanted[k.tenants[i]], who[i])
			}
		}
	}
	for _, tenant := range slices.Sorted(maps.Keys(wanted)) {
		if err := s.read(ctx, q, identity.Reading{Tenant: tenant, IDs: wanted[tenant]}, p, true); err != nil {
			return fmt.Errorf("read persons of pairs: %w", err)
		}
	}
	return nil
}
