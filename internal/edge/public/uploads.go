package public

import (
	"context"
	"net/netip"
	"sync"
)

// uploads bounds how many files are read at once, since they stand in memory meanwhile: in all, and from one address, so that
// nobody who sends slowly on many lines keeps everybody else from filing.
type uploads struct {
	all   chan struct{}
	mu    sync.Mutex
	lines map[netip.Addr]*uploadLine
}

// uploadLine is who sends from one address.
type uploadLine struct {
	places chan struct{}
	held   int // sending, or waiting to
}

func newUploads() *uploads {
	return &uploads{all: make(chan struct{}, filesAtOnce), lines: map[netip.Addr]*uploadLine{}}
}

// enter waits for a place, first in the line of the address and then among all; leave gives it back. It fails when ctx ends.
func (u *uploads) enter(ctx context.Context, from netip.Addr) (leave func(), err error) {
	u.mu.Lock()
	line := u.lines[from]
	if line == nil {
		line = &uploadLine{places: make(chan struct{}, filesOfOne)}
		u.lines[from] = line
	}
	line.held++
	u.mu.Unlock()
	release := func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if line.held--; line.held == 0 {
			delete(u.lines, from)
		}
	}
	select {
	case line.places <- struct{}{}:
	case <-ctx.Done():
		release()
		return nil, ctx.Err()
	}
	select {
	case u.all <- struct{}{}:
	case <-ctx.Done():
		<-line.places
		release()
		return nil, ctx.Err()
	}
	return func() {
		<-u.all
		<-line.places
		release()
	}, nil
}
