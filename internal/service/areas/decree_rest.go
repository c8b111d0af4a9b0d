package areas

import (
	"cmp"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// stepKind is what a step does.
type stepKind uint8

const (
	stepRecode stepKind = iota // the area gets another code, or its families that of the area it is merged into
	stepRename
	stepFound // a village comes into being
	stepEnd
)

// kind follows from the codes of a step, as they are kept.
func (m step) kind() stepKind {
	switch {
	case m.From == area.Nation:
		return stepFound
	case m.To == area.Nation:
		return stepEnd
	case m.From == m.To:
		return stepRename
	}
	return stepRecode
}

// checkOwn wants a past date of every difference that has one of its own.
func (d *Decree) checkOwn(today period.Date) error {
	var own []Own
	for _, n := range d.New {
		own = append(own, n.Own)
	}
	for _, m := range d.Moves {
		own = append(own, m.Own)
	}
	for _, r := range d.Renames {
		own = append(own, r.Own)
	}
	for _, e := range d.Ends {
		own = append(own, e.Own)
	}
	for _, o := range own {
		if !o.On.IsZero() && (!o.On.IsFull() || o.On.After(today)) {
			return fail.Invalid("area.decree_date").On("from")
		}
	}
	return nil
}

// joins reports whether a code is that of a village which is there, and stays.
func (p *planner) joins(code area.Code) bool {
	_, used := p.tree.index[code]
	return used && !p.leaves[code]
}

// merge lets the families of a village go to another that keeps its code.
func (p *planner) merge(m Move) error {
	from, err := p.tree.Must(m.From)
	if err != nil {
		return err
	}
	one := step{Move: Move{From: m.From, To: m.To}, fromTenant: from.Tenant, toTenant: p.tenantOf(m.To)}
	if one.fromTenant != one.toTenant && p.tree.Writes(one.fromTenant) && !p.written(one.toTenant) {
		return fail.Invalid("area.elsewhere", "area", one.From.Dotted(), "district", p.tree.Name(one.To.District())).On("moves")
	}
	p.steps = append(p.steps, one)
	return nil
}

// rest adds what keeps its code, what is new below districts, and what ends, the deepest first.
func (p *planner) rest(d Decree) error {
	for _, n := range d.New {
		if n.Code.Level() != area.LevelVillage {
			continue
		}
		if err := p.take(n.Code); err != nil {
			return err
		}
		tenant := p.tenantOf(n.Code)
		p.steps = append(p.steps, step{Move: Move{To: n.Code, Name: n.Name}, fromTenant: tenant, toTenant: tenant})
	}
	for _, r := range d.Renames {
		place, err := p.tree.Must(r.Code)
		if err != nil {
			return err
		}
		name := strings.Join(strings.Fields(r.Name), " ")
		p.steps = append(p.steps, step{Move: Move{From: r.Code, To: r.Code, Name: name}, fromTenant: place.Tenant, toTenant: place.Tenant})
	}
	ends := slices.Clone(d.Ends)
	slices.SortFunc(ends, func(a, b End) int {
		return cmp.Or(cmp.Compare(b.Code.Level(), a.Code.Level()), cmp.Compare(a.Code, b.Code))
	})
	for _, e := range ends {
		place, err := p.tree.Must(e.Code)
		if err != nil {
			return err
		}
		p.steps = append(p.steps, step{Move: Move{From: e.Code}, fromTenant: place.Tenant, toTenant: place.Tenant})
	}
	return nil
}

// ownOf finds the difference a step is of: that of its code, or of the area it went along with.
func (d Decree) ownOf(m step) (own Own, bps string) {
	switch m.kind() {
	case stepFound:
		for _, n := range d.New {
			if n.Code == m.To {
				return n.Own, n.BPS
			}
		}
	case stepRename:
		for _, r := range d.Renames {
			if r.Code == m.From {
				return r.Own, r.BPS
			}
		}
	case stepEnd:
		for _, e := range d.Ends {
			if e.Code == m.From {
				return e.Own, ""
			}
		}
	default:
		for _, one := range d.Moves {
			if one.From == m.From {
				return one.Own, one.BPS
			}
			if one.From.Contains(m.From) {
				own = one.Own
			}
		}
	}
	return own, ""
}
