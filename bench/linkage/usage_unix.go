//go:build unix

package main

import (
	"syscall"
	"time"
)

func usage() (u syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it fails for no arguments of ours
	return u
}

// processorTime gives the time this process has had of all processors, in user and system mode.
func processorTime() time.Duration {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMemory gives the most memory the process has held, in bytes; mapped files count as far as they were read.
func peakMemory() int64 { return usage().Maxrss << 10 }
