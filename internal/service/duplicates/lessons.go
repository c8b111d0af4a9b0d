package duplicates

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/identity"
	"tepat/internal/service/runs"
)

// What the list of a run taught is kept with the run: the rest of a run that was killed, and pairs no run has weighed, are told the
// same. A pair that was weighed keeps the bits it was told among its reasons, whatever later runs learn.

// LessonsIn gives what the list of a run taught it, by column; none where it taught nothing. It tells nothing of anybody, so it asks for
// no permission.
func LessonsIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, run sqldb.ID) ([]linkage.Lesson, error) {
	list, err := sqldb.Collect(ctx, q, `
		SELECT column_name, household, title, same_bits, differ_bits, pairs FROM run_lesson WHERE kabkota = $1 AND run_id = $2
		ORDER BY column_name, household`, []any{int64(tenant), run}, func(r sqldb.Row) (l linkage.Lesson, err error) {
		var household, pairs int64
		err = r.Scan(&l.Column, &household, &l.Title, &l.Same, &l.Differ, &pairs)
		l.Household, l.Pairs = household == 1, int(pairs)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("read lessons: %w", err)
	}
	return list, nil
}

// Lessons is LessonsIn as of now.
func (s *Service) Lessons(ctx context.Context, tenant area.Tenant, run sqldb.ID) ([]linkage.Lesson, error) {
	return LessonsIn(ctx, s.acts.DB().Direct(), tenant, run)
}

// toldIn is LessonsIn for the engine, which learns for itself where it is given nil.
func toldIn(ctx context.Context, q sqldb.Querier, tenant area.Tenant, run sqldb.ID) ([]linkage.Lesson, error) {
	list, err := LessonsIn(ctx, q, tenant, run)
	return append([]linkage.Lesson{}, list...), err
}

// lastTold gives what the last search of a whole district by the model in use learned, to be told to a pair that no run has weighed:
// two alone teach nothing.
func (s *Service) lastTold(ctx context.Context, q sqldb.Querier, tenant area.Tenant) ([]linkage.Lesson, error) {
	last, found, err := runs.LastDoneIn(ctx, q, tenant, identity.SearchKind)
	if err != nil || !found {
		return []linkage.Lesson{}, err
	}
	var seen runs.Preview
	if err := json.Unmarshal(last.Preview, &seen); err != nil {
		return nil, fmt.Errorf("read preview of a search: %w", err)
	}
	if seen.Model != s.model.Version() {
		return []linkage.Lesson{}, nil
	}
	return toldIn(ctx, q, tenant, last.ID)
}

// keepLessons keeps what a run's list taught, with its first chunk; a column that tells nothing is no lesson.
func keepLessons(ctx context.Context, tx *act.Tx, r runs.Run, list []linkage.Lesson) error {
	list = slices.DeleteFunc(slices.Clone(list), func(l linkage.Lesson) bool { return l.Same == 0 && l.Differ == 0 })
	in := sqldb.Insert{Table: "run_lesson", Columns: []string{"kabkota", "run_id", "column_name", "household", "title", "same_bits", "differ_bits", "pairs"}}
	_, err := tx.Bulk(ctx, in, len(list), func(i int, v []any) {
		l := &list[i]
		copy(v, []any{int64(r.Tenant), r.ID, l.Column, flag(l.Household), l.Title, l.Same, l.Differ, int64(l.Pairs)})
	})
	if err != nil {
		return fmt.Errorf("keep lessons: %w", err)
	}
	return nil
}
