package lookups

import (
	"encoding/binary"
	"sync"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// Limits bound what can be tried in a day. An address's budget stands before the
// handler, in httpkit; these hold however many addresses take part.
type Limits struct {
	// PerNIK is the number of checks of one NIK a day that found nothing. A family that
	// types her numbers right is not held up by others who guess.
	PerNIK int
	// PerBirthday is the number of checks a day, of NIKs of one kecamatan and birth date,
	// that found nothing: who runs through the serial numbers of a NIK stops here.
	PerBirthday int
	// Entries bounds the memory: the number of NIKs, and of birthdays, remembered.
	Entries int

	zone *time.Location // whose midnight ends a day; nil: the capital's
}

// DefaultLimits are those of product.md: five tries a day for a NIK. A kecamatan of
// thirty thousand people has one or two births a day of the past, so thirty misses a
// day are far above what honest mistakes make.
func DefaultLimits() Limits { return Limits{PerNIK: 5, PerBirthday: 30, Entries: 1 << 20} }

// In gives the same limits for days that begin at midnight of a zone, that of the office.
func (l Limits) In(zone *time.Location) Limits {
	l.zone = zone
	return l
}

// Budgets counts tries by day. It forgets at midnight of the office (ADR 26), and earlier, in rough order
// of age, when its memory is used up.
type Budgets struct {
	limits    Limits
	niks      *tally
	birthdays *tally
}

// NewBudgets makes empty budgets.
func NewBudgets(l Limits) *Budgets {
	if l.zone == nil {
		l.zone = area.NoZone.Location()
	}
	return &Budgets{limits: l, niks: newTally(l.Entries), birthdays: newTally(l.Entries)}
}

// Allow refuses with check.limited when a budget is used up.
func (b *Budgets) Allow(hash sqldb.Hash, nik person.NIK, now time.Time) error {
	day := period.DayNumber(now, b.limits.zone)
	if b.niks.count(nikKey(hash), day) >= b.limits.PerNIK || b.birthdays.count(birthdayKey(nik), day) >= b.limits.PerBirthday {
		return fail.Limited("check.limited", "hours", period.HoursLeft(now, b.limits.zone))
	}
	return nil
}

// Miss counts a check that found nothing.
func (b *Budgets) Miss(hash sqldb.Hash, nik person.NIK, now time.Time) {
	day := period.DayNumber(now, b.limits.zone)
	b.niks.add(nikKey(hash), day)
	b.birthdays.add(birthdayKey(nik), day)
}

// nikKey shortens the keyed hash of a NIK, so that no NIK is kept in memory.
func nikKey(h sqldb.Hash) uint64 { return binary.BigEndian.Uint64(h[:8]) }

// birthdayKey is the first twelve digits of a NIK: kecamatan, day and sex.
func birthdayKey(nik person.NIK) uint64 {
	var buf [16]byte
	var n uint64
	for _, c := range nik.AppendPlain(buf[:0])[:12] {
		n = n*10 + uint64(c-'0')
	}
	return n
}

const shards = 64

// tally counts by key within a day, sharded so that many requests do not wait for each other.
type tally struct{ shards [shards]tallyShard }

type tallyShard struct {
	mu       sync.Mutex
	day      int64
	most     int
	now, old map[uint64]uint8 // old is the generation before, dropped when now is full
}

func newTally(entries int) *tally {
	t := &tally{}
	for i := range t.shards {
		t.shards[i].most = max(entries/shards/2, 1)
	}
	return t
}

func (t *tally) shard(key uint64) *tallyShard { return &t.shards[(key*0x9e3779b97f4a7c15)>>58] }

// turn begins a new day or a new generation.
func (s *tallyShard) turn(day int64) {
	switch {
	case s.day != day || s.now == nil:
		s.day, s.now, s.old = day, map[uint64]uint8{}, nil
	case len(s.now) >= s.most:
		s.now, s.old = map[uint64]uint8{}, s.now
	}
}

func (t *tally) count(key uint64, day int64) int {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(day)
	return int(max(s.now[key], s.old[key]))
}

func (t *tally) add(key uint64, day int64) {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(day)
	if n := max(s.now[key], s.old[key]); n < 255 {
		s.now[key] = n + 1
	}
}
