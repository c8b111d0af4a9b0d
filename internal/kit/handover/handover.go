// Package handover passes a command from one process to another of the same person on the
// same machine, over a local socket: the process that owns a database works it, and whoever
// typed it sees output, progress and exit code as if it had run in the terminal.
//
// One connection is one command. Each side sends JSON objects, one a line. It knows nothing
// of what commands there are.
package handover

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"path/filepath"
	"sync"
	"time"

	"tepat/internal/kit/progress"
)

// protocol is the version of what the two sides say to each other.
const protocol = 1

// patience is how long one message may wait for a reader that does not read; after that the
// reader counts as gone.
const patience = 30 * time.Second

// Path gives the socket beside a database file.
func Path(database string) (string, error) {
	path, err := filepath.Abs(database)
	return path + ".sock", err
}

// Request is a command as it was typed.
type Request struct {
	Args []string `json:"args"`
	// Dir is the folder it was typed in, from which relative file names are meant.
	Dir string `json:"dir"`
	// Settings are what the other process must not take from its own surroundings.
	Settings map[string]string `json:"settings"`
}

// said is what the asking side sends: first the request, then perhaps a wish to stop.
type said struct {
	Protocol int      `json:"protocol,omitempty"`
	Request  *Request `json:"request,omitempty"`
	Stop     bool     `json:"stop,omitempty"`
}

// answer is what the working side sends. A last one has Exit.
type answer struct {
	Out   []byte `json:"out,omitempty"`
	Err   []byte `json:"err,omitempty"`
	Meter *mark  `json:"meter,omitempty"`
	Exit  *int   `json:"exit,omitempty"`
	// Refused says why the command was not taken, by a code of this package.
	Refused string `json:"refused,omitempty"`
}

// mark is how far one part of the work is.
type mark struct {
	ID    int    `json:"id"`
	Name  string `json:"name,omitempty"`
	Unit  string `json:"unit,omitempty"` // the word for what it counts
	Total int64  `json:"total"`
	Done  int64  `json:"done"`
	End   bool   `json:"end,omitempty"`
}

// Session is one command handed over, as the process sees it that works it.
type Session struct {
	Request
	Stdout, Stderr io.Writer
	// Watched ends when somebody stops the command or this process, and also when nobody
	// watches any more: for what would be done for nobody.
	Watched context.Context
	// Steady ends only when the command or this process is stopped: for work that others
	// rely on, and that should not depend on a window that was closed.
	Steady context.Context

	line   *line
	mu     sync.Mutex
	meters int
}

// line writes answers, each whole, from any goroutine.
type line struct {
	mu   sync.Mutex
	conn net.Conn
	json *json.Encoder
	gone func() // called when nobody reads
}

func newLine(conn net.Conn, gone func()) *line {
	return &line{conn: conn, json: json.NewEncoder(conn), gone: gone}
}

// send writes an answer; an error means that nobody reads, which is told once and is no
// reason to stop what others rely on.
func (l *line) send(a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.conn.SetWriteDeadline(time.Now().Add(patience))
	if err == nil {
		err = l.json.Encode(a)
	}
	if err != nil {
		l.gone()
	}
}

// stream is standard output or standard error of the one who asked.
type stream struct {
	line *line
	err  bool
}

// Write sends bytes on. It never fails: a command does not end because nobody reads.
func (s stream) Write(p []byte) (int, error) {
	if s.err {
		s.line.send(answer{Err: p})
	} else {
		s.line.send(answer{Out: p})
	}
	return len(p), nil
}

// Meter adds a part of the work whose progress the one who asked sees.
func (s *Session) Meter(name, unit string) progress.Meter {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meters++
	return &meter{line: s.line, mark: mark{ID: s.meters, Name: name, Unit: unit}}
}

// often is how often progress is told at most.
const often = 100 * time.Millisecond

// meter tells progress over the line, not more often than somebody can see.
type meter struct {
	line *line
	mu   sync.Mutex
	mark mark
	told time.Time
}

// Total says how many units there are.
func (m *meter) Total(n int64) { m.change(func(k *mark) bool { k.Total = n; return true }) }

// Add says that n more units are done.
func (m *meter) Add(n int64) {
	m.change(func(k *mark) bool { k.Done += n; return time.Since(m.told) >= often })
}

// Done ends the part.
func (m *meter) Done() { m.change(func(k *mark) bool { k.End = true; return true }) }

func (m *meter) change(f func(*mark) (tell bool)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f(&m.mark) {
		now := m.mark
		m.line.send(answer{Meter: &now})
		m.told = time.Now()
	}
}
