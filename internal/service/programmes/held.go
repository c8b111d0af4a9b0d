package programmes

import (
	"sync"

	"tepat/internal/kit/sqldb"
)

// held keeps the list of the run under way in memory: one at a time, since each is as large as a
// district, and any can be worked out again.
type held struct {
	mu  sync.Mutex
	run sqldb.ID
	all *draft
}

func (h *held) get(run sqldb.ID) *draft {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.run != run {
		return nil
	}
	return h.all
}

func (h *held) put(run sqldb.ID, all *draft) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.run, h.all = run, all
}

func (h *held) drop(run sqldb.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.run == run {
		h.run, h.all = sqldb.ID{}, nil
	}
}
