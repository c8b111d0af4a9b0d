package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
)

// shown is what a demo prints of itself.
type shown struct {
	Figures struct {
		Families    int64 `json:"families"`
		Persons     int64 `json:"persons"`
		NotMatching int64 `json:"not_matching"`
		Recipients  map[string]struct {
			Enrolled int64 `json:"enrolled"`
		} `json:"recipients"`
	} `json:"figures"`
	Seconds float64 `json:"seconds"`
}

// repeats is how often the small demo runs; its median counts.
const repeats = 3

// demos runs the small demo on the engine, and the large one on SQLite, and holds the figures
// they must end in.
func (b *bench) demos(ctx context.Context) error {
	var tries []measure
	for range b.set.repeats() {
		m, err := b.small(ctx)
		if err != nil {
			return err
		}
		tries = append(tries, m)
	}
	m := median(tries, func(m measure) float64 { return m.Wall })
	m.ask("30 s", m.Wall <= 30)
	if b.engine != "sqlite" {
		// The machine's pace changes within minutes, so each stands against SQLite's right before it.
		m = median(tries, func(m measure) float64 { return m.Ratio })
		m.ask("30 s, 1.5 times SQLite", m.Wall <= 30 && m.Ratio <= 1.5)
	}
	b.add(m)
	if b.engine != "sqlite" || b.set.short {
		return nil
	}
	return b.large(ctx)
}

// small runs the small demo, on PostgreSQL right after the same on SQLite.
func (b *bench) small(ctx context.Context) (measure, error) {
	before := 0.0
	if b.server != "" {
		lite := &bench{set: b.set, engine: "sqlite"}
		m, err := lite.small(ctx)
		if err != nil {
			return m, err
		}
		before = m.Wall
	}
	m, got, err := b.demo(ctx, "ambon")
	if err != nil {
		return m, err
	}
	if f := got.Figures; f.Families != 34146 || f.Persons != 100739 || f.NotMatching != 5500 {
		return m, fmt.Errorf("ambon ended in %d families, %d persons, %d not matching", f.Families, f.Persons, f.NotMatching)
	}
	if before > 0 {
		m.Ratio, m.Of = m.Wall/before, "the same on SQLite just before"
	}
	return m, nil
}

// median gives the measure in the middle by a figure, and notes the range of it.
func median(tries []measure, figure func(measure) float64) measure {
	slices.SortFunc(tries, func(a, b measure) int { return cmp.Compare(figure(a), figure(b)) })
	m := tries[len(tries)/2]
	m.Note = fmt.Sprintf("median of %d, from %.2f to %.2f", len(tries), figure(tries[0]), figure(tries[len(tries)-1]))
	return m
}

func (b *bench) large(ctx context.Context) error {
	m, got, err := b.demo(ctx, "asahan")
	if err != nil {
		return err
	}
	for programme, want := range map[string]int64{"pkh": 21164, "sembako": 34807, "pbi_jk": 231809} {
		if n := got.Figures.Recipients[programme].Enrolled; n != want {
			return fmt.Errorf("asahan ended in %d recipients of %s, want %d", n, programme, want)
		}
	}
	if n := got.Figures.Families; n != 132243 {
		return fmt.Errorf("asahan ended in %d families", n)
	}
	m.ask("150 s, 1 GiB", m.Wall <= 150 && m.Peak <= 1<<30)
	b.add(m)
	return nil
}

// demo runs one scenario from nothing to its last step.
func (b *bench) demo(ctx context.Context, scenario string) (measure, shown, error) {
	dir := filepath.Join(b.set.out, "demo-"+b.engine)
	args := []string{"demo", "--scenario", scenario, "--fresh", "--no-serve", "--json", "--quiet", "--dir", dir}
	if b.server != "" {
		const name = "tepat_bench_demo"
		if err := b.postgres(ctx, "DROP DATABASE IF EXISTS "+name, "CREATE DATABASE "+name); err != nil {
			return measure{}, shown{}, err
		}
		args = append(args, "--db", b.server+"/"+name)
	}
	var out []byte
	m, err := child(ctx, "demo "+scenario, &out, b.set.tepat, args...)
	if err != nil {
		return m, shown{}, err
	}
	var got shown
	if err := json.Unmarshal(out, &got); err != nil {
		return m, got, fmt.Errorf("read what the demo printed: %w", err)
	}
	m.Rows = got.Figures.Persons
	m.Rate = float64(m.Rows) / m.Wall
	return m, got, nil
}
