// Package parallel runs a function over chunks of work on several cores and hands the results
// back in the order of the chunks.
//
// It is the one place where batch work starts goroutines: domain packages call it with a worker
// count and stay free of them. Input is pulled and results are delivered on the caller's
// goroutine, so only the function itself has to be safe for concurrent use, and what comes out is
// the same for every worker count.
package parallel

import (
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
)

// window is how many chunks a worker may be ahead of the delivery: one in work, one waiting. More
// only costs memory, less leaves a worker idle while a slow chunk is being delivered.
const window = 2

// Panic carries a panic of a worker to the caller's goroutine, with the stack it happened on.
type Panic struct {
	Value any    // what the function panicked with
	Stack []byte // the worker's stack
}

// Error gives the value and the worker's stack.
func (p *Panic) Error() string { return fmt.Sprintf("parallel: %v\n%s", p.Value, p.Stack) }

// Unwrap gives the value when it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// Chunks calls f on every chunk of in, on up to workers goroutines, and out on every result in the
// order of the chunks. A worker count below one means one.
//
// Memory is bounded: at most 2 x workers chunks and results exist at a time. A chunk belongs to f
// once yielded: the producer must not reuse its memory. The first error of out ends the work and is
// returned; later chunks may have been computed by then, none is delivered. When f panics, the
// panic reaches the caller as *Panic at the place of its chunk, after the earlier results were
// delivered, whatever the worker count. No goroutine outlives the call.
func Chunks[T, R any](workers int, in iter.Seq[[]T], f func([]T) R, out func(R) error) error {
	none := func() struct{} { return struct{}{} }
	return ChunksWith(workers, none, in, func(_ struct{}, chunk []T) R { return f(chunk) }, out)
}

// ChunksWith is Chunks for a function that needs room of its own, such as buffers or a matcher:
// scratch is called once per worker, on the caller's goroutine, and its value goes to every call on
// that worker. The result must not depend on what the scratch held before.
func ChunksWith[S, T, R any](workers int, scratch func() S, in iter.Seq[[]T], f func(S, []T) R, out func(R) error) error {
	if workers <= 1 {
		return inline(scratch(), in, f, out)
	}
	p := start(workers, scratch, f)
	defer p.stop()
	for chunk := range in {
		if p.full() {
			if err := out(p.take()); err != nil {
				return err
			}
		}
		p.give(chunk)
	}
	for p.busy() {
		if err := out(p.take()); err != nil {
			return err
		}
	}
	return nil
}

// inline is the work of one worker, without goroutines.
func inline[S, T, R any](scratch S, in iter.Seq[[]T], f func(S, []T) R, out func(R) error) error {
	for chunk := range in {
		o := run(f, scratch, chunk)
		if o.panicked != nil {
			panic(o.panicked)
		}
		if err := out(o.result); err != nil {
			return err
		}
	}
	return nil
}

// Split yields s in chunks of up to size elements, which share its memory; a size below one means
// all at once.
func Split[T any](s []T, size int) iter.Seq[[]T] {
	if size < 1 {
		size = max(len(s), 1)
	}
	return func(yield func([]T) bool) {
		for len(s) > size {
			if !yield(s[:size:size]) {
				return
			}
			s = s[size:]
		}
		if len(s) > 0 {
			yield(s)
		}
	}
}

// Gather yields the elements of in, in chunks of up to size elements, each in memory of its own;
// a size below one means one.
func Gather[T any](in iter.Seq[T], size int) iter.Seq[[]T] {
	size = max(size, 1)
	return func(yield func([]T) bool) {
		var chunk []T
		for v := range in {
			if chunk == nil {
				chunk = make([]T, 0, size)
			}
			if chunk = append(chunk, v); len(chunk) == size {
				if !yield(chunk) {
					return
				}
				chunk = nil
			}
		}
		if len(chunk) > 0 {
			yield(chunk)
		}
	}
}

// outcome is what became of one chunk.
type outcome[R any] struct {
	result   R
	panicked *Panic
}

// task is one chunk and the place its outcome is waited for.
type task[T, R any] struct {
	chunk []T
	done  chan outcome[R]
}

// pool is a set of running workers and the tasks they have not delivered yet, oldest first.
type pool[S, T, R any] struct {
	tasks   chan task[T, R]
	pending []chan outcome[R] // a ring: head is the oldest
	head    int
	count   int
	wg      sync.WaitGroup
}

func start[S, T, R any](workers int, scratch func() S, f func(S, []T) R) *pool[S, T, R] {
	p := &pool[S, T, R]{
		tasks:   make(chan task[T, R], workers*window),
		pending: make([]chan outcome[R], workers*window),
	}
	for i := range p.pending {
		p.pending[i] = make(chan outcome[R], 1)
	}
	rooms := make([]S, workers) // all made before the first worker starts: scratch may panic
	for i := range rooms {
		rooms[i] = scratch()
	}
	for _, room := range rooms {
		p.wg.Go(func() {
			debug.SetPanicOnFault(true) // so that a fault in a mapped file reaches the caller as any panic does
			for t := range p.tasks {
				serve(f, room, t)
			}
		})
	}
	return p
}

// errGoexit is the panic of a function that ended its goroutine, as a failing test does.
var errGoexit = errors.New("parallel: the function called runtime.Goexit")

// serve runs one task. It answers even when f ends the goroutine: the caller waits for an outcome.
func serve[S, T, R any](f func(S, []T) R, scratch S, t task[T, R]) {
	o := outcome[R]{panicked: &Panic{Value: errGoexit, Stack: debug.Stack()}}
	defer func() { t.done <- o }()
	o = run(f, scratch, t.chunk)
}

// run calls f and turns a panic into an outcome.
func run[S, T, R any](f func(S, []T) R, scratch S, chunk []T) (o outcome[R]) {
	defer func() {
		if v := recover(); v != nil {
			o.panicked = &Panic{Value: v, Stack: debug.Stack()}
		}
	}()
	o.result = f(scratch, chunk)
	return o
}

func (p *pool[S, T, R]) full() bool { return p.count == len(p.pending) }
func (p *pool[S, T, R]) busy() bool { return p.count > 0 }

// give hands a chunk to the workers; there is always room, since the ring was not full.
func (p *pool[S, T, R]) give(chunk []T) {
	done := p.pending[(p.head+p.count)%len(p.pending)]
	p.count++
	p.tasks <- task[T, R]{chunk, done}
}

// take waits for the oldest chunk and panics when its worker did.
func (p *pool[S, T, R]) take() R {
	o := <-p.pending[p.head]
	p.head = (p.head + 1) % len(p.pending)
	p.count--
	if o.panicked != nil {
		panic(o.panicked)
	}
	return o.result
}

// stop drops the tasks no worker has begun and waits for the others.
func (p *pool[S, T, R]) stop() {
	for {
		select {
		case <-p.tasks:
			continue
		default:
		}
		break
	}
	close(p.tasks)
	p.wg.Wait()
}
