package proposals

import (
	"sync"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
)

// Tries counts what somebody tried in a day, by a keyed hash. The day is the citizen's, from midnight
// to midnight at the office: "try again tomorrow" is what she is told, and what holds (ADR 26). It
// forgets the longest ago first when more keys come than it remembers. It is safe for concurrent use.
type Tries struct {
	mu       sync.Mutex
	zone     *time.Location
	perDay   int
	most     int
	day      int64
	now, old map[sqldb.Hash]int // old is the generation before, dropped when now is full
}

// NewTries allows so many tries a day of a zone for a key and remembers about so many keys. Without a
// zone the day is the capital's.
func NewTries(perDay, keys int, zone *time.Location) *Tries {
	if zone == nil {
		zone = area.NoZone.Location()
	}
	return &Tries{zone: zone, perDay: perDay, most: max(keys/2, 1)}
}

// Left gives how many tries the key has left today.
func (t *Tries) Left(key sqldb.Hash, now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	return max(0, t.perDay-max(t.now[key], t.old[key]))
}

// Add counts one try.
func (t *Tries) Add(key sqldb.Hash, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	t.now[key] = max(t.now[key], t.old[key]) + 1
}

// turn begins a new day or a new generation.
func (t *Tries) turn(now time.Time) {
	switch day := period.DayNumber(now, t.zone); {
	case t.day != day || t.now == nil:
		t.day, t.now, t.old = day, map[sqldb.Hash]int{}, nil
	case len(t.now) >= t.most:
		t.now, t.old = map[sqldb.Hash]int{}, t.now
	}
}

// HoursLeft gives the hours until the tries of a day are forgotten, from 1 to 24.
func (t *Tries) HoursLeft(now time.Time) int { return period.HoursLeft(now, t.zone) }
