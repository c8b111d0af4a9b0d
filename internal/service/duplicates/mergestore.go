package duplicates

import (
	"context"
	"fmt"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// MergeState is where a merge stands. The words are stored.
type MergeState string

// The states of a merge.
const (
	MergeAwaiting MergeState = "awaiting"
	MergeDone     MergeState = "done"
	MergeRefused  MergeState = "refused"
	MergeUndone   MergeState = "undone"
)

// Merge is one merge of a pair. Tenant is the district that keeps the pair.
type Merge struct {
	Tenant       area.Tenant
	ID           sqldb.ID
	PairID       sqldb.ID
	Kept, Merged Ref
	State        MergeState
	Take         []Field // taken from the merged record
	AskedBy      sqldb.ID
	AskedAt      time.Time
	DecidedBy    sqldb.ID // who approved or refused; who asked, where one person may
	MergedAt     time.Time
	UndoUntil    time.Time
	UndoneBy     sqldb.ID
	UndoneAt     time.Time

	keptNIK, mergedNIK sqldb.Hash // before the merge

	plan plan
}

const mergeColumns = `kabkota, id, pair_id, kept_kabkota, kept_id, merged_kabkota, merged_id, state, plan, asked_by, asked_at, decided_by,
	merged_at, undo_until, undone_by, undone_at, kept_nik, merged_nik`

func (s *Service) scanMerge(row sqldb.Row) (Merge, error) {
	var m Merge
	var tenant, kept, merged, asked, done, until, undone int64
	var sealed []byte
	err := row.Scan(&tenant, &m.ID, &m.PairID, &kept, &m.Kept.ID, &merged, &m.Merged.ID, &m.State, &sealed, &m.AskedBy, &asked, &m.DecidedBy,
		&done, &until, &m.UndoneBy, &undone, &m.keptNIK, &m.mergedNIK)
	if err != nil {
		return m, err
	}
	m.Tenant, m.Kept.Tenant, m.Merged.Tenant = area.Tenant(tenant), area.Tenant(kept), area.Tenant(merged)
	m.AskedAt, m.MergedAt, m.UndoUntil, m.UndoneAt = instant(asked), instant(done), instant(until), instant(undone)
	m.plan, err = s.openPlan(sealed)
	m.Take = m.plan.Take
	return m, err
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

// mergeIn reads a merge; duplicates.unknown when there is none.
func (s *Service) mergeIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, id sqldb.ID) (Merge, error) {
	m, err := s.scanMerge(q.QueryRow(ctx, `SELECT `+mergeColumns+` FROM merge WHERE kabkota = $1 AND id = $2`, int64(tenant), id))
	return sqldb.Sole(m, err, "read merge", fail.NotFound("duplicates.unknown"))
}

// lastMergeIn gives the newest merge of a pair, nil when there is none.
func (s *Service) lastMergeIn(ctx context.Context, q sqldb.Querier, p Pair) (*Merge, error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT `+mergeColumns+` FROM merge WHERE kabkota = $1 AND pair_id = $2
		ORDER BY asked_at DESC, id DESC LIMIT 1`, []any{int64(p.Tenant), p.ID}, s.scanMerge)
	if err != nil {
		return nil, fmt.Errorf("read merge of pair: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return &list[0], nil
}

func (s *Service) insertMerge(ctx context.Context, tx *act.Tx, m Merge) error {
	sealed, err := s.sealPlan(m.plan)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO merge (`+mergeColumns+`, act_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		int64(m.Tenant), m.ID, m.PairID, int64(m.Kept.Tenant), m.Kept.ID, int64(m.Merged.Tenant), m.Merged.ID, string(m.State), sealed, m.AskedBy,
		micros(m.AskedAt), m.DecidedBy, micros(m.MergedAt), micros(m.UndoUntil), m.UndoneBy, micros(m.UndoneAt), m.keptNIK, m.mergedNIK, tx.Act)
	if err != nil {
		return fmt.Errorf("keep merge: %w", err)
	}
	return nil
}

// changeMerge keeps the next state of a merge; one that left the state it was read in is a conflict.
func (s *Service) changeMerge(ctx context.Context, tx *act.Tx, m Merge, from MergeState) error {
	sealed, err := s.sealPlan(m.plan)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE merge SET state = $1, plan = $2, decided_by = $3, merged_at = $4, undo_until = $5, undone_by = $6, undone_at = $7, act_id = $8
		WHERE kabkota = $9 AND id = $10 AND state = $11`,
		string(m.State), sealed, m.DecidedBy, micros(m.MergedAt), micros(m.UndoUntil), m.UndoneBy, micros(m.UndoneAt), tx.Act,
		int64(m.Tenant), m.ID, string(from))
	if err != nil {
		return fmt.Errorf("change merge: %w", err)
	}
	if n == 0 {
		return fail.Conflict("duplicates.changed")
	}
	return nil
}

// laterMerge reports whether the kept person took up another record after this merge, or
// another merge moved a NIK of this one.
func laterMerge(ctx context.Context, tx *act.Tx, m Merge) (bool, error) {
	var n int64
	// -- national: the other records may be of any district (kabkota); an absent NIK equals none
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM merge
		WHERE kabkota IN (SELECT kabkota FROM tenant) AND state = 'done' AND (merged_at, id) > ($1, $2)
			AND (kept_id = $3 OR kept_nik = $4 OR kept_nik = $5 OR merged_nik = $4 OR merged_nik = $5)`,
		micros(m.MergedAt), m.ID, m.Kept.ID, m.keptNIK, m.mergedNIK).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for later merges: %w", err)
	}
	return n > 0, nil
}
