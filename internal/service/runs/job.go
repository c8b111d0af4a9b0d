package runs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/queue"
	"tepat/internal/kit/sqldb"
)

// Job works one chunk of a run in the background.
type Job struct {
	Tenant area.Tenant `json:"tenant"`
	Run    sqldb.ID    `json:"run"`
	// Back tells the way back from the way there: the job of one may still stand when the other begins.
	Back bool `json:"back,omitempty"`
}

// Kind names the job for good.
func (Job) Kind() string { return "runs.step" }

// Options let a run have one job only, however often it is handed over.
func (Job) Options() queue.Options { return queue.Options{Unique: true} }

// JobOf gives the job that works a run.
func JobOf(r Run) any { return Job{r.Tenant, r.ID, r.State == Undoing} }

// Watch looks after a while whether anybody still works a run.
type Watch struct {
	Tenant  area.Tenant `json:"tenant"`
	Run     sqldb.ID    `json:"run"`
	Version int64       `json:"version"` // at the last look
	at      time.Time
}

// Kind names the job for good.
func (Watch) Kind() string { return "runs.watch" }

// Options say when it looks.
func (w Watch) Options() queue.Options { return queue.Options{Unique: true, At: w.at} }

// WatchOf gives the job that looks at an instant whether a run has moved.
func WatchOf(r Run, at time.Time) Watch { return Watch{r.Tenant, r.ID, r.Version, at} }

// ErrBusy says that somebody of this process works the run already.
var ErrBusy = errors.New("run is worked already")

// Interrupted gives the runs that somebody began or approved and nobody brought to an end: whoever works them may
// be gone.
func (s *Service) Interrupted(ctx context.Context) ([]Run, error) {
	// -- national: of every district this installation writes for (kabkota)
	out, err := sqldb.Collect(ctx, s.acts.DB().Direct(), `
		SELECT `+columns+` FROM run WHERE state IN ($1, $2, $3) ORDER BY kabkota, created_at, id LIMIT 1000`,
		[]any{string(Approved), string(Running), string(Undoing)}, scan)
	if err != nil {
		return nil, fmt.Errorf("read interrupted runs: %w", err)
	}
	return out, nil
}

// Peek gives a run for a job that works it for nobody but its owner.
func (s *Service) Peek(ctx context.Context, tenant area.Tenant, id sqldb.ID) (Run, error) {
	return load(ctx, s.acts.DB().Direct(), tenant, id)
}

// Attended gives the same runs to whoever drives them herself, such as a command: no job is enqueued for them.
func (s *Service) Attended() *Service {
	out := *s
	out.background = nil
	return &out
}

// hold keeps the runs this process is working: a kind reads ahead, and two who read one run would disturb each other.
type hold struct {
	mu   sync.Mutex
	held map[sqldb.ID]chan struct{}
}

// take gives a run to one who waits for it, until ctx ends.
func (h *hold) take(ctx context.Context, id sqldb.ID) (release func(), err error) {
	for {
		release, other := h.try(id)
		if other == nil {
			return release, nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// try gives a run when nobody has it; else other is closed when she gives it back.
func (h *hold) try(id sqldb.ID) (release func(), other <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if by, taken := h.held[id]; taken {
		return nil, by
	}
	mine := make(chan struct{})
	h.held[id] = mine
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.held, id)
		close(mine)
	}, nil
}
