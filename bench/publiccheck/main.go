// Command publiccheck measures the citizens' status check as the product serves it: the
// registry of a district with a million people on SQLite, the site built by package app, the
// limits and budgets on, client addresses told by a trusted proxy, and an import running
// beside. It talks to itself over loopback and to nobody else.
//
//	go run ./bench/publiccheck -dir /var/tmp/publiccheck
//
// It prints one JSON object. The registry stays in the folder for the next run; a run that
// imported beside the load leaves its new people there.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings of a run, each bounded.
type settings struct {
	dir         string
	persons     int
	rate        float64
	open        time.Duration
	closed      time.Duration
	connections int
	addresses   int
	idle        bool // no import beside the load
	procs       int
	profile     string
}

// result is what is printed.
type result struct {
	Cores      int    `json:"cores"`
	LoadBefore string `json:"load_before"` // of the machine, over 1, 5 and 15 minutes
	LoadAfter  string `json:"load_after"`
	Registry   served `json:"registry"`
	Closed     ratio  `json:"closed"`
	// Quiet is the open loop before the import begins, Open the one beside it.
	Quiet    outcome  `json:"open_without_import"`
	Open     *outcome `json:"open,omitempty"`
	Imported imported `json:"import"`
}

// ratio holds the closed loops against each other; they took turns.
type ratio struct {
	Check   outcome `json:"check"`
	Bare    outcome `json:"bare"`       // net/http, reading the form, writing as many bytes
	Small   outcome `json:"bare_small"` // net/http, reading the form, writing "ok"
	ToBare  float64 `json:"check_to_bare"`
	ToSmall float64 `json:"check_to_bare_small"`
	// Rounds are the ratios to the bare handler, from the least.
	Rounds []float64 `json:"rounds"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "publiccheck:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	serving := len(args) > 0 && args[0] == "serve"
	if serving {
		args = args[1:]
	}
	s, err := parse(args)
	if err != nil {
		return err
	}
	if serving {
		return profiled(s.profile, func() error { return serve(ctx, s.dir, s.persons, os.Stdout, os.Stdin) })
	}
	debug.SetGCPercent(1000) // the generator's own pauses would count as the server's
	out, err := measure(ctx, s)
	if err != nil {
		return err
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	return errors.Join(e.Encode(out), out.honest())
}

// honest refuses figures of a site that answered wrongly.
func (r result) honest() error {
	wrong := r.Closed.Check.Wrong + r.Quiet.Wrong
	if r.Open != nil {
		wrong += r.Open.Wrong
	}
	if wrong > 0 {
		return fmt.Errorf("%d answers were wrong", wrong)
	}
	return nil
}

func parse(args []string) (s settings, err error) {
	f := flag.NewFlagSet("publiccheck", flag.ContinueOnError)
	f.StringVar(&s.dir, "dir", "", "folder of the registry; made when it is missing")
	f.IntVar(&s.persons, "persons", 1_000_000, "people in the registry, at most 5 million")
	f.Float64Var(&s.rate, "rate", 5000, "checks a second of the open loop, at most 50,000")
	f.DurationVar(&s.open, "open", 30*time.Second, "length of each open loop, at most 2 minutes")
	f.DurationVar(&s.closed, "closed", 1500*time.Millisecond, "length of each turn of the closed loops, at most a minute")
	f.IntVar(&s.connections, "connections", 64, "connections kept open, at most 1,024")
	f.IntVar(&s.addresses, "addresses", 50_000, "client addresses, at most 100,000")
	f.BoolVar(&s.idle, "no-import", false, "run no import beside the load")
	f.IntVar(&s.procs, "procs", 0, "GOMAXPROCS of the serving process; 0 leaves it to the program")
	f.StringVar(&s.profile, "profile", "", "file for a processor profile of the serving process")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	switch {
	case s.dir == "":
		return s, errors.New("name a folder with -dir")
	case s.persons < 1000 || s.persons > 5_000_000, s.rate < 1 || s.rate > 50_000, s.open <= 0 || s.open > 2*time.Minute,
		s.closed <= 0 || s.closed > time.Minute, s.connections < 1 || s.connections > 1024, s.addresses < 1 || s.addresses > 100_000, s.procs < 0 || s.procs > 256:
		return s, errors.New("a setting is out of bounds; see -help")
	}
	return s, nil
}

// measure starts the serving process and runs the loads against it, one after the other.
func measure(ctx context.Context, s settings) (out result, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	out.Cores, out.LoadBefore = runtime.NumCPU(), machineLoad()
	child, err := start(ctx, s)
	if err != nil {
		return out, err
	}
	defer child.kill()
	if err := child.read(&child.served); err != nil {
		return out, fmt.Errorf("serving process: %w", err)
	}
	out.Registry = child.served
	check := load{host: out.Registry.Check, path: "/cek", connections: s.connections, persons: s.persons, addresses: s.addresses, verify: true}
	for _, host := range []string{out.Registry.Check, out.Registry.Bare} {
		if err := loopback(host); err != nil {
			return out, err
		}
	}
	if out.Closed, err = turns(ctx, s, check, child); err != nil {
		return out, err
	}
	open := func(l load) (outcome, error) {
		return child.metered(func() (outcome, error) { return l.open(ctx, s.rate, s.open) })
	}
	check.block = 1 << 17 // fresh addresses, with their tries before them
	if out.Quiet, err = open(check); err != nil {
		return out, err
	}
	if !s.idle {
		if err := child.tell("import"); err != nil {
			return out, err
		}
		if err := pause(ctx, 3*time.Second); err != nil { // the import reads and previews its file first
			return out, err
		}
		check.block = 1 << 18
		beside, err := open(check)
		if err != nil {
			return out, err
		}
		out.Open = &beside
	}
	err = child.quit(&out.Imported)
	out.LoadAfter = machineLoad()
	return out, err
}

// rounds is how often the closed loops take turns.
const rounds = 7

// turns runs the closed loops in turn, so that a machine that slows down slows them all down. Of
// each the best turn is told; the ratios are the medians of those within a round.
func turns(ctx context.Context, s settings, check load, child *process) (out ratio, err error) {
	plain, small := check, check
	plain.host, plain.path, plain.verify = child.served.Bare, "/", false
	small.host, small.path, small.verify = child.served.Bare, "/ok", false
	check.block = 1 << 19
	var toBare, toSmall []float64
	for range rounds {
		var rates [3]float64
		for i, one := range []struct {
			load *load
			best *outcome
		}{{&plain, &out.Bare}, {&check, &out.Check}, {&small, &out.Small}} {
			got, err := child.metered(func() (outcome, error) { return one.load.closed(ctx, s.closed) })
			if err != nil {
				return out, err
			}
			if rates[i] = got.Rate; got.Rate > one.best.Rate {
				*one.best = got
			}
		}
		toBare, toSmall = append(toBare, rates[1]/rates[0]), append(toSmall, rates[1]/rates[2])
		check.block += 1 << 16
	}
	slices.Sort(toBare)
	slices.Sort(toSmall)
	out.ToBare, out.ToSmall, out.Rounds = toBare[rounds/2], toSmall[rounds/2], toBare
	return out, nil
}

// process is the serving process.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	served served
}

func start(ctx context.Context, s settings) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "serve", "-dir", s.dir, "-persons", strconv.Itoa(s.persons), "-profile", s.profile)
	cmd.Stderr = os.Stderr
	if s.procs > 0 {
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(s.procs))
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start serving process: %w", err)
	}
	return &process{cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

func (p *process) read(to any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, to)
}

func (p *process) tell(word string) error {
	_, err := io.WriteString(p.in, word+"\n")
	return err
}

// metered runs a load and notes what it cost both processes.
func (p *process) metered(load func() (outcome, error)) (outcome, error) {
	before, err := p.cpu()
	if err != nil {
		return outcome{}, err
	}
	own, _ := usage()
	out, err := load()
	if err != nil {
		return out, err
	}
	ownAfter, _ := usage()
	after, err := p.cpu()
	each := 1e6 / float64(out.Count)
	out.ServerCPU, out.ClientCPU = (after-before)*each, (ownAfter-own)*each
	return out, err
}

// cpu asks the serving process for the processor time it has used, in seconds.
func (p *process) cpu() (seconds float64, err error) {
	if err := p.tell("usage"); err != nil {
		return 0, err
	}
	return seconds, p.read(&seconds)
}

// quit stops the process and reads what it did.
func (p *process) quit(to any) error {
	if err := p.tell("quit"); err != nil {
		return err
	}
	if err := p.read(to); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// kill ends the process when a load failed; after quit it finds nothing to end.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// loopback refuses to load any machine but this one.
func loopback(host string) error {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(name); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is not this machine", host)
	}
	return nil
}

// profiled runs f, with a processor profile when a file is named.
func profiled(file string, f func() error) (err error) {
	if file == "" {
		return f()
	}
	out, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write profile: %w", err)
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return errors.Join(fmt.Errorf("write profile: %w", err), out.Close())
	}
	defer func() {
		pprof.StopCPUProfile()
		err = errors.Join(err, out.Close())
	}()
	return f()
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// machineLoad reads the load of the machine, empty where the system does not tell.
func machineLoad() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}
