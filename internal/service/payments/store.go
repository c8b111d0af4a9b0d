package payments

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const cycleColumns = `kabkota, id, version, run_id, list_id, programme, period, own_money, state, rows_count, amount, order_number, ordered_on,
	disbursed, opened_by, closed_by, closed_at, recorded_at`

func scanCycle(r sqldb.Row) (Cycle, error) {
	var c Cycle
	var tenant, own, amount, disbursed, closed, changed int64
	var name, state, ordered string
	err := r.Scan(&tenant, &c.ID, &c.Version, &c.Run, &c.List, &name, &c.Period, &own, &state, &c.Rows, &amount, &c.Order, &ordered,
		&disbursed, &c.OpenedBy, &c.ClosedBy, &closed, &changed)
	if err != nil {
		return c, err
	}
	c.Tenant, c.Programme, c.State, c.OwnMoney = area.Tenant(tenant), programme.ID(name), CycleState(state), own == 1
	c.Amount, c.Disbursed, c.ChangedAt = money.Rupiah(amount), money.Rupiah(disbursed), time.UnixMicro(changed).UTC()
	if closed > 0 {
		c.ClosedAt = time.UnixMicro(closed).UTC()
	}
	return c, readDate(&c.OrderedOn, ordered)
}

// readDate reads a stored date; an empty text leaves the zero Date.
func readDate(into *period.Date, text string) (err error) {
	if text != "" {
		*into, err = period.ParseDate(text)
	}
	return err
}

func cycleIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Cycle, error) {
	c, err := scanCycle(q.QueryRow(ctx, `SELECT `+cycleColumns+` FROM pay_cycle WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(c, err, "read stage", fail.NotFound("payments.cycle_unknown"))
}

func insertCycle(ctx context.Context, tx *act.Tx, c Cycle) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO pay_cycle (kabkota, id, version, run_id, list_id, programme, period, own_money, state, rows_count, amount, opened_by, recorded_at, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		int64(c.Tenant), c.ID, c.Version, c.Run, c.List, string(c.Programme), c.Period, flag(c.OwnMoney), string(c.State), c.Rows, int64(c.Amount),
		c.OpenedBy, tx.Micros(), tx.Act)
	return err
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// keepCycle writes what can change of a stage; another writer's version is a conflict.
func keepCycle(ctx context.Context, tx *act.Tx, c *Cycle) error {
	var closed int64
	if !c.ClosedAt.IsZero() {
		closed = c.ClosedAt.UnixMicro()
	}
	n, err := tx.Exec(ctx, `
		UPDATE pay_cycle SET version = version + 1, run_id = $1, state = $2, rows_count = $3, amount = $4, order_number = $5, ordered_on = $6,
			disbursed = $7, closed_by = $8, closed_at = $9, recorded_at = $10, act_id = $11
		WHERE kabkota = $12 AND id = $13 AND version = $14`,
		c.Run, string(c.State), c.Rows, int64(c.Amount), c.Order, c.OrderedOn.Text(), int64(c.Disbursed), c.ClosedBy, closed, tx.Micros(), tx.Act,
		int64(c.Tenant), c.ID, c.Version)
	if err != nil {
		return fmt.Errorf("keep stage: %w", err)
	}
	if n == 0 {
		return fail.Conflict("payments.changed")
	}
	c.Version++
	return nil
}

func listCycles(ctx context.Context, q sqldb.Querier, tenant area.Tenant, f CycleFilter) ([]Cycle, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + cycleColumns + ` FROM pay_cycle WHERE kabkota = ` + a.P(int64(tenant))
	if f.Programme != "" {
		query += ` AND programme = ` + a.P(string(f.Programme))
	}
	if f.State != "" {
		query += ` AND state = ` + a.P(string(f.State))
	}
	if !f.Before.ID.IsZero() {
		query += ` AND (period, id) < (` + a.P(f.Before.Period) + `, ` + a.P(f.Before.ID) + `)`
	}
	query += ` ORDER BY period DESC, id DESC LIMIT ` + a.P(int64(min(max(f.Limit, 1), maxList)))
	return sqldb.Collect(ctx, q, query, a.Values, scanCycle)
}

// previousCycle gives the stage of the programme before this one, the zero ID when there is none.
func previousCycle(ctx context.Context, q sqldb.Querier, c Cycle) (sqldb.ID, error) {
	var id sqldb.ID
	err := q.QueryRow(ctx, `
		SELECT id FROM pay_cycle
		WHERE kabkota = $1 AND programme = $2 AND period < $3 AND state <> 'cancelled'
		ORDER BY period DESC LIMIT 1`, int64(c.Tenant), string(c.Programme), c.Period).Scan(&id)
	if found, err := sqldb.Found(err); !found {
		return sqldb.ID{}, err
	}
	return id, nil
}

// sum is a number of rows and their money, as stored.
type sum struct {
	rows   int64
	amount money.Rupiah
}

// paidIn sums the rows of a stage.
func paidIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, cycle sqldb.ID) (t sum, err error) {
	var amount int64
	err = q.QueryRow(ctx, `
		SELECT count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM payment
		WHERE kabkota = $1 AND cycle_id = $2`, int64(tenant), cycle).Scan(&t.rows, &amount)
	t.amount = money.Rupiah(amount)
	return t, err
}

const (
	maxList = 200
	inSize  = 400
)

// floor gives a value below every id, since the zero ID is NULL.
func floor(id sqldb.ID) sqldb.ID {
	if id.IsZero() {
		id[15] = 1
	}
	return id
}
