package identity_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/testkit"
)

// copies writes everybody of some families a second time, at once, and gives how many are a copy now.
func (h *house) copies(from, to int) (n int) {
	for k := from; k < to; k++ {
		h.copyOf(k, 1, fmt.Sprintf("copy-%d", k))
		n++
	}
	return n
}

// ear counts of whom it was told, and fails when it is told to.
type ear struct {
	people map[identity.Who]bool
	fails  int // so many times
}

func (e *ear) hear(_ context.Context, found []identity.Found) error {
	if e.fails > 0 {
		e.fails--
		return errors.New("the queue is not to be reached")
	}
	for _, f := range found {
		e.people[f.Left], e.people[f.Right] = true, true
	}
	return nil
}

func (h *house) heard(e *ear, from, to int) (n int) {
	for k := from; k < to; k++ {
		if e.people[idOf(h.named(fmt.Sprintf("copy-%d", k)))] {
			n++
		}
	}
	return n
}

// TestEverybodyWrittenAtOnceIsAskedAbout: however many were written at once, and whether the index was brought up to date or made
// anew for them, each is asked about, in pieces, and how many remain is told; nobody waits for a search for duplicates.
func TestEverybodyWrittenAtOnceIsAskedAbout(t *testing.T) {
	t.Parallel()
	for name, changed := range map[string]int{"one by one": 400, "made anew": 10} {
		testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
			h := newHouse(t, db)
			h.s.SetBounds(10, 5, changed)
			h.s.SetPieces(5, 4, 2)
			h.load(0, 100)
			h.follow()
			e := &ear{people: map[identity.Who]bool{}, fails: 1}
			h.s.Tell(e.hear)
			n := h.copies(0, 30)
			if err := h.s.Follow(t.Context()); err == nil {
				t.Errorf("%s: what was told and not heard is no error", name)
			}
			for left := n; left > 0; {
				stands, err := h.s.Standing(t.Context())
				if h.must(err); stands.Unasked != left {
					t.Fatalf("%s: %d remain, want %d", name, stands.Unasked, left)
				}
				left = max(left-8, 0)
				h.follow()
			}
			if got := h.heard(e, 0, 30); got != n {
				t.Errorf("%s: of %d copies %d were asked about", name, n, got)
			}
			if n := h.count(`SELECT count(*) FROM alike_due WHERE kabkota > 0`); n != 0 {
				t.Errorf("%s: %d are left behind", name, n)
			}
		})
	}
}

// TestAProcessThatEndsLeavesNobodyUnasked: at whatever point it ends, the next process goes on where it was; also when its index was
// of no use and is made anew, and when somebody who only asks has made it anew before.
func TestAProcessThatEndsLeavesNobodyUnasked(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(h *house){
		"nothing":           func(*house) {},
		"a damaged index":   func(h *house) { h.damage() },
		"somebody who asks": func(h *house) { h.alike(h.s, h.asked(3, 1)) },
	} {
		testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
			h := newHouse(t, db)
			small := func(few int) {
				h.restart()
				h.s.SetBounds(few, 5, 400)
				h.s.SetPieces(5, 4, 2)
			}
			small(10)
			h.load(0, 100)
			h.follow()
			e := &ear{people: map[identity.Who]bool{}}
			h.copies(0, 30) // nobody follows: the process ends before it has seen them
			small(100_000)
			between(h)
			for range 3 { // and again after each piece
				small(10)
				h.s.Tell(e.hear)
				h.follow()
			}
			h.follow()
			if got := h.heard(e, 0, 30); got != 30 {
				t.Errorf("%s: of 30 copies %d were asked about", name, got)
			}
		})
	}
}

// damage spoils the pages of the file behind its head, as a disk does.
func (h *house) damage() {
	b := h.bytes()
	for i := 4096; i < len(b); i += 64 {
		b[i] ^= 0x5a
	}
	h.must(os.WriteFile(h.path, b, 0o600))
}
