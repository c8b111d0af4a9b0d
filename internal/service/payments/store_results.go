package payments

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tepat/internal/domain/period"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// paymentsByID reads payments of a stage with the NIK of the one who receives them. The table person belongs
// to registry and is only read: a bank's file is held against the whole stage.
func paymentsByID(ctx context.Context, q sqldb.Querier, c Cycle, ids []sqldb.ID) (map[sqldb.ID]matched, error) {
	out := make(map[sqldb.ID]matched, len(ids))
	for some := range slices.Chunk(ids, inSize) {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + rowColumns + `, m.nik_hash FROM payment p LEFT JOIN person m ON m.kabkota = p.kabkota AND m.id = p.person_id
			WHERE p.kabkota = ` + a.P(int64(c.Tenant)) + ` AND ` + inStage("p.cycle_id", a.P(c.ID)) + ` AND p.id IN ` + sqldb.In(a, some)
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			m, err := scanMatched(r)
			out[m.id] = m
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// paymentsByNIK reads payments of a stage by the NIK of the one who receives them, whether she holds it, claims it
// beside its holder, or is no longer active.
func paymentsByNIK(ctx context.Context, q sqldb.Querier, c Cycle, hashes []sqldb.Hash) (map[sqldb.Hash][]matched, error) {
	out := make(map[sqldb.Hash][]matched, len(hashes))
	slices.SortFunc(hashes, func(a, b sqldb.Hash) int { return slices.Compare(a[:], b[:]) })
	for some := range slices.Chunk(slices.Compact(hashes), inSize) {
		held, err := personsByNIK(ctx, q, c, some)
		if err != nil {
			return nil, err
		}
		if err := besideHolders(ctx, q, c, some, held); err != nil {
			return nil, err
		}
		if err := paymentsTo(ctx, q, c, held, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scanMatched(r sqldb.Row) (matched, error) {
	var m matched
	targets, done := m.fields()
	if err := r.Scan(append(targets, &m.nik)...); err != nil {
		return m, err
	}
	return m, done()
}

// besideHolders adds who claims NIKs beside their holders, or is no longer active.
func besideHolders(ctx context.Context, q sqldb.Querier, c Cycle, hashes []sqldb.Hash, held map[sqldb.ID][]sqldb.Hash) error {
	a := sqldb.NewArgs(q)
	query := `SELECT o.id, o.nik_hash FROM person o
		WHERE o.kabkota = ` + a.P(int64(c.Tenant)) + ` AND o.nik_hash IN ` + sqldb.In(a, hashes) + ` AND (o.nik_state <> 1 OR o.state <> 1)`
	return eachHash(ctx, q, query, a, held)
}

// paymentsTo reads the payments of a stage to persons, under each NIK they are known by.
func paymentsTo(ctx context.Context, q sqldb.Querier, c Cycle, held map[sqldb.ID][]sqldb.Hash, out map[sqldb.Hash][]matched) error {
	ids := make([]sqldb.ID, 0, len(held))
	for id := range held {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b sqldb.ID) int { return slices.Compare(a[:], b[:]) })
	for some := range slices.Chunk(ids, inSize) {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + rowColumns + ` FROM payment p WHERE p.kabkota = ` + a.P(int64(c.Tenant)) + ` AND p.person_id IN ` + sqldb.In(a, some) + ` AND ` + inStage("p.cycle_id", a.P(c.ID))
		rows, err := sqldb.Collect(ctx, q, query, a.Values, scanRow)
		if err != nil {
			return err
		}
		for _, p := range rows {
			for _, hash := range held[p.person] {
				out[hash] = append(out[hash], matched{row: p, nik: hash})
			}
		}
	}
	return nil
}

// findingDocument is a row of the bank as a finding keeps it: JSON, sealed as a whole.
type findingDocument struct {
	Line       int64       `json:"line"`
	NIK        string      `json:"nik,omitempty"`
	Account    string      `json:"account,omitempty"`
	CreditedOn period.Date `json:"credited_on"`
	UsedOn     period.Date `json:"used_on"`
	ReturnedOn period.Date `json:"returned_on"`
}

// findingPurpose binds the digest by which the same row is found once.
const findingPurpose = seal.Purpose("pay.finding")

// insertFindings keeps rows that were not taken; one that is on record already stays as it is, also when it
// was settled.
func (s *Service) insertFindings(ctx context.Context, tx *act.Tx, c Cycle, list []finding) error {
	documents, ids := make([][]byte, 0, len(list)), make([]sqldb.ID, 0, len(list))
	seen, kept := map[sqldb.ID]bool{}, list[:0:0]
	for _, f := range list {
		d := findingDocument{Account: f.row.Account.Plain(), CreditedOn: f.row.CreditedOn, UsedOn: f.row.UsedOn, ReturnedOn: f.row.ReturnedOn}
		if !f.row.NIK.IsZero() {
			d.NIK = f.row.NIK.Plain()
		}
		identity, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("keep finding: %w", err)
		}
		id := sqldb.ID(s.keys.Blind(findingPurpose, fmt.Appendf(nil, "%s %s %s %d %s %s", c.ID, f.kind, f.payment, f.row.Amount, f.row.Code, identity)))
		if seen[id] {
			continue
		}
		seen[id], d.Line = true, f.row.Line
		text, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("keep finding: %w", err)
		}
		documents, ids, kept = append(documents, s.keys.Seal(nil, seal.History, text)), append(ids, id), append(kept, f)
	}
	in := sqldb.Insert{Table: "pay_finding", OnConflict: "(kabkota, id) DO NOTHING", Columns: []string{
		"kabkota", "id", "cycle_id", "payment_id", "kind", "amount", "code", "document", "state", "settled_at", "recorded_at", "act_id",
	}}
	_, err := tx.Bulk(ctx, in, len(kept), func(i int, v []any) {
		f := &kept[i]
		v[0], v[1], v[2], v[3], v[4], v[5] = int64(c.Tenant), ids[i], c.ID, f.payment, string(f.kind), int64(f.row.Amount)
		v[6], v[7], v[8], v[9], v[10], v[11] = f.row.Code, documents[i], string(FindingOpen), int64(0), tx.Micros(), tx.Act
	})
	if err != nil {
		return fmt.Errorf("keep findings: %w", err)
	}
	return nil
}

// settleApplied settles the open findings of payments for which a good row came.
func settleApplied(ctx context.Context, tx *act.Tx, c Cycle, rows []row) error {
	var one int64
	any, err := sqldb.Found(tx.QueryRow(ctx, `
		SELECT 1 FROM pay_finding WHERE kabkota = $1 AND cycle_id = $2 AND state = 'open' AND payment_id IS NOT NULL LIMIT 1`,
		int64(c.Tenant), c.ID).Scan(&one))
	if err != nil {
		return fmt.Errorf("look for findings: %w", err)
	}
	if !any {
		return nil
	}
	for some := range slices.Chunk(rows, inSize) {
		ids := make([]sqldb.ID, len(some))
		for i := range some {
			ids[i] = some[i].id
		}
		a := sqldb.NewArgs(tx)
		_, err := tx.Exec(ctx, `
			UPDATE pay_finding SET state = 'settled', settled_by = `+a.P(sqldb.ID(tx.Who.ID))+`, settled_at = `+a.P(tx.Micros())+`
			WHERE kabkota = `+a.P(int64(c.Tenant))+` AND cycle_id = `+a.P(c.ID)+` AND state = 'open' AND act_id <> `+a.P(tx.Act)+`
				AND payment_id IN `+sqldb.In(a, ids), a.Values...)
		if err != nil {
			return fmt.Errorf("settle findings: %w", err)
		}
	}
	return nil
}
