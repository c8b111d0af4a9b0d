// Command tepat is the registry: web site, jobs and command line in one program.
package main

import (
	"os"

	"tepat/internal/app"
)

// version is set when a release is built.
var version = "dev"

func main() { os.Exit(app.Main(version, os.Args[1:])) }
