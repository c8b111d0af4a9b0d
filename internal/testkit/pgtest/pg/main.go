// Command pg starts the PostgreSQL server the tests share, and prints its address, or stops it.
package main

import (
	"context"
	"fmt"
	"os"

	"tepat/internal/testkit/pgtest"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "start":
		var server string
		if server, err = pgtest.Server(context.Background()); err == nil {
			fmt.Println(server)
		}
	case len(os.Args) == 2 && os.Args[1] == "stop":
		err = pgtest.Stop()
	default:
		err = fmt.Errorf("usage: pg start|stop")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pg:", err)
		os.Exit(1)
	}
}
