package linkage

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"tepat/internal/kit/fail"
)

// Cluster is rows held to be one.
type Cluster struct {
	// Entity names the cluster. It is the id that came first when the rows first stood together, and stays with them when
	// rows join or leave; where clusters become one the name that comes first stays.
	Entity  string
	Members []string // in the order of ids
	// Cut tells that so many rows hang together, or beside them on a card, that not all were followed.
	Cut bool
}

// Event is what a change did to a cluster.
type Event struct {
	Kind EventKind
	ID   string // the row, of Joined and Left
	From string // the entity before; empty for a row that is new
	To   string // the entity after; empty for a row that is no more
}

// EventKind says what an event is.
type EventKind uint8

// The kinds of events.
const (
	Joined EventKind = iota + 1 // a row that stood alone, or is new, has joined others
	Left                        // a row has left others
	Merged                      // the rows of one entity are all of another now
	Split                       // some rows of an entity are another now
)

// String gives the kind's stable word.
func (k EventKind) String() string {
	return [...]string{"", "joined", "left", "merged", "split"}[min(k, Split)]
}

// Change is what a row put or dropped did.
type Change struct {
	Links   []Likeness // rows the row may be one with, the likeliest first, those of the model's bar of review and above
	Cluster Cluster    // of the row; after Drop the zero value
	Events  []Event    // in the order of the entities they lead to
	// Raised are other rows that share a card with the row, or did before, and those that hang together with them, of which a pair without
	// it weighs more now, or has come above the bar of review: who stands beside them has changed. In the order of ids.
	Raised []string
}

// mostFollowed is how many rows that hang together are followed for one change, and mostWeighed after how many rows
// weighed on the way no further one is: a crowd of like rows does not hold up those who ask.
const (
	mostFollowed = 64
	mostWeighed  = 4096
)

// mostLinks is how many links Put gives.
const mostLinks = 20

// writer is room for changing an index.
type writer struct {
	*Finder
	group     *desk
	weigher   *scorer
	old       rowRef                     // the row that is being replaced or dropped
	oldRecord []byte                     // of it, where it is none of the base
	entities  map[string]string          // entity by id, where it is not the first id of the cluster
	named     map[string]map[string]bool // and the ids by entity
}

func (x *Index) room() *writer {
	if x.writer == nil {
		w := &writer{Finder: x.Finder(), entities: map[string]string{}, named: map[string]map[string]bool{}}
		p, err := livePlan(x.model, &x.base.head, x.header)
		if err != nil {
			panic(err) // it was compiled when the index was opened
		}
		w.group = newDesk(p, x.base, 2*mostFollowed+2)
		w.group.build(1)
		w.weigher = x.scorer(w.group.data)
		x.writer = w
	}
	return x.writer
}

// Put puts a row into the index, in place of the row that has its id if there is one, and tells which rows it may be one
// with and what has become of the clusters around it, and around the rows that share a card with it, before or after: it is company to them.
// So events tell of every cluster that a run over all rows would make otherwise than before, as long as nothing is cut. Fields come in the order of the header the index was opened with;
// id counts, not what the fields hold of it. In an index of a reference there are no clusters.
//
// Errors: linkage.index_damaged; the index has to be built anew then.
func (x *Index) Put(id string, fields [][]byte) (Change, error) {
	x.writing.Lock()
	defer x.writing.Unlock()
	w := x.room()
	w.begin()
	w.askID = append(w.askID[:0], id...)
	w.read(fields, 0)
	record := w.appendRecord(nil, w.columns, []byte(id), w.record(0))[4:]
	return w.change(id, record)
}

// Drop takes a row out of the index and tells what has become of the cluster it stood in.
// Errors: linkage.index_no_row, linkage.index_damaged.
func (x *Index) Drop(id string) (Change, error) {
	x.writing.Lock()
	defer x.writing.Unlock()
	return x.room().change(id, nil)
}

// Cluster gives the rows held to be one with a row of the index. Errors: linkage.index_no_row, linkage.index_damaged.
func (x *Index) Cluster(id string) (Cluster, error) {
	x.writing.Lock()
	defer x.writing.Unlock()
	w := x.room()
	row := x.rowOf(w.desk, []byte(id))
	if row == noRow {
		return Cluster{}, cmp.Or(w.pages.err, error(fail.NotFound("linkage.index_no_row")))
	}
	g := newGraph()
	w.old, w.oldRecord = noRow, nil
	w.follow(g, []rowRef{row})
	groups, err := w.groups(g.rows, g)
	if err != nil {
		return Cluster{}, err
	}
	for _, c := range groups {
		if slices.Contains(c, id) {
			return Cluster{Entity: w.entity(c), Members: c, Cut: g.cut}, w.pages.err
		}
	}
	return Cluster{}, w.pages.err
}

// graph is rows that hang together, with what was found about each.
type graph struct {
	rows  []rowRef
	at    map[rowRef]bool // true of those that were looked at
	near  int             // of the rows, the first: those around the row that changes; then come those around who shares a card with it
	edges []liveEdge
	apart [][2]rowRef
	cut   bool
	first func() // called when the first row has been looked at
}

type liveEdge struct {
	a, b   rowRef
	weight int32
	rule   uint8
}

func newGraph() *graph { return &graph{at: map[rowRef]bool{}} }

// follow adds the rows that hang together with some, by links at the bar of linking.
func (w *writer) follow(g *graph, from []rowRef) {
	bar := fixed(w.index.model.file.Dedupe.Link)
	add := func(row rowRef) {
		switch _, known := g.at[row]; {
		case known:
		case len(g.rows) >= mostFollowed:
			g.cut = true
		default:
			g.at[row] = false
			g.rows = append(g.rows, row)
		}
	}
	next := len(g.rows)
	for _, row := range from {
		add(row)
	}
	for weighed := 0; next < len(g.rows); next++ {
		if weighed > mostWeighed {
			g.cut = true
			break
		}
		row := g.rows[next]
		w.around(row)
		g.at[row] = true
		weighed += w.looked
		if next == 0 && g.first != nil {
			g.first()
		}
		for i := range w.found {
			x := &w.found[i]
			g.edges = append(g.edges, liveEdge{row, x.row, x.weight, x.rule})
			if x.weight >= bar {
				add(x.row)
			}
		}
		for _, other := range w.apart {
			g.apart = append(g.apart, [2]rowRef{row, other})
		}
	}
}

// beyond gives what was found about rows that another graph did not look at: what touches those, it tells.
func (g *graph) beyond(other *graph) *graph {
	out := newGraph()
	for _, x := range g.edges {
		if !other.at[x.a] && !other.at[x.b] {
			out.edges = append(out.edges, x)
		}
	}
	for _, p := range g.apart {
		if !other.at[p[0]] && !other.at[p[1]] {
			out.apart = append(out.apart, p)
		}
	}
	return out
}

// groups parts rows into clusters, by the code that does so in batch; also those of one row. Ids are in their order.
func (w *writer) groups(rows []rowRef, graphs ...*graph) ([][]string, error) {
	d := w.group
	d.clear()
	if d.crowded() {
		d.forgetWords()
	}
	at := make(map[rowRef]int32, len(rows))
	for i, row := range rows {
		at[row] = int32(i)
		w.cand = w.stored(row, w.cand)
		d.rowIDs = append(d.rowIDs, bytes.Clone(d.lay(w.cand, i)))
	}
	d.n, d.left = len(rows), len(rows)
	if len(rows) < 2 {
		return w.idsOf(nil, len(rows)), nil
	}
	var all finds
	for _, g := range graphs {
		g.among(at, &all)
	}
	e := &Engine{data: d.data, model: w.index.model}
	ranks := e.settle(&all)
	var found Doubles
	if err := found.group(e, w.weigher, &all, ranks); err != nil {
		return nil, err
	}
	return w.idsOf(found.Clusters, len(rows)), nil
}

// among adds what was found between rows that have a place.
func (g *graph) among(at map[rowRef]int32, all *finds) {
	for _, x := range g.edges {
		a, inA := at[x.a]
		b, inB := at[x.b]
		if inA && inB {
			all.edges = append(all.edges, Edge{A: a, B: b, Weight: x.weight, Key: x.rule})
		}
	}
	for _, p := range g.apart {
		a, inA := at[p[0]]
		b, inB := at[p[1]]
		if inA && inB {
			all.apart = append(all.apart, [2]int32{a, b})
		}
	}
}

// idsOf gives the ids of clusters, and of rows that stand alone.
func (w *writer) idsOf(clusters [][]int32, rows int) (out [][]string) {
	done := make([]bool, rows)
	for _, c := range clusters {
		var ids []string
		for _, row := range c {
			done[row] = true
			ids = append(ids, string(w.group.rowIDs[row]))
		}
		out = append(out, ids)
	}
	for row, in := range done {
		if !in {
			out = append(out, []string{string(w.group.rowIDs[row])})
		}
	}
	slices.SortFunc(out, func(x, y []string) int { return compareIDs([]byte(x[0]), []byte(y[0])) })
	return out
}

// change puts a record in place of a row, or drops the row.
func (w *writer) change(id string, record []byte) (Change, error) {
	x := w.index
	old := x.rowOf(w.desk, []byte(id))
	if old == noRow && record == nil {
		return Change{}, cmp.Or(w.pages.err, error(fail.NotFound("linkage.index_no_row")))
	}
	before := newGraph()
	if !x.Reference() {
		w.beforeChange(before, old, record)
	}
	var was []keyed
	if old >= firstNew {
		w.cand = w.stored(old, w.cand)
		was = w.values(w.cand)
	}
	var is []keyed
	if record != nil {
		is = w.values(record)
	}
	if w.pages.err != nil {
		return Change{}, w.pages.err
	}
	w.old, w.oldRecord = old, nil
	if old >= firstNew {
		w.oldRecord = bytes.Clone(x.delta.records[old-firstNew])
	}
	x.guard.Lock()
	if old != noRow {
		x.delta.drop(id, old, was)
	}
	row := noRow
	if record != nil {
		row = x.delta.add(id, record, is)
	}
	x.guard.Unlock()
	return w.consequences(id, row, before)
}

// stored gives the record of a row, in the room of into.
func (w *writer) stored(row rowRef, into []byte) []byte {
	if row == w.old && w.oldRecord != nil {
		return append(into[:0], w.oldRecord...)
	}
	if row >= firstNew {
		return append(into[:0], w.index.delta.records[row-firstNew]...)
	}
	return append(into[:0], w.pages.record(uint32(row))...)
}

// values gives the values of keys a record lies under.
func (w *writer) values(record []byte) (list []keyed) {
	w.begin()
	w.askID = append(w.askID[:0], w.lay(record, 0)...)
	w.ask(0)
	for rule := range w.plan.keys {
		w.keys = w.plan.keys[rule].each(w.record(0), w.keys[:0])
		for _, v := range slices.Clone(w.keys) {
			if k := (keyed{rule, w.run(rule, v).value}); !slices.Contains(list, k) {
				list = append(list, k)
			}
		}
	}
	if b := w.beside; b != nil && b.groupOf(0) != noDigitsValue {
		list = append(list, keyed{len(w.plan.keys), cardValue(b.groupOf(0))})
	}
	return list
}

// Entities gives the entity of each row that does not stand in the cluster whose first row it is named after: what has to be
// kept for entities to outlive the index.
func (x *Index) Entities() map[string]string {
	x.writing.Lock()
	defer x.writing.Unlock()
	return maps.Clone(x.room().entities)
}

// Keep gives rows the entities they had in an earlier index. It is called once, when the index has its rows; rows that are not
// in the index are passed over. Errors: linkage.index_damaged.
func (x *Index) Keep(entities map[string]string) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	w := x.room()
	for id, entity := range entities {
		if x.rowOf(w.desk, []byte(id)) != noRow {
			w.name(id, entity, "")
		}
	}
	return w.pages.err
}
