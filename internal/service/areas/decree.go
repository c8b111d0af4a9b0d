package areas

import (
	"cmp"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Decree says which areas get other codes: a village is re-coded, a district is split, a province
// is made of districts of another. Areas that keep their codes are not named.
type Decree struct {
	// About is the area the decree speaks of, by its present code: the village re-coded, the
	// district split. Who administers that area proposes the change.
	About area.Code `json:"about"`
	// Basis is the decree: "UU 20/2012".
	Basis string `json:"basis"`
	// From is the first day of the new codes, today or earlier.
	From period.Date `json:"from"`
	// New are the areas that come into being, such as the new district of a split.
	New []NewPlace `json:"new,omitempty"`
	// Moves give areas new codes; what lies inside an area goes along and keeps its last digits.
	Moves []Move `json:"moves"`
	// Renames give areas that keep their codes another name, or another code of Statistics Indonesia.
	Renames []Rename `json:"renames,omitempty"`
	// Ends are areas that are no more and have no successor; nobody may live there by the registry.
	Ends []End `json:"ends,omitempty"`
	// Undoes is the change this one takes back, by its id.
	Undoes string `json:"undoes,omitempty"`
	// Caretakers is the first day on which officers of the district that is split no longer hold
	// the same posts in the new one; zero leaves the new district without officers at first.
	Caretakers period.Date `json:"caretakers,omitzero"`
}

// NewPlace is an area that comes into being; a village may too.
type NewPlace struct {
	Code area.Code `json:"code"`
	Name string    `json:"name"`
	BPS  string    `json:"bps,omitempty"`
	Own
}

// Move gives an area a new code and, when Name is not empty, a new name. A village may move to the code of another, which it
// is merged into.
type Move struct {
	From area.Code `json:"from"`
	To   area.Code `json:"to"`
	Name string    `json:"name,omitempty"`
	BPS  string    `json:"bps,omitempty"`
	Was  string    `json:"was,omitempty"` // its name before, where it gets another
	// Merged says that the new code is another village's; it is found when the decree is checked.
	Merged bool `json:"merged,omitempty"`
	Own
}

// Rename gives an area another name or code of Statistics Indonesia; what is empty stays.
type Rename struct {
	Code   area.Code `json:"code"`
	Name   string    `json:"name,omitempty"`
	BPS    string    `json:"bps,omitempty"`
	Was    string    `json:"was,omitempty"`
	WasBPS string    `json:"was_bps,omitempty"`
	Own
}

// End says that an area is no more.
type End struct {
	Code area.Code `json:"code"`
	Name string    `json:"name"` // for who takes it back
	BPS  string    `json:"bps,omitempty"`
	Own
}

// Own is a decree of a single difference, where it is not that of the whole.
type Own struct {
	Basis string      `json:"basis,omitempty"`
	On    period.Date `json:"on,omitzero"`
}

// of gives the decree of a difference.
func (o Own) of(d Decree) Decree {
	if o.Basis != "" {
		d.Basis = o.Basis
	}
	if !o.On.IsZero() {
		d.From = o.On
	}
	return d
}

// step is one area's change of code, with the tenants that store its rows before and after.
type step struct {
	Move
	fromTenant, toTenant area.Tenant
}

// maxSteps bounds one decree: a large province has about 9,000 areas.
const maxSteps = 20_000

// plan checks a decree against the areas of today and gives its steps, each parent before what
// lies in it. next gives the tenant of a new district. Errors: area.decree_basis,
// area.decree_date, area.decree_empty, area.unknown, area.code_in_use, area.move_level,
// area.move_overlap, area.no_parent, area.new_place (facts area), area.elsewhere.
func (t *Tree) plan(d *Decree, today period.Date, next func(area.Code) area.Tenant) ([]step, error) {
	d.Basis = strings.TrimSpace(d.Basis)
	switch {
	case d.Basis == "":
		return nil, fail.Invalid("area.decree_basis").On("basis")
	case !d.From.IsFull() || d.From.After(today):
		return nil, fail.Invalid("area.decree_date").On("from")
	case len(d.Moves)+len(d.Renames)+len(d.Ends)+len(d.New) == 0:
		return nil, fail.Invalid("area.decree_empty").On("moves")
	}
	if _, err := t.Must(d.About); err != nil && d.About != area.Nation {
		return nil, err
	}
	if err := d.checkOwn(today); err != nil {
		return nil, err
	}
	p := &planner{tree: t, tenants: map[area.Code]area.Tenant{}, taken: map[area.Code]bool{}, leaves: map[area.Code]bool{}, next: next}
	for _, m := range d.Moves {
		p.leaves[m.From] = true
	}
	for _, e := range d.Ends {
		p.leaves[e.Code] = true
	}
	if err := p.found(d.New); err != nil {
		return nil, err
	}
	slices.SortFunc(d.Moves, func(a, b Move) int {
		return cmp.Or(cmp.Compare(a.From.Level(), b.From.Level()), cmp.Compare(a.From, b.From))
	})
	for i, m := range d.Moves {
		for _, other := range d.Moves[:i] {
			if other.From.Contains(m.From) {
				return nil, fail.Invalid("area.move_overlap", "area", m.From.Dotted()).On("moves")
			}
		}
		d.Moves[i].Merged = m.From.Level() == area.LevelVillage && p.joins(m.To)
		if err := p.move(m); err != nil {
			return nil, err
		}
	}
	if err := p.rest(*d); err != nil {
		return nil, err
	}
	if len(p.steps) > maxSteps {
		return nil, fail.Invalid("area.decree_long", "max", maxSteps).On("moves")
	}
	return p.steps, nil
}

type planner struct {
	tree    *Tree
	tenants map[area.Code]area.Tenant // of districts that come into being
	taken   map[area.Code]bool        // codes given out by this decree
	leaves  map[area.Code]bool        // codes it takes away
	next    func(area.Code) area.Tenant
	steps   []step
}

// found takes in the areas that come into being, wider ones first.
func (p *planner) found(places []NewPlace) error {
	slices.SortFunc(places, func(a, b NewPlace) int {
		return cmp.Or(cmp.Compare(a.Code.Level(), b.Code.Level()), cmp.Compare(a.Code, b.Code))
	})
	for i := range places {
		n := &places[i]
		n.Name = strings.Join(strings.Fields(n.Name), " ")
		if n.Name == "" || n.Code == area.Nation || !n.Code.Valid() {
			return fail.Invalid("area.new_place", "area", n.Code.Dotted()).On("new")
		}
		if n.Code.Level() == area.LevelVillage {
			continue // after the moves, which may bring what it lies in
		}
		if err := p.take(n.Code); err != nil {
			return err
		}
		if n.Code.Level() == area.LevelDistrict {
			p.tenants[n.Code] = p.next(n.Code)
		}
	}
	return nil
}

// take gives out a code that is free and whose parent is there.
func (p *planner) take(code area.Code) error {
	if _, used := p.tree.index[code]; used || p.taken[code] {
		return fail.Invalid("area.code_in_use", "area", code.Dotted()).On("moves")
	}
	parent := code.Parent()
	if _, used := p.tree.index[parent]; !used && !p.taken[parent] && parent != area.Nation {
		return fail.Invalid("area.no_parent", "area", code.Dotted()).On("moves")
	}
	p.taken[code] = true
	return nil
}

func (p *planner) move(m Move) error {
	if _, err := p.tree.Must(m.From); err != nil {
		return err
	}
	if !m.To.Valid() || m.To.Level() != m.From.Level() || m.From == area.Nation {
		return fail.Invalid("area.move_level", "area", m.To.Dotted()).On("moves")
	}
	if m.From.Level() == area.LevelVillage && p.joins(m.To) {
		return p.merge(m)
	}
	if m.From.Level() == area.LevelDistrict { // a district keeps its storage whatever its code
		p.tenants[m.To] = p.tree.TenantOf(m.From)
	}
	for place := range p.tree.Below(m.From) {
		one := step{Move: Move{From: place.Code, To: m.To + place.Code - m.From}, fromTenant: place.Tenant}
		if place.Code == m.From {
			one.Name = strings.Join(strings.Fields(m.Name), " ")
		} else if place.Code.Level() == area.LevelDistrict {
			p.tenants[one.To] = place.Tenant
		}
		if err := p.take(one.To); err != nil {
			return err
		}
		one.toTenant = p.tenantOf(one.To)
		if one.fromTenant != one.toTenant && p.tree.Writes(one.fromTenant) && !p.written(one.toTenant) {
			return fail.Invalid("area.elsewhere", "area", one.From.Dotted(), "district", p.tree.Name(one.To.District())).On("moves")
		}
		p.steps = append(p.steps, one)
	}
	return nil
}

func (p *planner) tenantOf(code area.Code) area.Tenant {
	if code.Level() < area.LevelDistrict {
		return 0
	}
	if tenant, own := p.tenants[code.District()]; own {
		return tenant
	}
	return p.tree.TenantOf(code)
}

// written reports whether the installation writes, or will write, for the tenant.
func (p *planner) written(tenant area.Tenant) bool {
	if p.tree.Writes(tenant) {
		return true
	}
	for _, made := range p.tenants {
		if made == tenant {
			return true
		}
	}
	return false
}
