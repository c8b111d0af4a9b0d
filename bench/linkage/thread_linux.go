package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime gives the time the calling thread has had of a processor: what other work on the machine hardly moves.
func threadTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) // it fails for no arguments of ours
	return time.Duration(t.Nano())
}
