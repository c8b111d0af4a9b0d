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

// load reads the tree in one snapshot. Local words and zones are not in the database: they are
// dated data, taken as they hold on the day.
func load(ctx context.Context, db *sqldb.DB, now time.Time) (*Tree, error) {
	t := &Tree{}
	words, err := localWords(period.DateOf(now, area.WIB.Location()))
	if err != nil {
		return nil, err
	}
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
	t.dress(words)
	t.nest()
	t.byName = sync.OnceValue(t.sortNames)
	return t, nil
}

// word is what the reference data says of a code beside its name.
type word struct {
	local string
	zone  area.Zone
}

func localWords(day period.Date) (map[area.Code]word, error) {
	out := make(map[area.Code]word, 92_000)
	zones := map[string]area.Zone{}
	for row, err := range list.All(day.Text()) {
		if err != nil {
			return nil, err
		}
		zone, known := zones[row.Zone]
		if !known {
			if zone, err = area.ParseZone(row.Zone); err != nil {
				return nil, err
			}
			zones[row.Zone] = zone
		}
		out[area.Code(row.Code)] = word{row.LocalKind, zone}
	}
	return out, nil
}

func (t *Tree) readPlaces(ctx context.Context, q sqldb.Querier) error {
	n, err := countPlaces(ctx, q)
	if err != nil {
		return err
	}
	t.places = make([]Place, 0, n)
	t.folded = make([]string, 0, n)
	t.index = make(map[area.Code]int32, n)
	return eachPlace(ctx, q, func(p Place, folded string) {
		t.index[p.Code] = int32(len(t.places))
		t.places = append(t.places, p)
		t.folded = append(t.folded, folded)
	})
}

// dress gives every place its local word and zone. A code the reference data does not have was
// made by a decree kept here: a village keeps the word it had under its first code, anything
// else takes its kind's, and the zone is that of the tenant, of the old code or of the province.
func (t *Tree) dress(words map[area.Code]word) {
	zones := map[area.Tenant]area.Zone{}
	for _, row := range t.tenants {
		zones[row.tenant] = row.zone
	}
	for i := range t.places {
		p := &t.places[i]
		w, known := words[p.Code]
		if !known {
			w = words[area.Code(p.Village)]
			for _, old := range t.oldCodes(p.Code) {
				w = cmp.Or(w, words[old])
			}
			w.local = cmp.Or(w.local, p.Kind.String())
			w.zone = cmp.Or(w.zone, words[p.Code.Province()].zone)
		}
		p.LocalKind, p.Zone = w.local, w.zone
		if zone := zones[p.Tenant]; p.Tenant != 0 && zone != area.NoZone {
			p.Zone = zone
		}
	}
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
func (t *Tree) sortNames() []int32 {
	out := make([]int32, len(t.places))
	for i := range out {
		out[i] = int32(i)
	}
	slices.SortFunc(out, func(a, b int32) int {
		return cmp.Or(strings.Compare(t.folded[a], t.folded[b]), cmp.Compare(a, b))
	})
	return out
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
