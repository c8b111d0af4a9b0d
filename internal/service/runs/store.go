package runs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

const columns = `kabkota, id, number, kind, state, area_code, settings, digest, preview, cursor, tally, total, done,
	chunks, failure, created_by, approved_by, created_at, approved_at, started_at, ended_at, acts_by, refused_by, refusal, version`

func scan(row sqldb.Row) (Run, error) {
	var r Run
	var tenant, areaCode, created, approved, started, ended int64
	var state, settings, preview, tally string
	err := row.Scan(&tenant, &r.ID, &r.Number, &r.Kind, &state, &areaCode, &settings, &r.Digest, &preview, &r.Cursor, &tally,
		&r.Total, &r.Finished, &r.Chunks, &r.Failure, &r.CreatedBy, &r.ApprovedBy, &created, &approved, &started, &ended, &r.ActsBy, &r.RefusedBy, &r.Refusal, &r.Version)
	if err != nil {
		return r, err
	}
	r.Tenant, r.Area, r.State = area.Tenant(tenant), area.Code(areaCode), State(state)
	r.Settings, r.Preview = json.RawMessage(settings), json.RawMessage(preview)
	r.CreatedAt, r.ApprovedAt, r.StartedAt, r.EndedAt = instant(created), instant(approved), instant(started), instant(ended)
	r.Tally = Tally{}
	return r, json.Unmarshal([]byte(tally), &r.Tally)
}

func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func load(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Run, error) {
	r, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM run WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(r, err, "read run", fail.NotFound("run.unknown"))
}

func insert(ctx context.Context, tx *act.Tx, r Run) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO run (`+columns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
		int64(r.Tenant), r.ID, r.Number, r.Kind, string(r.State), int64(r.Area), string(r.Settings), r.Digest, "{}", "", "{}",
		r.Total, int64(0), int64(0), "", r.CreatedBy, r.ApprovedBy, micros(r.CreatedAt), int64(0), int64(0), int64(0), r.ActsBy, r.RefusedBy, r.Refusal, int64(1))
	return err
}

// update writes what can change of a run; another writer's version is a conflict.
func update(ctx context.Context, tx *sqldb.Tx, r Run) error {
	tally, err := json.Marshal(r.Tally)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE run SET state = $1, preview = $2, cursor = $3, tally = $4, total = $5, done = $6, chunks = $7, failure = $8,
			approved_by = $9, approved_at = $10, started_at = $11, ended_at = $12, acts_by = $13, refused_by = $14, refusal = $15, version = version + 1
		WHERE kabkota = $16 AND id = $17 AND version = $18`,
		string(r.State), string(r.Preview), r.Cursor, string(tally), r.Total, r.Finished, r.Chunks, r.Failure,
		r.ApprovedBy, micros(r.ApprovedAt), micros(r.StartedAt), micros(r.EndedAt), r.ActsBy, r.RefusedBy, r.Refusal,
		int64(r.Tenant), r.ID, r.Version)
	if err == nil && n == 0 {
		return fail.Conflict("run.changed", "number", r.Number)
	}
	return err
}

// Filter narrows a list of runs.
type Filter struct {
	Kind  string
	State State
	// Halted narrows the list to runs that have halted.
	Halted bool
	// Before continues a list: only runs made before this one, by time and id.
	Before Run
	Limit  int
}

func list(ctx context.Context, q sqldb.Querier, scope access.Scope, f Filter) ([]Run, error) {
	a := sqldb.NewArgs(q)
	query := `SELECT ` + columns + ` FROM run WHERE ` + act.Where(scope, "kabkota", "area_code", a)
	if f.Kind != "" {
		query += ` AND kind = ` + a.P(f.Kind)
	}
	if f.State != "" {
		query += ` AND state = ` + a.P(string(f.State))
	}
	if f.Halted {
		query += ` AND failure = ` + a.P(haltedCode) + ` AND state IN ` + sqldb.In(a, []string{string(Approved), string(Running), string(Undoing)})
	}
	if !f.Before.ID.IsZero() {
		query += ` AND (created_at, id) < (` + a.P(micros(f.Before.CreatedAt)) + `, ` + a.P(f.Before.ID) + `)`
	}
	query += ` ORDER BY created_at DESC, id DESC LIMIT ` + a.P(int64(min(max(f.Limit, 1), 200)))
	return sqldb.Collect(ctx, q, query, a.Values, scan)
}

// Item is what a run did to one subject; rows are kept only for what was rejected, changed or doubtful.
type Item struct {
	Subject sqldb.ID
	Outcome string
	Code    string
	Facts   string // JSON, no personal data
}

// ItemsIn keeps the items of a chunk and gives their digest, for the audit entry.
func ItemsIn(ctx context.Context, tx *act.Tx, r Run, items []Item) (string, error) {
	h := sha256.New()
	in := sqldb.Insert{
		Table:      "run_item",
		Columns:    []string{"kabkota", "run_id", "subject_id", "outcome", "code", "facts"},
		OnConflict: "(kabkota, run_id, subject_id) DO UPDATE SET outcome = excluded.outcome, code = excluded.code, facts = excluded.facts",
	}
	last := map[sqldb.ID]int{} // a subject twice in one statement is an error on PostgreSQL: the later counts
	for i, item := range items {
		last[item.Subject] = i
	}
	kept := items[:0:0]
	for i, item := range items {
		if last[item.Subject] == i {
			kept = append(kept, item)
			h.Write(item.Subject[:])
			h.Write([]byte(item.Outcome + "\x00" + item.Code + "\x00" + item.Facts + "\n"))
		}
	}
	_, err := tx.Bulk(ctx, in, len(kept), func(i int, v []any) {
		v[0], v[1], v[2], v[3], v[4], v[5] = int64(r.Tenant), r.ID, kept[i].Subject, kept[i].Outcome, kept[i].Code, kept[i].Facts
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// Items lists what a run did, a page after the subject given.
func Items(ctx context.Context, q sqldb.Querier, r Run, after sqldb.ID, limit int) ([]Item, error) {
	return sqldb.Collect(ctx, q, `
		SELECT subject_id, outcome, code, facts FROM run_item
		WHERE kabkota = $1 AND run_id = $2 AND subject_id > $3
		ORDER BY subject_id LIMIT $4`, []any{int64(r.Tenant), r.ID, floor(after), limit}, func(row sqldb.Row) (Item, error) {
		var i Item
		err := row.Scan(&i.Subject, &i.Outcome, &i.Code, &i.Facts)
		return i, err
	})
}

// floor gives a value below every id, since the zero ID is NULL.
func floor(id sqldb.ID) sqldb.ID {
	if id.IsZero() {
		id[15] = 1
	}
	return id
}

// OfSubject lists the runs that touched a subject, newest first.
func OfSubject(ctx context.Context, q sqldb.Querier, tenant area.Tenant, subject sqldb.ID, limit int) ([]Run, error) {
	return sqldb.Collect(ctx, q, `
		SELECT `+columns+` FROM run
		WHERE kabkota = $1 AND id IN (SELECT run_id FROM run_item WHERE kabkota = $1 AND subject_id = $2)
		ORDER BY created_at DESC LIMIT $3`, []any{int64(tenant), subject, limit}, scan)
}
