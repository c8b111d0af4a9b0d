package screening

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Filter narrows a list of findings.
type Filter struct {
	Area      area.Code // zero: everything the actor may see
	State     State     // empty: Found, or any state when a family is named
	Criterion string
	Run       sqldb.ID // that made them
	Family    sqldb.ID
	// After continues the list behind this finding.
	After Finding
	Limit int
}

// Queued is a finding in a list, with the names of whom it is about.
type Queued struct {
	Finding
	PersonName string // empty when the family as a whole is hit
	HeadName   string
}

// Queue gives the findings of the actor's area that stand in a state, in the order of the
// areas. It is recorded with a digest of what was shown.
func (s *Service) Queue(ctx context.Context, who access.Actor, f Filter) (out []Queued, err error) {
	err = s.acts.View(ctx, who, "finding.list", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(access.ReadRegistry)
		if err != nil {
			return err
		}
		list, err := queue(ctx, tx, scope.Within(f.Area), f)
		if err != nil {
			return fmt.Errorf("list findings: %w", err)
		}
		if out, err = s.named(ctx, tx, list); err != nil {
			return err
		}
		return tx.Record(ctx, audit.OfReader(who, audit.Shown(list, func(f *Finding) sqldb.ID { return f.ID })))
	})
	return out, err
}

const maxQueue = 200

func queue(ctx context.Context, q sqldb.Querier, scope access.Scope, f Filter) ([]Finding, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + findingColumns + ` FROM finding WHERE ` + act.Where(scope, "kabkota", "area_code", a) + f.where(a)
	if !f.After.ID.IsZero() {
		query += ` AND (area_code, id) > (` + a.P(int64(f.After.Area)) + `, ` + a.P(f.After.ID) + `)`
	}
	query += ` ORDER BY area_code, id LIMIT ` + a.P(int64(min(max(f.Limit, 1), maxQueue)))
	return sqldb.Collect(ctx, q, query, a.Values, scanFinding)
}

// Count gives how many findings a list has in all, wherever it continues; of more than most it gives one more than most.
// It shows nobody's data and is no act.
func (s *Service) Count(ctx context.Context, who access.Actor, f Filter, most int64) (n int64, err error) {
	scope := who.ScopeOf(access.ReadRegistry).Within(f.Area)
	if scope.Empty() {
		return 0, nil
	}
	q := s.acts.DB().Direct()
	a := sqldb.NewArgs(q)
	query := `SELECT count(*) FROM (SELECT 1 AS one FROM finding WHERE ` + act.Where(scope, "kabkota", "area_code", a) + f.where(a) + ` LIMIT ` + a.P(most+1) + `) AS counted`
	if err := q.QueryRow(ctx, query, a.Values...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count findings: %w", err)
	}
	return n, nil
}

// where narrows findings to those of a list, whichever page of it.
func (f Filter) where(a *sqldb.Args) (query string) {
	state := f.State
	if state == "" && f.Family.IsZero() {
		state = Found
	}
	if state != "" {
		query += ` AND state = ` + a.P(string(state))
	}
	if f.Criterion != "" {
		query += ` AND criterion = ` + a.P(f.Criterion)
	}
	if !f.Run.IsZero() {
		query += ` AND run_id = ` + a.P(f.Run)
	}
	if !f.Family.IsZero() {
		query += ` AND family_id = ` + a.P(f.Family)
	}
	return query
}

// named adds names, with two queries a tenant.
func (s *Service) named(ctx context.Context, tx *act.Tx, list []Finding) ([]Queued, error) {
	persons, families := map[area.Tenant][]sqldb.ID{}, map[area.Tenant][]sqldb.ID{}
	for _, f := range list {
		families[f.Tenant] = append(families[f.Tenant], f.Family)
		if !f.Person.IsZero() {
			persons[f.Tenant] = append(persons[f.Tenant], f.Person)
		}
	}
	names := map[sqldb.ID]string{}
	for tenant, ids := range families {
		found, err := s.reg.FamiliesIn(ctx, tx, tenant, ids)
		if err != nil {
			return nil, fmt.Errorf("read families: %w", err)
		}
		for _, f := range found {
			names[f.ID] = f.HeadName
		}
		people, err := s.reg.PersonsIn(ctx, tx, tenant, persons[tenant])
		if err != nil {
			return nil, fmt.Errorf("read persons: %w", err)
		}
		for _, p := range people {
			names[p.ID] = p.Name
		}
	}
	out := make([]Queued, len(list))
	for i, f := range list {
		out[i] = Queued{Finding: f, HeadName: names[f.Family]}
		if !f.Person.IsZero() {
			out[i].PersonName = names[f.Person]
		}
		out[i].Facts.Because = nil // values are for who opens the finding
	}
	return out, nil
}

// OfFamilyIn gives the findings about a family and its members that still stand, the newest first, to a caller that shows
// the family in an act of its own.
func (s *Service) OfFamilyIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, family sqldb.ID) ([]Finding, error) {
	list, err := findingsOf(ctx, q, tenant, []sqldb.ID{family})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(f Finding) bool { return !f.State.Open() })
	slices.SortFunc(list, func(a, b Finding) int { return slices.Compare(b.ID[:], a.ID[:]) })
	return list, nil
}
