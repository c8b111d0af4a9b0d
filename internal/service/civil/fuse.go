package civil

import (
	"sync"
	"time"
)

// blowsAfter is how many tries in a row may fail before a rest.
const blowsAfter = 6

// fuse keeps a service that fails from being asked on and on: after a row of failures
// nobody asks for a while. It is safe for concurrent use.
type fuse struct {
	mu    sync.Mutex
	fails int
	until time.Time
}

// holds reports whether asking makes sense now.
func (f *fuse) holds(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !now.Before(f.until)
}

// rests gives until when nobody asks; zero when asking makes sense.
func (f *fuse) rests(now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Before(f.until) {
		return f.until
	}
	return time.Time{}
}

// worked notes an answer.
func (f *fuse) worked() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails = 0
}

// failed notes a failure. A rest the service asked for begins at once, else one begins
// when too many tries failed in a row.
func (f *fuse) failed(now time.Time, usual, asked time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails++; f.fails >= blowsAfter && asked == 0 {
		asked = usual
	}
	if asked > 0 {
		f.fails, f.until = 0, now.Add(asked)
	}
}
