package grievances

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// maxList bounds a page of a list.
const maxList = 200

// Filter narrows the queue. A filter that is zero narrows nothing.
type Filter struct {
	Area    area.Code
	Kind    Kind
	Topic   string
	State   string
	Tab     Tab
	Open    bool        // only what an office still owes something about
	DueBy   period.Date // due on this day or before
	Officer sqldb.ID    // only what is assigned to this officer
	Number  string
	// AfterDue and AfterID continue the list behind this case.
	AfterDue period.Date
	AfterID  sqldb.ID
	Limit    int // at most 200
}

// Line is a case in the queue: nothing in it tells who filed it.
type Line struct {
	Tenant   area.Tenant
	ID       sqldb.ID
	Version  int64
	Number   string
	Kind     Kind
	Topic    string
	State    string
	Area     area.Code
	Subject  sqldb.ID
	Officer  sqldb.ID
	Above    bool
	Joined   int
	FiledOn  period.Date
	AnswerBy period.Date
	Due      period.Date
	Overdue  int // days
}

// Count is how many cases are in a state, and how many of them are late.
type Count struct{ All, Overdue int64 }

// Page is a page of the queue with the counts of every kind and state.
type Page struct {
	Lines  []Line
	Counts map[Kind]map[string]Count
	Today  period.Date
}

// handling gives the permission by which the actor handles cases: officers by the first, the head of
// the agency, who decides late objections, by the second.
func handling(who access.Actor) access.Permission {
	if who.Can(access.HandleGrievance) || !who.Can(access.ApproveProposal) {
		return access.HandleGrievance
	}
	return access.ApproveProposal
}

// Queue lists the cases the actor handles, those due first before the others. A village's officer sees
// what is handled in the village. It is recorded with a digest of what was shown.
func (s *Service) Queue(ctx context.Context, who access.Actor, f Filter) (p Page, err error) {
	permission := handling(who)
	err = s.acts.View(ctx, who, "grievance.queue", "", func(tx *act.Tx) error {
		scope, err := tx.AllowList(permission)
		if err != nil {
			return err
		}
		home, _ := who.Home()
		p = Page{Today: s.places.LocalDate(home, tx.Now)}
		if p.Lines, err = s.linesIn(ctx, tx, permission, scope, f); err != nil {
			return err
		}
		if p.Counts, err = countsIn(ctx, tx, tx.Who, permission, scope, f.Area, p.Today); err != nil {
			return err
		}
		return tx.Record(ctx, audit.OfReader(who, audit.Shown(p.Lines, func(l *Line) sqldb.ID { return l.ID })))
	})
	return p, err
}

// openStates lists the states in which an office owes something.
func openStates() []string {
	return []string{
		string(proposal.ObjectionFiled), string(proposal.ObjectionAssigned), string(proposal.ObjectionFieldCheck), string(proposal.ObjectionEscalated),
		string(grievance.Received), string(grievance.Assigned), string(grievance.AwaitInfo), string(grievance.Escalated),
	}
}

func (s *Service) linesIn(ctx context.Context, tx *act.Tx, p access.Permission, scope access.Scope, f Filter) ([]Line, error) {
	a := sqldb.NewArgs(tx)
	query := `SELECT kabkota, id, version, number, kind, topic, state, area_code, subject_id, officer_id, above, joined, filed_on, answer_by, due_on
		FROM grievance WHERE ` + where(tx.Who, p, scope.Within(f.Area), f.Area, "kabkota", a)
	for _, one := range []struct{ column, value string }{{"kind", string(f.Kind)}, {"topic", f.Topic}, {"state", f.State}, {"number", f.Number}} {
		if one.value != "" {
			query += ` AND ` + one.column + ` = ` + a.P(one.value)
		}
	}
	if f.Open {
		query += ` AND state IN ` + sqldb.In(a, openStates())
	}
	if states := f.Tab.States(); len(states) > 0 {
		query += ` AND state IN ` + sqldb.In(a, states)
	}
	if !f.DueBy.IsZero() {
		query += ` AND due_on <> '' AND due_on <= ` + a.P(f.DueBy.Text())
	}
	if !f.Officer.IsZero() {
		query += ` AND officer_id = ` + a.P(f.Officer)
	}
	if !f.AfterID.IsZero() {
		query += ` AND (due_on, id) > (` + a.P(f.AfterDue.Text()) + `, ` + a.P(f.AfterID) + `)`
	}
	query += ` ORDER BY due_on, id LIMIT ` + a.P(int64(min(max(f.Limit, 1), maxList)))
	lines, err := sqldb.Collect(ctx, tx, query, a.Values, func(r sqldb.Row) (Line, error) { return scanLine(r) })
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	for i := range lines {
		l := &lines[i]
		l.Overdue = (&Row{Kind: l.Kind, State: l.State, Due: l.Due}).Overdue(s.places.LocalDate(l.Area, tx.Now))
	}
	return lines, nil
}

func scanLine(row sqldb.Row) (l Line, err error) {
	var tenant, areaCode, above, joined int64
	var filed, answer, due string
	err = row.Scan(&tenant, &l.ID, &l.Version, &l.Number, &l.Kind, &l.Topic, &l.State, &areaCode, &l.Subject, &l.Officer, &above, &joined, &filed, &answer, &due)
	if err != nil {
		return l, err
	}
	l.Tenant, l.Area, l.Above, l.Joined = area.Tenant(tenant), area.Code(areaCode), above == 1, int(joined)
	for _, d := range []struct {
		to   *period.Date
		text string
	}{{&l.FiledOn, filed}, {&l.AnswerBy, answer}, {&l.Due, due}} {
		if err = d.to.UnmarshalText([]byte(d.text)); err != nil {
			return l, err
		}
	}
	return l, nil
}

func countsIn(ctx context.Context, q sqldb.Querier, who access.Actor, p access.Permission, scope access.Scope, within area.Code, today period.Date) (map[Kind]map[string]Count, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT kind, state, count(*), CAST(coalesce(sum(CASE WHEN due_on <> '' AND due_on < ` + a.P(today.Text()) + ` THEN 1 ELSE 0 END), 0) AS BIGINT)
		FROM grievance WHERE ` + where(who, p, scope.Within(within), within, "kabkota", a) + ` GROUP BY kind, state`
	out := map[Kind]map[string]Count{Objection: {}, Complaint: {}}
	err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var kind Kind
		var state string
		var c Count
		if err := r.Scan(&kind, &state, &c.All, &c.Overdue); err != nil {
			return err
		}
		if out[kind] == nil {
			out[kind] = map[string]Count{}
		}
		out[kind][state] = c
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count cases: %w", err)
	}
	return out, nil
}

// Figures counts the open and the late cases of an area, for the home page. They show nobody's data.
func (s *Service) Figures(ctx context.Context, who access.Actor, at area.Code) (open, late int64, err error) {
	scope := who.ScopeOf(access.ReadInsight).Within(at)
	if scope.Empty() {
		return 0, 0, who.Allow(access.ReadInsight, s.places.TenantOf(at), at)
	}
	home, _ := who.Home()
	q := s.acts.DB().Direct()
	a := sqldb.NewArgs(q)
	query := `SELECT count(*), CAST(coalesce(sum(CASE WHEN due_on <> '' AND due_on < ` + a.P(s.places.LocalDate(home, s.acts.Now()).Text()) + ` THEN 1 ELSE 0 END), 0) AS BIGINT)
		FROM grievance WHERE ` + act.Where(scope, "kabkota", "area_code", a) + ` AND state IN ` + sqldb.In(a, openStates())
	if err := q.QueryRow(ctx, query, a.Values...).Scan(&open, &late); err != nil {
		return 0, 0, fmt.Errorf("count open cases: %w", err)
	}
	return open, late, nil
}
