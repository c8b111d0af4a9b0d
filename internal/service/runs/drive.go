package runs

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
)

// Meter is told how far a run is.
type Meter interface {
	Total(n int64)
	Add(n int64)
}

// Drive works a run to its end in this process, with the next chunk prepared while
// one is written. Called again after a kill it goes on where the last commit stopped; while
// another of this process works the run it waits.
func (s *Service) Drive(ctx context.Context, tenant area.Tenant, id sqldb.ID, meter Meter) (Run, error) {
	release, err := s.hold.take(ctx, id)
	if err != nil {
		return Run{}, err
	}
	defer release()
	r, k, who, err := s.open(ctx, tenant, id)
	if err != nil || r.State.Ended() {
		return r, err
	}
	if meter != nil {
		meter.Total(r.Total)
		meter.Add(r.Finished)
	}
	ctx, cancel := context.WithCancel(ctx)
	chunks := s.ahead(ctx, k, r)
	defer func() { // whoever drives the run again must not meet a chunk still being prepared
		cancel()
		for range chunks {
		}
	}()
	for next := range chunks {
		if next.err != nil {
			return s.failed(ctx, who, r, next.err)
		}
		if r, err = s.apply(ctx, who, k, r, next.chunk); err != nil {
			return s.failed(ctx, who, r, err)
		}
		if meter != nil {
			meter.Add(next.chunk.Units)
		}
		if r.State.Ended() {
			return r, nil
		}
	}
	return r, ctx.Err()
}

// Step works one chunk, for a job that enqueues its successor; more tells whether one is needed.
// ErrBusy where another of this process works the run.
func (s *Service) Step(ctx context.Context, tenant area.Tenant, id sqldb.ID) (r Run, more bool, err error) {
	release, other := s.hold.try(id)
	if other != nil {
		return r, false, ErrBusy
	}
	defer release()
	r, k, who, err := s.open(ctx, tenant, id)
	if err != nil || r.State.Ended() {
		return r, false, err
	}
	chunk, err := s.prepare(ctx, k, r, r.Cursor)
	if err == nil {
		r, err = s.apply(ctx, who, k, r, chunk)
	}
	if err != nil {
		r, err = s.failed(ctx, who, r, err)
		return r, false, err
	}
	return r, !r.State.Ended(), nil
}

// open loads a run that may be worked, with the person it acts for.
func (s *Service) open(ctx context.Context, tenant area.Tenant, id sqldb.ID) (r Run, k Kind, who access.Actor, err error) {
	if r, err = load(ctx, s.acts.DB().Direct(), tenant, id); err != nil {
		return
	}
	if k, err = s.kind(r.Kind); err != nil || r.State.Ended() {
		return
	}
	switch r.State {
	case Running, Undoing, Approved:
		if who, err = s.acting(ctx, k, r); err != nil {
			return
		}
	}
	switch r.State {
	case Running, Undoing:
		return
	case Approved:
		r, err = s.change(ctx, who, "run.start", tenant, id, starter, func(tx *act.Tx, _ Kind, r *Run) error {
			r.State, r.StartedAt = Running, tx.Now
			return nil
		})
		return
	case Awaiting:
		err = fail.Awaiting("run.awaiting", "number", r.Number)
	default:
		err = wrongState(r)
	}
	return
}

func (s *Service) prepare(ctx context.Context, k Kind, r Run, cursor string) (Chunk, error) {
	if r.State == Undoing {
		return k.Undo(ctx, r, cursor)
	}
	return k.Prepare(ctx, r, cursor)
}

type prepared struct {
	chunk Chunk
	err   error
}

// ahead prepares chunks one ahead of their use.
func (s *Service) ahead(ctx context.Context, k Kind, r Run) <-chan prepared {
	out := make(chan prepared, 1)
	go func() {
		defer close(out)
		for cursor := r.Cursor; ctx.Err() == nil; {
			chunk, err := s.prepare(ctx, k, r, cursor)
			select {
			case out <- prepared{chunk, err}:
			case <-ctx.Done():
				return
			}
			if err != nil || chunk.Last {
				return
			}
			cursor = chunk.Next
		}
	}()
	return out
}

// apply writes a chunk, its tally and the new cursor in one act.
func (s *Service) apply(ctx context.Context, who access.Actor, k Kind, r Run, chunk Chunk) (Run, error) {
	name, after := k.Name+".chunk", Done
	if r.State == Undoing {
		name, after = k.Name+".undo", Undone
	}
	var out Run
	err := s.acts.Write(ctx, who, name, func(tx *act.Tx) error {
		fresh, err := load(ctx, tx, r.Tenant, r.ID)
		if err != nil {
			return err
		}
		if fresh.State != r.State || fresh.Cursor != r.Cursor {
			return fail.Conflict("run.changed", "number", r.Number)
		}
		if err := tx.Allow(k.Start, r.Tenant, r.Area); err != nil {
			return err
		}
		tally := Tally{}
		if chunk.Apply != nil {
			if tally, err = chunk.Apply(ctx, tx); err != nil {
				return err
			}
		}
		out = fresh
		out.Tally = Tally{}
		out.Tally.Add(fresh.Tally)
		if r.State == Running {
			out.Tally.Add(tally)
		}
		if fresh.Halted() { // whom it acts for is back
			out.Failure = ""
		}
		out.Cursor, out.Finished, out.Chunks = chunk.Next, fresh.Finished+chunk.Units, fresh.Chunks+1
		if chunk.Last {
			if err := s.finish(ctx, tx, k, &out, after); err != nil {
				return err
			}
		}
		if err := update(ctx, tx.Tx, out); err != nil {
			return err
		}
		out.Version++
		return tx.Record(ctx, entry(out, map[string]any{"chunk": out.Chunks, "tally": tally}))
	})
	if err != nil {
		return r, err
	}
	if chunks := uint64(out.Chunks); bits.OnesCount64(chunks) == 1 && bits.TrailingZeros64(chunks)%2 == 0 {
		// After 1, 4, 16, ... chunks: a table that grows fourfold needs new statistics about as often. Without them the run
		// is slower, not wrong, and the chunk is committed: a database that is gone shows at the next one.
		_ = s.acts.DB().Grown(ctx)
	}
	return out, nil
}

func (s *Service) finish(ctx context.Context, tx *act.Tx, k Kind, r *Run, after State) error {
	if k.Finish != nil && after == Done {
		tally, err := k.Finish(ctx, tx, *r)
		if err != nil {
			return err
		}
		r.Tally.Add(tally)
	}
	r.State, r.EndedAt = after, tx.Now
	return nil
}

// failed ends a run whose failure another try cannot mend; one that may pass stays
// as it is, to be resumed.
func (s *Service) failed(ctx context.Context, who access.Actor, r Run, cause error) (Run, error) {
	if ctx.Err() != nil || passes(cause) {
		return r, cause
	}
	ended, err := s.change(context.WithoutCancel(ctx), who, "run.failed", r.Tenant, r.ID, starter, func(tx *act.Tx, _ Kind, r *Run) error {
		if r.State.Ended() {
			return errState
		}
		r.State, r.EndedAt, r.Failure = Failed, tx.Now, fail.CodeOf(cause)
		return nil
	})
	if err != nil && !errors.Is(err, errState) {
		return r, errors.Join(cause, fmt.Errorf("note failure: %w", err))
	}
	if err != nil {
		return r, cause
	}
	return ended, cause
}

// passes reports whether a failure may be gone at the next try: somebody stopped the
// work, the database or a service did not answer, or another writer was first.
func passes(cause error) bool {
	return errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) || sqldb.IsRetryable(cause) ||
		sqldb.IsGone(cause) || sqldb.IsFull(cause) || fail.KindOf(cause) == fail.KindUnavailable || fail.CodeOf(cause) == "run.changed"
}
