package programmes

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// makerOf gives who made the run of a list. It reads the table of service/runs: the rule that nobody
// approves her own list spans two runs.
func makerOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, run sqldb.ID) (id sqldb.ID, err error) {
	if err = q.QueryRow(ctx, `SELECT created_by FROM run WHERE kabkota = $1 AND id = $2`, int64(tenant), run).Scan(&id); err != nil {
		return id, fmt.Errorf("read who made a list: %w", err)
	}
	return id, nil
}

func setDecree(ctx context.Context, tx *act.Tx, l List, decree sqldb.ID) error {
	if _, err := tx.Exec(ctx, `UPDATE programme_list SET decree_id = $1 WHERE kabkota = $2 AND id = $3`, decree, int64(l.Tenant), l.ID); err != nil {
		return fmt.Errorf("set decree of list: %w", err)
	}
	return nil
}

// addRows adds the rows of a list to its digest in the order of priority, whatever became of them since.
// They are read as they were written and put in order here.
func addRows(ctx context.Context, q sqldb.Querier, l List, h *digest) error {
	type line struct {
		family, person sqldb.ID
		amount         int64
	}
	lines, found := make([]line, l.Demand), int64(0)
	payees, err := firstPayees(ctx, q, l.Tenant, l.Programme)
	if err != nil {
		return err
	}
	for after, more := behind(l, sqldb.ID{}), true; more; {
		read := 0
		err := sqldb.Each(ctx, q, `
			SELECT id, list_id, position, family_id, person_id, amount FROM enrolment
			WHERE kabkota = $1 AND id > $2
			ORDER BY id LIMIT $3`, []any{int64(l.Tenant), after, int64(digestPage)}, func(r sqldb.Row) error {
			var position int64
			var list sqldb.ID
			var o line
			err := r.Scan(&after, &list, &position, &o.family, &o.person, &o.amount)
			read++
			switch {
			case err != nil || list != l.ID:
				return err
			case position < 1 || position > l.Demand:
				return fail.Conflict("programme.digest", "programme", string(l.Programme), "period", l.Period.Text())
			}
			if before, changed := payees[after]; changed {
				o.person = before
			}
			lines[position-1] = o
			found++
			return nil
		})
		if err != nil {
			return err
		}
		more = read == digestPage && found < l.Demand
	}
	var all int64
	if err := q.QueryRow(ctx, `SELECT count(*) FROM enrolment WHERE kabkota = $1 AND list_id = $2`, int64(l.Tenant), l.ID).Scan(&all); err != nil {
		return err
	}
	if all != l.Demand { // somebody put a row more into the list, or took one out
		return fail.Conflict("programme.digest", "programme", string(l.Programme), "period", l.Period.Text())
	}
	for i, o := range lines {
		h.add(int64(i)+1, o.family, o.person, o.amount)
	}
	return nil
}

// digestPage is how many rows are read at a time for a digest.
const digestPage = 50_000

// enforceRows gives the rows of a draft behind one, up to another, their states in force. They are found by their ids: a planner
// that has not seen the list yet takes it for short and would read all of it for every few thousand rows.
func enforceRows(ctx context.Context, tx *act.Tx, l List, after, upTo sqldb.ID) error {
	_, err := tx.Exec(ctx, `
		UPDATE enrolment SET version = version + 1, state = CASE state WHEN 5 THEN 1 ELSE 2 END, recorded_at = $1, act_id = $2
		WHERE kabkota = $3 AND id > $4 AND id <= $5 AND CASE WHEN list_id = $6 THEN 1 ELSE 0 END = 1 AND state IN (5, 6)`,
		tx.Micros(), tx.Act, int64(l.Tenant), after, upTo, l.ID)
	if err != nil {
		return fmt.Errorf("put rows of a list in force: %w", err)
	}
	return nil
}

// suspendRows suspends rows of a list in force whose family or person stood suspended on the list before: a new list takes no
// decision back.
func suspendRows(ctx context.Context, tx *act.Tx, l List, rows []placed) error {
	_, err := tx.ExecEach(ctx, `
		UPDATE enrolment SET version = version + 1, state = 3, recorded_at = $1, act_id = $2
		WHERE kabkota = $3 AND id = $4 AND state = 1`, 4, len(rows), func(i int, v []any) {
		v[0], v[1], v[2], v[3] = tx.Micros(), tx.Act, int64(l.Tenant), rows[i].enrolment
	})
	if err != nil {
		return fmt.Errorf("keep rows suspended: %w", err)
	}
	return nil
}

// suspended gives the rows with a place whose family or person stands suspended.
func (s *Service) suspended(ctx context.Context, l List, rows []placed) ([]placed, error) {
	p, err := s.Set(l.AsOf).Programme(l.Programme)
	if err != nil {
		return nil, err
	}
	stands, err := standingIn(ctx, s.Acts.DB().Direct(), l.Tenant, l.Programme, Suspend)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r placed) bool {
		one := stand{family: r.family}
		if personal(p) {
			one.person = r.person
		}
		return r.state != Selected || !stands[one]
	}), nil
}

// gone gives the enrolled among rows of an old list who have no place on the new one.
func (s *Service) gone(ctx context.Context, old, now List, rows []placed) ([]placed, error) {
	p, err := s.Set(old.AsOf).Programme(old.Programme)
	if err != nil {
		return nil, err
	}
	column, who := "family_id", func(r placed) sqldb.ID { return r.family }
	if personal(p) {
		column, who = "person_id", func(r placed) sqldb.ID { return r.person }
	}
	left := slices.DeleteFunc(slices.Clone(rows), func(r placed) bool { return r.state != Enrolled && r.state != Suspended })
	stay := map[sqldb.ID]bool{}
	for some := range slices.Chunk(left, inSize) {
		ids := make([]sqldb.ID, len(some))
		for i := range some {
			ids[i] = who(some[i])
		}
		a := sqldb.NewArgs(s.Acts.DB().Direct())
		query := `SELECT ` + column + ` FROM enrolment WHERE kabkota = ` + a.P(int64(old.Tenant)) + ` AND ` + column + ` IN ` + sqldb.In(a, ids) +
			` AND list_id = ` + a.P(now.ID) + ` AND state IN (1, 5)`
		err := sqldb.Each(ctx, s.Acts.DB().Direct(), query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			err := r.Scan(&id)
			stay[id] = true
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read who has a place again: %w", err)
		}
	}
	return slices.DeleteFunc(left, func(r placed) bool { return stay[who(r)] }), nil
}

// endRows ends the rows of an old list behind one, up to another: who has no place any more, who goes on, and who waited.
// A suspended row keeps that it was: stages of the old list's time are paid from it later.
func endRows(ctx context.Context, tx *act.Tx, old, now List, gone []placed, after, upTo sqldb.ID) (runs.Tally, error) {
	last := lastDay(old, now).Text()
	n, err := tx.ExecEach(ctx, `
		UPDATE enrolment SET version = version + 1, state = 4, valid_to = $1, ended_reason = CASE state WHEN 3 THEN 'suspended' ELSE $2 END,
			recorded_at = $3, act_id = $4
		WHERE kabkota = $5 AND id = $6 AND state IN (1, 3)`, 6, len(gone), func(i int, v []any) {
		v[0], v[1], v[2], v[3], v[4], v[5] = last, EndedNotSelected, tx.Micros(), tx.Act, int64(old.Tenant), gone[i].enrolment
	})
	if err != nil {
		return nil, fmt.Errorf("end enrolments: %w", err)
	}
	tally := runs.Tally{"enrolments_ended": n}
	for _, rest := range []struct {
		name   string
		states [2]State
		reason string
	}{{"continued", [2]State{Enrolled, Suspended}, EndedContinues}, {"no_longer_waiting", [2]State{Waiting, Waiting}, EndedListOver}} {
		n, err := tx.Exec(ctx, `
			UPDATE enrolment SET version = version + 1, state = 4, valid_to = $1, ended_reason = CASE state WHEN 3 THEN 'suspended' ELSE $2 END,
				recorded_at = $3, act_id = $4
			WHERE kabkota = $5 AND id > $6 AND id <= $7 AND list_id = $8 AND state IN ($9, $10)`,
			last, rest.reason, tx.Micros(), tx.Act, int64(old.Tenant), after, upTo, old.ID, int64(rest.states[0]), int64(rest.states[1]))
		if err != nil {
			return nil, fmt.Errorf("end rows of a list: %w", err)
		}
		tally[rest.name] = n
	}
	return tally, nil
}

// lastDay is the last day of an old list: the day before the new one, or its own first day when both are of
// one month.
func lastDay(old, now List) period.Date {
	first, last := old.Period.First(), now.Period.First().AddDays(-1)
	if last.Before(first) {
		return first
	}
	return last
}
