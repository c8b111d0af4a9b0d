// Command pg starts or stops the PostgreSQL server the tests share.
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
		_, err = pgtest.Server(context.Background())
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
