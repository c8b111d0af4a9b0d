package assessments

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// Tenths counts the active families of an area by decile; place 0 counts the unranked.
type Tenths struct {
	Area      area.Code
	Families  [11]int64
	Persons   [11]int64
	Official  int64 // families with an official decile
	Estimated int64 // families with an estimate of the demonstration model
}

// Total gives all families and persons, the unranked included.
func (t Tenths) Total() (families, persons int64) {
	for d := range t.Families {
		families, persons = families+t.Families[d], persons+t.Persons[d]
	}
	return families, persons
}

func (t *Tenths) add(o Tenths) {
	for d := range t.Families {
		t.Families[d] += o.Families[d]
		t.Persons[d] += o.Persons[d]
	}
	t.Official += o.Official
	t.Estimated += o.Estimated
}

// Distribution gives the whole area first, then the areas right below it that hold families, in
// the order of their codes. It is of one district: figures of larger areas come from the rollups of
// service/insight, since live sums over districts may be torn.
func (s *Service) Distribution(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code) ([]Tenths, error) {
	if err := who.Allow(access.ReadInsight, tenant, at); err != nil {
		return nil, err
	}
	villages, err := countTenths(ctx, s.acts.DB().Direct(), tenant, at)
	if err != nil {
		return nil, fmt.Errorf("count deciles: %w", err)
	}
	whole := Tenths{Area: at}
	below := map[area.Code]*Tenths{}
	for _, v := range villages {
		whole.add(v)
		code := childOf(at, v.Area)
		if code == at {
			continue
		}
		if below[code] == nil {
			below[code] = &Tenths{Area: code}
		}
		below[code].add(v)
	}
	out := []Tenths{whole}
	for _, t := range below {
		out = append(out, *t)
	}
	slices.SortFunc(out[1:], func(a, b Tenths) int { return cmp.Compare(a.Area, b.Area) })
	return out, nil
}

// childOf gives the area right below one that holds a place, or the area itself.
func childOf(at, place area.Code) area.Code {
	for place != at && place != area.Nation {
		up := place.Parent()
		if up == at {
			return place
		}
		place = up
	}
	return at
}

// countTenths counts by village. It reads the registry's families for reading only.
func countTenths(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code) ([]Tenths, error) {
	from, to := at.Range()
	var out []Tenths
	err := sqldb.Each(ctx, q, `
		SELECT area_code, decile, decile_source, count(*), CAST(sum(persons) AS BIGINT)
		FROM family
		WHERE kabkota = $1 AND state = 1 AND area_code >= $2 AND area_code < $3
		GROUP BY area_code, decile, decile_source
		ORDER BY area_code`, []any{int64(tenant), int64(from), int64(to)}, func(r sqldb.Row) error {
		var code, decile, families, persons int64
		var source registry.DecileSource
		if err := r.Scan(&code, &decile, &source, &families, &persons); err != nil {
			return err
		}
		if decile < 0 || decile > 10 {
			return fmt.Errorf("decile %d", decile)
		}
		if n := len(out); n == 0 || out[n-1].Area != area.Code(code) {
			out = append(out, Tenths{Area: area.Code(code)})
		}
		t := &out[len(out)-1]
		t.Families[decile] += families
		t.Persons[decile] += persons
		switch source {
		case registry.Official:
			t.Official += families
		case registry.ModelMade:
			t.Estimated += families
		}
		return nil
	})
	return out, err
}
