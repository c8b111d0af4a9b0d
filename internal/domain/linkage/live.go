package linkage

import (
	"io"
	"slices"
	"sync"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/pagefile"
)

// Index answers, for one row at a time, which rows of a table it may be one with: with the keys, the weights and the
// clusters of a whole run, without the run. It is built from an Engine, kept in a file that is sealed page by page,
// and opened without being read; rows put and dropped since lie beside it in memory. How often values stand in the
// table, and the prior, stay as they were when it was built: a value no row had then counts as standing on one.
//
// An index may be asked by any number of goroutines, each with a Finder of its own, and changed by one at a time.
type Index struct {
	model   *Model
	base    *base
	header  []string
	idField int // of the ids in header, -1 for none

	writing sync.Mutex   // held by who changes it
	guard   sync.RWMutex // of the delta
	delta   delta
	writer  *writer
}

// OpenIndex opens what WriteIndex wrote, all of it, with the key it was written under, for rows whose fields come in the
// order of header. The bytes must stay as they are as long as the index is in use. The head is read and held to what
// was written; a page is when it is first touched (linkage.index_damaged).
//
// Errors: linkage.index_unreadable when it is no index, cut off, altered or sealed with another key,
// linkage.index_model (facts found, want) when it was built with another model or other tables of names: build it
// anew in both cases; linkage.column_missing (facts column, wanted, header) when header lacks what the model needs.
func OpenIndex(file []byte, m *Model, header []string, key []byte) (*Index, error) {
	f, err := pagefile.Open(file, key)
	if err != nil {
		return nil, fail.Invalid("linkage.index_unreadable").Because(err)
	}
	return newIndex(f, m, header)
}

// WriteIndex writes a live index over the engine's table, of two tables over the second (the reference), sealed under a
// key of 32 secret bytes: any, as long as OpenIndex is given the same. A file that is not written to its end does not
// open. It takes twelve bytes of memory a row, and twice the entries of one key, eight bytes each.
//
// Errors: linkage.too_many (fact limit), that of Options.Stop, and those of out.
func (e *Engine) WriteIndex(out io.Writer, key []byte) error { return e.seal(out, key, false) }

// WriteReference is WriteIndex of a table that rows will be linked to, where none of them is there yet: asked, the rows of
// the index compete with each other and with none of them, and frequencies are those of the reference alone.
func (e *Engine) WriteReference(out io.Writer, key []byte) error { return e.seal(out, key, true) }

func (e *Engine) seal(out io.Writer, key []byte, reference bool) error {
	w, err := pagefile.NewWriter(out, key)
	if err != nil {
		return err
	}
	if err := e.write(w, reference); err != nil {
		return err
	}
	return w.Close()
}

func newIndex(s store, m *Model, header []string) (*Index, error) {
	b, err := openBase(s)
	if err != nil {
		return nil, err
	}
	if h := &b.head; h.Model != m.Version() || h.Names != m.names.digest() {
		return nil, fail.Conflict("linkage.index_model", "found", h.Model, "want", m.Version())
	}
	p, err := livePlan(m, &b.head, header)
	if err != nil {
		return nil, err
	}
	if !b.fits(p) {
		return nil, fail.Invalid("linkage.index_unreadable")
	}
	for i := range p.columns {
		if c := &p.columns[i]; !c.file.Optional && c.field[0] >= len(header) {
			_, err := compile(m, titles(header), nil)
			return nil, err
		}
	}
	x := &Index{model: m, base: b, header: append([]string(nil), header...)}
	x.idField = slices.IndexFunc(header, func(h string) bool { return b.head.ID != "" && sameHeader(h, b.head.ID) })
	x.delta.reset(len(p.keys) + 1)
	return x, nil
}

// fits tells whether the base has the tables the plan asks for.
func (b *base) fits(p *plan) bool {
	h := &b.head
	if len(h.Keys) != len(p.keys) || (p.company != nil) != (len(h.Cards) == 1) || len(h.Values) != len(p.columns) || len(h.NewValue) != len(p.columns) || len(h.Crowds) != len(p.comparisons) {
		return false
	}
	for i, t := range p.terms() {
		if (t.share || t.crowd) && h.Values[i].Width == 0 {
			return false
		}
	}
	for i := range p.comparisons {
		if p.comparisons[i].crowd > 0 && h.Crowds[i].Width == 0 {
			return false
		}
	}
	return true
}

// Rows gives how many rows can be found.
func (x *Index) Rows() int {
	x.guard.RLock()
	defer x.guard.RUnlock()
	return x.base.head.Rows - len(x.delta.gone) + x.delta.live
}

// Changed gives how many rows were put or dropped since the index was built. It grows slower and less exact with them, for
// frequencies stay as they were: build it anew when they are some in a hundred.
func (x *Index) Changed() int {
	x.guard.RLock()
	defer x.guard.RUnlock()
	return len(x.delta.gone) + len(x.delta.records)
}

// Model gives name, version and digest of the model the index was built with.
func (x *Index) Model() string { return x.base.head.Model }

// Reference tells that the rows are those of a reference, of two tables the second.
func (x *Index) Reference() bool { return x.base.head.Reference }
