package screening

import (
	"context"
	"fmt"
	"slices"

	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/runs"
)

// undoScreen takes back what a screening found, with everything that came of it; what
// people dismissed stays dismissed.
func (s *Service) undoScreen(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	return s.undo(ctx, r, cursor, "run_id", Undone, func(f Finding) bool { return f.State.Open() })
}

// undoVerify takes back the notices of a run, with what came of them: what it upheld waits
// for verification again, unless people dismissed it.
func (s *Service) undoVerify(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	return s.undo(ctx, r, cursor, "verify_id", Found, func(f Finding) bool { return f.VerifyRun == r.ID && f.State.Open() })
}

// undoRemove takes the removals of a run back: the findings are noticed again, with the
// same last day, and may be removed by another run.
func (s *Service) undoRemove(ctx context.Context, r runs.Run, cursor string) (runs.Chunk, error) {
	return s.undo(ctx, r, cursor, "removal_id", Noticed, func(f Finding) bool { return f.RemovalRun == r.ID && f.InForce() })
}

// undo works through the findings that a run is named in.
func (s *Service) undo(ctx context.Context, r runs.Run, cursor, column string, to State, keep func(Finding) bool) (runs.Chunk, error) {
	return s.paged(ctx, cursor, pages{
		read: func(tx *sqldb.Tx, after sqldb.ID) (page, error) {
			return s.pageBy(ctx, tx, r.Tenant, column, r.ID, after)
		},
		keep: keep,
		apply: func(ctx context.Context, tx *act.Tx, list []Finding) (runs.Tally, error) {
			return s.undoIn(ctx, tx, r, list, to)
		},
	})
}

// undoIn takes findings back to a state on behalf of a run. An appeal against a removal
// that is undone goes on as an appeal against the notice.
func (s *Service) undoIn(ctx context.Context, tx *act.Tx, r runs.Run, list []Finding, to State) (runs.Tally, error) {
	all := newItems()
	for _, f := range list {
		one := all.of(f.Subject(), "undone", f.Criterion)
		one.facts.Findings = append(one.facts.Findings, f.ID.String())
	}
	restored, err := s.takeBackIn(ctx, tx, list, to)
	if err != nil {
		return nil, err
	}
	_, err = runs.ItemsIn(ctx, tx, r, all.rows())
	return runs.Tally{"findings": int64(len(list)), "restored": restored}, err
}

// takeBackIn takes findings back to a state, with the letters that do not hold in it, and
// restores the persons whose records they ended; it gives how many.
func (s *Service) takeBackIn(ctx context.Context, tx *act.Tx, list []Finding, to State) (restored int64, err error) {
	var revoked []sqldb.ID
	var ended []Finding
	for i := range list {
		f := &list[i]
		if f.Ended {
			ended = append(ended, *f)
		}
		revoked = append(revoked, f.back(to)...)
	}
	if err := updateFindings(ctx, tx, list); err != nil {
		return 0, err
	}
	heirs, err := inForceOn(ctx, tx, ended)
	if err != nil {
		return 0, err
	}
	for _, f := range ended {
		done, err := s.restoreIn(ctx, tx, f, heirs[f.Person])
		if err != nil {
			return restored, err
		}
		restored += flag(done)
	}
	if len(revoked) == 0 {
		return restored, nil
	}
	return restored, s.letters.RevokeIn(ctx, tx, list[0].Tenant, revoked)
}

// back changes a finding to a state in which it is not in force, and gives the letters
// that do not hold then. To noticed and found the row is as it was before; a dismissed or
// undone one keeps the numbers of its letters and runs.
func (f *Finding) back(to State) (revoked []sqldb.ID) {
	if !f.Letter.IsZero() {
		revoked = append(revoked, f.Letter)
	}
	if to != Noticed && !f.Notice.IsZero() {
		revoked = append(revoked, f.Notice)
	}
	f.EffectiveOn, f.Ended = period.Date{}, false
	switch to {
	case Noticed:
		f.Letter, f.RemovalRun = sqldb.ID{}, sqldb.ID{}
		if f.State == Appealed { // the appeal goes on, against the notice
			return revoked
		}
	case Found:
		f.Letter, f.RemovalRun, f.Notice, f.VerifyRun, f.DecidedBy = sqldb.ID{}, sqldb.ID{}, sqldb.ID{}, sqldb.ID{}, sqldb.ID{}
		f.DueOn = period.Date{}
	}
	f.State = to
	return revoked
}

// restoreIn brings back the person whose record a finding ended; done is false when her
// record has become something else since, such as merged by hand. Where one of the others
// that hit her is in force and ends her record too, that one takes over.
func (s *Service) restoreIn(ctx context.Context, tx *act.Tx, f Finding, others []Finding) (done bool, err error) {
	c, _ := s.Criterion(f.Criterion, f.Facts.Day)
	state, _ := endState(c)
	p, err := s.reg.PersonIn(ctx, tx, f.Tenant, f.Person)
	if err != nil {
		return false, err
	}
	if p.State != state {
		return false, nil
	}
	if _, err := s.reg.RestorePersonIn(ctx, tx, f.Tenant, f.Person); err != nil {
		return false, fmt.Errorf("restore person: %w", err)
	}
	for i := range others {
		if err := s.endIn(ctx, tx, &others[i], runs.Tally{}); err != nil {
			return false, err
		}
		if others[i].Ended {
			return false, updateFindings(ctx, tx, others[i:i+1])
		}
	}
	return true, nil
}

// inForceOn reads what is in force on the persons of findings, by person, the oldest first.
// The order is made here: asked for it, SQLite walks through the tenant by id.
func inForceOn(ctx context.Context, q sqldb.Querier, list []Finding) (map[sqldb.ID][]Finding, error) {
	persons := make([]sqldb.ID, len(list))
	for i, f := range list {
		persons[i] = f.Person
	}
	out := map[sqldb.ID][]Finding{}
	err := eachChunk(persons, func(some []sqldb.ID) error {
		a := sqldb.NewArgs(q)
		query := `SELECT ` + findingColumns + ` FROM finding WHERE kabkota = ` + a.P(int64(list[0].Tenant)) + ` AND person_id IN ` + sqldb.In(a, some) + ` AND effective_on <> ''`
		return sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			f, err := scanFinding(r)
			out[f.Person] = append(out[f.Person], f)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read findings of persons: %w", err)
	}
	for _, some := range out {
		slices.SortFunc(some, func(a, b Finding) int { return slices.Compare(a.ID[:], b.ID[:]) })
	}
	return out, nil
}
