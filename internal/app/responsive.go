package app

import (
	"os"
	"runtime"
	"runtime/debug"
)

// processorsPerCore is how many of its processors Go gets for each core while it serves.
const processorsPerCore = 4

// responsive lets the operating system share the cores between requests and bulk work. With
// as many processors as cores, a request waits in Go's queue until the work on a core is
// preempted, up to 10 ms and once more for each thing it waits for (docs/adr/0013). GOMAXPROCS
// overrides it. Memory is collected as seldom as Go does by itself, not as often as in a command
// that computes: requests leave much behind and keep little. GOGC overrides that.
func responsive() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(processorsPerCore * runtime.NumCPU())
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(100)
	}
}
