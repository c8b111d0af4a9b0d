package httpkit_test

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
)

func TestLimiterAllowsBurstThenRate(t *testing.T) {
	t.Parallel()
	l := httpkit.NewLimiter[string](5, time.Minute, 1000) // five a minute, one each 12 s
	start := time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)
	for i := range 5 {
		if ok, _ := l.Allow("a", start); !ok {
			t.Fatalf("request %d of the burst was refused", i+1)
		}
	}
	ok, wait := l.Allow("a", start)
	if ok || wait != 12*time.Second {
		t.Errorf("the sixth: %v, wait %v, want 12 s", ok, wait)
	}
	if ok, _ := l.Allow("b", start); !ok {
		t.Error("another key pays for the first")
	}
	if ok, _ := l.Allow("a", start.Add(11*time.Second)); ok {
		t.Error("allowed before its time")
	}
	if ok, _ := l.Allow("a", start.Add(12*time.Second)); !ok {
		t.Error("refused after its time")
	}
	if ok, _ := l.Allow("a", start.Add(-time.Hour)); ok {
		t.Error("a clock that went back gave a second burst")
	}
}

func TestLimiterErrorSaysHowLong(t *testing.T) {
	t.Parallel()
	l := httpkit.NewLimiter[string](1, time.Minute, 10)
	now := time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)
	if err := l.Take("a", now, "x.slow"); err != nil {
		t.Fatal(err)
	}
	err := l.Take("a", now.Add(500*time.Millisecond), "x.slow")
	e, ok := fail.As(err)
	if !ok || !errors.Is(err, fail.Limited("x.slow")) || e.Facts[0].Value != 60 {
		t.Errorf("error is %v", err)
	}
}

func TestLimiterMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const capacity = 6400
	l := httpkit.NewLimiter[netip.Addr](5, time.Hour, capacity)
	now := time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)
	for i := range uint32(10 * capacity) {
		l.Allow(address(i), now)
	}
	if n := l.Len(); n > capacity {
		t.Errorf("%d keys are held, capacity %d", n, capacity)
	}
	if n := l.Len(); n < capacity/2 {
		t.Errorf("only %d keys are held: limits are forgotten too soon", n)
	}
}

func TestLimiterForgetsQuietKeysFirst(t *testing.T) {
	t.Parallel()
	l := httpkit.NewLimiter[netip.Addr](1, time.Minute, 64*20)
	now := time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)
	for i := range uint32(64 * 20) {
		l.Allow(address(i), now)
	}
	later := now.Add(2 * time.Minute) // all of them are quiet by now
	busy := address(1 << 30)
	l.Allow(busy, later)
	for i := range uint32(64 * 10) {
		l.Allow(address(1<<20+i), later)
	}
	if ok, _ := l.Allow(busy, later); ok {
		t.Error("a busy key was forgotten while quiet ones were held")
	}
}

func TestLimiterIsFairUnderConcurrency(t *testing.T) {
	t.Parallel()
	l := httpkit.NewLimiter[string](100, time.Hour, 1000)
	now := time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)
	var allowed atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				if ok, _ := l.Allow("a", now); ok {
					allowed.Add(1)
				}
			}
		})
	}
	group.Wait()
	if allowed.Load() != 100 {
		t.Errorf("%d of 800 were allowed, want exactly 100", allowed.Load())
	}
}

func address(i uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], i)
	return netip.AddrFrom4(b)
}

// BenchmarkLimiter takes requests of 50,000 addresses from all cores; the public check needs
// 5,000 a second.
func BenchmarkLimiter(b *testing.B) {
	l := httpkit.NewLimiter[netip.Addr](5, time.Minute, 200_000)
	var next atomic.Uint32
	now := time.Now()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := next.Add(1)
			l.Allow(address(i%50_000), now.Add(time.Duration(i)*time.Microsecond))
		}
	})
}
