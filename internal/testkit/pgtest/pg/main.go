// Command pg starts the PostgreSQL server the tests share, or one with the settings of a fresh installation, and prints its
// address; or it stops them.
package main

import (
	"context"
	"fmt"
	"os"

	"tepat/internal/testkit/pgtest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pg:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	verb := ""
	if len(args) == 1 {
		verb = args[0]
	}
	start := pgtest.Server
	switch verb {
	case "start":
	case "installed":
		start = pgtest.Installed
	case "stop":
		return pgtest.Stop()
	case "uninstall":
		return pgtest.Uninstall()
	default:
		return fmt.Errorf("usage: pg start|installed|stop|uninstall")
	}
	server, err := start(context.Background())
	if err == nil {
		fmt.Println(server)
	}
	return err
}
