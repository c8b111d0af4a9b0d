package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// measure is one step: what was done, how long it took, and what it was asked to take.
type measure struct {
	Name   string  `json:"name"`
	Rows   int64   `json:"rows,omitempty"`
	Wall   float64 `json:"wall_seconds"`
	CPU    float64 `json:"cpu_seconds,omitempty"`
	Rate   float64 `json:"rows_per_second,omitempty"`
	Peak   int64   `json:"peak_rss_bytes,omitempty"`
	P50    float64 `json:"p50_ms,omitempty"`
	P95    float64 `json:"p95_ms,omitempty"`
	Max    float64 `json:"max_ms,omitempty"`
	Ratio  float64 `json:"ratio,omitempty"` // to the step named by Of
	Of     string  `json:"ratio_of,omitempty"`
	Asked  string  `json:"asked,omitempty"`
	Met    *bool   `json:"met,omitempty"`
	Before string  `json:"load_before"`
	After  string  `json:"load_after"`
	Note   string  `json:"note,omitempty"`
}

// ask notes what was asked and whether it was met.
func (m *measure) ask(words string, met bool) { m.Asked, m.Met = words, &met }

// load is the load of the machine over one, five and fifteen minutes.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	parts := strings.Fields(string(text))
	return strings.Join(parts[:min(3, len(parts))], " ")
}

// child runs a program to its end and measures it; out takes its standard output.
func child(ctx context.Context, name string, out *[]byte, program string, args ...string) (m measure, err error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	m = measure{Name: name, Before: load()}
	begun := time.Now()
	text, err := cmd.Output()
	m.Wall, m.After = time.Since(begun).Seconds(), load()
	if out != nil {
		*out = text
	}
	if cmd.ProcessState != nil {
		m.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			m.Peak = u.Maxrss * 1024
		}
	}
	if err != nil {
		return m, fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, text)
	}
	return m, nil
}

// ran is what tepat prints of a run.
type ran struct {
	Run     string           `json:"run"`
	State   string           `json:"state"`
	Figures map[string]int64 `json:"figures"`
	Seconds float64          `json:"seconds"`
}

// tepat runs the program on the engine's database and reads the run it prints.
func (b *bench) tepat(ctx context.Context, name, rows string, args ...string) (measure, ran, error) {
	var out []byte
	m, err := child(ctx, name, &out, b.set.tepat, append(args, "--db", b.db, "--keys", b.keys, "--as", "verifikator", "--json", "--quiet")...)
	if err != nil {
		return m, ran{}, err
	}
	var r ran
	if err := json.Unmarshal(out, &r); err != nil {
		return m, r, fmt.Errorf("read what tepat printed: %w", err)
	}
	m.Rows = r.Figures[rows]
	m.Rate = float64(m.Rows) / m.Wall
	return m, r, nil
}
