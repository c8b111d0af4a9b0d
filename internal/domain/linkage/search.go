package linkage

import (
	"cmp"

	"tepat/internal/kit/parallel"
)

// search scores the pairs of all keys from one to another and hands each task's catch to out in order. It ends
// with the error of out or of Stop.
func search[T any](e *Engine, b *blocker, s *scorer, from, to int, visit func(*meeting, *T), out func(rule int, c *T) error) error {
	meter := e.options.meter("compare")
	scratch := func() *worker { return newWorker(e.data) }
	b.stopped = e.options.stopped
	orders := e.plan.orders()
	type catch struct {
		rule     int
		compared int64
		found    T
	}
	err := parallel.ChunksWith(e.options.Workers, scratch, b.tasks(from, to, min(e.options.Workers-1, 1)), func(w *worker, chunk []task) *catch {
		c := &catch{rule: chunk[0].rule}
		v := meeting{worker: w, scorer: s}
		w.order = orders[c.rule+1]
		near := uint32(0)
		for _, k := range chunk[0].list {
			if k.to > near {
				from := max(near, k.from)
				near = max(k.to, min(from+batchRows, chunk[0].list[len(chunk[0].list)-1].to))
				w.fetch(chunk[0].entries[from:near])
			}
			c.compared += e.eachPair(w, chunk[0].blocks, k, &v, func() { visit(&v, &c.found) })
		}
		return c
	}, func(c *catch) error {
		b.logs[c.rule].Compared += c.compared
		meter.Add(c.compared)
		if err := e.options.stopped(); err != nil {
			return err
		}
		return out(c.rule, &c.found)
	})
	return cmp.Or(err, e.options.stopped())
}

// meeting is the pair a worker is at.
type meeting struct {
	*worker
	*scorer
	i, j uint32
	a, b []uint32
}

// batchRows is how many rows of a task are brought near at a time: their records and names fit into the second nearest memory.
const batchRows = 256

// fetch brings the records and names of the rows of entries near. Rows that share a value lie anywhere in memory; asked for
// one by one when they are compared, each would be waited for.
func (w *worker) fetch(entries []uint64) {
	d, sum := w.data, uint32(0)
	stride, last := d.plan.stride, d.plan.prints+(len(d.plan.keys)-1)/4
	for _, x := range entries {
		at := int(uint32(x)) * stride
		sum += d.rows[at] + d.rows[at+last/2] + d.rows[at+last]
	}
	for _, c := range d.plan.named {
		names := d.tables[c.table].names
		for _, x := range entries {
			sum += uint32(names[d.rows[int(uint32(x))*stride+c.word]].ids[0])
		}
	}
	w.fetched += sum // or nothing would be read
}

// eachPair calls visit for the pairs of a block that no earlier block holds.
func (e *Engine) eachPair(w *worker, all *blocks, k block, v *meeting, visit func()) (compared int64) {
	list := all.entries[k.from:k.to]
	value := uint32(list[0] >> 32)
	two := e.sources[1] != nil
	end := len(list)
	switch {
	case k.window:
		end = int(k.stop - k.from)
	case two:
		end = int(k.mid - k.from)
	}
	for i := range end {
		v.i, v.a = uint32(list[i]), e.record(int(uint32(list[i])))
		from, to := i+1, len(list)
		switch {
		case k.window:
			to = min(to, i+1+e.model.file.Blocking.Window)
		case two:
			from = int(k.mid - k.from)
		}
		for j := from; j < to; j++ {
			v.j, v.b = uint32(list[j]), e.record(int(uint32(list[j])))
			if k.window && two && e.side(int(v.i)) == e.side(int(v.j)) || e.met(v.a, v.b, all.rule, value) {
				continue
			}
			compared++
			visit()
		}
	}
	return compared
}
