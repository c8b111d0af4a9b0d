package app

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"

	"tepat/internal/edge/cli"
	"tepat/internal/kit/handover"
	"tepat/internal/kit/i18n"
)

// openDoor makes the socket at which other processes hand in commands; nil on PostgreSQL,
// where they open the database themselves, and where it cannot be made: the site is served all
// the same, and commands are told that the database is in use.
func (b *house) openDoor() *handover.Door {
	if b.DB.Path() == "" {
		return nil
	}
	path, err := handover.Path(b.DB.Path())
	if err != nil {
		b.log.Warn("no commands are taken", "error", err.Error())
		return nil
	}
	door, err := handover.Open(path)
	if err != nil {
		b.log.Warn("no commands are taken", "error", err.Error())
		return nil
	}
	return door
}

// serveAndListen serves the site and takes commands beside it.
func (b *house) serveAndListen(ctx context.Context, o cli.ServeOptions) error {
	return b.listening(ctx, func(ctx context.Context, ready func()) error {
		told := o.Ready
		o.Ready = func(url string) {
			ready()
			if told != nil {
				told(url)
			}
		}
		return b.serve(ctx, o)
	})
}

// workAndListen works the jobs and takes commands beside them.
func (b *house) workAndListen(ctx context.Context, told func()) error {
	return b.listening(ctx, func(ctx context.Context, ready func()) error {
		return b.labour(ctx, func() { ready(); told() })
	})
}

// listening takes commands as soon as what runs beside them says that it is ready: from then
// on jobs can be enqueued. It returns when both have ended.
func (b *house) listening(ctx context.Context, run func(ctx context.Context, ready func()) error) error {
	door := b.openDoor()
	if door == nil {
		return run(ctx, func() {})
	}
	ready := make(chan struct{})
	group, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	group.Go(func() error {
		defer stop()
		return run(ctx, sync.OnceFunc(func() { close(ready) }))
	})
	group.Go(func() error {
		select {
		case <-ready:
			return b.takeCommands(ctx, door)
		case <-ctx.Done():
			return nil
		}
	})
	return errors.Join(group.Wait(), door.Close())
}

// takeCommands works the commands that are handed in, until the context ends and the last of
// them has stopped.
func (b *house) takeCommands(ctx context.Context, door *handover.Door) error {
	inside := b.House
	inside.Runs = b.attended
	inside.Close = func() error { return nil } // the house goes on serving
	return door.Serve(ctx, func(s *handover.Session) int { return b.command(s, &inside) })
}

// command works one command. One that breaks down must not take the site with it.
func (b *house) command(s *handover.Session, inside *cli.House) (code int) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("command broke down", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			fmt.Fprintln(s.Stderr, "tepat: "+b.catalogue.Printer(i18n.Indonesian).Text("error.cli.broke"))
			code = cli.ExitFailed
		}
	}()
	return cli.Handed(s, environment(b.version, b.catalogue, nil, nil), inside) // the session has its own output
}
