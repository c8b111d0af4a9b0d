package areas

import (
	"iter"
	"slices"
	"time"

	list "tepat/data/areas"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Place is one area with where its rows are stored.
type Place struct {
	area.Place
	// Tenant is the storage of its district, zero above the district.
	Tenant area.Tenant
	// Village is the stable number of a village, zero above it. It stays when the code changes.
	Village int64
	// BPS is the code of Statistics Indonesia, empty when not known.
	BPS string
}

// Tree holds every area in use. It never changes and is safe for concurrent use.
type Tree struct {
	revision int64
	places   []Place // sorted by code
	index    map[area.Code]int32
	kids     []int32 // places by parent
	firstKid []int32 // of each place in kids; one more at the end
	top      []int32 // provinces
	byName   func() nameOrder
	words    list.Words
	made     map[area.Code]bool // codes that a decree gave out after the list was seeded
	tenants  []tenantRow
	before   map[area.Tenant][]area.Tenant // tenants whose rows a tenant's area may still be in
	aliases  map[area.Code][]alias
	retired  []area.Code // sorted: old codes that are not in use
}

type tenantRow struct {
	tenant area.Tenant
	code   area.Code
	zone   area.Zone
}

// Len gives the number of areas.
func (t *Tree) Len() int { return len(t.places) }

// At gives the area with a code that is in use today.
func (t *Tree) At(code area.Code) (Place, bool) {
	i, ok := t.index[code]
	if !ok {
		return Place{}, false
	}
	return t.dressed(i), true
}

// Must gives the area with the code or the error area.unknown.
func (t *Tree) Must(code area.Code) (Place, error) {
	p, ok := t.At(code)
	if !ok {
		return Place{}, fail.NotFound("area.unknown", "area", code.Dotted())
	}
	return p, nil
}

// Name gives the name of an area, such as "Kota Ambon"; "Indonesia" for the nation and the
// dotted code when it is not in use.
func (t *Tree) Name(code area.Code) string {
	if code == area.Nation {
		return "Indonesia"
	}
	if i, ok := t.index[code]; ok {
		return t.places[i].Name
	}
	return code.Dotted()
}

// Children gives the areas right below one, in the order of their codes.
func (t *Tree) Children(code area.Code) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		for _, i := range t.childrenOf(code) {
			if !yield(t.dressed(i)) {
				return
			}
		}
	}
}

func (t *Tree) childrenOf(code area.Code) []int32 {
	if code == area.Nation {
		return t.top
	}
	i, ok := t.index[code]
	if !ok {
		return nil
	}
	return t.kids[t.firstKid[i]:t.firstKid[i+1]]
}

// Below gives an area and everything in it, in the order of the codes; the nation gives all.
func (t *Tree) Below(code area.Code) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		lo, hi := t.span(code)
		for i := lo; i < hi; i++ {
			if !yield(t.dressed(int32(i))) {
				return
			}
		}
	}
}

// Villages gives the villages of an area in the order of their codes.
func (t *Tree) Villages(code area.Code) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		for p := range t.Below(code) {
			if p.Code.Level() == area.LevelVillage && !yield(p) {
				return
			}
		}
	}
}

func (t *Tree) span(code area.Code) (lo, hi int) {
	from, to := code.Range()
	find := func(c area.Code) int {
		i, _ := slices.BinarySearchFunc(t.places, c, func(p Place, c area.Code) int { return int(p.Code - c) })
		return i
	}
	return find(from), find(to)
}

// TenantOf gives the storage tenant of the district an area is or lies in by its code; zero above
// the district and where there is no such district. The village itself may be unknown or
// abolished: rows that still carry its code lie there.
func (t *Tree) TenantOf(code area.Code) area.Tenant {
	if code.Level() < area.LevelDistrict {
		return 0
	}
	i, ok := t.index[code.District()]
	if !ok {
		return 0
	}
	return t.places[i].Tenant
}

// TenantsIn gives the storage tenants whose rows may lie in an area, in rising order: those of
// its districts and those its villages were moved out of, where what does not move (proposals,
// payments) stays. Together with the range of codes they bound what a grant reaches. The nation
// gives none, which means all.
func (t *Tree) TenantsIn(code area.Code) []area.Tenant {
	if code == area.Nation {
		return nil
	}
	var out []area.Tenant
	add := func(one area.Tenant) {
		if one == 0 {
			return
		}
		if at, found := slices.BinarySearch(out, one); !found {
			out = slices.Insert(out, at, one)
		}
	}
	if code.Level() >= area.LevelDistrict {
		add(t.TenantOf(code))
	} else {
		for _, i := range t.childrenOf(code) {
			add(t.places[i].Tenant)
		}
	}
	for _, one := range slices.Clone(out) {
		for _, old := range t.before[one] {
			add(old)
		}
	}
	return out
}

// Lineage gives the tenants in which what does not move with its area may lie of a tenant's rows: its own, and those its villages
// were moved out of.
func (t *Tree) Lineage(tenant area.Tenant) []area.Tenant {
	return append([]area.Tenant{tenant}, t.before[tenant]...)
}

// DistrictOf gives today's code of a tenant's district. Error: area.unknown_tenant.
func (t *Tree) DistrictOf(tenant area.Tenant) (area.Code, error) {
	for _, row := range t.tenants {
		if row.tenant == tenant && tenant != 0 {
			return row.code, nil
		}
	}
	for _, p := range t.places {
		if p.Tenant == tenant && tenant != 0 && p.Code.Level() == area.LevelDistrict {
			return p.Code, nil
		}
	}
	return 0, fail.NotFound("area.unknown_tenant", "tenant", int64(tenant))
}

// Written gives the tenants this installation writes for, in rising order, without tenant zero.
func (t *Tree) Written() []area.Tenant {
	var out []area.Tenant
	for _, row := range t.tenants {
		if row.tenant != 0 {
			out = append(out, row.tenant)
		}
	}
	return out
}

// Writes reports whether the installation writes for the tenant.
func (t *Tree) Writes(tenant area.Tenant) bool {
	return slices.ContainsFunc(t.tenants, func(r tenantRow) bool { return r.tenant == tenant })
}

// RecordTenant gives the tenant an audit entry about an area belongs to: that of its district
// when this installation writes for it, else tenant zero, the installation itself.
func (t *Tree) RecordTenant(code area.Code) area.Tenant {
	if tenant := t.TenantOf(code); t.Writes(tenant) {
		return tenant
	}
	return 0
}

// Zone gives the legal time of an area, by its district where it is not in use; NoZone for the
// nation and where there is no such district or province.
func (t *Tree) Zone(code area.Code) area.Zone {
	i, ok := t.index[code]
	if !ok {
		i, ok = t.index[code.District()]
	}
	if !ok {
		return area.NoZone
	}
	return t.dressed(i).Zone
}

// LocalDate gives the date at an area at an instant; the nation counts by the capital's time.
func (t *Tree) LocalDate(code area.Code, now time.Time) period.Date {
	return period.DateOf(now, t.Zone(code).Location())
}
