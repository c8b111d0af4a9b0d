// Command errors writes docs/errors.md from the source and the catalogue. Run it from the
// repository's root as `go run ./web/messages/errors`.
package main

import (
	"fmt"
	"os"

	"tepat/web/messages"
	"tepat/web/messages/usage"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "errors:", err)
		os.Exit(1)
	}
}

func run() error {
	catalogue, err := messages.Load()
	if err != nil {
		return err
	}
	found, err := usage.Scan(os.DirFS("."))
	if err != nil {
		return err
	}
	return os.WriteFile("docs/errors.md", []byte(usage.Document(found, catalogue)), 0o644)
}
