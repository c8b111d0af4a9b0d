package duplicates

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const notePurpose = seal.Purpose("pair_note")

const pairColumns = `l.kabkota, l.id, l.version, l.left_id, l.right_id, l.right_kabkota, l.area_code, l.right_area, l.kind, l.weight,
	l.probability, l.reasons, l.state, l.decision, l.note, l.decided_by, l.decided_at`

func (s *Service) scanPair(row sqldb.Row) (Pair, error) {
	var p Pair
	var tenant, right, leftArea, rightArea, decided int64
	var note []byte
	err := row.Scan(&tenant, &p.ID, &p.Version, &p.Left.ID, &p.Right.ID, &right, &leftArea, &rightArea, &p.Kind, &p.Weight,
		&p.Probability, &p.reasons, &p.State, &p.Decision, &note, &p.DecidedBy, &decided)
	if err != nil {
		return p, err
	}
	p.Tenant, p.Left.Tenant, p.Right.Tenant = area.Tenant(tenant), area.Tenant(tenant), area.Tenant(right)
	p.Area, p.RightArea = area.Code(leftArea), area.Code(rightArea)
	p.DecidedAt = instant(decided)
	if p.Note, err = s.openNote(note); err != nil {
		return p, fmt.Errorf("open note of pair %s: %w", p.ID, err)
	}
	return p, nil
}

// pairIn reads a pair; duplicates.unknown when there is none.
func (s *Service) pairIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Pair, error) {
	p, err := s.scanPair(q.QueryRow(ctx, `SELECT `+pairColumns+` FROM link_pair l WHERE l.kabkota = $1 AND l.id = $2`, int64(tenant), id))
	return sqldb.Sole(p, err, "read pair", fail.NotFound("duplicates.unknown"))
}

// changePair keeps what can change of a pair; another writer's version is a conflict.
func (s *Service) changePair(ctx context.Context, tx *act.Tx, p *Pair) error {
	n, err := tx.Exec(ctx, `
		UPDATE link_pair SET version = version + 1, state = $1, decision = $2, note = $3, decided_by = $4, decided_at = $5, recorded_at = $6, act_id = $7
		WHERE kabkota = $8 AND id = $9 AND version = $10`,
		string(p.State), p.Decision, s.sealNote(p.Note), p.DecidedBy, micros(p.DecidedAt), tx.Micros(), tx.Act, int64(p.Tenant), p.ID, p.Version)
	if err != nil {
		return fmt.Errorf("change pair: %w", err)
	}
	if n == 0 {
		return fail.Conflict("duplicates.changed")
	}
	p.Version++
	return nil
}

// known is a pair there already, as a run sees it.
type known struct {
	id      sqldb.ID
	keeper  area.Tenant
	state   State
	weighed bool           // by the model in use
	tenants [2]area.Tenant // of the persons, in the order of sides
}

// sides is a pair of persons, whichever stands left.
type sides [2]sqldb.ID

func sidesOf(a, b sqldb.ID) sides {
	if before(b, a) {
		a, b = b, a
	}
	return sides{a, b}
}

func compareSides(x, y sides) int {
	return cmp.Or(bytes.Compare(x[0][:], y[0][:]), bytes.Compare(x[1][:], y[1][:]))
}

// knownPairs reads the pairs of which a person lives in the district, whoever keeps them.
func (s *Service) knownPairs(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (map[sides]known, error) {
	out := map[sides]known{}
	ours := `{"model":"` + s.model.Version() + `"`
	scan := func(r sqldb.Row) error {
		var k known
		var keeper, other int64
		var left, right sqldb.ID
		var probability float64
		var reasons string
		err := r.Scan(&keeper, &other, &k.id, &left, &right, &k.state, &probability, &reasons)
		k.keeper, k.tenants = area.Tenant(keeper), [2]area.Tenant{area.Tenant(keeper), area.Tenant(other)}
		k.weighed = probability > 0 && strings.HasPrefix(reasons, ours)
		if before(right, left) {
			k.tenants[0], k.tenants[1] = k.tenants[1], k.tenants[0]
		}
		out[sidesOf(left, right)] = k
		return err
	}
	for _, where := range []string{
		`kabkota = $1`,
		`right_kabkota = $1 AND kabkota <> $1`, // -- national: kept by the other person's district
	} {
		query := `SELECT kabkota, right_kabkota, id, left_id, right_id, state, probability, reasons FROM link_pair WHERE ` + where
		if err := sqldb.Each(ctx, q, query, []any{int64(tenant)}, scan); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// line is a pair as a list gives it, with the place by which it is listed.
type line struct {
	pair Pair
	at   area.Code
}

// listPairs reads a page of pairs of which the left person, or only the right one, lives in
// the scope.
func (s *Service) listPairs(ctx context.Context, q sqldb.Querier, scope access.Scope, f Filter, right bool) ([]line, error) {
	a := sqldb.NewArgs(q)
	at, where := "l.area_code", ""
	if right {
		// -- national: the other side of the pair lives in any district (kabkota)
		at = "l.right_area"
		where = act.Where(scope, "l.right_kabkota", at, a) + ` AND NOT (` + act.Where(scope, "l.kabkota", "l.area_code", a) + `)`
	} else {
		where = act.Where(scope, "l.kabkota", at, a)
	}
	from := ` FROM link_pair l`
	if f.State == Open || f.State == Awaiting {
		from += bothThere
		where += ` AND ` + nobodyKnows(a)
	}
	query := `SELECT ` + pairColumns + from + ` WHERE ` + where + ` AND l.state = ` + a.P(string(f.State))
	if f.Kind != "" {
		query += ` AND l.kind = ` + a.P(string(f.Kind))
	}
	if !f.After.ID.IsZero() {
		query += ` AND (` + at + `, l.id) > (` + a.P(int64(f.After.Area)) + `, ` + a.P(f.After.ID) + `)`
	}
	query += ` ORDER BY ` + at + `, l.id LIMIT ` + a.P(int64(f.Limit))
	return sqldb.Collect(ctx, q, query, a.Values, func(r sqldb.Row) (line, error) {
		p, err := s.scanPair(r)
		l := line{p, p.Area}
		if right {
			l.at = p.RightArea
		}
		return l, err
	})
}

// bothThere leaves out pairs of which one is gone, by whatever way: they ask for no decision any more.
const bothThere = ` JOIN person a ON a.kabkota = l.kabkota AND a.id = l.left_id AND a.state = 1
	JOIN person b ON b.kabkota = l.right_kabkota AND b.id = l.right_id AND b.state = 1`

// nobodyKnows leaves out pairs of two whom the civil registry has come to know as two since they were queued.
func nobodyKnows(a *sqldb.Args) string {
	return `NOT (a.match_status = ` + a.P(int64(civilmatch.Matched)) + ` AND b.match_status = ` + a.P(int64(civilmatch.Matched)) + ` AND a.nik_hash <> b.nik_hash)`
}

// countPairs counts the waiting pairs that listPairs would list.
func countPairs(ctx context.Context, q sqldb.Querier, scope access.Scope) (int64, error) {
	a := sqldb.NewArgs(q)
	// -- national: one side lives in the scope, the other anywhere (kabkota)
	query := `SELECT count(*) FROM link_pair l` + bothThere + ` WHERE l.state = ` + a.P(string(Open)) +
		` AND (` + act.Where(scope, "l.kabkota", "l.area_code", a) + ` OR ` + act.Where(scope, "l.right_kabkota", "l.right_area", a) + `) AND ` + nobodyKnows(a)
	var n int64
	err := q.QueryRow(ctx, query, a.Values...).Scan(&n)
	return n, err
}
