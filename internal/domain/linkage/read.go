package linkage

import (
	"bytes"
	"iter"
	"math"
	"slices"

	"tepat/internal/kit/parallel"
)

// data is the rows of one or two tables as packed records, with the distinct values they name.
type data struct {
	plan    *plan
	sources []Source
	single  [2]fielder // the sources that give one field; nil for others
	rows    []uint32
	n, left int    // rows in all, and of the first table
	ids     [2]int // column of the ids in each source, -1 for the number of the row
	odd     oddities
	// idHashes are of the ids, with their rows, until they are counted.
	idHashes []uint64
	stop     func() error // that of Options; nil for never
	tables   []*table     // by place among the plan's columns; nil where values are packed in the record
	words    *lexicon
}

// halted asks, once in many steps of a loop, whether to break it off; what it was to make is not used then.
func (d *data) halted(step int) bool {
	return step&(stopRows-1) == 0 && d.stop != nil && d.stop() != nil
}

func (d *data) record(i int) []uint32 {
	at := i * d.plan.stride
	return d.rows[at : at+d.plan.stride : at+d.plan.stride]
}

// fields gives the raw values of a row.
func (d *data) fields(i int, into [][]byte) [][]byte {
	if i < d.left {
		return d.sources[0].Fields(i, into)
	}
	return d.sources[1].Fields(i-d.left, into)
}

// side tells which table a row is of.
func (d *data) side(i int) int {
	if i < d.left {
		return 0
	}
	return 1
}

// table is the distinct values of one column: texts, or names as their words. Place zero is no value.
type table struct {
	texts  internTable
	names  []nameValue
	counts [2][]int32 // rows of each table that have the value
	share  []int32    // log2 of the share of rows, in units
	crowd  []int32    // weight a value loses that stands on too many rows, in units; nil without such a term
}

func (t *table) size() int { return t.texts.size() + 1 }

// reader turns raw values into words of a record. A worker owns one: its tables are merged later.
type reader struct {
	plan   *plan
	tables []*table
	raws   []internTable // of raw values by column
	last   []rawValue    // the raw value each column had in the rows before: people of one house share most
	known  [][]uint32    // the value a raw value stands for
	words  *lexicon
	room   nameRoom
	fields [][]byte
	batch  batch
	text   [2][]byte
	run    portion
	odd    oddities
}

func newReader(p *plan) *reader {
	r := &reader{plan: p, words: newLexicon(p.model.names), tables: make([]*table, len(p.columns)), raws: make([]internTable, len(p.columns)), last: make([]rawValue, len(p.columns)), known: make([][]uint32, len(p.columns))}
	for i := range p.columns {
		if p.columns[i].kind.tabled() {
			r.tables[i] = &table{names: make([]nameValue, 1)}
			r.tables[i].texts.reset()
			r.raws[i].reset()
			r.known[i] = make([]uint32, 1)
		}
	}
	return r
}

// row fills a record from the fields of a row of a table.
func (r *reader) row(side int, record []uint32) {
	for i := range r.plan.columns {
		c := &r.plan.columns[i]
		switch value := fieldAt(r.fields, c.field[side]); {
		case !c.kind.tabled():
			c.pack(side, value, r.fields, record)
		case len(value) == 0:
			record[c.word] = 0
		default:
			record[c.word] = r.lookUp(i, c, value, markOf(value))
		}
	}
	r.plan.mend(record)
	if r.plan.ownNames {
		r.part(record)
	}
}

// part takes names out of a record that are the row's own in another column: who heads a household is told of the others.
func (r *reader) part(record []uint32) {
	for i := range r.plan.columns {
		c := &r.plan.columns[i]
		if c.unlike == nil || c.kind != kindName || record[c.word] == 0 || record[c.unlike.word] == 0 {
			continue
		}
		own := slices.IndexFunc(r.plan.columns, func(x column) bool { return x.file == c.unlike.file })
		one, two := &r.tables[i].names[record[c.word]], &r.tables[own].names[record[c.unlike.word]]
		if slices.Equal(one.list(), two.list()) {
			record[c.word] = 0
		}
	}
}

// pack puts a number or a date into a record of a row.
func (c *column) pack(side int, value []byte, row [][]byte, record []uint32) {
	none := len(value) == 0 || c.null(value)
	switch c.kind {
	case kindDigits:
		v := uint64(noDigitsValue)
		if !none {
			v = c.some(packDigits(value, c.file.Strip, c.length[0], c.length[1]))
		}
		record[c.word], record[c.word+1] = uint32(v>>32), uint32(v)
	case kindDate:
		record[c.word] = c.date(side, value, none, row)
	case kindNumber:
		record[c.word] = noNumber
		if !none {
			record[c.word] = packNumber(value)
		}
	}
}

// date reads a date, or what stands for it in the row's other text.
func (c *column) date(side int, value []byte, none bool, row [][]byte) (v uint32) {
	if !none {
		v = packDate(value, c.order[side], c.file.Since)
	}
	if v == 0 && c.within != nil {
		text := fieldAt(row, c.within.field[side])
		if at := bytes.IndexAny(text, "0123456789"); at >= 0 {
			v = packDate(text[at:], c.order[side], c.file.Since)
		}
	}
	if slices.Contains(c.none, v) {
		v = 0
	}
	if v == 0 && c.aged[side][0] >= 0 {
		return birthYear(fieldAt(row, c.aged[side][0]), fieldAt(row, c.aged[side][1]))
	}
	return v
}

// null tells whether a raw value is one of those the model calls no value.
func (c *column) null(value []byte) bool {
	return len(c.nulls) > 0 && c.nulls[string(fold(make([]byte, 0, 64), value))]
}

// lookUp gives the place of a text or name among the distinct ones, each raw text read once. The mark is markOf the text.
func (r *reader) lookUp(i int, c *column, value []byte, mark uint32) uint32 {
	id, fresh := r.raws[i].placeAt(value, mark)
	if fresh {
		r.known[i] = append(r.known[i], r.fresh(r.tables[i], c, value))
	}
	return r.known[i][id]
}

// rawValue is a value as it stands in a row, and the place of what it stands for.
type rawValue struct {
	text  []byte
	place uint32
}

func (r *reader) fresh(t *table, c *column, value []byte) uint32 {
	if c.null(value) {
		return 0
	}
	if c.kind == kindName {
		v := r.words.read(value, &r.room)
		return t.name(&v)
	}
	text := fold(r.text[0][:0], value)
	for _, clean := range c.clean {
		next := clean(r.text[1][:0], text)
		r.text[0], r.text[1] = next, text
		text = next
	}
	r.text[0] = text
	if other, ok := c.file.Map[string(text)]; ok {
		text = []byte(other)
	}
	if len(text) == 0 || c.nulls[string(text)] {
		return 0
	}
	place, _ := t.texts.place(text)
	return place
}

// name gives the place of a name by its words.
func (t *table) name(v *nameValue) uint32 {
	if v.n == 0 {
		return 0
	}
	var key [4 * maxWords]byte
	for i, id := range v.list() {
		key[4*i], key[4*i+1], key[4*i+2], key[4*i+3] = byte(id), byte(id>>8), byte(id>>16), byte(id>>24)
	}
	place, fresh := t.texts.place(key[:4*v.n])
	if fresh {
		t.names = append(t.names, *v)
	}
	return place
}

// portion is the rows a worker reads in one go.
type portion struct{ from, to int }

// read turns the rows of the tables into records. Each worker reads one run of rows with tables of its
// own; places of values therefore differ with the number of workers, and nothing may depend on them.
func read(p *plan, left, right Source, ids [2]int, o *Options) (*data, error) {
	d := &data{plan: p, sources: []Source{left, right}, stop: o.Stop, left: left.Rows(), n: left.Rows(), ids: ids}
	d.single[0], _ = left.(fielder)
	d.single[1], _ = right.(fielder)
	if right != nil {
		d.n += right.Rows()
	}
	d.rows = make([]uint32, d.n*p.stride)
	hashes := make([]uint64, d.n)
	meter := o.meter("read")
	meter.Total(int64(d.n))
	var first *reader
	out := func(r *reader) error {
		if first == nil {
			first = r
		}
		return nil
	}
	err := parallel.Chunks(o.Workers, d.portions(o.Workers), func(run []portion) *reader {
		r := newReader(p)
		d.readRun(r, run[0], hashes, meter, o)
		return r
	}, func(r *reader) error {
		if err := o.stopped(); err != nil {
			return err
		}
		if first != nil {
			d.merge(first, r, o.Workers)
		}
		return out(r)
	})
	if err != nil {
		return nil, err
	}
	if first == nil {
		first = newReader(p)
	}
	d.tables, d.words, d.odd = first.tables, first.words, first.odd
	d.idHashes = hashes
	return d, nil
}

// portions parts the rows among the workers, one run each.
func (d *data) portions(workers int) iter.Seq[[]portion] { return portionsOf(d.n, workers) }

// portionsOf parts so many rows among workers.
func portionsOf(n, workers int) iter.Seq[[]portion] {
	return parallel.Split(portionList(n, workers), 1)
}

// portionList parts rows into so many runs, or fewer where there are fewer rows.
func portionList(n, runs int) (list []portion) {
	runs = max(runs, 1)
	for i := range runs {
		if p := (portion{n * i / runs, n * (i + 1) / runs}); p.from < p.to {
			list = append(list, p)
		}
	}
	return list
}

// readRun reads rows into records, and the hash of each row's id with the row into hashes.
func (d *data) readRun(r *reader, run portion, hashes []uint64, meter Meter, o *Options) {
	r.run = run
	titles := [2]int{len(d.sources[0].Header())}
	if d.sources[1] != nil {
		titles[1] = len(d.sources[1].Header())
	}
	for from, to := run.from, 0; from < run.to; from = to {
		to = min(from+batchRead, run.to)
		if from < d.left {
			to = min(to, d.left)
		}
		d.readRows(r, from, to, hashes, titles[d.side(from)])
		meter.Add(int64(to - from))
		if o.stopped() != nil {
			return // the caller asks, too
		}
	}
	r.last, r.batch = nil, batch{}
	for i := range r.raws { // raw texts are not needed again
		r.raws[i], r.known[i] = internTable{}, nil
	}
	r.words.forget()
}

// merge takes the values of a reader into the first one's tables and rewrites its records, the columns side by side.
func (d *data) merge(into, from *reader, workers int) {
	into.odd.take(&from.odd)
	words := make([]wordID, len(from.words.words))
	for id := 1; id < len(words); id++ {
		words[id] = into.words.intern(string(from.words.of(from.words.words[id].text)))
	}
	var columns []func()
	for i := range d.plan.columns {
		if from.tables[i] != nil {
			columns = append(columns, func() { d.mergeColumn(i, into.tables[i], from, words) })
		}
	}
	parallel.Each(workers, columns...)
}

func (d *data) mergeColumn(i int, into *table, from *reader, words []wordID) {
	places := into.take(from.tables[i], words)
	from.tables[i] = nil // not needed again
	word := d.plan.columns[i].word
	for row := from.run.from; row < from.run.to && !d.halted(row); row++ {
		at := row*d.plan.stride + word
		d.rows[at] = places[d.rows[at]]
	}
}

// take adds the values of another table and gives the new place of each.
func (t *table) take(from *table, words []wordID) []uint32 {
	places := make([]uint32, from.size())
	for id := uint32(1); id < uint32(len(places)); id++ {
		if len(from.names) > 1 {
			v := from.names[id]
			for i := range v.list() {
				v.ids[i] = words[v.ids[i]]
			}
			places[id] = t.name(&v)
			continue
		}
		places[id], _ = t.texts.place(from.texts.text(id))
	}
	return places
}

// count works out how often values and words stand in the tables, and from that their shares.
func (d *data) count(workers int) {
	columns := []func(){func() { d.repeated(d.idHashes); d.idHashes = nil }}
	filled := make([]int, len(d.tables))
	for i, t := range d.tables {
		if t != nil {
			columns = append(columns, func() { filled[i] = d.countColumn(&d.plan.columns[i], t) })
		}
	}
	parallel.Each(workers, columns...)
	named := 0
	for i, t := range d.tables {
		if d.plan.columns[i].kind != kindName {
			continue
		}
		named += filled[i]
		for v := 1; v < t.size(); v++ {
			for _, id := range t.names[v].list() {
				d.words.words[id].count += t.counts[0][v] + t.counts[1][v]
			}
		}
	}
	for i := 1; i < len(d.words.words); i++ {
		w := &d.words.words[i]
		w.rarity = fixed(math.Log2(min((float64(w.count)+guessShare*guessWorth)/(float64(named)+guessWorth), 1)))
	}
}

// countColumn counts the rows that have each value of a column, and gives how many have one.
func (d *data) countColumn(c *column, t *table) (filled int) {
	for side := range 2 {
		t.counts[side] = make([]int32, t.size())
	}
	for row := range d.n {
		if d.halted(row) {
			return 0
		}
		v := d.rows[row*d.plan.stride+c.word]
		t.counts[d.side(row)][v]++
		if v != 0 {
			filled++
		}
	}
	t.share = make([]int32, t.size())
	for v := 1; v < t.size(); v++ {
		n := t.counts[0][v] + t.counts[1][v]
		t.share[v] = fixed(math.Log2(float64(n) / float64(max(filled, 1))))
	}
	return filled
}

// A word nobody has counted yet is guessed to stand in one name of five hundred, a guess worth four
// hundred names: counts of small tables say little of how rare a word is.
const (
	guessShare = 0.002
	guessWorth = 400
)

// forget drops what only reading needs.
func (l *lexicon) forget() { l.raws, l.roles = internTable{}, nil }
