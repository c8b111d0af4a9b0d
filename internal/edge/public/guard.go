package public

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"tepat/internal/kit/httpkit"
)

// Limits bound what one address may ask. They stand before the handler; the budgets of a
// NIK and of a birthday, which hold however many addresses take part, are lookups.Limits.
//
// An address is often many people: a village's one line, or the gateway of a telephone
// company. So the numbers are generous, and before anybody is turned away a simple question
// is asked.
type Limits struct {
	// PerMinute and PerHour are the checks of an address, an IPv6 /64 counting as one.
	PerMinute, PerHour int
	// QuestionAfter is the number of checks within an hour that found nothing, after which a
	// sum has to be answered. A right answer clears the count.
	QuestionAfter int
	// Addresses bounds the memory: the number of addresses remembered, at about 200 bytes each.
	Addresses int
}

// DefaultLimits lets a village office check a queue of people.
func DefaultLimits() Limits {
	return Limits{PerMinute: 30, PerHour: 300, QuestionAfter: 5, Addresses: 1 << 17}
}

// guard holds the limits of one form.
type guard struct {
	minute, hour *httpkit.Limiter[netip.Addr]
	tries        *tries
	after        int
}

func newGuard(l Limits) *guard {
	return &guard{minute: httpkit.NewLimiter[netip.Addr](l.PerMinute, time.Minute, l.Addresses),
		hour: httpkit.NewLimiter[netip.Addr](l.PerHour, time.Hour, l.Addresses), tries: newTries(l.Addresses), after: l.QuestionAfter}
}

// take uses up one check of an address; public.limited with the fact "seconds" otherwise.
func (g *guard) take(from netip.Addr, now time.Time) error {
	if err := g.minute.Take(from, now, "public.limited"); err != nil {
		return err
	}
	return g.hour.Take(from, now, "public.limited")
}

// asks reports whether the address has to answer a question first.
func (g *guard) asks(from netip.Addr, now time.Time) bool {
	return g.tries.count(from, now) >= g.after
}

// miss counts a check that found nothing.
func (g *guard) miss(from netip.Addr, now time.Time) { g.tries.add(from, now) }

// forget clears the count after a right answer.
func (g *guard) forget(from netip.Addr) { g.tries.drop(from) }

// tries counts the fruitless tries of addresses, each for an hour after its first.
type tries struct {
	seed   maphash.Seed
	most   int // addresses a shard remembers
	shards [tryShards]tryShard
}

const (
	tryShards = 64
	tryPeriod = time.Hour
)

type tryShard struct {
	mu    sync.Mutex
	known map[netip.Addr]try
	_     [64]byte // keeps neighbours off each other's cache line
}

type try struct {
	since int64 // unix seconds
	n     int
}

func newTries(addresses int) *tries {
	t := &tries{seed: maphash.MakeSeed(), most: max(1, addresses/tryShards)}
	for i := range t.shards {
		t.shards[i].known = map[netip.Addr]try{}
	}
	return t
}

func (t *tries) shard(from netip.Addr) *tryShard {
	return &t.shards[maphash.Comparable(t.seed, from)%tryShards]
}

// current gives the count of an address that is still within its hour.
func (s *tryShard) current(from netip.Addr, now time.Time) try {
	one := s.known[from]
	if now.Unix()-one.since >= int64(tryPeriod/time.Second) {
		return try{since: now.Unix()}
	}
	return one
}

func (t *tries) count(from netip.Addr, now time.Time) int {
	s := t.shard(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current(from, now).n
}

func (t *tries) add(from netip.Addr, now time.Time) {
	s := t.shard(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.current(from, now)
	one.n++
	if _, known := s.known[from]; !known && len(s.known) >= t.most {
		s.makeRoom(now)
	}
	s.known[from] = one
}

func (t *tries) drop(from netip.Addr) {
	s := t.shard(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, from)
}

// makeRoom forgets the smallest count of a few, those past their hour first: a flood of new
// addresses pushes out newcomers, not those that have tried often.
func (s *tryShard) makeRoom(now time.Time) {
	looked, least := 0, -1
	var victim netip.Addr
	for from := range s.known {
		if looked++; looked > 20 {
			break
		}
		if n := s.current(from, now).n; least < 0 || n < least {
			victim, least = from, n
		}
	}
	delete(s.known, victim)
}
