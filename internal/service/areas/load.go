package areas

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	list "tepat/data/areas"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
)

// load reads the tree in one snapshot, as little of it as can be: every start that opens a database pays for it. Local words
// and zones are not in the database: they are dated data, taken as they hold on the day, when somebody asks for a place.
func load(ctx context.Context, db *sqldb.DB, now time.Time) (*Tree, error) {
	t := &Tree{}
	words, err := list.WordsOn(period.DateOf(now, area.WIB.Location()).Text())
	if err != nil {
		return nil, err
	}
	t.words = words
	err = db.Read(ctx, func(tx *sqldb.Tx) error {
		if t.revision, err = revision(ctx, tx); err != nil {
			return err
		}
		if t.tenants, err = readTenants(ctx, tx); err != nil {
			return err
		}
		aliases, err := readAliases(ctx, tx)
		if err != nil {
			return err
		}
		moves, err := readTenantMoves(ctx, tx)
		if err != nil {
			return err
		}
		t.before = lineage(moves)
		if err := t.readPlaces(ctx, tx); err != nil {
			return err
		}
		t.setAliases(aliases)
		return nil
	})
	if err != nil {
		return nil, err
	}
	t.nest()
	t.byName = sync.OnceValue(t.sortNames)
	return t, nil
}

// readPlaces reads codes and names of all, and the rest of those few whose rest does not follow from the code.
func (t *Tree) readPlaces(ctx context.Context, q sqldb.Querier) error {
	n, err := countPlaces(ctx, q)
	if err != nil {
		return err
	}
	t.places = make([]Place, 0, n)
	err = eachPlace(ctx, q, func(code area.Code, name string) {
		p := Place{Place: area.Place{Code: code, Name: name, Kind: code.Kind()}, Tenant: area.FirstTenant(code)}
		if code.Level() == area.LevelVillage {
			p.Village = int64(code)
		}
		t.places = append(t.places, p)
	})
	if err != nil {
		return err
	}
	byCode := func(a, b Place) int { return cmp.Compare(a.Code, b.Code) }
	if !slices.IsSortedFunc(t.places, byCode) { // rows lie in the order of codes until a decree adds one
		slices.SortFunc(t.places, byCode)
	}
	t.index = make(map[area.Code]int32, len(t.places))
	for i := range t.places {
		t.index[t.places[i].Code] = int32(i)
	}
	t.made = map[area.Code]bool{}
	return eachOdd(ctx, q, func(o oddPlace) {
		p := &t.places[t.index[o.code]]
		p.Tenant, p.Village, p.BPS = o.tenant, o.village, o.bps
		if o.from != "" {
			t.made[o.code] = true
		}
	})
}

// dressed gives a place with its local word and zone. One that a decree made here keeps the word it had under its first code;
// the zone is that of the tenant, of the old code or of the province.
func (t *Tree) dressed(i int32) Place {
	p := t.places[i]
	first := p.Code
	if t.made[p.Code] {
		if p.Village != 0 {
			first = area.Code(p.Village % firstFreeVillage)
		} else if old := t.oldCodes(p.Code); len(old) > 0 {
			first = old[0]
		}
	}
	local, zone := t.words.Of(int64(first))
	p.LocalKind = local
	p.Zone, _ = area.ParseZone(zone) // the nation alone has none
	for _, row := range t.tenants {
		if p.Tenant != 0 && row.tenant == p.Tenant && row.zone != area.NoZone {
			p.Zone = row.zone
		}
	}
	return p
}

// nest sorts the places under their parents.
func (t *Tree) nest() {
	t.firstKid = make([]int32, len(t.places)+1)
	parents := make([]int32, len(t.places))
	for i, p := range t.places {
		parent, ok := t.index[p.Code.Parent()]
		if !ok {
			parents[i] = -1
			if p.Code.Level() == area.LevelProvince {
				t.top = append(t.top, int32(i))
			}
			continue
		}
		parents[i] = parent
		t.firstKid[parent+1]++
	}
	for i := range t.places {
		t.firstKid[i+1] += t.firstKid[i]
	}
	t.kids = make([]int32, t.firstKid[len(t.places)])
	next := slices.Clone(t.firstKid)
	for i, parent := range parents {
		if parent >= 0 {
			t.kids[next[parent]] = int32(i)
			next[parent]++
		}
	}
}

// sortNames puts the places in the order of their folded names: a fifth of the time of a start, for imports that name
// places in words.
func (t *Tree) sortNames() nameOrder {
	out := nameOrder{make([]int32, len(t.places)), make([]string, len(t.places))}
	for i := range t.places {
		out.order[i], out.folded[i] = int32(i), foldPlace(t.places[i].Code, t.places[i].Name)
	}
	slices.SortFunc(out.order, func(a, b int32) int {
		return cmp.Or(strings.Compare(out.folded[a], out.folded[b]), cmp.Compare(a, b))
	})
	return out
}

// nameOrder is the places in the order of their folded names, then of their codes.
type nameOrder struct {
	order  []int32
	folded []string // of the places in the order of their codes
}

// lineage gives, for every tenant, the tenants that rows of its area may still lie in.
func lineage(moves []tenantMove) map[area.Tenant][]area.Tenant {
	out := map[area.Tenant][]area.Tenant{}
	for _, m := range moves { // in the order in which they happened
		for _, old := range append([]area.Tenant{m.from}, out[m.from]...) {
			if old != m.to && !slices.Contains(out[m.to], old) {
				out[m.to] = append(out[m.to], old)
			}
		}
	}
	return out
}
