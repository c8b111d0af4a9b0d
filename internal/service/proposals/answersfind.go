package proposals

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// answering is a list of answers being taken in.
type answering struct {
	s       *Service
	tx      *act.Tx
	tenant  area.Tenant
	byNum   map[string]sqldb.ID
	byHash  map[sqldb.Hash][]sqldb.ID
	byID    map[sqldb.ID]*Row
	moved   []*Row
	decrees map[string]*covering
	used    []*covering // the decrees that took a row, in order
}

// covering is a decree of the file.
type covering struct {
	Decree
	kept bool // it is on record
	used bool // a row of this list was taken under it
}

// find reads the proposals the rows name.
func (a *answering) find(ctx context.Context, rows []AnswerRow) (err error) {
	var numbers []string
	var hashes []sqldb.Hash
	for i := range rows {
		if number, ok := canonical(rows[i].Number); ok {
			numbers = append(numbers, number)
			continue
		}
		for _, h := range []sqldb.Hash{a.s.reg.NIKHash(rows[i].NIK), a.s.reg.KKHash(rows[i].KK)} {
			if !h.IsZero() {
				hashes = append(hashes, h)
			}
		}
	}
	if a.byNum, err = idsByNumber(ctx, a.tx, a.tenant, numbers); err != nil {
		return err
	}
	cases, err := CasesIn(ctx, a.tx, []area.Tenant{a.tenant}, hashes)
	if err != nil {
		return err
	}
	var ids []sqldb.ID
	for _, id := range a.byNum {
		ids = append(ids, id)
	}
	known, err := proposalsAmong(ctx, a.tx, a.tenant, cases)
	if err != nil {
		return err
	}
	a.byHash = map[sqldb.Hash][]sqldb.ID{}
	for _, c := range cases {
		if known[c.Case] {
			a.byHash[c.Hash] = append(a.byHash[c.Hash], c.Case)
			ids = append(ids, c.Case)
		}
	}
	slices.SortFunc(ids, func(x, y sqldb.ID) int { return slices.Compare(x[:], y[:]) })
	list, err := rowsIn(ctx, a.tx, a.tenant, slices.Compact(ids))
	for _, r := range list {
		a.byID[r.ID] = r
	}
	return err
}

// canonical gives a number as it is stored, of what an officer typed.
func canonical(text string) (string, bool) {
	series, year, serial, err := proposal.ParseNumber(text)
	if err != nil || series != proposal.SeriesProposal {
		return "", false
	}
	return proposal.Number(series, year, serial), true
}

func idsByNumber(ctx context.Context, q sqldb.Querier, tenant area.Tenant, numbers []string) (map[string]sqldb.ID, error) {
	out := make(map[string]sqldb.ID, len(numbers))
	for some := range slices.Chunk(numbers, inSize) {
		a := sqldb.NewArgs(q)
		query := `SELECT number, id FROM proposal WHERE kabkota = ` + a.P(int64(tenant)) + ` AND number IN ` + sqldb.In(a, some)
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var number string
			var id sqldb.ID
			err := r.Scan(&number, &id)
			out[number] = id
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("find proposals by number: %w", err)
		}
	}
	return out, nil
}

// proposalsAmong tells which of the cases are proposals that wait for the ministry, or had its answer.
func proposalsAmong(ctx context.Context, q sqldb.Querier, tenant area.Tenant, cases []Found) (map[sqldb.ID]bool, error) {
	out := map[sqldb.ID]bool{}
	states := []string{string(proposal.Endorsed), string(proposal.Forwarded), string(proposal.Established), string(proposal.Refused), string(proposal.Returned)}
	for some := range slices.Chunk(cases, inSize) {
		ids := make([]sqldb.ID, len(some))
		for i, c := range some {
			ids[i] = c.Case
		}
		a := sqldb.NewArgs(q)
		query := `SELECT id FROM proposal WHERE kabkota = ` + a.P(int64(tenant)) + ` AND id IN ` + sqldb.In(a, ids) + ` AND state IN ` + sqldb.In(a, states)
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var id sqldb.ID
			err := r.Scan(&id)
			out[id] = true
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("find proposals by NIK: %w", err)
		}
	}
	return out, nil
}

// named finds the proposal of a row.
func (a *answering) named(in *AnswerRow) (*Row, error) {
	if number, ok := canonical(in.Number); ok {
		if r := a.byID[a.byNum[number]]; r != nil {
			return r, nil
		}
		return nil, fail.NotFound("answer_file.unknown").On("number")
	}
	if in.Number != "" {
		return nil, fail.Invalid("number.format").On("number")
	}
	for _, h := range []sqldb.Hash{a.s.reg.NIKHash(in.NIK), a.s.reg.KKHash(in.KK)} {
		ids := slices.Clone(a.byHash[h])
		if waiting := slices.DeleteFunc(slices.Clone(ids), func(id sqldb.ID) bool { return !waits(a.byID[id].State) }); len(waiting) > 0 {
			ids = waiting // of several proposals of one family, the one that waits is meant
		}
		switch len(ids) {
		case 0:
		case 1:
			return a.byID[ids[0]], nil
		default:
			return nil, fail.Invalid("answer_file.ambiguous", "count", len(ids)).On("nik")
		}
	}
	return nil, fail.NotFound("answer_file.unknown").On("number")
}

func waits(state proposal.State) bool {
	return state == proposal.Endorsed || state == proposal.Forwarded
}
