package programmes

import (
	"context"
	"fmt"

	"tepat/internal/domain/area"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

const (
	inSize  = 400
	maxList = 200
)

var rowInsert = sqldb.Insert{Table: "enrolment", Columns: []string{
	"kabkota", "id", "version", "list_id", "programme", "family_id", "person_id", "area_code", "position", "state", "amount", "working",
	"valid_from", "valid_to", "ended_reason", "recorded_at", "act_id",
}}

// insertRows writes places.
func insertRows(ctx context.Context, tx *act.Tx, x *plan, rows []row) error {
	from := x.set.Period.First().Text()
	_, err := tx.Bulk(ctx, rowInsert, len(rows), func(i int, v []any) {
		r := &rows[i]
		v[0], v[1], v[2], v[3], v[4] = int64(x.run.Tenant), sqldb.NewID(), int64(1), x.run.ID, string(x.p.ID)
		v[5], v[6], v[7], v[8], v[9] = r.family, r.person, int64(r.area), int64(r.position), int64(r.state)
		v[10], v[11], v[12], v[13], v[14], v[15], v[16] = int64(r.stage), r.working, from, "", "", tx.Micros(), tx.Act
	})
	return err
}

// deleteDrafted takes away rows of a draft behind one, up to another.
func deleteDrafted(ctx context.Context, tx *act.Tx, l List, after, upTo sqldb.ID) (int64, error) {
	n, err := tx.Exec(ctx, `
		DELETE FROM enrolment
		WHERE kabkota = $1 AND id > $2 AND id <= $3 AND list_id = $4 AND state IN (5, 6)`, int64(l.Tenant), after, upTo, l.ID)
	if err != nil {
		return 0, fmt.Errorf("take rows of a draft away: %w", err)
	}
	return n, nil
}

// lastChange gives the number of the tenant's last change; the table belongs to service/audit.
func lastChange(ctx context.Context, q sqldb.Querier, tenant area.Tenant) (seq int64, err error) {
	err = q.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM change WHERE kabkota = $1`, int64(tenant)).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("read last change: %w", err)
	}
	return seq, nil
}

// untouched tells whether nothing in the district changed since a list was worked out, but for what
// its own run recorded.
func (s *Service) untouched(ctx context.Context, r runs.Run, d *draft) (bool, error) {
	var n int64
	err := s.Acts.DB().Direct().QueryRow(ctx, `
		SELECT count(*) FROM (
			SELECT 1 FROM change WHERE kabkota = $1 AND seq > $2 AND (subject IS NULL OR subject <> $3) LIMIT 1
		) t`, int64(r.Tenant), d.seq, r.ID).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for changes: %w", err)
	}
	return n == 0, nil
}

// readHoldings reads, by family, who holds some programmes by lists in force.
func readHoldings(ctx context.Context, q sqldb.Querier, tenant area.Tenant, programmes []programme.ID) (map[sqldb.ID][]holding, error) {
	if len(programmes) == 0 {
		return nil, nil
	}
	words := make([]string, len(programmes))
	for i, id := range programmes {
		words[i] = string(id)
	}
	a := sqldb.NewArgs(q)
	query := `SELECT family_id, programme, person_id FROM enrolment WHERE kabkota = ` + a.P(int64(tenant)) + ` AND programme IN ` + sqldb.In(a, words) + ` AND state IN (1, 3)`
	out := map[sqldb.ID][]holding{}
	err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var family sqldb.ID
		var h holding
		err := r.Scan(&family, &h.programme, &h.person)
		out[family] = append(out[family], h)
		return err
	})
	return out, err
}

// readPayees reads the payees of a programme by family.
func readPayees(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id programme.ID) (map[sqldb.ID]sqldb.ID, error) {
	out := map[sqldb.ID]sqldb.ID{}
	err := sqldb.Each(ctx, q, `
		SELECT family_id, person_id FROM enrolment
		WHERE kabkota = $1 AND programme = $2 AND state IN (1, 3) AND person_id IS NOT NULL`, []any{int64(tenant), string(id)}, func(r sqldb.Row) error {
		var family, person sqldb.ID
		err := r.Scan(&family, &person)
		out[family] = person
		return err
	})
	return out, err
}
