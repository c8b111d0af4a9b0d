package parallel_test

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/kit/parallel"
)

func sum(chunk []int) int {
	total := 0
	for _, v := range chunk {
		total += v
	}
	return total
}

func collect[R any](into *[]R) func(R) error {
	return func(r R) error {
		*into = append(*into, r)
		return nil
	}
}

func numbers(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func TestResultsAreTheSameForAnyWorkerCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.IntRange(-9, 9), 0, 200).Draw(t, "items")
		size := rapid.IntRange(0, 20).Draw(t, "size")
		var want []int
		for chunk := range parallel.Split(items, size) {
			want = append(want, sum(chunk))
		}
		for _, workers := range []int{-1, 0, 1, 2, 3, 16} {
			var got []int
			if err := parallel.Chunks(workers, parallel.Split(items, size), sum, collect(&got)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%d workers: %v, want %v", workers, got, want)
			}
		}
	})
}

func TestSlowFirstChunkDoesNotLoseItsPlace(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var finished atomic.Int32
	f := func(chunk []int) int {
		if chunk[0] == 0 {
			<-release
		} else if finished.Add(1) == 3 { // the three others of the first window
			close(release)
		}
		return chunk[0]
	}
	var got []int
	if err := parallel.Chunks(2, parallel.Split(numbers(9), 1), f, collect(&got)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, numbers(9)) {
		t.Errorf("order = %v", got)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const workers = 3
	yielded, delivered, most := 0, 0, 0
	in := func(yield func([]int) bool) {
		for i := range 500 {
			yielded++
			most = max(most, yielded-delivered)
			if !yield([]int{i}) {
				return
			}
		}
	}
	out := func(int) error { delivered++; return nil }
	if err := parallel.Chunks(workers, in, sum, out); err != nil {
		t.Fatal(err)
	}
	if most > 2*workers+1 { // the one just yielded waits for room
		t.Errorf("%d chunks existed at a time", most)
	}
	if delivered != 500 {
		t.Errorf("delivered %d", delivered)
	}
}

func TestErrorOfOutEndsTheWork(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for _, workers := range []int{1, 4} {
		ended := false
		in := func(yield func([]int) bool) {
			for i := 0; yield([]int{i}); i++ { // endless
				continue
			}
			ended = true
		}
		calls := 0
		err := parallel.Chunks(workers, in, sum, func(r int) error {
			calls++
			if r == 5 {
				return full
			}
			return nil
		})
		if !errors.Is(err, full) || calls != 6 || !ended {
			t.Errorf("%d workers: err %v after %d results, producer ended %v", workers, err, calls, ended)
		}
	}
}

func TestPanicReachesTheCallerAtItsPlace(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, workers := range []int{1, 2, 8} {
		var got []int
		caught := catch(func() {
			_ = parallel.Chunks(workers, parallel.Split(numbers(50), 1), func(chunk []int) int {
				if chunk[0] >= 20 {
					panic(fmt.Errorf("chunk %d: %w", chunk[0], broken))
				}
				return chunk[0]
			}, collect(&got))
		})
		p, ok := caught.(*parallel.Panic)
		if !ok || !errors.Is(p, broken) {
			t.Fatalf("%d workers: panic %v", workers, caught)
		}
		if text := p.Error(); !slices.Equal(got, numbers(20)) || len(p.Stack) == 0 || text[:25] != "parallel: chunk 20: broke" {
			t.Errorf("%d workers: %v delivered before %q", workers, got, text)
		}
	}
}

func catch(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

func TestEndOfAWorkersGoroutineIsAPanicNotADeadlock(t *testing.T) {
	t.Parallel()
	caught := catch(func() {
		_ = parallel.Chunks(2, parallel.Split(numbers(20), 1), func([]int) int {
			runtime.Goexit()
			return 0
		}, func(int) error { return nil })
	})
	if _, ok := caught.(*parallel.Panic); !ok {
		t.Errorf("caught %v", caught)
	}
}

func TestPanicsOfTheCallersFunctionsLeaveNoWorkerBehind(t *testing.T) {
	var running atomic.Int32
	f := func(chunk []int) int {
		running.Add(1)
		defer running.Add(-1)
		return chunk[0]
	}
	producer := func(yield func([]int) bool) {
		for i := range 5 {
			yield([]int{i})
		}
		panic("producer")
	}
	none := func(int) error { return nil }
	if v := catch(func() { _ = parallel.Chunks(4, producer, f, none) }); v != "producer" {
		t.Errorf("caught %v", v)
	}
	consumer := func(int) error { panic("consumer") }
	if v := catch(func() { _ = parallel.Chunks(4, parallel.Split(numbers(50), 1), f, consumer) }); v != "consumer" {
		t.Errorf("caught %v", v)
	}
	if n := running.Load(); n != 0 {
		t.Errorf("%d calls still running", n)
	}
}

func TestScratchIsOnePerWorker(t *testing.T) {
	t.Parallel()
	type room struct{ buf []int }
	for _, workers := range []int{1, 3} {
		made := 0
		scratch := func() *room { made++; return &room{} }
		f := func(r *room, chunk []int) int { // races unless each worker has its own
			r.buf = append(r.buf[:0], chunk...)
			return sum(r.buf)
		}
		total := 0
		err := parallel.ChunksWith(workers, scratch, parallel.Split(numbers(1000), 7), f, func(n int) error {
			total += n
			return nil
		})
		if err != nil || total != 999*1000/2 || made != workers {
			t.Errorf("%d workers: total %d, %d scratches, err %v", workers, total, made, err)
		}
	}
}

func TestSplitAndGather(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		in   iter.Seq[[]int]
		want [][]int
	}{
		{"split with a rest", parallel.Split(numbers(5), 2), [][]int{{0, 1}, {2, 3}, {4}}},
		{"split without a rest", parallel.Split(numbers(4), 2), [][]int{{0, 1}, {2, 3}}},
		{"split of nothing", parallel.Split([]int{}, 2), nil},
		{"size zero splits into one chunk", parallel.Split(numbers(3), 0), [][]int{{0, 1, 2}}},
		{"gather with a rest", parallel.Gather(slices.Values(numbers(5)), 2), [][]int{{0, 1}, {2, 3}, {4}}},
		{"gather of nothing", parallel.Gather(slices.Values([]int{}), 2), nil},
		{"gather of size zero", parallel.Gather(slices.Values(numbers(2)), 0), [][]int{{0}, {1}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := slices.Collect(c.in); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestChunksDoNotShareRoomToGrow(t *testing.T) {
	t.Parallel()
	s := numbers(4)
	for chunk := range parallel.Split(s, 2) {
		_ = append(chunk, -1)
	}
	if !slices.Equal(s, numbers(4)) {
		t.Errorf("appending to a chunk changed the input: %v", s)
	}
}

func BenchmarkChunks(b *testing.B) {
	items := numbers(1 << 20)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			b.SetBytes(int64(len(items)) * 8)
			for b.Loop() {
				if err := parallel.Chunks(workers, parallel.Split(items, 4096), sum, func(int) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
