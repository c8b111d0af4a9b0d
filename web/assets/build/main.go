// Command build makes the served assets from their sources: minified by esbuild, named with a
// digest of their content, listed as constants in web/assets/names.go. Run it from the
// repository's root as `go run ./web/assets/build`. It needs no Node.
package main

import (
	"fmt"
	"os"

	"tepat/web/assets/bundle"
)

func main() {
	if err := run("web"); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run(web string) error {
	built, err := bundle.Make(os.DirFS(web))
	if err != nil {
		return err
	}
	return bundle.Write(web, built)
}
