package app

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// healthPath is asked by what watches the service and by balancers in front of it: 200 "baik" while the database answers,
// 503 "terganggu" when it does not. It tells nothing else, and leaves no trace.
const healthPath = "/sehat"

const (
	healthKept  = time.Second     // asked ever so often, the database is asked once a second
	healthLimit = 5 * time.Second // a database that takes longer does not answer
)

// health remembers whether the database answered a moment ago.
type health struct {
	ask func(ctx context.Context) error

	mu   sync.Mutex
	well bool
	at   time.Time
}

func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, say := http.StatusOK, "baik\n"
	if !h.stands(r.Context()) {
		status, say = http.StatusServiceUnavailable, "terganggu\n"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		io.WriteString(w, say) // whoever asked may have gone
	}
}

func (h *health) stands(ctx context.Context) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.at) < healthKept {
		return h.well
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), healthLimit)
	defer cancel()
	h.well, h.at = h.ask(ctx) == nil, time.Now()
	return h.well
}

// tellHealth answers healthPath before next, of each listener of its own.
func (b *house) tellHealth(next http.Handler) http.Handler {
	h := &health{ask: func(ctx context.Context) error { _, err := b.DB.SchemaVersion(ctx); return err }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == healthPath && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			h.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
