package duplicates

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// A pair an import found, or one weighed by another model, is weighed when somebody opens it:
// the two among some people of the district, who say how common a name is there. A run, which
// sees everybody, weighs it anew.

// sampleSize is how many people lend their names and birth places.
const sampleSize = 1000

// card is a person with the family whose values are hers too.
type card struct {
	registry.Person
	family registry.Family
}

// values gives what the engine compares, in the order of the table.
func (c *card) values() *[values][]byte {
	nik := c.RawNIK
	if !c.NIK.IsZero() {
		nik = c.NIK.Plain()
	}
	return &[values][]byte{
		[]byte(nik), []byte(c.family.KK.Plain()), []byte(c.Name), []byte(c.BirthDate.Text()), []byte(c.Sex.String()), []byte(c.MotherName),
		[]byte(c.Area.Dotted()), []byte(c.Phone.Plain()), []byte(c.BirthPlace), nil,
	}
}

// weighAlone weighs two persons no run has weighed.
func (s *Service) weighAlone(ctx context.Context, q sqldb.Querier, left, right *card) (linkage.Waterfall, error) {
	p := &population{}
	defer p.wipe()
	var two batch
	two.put(human{id: left.ID}, left.values())
	two.put(human{id: right.ID}, right.values())
	p.add(two)
	some, err := sample(ctx, q, left.Tenant)
	if err != nil {
		return linkage.Waterfall{}, fmt.Errorf("read names: %w", err)
	}
	p.add(some)
	var all int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM person WHERE kabkota = $1 AND state = 1`, int64(left.Tenant)).Scan(&all); err != nil {
		return linkage.Waterfall{}, fmt.Errorf("count persons: %w", err)
	}
	e, err := linkage.Prepare(s.model, p, nil, linkage.Options{Workers: 1, Population: all})
	if err != nil {
		return linkage.Waterfall{}, err
	}
	defer e.Wipe()
	return e.Explain(0, 1), nil
}

// sample reads names and birth places, which are kept in clear, of some people of a district.
func sample(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (b batch, err error) {
	err = sqldb.Each(ctx, q, `SELECT id, name, birth_place FROM person WHERE kabkota = $1 AND state = 1 ORDER BY id LIMIT $2`,
		[]any{int64(tenant), sampleSize}, func(r sqldb.Row) error {
			var h human
			var name, place string
			err := r.Scan(&h.id, &name, &place)
			b.put(h, &[values][]byte{2: []byte(name), 8: []byte(place)})
			return err
		})
	return b, err
}

// words gives what a person says in each comparison of the model, numbers masked.
func (c *card) words() map[string]string {
	return map[string]string{
		"name": c.Name, "birth": c.BirthDate.Text(), "sex": c.Sex.String(), "mother": c.MotherName, "area": c.Area.Dotted(),
		"birthplace": c.BirthPlace, "address": c.family.Address, "nik": c.NIK.String(), "kk": c.family.KK.String(), "phone": c.Phone.String(),
	}
}
