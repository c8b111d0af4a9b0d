package suggestions

import (
	"context"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// SuggestKind is the run that works out anew the suggestion of everybody of an area who does not match. It changes
// nobody's record.
func (s *Service) SuggestKind() runs.Kind {
	return runs.Kind{Name: "suggest", Counts: runs.Persons, Start: access.RunMatch, View: s.preview, Prepare: s.prepare, Finish: s.finish, Undo: s.undo}
}

func (s *Service) preview(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Preview, error) {
	c, err := s.count(ctx, tx, r.Tenant, r.Area)
	return runs.Preview{Total: c.persons, Figures: runs.Tally{"not_matching": c.persons, "suggestions_old": c.persons - c.fresh}}, err
}

// counted is how many persons of an area do not match, and how many of them have a suggestion that is up to date.
type counted struct{ persons, fresh int64 }

func (s *Service) count(ctx context.Context, q sqldb.Querier, tenant area.Tenant, at area.Code) (c counted, err error) {
	b, err := s.basisIn(ctx, q)
	if err != nil {
		return c, err
	}
	a := sqldb.NewArgs(q)
	from, to := at.Range()
	query := `
		SELECT count(*), count(g.person_id)
		FROM person p
		JOIN family f ON f.kabkota = p.kabkota AND f.id = p.family_id
		LEFT JOIN match_suggestion g ON g.kabkota = p.kabkota AND g.person_id = p.id AND ` + fresh(a, b) + `
		WHERE p.kabkota = ` + a.P(int64(tenant)) + ` AND p.match_status IN ` + sqldb.In(a, notMatching()) +
		` AND p.area_code >= ` + a.P(int64(from)) + ` AND p.area_code < ` + a.P(int64(to)) + ` AND p.state = 1`
	if err := q.QueryRow(ctx, query, a.Values...).Scan(&c.persons, &c.fresh); err != nil {
		return c, fmt.Errorf("count persons: %w", err)
	}
	return c, nil
}

// prepare gives the next suggestions in the order of the persons' ids. All are worked out at once, before the first
// chunk, and again after a kill: it reads persons and the civil file, never suggestions.
func (s *Service) prepare(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var after sqldb.ID
	if err := after.UnmarshalText([]byte(cursor)); err != nil {
		return runs.Chunk{}, fmt.Errorf("read cursor: %w", err)
	}
	list, b, err := s.worked(ctx, r)
	if err != nil {
		return runs.Chunk{}, err
	}
	for len(list) > 0 && !after.IsZero() && !before(after, list[0].person) {
		list = list[1:]
	}
	last := len(list) <= s.chunk
	some := list[:min(s.chunk, len(list))]
	if last {
		s.drop(r.ID)
	}
	if n := len(some); n > 0 {
		after = some[n-1].person
	}
	return runs.Chunk{Next: after.String(), Last: last, Units: int64(len(some)), Apply: func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		return s.keep(ctx, tx, r, b, some)
	}}, nil
}

func before(a, b sqldb.ID) bool { return string(a[:]) < string(b[:]) }

// worked gives what the run works out, from memory when it has done so.
func (s *Service) worked(ctx context.Context, r runs.Run) ([]suggestion, basis, error) {
	now := s.Acts.Now()
	s.held.mu.Lock()
	defer s.held.mu.Unlock()
	if s.held.run == r.ID {
		s.held.used = now
		return s.held.list, s.held.of, nil
	}
	var list []suggestion
	var b basis
	err := s.Acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		if b, err = s.basisIn(ctx, tx); err != nil {
			return err
		}
		list, err = s.find(ctx, tx, r.Tenant, r.Area, s.today(r.Area), b)
		return err
	})
	if err != nil {
		return nil, b, err
	}
	if s.held.run.IsZero() || now.Sub(s.held.used) >= heldFor {
		s.held.run, s.held.used, s.held.list, s.held.of = r.ID, now, list, b
	}
	return list, b, nil
}

// today is the day at an area.
func (s *Service) today(at area.Code) period.Date { return s.Places.LocalDate(at, s.Acts.Now()) }

// drop gives the memory back.
func (s *Service) drop(run sqldb.ID) {
	s.held.mu.Lock()
	defer s.held.mu.Unlock()
	if s.held.run == run {
		s.held.run, s.held.list = sqldb.ID{}, nil
	}
}

// finish takes away what is kept of those who match by now or have gone: the run has written all the others.
func (s *Service) finish(ctx context.Context, tx *act.Tx, r runs.Run) (runs.Tally, error) {
	from, to := r.Area.Range()
	n, err := tx.Exec(ctx, `
		DELETE FROM match_suggestion
		WHERE kabkota = $1 AND run_id <> $2 AND EXISTS (
			SELECT 1 FROM person p WHERE p.kabkota = match_suggestion.kabkota AND p.id = match_suggestion.person_id AND p.area_code >= $3 AND p.area_code < $4)`,
		int64(r.Tenant), r.ID, int64(from), int64(to))
	if err != nil {
		return nil, fmt.Errorf("forget suggestions: %w", err)
	}
	if n == 0 {
		return runs.Tally{}, nil
	}
	return runs.Tally{"suggestions_gone": n}, nil
}

// undo forgets what the run kept.
func (s *Service) undo(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	var after sqldb.ID
	if err := after.UnmarshalText([]byte(cursor)); err != nil {
		return runs.Chunk{}, fmt.Errorf("read cursor: %w", err)
	}
	if after.IsZero() {
		after[15] = 1
	}
	ids, err := sqldb.Collect(ctx, s.Acts.DB().Direct(), `
		SELECT person_id FROM match_suggestion WHERE kabkota = $1 AND run_id = $2 AND person_id > $3 ORDER BY person_id LIMIT $4`,
		[]any{int64(r.Tenant), r.ID, after, s.chunk}, func(row sqldb.Row) (id sqldb.ID, err error) { return id, row.Scan(&id) })
	if err != nil {
		return runs.Chunk{}, fmt.Errorf("read suggestions: %w", err)
	}
	if n := len(ids); n > 0 {
		after = ids[n-1]
	}
	return runs.Chunk{Next: after.String(), Last: len(ids) < s.chunk, Units: int64(len(ids)), Apply: func(ctx context.Context, tx *act.Tx) (runs.Tally, error) {
		return nil, forget(ctx, tx, r, ids)
	}}, nil
}
