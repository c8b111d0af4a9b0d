// Package progress shows how far long work has come: bars with the remaining time on a
// terminal, nothing in a pipe. It writes to standard error only, because standard output
// belongs to the result.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// Meter is told how far one piece of work is. It is safe for concurrent use, and Add is
// cheap enough to be called once a row.
type Meter interface {
	// Total says how many units there are; it may be called again when more are found, and
	// need not be called when nobody knows.
	Total(n int64)
	// Add says that n more units are done.
	Add(n int64)
	// Done ends the work, whether it reached the total or stopped early.
	Done()
}

type silent struct{}

func (silent) Total(int64) {}
func (silent) Add(int64)   {}
func (silent) Done()       {}

// Words are the few words a bar shows.
type Words struct {
	Left string // before the remaining time, such as "sisa"
}

// Board shows the meters of one command, one bar each. Close it before the process ends.
type Board struct {
	bars  *mpb.Progress // nil when silent
	below io.Writer
	words Words
}

// On gives a board that draws on the file when it is a terminal and stays silent otherwise.
func On(stderr *os.File, words Words) *Board {
	if !term.IsTerminal(int(stderr.Fd())) || os.Getenv("TERM") == "dumb" {
		return &Board{below: stderr, words: words}
	}
	return draw(stderr, words)
}

// Quiet gives a board that stays silent anywhere, for --quiet and --json.
func Quiet(stderr io.Writer) *Board { return &Board{below: stderr} }

func draw(w io.Writer, words Words, more ...mpb.ContainerOption) *Board {
	options := append([]mpb.ContainerOption{mpb.WithOutput(w)}, more...)
	return &Board{bars: mpb.New(options...), below: w, words: words}
}

// Write prints a message above the bars, so that a log line does not tear them.
func (b *Board) Write(message []byte) (int, error) {
	if b.bars == nil {
		return b.below.Write(message)
	}
	return b.bars.Write(message)
}

// Close draws the bars a last time and frees the line below them. Meters that were not
// done stop where they are.
func (b *Board) Close() {
	if b.bars != nil {
		b.bars.Shutdown()
	}
}

// Meter adds a bar with a name and the word for what it counts, such as "orang".
func (b *Board) Meter(name, unit string) Meter {
	if b.bars == nil {
		return silent{}
	}
	m := &bar{start: time.Now()}
	m.portion.Store(64) // until a total is known
	m.bar = b.bars.New(0,
		mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
		mpb.PrependDecorators(
			decor.Name(name, decor.WCSyncSpaceR),
			decor.Any(func(s decor.Statistics) string { return counts(s.Current, s.Total) + " " + unit }, decor.WCSyncSpace),
			decor.Name(" "),
		),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
			return b.state(s, time.Since(m.start))
		})),
	)
	return m
}

// state gives what stands behind a bar: percent and remaining time, at the end the time taken.
func (b *Board) state(s decor.Statistics, elapsed time.Duration) string {
	if s.Completed || s.Aborted {
		return " " + short(elapsed)
	}
	left, known := Remaining(s.Current, s.Total, elapsed)
	if !known {
		return ""
	}
	return fmt.Sprintf(" %d%%  %s %s", s.Current*100/s.Total, b.words.Left, short(left))
}

// bar hands units to mpb in portions: its counter costs a message between goroutines, too
// much for each of a million rows.
type bar struct {
	bar     *mpb.Bar
	start   time.Time
	done    atomic.Int64
	shown   atomic.Int64
	portion atomic.Int64
}

// Total sets the length of the bar.
func (m *bar) Total(n int64) {
	m.portion.Store(n / 500)
	m.bar.SetTotal(n, false)
}

// Add moves the bar when the portion is full.
func (m *bar) Add(n int64) {
	done, shown := m.done.Add(n), m.shown.Load()
	if done-shown >= m.portion.Load() && m.shown.CompareAndSwap(shown, done) {
		m.bar.SetCurrent(done)
	}
}

// Done ends the bar at what was added.
func (m *bar) Done() {
	m.bar.SetCurrent(m.done.Load())
	m.bar.SetTotal(-1, true) // the total becomes the current value
}

// Remaining estimates how long the rest takes at the speed so far; false while nothing is
// done or the total is unknown.
func Remaining(done, total int64, elapsed time.Duration) (time.Duration, bool) {
	if done <= 0 || total <= 0 || elapsed <= 0 {
		return 0, false
	}
	if done >= total {
		return 0, true
	}
	return time.Duration(float64(elapsed) / float64(done) * float64(total-done)), true
}

// short gives a duration in at most two units: 850ms, 12s, 3m5s, 2h7m.
func short(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d < time.Minute:
		return d.Round(time.Second).String()
	case d < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm%ds", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
}

// counts gives "12.345/132.243", and "12.345" when the total is unknown.
func counts(done, total int64) string {
	if total <= 0 {
		return grouped(done)
	}
	return grouped(done) + "/" + grouped(total)
}

// grouped writes a number with dots between groups of three digits, as Indonesian does.
func grouped(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return grouped(n/1000) + fmt.Sprintf(".%03d", n%1000)
}
