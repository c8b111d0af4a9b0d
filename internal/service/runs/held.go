package runs

import (
	"sync"

	"tepat/internal/kit/sqldb"
)

// Held keeps in memory what the run under way has worked out: of one run at a time, since it is as large as a district,
// and any can be worked out again. It may be used from several goroutines.
type Held[T any] struct {
	mu  sync.Mutex
	run sqldb.ID
	all *T
}

// Get gives what is held of a run, nil when it is that of another or nothing.
func (h *Held[T]) Get(run sqldb.ID) *T {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.run != run {
		return nil
	}
	return h.all
}

// Put holds what a run worked out, in place of what was held.
func (h *Held[T]) Put(run sqldb.ID, all *T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.run, h.all = run, all
}

// Drop lets go of what is held of a run.
func (h *Held[T]) Drop(run sqldb.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.run == run {
		h.run, h.all = sqldb.ID{}, nil
	}
}
