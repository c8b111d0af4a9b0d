package duplicates

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// Event is a merge or its undo in the life of a record: the log of who a record was once.
type Event struct {
	Pair         Ref
	Kept, Merged Ref
	At           time.Time
	Undone       bool // the two came apart again; At is when
	By           sqldb.ID
	// Visible tells that the viewer may see the merged record: Name and NIK (masked) are what it said then.
	Visible bool
	Name    string
	NIK     string
	// Area is the village the record stood in last.
	Area   area.Code
	Fields []Field // values the kept record took from it
}

// historySteps bounds how far back a record is followed through records that were merged into it.
const historySteps = 5

// History tells which records were merged into persons of one district, and into those before them, the newest first; an undone
// merge is told twice, with its undo. It asks for access.ReadRegistry where the persons live.
func (s *Service) History(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code, persons []sqldb.ID) (events []Event, err error) {
	// Most persons were never merged: then nothing is shown, and nothing is left in the log.
	if some, err := s.mergesInto(ctx, s.acts.DB().Direct(), persons); err != nil || len(some) == 0 {
		return nil, errors.Join(err, who.Allow(access.ReadRegistry, tenant, at))
	}
	err = s.acts.View(ctx, who, "duplicate.history", "", func(tx *act.Tx) error {
		if err := tx.Allow(access.ReadRegistry, tenant, at); err != nil {
			return err
		}
		here, err := s.reg.PersonsIn(ctx, tx, tenant, persons)
		if err != nil {
			return err
		}
		for _, p := range here { // an area the actor may read says nothing of persons who live elsewhere
			if err := tx.Allow(access.ReadRegistry, p.Tenant, p.Area); err != nil {
				return err
			}
		}
		merges, err := s.mergesOf(ctx, tx, persons)
		if err != nil {
			return fmt.Errorf("read merges: %w", err)
		}
		if events, err = s.eventsOf(ctx, tx, merges); err != nil {
			return err
		}
		facts := audit.Shown(events, func(e *Event) sqldb.ID { return e.Merged.ID })
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: at, Facts: facts})
	})
	return events, err
}

// mergesOf reads the merges of persons, and of the records merged into them.
func (s *Service) mergesOf(ctx context.Context, q sqldb.Querier, persons []sqldb.ID) (out []Merge, err error) {
	seen := map[sqldb.ID]bool{}
	for range historySteps {
		if len(persons) == 0 {
			break
		}
		some, err := s.mergesInto(ctx, q, persons)
		if err != nil {
			return nil, err
		}
		persons = nil
		for _, m := range some {
			if seen[m.ID] || m.State != MergeDone && m.State != MergeUndone {
				continue
			}
			seen[m.ID] = true
			out = append(out, m)
			if m.State == MergeDone {
				persons = append(persons, m.Merged.ID)
			}
		}
	}
	return out, nil
}

// mergesInto reads the merges in which persons were kept, by their pairs, which are indexed by both sides.
func (s *Service) mergesInto(ctx context.Context, q sqldb.Querier, persons []sqldb.ID) (out []Merge, err error) {
	for _, side := range []string{"left_id", "right_id"} {
		a := sqldb.NewArgs(q)
		// -- national: the pair is kept by the district of its left person, which may be any (kabkota)
		query := `SELECT ` + mergeColumns + ` FROM merge m WHERE m.kabkota IN (SELECT kabkota FROM tenant) AND m.kept_id IN ` + sqldb.In(a, persons) + `
			AND m.pair_id IN (SELECT l.id FROM link_pair l WHERE l.kabkota = m.kabkota AND l.` + side + ` IN ` + sqldb.In(a, persons) + `) ORDER BY m.merged_at, m.id`
		some, err := sqldb.Collect(ctx, q, query, a.Values, s.scanMerge)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// eventsOf tells merges as events, as far as the actor may see the merged records.
func (s *Service) eventsOf(ctx context.Context, tx *act.Tx, merges []Merge) (out []Event, err error) {
	for _, m := range merges {
		gone, err := s.reg.PersonIn(ctx, tx, m.Merged.Tenant, m.Merged.ID)
		if err != nil {
			return nil, fmt.Errorf("read merged person: %w", err)
		}
		e := Event{Pair: Ref{m.Tenant, m.PairID}, Kept: m.Kept, Merged: m.Merged, At: m.MergedAt, By: m.DecidedBy, Area: gone.Area}
		if tx.Who.Allow(access.ReadRegistry, gone.Tenant, gone.Area) == nil {
			was, err := m.plan.MergedBefore.person()
			if err != nil {
				return nil, fmt.Errorf("read plan: %w", err)
			}
			e.Visible, e.Name, e.NIK, e.Fields = true, was.Name, was.NIK.String(), m.Take
		}
		out = append(out, e)
		if m.State == MergeUndone {
			e.Undone, e.At, e.By = true, m.UndoneAt, m.UndoneBy
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return b.At.Compare(a.At) })
	return out, nil
}
