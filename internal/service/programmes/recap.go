package programmes

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
)

// RecapRow counts one village's places of one programme in one state.
type RecapRow struct {
	Area      area.Code // village
	Programme programme.ID
	List      sqldb.ID
	State     State
	Places    int64
	Amount    money.Rupiah // for a stage
}

// Recap counts the places of the lists in force by village, programme and state, in that order, for the
// monthly recap. It is of one district.
func (s *Service) Recap(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code) ([]RecapRow, error) {
	if err := who.Allow(access.ReadInsight, tenant, at); err != nil {
		return nil, err
	}
	q := s.Acts.DB().Direct()
	lists, err := listsIn(ctx, q, tenant, "", Frozen)
	if err != nil {
		return nil, err
	}
	var out []RecapRow
	for _, l := range lists {
		rows, err := recapOf(ctx, q, l, at, Enrolled, Waiting, Suspended)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	sortRecap(out)
	return out, nil
}

// RecapOf is Recap for one list, a draft or one that is over too.
func (s *Service) RecapOf(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code, list sqldb.ID) ([]RecapRow, error) {
	if err := who.Allow(access.ReadInsight, tenant, at); err != nil {
		return nil, err
	}
	q := s.Acts.DB().Direct()
	l, err := listByID(ctx, q, tenant, list)
	if err != nil {
		return nil, err
	}
	out, err := recapOf(ctx, q, l, at, Enrolled, Waiting, Suspended, Ended, Selected, WouldWait)
	sortRecap(out)
	return out, err
}

// recapOf counts state by state, so that each count reads one run of the index.
func recapOf(ctx context.Context, q sqldb.Querier, l List, at area.Code, states ...State) ([]RecapRow, error) {
	from, to := at.Range()
	var out []RecapRow
	for _, state := range states {
		err := sqldb.Each(ctx, q, `
			SELECT area_code, count(*), CAST(sum(amount) AS BIGINT) FROM enrolment
			WHERE kabkota = $1 AND programme = $2 AND state = $3 AND area_code >= $4 AND area_code < $5 AND list_id = $6
			GROUP BY area_code`, []any{int64(l.Tenant), string(l.Programme), int64(state), int64(from), int64(to), l.ID}, func(r sqldb.Row) error {
			row := RecapRow{Programme: l.Programme, List: l.ID, State: state}
			var code, amount int64
			err := r.Scan(&code, &row.Places, &amount)
			row.Area, row.Amount = area.Code(code), money.Rupiah(amount)
			out = append(out, row)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("count places of a list: %w", err)
		}
	}
	return out, nil
}
