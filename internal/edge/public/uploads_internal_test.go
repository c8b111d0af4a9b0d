package public

import (
	"context"
	"errors"
	"net/netip"
	"testing"
)

func TestOneAddressLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	u := newUploads()
	slow, other := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	over, end := context.WithCancel(t.Context())
	end()
	var leaves []func()
	for range filesOfOne {
		leave, err := u.enter(t.Context(), slow)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	// A line that is full makes its next wait; whoever has left by then is told so. With the context over from the start a
	// free place may still be given, a full line never.
	if _, err := u.enter(over, slow); !errors.Is(err, context.Canceled) {
		t.Errorf("one more from the same address: %v", err)
	}
	leave, err := u.enter(t.Context(), other)
	if err != nil {
		t.Fatalf("somebody else: %v", err)
	}
	leave()
	waiting := make(chan error, 1)
	go func() {
		leave, err := u.enter(t.Context(), slow)
		if err == nil {
			leave()
		}
		waiting <- err
	}()
	leaves[0]()
	if err := <-waiting; err != nil {
		t.Errorf("who waited: %v", err)
	}
	leaves[1]()
	if len(u.lines) != 0 || len(u.all) != 0 {
		t.Errorf("%d lines and %d places are left", len(u.lines), len(u.all))
	}
}

func TestAllAddressesTogetherAreBounded(t *testing.T) {
	t.Parallel()
	u := newUploads()
	for i := range filesAtOnce {
		if _, err := u.enter(t.Context(), netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})); err != nil {
			t.Fatal(err)
		}
	}
	over, end := context.WithCancel(t.Context())
	end()
	late := netip.MustParseAddr("203.0.113.99")
	if _, err := u.enter(over, late); !errors.Is(err, context.Canceled) {
		t.Errorf("one more of all: %v", err)
	}
	if u.lines[late] != nil {
		t.Error("who was not let in is remembered")
	}
}
