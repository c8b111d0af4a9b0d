package synth

import (
	"fmt"
	"io"
	"slices"
)

// Folder is where files are written: one writer for each name, which stays open to the end.
type Folder interface {
	Create(name string) (io.WriteCloser, error)
}

// Counts is how many rows each file got.
type Counts map[string]int

// Write makes the population and writes its files, encoding on the workers: registry.csv,
// civil.csv, truth.csv, deciles.csv, requests.csv and evidence/<agency>.csv. Errors are those of
// Generate and of the folder.
func (p *Plan) Write(workers int, folder Folder) (Counts, error) {
	w := &writing{folder: folder, files: map[string]io.WriteCloser{}, counts: Counts{}}
	err := w.open(p)
	if err == nil {
		err = work(p, workers, (*workshop).encode, w.append)
	}
	return w.counts, w.close(err)
}

// encoded is the lines of one block by file, in the order of the names.
type encoded struct {
	names []string
	lines [][]byte
	rows  []int
}

func (e *encoded) add(name string, lines []byte, rows int) {
	e.names, e.lines, e.rows = append(e.names, name), append(e.lines, lines), append(e.rows, rows)
}

// appender is a row that writes itself as a line.
type appender[T any] interface {
	*T
	AppendCSV([]byte) []byte
}

func lines[T any, A appender[T]](e *encoded, name string, rows []T, width int) {
	if len(rows) == 0 {
		return
	}
	text := make([]byte, 0, len(rows)*width)
	for i := range rows {
		text = A(&rows[i]).AppendCSV(text)
	}
	e.add(name, text, len(rows))
}

// encode makes a block and turns it into lines; the widths are guesses that save growing. The rows'
// memory is used again for the worker's next block.
func (w *workshop) encode(blocks []int) result[*encoded] {
	b, e := &w.own, &encoded{}
	b.reset()
	if err := w.run(blocks[0], b); err != nil {
		return result[*encoded]{err: err}
	}
	lines(e, RegistryFile, b.Registry, 360)
	lines(e, CivilFile, b.Civil, 230)
	lines(e, TruthFile, b.Truth, 80)
	lines(e, DecilesFile, b.Deciles, 70)
	lines(e, RequestsFile, b.Requests, 260)
	for _, agency := range w.plan.agencies {
		w.told = w.told[:0]
		for _, row := range b.Evidence {
			if row.Agency == agency {
				w.told = append(w.told, row)
			}
		}
		lines(e, EvidenceFile(agency), w.told, 70)
	}
	return result[*encoded]{value: e}
}

// agencies gives the owners of the scenario's evidence, in order.
func (s *Scenario) agencies() []string {
	list := []string{civilAgency}
	for _, e := range s.Evidence {
		list = append(list, e.Agency)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// writing is a set of open files.
type writing struct {
	folder Folder
	files  map[string]io.WriteCloser
	names  []string
	counts Counts
}

// open makes every file with its header, so that a file without rows is there too.
func (w *writing) open(p *Plan) error {
	names := []string{RegistryFile, CivilFile, TruthFile, DecilesFile, RequestsFile}
	for _, agency := range p.agencies {
		names = append(names, EvidenceFile(agency))
	}
	for _, name := range names {
		file, err := w.folder.Create(name)
		if err != nil {
			return fmt.Errorf("synthetic population: %w", err)
		}
		w.files[name], w.names = file, append(w.names, name)
		header := Header(name)
		if name == RegistryFile && !p.cfg.NoItems {
			header = RegistryHeader()
		}
		if _, err := io.WriteString(file, header+"\n"); err != nil {
			return fmt.Errorf("synthetic population: %w", err)
		}
	}
	return nil
}

func (w *writing) append(e *encoded) error {
	for i, name := range e.names {
		if _, err := w.files[name].Write(e.lines[i]); err != nil {
			return fmt.Errorf("synthetic population: %w", err)
		}
		w.counts[name] += e.rows[i]
	}
	return nil
}

// close closes the files and gives the first error.
func (w *writing) close(first error) error {
	for _, name := range w.names {
		if err := w.files[name].Close(); err != nil && first == nil {
			first = fmt.Errorf("synthetic population: %w", err)
		}
	}
	return first
}
