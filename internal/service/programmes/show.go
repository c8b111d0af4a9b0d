package programmes

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
)

// ListFilter narrows the lists shown.
type ListFilter struct {
	Tenant    area.Tenant
	Programme programme.ID // "" for all
	State     ListState    // "" for every state but building
}

// Shown is a list with the decree it stands on.
type Shown struct {
	List
	Decree Decree
}

// Lists gives the lists of a district, at most 200, the newest first. They hold figures, nobody's data, so everybody who
// reads the registry anywhere in the district may see them.
func (s *Service) Lists(ctx context.Context, who access.Actor, f ListFilter) ([]Shown, error) {
	if err := within(who, f.Tenant); err != nil {
		return nil, err
	}
	states := []ListState{Draft, Frozen, Ending, Superseded, Undone}
	if f.State != "" {
		states = []ListState{f.State}
	}
	list, err := listsIn(ctx, s.Acts.DB().Direct(), f.Tenant, f.Programme, states...)
	if err != nil {
		return nil, err
	}
	out := make([]Shown, len(list))
	for i, l := range list {
		if out[i], err = s.withDecree(ctx, l); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// List gives one list. Error: programme.no_list.
func (s *Service) List(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Shown, error) {
	if err := within(who, tenant); err != nil {
		return Shown{}, err
	}
	l, err := listByID(ctx, s.Acts.DB().Direct(), tenant, id)
	if err != nil {
		return Shown{}, err
	}
	return s.withDecree(ctx, l)
}

// InForce gives the frozen list of a programme; programme.no_list when there is none.
func (s *Service) InForce(ctx context.Context, who access.Actor, tenant area.Tenant, id programme.ID) (Shown, error) {
	list, err := s.Lists(ctx, who, ListFilter{Tenant: tenant, Programme: id, State: Frozen})
	if err != nil {
		return Shown{}, err
	}
	if len(list) == 0 {
		return Shown{}, fail.NotFound("programme.no_list")
	}
	return list[0], nil
}

func (s *Service) withDecree(ctx context.Context, l List) (Shown, error) {
	d, err := decreeByID(ctx, s.Acts.DB().Direct(), l.Tenant, l.Decree)
	return Shown{l, d}, err
}

// within refuses who may read nothing in a district.
func within(who access.Actor, tenant area.Tenant) error {
	for _, p := range []access.Permission{access.ReadRegistry, access.ReadInsight} {
		if scope := who.ScopeOf(p); !scope.Empty() && (len(scope.Tenants()) == 0 && scope.Nation() || slices.Contains(scope.Tenants(), tenant)) {
			return nil
		}
	}
	return who.Allow(access.ReadRegistry, tenant, area.Nation)
}

// Filter narrows the members of a list.
type Filter struct {
	Tenant area.Tenant
	List   sqldb.ID
	// State narrows to the enrolled or the waiting; of a draft, to those who would be. Ended rows are
	// those of a list that another followed.
	State State
	Area  area.Code // zero: everything the actor may see
	// After continues behind this member.
	After Anchor
	Limit int // at most 200
}

// Anchor is where a list of members goes on: the zero Anchor is its beginning.
type Anchor struct {
	Area     area.Code
	Position int64
}

// Member is a place on a list with who holds it.
type Member struct {
	Enrolment
	Head    string // name of the head of family
	Name    string // of the person, or of the payee; "" when the family has no adult
	NIK     person.NIK
	KK      person.KK
	Address string
	RT, RW  string
	Decile  int64 // that priority looked at
}

// Anchor gives where a list goes on behind the member.
func (m Member) Anchor() Anchor { return Anchor{m.Area, m.Position} }

// Members gives the places of a list in the actor's area, in the order of villages and then of
// priority. It is recorded with a digest of what was shown.
func (s *Service) Members(ctx context.Context, who access.Actor, f Filter) (out []Member, err error) {
	err = s.Acts.View(ctx, who, "programme.members", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadRegistry)
		if err != nil {
			return err
		}
		l, err := listByID(ctx, tx, f.Tenant, f.List)
		if err != nil {
			return err
		}
		f.Limit = min(max(f.Limit, 1), maxList)
		if out, err = s.membersIn(ctx, tx.Tx, scope.Within(f.Area), l, f); err != nil {
			return fmt.Errorf("list members: %w", err)
		}
		home, _ := who.Home()
		return tx.Record(ctx, audit.Entry{Tenant: f.Tenant, Area: home, Subject: f.List, Facts: audit.Shown(out, func(m *Member) sqldb.ID { return m.ID })})
	})
	return out, err
}

// stored gives the state in which a list's rows have what a filter means.
func stored(l List, s State) State {
	draft := l.State == Draft || l.State == Building
	switch {
	case draft && s == Enrolled:
		return Selected
	case draft && s == Waiting:
		return WouldWait
	}
	return s
}

func (s *Service) membersIn(ctx context.Context, tx *sqldb.Tx, scope access.Scope, l List, f Filter) ([]Member, error) {
	rows, err := readMembers(ctx, tx, scope, l, f)
	if err != nil {
		return nil, err
	}
	families, persons := make([]sqldb.ID, 0, len(rows)), make([]sqldb.ID, 0, len(rows))
	for i := range rows {
		families = append(families, rows[i].Family)
		if !rows[i].Person.IsZero() {
			persons = append(persons, rows[i].Person)
		}
	}
	slices.SortFunc(families, compare)
	byFamily, byPerson := map[sqldb.ID]registry.Family{}, map[sqldb.ID]registry.Person{}
	held, err := s.Registry.FamiliesIn(ctx, tx, l.Tenant, slices.Compact(families))
	if err != nil {
		return nil, err
	}
	for _, f := range held {
		byFamily[f.ID] = f
	}
	known, err := s.Registry.PersonsIn(ctx, tx, l.Tenant, persons)
	if err != nil {
		return nil, err
	}
	for _, p := range known {
		byPerson[p.ID] = p
	}
	out := make([]Member, len(rows))
	for i, r := range rows {
		f, p := byFamily[r.Family], byPerson[r.Person]
		k, err := readWorking(r.working)
		if err != nil {
			return nil, err
		}
		out[i] = Member{Enrolment: r, Head: f.HeadName, Name: p.Name, NIK: p.NIK, KK: f.KK, Address: f.Address, RT: f.RT, RW: f.RW, Decile: k.Decile}
	}
	return out, nil
}

const enrolmentColumns = `kabkota, id, version, list_id, programme, family_id, person_id, area_code, position, state, amount, working, valid_from, valid_to, ended_reason`

func scanEnrolment(r sqldb.Row) (e Enrolment, err error) {
	var tenant, code int64
	var from, to string
	err = r.Scan(&tenant, &e.ID, &e.Version, &e.List, &e.Programme, &e.Family, &e.Person, &code, &e.Position, &e.State, &e.Amount, &e.working, &from, &to, &e.EndedReason)
	if err != nil {
		return e, err
	}
	e.Tenant, e.Area = area.Tenant(tenant), area.Code(code)
	if e.From, err = period.ParseDate(from); err != nil || to == "" {
		return e, err
	}
	e.To, err = period.ParseDate(to)
	return e, err
}

func readMembers(ctx context.Context, q sqldb.Querier, scope access.Scope, l List, f Filter) ([]Enrolment, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + enrolmentColumns + ` FROM enrolment WHERE kabkota = ` + a.P(int64(l.Tenant)) + ` AND ` + act.Where(scope, "kabkota", "area_code", a) +
		` AND programme = ` + a.P(string(l.Programme)) + ` AND state = ` + a.P(int64(stored(l, f.State))) + ` AND list_id = ` + a.P(l.ID)
	if f.After != (Anchor{}) {
		query += ` AND (area_code, position) > (` + a.P(int64(f.After.Area)) + `, ` + a.P(f.After.Position) + `)`
	}
	query += ` ORDER BY area_code, position LIMIT ` + a.P(int64(f.Limit))
	return sqldb.Collect(ctx, q, query, a.Values, scanEnrolment)
}
