package parallel

import (
	"iter"
	"runtime/debug"
	"sync"
)

// Ahead yields what in yields, made on a goroutine of its own up to n values ahead of who takes them, so that making
// the next overlaps with the use of the last. Below one it yields in as it is. A panic of in reaches the taker as
// *Panic behind the values before it. When the taker breaks off, in is told with its next value; no goroutine
// outlives the loop.
func Ahead[T any](n int, in iter.Seq[T]) iter.Seq[T] {
	if n < 1 {
		return in
	}
	return func(yield func(T) bool) {
		made, enough := make(chan T, n-1), make(chan struct{})
		var panicked *Panic
		var wg sync.WaitGroup
		wg.Go(func() {
			debug.SetPanicOnFault(true) // so that a fault in a mapped file reaches the caller as any panic does
			defer close(made)
			defer func() {
				if v := recover(); v != nil {
					panicked = &Panic{Value: v, Stack: debug.Stack()}
				}
			}()
			for v := range in {
				select {
				case made <- v:
				case <-enough:
					return
				}
			}
		})
		defer wg.Wait()
		defer close(enough)
		for v := range made {
			if !yield(v) {
				return
			}
		}
		if panicked != nil {
			panic(panicked)
		}
	}
}

// Each calls all functions, on up to workers goroutines. A panic reaches the caller as *Panic.
func Each(workers int, list ...func()) {
	_ = Chunks(workers, Split(list, 1), func(one []func()) struct{} {
		one[0]()
		return struct{}{}
	}, func(struct{}) error { return nil })
}
