package linkage

// Frozen prepares some rows of an engine's table, each of whose values stands in it, with the frequencies and the prior of the whole
// table: what a live index built over the whole says of these rows, a run over this engine says.
func Frozen(of *Engine, rows Source) (*Engine, error) {
	m, o := of.model, Options{Workers: 1, Population: max(of.n, of.options.Population), Taught: of.options.Taught}
	p, err := compile(m, rows, nil)
	if err != nil {
		return nil, err
	}
	ids, err := idColumns(m, rows, nil, o)
	if err != nil {
		return nil, err
	}
	p.orders([2]Source{rows, nil})
	d, err := read(p, rows, nil, ids, &o)
	if err != nil {
		return nil, err
	}
	d.count(1)
	d.crowds(1)
	d.frequenciesOf(of.data)
	d.build(1)
	d.prepareKeys(1)
	d.frequenciesOf(of.data) // names are counted by place with the keys
	return &Engine{data: d, model: m, options: o}, nil
}

// frequenciesOf takes over how frequent words, values and numbers are in another table.
func (d *data) frequenciesOf(all *data) {
	words := map[uint64]*word{}
	for i := 1; i < len(all.words.words); i++ {
		words[all.words.words[i].hash] = &all.words.words[i]
	}
	for i := 1; i < len(d.words.words); i++ {
		if w := words[d.words.words[i].hash]; w != nil {
			d.words.words[i].count, d.words.words[i].rarity = w.count, w.rarity
		}
	}
	for i, t := range d.tables {
		if t == nil {
			continue
		}
		at := map[string]uint32{}
		for v := uint32(1); int(v) < all.tables[i].size(); v++ {
			at[string(all.plainValue(nil, all.tables[i], v))] = v
		}
		for v := uint32(1); int(v) < t.size(); v++ {
			v2 := at[string(d.plainValue(nil, t, v))]
			t.share[v] = all.tables[i].share[v2]
			if t.crowd != nil {
				t.crowd[v] = all.tables[i].crowdOf(v2)
			}
		}
	}
	for i := range d.plan.comparisons {
		c := &d.plan.comparisons[i]
		if c.crowd == 0 {
			continue
		}
		lost := map[uint64]uint32{}
		for row := range all.n {
			lost[all.plan.comparisons[i].hash(all.record(row))] = all.record(row)[all.plan.comparisons[i].crowd]
		}
		for row := range d.n {
			if h := c.hash(d.record(row)); h != 0 {
				d.record(row)[c.crowd] = lost[h]
			}
		}
	}
}
