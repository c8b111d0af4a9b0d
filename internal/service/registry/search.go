package registry

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Filter narrows a list of families.
type Filter struct {
	Area area.Code // zero: everything the actor may see
	// Text is the beginning of a name, a whole NIK or a whole No. KK.
	Text      string
	Decile    int64 // 1..10; 0 any; -1 unranked
	Unmatched bool  // only families with a member who is not padan
	State     State // zero: Active
	// After continues the list behind this family.
	After Family
	Limit int
}

// List gives the families of the actor's area in the order of area and head. It is
// recorded with a digest of what was shown.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) (out []Family, err error) {
	err = s.acts.View(ctx, who, "registry.list", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadRegistry)
		if err != nil {
			return err
		}
		if out, err = s.listIn(ctx, tx, scope.Within(f.Area), f); err != nil {
			return fmt.Errorf("list families: %w", err)
		}
		return tx.Record(ctx, audit.OfReader(who, audit.Shown(out, func(f *Family) sqldb.ID { return f.ID })))
	})
	return out, err
}

const maxList = 200

func (s *Service) listIn(ctx context.Context, q sqldb.Querier, scope access.Scope, f Filter) ([]Family, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + familyColumns + ` FROM family WHERE ` + act.Where(scope, "kabkota", "area_code", a)
	narrow, err := s.listWhere(ctx, q, scope, f, a)
	if err != nil {
		return nil, err
	}
	query += narrow
	if !f.After.ID.IsZero() {
		query += ` AND (area_code, head_name, id) > (` + a.P(int64(f.After.Area)) + `, ` + a.P(f.After.HeadName) + `, ` + a.P(f.After.ID) + `)`
	}
	query += ` ORDER BY area_code, head_name, id LIMIT ` + a.P(int64(min(max(f.Limit, 1), maxList)))
	list, err := sqldb.Collect(ctx, q, query, a.Values, s.scanFamily)
	if err != nil {
		return nil, err
	}
	return list, tellDue(ctx, q, list)
}

// CountList gives how many families a list has in all, wherever it continues; of more than most it gives one more than most,
// so that it costs the same in a village and in the nation. It shows nobody's data and is no act.
func (s *Service) CountList(ctx context.Context, who access.Actor, f Filter, most int64) (n int64, err error) {
	scope := who.ScopeOf(access.ReadRegistry).Within(f.Area)
	if scope.Empty() {
		return 0, nil
	}
	q := s.acts.DB().Direct()
	a := sqldb.NewArgs(q)
	query := `SELECT count(*) FROM (SELECT 1 AS one FROM family WHERE ` + act.Where(scope, "kabkota", "area_code", a)
	narrow, err := s.listWhere(ctx, q, scope, f, a)
	if err != nil {
		return 0, err
	}
	query += narrow + ` LIMIT ` + a.P(most+1) + `) AS counted`
	if err := q.QueryRow(ctx, query, a.Values...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count families: %w", err)
	}
	return n, nil
}

// listWhere narrows families to those of a list, whichever page of it.
func (s *Service) listWhere(ctx context.Context, q sqldb.Querier, scope access.Scope, f Filter, a *sqldb.Args) (string, error) {
	state := f.State
	if state == 0 {
		state = Active
	}
	query := ` AND state = ` + a.P(int64(state))
	text, err := s.textFilter(ctx, q, f.Text, scope, a)
	if err != nil {
		return "", err
	}
	query += text
	switch {
	case f.Decile > 0:
		query += ` AND decile = ` + a.P(f.Decile)
	case f.Decile < 0:
		query += ` AND decile = 0`
	}
	if f.Unmatched {
		query += ` AND unmatched > 0`
	}
	return query, nil
}

// textFilter finds families by a number, sealed as it is, through its keyed hash, and
// by a name through the persons that bear it.
func (s *Service) textFilter(ctx context.Context, q sqldb.Querier, text string, scope access.Scope, a *sqldb.Args) (string, error) {
	if text == "" {
		return "", nil
	}
	if nik, err := person.ParseNIK(text); err == nil {
		member, err := s.hasMember(ctx, q, a, s.NIKHash(nik))
		if err != nil {
			return "", err
		}
		kk, err := person.ParseKK(text)
		if err != nil {
			return ` AND ` + member, nil
		}
		return ` AND (` + member + ` OR kk_hash = ` + a.P(s.KKHash(kk)) + `)`, nil
	}
	if kk, err := person.ParseKK(text); err == nil {
		return ` AND kk_hash = ` + a.P(s.KKHash(kk)), nil
	}
	name := fold(text)
	if len(name) < 2 {
		return "", fail.Invalid("registry.search_short").On("q")
	}
	low, high := name, name+"\uffff"
	return ` AND id IN (SELECT p.family_id FROM person p WHERE ` + act.Where(scope, "p.kabkota", "p.area_code", a) +
		` AND p.state = 1 AND p.name_norm >= ` + a.P(low) + ` AND p.name_norm < ` + a.P(high) + ` ORDER BY p.name_norm LIMIT 2000)`, nil
}

// hasMember is the condition that somebody of a family has a NIK: its holder, or one of those who do not hold it or are
// no longer active, whom the index person_nik knows. The holder is looked up before: a spread database keeps NIKs and persons apart.
func (s *Service) hasMember(ctx context.Context, q sqldb.Querier, a *sqldb.Args, hash sqldb.Hash) (string, error) {
	holders, err := s.HoldersIn(ctx, q, []sqldb.Hash{hash})
	if err != nil {
		return "", fmt.Errorf("find holder: %w", err)
	}
	held := holders[hash] // of nobody both are zero, which no row is
	return `id IN (
		SELECT h.family_id FROM person h WHERE h.kabkota = family.kabkota AND h.kabkota = ` + a.P(int64(held.Tenant)) + ` AND h.id = ` + a.P(held.PersonID) + `
		UNION ALL
		SELECT o.family_id FROM person o
		WHERE o.kabkota = family.kabkota AND o.nik_hash = ` + a.P(hash) + ` AND (o.nik_state <> 1 OR o.state <> 1))`, nil
}

// Card is a family with its members and answers, as its page shows it.
type Card struct {
	Family  Family
	Members []Person
	Answers []Answers
}

// Open shows one family. It is recorded under the family's id.
func (s *Service) Open(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID, purpose string) (c Card, err error) {
	err = s.acts.View(ctx, who, "registry.open", purpose, func(tx *act.Tx) error {
		if c.Family, err = s.FamilyIn(ctx, tx, tenant, id); err != nil {
			return err
		}
		if err := tx.Allow(access.ReadRegistry, tenant, c.Family.Area); err != nil {
			return err
		}
		one := []Family{c.Family}
		if err := tellDue(ctx, tx, one); err != nil {
			return err
		}
		c.Family = one[0]
		if c.Members, err = s.MembersIn(ctx, tx, tenant, id); err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		subjects := []sqldb.ID{id}
		for _, m := range c.Members {
			subjects = append(subjects, m.ID)
		}
		if c.Answers, err = s.AnswersIn(ctx, tx, tenant, subjects); err != nil {
			return fmt.Errorf("read answers: %w", err)
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: c.Family.Area, Subject: id})
	})
	return c, err
}

// Anchor reads where a list goes on: a family the actor may see.
func (s *Service) Anchor(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Family, error) {
	f, err := s.FamilyIn(ctx, s.acts.DB().Direct(), tenant, id)
	if err != nil {
		return f, err
	}
	return f, who.Allow(access.ReadRegistry, tenant, f.Area)
}

// PersonAnchor reads where a list goes on: a person the actor may see.
func (s *Service) PersonAnchor(ctx context.Context, who access.Actor, tenant area.Tenant, id sqldb.ID) (Person, error) {
	p, err := s.PersonIn(ctx, s.acts.DB().Direct(), tenant, id)
	if err != nil {
		return p, err
	}
	return p, who.Allow(access.ReadRegistry, tenant, p.Area)
}
