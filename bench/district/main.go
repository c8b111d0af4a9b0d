// Command district measures what issue 2 asks of the demo and of a registry with a million
// people: imports, matching, lists, backup and copy, through the program itself. It makes a
// synthetic population, starts ./tepat once for every step, and notes wall time, processor time and
// peak memory of each, with the load of the machine before and after.
//
//	go run ./bench/district -out bench/out/district
//	go run ./bench/district -postgres postgres://postgres@127.0.0.1:5433
//
// It writes one JSON file for every engine and a table of all of them, figures.md.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// settings of a run.
type settings struct {
	out      string
	tepat    string
	families int
	postgres string // server without a database, empty for SQLite alone
	sqlite   bool
	only     string // names of steps, by commas; empty for all
	keep     bool
	short    bool
}

// repeats is how often what varies most is measured.
func (s settings) repeats() int {
	if s.short {
		return 1
	}
	return repeats
}

func main() {
	var s settings
	flag.StringVar(&s.out, "out", "bench/out/district", "folder for data and figures")
	flag.StringVar(&s.tepat, "tepat", "./tepat", "the program to measure")
	flag.IntVar(&s.families, "families", 300000, "families of the population, about 3.3 persons each")
	flag.StringVar(&s.postgres, "postgres", "", "a PostgreSQL server to measure as well, such as postgres://postgres@127.0.0.1:5433")
	flag.BoolVar(&s.sqlite, "sqlite", true, "measure SQLite")
	flag.StringVar(&s.only, "only", "", "only these steps, by commas")
	flag.BoolVar(&s.keep, "keep", false, "keep the databases")
	flag.BoolVar(&s.short, "short", false, "each demo once and no large one, to see whether all of it runs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "district:", err)
		os.Exit(1)
	}
}

// report is what one engine did.
type report struct {
	Engine  string    `json:"engine"`
	Machine machine   `json:"machine"`
	Steps   []measure `json:"steps"`
}

type machine struct {
	Cores int    `json:"cores"`
	CPU   string `json:"cpu"`
	OS    string `json:"os"`
	Go    string `json:"go"`
}

func run(ctx context.Context, s settings) error {
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	data, err := population(ctx, s)
	if err != nil {
		return fmt.Errorf("make population: %w", err)
	}
	var reports []report
	engines := map[string]string{}
	order := []string{}
	if s.sqlite {
		order, engines["sqlite"] = append(order, "sqlite"), ""
	}
	if s.postgres != "" {
		order, engines["postgres"] = append(order, "postgres"), s.postgres
	}
	for _, name := range order {
		b := &bench{set: s, data: data, engine: name, server: engines[name], report: report{Engine: name, Machine: thisMachine()}}
		err := b.all(ctx)
		reports = append(reports, b.report)
		if err := writeJSON(filepath.Join(s.out, name+".json"), b.report); err != nil {
			return err
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	table := markdown(reports)
	fmt.Print(table)
	return os.WriteFile(filepath.Join(s.out, "figures.md"), []byte(table), 0o644)
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func thisMachine() machine {
	m := machine{Cores: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			m.CPU = strings.TrimSpace(value)
			break
		}
	}
	return m
}
