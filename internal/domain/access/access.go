// Package access decides who may do what, where: roles, permissions and the one
// table between them, held against an area.
package access

import (
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
)

// Role is a post a person holds in an area (docs/glossary.md has each with its Indonesian name).
type Role string

// Permission names one thing that can be done.
type Permission string

// Grant is a role in an area. Tenants are the districts the area holds rows of,
// resolved by service/areas; they are not derived from the code, since codes are re-issued.
type Grant struct {
	Role    Role
	Area    area.Code
	Tenants []area.Tenant
}

// Actor is a signed-in person with the grants in force now.
type Actor struct {
	ID     [16]byte
	Name   string
	Login  string
	Grants []Grant
}

// Can reports whether the actor has the permission anywhere.
func (a Actor) Can(p Permission) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role.Has(p) })
}

// Allow refuses with access.denied unless a grant with the permission covers the
// place: its tenant and its area code.
func (a Actor) Allow(p Permission, tenant area.Tenant, at area.Code) error {
	if a.ID == ([16]byte{}) {
		return fail.Unauthorized("access.nobody")
	}
	for _, g := range a.Grants {
		if g.Role.Has(p) && g.covers(tenant, at) {
			return nil
		}
	}
	return fail.Forbidden("access.denied", "permission", string(p))
}

func (g Grant) covers(tenant area.Tenant, at area.Code) bool {
	if !g.Area.Contains(at) {
		return false
	}
	return g.Area == area.Nation || tenant == 0 || slices.Contains(g.Tenants, tenant)
}

// RoleFor gives the first role of the actor that has the permission at the place, for the audit entry.
func (a Actor) RoleFor(p Permission, tenant area.Tenant, at area.Code) Role {
	for _, g := range a.Grants {
		if g.Role.Has(p) && g.covers(tenant, at) {
			return g.Role
		}
	}
	return ""
}

// Roles lists the roles the actor holds, each once, in the order of the grants.
func (a Actor) Roles() []Role {
	var out []Role
	for _, g := range a.Grants {
		if !slices.Contains(out, g.Role) {
			out = append(out, g.Role)
		}
	}
	return out
}

// Home gives the widest area the actor works in, and its tenants.
func (a Actor) Home() (area.Code, []area.Tenant) {
	if len(a.Grants) == 0 {
		return area.Nation, nil
	}
	widest := a.Grants[0]
	for _, g := range a.Grants[1:] {
		if g.Area.Level() < widest.Area.Level() {
			widest = g
		}
	}
	return widest.Area, widest.Tenants
}

// OtherPerson refuses when the checker is the maker: work that changes people's
// lives needs two persons.
func OtherPerson(maker [16]byte, checker Actor) error {
	if maker == checker.ID {
		return fail.Forbidden("access.same_person")
	}
	return nil
}

// Gone reports whether an error says that somebody may not act any more in whose name work was going on: her account is
// suspended or not there, or she has lost the right. Such work halts until somebody else takes it over.
func Gone(err error) bool {
	switch fail.CodeOf(err) {
	case "account.suspended", "access.nobody", "access.denied":
		return true
	}
	return false
}

// Scope is the part of the registry an actor may list with a permission. Only
// Actor.ScopeOf makes one; the zero Scope sees nothing.
type Scope struct {
	nation  bool
	ranges  []Range
	tenants []area.Tenant
}

// Range is a half-open range of area codes.
type Range struct{ From, To area.Code }

// ScopeOf gives the scope in which the actor has the permission.
func (a Actor) ScopeOf(p Permission) Scope {
	var s Scope
	for _, g := range a.Grants {
		if !g.Role.Has(p) {
			continue
		}
		s.nation = s.nation || g.Area == area.Nation
		from, to := g.Area.Range()
		if r := (Range{from, to}); !slices.Contains(s.ranges, r) {
			s.ranges = append(s.ranges, r)
		}
		for _, t := range g.Tenants {
			if !slices.Contains(s.tenants, t) {
				s.tenants = append(s.tenants, t)
			}
		}
	}
	return s
}

// Within narrows the scope to an area; what lies outside the scope stays outside.
func (s Scope) Within(at area.Code) Scope {
	if at == area.Nation {
		return s
	}
	from, to := at.Range()
	out := Scope{tenants: s.tenants}
	if s.nation {
		out.ranges = []Range{{from, to}}
		return out
	}
	for _, r := range s.ranges {
		if lo, hi := max(r.From, from), min(r.To, to); lo < hi {
			out.ranges = append(out.ranges, Range{lo, hi})
		}
	}
	return out
}

// Empty reports whether the scope sees nothing.
func (s Scope) Empty() bool { return !s.nation && len(s.ranges) == 0 }

// Nation reports whether the scope sees everything.
func (s Scope) Nation() bool { return s.nation }

// Ranges gives the area ranges, none when the scope is the nation.
func (s Scope) Ranges() []Range { return s.ranges }

// Tenants gives the storage tenants the scope reaches; for the nation it may be empty, which means all.
func (s Scope) Tenants() []area.Tenant { return s.tenants }

// Contains reports whether an area lies inside the scope.
func (s Scope) Contains(at area.Code) bool {
	if s.nation {
		return true
	}
	return slices.ContainsFunc(s.ranges, func(r Range) bool { return r.From <= at && at < r.To })
}
