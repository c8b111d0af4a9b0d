//go:build unix

package main

import "syscall"

// usage gives the processor time this process used, in seconds, and its greatest memory in bytes.
func usage() (cpu float64, peak int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(u.Utime) + seconds(u.Stime), int64(u.Maxrss) * 1024
}
