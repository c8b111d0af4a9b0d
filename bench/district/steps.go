package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"tepat/internal/domain/area"
	"tepat/internal/service/accounts"
)

// district is where the population lives: Kabupaten Bandung.
const district = area.Code(3204000000)

// files of the population.
type files struct {
	plain, full, later, civil string
}

// population makes the files, unless an earlier run left them: without and with the
// questionnaire, and the full one again in a later round, in which one in twenty differs.
func population(ctx context.Context, s settings) (files, error) {
	dir := func(name string) string { return filepath.Join(s.out, "data-"+strconv.Itoa(s.families), name) }
	f := files{
		plain: filepath.Join(dir("plain"), "registry.csv"), full: filepath.Join(dir("full"), "registry.csv"),
		later: filepath.Join(dir("later"), "registry.csv"), civil: filepath.Join(dir("full"), "civil.csv"),
	}
	for path, more := range map[string][]string{f.plain: {"--plain"}, f.full: nil, f.later: {"--round", "2"}} {
		if _, err := os.Stat(path); err == nil {
			continue
		}
		args := append([]string{"synth", "--area", district.Dotted(), "--families", strconv.Itoa(s.families), "--out", filepath.Dir(path), "--quiet"}, more...)
		if _, err := child(ctx, "synth", nil, s.tepat, args...); err != nil {
			return f, err
		}
	}
	return f, nil
}

// bench is one engine being measured.
type bench struct {
	set     settings
	data    files
	engine  string
	server  string
	dir     string
	db      string
	keys    string
	names   int // databases made
	people  []accounts.DemoAccount
	village string // one of the district, dotted
	report  report
}

func (b *bench) add(m measure) {
	b.report.Steps = append(b.report.Steps, m)
	line := fmt.Sprintf("%-9s %-34s %8.2f s  cpu %7.2f s  %9.0f rows/s  %5d MB  load %s", b.engine, m.Name, m.Wall, m.CPU, m.Rate, m.Peak>>20, m.Before)
	if m.P95 > 0 {
		line = fmt.Sprintf("%-9s %-50s p50 %6.2f  p95 %6.2f  max %6.2f ms  load %s", b.engine, m.Name, m.P50, m.P95, m.Max, m.Before)
	}
	if m.Ratio > 0 {
		line += fmt.Sprintf("  %.2f x %s", m.Ratio, m.Of)
	}
	fmt.Fprintln(os.Stderr, line)
}

func (b *bench) wanted(name string) bool {
	return b.set.only == "" || slices.Contains(strings.Split(b.set.only, ","), name)
}

// all runs the steps one after the other.
func (b *bench) all(ctx context.Context) error {
	defer b.clear()
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"demo", b.demos}, {"import", b.importPlain}, {"full", b.importFull}, {"again", b.importAgain}, {"match", b.match},
		{"memory", b.matchInMemory}, {"pages", b.pages}, {"backup", b.backup},
	} {
		if !b.wanted(step.name) {
			continue
		}
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("step %s: %w", step.name, err)
		}
	}
	return nil
}

// fresh makes an empty installation in a new database.
func (b *bench) fresh(ctx context.Context) error {
	b.clear()
	b.names++
	b.dir = filepath.Join(b.set.out, fmt.Sprintf("%s-%d", b.engine, b.names))
	if err := os.RemoveAll(b.dir); err != nil {
		return err
	}
	b.db, b.keys = filepath.Join(b.dir, "data", "tepat.db"), filepath.Join(b.dir, "keys")
	if b.server != "" {
		name := fmt.Sprintf("tepat_bench_%d", b.names)
		if err := b.postgres(ctx, "DROP DATABASE IF EXISTS "+name, "CREATE DATABASE "+name); err != nil {
			return err
		}
		b.db = strings.TrimSuffix(b.server, "/") + "/" + name
	}
	people, village, err := found(ctx, b.db, b.keys)
	b.people, b.village = people, village.Dotted()
	return err
}

func (b *bench) postgres(ctx context.Context, statements ...string) error {
	conn, err := pgx.Connect(ctx, strings.TrimSuffix(b.server, "/")+"/postgres")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// clear removes the database of the steps before.
func (b *bench) clear() {
	if b.dir == "" || b.set.keep {
		return
	}
	os.RemoveAll(b.dir)
	b.dir = ""
}

// sqliteImport is what SQLite's own program needs to put a file into one table with one index.
func (b *bench) sqliteImport(ctx context.Context, name, path string) (measure, error) {
	db := filepath.Join(b.set.out, "floor.db")
	defer os.Remove(db)
	if err := os.RemoveAll(db); err != nil {
		return measure{}, err
	}
	header, rows, err := headerOf(path)
	if err != nil {
		return measure{}, err
	}
	if _, err := child(ctx, "", nil, "sqlite3", db, `CREATE TABLE r ("`+strings.Join(header, `","`)+`"); CREATE INDEX r_nik ON r (nik)`); err != nil {
		return measure{}, err
	}
	m, err := child(ctx, name, nil, "sqlite3", db, ".mode csv", ".import --skip 1 "+path+" r")
	m.Rows, m.Rate = rows, float64(rows)/m.Wall
	m.Note = "into one table with one index, no check, no sealing"
	return m, err
}

// first imports one file into a fresh installation, between two of SQLite's own imports of it:
// the machine's pace changes from minute to minute, so their mean is what it stands against.
func (b *bench) first(ctx context.Context, name, path string) error {
	var before measure
	var err error
	if b.engine == "sqlite" {
		if before, err = b.sqliteImport(ctx, "sqlite3 .import before "+name, path); err != nil {
			return err
		}
	}
	if err := b.fresh(ctx); err != nil {
		return err
	}
	m, _, err := b.tepat(ctx, name, "inserted", "import", "families", path)
	if err != nil {
		return err
	}
	m.ask("25,000/s", m.Rate >= 25000)
	if b.engine != "sqlite" {
		b.add(m)
		return nil
	}
	after, err := b.sqliteImport(ctx, "sqlite3 .import after "+name, path)
	if err != nil {
		return err
	}
	m.Ratio, m.Of = 2*m.Wall/(before.Wall+after.Wall), "sqlite3's .import before and after"
	m.Note = fmt.Sprintf(".import took %.1f and %.1f s", before.Wall, after.Wall)
	m.ask("25,000/s, 3.5 times .import, 512 MiB", m.Rate >= 25000 && m.Ratio <= 3.5 && m.Peak <= 512<<20)
	b.add(before)
	b.add(m)
	b.add(after)
	return nil
}

func (b *bench) importPlain(ctx context.Context) error {
	return b.first(ctx, "first import, plain", b.data.plain)
}

func (b *bench) importFull(ctx context.Context) error {
	return b.first(ctx, "first import, full", b.data.full)
}

func (b *bench) importAgain(ctx context.Context) error {
	for _, s := range []struct {
		name, path string
		asked      float64
	}{{"second file, 5 % changed", b.data.later, 15000}, {"the same file again", b.data.later, 50000}} {
		m, _, err := b.tepat(ctx, s.name, "rows", "import", "families", s.path)
		if err != nil {
			return err
		}
		m.ask(fmt.Sprintf("%.0f/s", s.asked), m.Rate >= s.asked)
		b.add(m)
	}
	return nil
}

func (b *bench) match(ctx context.Context) error {
	m, _, err := b.tepat(ctx, "import of the civil file", "kept", "import", "civil", b.data.civil)
	if err != nil {
		return err
	}
	b.add(m)
	for _, s := range []struct {
		name  string
		asked float64
	}{{"match, all statuses new", 30000}, {"match, nothing changed", 100000}} {
		m, r, err := b.tepat(ctx, s.name, "persons", "match")
		if err != nil {
			return err
		}
		m.Rate = float64(m.Rows) / r.Seconds // of the run; the program starts in half a second
		m.Note = fmt.Sprintf("%d statuses changed; rate of the run of %.1f s", r.Figures["changed"], r.Seconds)
		m.ask(fmt.Sprintf("%.0f/s", s.asked), m.Rate >= s.asked)
		b.add(m)
	}
	return nil
}

func (b *bench) backup(ctx context.Context) error {
	file := filepath.Join(b.dir, "backup.tepat")
	var out []byte
	m, err := child(ctx, "backup", &out, b.set.tepat, "backup", file, "--db", b.db, "--keys", b.keys, "--json", "--quiet")
	if err != nil {
		return err
	}
	if err := copied(out, &m); err != nil {
		return err
	}
	b.add(m)
	to := filepath.Join(b.dir, "copy", "tepat.db")
	if m, err = child(ctx, "db copy to SQLite", &out, b.set.tepat, "db", "copy", "--db", b.db, "--to", to, "--json", "--quiet"); err != nil {
		return err
	}
	if err := copied(out, &m); err != nil {
		return err
	}
	b.add(m)
	return nil
}
