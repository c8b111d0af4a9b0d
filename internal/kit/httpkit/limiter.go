package httpkit

import (
	"hash/maphash"
	"sync"
	"time"

	"tepat/internal/kit/fail"
)

// Limiter allows each key a steady rate with a burst, and forgets keys that are quiet again.
//
// It is the generic cell rate algorithm (ITU-T I.371): one instant a key, the time at which its
// bucket would be empty. Memory is bounded by the capacity given; a key costs about 60 bytes.
// Sharded, so that cores do not wait for each other.
type Limiter[K comparable] struct {
	interval time.Duration // time one request costs
	burst    time.Duration // how far ahead a key may run
	seed     maphash.Seed
	shards   [limiterShards]limiterShard[K]
	perShard int
}

const limiterShards = 64

type limiterShard[K comparable] struct {
	mu    sync.Mutex
	empty map[K]int64 // unix nanoseconds at which the key's bucket is empty
	_     [64]byte    // keeps neighbours off each other's cache line
}

// NewLimiter allows count requests a period, all at once if need be, for at most capacity keys.
func NewLimiter[K comparable](count int, period time.Duration, capacity int) *Limiter[K] {
	interval := period / time.Duration(max(1, count))
	l := &Limiter[K]{interval: interval, burst: interval * time.Duration(max(0, count-1)),
		seed: maphash.MakeSeed(), perShard: max(1, capacity/limiterShards)}
	for i := range l.shards {
		l.shards[i].empty = map[K]int64{}
	}
	return l
}

// Allow takes one request of key at now. When there is none left, wait says how long until.
func (l *Limiter[K]) Allow(key K, now time.Time) (ok bool, wait time.Duration) {
	shard := &l.shards[maphash.Comparable(l.seed, key)%limiterShards]
	at := now.UnixNano()
	shard.mu.Lock()
	defer shard.mu.Unlock()
	empty, known := shard.empty[key]
	if empty < at {
		empty = at
	}
	if ahead := time.Duration(empty - at); ahead > l.burst {
		return false, ahead - l.burst
	}
	if !known && len(shard.empty) >= l.perShard {
		shard.makeRoom(at)
	}
	shard.empty[key] = empty + int64(l.interval)
	return true, 0
}

// makeRoom forgets a few keys, quiet ones first. Go walks a map from a random place, so twenty
// looked at are a fair sample; when all of them are busy one of them starts afresh, which
// favours a flood of new addresses over the memory of the machine.
func (s *limiterShard[K]) makeRoom(at int64) {
	looked := 0
	var earliest K
	var soonest int64
	freed := false
	for key, empty := range s.empty {
		if looked++; looked > 20 {
			break
		}
		if empty <= at {
			delete(s.empty, key)
			freed = true
			continue
		}
		if soonest == 0 || empty < soonest {
			earliest, soonest = key, empty
		}
	}
	if !freed {
		delete(s.empty, earliest)
	}
}

// Take is Allow as an error: fail.Limited with code and the fact "seconds".
func (l *Limiter[K]) Take(key K, now time.Time, code string) error {
	ok, wait := l.Allow(key, now)
	if ok {
		return nil
	}
	return fail.Limited(code, "seconds", int((wait+time.Second-1)/time.Second))
}

// Len counts the keys remembered.
func (l *Limiter[K]) Len() int {
	n := 0
	for i := range l.shards {
		l.shards[i].mu.Lock()
		n += len(l.shards[i].empty)
		l.shards[i].mu.Unlock()
	}
	return n
}
