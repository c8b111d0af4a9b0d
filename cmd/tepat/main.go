// Command tepat is the registry: web site, jobs and command line in one program.
package main

import (
	"os"
	"runtime/debug"

	"tepat/internal/app"
)

// version is set when a release is built.
var version = "dev"

// garbage is how much the heap may grow, in percent, before memory is collected. Half of Go's
// default holds a district of 450,000 persons under 1 GiB instead of 1.1, for no processor
// time that could be measured (docs/measurements.md). GOGC overrides it.
const garbage = 50

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	os.Exit(app.Main(version, os.Args[1:]))
}
