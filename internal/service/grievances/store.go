package grievances

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/proposals"
)

const rowColumns = `kabkota, id, version, number, kind, topic, state, area_code, subject_id, proposal_id, finding_id, filer_id, officer_id, above, reason,
	joined, filed_on, answer_by, due_on, outcome, request_id, document`

func scanRow(row sqldb.Row) (*Row, error) {
	r := &Row{}
	var tenant, areaCode, above, joined int64
	var filed, answer, due string
	err := row.Scan(&tenant, &r.ID, &r.Version, &r.Number, &r.Kind, &r.Topic, &r.State, &areaCode, &r.Subject, &r.Proposal, &r.Finding, &r.Filer, &r.Officer,
		&above, &r.Reason, &joined, &filed, &answer, &due, &r.Outcome, &r.request, &r.sealed)
	if err != nil {
		return r, err
	}
	r.Tenant, r.Area, r.Above, r.Joined = area.Tenant(tenant), area.Code(areaCode), above == 1, int(joined)
	for _, d := range []struct {
		to   *period.Date
		text string
	}{{&r.FiledOn, filed}, {&r.AnswerBy, answer}, {&r.Due, due}} {
		if err := d.to.UnmarshalText([]byte(d.text)); err != nil {
			return r, err
		}
	}
	return r, nil
}

// rowIn reads one case with its history, whose words stay sealed. Error: grievance.unknown.
func rowIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (*Row, error) {
	r, err := scanRow(q.QueryRow(ctx, `SELECT `+rowColumns+` FROM grievance WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	if found, err := sqldb.Found(err); !found {
		if err != nil {
			return nil, fmt.Errorf("read case: %w", err)
		}
		return nil, fail.NotFound("grievance.unknown")
	}
	err = sqldb.Each(ctx, q, `SELECT `+eventColumns+` FROM grievance_event WHERE kabkota = $1 AND grievance_id = $2 ORDER BY seq`, []any{int64(tenant), id}, func(row sqldb.Row) error {
		e, _, err := scanEvent(row)
		r.Events = append(r.Events, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read history of case: %w", err)
	}
	return r, nil
}

const eventColumns = `at, on_date, actor_id, role, action, from_state, to_state, document_id, said`

func scanEvent(row sqldb.Row) (e Event, sealed []byte, err error) {
	var at int64
	var on string
	if err = row.Scan(&at, &on, &e.By, &e.Role, &e.Action, &e.From, &e.To, &e.Document, &sealed); err != nil {
		return e, nil, err
	}
	e.At = time.UnixMicro(at).UTC()
	return e, sealed, e.On.UnmarshalText([]byte(on))
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// insertRows keeps new cases with their histories.
func (s *Service) insertRows(ctx context.Context, tx *act.Tx, rows []*Row) error {
	in := sqldb.Insert{Table: "grievance", Columns: []string{
		"kabkota", "id", "version", "number", "kind", "topic", "state", "area_code", "subject_id", "proposal_id", "finding_id", "filer_id", "officer_id",
		"above", "reason", "joined", "filed_on", "answer_by", "due_on", "outcome", "request_id", "document", "recorded_at", "act_id",
	}}
	_, err := tx.Bulk(ctx, in, len(rows), func(i int, v []any) {
		r := rows[i]
		copy(v, []any{
			int64(r.Tenant), r.ID, int64(len(r.Events)), r.Number, string(r.Kind), r.Topic, r.State, int64(r.Area), r.Subject, r.Proposal, r.Finding, r.Filer, r.Officer,
			flag(r.Above), r.Reason, int64(r.Joined), r.FiledOn.Text(), r.AnswerBy.Text(), r.Due.Text(), r.Outcome, r.request, r.sealed, tx.Micros(), tx.Act,
		})
	})
	if err != nil {
		return fmt.Errorf("keep cases: %w", err)
	}
	return s.insertEvents(ctx, tx, rows)
}

// insertEvents appends the events behind the version each row was read with, and moves that version.
func (s *Service) insertEvents(ctx context.Context, tx *act.Tx, rows []*Row) error {
	type newEvent struct {
		row  *Row
		seq  int
		said []byte
	}
	var list []newEvent
	for _, r := range rows {
		for i := int(r.Version); i < len(r.Events); i++ {
			sealed, err := s.sealSaid(r.Events[i])
			if err != nil {
				return err
			}
			list = append(list, newEvent{r, i, sealed})
		}
	}
	in := sqldb.Insert{Table: "grievance_event", Columns: []string{
		"kabkota", "grievance_id", "seq", "at", "on_date", "actor_id", "role", "action", "from_state", "to_state", "document_id", "said", "act_id",
	}}
	_, err := tx.Bulk(ctx, in, len(list), func(i int, v []any) {
		n := list[i]
		e := n.row.Events[n.seq]
		var said any
		if n.said != nil {
			said = n.said
		}
		copy(v, []any{
			int64(n.row.Tenant), n.row.ID, int64(n.seq + 1), e.At.UnixMicro(), e.On.Text(), e.By, string(e.Role), e.Action, e.From, e.To, e.Document, said, tx.Act,
		})
	})
	if err != nil {
		return fmt.Errorf("keep history of cases: %w", err)
	}
	for _, r := range rows {
		r.Version = int64(len(r.Events))
	}
	return nil
}

// updateRow keeps a case that took a step. Error: grievance.changed when somebody else was faster.
func (s *Service) updateRow(ctx context.Context, tx *act.Tx, r *Row) error {
	n, err := tx.Exec(ctx, `
		UPDATE grievance SET version = $1, state = $2, subject_id = $3, officer_id = $4, above = $5, joined = $6, due_on = $7, outcome = $8,
			recorded_at = $9, act_id = $10
		WHERE kabkota = $11 AND id = $12 AND version = $13`,
		int64(len(r.Events)), r.State, r.Subject, r.Officer, flag(r.Above), int64(r.Joined), r.Due.Text(), r.Outcome, tx.Micros(), tx.Act, int64(r.Tenant), r.ID, r.Version)
	if err != nil {
		return fmt.Errorf("change case: %w", err)
	}
	if n == 0 {
		return fail.Conflict("grievance.changed", "state", r.State)
	}
	return s.insertEvents(ctx, tx, []*Row{r})
}

// sameOpen finds an open objection of the topic to a family, in the tenants it may have been filed in; zero when there is none.
func sameOpen(ctx context.Context, q sqldb.Querier, tenants []area.Tenant, topic string, subject sqldb.ID) (same proposals.Found, err error) {
	if subject.IsZero() {
		return same, nil
	}
	a := sqldb.NewArgs(q)
	query := `SELECT kabkota, id FROM grievance WHERE kabkota IN ` + sqldb.In(a, tenants) + ` AND subject_id = ` + a.P(subject) + ` AND kind = ` + a.P(string(Objection)) +
		` AND topic = ` + a.P(topic) + ` AND outcome = '' ORDER BY id LIMIT 1`
	var tenant int64
	if _, err = sqldb.Found(q.QueryRow(ctx, query, a.Values...).Scan(&tenant, &same.Case)); err != nil {
		return same, fmt.Errorf("look for the same objection: %w", err)
	}
	same.Tenant = area.Tenant(tenant)
	return same, nil
}

// storage gives where the families of a case's village are kept today: a case stays where it was filed, a family goes with its area.
func (s *Service) storage(r *Row) area.Tenant {
	if tenant := s.places.TenantOf(r.Area); tenant != 0 {
		return tenant
	}
	return r.Tenant
}

// dueIn gives cases of a tenant that may be late by the day, in states from which time takes them on.
func dueIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, states []string, before period.Date, most int) ([]sqldb.ID, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT id FROM grievance WHERE kabkota = ` + a.P(int64(tenant)) + ` AND state IN ` + sqldb.In(a, states) + ` AND due_on <> '' AND due_on < ` + a.P(before.Text()) +
		` ORDER BY due_on, id LIMIT ` + a.P(int64(most))
	ids, err := sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (id sqldb.ID, err error) {
		err = r.Scan(&id)
		return id, err
	})
	if err != nil {
		return nil, fmt.Errorf("read late cases: %w", err)
	}
	return ids, nil
}

// where limits a list to what the actor may handle: cases of the village level in her villages, those
// of the district's level where she works for a whole district.
func where(who access.Actor, p access.Permission, scope access.Scope, within area.Code, tenantColumn string, a *sqldb.Args) string {
	wide := who
	wide.Grants = slices.DeleteFunc(slices.Clone(who.Grants), func(g access.Grant) bool { return g.Area.Level() > area.LevelDistrict })
	return `((above = 0 AND ` + act.Where(scope, tenantColumn, "area_code", a) + `) OR (above = 1 AND ` +
		act.Where(wide.ScopeOf(p).Within(within), tenantColumn, "area_code", a) + `))`
}
