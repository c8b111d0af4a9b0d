package payments

import (
	"context"

	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// The tables programme_list and enrolment belong to programmes; they are only read here: a stage is paid from the list
// exactly as it was in force.

// owedRow picks the rows that a list pays: the enrolled ones, and when another list has followed, those that were
// enrolled until it came. Who was suspended then, waited, or was ended by a decision is not paid.
const owedRow = `(state = 1 OR state = 4 AND ended_reason IN ('continues', 'not_selected'))`

func scanList(r sqldb.Row) (l List, err error) {
	var month string
	if err = r.Scan(&l.ID, &l.Programme, &l.State, &month); err != nil {
		return l, err
	}
	l.From, err = period.ParseMonth(month)
	return l, err
}

// listIn reads one list. Error: payments.list_unknown.
func listIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (List, error) {
	l, err := scanList(q.QueryRow(ctx, `SELECT id, programme, state, period FROM programme_list WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(l, err, "read list", fail.NotFound("payments.list_unknown").On("list"))
}

// decidedLists reads the lists of a programme that came into force in or before a month: the latest month first, of one
// month the one that is in force, then the one that was last.
func decidedLists(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id programme.ID, until period.Month) ([]List, error) {
	return sqldb.Collect(ctx, q, `
		SELECT id, programme, state, period FROM programme_list
		WHERE kabkota = $1 AND programme = $2 AND period <= $3 AND state IN ('frozen', 'ending', 'superseded')
		ORDER BY period DESC, CASE state WHEN 'frozen' THEN 0 WHEN 'ending' THEN 1 ELSE 2 END, recorded_at DESC, id DESC
		LIMIT $4`, []any{int64(tenant), string(id), until.Text(), int64(maxList)}, scanList)
}

// enrolledIn sums what a list owes.
func enrolledIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, list sqldb.ID) (t sum, err error) {
	var amount int64
	err = q.QueryRow(ctx, `
		SELECT count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM enrolment
		WHERE kabkota = $1 AND list_id = $2 AND `+owedRow, int64(tenant), list).Scan(&t.rows, &amount)
	t.amount = money.Rupiah(amount)
	return t, err
}
