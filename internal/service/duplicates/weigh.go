package duplicates

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
)

// A pair an import found, or one weighed by another model, is weighed when somebody opens it:
// the two beside their families and among some people of the district, who say how common a name is there. A run, which
// sees everybody, weighs it anew.

// sampleSize is how many people lend their names and birth places.
const sampleSize = 1000

// card is a person with the family whose values are hers too.
type card struct {
	registry.Person
	family registry.Family
}

// values gives what the engine compares.
func (c *card) values() [][]byte {
	a := identity.AskedOf(c.Person, c.family)
	return a.Values()
}

// weighAlone weighs two persons no run has weighed, with the others of their families: who stands beside them tells of them. They are
// told what the district's last search learned.
func (s *Service) weighAlone(ctx context.Context, q sqldb.Querier, left, right *card) (linkage.Waterfall, error) {
	p := &identity.People{}
	defer p.Wipe()
	p.Add(left.values())
	p.Add(right.values())
	but, err := s.families(ctx, q, p, left, right)
	if err != nil {
		return linkage.Waterfall{}, fmt.Errorf("read families: %w", err)
	}
	if err := sample(ctx, q, left.Tenant, p, but...); err != nil {
		return linkage.Waterfall{}, fmt.Errorf("read names: %w", err)
	}
	var all int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM person WHERE kabkota = $1 AND state = 1`, int64(left.Tenant)).Scan(&all); err != nil {
		return linkage.Waterfall{}, fmt.Errorf("count persons: %w", err)
	}
	told, err := s.lastTold(ctx, q, left.Tenant)
	if err != nil {
		return linkage.Waterfall{}, err
	}
	e, err := linkage.Prepare(s.model, p, nil, linkage.Options{Workers: 1, Population: all, Taught: told})
	if err != nil {
		return linkage.Waterfall{}, err
	}
	defer e.Wipe()
	return e.Explain(0, 1), nil
}

// families adds the other active members of the families of two persons, and gives the ids of all.
func (s *Service) families(ctx context.Context, q sqldb.Querier, into *identity.People, left, right *card) ([]sqldb.ID, error) {
	ids := []sqldb.ID{left.ID, right.ID}
	for _, c := range [2]*card{left, right} {
		members, err := s.reg.MembersIn(ctx, q, c.Tenant, c.FamilyID)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if m.State == registry.Active && !slices.Contains(ids, m.ID) {
				ids = append(ids, m.ID)
				into.Add((&card{m, c.family}).values())
			}
		}
	}
	return ids, nil
}

// sample adds names and birth places, which are kept in clear, of some people of a district.
func sample(ctx context.Context, q sqldb.Querier, tenant area.Tenant, into *identity.People, but ...sqldb.ID) error {
	return sqldb.Each(ctx, q, `SELECT id, name, birth_place FROM person WHERE kabkota = $1 AND state = 1 ORDER BY id LIMIT $2`,
		[]any{int64(tenant), sampleSize}, func(r sqldb.Row) error {
			a := identity.Asked{Who: identity.Who{Tenant: tenant}}
			err := r.Scan(&a.Who.ID, &a.Name, &a.BirthPlace)
			if !slices.Contains(but, a.Who.ID) {
				into.Add(a.Values())
			}
			return err
		})
}

// words gives what a person says in each comparison of the model, numbers masked.
func (c *card) words() map[string]string {
	return map[string]string{
		"name": c.Name, "birth": c.BirthDate.Text(), "sex": c.Sex.String(), "mother": c.MotherName, "area": c.Area.Dotted(),
		"birthplace": c.BirthPlace, "address": c.family.Address, "nik": c.NIK.String(), "kk": c.family.KK.String(), "phone": c.Phone.String(),
	}
}
