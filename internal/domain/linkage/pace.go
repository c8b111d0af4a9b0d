package linkage

// Pace holds the blocks of all keys of a table in which duplicates are looked for, so that the comparing of pairs can be
// measured by itself.
type Pace struct {
	e      *Engine
	scorer *scorer
	blocks []blocks
}

// Pace makes the blocks of all keys.
func (e *Engine) Pace() *Pace {
	p := &Pace{e: e, scorer: newScorer(e.data, e.prior(), e.mates())}
	p.scorer.keepFrom(fixed(e.model.file.Dedupe.Review))
	b := newBlocker(e.data)
	for rule := range e.plan.keys {
		p.blocks = append(p.blocks, b.of(rule))
	}
	return p
}

// Compare compares the pairs of all blocks on the caller's goroutine, as Dedupe does. It gives how many no earlier key brings
// together, and how many of them reach the bar of review.
func (p *Pace) Compare() (compared, found int64) {
	v := meeting{worker: newWorker(p.e.data), scorer: p.scorer}
	orders := p.e.data.orders()
	for i := range p.blocks {
		v.order = orders[i+1]
		c := p.e.meetAll(&v, &task{&p.blocks[i], p.blocks[i].list}, func() {
			if v.kept {
				found++
			}
		})
		compared += c.compared
	}
	return compared, found
}
