package proposals

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const inSize = 400

const rowColumns = `kabkota, id, version, number, kind, channel, state, area_code, village_id, family_id, person_id, programme, applicant, document,
	reason, decree_id, due_on, filed_at, filed_by, route, filed_on, answer_by, match_status, request_id`

func scanRow(row sqldb.Row) (*Row, error) {
	r := &Row{}
	var tenant, areaCode, filedAt, match int64
	var applicant, route string
	var personID, filer sqldb.ID
	var due, filedOn, answerBy string
	p := &r.Proposal
	err := row.Scan(&tenant, &r.ID, &r.Version, &p.Number, &p.Kind, &p.Origin, &p.State, &areaCode, &r.Village, &r.Registered, &personID, &p.Programme,
		&applicant, &r.sealed, &p.Reason, &r.Decree, &due, &filedAt, &filer, &route, &filedOn, &answerBy, &match, &r.request)
	if err != nil {
		return r, err
	}
	r.Tenant, p.Area, r.Applicant, r.Match = area.Tenant(tenant), area.Code(areaCode), person.Name(applicant), civilmatch.Status(match)
	r.FiledAt = time.UnixMicro(filedAt).UTC()
	p.ID, p.Family, p.Person, p.Filer, p.Route = r.ID, r.Registered, personID, filer, readRoute(route)
	if r.Registered.IsZero() {
		p.Family = r.ID // a new family has no record before it is determined: the proposal stands for it
	}
	for _, d := range []struct {
		to   *period.Date
		text string
	}{{&p.Due, due}, {&p.FiledOn, filedOn}, {&p.AnswerBy, answerBy}} {
		if err := d.to.UnmarshalText([]byte(d.text)); err != nil {
			return r, err
		}
	}
	return r, nil
}

func writeRoute(r proposal.Route) string {
	return string(r.FieldVisit) + "," + string(r.Subdistrict) + "," + string(r.Forward)
}

func readRoute(text string) proposal.Route {
	parts := append(strings.Split(text, ","), "", "", "")
	return proposal.Route{FieldVisit: proposal.Mode(parts[0]), Subdistrict: proposal.Mode(parts[1]), Forward: proposal.Mode(parts[2])}
}

// rowsIn reads proposals of a tenant with their histories, in the order of the ids given. Error:
// proposal.unknown when one of them is not there.
func rowsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID) ([]*Row, error) {
	found := make(map[sqldb.ID]*Row, len(ids))
	for some := range slices.Chunk(ids, inSize) {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + rowColumns + ` FROM proposal WHERE kabkota = ` + a.P(int64(tenant)) + ` AND id IN ` + sqldb.In(a, some)
		rows, err := sqldb.Collect(ctx, q, query, a.Values, scanRow)
		if err != nil {
			return nil, fmt.Errorf("read proposals: %w", err)
		}
		for _, r := range rows {
			found[r.ID] = r
		}
		if err := eventsIn(ctx, q, tenant, some, found); err != nil {
			return nil, fmt.Errorf("read history of proposals: %w", err)
		}
	}
	out := make([]*Row, len(ids))
	for i, id := range ids {
		if out[i] = found[id]; out[i] == nil {
			return nil, fail.NotFound("proposal.unknown")
		}
	}
	return out, nil
}

// rowIn reads one proposal with its history.
func rowIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (*Row, error) {
	rows, err := rowsIn(ctx, q, tenant, []sqldb.ID{id})
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

const eventColumns = `proposal_id, seq, at, actor_id, role, action, from_state, to_state, reason, on_date, document_id, document_number`

func eventsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, ids []sqldb.ID, into map[sqldb.ID]*Row) error {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + eventColumns + ` FROM proposal_event WHERE kabkota = ` + a.P(int64(tenant)) + ` AND proposal_id IN ` + sqldb.In(a, ids) + ` ORDER BY proposal_id, seq`
	return sqldb.Each(ctx, q, query, a.Values, func(row sqldb.Row) error {
		id, e, _, err := scanEvent(row)
		if r := into[id]; r != nil {
			r.Events = append(r.Events, e)
		}
		return err
	})
}

func scanEvent(row sqldb.Row, more ...any) (id sqldb.ID, e proposal.Event, role access.Role, err error) {
	var seq, at int64
	var actor, document sqldb.ID
	var on string
	to := append([]any{&id, &seq, &at, &actor, &role, &e.Action, &e.From, &e.To, &e.Reason, &on, &document, &e.DocumentNumber}, more...)
	if err = row.Scan(to...); err != nil {
		return
	}
	e.At, e.Document = time.UnixMicro(at).UTC(), document
	if role != System {
		e.By = actor
	}
	err = e.On.UnmarshalText([]byte(on))
	return
}

// insertRows keeps new proposals with their events and the keys they are found by.
func (s *Service) insertRows(ctx context.Context, tx *act.Tx, rows []*Row, keys []Key) error {
	in := sqldb.Insert{Table: "proposal", Columns: []string{
		"kabkota", "id", "version", "number", "kind", "channel", "state", "area_code", "village_id", "family_id", "person_id", "programme",
		"applicant", "applicant_norm", "document", "reason", "note", "decree_id", "due_on", "filed_at", "filed_by", "route", "filed_on", "answer_by",
		"match_status", "request_id", "recorded_at", "act_id",
	}}
	_, err := tx.Bulk(ctx, in, len(rows), func(i int, v []any) {
		r := rows[i]
		copy(v, []any{
			int64(r.Tenant), r.ID, int64(len(r.Events)), r.Number, string(r.Kind), string(r.Origin), string(r.State), int64(r.Area), r.Village,
			r.Registered, sqldb.ID(r.Person), r.Programme, r.Applicant.Plain(), r.Applicant.Fold(), r.sealed, r.Reason, "", r.Decree, r.Due.Text(),
			r.FiledAt.UnixMicro(), sqldb.ID(r.Filer), writeRoute(r.Route), r.FiledOn.Text(), r.AnswerBy.Text(), int64(r.Match), r.request,
			tx.Micros(), tx.Act,
		})
	})
	if err != nil {
		return fmt.Errorf("keep proposals: %w", err)
	}
	if err := s.insertEvents(ctx, tx, rows); err != nil {
		return err
	}
	if len(rows) == 0 {
		return nil
	}
	return PutKeysIn(ctx, tx, rows[0].Tenant, keys)
}

// newEvent is an event that is not kept yet.
type newEvent struct {
	row  *Row
	seq  int
	said []byte
}

// insertEvents appends the events behind the version each row was read with, and moves that version.
func (s *Service) insertEvents(ctx context.Context, tx *act.Tx, rows []*Row) error {
	var list []newEvent
	for _, r := range rows {
		for i := int(r.Version); i < len(r.Events); i++ {
			sealed, err := s.sealSaid(r.words[i])
			if err != nil {
				return err
			}
			list = append(list, newEvent{r, i, sealed})
		}
	}
	in := sqldb.Insert{Table: "proposal_event", Columns: []string{
		"kabkota", "proposal_id", "seq", "at", "actor_id", "role", "action", "from_state", "to_state", "reason", "note", "act_id", "on_date",
		"document_id", "document_number", "said",
	}}
	_, err := tx.Bulk(ctx, in, len(list), func(i int, v []any) {
		n := list[i]
		e, role := n.row.Events[n.seq], n.row.roles[n.seq]
		by := sqldb.ID(e.By)
		if role == System {
			by = s.home.ID
		}
		copy(v, []any{
			int64(n.row.Tenant), n.row.ID, int64(n.seq + 1), e.At.UnixMicro(), by, string(role), string(e.Action), string(e.From), string(e.To), e.Reason,
			"", tx.Act, e.On.Text(), sqldb.ID(e.Document), e.DocumentNumber, orNil(n.said),
		})
	})
	if err != nil {
		return fmt.Errorf("keep history of proposals: %w", err)
	}
	for _, r := range rows {
		r.Version = int64(len(r.Events))
	}
	return nil
}

// updateRows keeps proposals that took a step. One that somebody else moved since it was read
// fails the whole with proposal.changed.
func (s *Service) updateRows(ctx context.Context, tx *act.Tx, rows []*Row) error {
	n, err := tx.ExecEach(ctx, `
		UPDATE proposal SET version = $1, state = $2, due_on = $3, decree_id = $4, family_id = $5, match_status = $6, document = $7, applicant = $8,
			applicant_norm = $9, recorded_at = $10, act_id = $11
		WHERE kabkota = $12 AND id = $13 AND version = $14`, 14, len(rows), func(i int, v []any) {
		r := rows[i]
		copy(v, []any{
			int64(len(r.Events)), string(r.State), r.Due.Text(), r.Decree, r.Registered, int64(r.Match), r.sealed, r.Applicant.Plain(),
			r.Applicant.Fold(), tx.Micros(), tx.Act, int64(r.Tenant), r.ID, r.Version,
		})
	})
	if err != nil {
		return fmt.Errorf("change proposals: %w", err)
	}
	if n != int64(len(rows)) {
		return fail.Conflict("proposal.changed")
	}
	return s.insertEvents(ctx, tx, rows)
}

// keepDocument keeps a document that a repair replaces.
func keepDocument(ctx context.Context, tx *act.Tx, r *Row) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO proposal_document (kabkota, proposal_id, version, replaced_at, act_id, document)
		VALUES ($1, $2, $3, $4, $5, $6)`, int64(r.Tenant), r.ID, r.Version, tx.Micros(), tx.Act, r.sealed)
	if err != nil {
		return fmt.Errorf("keep replaced document: %w", err)
	}
	return nil
}

// byRequest finds what a client's request filed before; found is false when nothing.
func byRequest(ctx context.Context, q sqldb.Querier, tenant area.Tenant, request sqldb.ID) (id sqldb.ID, found bool, err error) {
	if request.IsZero() {
		return id, false, nil
	}
	found, err = sqldb.Found(q.QueryRow(ctx, `SELECT id FROM proposal WHERE kabkota = $1 AND request_id = $2`, int64(tenant), request).Scan(&id))
	return id, found, err
}

func orNil(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
