// Command dictionary writes docs/data-dictionary.md.
package main

import (
	"fmt"
	"os"

	"tepat/internal/schema"
)

func main() {
	text, err := schema.Dictionary()
	if err == nil {
		err = os.WriteFile("docs/data-dictionary.md", []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dictionary:", err)
		os.Exit(1)
	}
}
