//go:build !unix

package main

import (
	"runtime"
	"time"
)

func processorTime() time.Duration { return 0 }

func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
