// Command linkage measures record linkage on a synthetic registry and its civil file: processor seconds, memory,
// pairs a second, precision and recall, beside the time of reading and parsing the same bytes.
//
//	go run ./bench/linkage -dir /tmp/linkbench -families 300000
//
// The files are made once. Wall time says little on a machine others use; processor seconds do.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	data "tepat/data/linkage"
	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/domain/period"
	"tepat/internal/domain/synth"
	"tepat/internal/kit/flatcsv"
	"tepat/internal/kit/mapped"
	"tepat/internal/service/population"
)

func main() {
	dir := flag.String("dir", filepath.Join(os.TempDir(), "tepat-linkbench"), "folder of the files")
	families := flag.Int("families", 300_000, "families of the registry, 3.3 persons each")
	workers := flag.Int("workers", runtime.NumCPU(), "processors to use")
	only := flag.String("only", "parse,link,dedupe", "what to measure: parse, link, dedupe, pace (of comparing alone), live, ask (of the index live made), separated by commas")
	profile := flag.String("profile", "", "file for a processor profile")
	model := flag.String("model", "", "model file; by default that of Indonesian identity")
	flag.Parse()
	if err := run(*dir, *families, *workers, *only, *profile, *model); err != nil {
		log.Fatal(err)
	}
}

func run(dir string, families, workers int, only, profile, model string) error {
	folder := filepath.Join(dir, fmt.Sprint("families-", families))
	if err := makeFiles(folder, families, 7); err != nil {
		return err
	}
	text := data.Identity
	if model != "" {
		var err error
		if text, err = os.ReadFile(model); err != nil {
			return err
		}
	}
	m, err := linkage.ParseModel(text, data.Tables)
	if err != nil {
		return err
	}
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	b := bench{folder: folder, workers: workers, model: m}
	for _, part := range []struct {
		name string
		do   func() error
	}{{"parse", b.parse}, {"link", b.link}, {"dedupe", b.dedupe}, {"pace", b.pace}, {"live", b.live}, {"ask", b.ask}} {
		if !slices.Contains(strings.Split(only, ","), part.name) {
			continue
		}
		if err := part.do(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// makeFiles writes the registry and the civil file unless they are there.
func makeFiles(folder string, families int, seed uint64) error {
	if _, err := os.Stat(filepath.Join(folder, synth.CivilFile)); err == nil {
		return nil
	}
	world, err := population.World()
	if err != nil {
		return err
	}
	at, err := area.Parse("33")
	if err != nil {
		return err
	}
	asOf, err := period.ParseDate("2025-09-30")
	if err != nil {
		return err
	}
	scenario, err := population.OfArea(at, families, asOf)
	if err != nil {
		return err
	}
	_, err = population.Write(world, synth.Config{Scenario: scenario, Seed: seed, Round: 1, NoItems: true}, runtime.NumCPU(), folder)
	return err
}

type bench struct {
	folder  string
	workers int
	model   *linkage.Model
}

func (b *bench) open(name string) (*flatcsv.Table, error) {
	f, err := mapped.Open(filepath.Join(b.folder, name))
	if err != nil {
		return nil, err
	}
	return flatcsv.Parse(f.Bytes()) // stays mapped to the end of the process
}

// clock measures a piece of work.
type clock struct {
	wall time.Time
	cpu  time.Duration
}

func start() clock { return clock{time.Now(), processorTime()} }

func (c clock) String() string {
	return fmt.Sprintf("processor %.2f s, wall %.2f s", (processorTime() - c.cpu).Seconds(), time.Since(c.wall).Seconds())
}

// parse is the roofline: all fields of both files, read once.
func (b *bench) parse() error {
	at := start()
	size, fields := 0, 0
	for _, name := range []string{synth.RegistryFile, synth.CivilFile} {
		t, err := b.open(name)
		if err != nil {
			return err
		}
		var room [][]byte
		for i := range t.Rows() {
			room = t.Fields(i, room)
			fields += len(room)
		}
		size += t.Bytes()
	}
	fmt.Printf("read and parse %d MB, %d fields: %s\n", size>>20, fields, at)
	return nil
}

func (b *bench) link() error {
	at := start()
	left, err := b.open(synth.RegistryFile)
	if err != nil {
		return err
	}
	right, err := b.open(synth.CivilFile)
	if err != nil {
		return err
	}
	e, err := linkage.Prepare(b.model, left, right, linkage.Options{Workers: b.workers})
	if err != nil {
		return err
	}
	fmt.Printf("link, read: %s\n", at)
	compare := start()
	l, err := e.Link()
	if err != nil {
		return err
	}
	b.pairs(compare, l.Report.Compared)
	if err := e.WriteLinks(io.Discard, &l); err != nil {
		return err
	}
	fmt.Printf("link %d rows to %d: %s, peak memory %d MB; %d linked, %d to review\n", left.Rows(), right.Rows(), at, peakMemory()>>20, l.Linked, l.Review)
	return b.judgeLinks(e, &l)
}

func (b *bench) pairs(c clock, compared int64) {
	cpu := (processorTime() - c.cpu).Seconds()
	fmt.Printf("  %d pairs: %s, %.2f million pairs a processor second, keys and sorting included\n", compared, c, float64(compared)/cpu/1e6)
}

func (b *bench) dedupe() error {
	at := start()
	t, err := b.open(synth.RegistryFile)
	if err != nil {
		return err
	}
	e, err := linkage.Prepare(b.model, t, nil, linkage.Options{Workers: b.workers})
	if err != nil {
		return err
	}
	fmt.Printf("dedupe, read: %s\n", at)
	compare := start()
	d, err := e.Dedupe()
	if err != nil {
		return err
	}
	b.pairs(compare, d.Report.Compared)
	if err := e.WriteEdges(io.Discard, &d); err != nil {
		return err
	}
	if err := e.WriteClusters(io.Discard, &d); err != nil {
		return err
	}
	fmt.Printf("dedupe %d rows: %s, peak memory %d MB; %d pairs, %d clusters\n", t.Rows(), at, peakMemory()>>20, len(d.Edges), len(d.Clusters))
	return b.judgeDoubles(e, &d)
}

// pace compares the pairs of deduplication on one processor, the keys made and the blocks at hand, five times.
func (b *bench) pace() error {
	t, err := b.open(synth.RegistryFile)
	if err != nil {
		return err
	}
	e, err := linkage.Prepare(b.model, t, nil, linkage.Options{Workers: b.workers})
	if err != nil {
		return err
	}
	p := e.Pace()
	for range 5 {
		cpu := processorTime()
		compared, found := p.Compare()
		spent := processorTime() - cpu
		fmt.Printf("comparing alone: %d pairs in %.2f processor s, %.2f million a second, %.0f ns a pair; %d at the bar\n", compared, spent.Seconds(), float64(compared)/spent.Seconds()/1e6, float64(spent.Nanoseconds())/float64(compared), found)
	}
	return nil
}

// truth gives the person of each row of the registry, and the row each is a second one of.
func (b *bench) truth() (person, first map[string]string, err error) {
	t, err := b.open(synth.TruthFile)
	if err != nil {
		return nil, nil, err
	}
	person, first = make(map[string]string, t.Rows()), map[string]string{}
	id, who, of := t.Column("row_id"), t.Column("person_id"), t.Column("duplicate_of")
	var fields [][]byte
	for i := range t.Rows() {
		fields = t.Fields(i, fields)
		person[string(fields[id])] = string(fields[who])
		if len(fields[of]) > 0 {
			first[string(fields[id])] = string(fields[of])
		}
	}
	return person, first, nil
}

func (b *bench) judgeLinks(e *linkage.Engine, l *linkage.Links) error {
	person, _, err := b.truth()
	if err != nil {
		return err
	}
	right, found, there := 0, 0, 0
	for i := range l.Matches {
		want := person[string(e.ID(i))]
		if want != "" {
			there++
		}
		if m := &l.Matches[i]; m.Status == linkage.Linked {
			found++
			if string(e.ID(len(l.Matches)+int(m.Reference))) == want {
				right++
			}
		}
	}
	rate("  linked", right, found, there)
	return nil
}

func (b *bench) judgeDoubles(e *linkage.Engine, d *linkage.Doubles) error {
	_, first, err := b.truth()
	if err != nil {
		return err
	}
	one := func(row int32) string {
		id := string(e.ID(int(row)))
		if f := first[id]; f != "" {
			return f
		}
		return id
	}
	right, found := 0, 0
	for _, c := range d.Clusters {
		for i := range c {
			for j := range i {
				found++
				if one(c[i]) == one(c[j]) {
					right++
				}
			}
		}
	}
	rate("  grouped", right, found, len(first))
	return nil
}

func rate(name string, right, found, there int) {
	p, r := float64(right)/float64(max(found, 1)), float64(right)/float64(max(there, 1))
	fmt.Printf("%s: precision %.5f, recall %.5f, F1 %.5f (%d right of %d found, %d there are)\n", name, p, r, 2*p*r/max(p+r, 1e-9), right, found, there)
}
