package linkage

import (
	"bytes"
	"cmp"
	"math"
	"sync"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/parallel"
)

// Options say how to read and work; the zero value works alone and tells nobody.
type Options struct {
	Workers     int
	ID          string                   // header of the ids of the first table; by default one of the model's, else the number of the row
	ReferenceID string                   // the same of the second
	Meter       func(stage string) Meter // told of the stages "read" and "compare"; may be nil
	// Stop is asked between pieces of work, by many goroutines; nil means never. Once it gives an error it must
	// go on giving one, and what is under way ends with it.
	Stop func() error
	// Known is what other sources know of the rows, for deduplication.
	Known Known
	// Population is how many rows there are in all, where the table holds only some of them; it moves the prior.
	Population int
	// Alone weighs two rows by what they hold alone, and leaves out what company tells and what the list itself teaches.
	Alone bool
	// Taught is what a list taught earlier: doubtful pairs are told that, and this list teaches nothing. Nil lets it teach; an empty
	// list that is not nil is a list that taught nothing.
	Taught []Lesson
}

// Engine holds one or two tables ready to be compared by a model. It may be used by one goroutine.
type Engine struct {
	*data
	model      *Model
	options    Options
	decided    []Labelled // by people, for training
	housed     sync.Once  // sets the groups of all rows, when a pair is explained
	houses     *houses
	recognised []StandIn // columns no title tells, by what stands in them
	learned    *lessons  // by the last search for duplicates
	guarded    *int32    // the guard's bar in it
	asked      sync.Once // searches the list for what it teaches, when a pair is explained before
}

// Report says how the work went, in figures without personal data.
type Report struct {
	Model    string      `json:"model"` // name, version and digest of the model
	Rows     [2]int      `json:"rows"`  // of each table
	Missing  []string    `json:"missing,omitempty"`
	Skipped  []string    `json:"skipped,omitempty"` // comparisons and keys that need a missing column
	Prior    float64     `json:"prior_bits"`
	Equal    int         `json:"equal,omitempty"`   // rows that were not compared, because an equal row stands for them
	Thinned  bool        `json:"thinned,omitempty"` // there were so many pairs that only the strongest of each row were kept
	Compared int64       `json:"compared"`
	Keys     []KeyReport `json:"keys"`
	Taught   []Lesson    `json:"taught,omitempty"` // what the list itself told
}

// Prepare reads one table to look for duplicates in, or two to link the first to the second, and packs them by the
// model. The sources must stay as they are as long as the engine is in use.
//
// Errors: linkage.column_missing (facts column, wanted, header), linkage.nothing (fact header) when no
// comparison or no key is left, linkage.no_rows, linkage.id_missing (facts column, header),
// linkage.too_many (fact limit), and that of Options.Stop.
func Prepare(m *Model, left, right Source, o Options) (*Engine, error) {
	left, seen := m.recognise(0, left, o.ID)
	right, more := m.recognise(1, right, o.ReferenceID)
	left, right = m.join(left), m.join(right)
	p, err := compile(m, left, right)
	if err != nil {
		return nil, err
	}
	rows := left.Rows()
	if right != nil {
		rows += right.Rows()
	}
	switch {
	case left.Rows() == 0 || right != nil && right.Rows() == 0:
		return nil, fail.Invalid("linkage.no_rows")
	case rows > math.MaxInt32:
		return nil, fail.Invalid("linkage.too_many", "limit", math.MaxInt32)
	}
	ids, err := idColumns(m, left, right, o)
	if err != nil {
		return nil, err
	}
	p.orders([2]Source{left, right})
	o.Workers = max(o.Workers, 1)
	d, err := read(p, left, right, ids, &o)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(workers int){d.count, d.crowds, d.build, d.prepareKeys} {
		if err := o.stopped(); err != nil {
			return nil, err
		}
		step(o.Workers)
	}
	e := &Engine{data: d, model: m, options: o, recognised: append(seen, more...)}
	if t := e.taught(); t != nil && o.Taught != nil {
		e.learned = t.given(o.Taught)
	}
	return e, o.stopped()
}

func (o *Options) meter(stage string) Meter {
	if o.Meter == nil {
		return silent{}
	}
	return o.Meter(stage)
}

// stopped gives the error of Stop, if there is one by now.
func (o *Options) stopped() error {
	if o.Stop == nil {
		return nil
	}
	return o.Stop()
}

type silent struct{}

func (silent) Total(int64) {}
func (silent) Add(int64)   {}

// ID gives the id of a row: the first table's rows come first.
func (d *data) ID(row int) []byte {
	side := d.side(row)
	if at, source := d.ids[side], d.single[side]; at >= 0 && source != nil {
		return source.Field(row-side*d.left, at)
	}
	return d.idOf(row, d.fields(row, nil))
}

// fielder is a source that gives one field without cutting the whole row.
type fielder interface {
	Field(row, column int) []byte
}

func (d *data) idOf(row int, fields [][]byte) []byte {
	side := d.side(row)
	if at := d.ids[side]; at >= 0 {
		if at < len(fields) {
			return fields[at]
		}
		return nil
	}
	return appendInt(nil, row-side*d.left+1)
}

func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, '0'+byte(n%10))
}

func (d *data) idHash(row int, fields [][]byte) uint64 { return hashText(d.idOf(row, fields)) }

// compareIDs orders ids: shorter ones first, so that numbers stand in their order.
func compareIDs(a, b []byte) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), bytes.Compare(a, b))
}

// crowds works out the crowd terms: how much weight a value loses that stands on more rows of one table
// than one thing should have (one; two where duplicates are looked for).
func (d *data) crowds(workers int) {
	var numbers []func()
	for i := range d.plan.comparisons {
		c := &d.plan.comparisons[i]
		q := c.file.Frequency
		if q == nil || q.Kind != "crowd" {
			continue
		}
		if t := d.table(c.column); t != nil {
			t.crowd = make([]int32, t.size())
			for v := range t.crowd {
				t.crowd[v] = d.lost(q.Power, max(t.counts[0][v], t.counts[1][v]))
			}
			continue
		}
		numbers = append(numbers, func() { d.crowdDigits(c) })
	}
	parallel.Each(workers, numbers...)
}

func (d *data) lost(power float64, holders int32) int32 {
	if d.sources[1] == nil {
		holders--
	}
	if holders <= 1 {
		return 0
	}
	return fixed(power * math.Log2(float64(holders)))
}

// crowdDigits counts the holders of each number by sorting them.
func (d *data) crowdDigits(c *comparison) {
	for side, run := range [2]portion{{0, d.left}, {d.left, d.n}} {
		list := make([]uint64, 0, run.to-run.from)
		for row := run.from; row < run.to && !d.halted(row); row++ {
			if h := c.hash(d.record(row)); h != 0 {
				list = append(list, h&^0xffffffff|uint64(row))
			}
		}
		sortEntries(list, nil)
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n]>>32 == list[0]>>32 {
				n++
			}
			if n > 1 {
				d.crowdRun(c, list[:n], side)
			}
			list = list[n:]
		}
	}
}

// hash hashes the value of a packed column, zero for none.
func (c *comparison) hash(r []uint32) uint64 {
	switch c.column.kind {
	case kindDigits:
		return some(digitsAt(r, c.column.word), noDigitsValue)
	case kindNumber:
		return some(uint64(r[c.column.word]), noNumber)
	}
	return some(uint64(r[c.column.word]), 0)
}

// crowdRun sets the term of rows whose values have one hash, which are few different ones at most.
func (d *data) crowdRun(c *comparison, list []uint64, _ int) {
	counts := map[uint64]int32{}
	for _, e := range list {
		counts[c.hash(d.record(int(uint32(e))))]++
	}
	for _, e := range list {
		r := d.record(int(uint32(e)))
		r[c.crowd] = uint32(d.lost(c.file.Frequency.Power, counts[c.hash(r)]))
	}
}

// report begins the report of a piece of work.
func (e *Engine) report(prior float64, b *blocker) Report {
	r := Report{Model: e.model.Version(), Rows: [2]int{e.left, e.n - e.left}, Missing: e.plan.missing, Skipped: e.plan.skipped, Prior: prior, Keys: b.logs}
	for _, k := range b.logs {
		r.Compared += k.Compared
	}
	return r
}

// Cost gives the blocks and the pairs they hold, key by key, without scoring any.
func (e *Engine) Cost() []KeyReport {
	b := newBlocker(e.data)
	for rule := range e.plan.keys {
		b.of(rule)
	}
	return b.logs
}
