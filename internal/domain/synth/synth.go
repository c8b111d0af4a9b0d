// Package synth makes synthetic populations: the registry's list with the mistakes real lists have,
// the civil registry beside it, the truth about every row, what other offices know, official
// deciles, and what citizens send in. No row is about a real person.
//
// A population is a function of the scenario and the seed alone: it is worked out in blocks of at
// most a thousand families, each with random numbers of its own, so that the result is the same for
// any number of workers and memory does not grow with the population. The scenarios' exact figures
// are met by planning: New deals every planted row out to a block before any person is made.
package synth

import (
	"iter"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/parallel"
)

// World is the reference data every population is made from. It does not change and may be used
// from several goroutines.
type World struct {
	vocabulary *vocabulary
	places     *gazetteer
}

// NewWorld reads the name tables of data/names and takes the list of areas, in any order. It needs
// at least the villages of the areas to be populated, their districts, and the country's
// subdistricts, where people who moved were born. Its errors are mistakes in the reference data.
func NewWorld(names NameTexts, places []area.Place) (*World, error) {
	v, err := readVocabulary(names)
	if err != nil {
		return nil, err
	}
	return &World{vocabulary: v, places: newGazetteer(places)}, nil
}

// Generate makes the population and hands its rows to the sink on the caller's goroutine. It is New
// and Plan.Generate in one; see there for the errors.
func (w *World) Generate(cfg Config, workers int, sink Sink) error {
	p, err := w.New(cfg)
	if err != nil {
		return err
	}
	return p.Generate(workers, sink)
}

// Generate makes the planned population on up to workers goroutines and hands its rows to the sink
// on the caller's: those of one block after those of the block before, the same for every number of
// workers. It gives the first error of the sink, or synth.too_dense.
func (p *Plan) Generate(workers int, sink Sink) error {
	rows := func(w *workshop, blocks []int) result[*Batch] {
		batch := &Batch{}
		return result[*Batch]{batch, w.run(blocks[0], batch)}
	}
	return work(p, workers, rows, func(b *Batch) error { return b.into(sink) })
}

// result is what a worker hands over of one block.
type result[T any] struct {
	value T
	err   error
}

// work makes the blocks on the workers and delivers what they make of them in order.
func work[T any](p *Plan, workers int, finish func(*workshop, []int) result[T], deliver func(T) error) error {
	scratch := func() *workshop { return newWorkshop(p) }
	return parallel.ChunksWith(workers, scratch, p.indices(), finish, func(r result[T]) error {
		if r.err != nil {
			return r.err
		}
		return deliver(r.value)
	})
}

// indices yields the number of every block, one at a time.
func (p *Plan) indices() iter.Seq[[]int] {
	list := make([]int, len(p.blocks))
	for i := range list {
		list[i] = i
	}
	return parallel.Split(list, 1)
}

// calendar gives the working days of the scenario's offices: Monday to Friday but for its holidays.
func (s *Scenario) calendar() (period.Calendar, error) {
	holidays := make([]period.Holiday, len(s.Holidays))
	for i, on := range s.Holidays {
		holidays[i] = period.Holiday{On: on}
	}
	return period.NewCalendar(holidays, time.Saturday, time.Sunday)
}
