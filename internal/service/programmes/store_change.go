package programmes

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const changeColumns = `kabkota, id, version, enrolment_id, programme, family_id, person_id, area_code, kind, reason, note, payee_before, payee_after,
	state, asked_by, asked_at, decided_by, decided_at, answer, letter_id, lifted_at`

func scanChange(r sqldb.Row) (c Change, err error) {
	var tenant, code, asked, decided, lifted int64
	err = r.Scan(&tenant, &c.ID, &c.Version, &c.Enrolment, &c.Programme, &c.Family, &c.Person, &code, &c.Kind, &c.Reason, &c.Note, &c.Before, &c.Payee,
		&c.State, &c.AskedBy, &asked, &c.DecidedBy, &decided, &c.Answer, &c.Letter, &lifted)
	c.Tenant, c.Area, c.AskedAt = area.Tenant(tenant), area.Code(code), time.UnixMicro(asked).UTC()
	if decided > 0 {
		c.DecidedAt = time.UnixMicro(decided).UTC()
	}
	if lifted > 0 {
		c.LiftedAt = time.UnixMicro(lifted).UTC()
	}
	return c, err
}

// changeByID reads a change. Error: programme.no_change.
func changeByID(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Change, error) {
	c, err := scanChange(q.QueryRow(ctx, `SELECT `+changeColumns+` FROM enrolment_change WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(c, err, "read change", fail.NotFound("programme.no_change"))
}

// changesOf reads what was asked of a place, the newest first.
func changesOf(ctx context.Context, q sqldb.Querier, e Enrolment) ([]Change, error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT `+changeColumns+` FROM enrolment_change
		WHERE kabkota = $1 AND enrolment_id = $2 ORDER BY id DESC LIMIT $3`, []any{int64(e.Tenant), e.ID, int64(maxList)}, scanChange)
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	return list, nil
}

func insertChange(ctx context.Context, tx *act.Tx, c Change) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO enrolment_change (kabkota, id, version, enrolment_id, programme, family_id, person_id, area_code, kind, reason, note, payee_before, payee_after,
			state, asked_by, asked_at, decided_at, answer, lifted_at, recorded_at, act_id)
		VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, '', 0, $16, $17)`,
		int64(c.Tenant), c.ID, c.Enrolment, string(c.Programme), c.Family, c.Person, int64(c.Area), string(c.Kind), c.Reason, c.Note, c.Before, c.Payee,
		string(c.State), c.AskedBy, c.AskedAt.UnixMicro(), tx.Micros(), tx.Act)
	return err
}

// keepChange writes what a decision changes; another's decision is a conflict.
func keepChange(ctx context.Context, tx *act.Tx, c *Change) error {
	n, err := tx.Exec(ctx, `
		UPDATE enrolment_change SET version = version + 1, payee_before = $1, state = $2, decided_by = $3, decided_at = $4, answer = $5, letter_id = $6,
			recorded_at = $7, act_id = $8
		WHERE kabkota = $9 AND id = $10 AND version = $11`,
		c.Before, string(c.State), c.DecidedBy, c.DecidedAt.UnixMicro(), c.Answer, c.Letter, tx.Micros(), tx.Act, int64(c.Tenant), c.ID, c.Version)
	if err != nil {
		return fmt.Errorf("keep change: %w", err)
	}
	if n == 0 {
		return fail.Conflict("programme.change_decided")
	}
	c.Version++
	return nil
}

// liftChanges ends what stood of a family, or a person, in a programme, on whichever list it was decided, before what is
// decided now stands in its stead.
func liftChanges(ctx context.Context, tx *act.Tx, tenant area.Tenant, id programme.ID, of stand) error {
	a := sqldb.NewArgs(tx)
	query := `UPDATE enrolment_change SET version = version + 1, lifted_at = ` + a.P(tx.Micros()) + `, recorded_at = ` + a.P(tx.Micros()) + `, act_id = ` + a.P(tx.Act) + `
		WHERE kabkota = ` + a.P(int64(tenant)) + ` AND programme = ` + a.P(string(id)) + ` AND kind IN ('suspend', 'end') AND family_id = ` + a.P(of.family) +
		` AND state = 'done' AND lifted_at = 0`
	if of.person.IsZero() {
		query += ` AND person_id IS NULL`
	} else {
		query += ` AND person_id = ` + a.P(of.person)
	}
	if _, err := tx.Exec(ctx, query, a.Values...); err != nil {
		return fmt.Errorf("lift changes: %w", err)
	}
	return nil
}

// keepEnrolment writes a place that was changed alone; another's change is a conflict.
func keepEnrolment(ctx context.Context, tx *act.Tx, e Enrolment) error {
	n, err := tx.Exec(ctx, `
		UPDATE enrolment SET version = version + 1, person_id = $1, state = $2, valid_to = $3, ended_reason = $4, recorded_at = $5, act_id = $6
		WHERE kabkota = $7 AND id = $8 AND version = $9`,
		e.Person, int64(e.State), e.To.Text(), e.EndedReason, tx.Micros(), tx.Act, int64(e.Tenant), e.ID, e.Version)
	if err != nil {
		return fmt.Errorf("keep enrolment: %w", err)
	}
	if n == 0 {
		return fail.Conflict("programme.changed")
	}
	return nil
}

// lettersOf gives the letters in force about a place: its award, and what told of a suspension. It reads the register of
// service/letters, which has no reading of its own inside an act.
func lettersOf(ctx context.Context, q sqldb.Querier, e Enrolment) (out []sqldb.ID, err error) {
	err = sqldb.Each(ctx, q, `
		SELECT id, facts FROM letter
		WHERE kabkota = $1 AND subject_id = $2 AND kind IN ('award', 'suspension', 'removal') AND revoked_at = 0 ORDER BY id LIMIT 500`,
		[]any{int64(e.Tenant), e.Family}, func(r sqldb.Row) error {
			var id sqldb.ID
			var text string
			if err := r.Scan(&id, &text); err != nil {
				return err
			}
			var said struct {
				Enrolment sqldb.ID `json:"enrolment"`
			}
			if err := json.Unmarshal([]byte(text), &said); err != nil {
				return err
			}
			if said.Enrolment == e.ID {
				out = append(out, id)
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("look for letters of a place: %w", err)
	}
	return out, nil
}

// stand is whom a standing suspension or end is about: a family, or one person of it.
type stand struct{ family, person sqldb.ID }

// standingIn reads whom a programme has suspended, or ended by decision.
func standingIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id programme.ID, kind ChangeKind) (map[stand]bool, error) {
	out := map[stand]bool{}
	err := sqldb.Each(ctx, q, `
		SELECT family_id, person_id FROM enrolment_change
		WHERE kabkota = $1 AND programme = $2 AND kind = $3 AND state = 'done' AND lifted_at = 0`, []any{int64(tenant), string(id), string(kind)}, func(r sqldb.Row) error {
		var one stand
		err := r.Scan(&one.family, &one.person)
		out[one] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read standing changes: %w", err)
	}
	return out, nil
}

// firstPayees gives who received by a list when it was made, of the places whose payee was changed since.
func firstPayees(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id programme.ID) (map[sqldb.ID]sqldb.ID, error) {
	out := map[sqldb.ID]sqldb.ID{}
	err := sqldb.Each(ctx, q, `
		SELECT enrolment_id, payee_before FROM enrolment_change
		WHERE kabkota = $1 AND programme = $2 AND kind = 'payee' AND state = 'done' AND lifted_at = 0 ORDER BY decided_at, id`, []any{int64(tenant), string(id)}, func(r sqldb.Row) error {
		var enrolment, before sqldb.ID
		err := r.Scan(&enrolment, &before)
		if _, known := out[enrolment]; !known {
			out[enrolment] = before
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read payees of before: %w", err)
	}
	return out, nil
}
