package public

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"tepat/internal/kit/fail"
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
	// Addresses bounds the memory: the number of addresses remembered, at about 100 bytes each.
	Addresses int
}

// DefaultLimits lets a village office check a queue of people.
func DefaultLimits() Limits {
	return Limits{PerMinute: 30, PerHour: 300, QuestionAfter: 5, Addresses: 1 << 18}
}

// guard keeps the limits of one form. It is the algorithm of httpkit.Limiter (GCRA, ITU-T
// I.371) for two rates and the count of fruitless tries at once: three maps of the size of a
// district's telephones cost three cold reads of memory a request, one map costs one.
type guard struct {
	rates  [2]rate
	after  int
	most   int // addresses a shard remembers
	seed   maphash.Seed
	shards [guardShards]guardShard
}

// rate allows a request an interval, and a burst ahead of it; in nanoseconds.
type rate struct{ interval, burst int64 }

func newRate(count int, period time.Duration) rate {
	interval := int64(period) / int64(max(1, count))
	return rate{interval, interval * int64(max(0, count-1))}
}

const (
	guardShards = 64
	tryPeriod   = int64(time.Hour)
)

type guardShard struct {
	mu    sync.Mutex
	known map[[16]byte]visitor
	_     [64]byte // keeps neighbours off each other's cache line
}

// visitor is what is remembered of an address. Instants are unix nanoseconds.
type visitor struct {
	empty [2]int64 // when the bucket of each rate is empty again
	since int64    // first of the fruitless tries
	tries int32
}

func newGuard(l Limits) *guard {
	g := &guard{rates: [2]rate{newRate(l.PerMinute, time.Minute), newRate(l.PerHour, time.Hour)}, after: l.QuestionAfter,
		most: max(1, l.Addresses/guardShards), seed: maphash.MakeSeed()}
	for i := range g.shards {
		g.shards[i].known = map[[16]byte]visitor{}
	}
	return g
}

func (g *guard) shard(key [16]byte) *guardShard {
	return &g.shards[maphash.Comparable(g.seed, key)%guardShards]
}

// take uses up one check of an address: public.limited with the fact "seconds" when there is
// none left. asks reports whether a question has to be answered first.
func (g *guard) take(from netip.Addr, now time.Time) (asks bool, err error) {
	key, at := from.As16(), now.UnixNano()
	s := g.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	v, known := s.known[key]
	var wait int64
	for i, r := range g.rates {
		v.empty[i] = max(v.empty[i], at)
		wait = max(wait, v.empty[i]-at-r.burst)
	}
	if wait > 0 {
		return false, fail.Limited("public.limited", "seconds", int((wait+int64(time.Second)-1)/int64(time.Second)))
	}
	for i, r := range g.rates {
		v.empty[i] += r.interval
	}
	if !known && len(s.known) >= g.most {
		s.makeRoom(at)
	}
	s.known[key] = v
	return v.count(at) >= g.after, nil
}

// asks reports whether the address has to answer a question before its next check.
func (g *guard) asks(from netip.Addr, now time.Time) bool {
	key := from.As16()
	s := g.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[key].count(now.UnixNano()) >= g.after
}

// miss counts a check that found nothing.
func (g *guard) miss(from netip.Addr, now time.Time) {
	g.change(from, func(v *visitor) {
		if v.count(now.UnixNano()) == 0 {
			v.since, v.tries = now.UnixNano(), 0
		}
		v.tries++
	})
}

// forget clears the count after a right answer.
func (g *guard) forget(from netip.Addr) { g.change(from, func(v *visitor) { v.tries = 0 }) }

// change works on an address that has just taken a check. One that was pushed out meanwhile
// starts afresh, as every stranger does.
func (g *guard) change(from netip.Addr, f func(*visitor)) {
	key := from.As16()
	s := g.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, known := s.known[key]; known {
		f(&v)
		s.known[key] = v
	}
}

// count gives the fruitless tries that are not an hour old.
func (v visitor) count(at int64) int {
	if at-v.since >= tryPeriod {
		return 0
	}
	return int(v.tries)
}

// makeRoom forgets, of a few, the one that has asked least: quiet ones first. Go walks a map
// from a random place, so twenty are a fair sample. A flood of new addresses pushes out
// newcomers, not those that have tried often.
func (s *guardShard) makeRoom(at int64) {
	looked := 0
	var victim [16]byte
	least := int64(-1)
	for key, v := range s.known {
		if looked++; looked > 20 {
			break
		}
		if weight := max(0, v.empty[1]-at) + int64(v.count(at))*tryPeriod; least < 0 || weight < least {
			victim, least = key, weight
		}
	}
	delete(s.known, victim)
}
