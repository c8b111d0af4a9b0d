package payments

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// place is where reading a list goes on: behind this position and row.
type place struct {
	position int64
	id       sqldb.ID
}

// String gives the cursor of a run.
func (p place) String() string { return strconv.FormatInt(p.position, 10) + ":" + p.id.String() }

func parsePlace(cursor string) (p place, err error) {
	if cursor == "" {
		return place{position: -1}, nil
	}
	position, id, _ := strings.Cut(cursor, ":")
	if p.position, err = strconv.ParseInt(position, 10, 64); err == nil {
		err = p.id.UnmarshalText([]byte(id))
	}
	if err != nil {
		return p, fmt.Errorf("read cursor %q: %w", cursor, err)
	}
	return p, nil
}

// readClaims reads the next rows that a list pays by priority, each with the family's members or the person
// it is for. The tables enrolment, family and person belong to programmes and registry; they are only read here,
// because a nation's list is millions of rows.
func readClaims(ctx context.Context, q sqldb.Querier, p plan, at place, limit int) ([]claim, place, error) {
	query, args := claimsQuery(q, p, at, limit)
	claims := make([]claim, 0, limit)
	index := make(map[sqldb.ID]int, limit)
	err := sqldb.Each(ctx, q, query, args, func(r sqldb.Row) error {
		c, m, err := scanClaim(r)
		if err != nil {
			return err
		}
		i, known := index[c.enrolment]
		if !known {
			i = len(claims)
			index[c.enrolment] = i
			claims = append(claims, c)
		}
		if !m.id.IsZero() {
			claims[i].members = append(claims[i].members, m)
		}
		return nil
	})
	if err != nil || len(claims) == 0 {
		return nil, at, err
	}
	slices.SortFunc(claims, func(a, b claim) int {
		if a.position != b.position {
			return int(a.position - b.position)
		}
		return slices.Compare(a.enrolment[:], b.enrolment[:])
	})
	last := &claims[len(claims)-1]
	return claims, place{last.position, last.enrolment}, nil
}

func claimsQuery(q sqldb.Querier, p plan, at place, limit int) (string, []any) {
	whose := `m.family_id = e.family_id`
	if p.personal() {
		whose = `m.id = e.person_id`
	}
	a := sqldb.NewArgs(q)
	one := func(which string) string {
		return `SELECT kabkota, id, position, family_id, person_id, amount, area_code FROM (
				SELECT kabkota, id, position, family_id, person_id, amount, area_code FROM enrolment
				WHERE kabkota = ` + a.P(int64(p.cycle.Tenant)) + ` AND list_id = ` + a.P(p.cycle.List) + ` AND ` + which + `
					AND (position, id) > (` + a.P(at.position) + `, ` + a.P(floor(at.id)) + `)
				ORDER BY position, id LIMIT ` + a.P(int64(limit)) + `
			)`
	}
	// owedRow in two halves, each read along its index: of a list that is being followed some rows have ended already.
	query := `
		SELECT e.id, e.position, e.family_id, e.person_id, e.amount, coalesce(f.area_code, e.area_code), coalesce(f.state, 0),
			m.id, coalesce(m.state, 0), coalesce(m.sex, 0), coalesce(m.relation, 0), coalesce(m.birth_date, ''), coalesce(m.match_status, 0)
		FROM (
			` + one(`state = 1`) + ` enrolled
			UNION ALL
			` + one(`state = 4 AND ended_reason IN ('continues', 'not_selected')`) + ` ended
			ORDER BY position, id LIMIT ` + a.P(int64(limit)) + `
		) e
		LEFT JOIN family f ON f.kabkota = e.kabkota AND f.id = e.family_id
		LEFT JOIN person m ON m.kabkota = e.kabkota AND ` + whose
	return query, a.Values
}

func scanClaim(r sqldb.Row) (c claim, m member, err error) {
	var amount, code, state, sex, relation, match int64
	var birth string
	err = r.Scan(&c.enrolment, &c.position, &c.family, &c.person, &amount, &code, &c.state, &m.id, &state, &sex, &relation, &birth, &match)
	if err != nil {
		return c, m, err
	}
	c.amount, c.area = money.Rupiah(amount), area.Code(code)
	m.sex, m.relation = person.Sex(sex), person.Relation(relation)
	m.active = registry.State(state) == registry.Active
	m.dead = registry.State(state) == registry.Died || civilmatch.Status(match) == civilmatch.Dead
	if birth != "" {
		m.birth, err = period.ParseDate(birth)
	}
	return c, m, err
}

// carryOver gives rows the account, and the way of payment, that the same person had in the stage before.
func carryOver(ctx context.Context, q sqldb.Querier, p plan, rows []entitlement) error {
	if p.previous.IsZero() {
		return nil
	}
	byPerson := make(map[sqldb.ID][]int, len(rows))
	persons := make([]sqldb.ID, 0, len(rows))
	for i := range rows {
		if id := rows[i].person; !id.IsZero() {
			byPerson[id] = append(byPerson[id], i)
			persons = append(persons, id)
		}
	}
	for some := range slices.Chunk(persons, inSize) {
		a := sqldb.NewArgs(q)
		query := `SELECT person_id, account, channel FROM payment WHERE kabkota = ` + a.P(int64(p.cycle.Tenant)) + ` AND ` + inStage("cycle_id", a.P(p.previous)) +
			` AND person_id IN ` + sqldb.In(a, some)
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			var account []byte
			var channel string
			if err := r.Scan(&id, &account, &channel); err != nil {
				return err
			}
			for _, i := range byPerson[id] {
				rows[i].account = account
				if slices.Contains(p.programme.Payment.Channels, channel) {
					rows[i].channel = channel
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read accounts of the stage before: %w", err)
		}
	}
	return nil
}

// inStage narrows to a stage without offering the stage's index: where the rows are looked up by id or person,
// SQLite without statistics would read the whole stage for every look-up.
func inStage(column, placeholder string) string {
	return `coalesce(` + column + `, ` + column + `) = ` + placeholder
}
