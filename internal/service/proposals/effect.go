package proposals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/registry"
)

// sourceOf names the source of a family that came by a proposal, so that the same proposal never
// makes a second one.
func sourceOf(number string) string { return "USULAN-" + number }

// effectIn does to the registry what the established of the proposals say. Enrolments change
// nothing in it: the programme's own list takes them up.
func (s *Service) effectIn(ctx context.Context, tx *act.Tx, rows []*Row) error {
	families := map[area.Tenant][]*Row{}
	for _, r := range rows {
		if r.State != proposal.Established {
			continue
		}
		var err error
		switch r.Kind {
		case proposal.NewFamily:
			families[s.storage(r)] = append(families[s.storage(r)], r)
		case proposal.Removal:
			err = s.removeIn(ctx, tx, r)
		case proposal.Reactivation:
			err = s.reactivateIn(ctx, tx, r)
		}
		if err != nil {
			return fmt.Errorf("carry out %s: %w", r.Number, err)
		}
	}
	for _, tenant := range sortedTenants(families) {
		if err := s.registerIn(ctx, tx, tenant, families[tenant]); err != nil {
			return fmt.Errorf("register families: %w", err)
		}
	}
	return nil
}

// storage gives the tenant the people of a proposal are stored in today: their village may have gone
// to another district since it was filed, and they with it.
func (s *Service) storage(r *Row) area.Tenant {
	if tenant := s.places.TenantOf(r.Area); tenant != 0 {
		return tenant
	}
	return r.Tenant
}

func sortedTenants(m map[area.Tenant][]*Row) []area.Tenant {
	var out []area.Tenant
	for t := range m {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// registerIn puts new families into the registry, by the same rules of identity as any source, and
// notes for each proposal which family came of it.
func (s *Service) registerIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []*Row) error {
	var incoming []registry.Incoming
	for _, r := range rows {
		d, err := s.open(r.sealed)
		if err != nil {
			return err
		}
		some, err := s.incoming(r, d)
		if err != nil {
			return err
		}
		incoming = append(incoming, some...)
	}
	if _, err := s.reg.LoadIn(ctx, tx, tenant, incoming); err != nil {
		return err
	}
	persons, err := loadedIn(ctx, tx, tenant, rows)
	if err != nil {
		return err
	}
	var ids []sqldb.ID
	for _, list := range persons {
		ids = append(ids, list...)
	}
	people, err := s.reg.PersonsIn(ctx, tx, tenant, ids)
	if err != nil {
		return err
	}
	byID := make(map[sqldb.ID]registry.Person, len(people))
	for _, p := range people {
		byID[p.ID] = p
	}
	for _, r := range rows {
		for _, id := range persons[sourceOf(r.Number)] { // the head first
			if p, ok := byID[id]; ok && r.Registered.IsZero() {
				r.Registered = p.FamilyID
			}
		}
	}
	return s.rematchIn(ctx, tx, people)
}

// rematchIn compares the new people at once where that needs no network; the others wait for the
// next match as everybody does.
func (s *Service) rematchIn(ctx context.Context, tx *act.Tx, people []registry.Person) error {
	if s.civil == nil || !s.matcher.Local() {
		return nil
	}
	for _, p := range people {
		if p.State != registry.Active || p.Match != civilmatch.Pending {
			continue
		}
		if _, err := s.civil.RematchIn(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// incoming gives the people of a document as rows of a source, the head first.
func (s *Service) incoming(r *Row, d Document) ([]registry.Incoming, error) {
	members := slices.Clone(d.Members)
	slices.SortStableFunc(members, func(a, b Member) int { return place(a) - place(b) })
	out := make([]registry.Incoming, len(members))
	for i, m := range members {
		in := registry.Incoming{
			Line: int64(i + 1), Source: sourceOf(r.Number), SourceDate: d.collected(r.FiledOn).Text(), RowID: rowID(r.Number, i), RegistryID: r.Number, KK: d.KK, NIK: m.NIK,
			Name: m.Name.Plain(), Sex: m.Sex, BirthPlace: m.BirthPlace, BirthDate: m.BirthDate, MotherName: m.MotherName.Plain(), Relation: m.Relation,
			Address: d.Address, RT: d.RT, RW: d.RW, Area: r.Area, VillageID: r.Village, Phone: d.Phone, Questionnaire: d.Questionnaire,
		}
		var err error
		if in.PersonAnswers, err = answersJSON(m.Answers); err != nil {
			return nil, err
		}
		if i == 0 {
			if in.FamilyAnswers, err = answersJSON(d.Answers); err != nil {
				return nil, err
			}
		}
		s.reg.Ready(&in, fmt.Appendf(nil, "%s/%s/%d", r.Number, r.ID, i))
		out[i] = in
	}
	return out, nil
}

// rowID numbers the people of a proposal so that their texts sort as their numbers do. It holds the
// proposal's number too: a load knows its rows apart by it.
func rowID(number string, i int) string { return fmt.Sprintf("%s/%03d", number, i+1) }

// place puts the head before the others.
func place(m Member) int {
	if m.Relation == person.Head {
		return 0
	}
	return 1
}

func answersJSON(a questionnaire.Answers) (string, error) {
	if len(a) == 0 {
		return "", nil
	}
	text, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("write answers: %w", err)
	}
	return string(text), nil
}

// loadedIn reads who came of each proposal's source, the head first. It reads source_record, which
// belongs to registry: LoadIn tells counts only.
func loadedIn(ctx context.Context, tx *act.Tx, tenant area.Tenant, rows []*Row) (map[string][]sqldb.ID, error) {
	out := map[string][]sqldb.ID{}
	for some := range slices.Chunk(rows, inSize) {
		sources := make([]string, len(some))
		for i, r := range some {
			sources[i] = sourceOf(r.Number)
		}
		a := sqldb.NewArgs(tx)
		query := `SELECT source, person_id FROM source_record WHERE kabkota = ` + a.P(int64(tenant)) + ` AND source IN ` + sqldb.In(a, sources) + ` ORDER BY source, row_id`
		err := sqldb.Each(ctx, tx, query, a.Values, func(row sqldb.Row) error {
			var source string
			var id sqldb.ID
			err := row.Scan(&source, &id)
			out[source] = append(out[source], id)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read whom the proposals brought: %w", err)
		}
	}
	return out, nil
}

// endings says as what somebody leaves the registry for a reason; every other reason just ends her.
func endings(reason string) registry.State {
	switch reason {
	case "dead", "died":
		return registry.Died
	case "moved":
		return registry.MovedOut
	}
	return registry.Ended
}

// removeIn takes those a removal is about off the registry. Who is gone already stays as she is; a
// family nobody is left of is ended too.
func (s *Service) removeIn(ctx context.Context, tx *act.Tx, r *Row) error {
	members, err := s.reg.MembersIn(ctx, tx, s.storage(r), r.Registered)
	if err != nil {
		return err
	}
	left := 0
	for _, m := range members {
		switch {
		case m.State != registry.Active:
		case r.Person != [16]byte{} && m.ID != sqldb.ID(r.Person):
			left++
		default:
			if _, err := s.reg.EndPersonIn(ctx, tx, s.storage(r), m.ID, endings(r.Reason), r.Reason); err != nil {
				return err
			}
		}
	}
	if left > 0 {
		return nil
	}
	return s.setFamilyIn(ctx, tx, r, registry.Active, registry.Ended)
}

// reactivateIn brings back those a reactivation is about, and their family.
func (s *Service) reactivateIn(ctx context.Context, tx *act.Tx, r *Row) error {
	members, err := s.reg.MembersIn(ctx, tx, s.storage(r), r.Registered)
	if err != nil {
		return err
	}
	for _, m := range members {
		if !comesBack(m, sqldb.ID(r.Person), r.Reason) {
			continue
		}
		back, err := s.reg.RestorePersonIn(ctx, tx, s.storage(r), m.ID)
		if err != nil {
			return err
		}
		if err := s.askAboutLivingIn(ctx, tx, r, back); err != nil {
			return err
		}
	}
	return s.setFamilyIn(ctx, tx, r, registry.Ended, registry.Active)
}

// askAboutLivingIn has the civil registry asked again about somebody recorded as dead by mistake, in the name of who filed for her: as
// long as it calls her dead nobody pays her.
func (s *Service) askAboutLivingIn(ctx context.Context, tx *act.Tx, r *Row, p registry.Person) error {
	if s.civil == nil || r.Reason != StillAlive {
		return nil
	}
	return s.civil.AskAgainIn(ctx, tx, p, sqldb.ID(r.Filer))
}

// setFamilyIn moves a family from one state to another; in any other state it stays.
func (s *Service) setFamilyIn(ctx context.Context, tx *act.Tx, r *Row, from, to registry.State) error {
	f, err := s.reg.FamilyIn(ctx, tx, s.storage(r), r.Registered)
	if err != nil || f.State != from {
		return err
	}
	f.State = to
	_, err = s.reg.ChangeFamilyIn(ctx, tx, f)
	return err
}
