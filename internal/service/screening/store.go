package screening

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const inSize = 400

// eachChunk runs a query for so many values at a time that the statement stays short.
func eachChunk[K any](keys []K, f func([]K) error) error {
	for some := range slices.Chunk(keys, inSize) {
		if err := f(some); err != nil {
			return err
		}
	}
	return nil
}

func loadFinding(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Finding, error) {
	f, err := scanFinding(q.QueryRow(ctx, `SELECT `+findingColumns+` FROM finding WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(f, err, "read finding", fail.NotFound("finding.unknown"))
}

// findingsOf reads the findings of families, in no order.
func findingsOf(ctx context.Context, q sqldb.Querier, tenant area.Tenant, families []sqldb.ID) (out []Finding, err error) {
	err = eachChunk(families, func(some []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + findingColumns + ` FROM finding WHERE kabkota = ` + a.P(int64(tenant)) + ` AND family_id IN ` + sqldb.In(a, some) + ` AND state <> 'undone'`
		list, err := sqldb.Collect(ctx, q, query, a.Values, scanFinding)
		out = append(out, list...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	return out, nil
}

// floor gives a value below every id, since the zero ID is NULL.
func floor(id sqldb.ID) sqldb.ID {
	if id.IsZero() {
		id[15] = 1
	}
	return id
}

func insertFindings(ctx context.Context, tx *act.Tx, list []Finding) error {
	in := sqldb.Insert{
		Table: "finding",
		Columns: []string{"kabkota", "id", "version", "run_id", "person_id", "family_id", "area_code", "criterion", "hits", "action", "reason",
			"evidence_id", "facts", "state", "recorded_at", "act_id", "due_on", "notice_id"},
	}
	documents := make([]string, len(list))
	for i := range list {
		data, err := json.Marshal(list[i].Facts)
		if err != nil {
			return fmt.Errorf("write facts of finding: %w", err)
		}
		documents[i] = string(data)
	}
	_, err := tx.Bulk(ctx, in, len(list), func(i int, v []any) {
		f := &list[i]
		var first sqldb.ID
		if len(f.Facts.Evidence) > 0 {
			first = f.Facts.Evidence[0]
		}
		v[0], v[1], v[2], v[3], v[4], v[5], v[6] = int64(f.Tenant), f.ID, int64(1), f.Run, f.Subject(), f.Family, int64(f.Area)
		v[7], v[8], v[9], v[10], v[11], v[12], v[13] = f.Criterion, hitCode(f.Hits), string(f.Action), f.Reason, first, documents[i], string(f.State)
		v[14], v[15], v[16], v[17] = tx.Micros(), tx.Act, f.DueOn.Text(), f.Notice
	})
	return err
}

// updateFindings writes what can change of findings. Another writer's version refuses the
// whole act: who applies a run does the chunk again.
func updateFindings(ctx context.Context, tx *act.Tx, list []Finding) error {
	n, err := tx.ExecEach(ctx, `
		UPDATE finding SET version = version + 1, act_id = $1, state = $2, due_on = $3, effective_on = $4, ended = $5, verify_id = $6,
			removal_id = $7, notice_id = $8, letter_id = $9, decided_by = $10
		WHERE kabkota = $11 AND id = $12 AND version = $13`, 13, len(list), func(i int, v []any) {
		f := &list[i]
		v[0], v[1], v[2], v[3], v[4], v[5] = tx.Act, string(f.State), f.DueOn.Text(), f.EffectiveOn.Text(), flag(f.Ended), f.VerifyRun
		v[6], v[7], v[8], v[9], v[10], v[11], v[12] = f.RemovalRun, f.Notice, f.Letter, f.DecidedBy, int64(f.Tenant), f.ID, f.Version
	})
	if err != nil {
		return fmt.Errorf("change findings: %w", err)
	}
	if n != int64(len(list)) {
		return fail.Unavailable("finding.changed")
	}
	for i := range list {
		list[i].Version++
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
