package handover

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"time"
)

// Door is where commands are handed in. Get one from Open, and Close it.
type Door struct {
	path     string
	listener net.Listener
	folder   *os.File
}

// Open makes the socket. Only the process that owns the database may: it takes away what an
// earlier owner that was killed left behind. Error: handover.system where the system has no
// such sockets.
func Open(path string) (*Door, error) {
	if !supported {
		return nil, errSystem()
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("take away old socket: %w", err)
	}
	folder, name, err := short(path)
	if err != nil {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for commands: %w", err), closed(folder))
	}
	listener.SetUnlinkOnClose(false)
	d := &Door{path: path, listener: listener, folder: folder}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect socket: %w", err), d.Close())
	}
	return d, nil
}

func closed(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}

// Close takes the socket away.
func (d *Door) Close() error {
	err := d.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	if e := os.Remove(d.path); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return errors.Join(err, closed(d.folder))
}

// Serve takes commands until the context ends, each in a goroutine of its own, and returns
// when the last one has ended: what it works with may then be closed. handle gives the exit code.
func (d *Door) Serve(ctx context.Context, handle func(*Session) int) error {
	var working sync.WaitGroup
	defer working.Wait()
	stop := context.AfterFunc(ctx, func() { _ = d.listener.Close() }) // Accept returns, and says so
	defer stop()
	for {
		conn, err := d.listener.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("take commands: %w", err)
		case err != nil: // of one caller, or too many open files for a moment
			time.Sleep(often)
			continue
		}
		working.Go(func() { attend(ctx, conn, handle) })
	}
}

// attend works one command.
func attend(ctx context.Context, conn net.Conn, handle func(*Session) int) {
	defer conn.Close()
	steady, stop := context.WithCancel(ctx)
	defer stop()
	watched, gone := context.WithCancel(steady)
	defer gone()
	line := newLine(conn, gone)
	if err := samePerson(conn); err != nil {
		line.send(answer{Refused: "handover.person"})
		return
	}
	in := json.NewDecoder(bufio.NewReader(conn))
	var first said
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil || in.Decode(&first) != nil {
		return
	}
	if first.Protocol != protocol || first.Request == nil {
		line.send(answer{Refused: "handover.version"})
		return
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return
	}
	go func() { // ends with the connection
		defer gone()
		for {
			var more said
			if in.Decode(&more) != nil {
				return
			}
			if more.Stop {
				stop()
			}
		}
	}()
	code := handle(&Session{Request: *first.Request, Stdout: stream{line, false}, Stderr: stream{line, true}, Watched: watched, Steady: steady, line: line})
	line.send(answer{Exit: &code})
}
