package parallel_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"tepat/internal/kit/parallel"
)

func TestAheadYieldsAll(t *testing.T) {
	t.Parallel()
	for _, n := range []int{-1, 0, 1, 2, 50} {
		if got := slices.Collect(parallel.Ahead(n, slices.Values(numbers(20)))); !slices.Equal(got, numbers(20)) {
			t.Errorf("%d ahead: %v", n, got)
		}
	}
}

func TestAheadIsNoFartherAhead(t *testing.T) {
	t.Parallel()
	var made atomic.Int32
	in := func(yield func(int) bool) {
		for i := range 30 {
			made.Add(1)
			if !yield(i) {
				return
			}
		}
	}
	for v := range parallel.Ahead(3, in) {
		if ahead := int(made.Load()) - v; ahead > 3+2 { // the one in hand, and the one just made that waits for room
			t.Fatalf("%d values exist", ahead)
		}
	}
}

func TestAheadEndsWithItsTaker(t *testing.T) {
	t.Parallel()
	ended := false
	in := func(yield func(int) bool) {
		defer func() { ended = true }()
		for i := 0; yield(i); i++ { // endless
			continue
		}
	}
	for v := range parallel.Ahead(2, in) {
		if v == 5 {
			break
		}
	}
	if !ended {
		t.Error("the producer is left behind")
	}
}

func TestAheadPassesPanicsOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	got := 0
	caught := catch(func() {
		for range parallel.Ahead(1, func(yield func(int) bool) {
			yield(1)
			panic(broken)
		}) {
			got++
		}
	})
	if p, ok := caught.(*parallel.Panic); !ok || !errors.Is(p, broken) || got != 1 {
		t.Errorf("%v after %d values", caught, got)
	}
}

func TestEachCallsAll(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{0, 1, 3} {
		var sum atomic.Int64
		var list []func()
		for i := range 10 {
			list = append(list, func() { sum.Add(int64(i)) })
		}
		parallel.Each(workers, list...)
		if sum.Load() != 45 {
			t.Errorf("%d workers: %d", workers, sum.Load())
		}
	}
}
