package linkage

import (
	"cmp"
	"iter"

	"tepat/internal/kit/parallel"
)

// search scores the pairs of all keys from one to another, calls visit for those that reach the floor before other
// explanations are thought of, and hands each task's catch to out in order. It ends with the error of out or of Stop.
func search[T any](e *Engine, b *blocker, s *scorer, from, to int, visit func(*meeting, *T), out func(rule int, c *T) error) error {
	meter := e.options.meter("compare")
	scratch := func() *worker { return newWorker(e.data) }
	b.stopped = e.options.stopped
	orders := e.data.orders()
	type catch struct {
		rule  int
		pairs counted
		found T
	}
	err := parallel.ChunksWith(e.options.Workers, scratch, b.tasks(from, to, e.options.Workers), func(w *worker, chunk []task) *catch {
		c := &catch{rule: chunk[0].rule}
		w.order = orders[c.rule+1]
		v := meeting{worker: w, scorer: s}
		c.pairs = e.meetAll(&v, &chunk[0], func() { visit(&v, &c.found) })
		return c
	}, func(c *catch) error {
		b.logs[c.rule].Compared += c.pairs.compared
		b.settled += c.pairs.settled
		meter.Add(c.pairs.compared)
		if err := e.options.stopped(); err != nil {
			return err
		}
		return out(c.rule, &c.found)
	})
	return cmp.Or(err, e.options.stopped())
}

// counted is the pairs of a task: those no earlier key brought together, and of them those known to be two things.
type counted struct{ compared, settled int64 }

// meeting is the pair a worker is at, with its weight; kept says that this reaches the floor.
type meeting struct {
	*worker
	*scorer
	i, j   uint32
	a, b   []uint32
	weight int32
	kept   bool
}

// meetAll compares the pairs of a task. They are gathered and compared side by side, one comparison after the other.
func (e *Engine) meetAll(v *meeting, t *task, visit func()) (c counted) {
	if v.pairs == nil {
		v.pairs = make([]pair, batchPairs)
	}
	v.rough = true
	list, n := v.pairs, 0
	fetched := uint32(0)
	for _, k := range t.list {
		if k.to > fetched {
			from := max(fetched, k.from)
			fetched = max(k.to, min(from+batchRows, t.list[len(t.list)-1].to))
			v.fetch(t.entries[from:fetched], &e.plan.keys[t.rule])
		}
		for i, j := range e.pairsOf(t.blocks, k) {
			c.compared++
			if v.known != nil && v.known.two(i, j) {
				c.settled++
				continue
			}
			x := &list[n] // its levels are set before they are asked for
			x.i, x.j, x.a, x.b = i, j, e.record(int(i)), e.record(int(j))
			if n++; n == batchPairs {
				v.judge(list, visit)
				n = 0
			}
		}
	}
	v.judge(list[:n], visit)
	return c
}

// judge weighs pairs and calls visit for those that are left.
func (v *meeting) judge(list []pair, visit func()) {
	list = v.sift(v.worker, list)
	for i := range list {
		if v.weight, v.kept = v.settle(v.worker, &list[i]); v.sum >= v.floor {
			v.i, v.j, v.a, v.b = list[i].i, list[i].j, list[i].a, list[i].b
			visit()
		}
	}
}

// batchPairs is how many pairs are compared side by side: what is known of them fits into the nearest memory.
const batchPairs = 128

// batchRows is how many rows of a task are brought near at a time: their records and names fit into the second nearest memory.
const batchRows = 256

// fetch brings near what comparing the rows of entries by a key will ask for: their records and names, and the values of the
// key. Rows that share a value lie anywhere in memory; asked for one by one when they are compared, each would be waited for.
func (w *worker) fetch(entries []uint64, k *key) {
	d, sum := w.data, uint32(0)
	stride := d.plan.stride
	for _, x := range entries {
		for at := int(uint32(x)) * stride; at < (int(uint32(x))+1)*stride; at += lineWords {
			sum += d.rows[at]
		}
	}
	for _, c := range d.plan.named {
		names := d.tables[c.table].names
		for _, x := range entries {
			v := &names[d.rows[int(uint32(x))*stride+c.word]]
			sum += uint32(v.ids[0]) + uint32(v.n)
		}
	}
	w.fetched += sum // or nothing would be read
}

// pairsOf yields the pairs of a block that no earlier block holds.
func (e *Engine) pairsOf(all *blocks, k block) iter.Seq2[uint32, uint32] {
	return func(yield func(i, j uint32) bool) {
		list := all.entries[k.from:k.to]
		value := uint32(list[0] >> 32)
		two := e.sources[1] != nil
		end, from := len(list), 0
		switch {
		case k.window:
			end = int(k.stop - k.from)
		case two:
			end, from = int(k.mid-k.from), int(k.mid-k.from)
		}
		for at := range end {
			i, to := uint32(list[at]), len(list)
			a := e.record(int(i))
			if k.window {
				to = min(to, at+1+e.model.file.Blocking.Window)
			}
			for _, x := range list[max(from, at+1):to] {
				j := uint32(x)
				if k.window && two && e.side(int(i)) == e.side(int(j)) || e.met(a, e.record(int(j)), all.rule, value) {
					continue
				}
				if !yield(i, j) {
					return
				}
			}
		}
	}
}
