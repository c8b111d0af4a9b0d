package handover

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/progress"
)

// Terminal is where the answers of a command go.
type Terminal struct {
	Stdout, Stderr io.Writer
	// Meter shows a part of the work.
	Meter func(name, unit string) progress.Meter
}

// grace is how long a stopped command may take to end.
const grace = 60 * time.Second

func errNobody() *fail.Error  { return fail.Unavailable("handover.nobody") }
func errLost() *fail.Error    { return fail.Unavailable("handover.lost") }
func errPerson() *fail.Error  { return fail.Forbidden("handover.person") }
func errVersion() *fail.Error { return fail.Conflict("handover.version") }
func errSystem() *fail.Error  { return fail.Conflict("handover.system") }

// Call hands a command to the process behind the socket, passes on what it says, and gives its
// exit code. When ctx ends the command is asked to stop, and Call waits for it. Errors:
// handover.nobody when no process takes commands there, handover.person when it is another
// person's, handover.version, handover.system, and handover.lost when it ended in between.
func Call(ctx context.Context, path string, r Request, to Terminal) (code int, err error) {
	if !supported {
		return 0, errSystem()
	}
	folder, name, err := short(path)
	if err != nil {
		return 0, errNobody().Because(err)
	}
	conn, err := net.DialTimeout("unix", name, patience)
	if e := closed(folder); err == nil && e != nil {
		err = e
	}
	if err != nil {
		return 0, errNobody().Because(err)
	}
	defer conn.Close()
	out := json.NewEncoder(conn)
	_ = out.Encode(said{Protocol: protocol, Request: &r}) // whoever closed at once said why, which is read below
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetReadDeadline(time.Now().Add(grace))
		_ = out.Encode(said{Stop: true}) // when nobody hears it, the read below ends
	})
	defer stop()
	return follow(conn, to)
}

// follow passes answers on until the last.
func follow(conn net.Conn, to Terminal) (int, error) {
	in := json.NewDecoder(bufio.NewReader(conn))
	shown := shownMeters{}
	for {
		var a answer
		if err := in.Decode(&a); err != nil {
			return 0, errLost().Because(err)
		}
		switch {
		case a.Refused == "handover.person":
			return 0, errPerson()
		case a.Refused != "":
			return 0, errVersion()
		case a.Exit != nil:
			return *a.Exit, nil
		case a.Meter != nil:
			shown.show(*a.Meter, to.Meter)
			continue
		}
		if err := pass(a, to); err != nil {
			return 0, err
		}
	}
}

// pass writes what the command printed. An error means that the terminal or the pipe is
// gone; the connection then closes, which the other side takes for what it is.
func pass(a answer, to Terminal) error {
	if _, err := to.Stdout.Write(a.Out); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	if _, err := to.Stderr.Write(a.Err); err != nil {
		return fmt.Errorf("write messages: %w", err)
	}
	return nil
}

// shownMeters are the parts of the work that are on the screen.
type shownMeters map[int]*shownMeter

type shownMeter struct {
	meter progress.Meter
	last  mark
}

func (s shownMeters) show(now mark, begin func(name, unit string) progress.Meter) {
	m, known := s[now.ID]
	if !known {
		m = &shownMeter{meter: begin(now.Name, now.Unit)}
		s[now.ID] = m
	}
	if now.Total != m.last.Total {
		m.meter.Total(now.Total)
	}
	if more := now.Done - m.last.Done; more > 0 {
		m.meter.Add(more)
	}
	if now.End && !m.last.End {
		m.meter.Done()
	}
	m.last = now
}
