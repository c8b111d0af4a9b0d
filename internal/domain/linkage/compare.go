package linkage

import (
	"math"
	"slices"
)

// comparison is one comparison of the plan.
type comparison struct {
	file    *comparisonFile
	column  *column
	at      int // of the column, its first word and its kind
	kind    kind
	tests   []test // of all levels but the last
	weights [maxLevels + 1]int32
	rarity  [maxLevels + 1]bool  // levels whose weight moves with the frequency of the value
	base    [maxLevels + 1]int32 // log2 of the share at which it does not
	floor   int32                // no value counts as rarer than this
	most    int32                // and no adjustment is larger
	crowd   int                  // word of the crowd term in a record, 0 for none
	tops    []top                // of all levels
	others  []top                // of the levels two different values can be at
	gain    int32                // the most it can add
	differ  int32                // the most it can add when both sides have values, and different ones
	memo    bool                 // depends on the places of two values alone
	calls   []condition
	table   *table                        // of a tabled column
	late    int                           // the first of the tests at the end that ask for other columns; they are not remembered
	within  *key                          // what makes rows near each other, among whom a name may be common; nil for nothing
	near    []glance                      // what a pair has to show for each test of digits or dates, in the order of the tests
	sight   *sight                        // tells soon which of them may fit; nil where it does not
	slips   bool                          // it has glances
	plain   bool                          // values of a code are the same or not, and their frequency does not matter
	told    [nameDifferent + 1]tellsLevel // what the relation of two names tells of the level
	crowded bool                          // its frequency is that of a crowd
	rare    rareness                      // what it can add by how rare the values are
}

// top is the most a level can add.
type top struct {
	most  int32
	level uint8
}

// usesColumns collects the columns a condition names.
func usesColumns(c condition, into []string) []string {
	for _, p := range c.parts {
		into = usesColumns(p, into)
	}
	for _, a := range c.call.args {
		if a.word != "" {
			into = append(into, a.word)
		}
	}
	return into
}

// compare adds the comparisons whose columns are there. A level that needs a missing column is never met.
func (p *plan) compare() error {
	for i := range p.model.file.Comparisons {
		f := &p.model.file.Comparisons[i]
		c := comparison{file: f, column: p.of(f.Column)}
		if c.column != nil {
			c.at, c.kind = c.column.word, c.column.kind
		}
		if p.made(f.Instead) {
			continue
		}
		if c.column == nil {
			p.skipped = append(p.skipped, "comparison "+f.Name)
			continue
		}
		c.memo = c.column.kind.tabled()
		for _, l := range f.Levels[:len(f.Levels)-1] {
			cond, err := parseCondition(l.When)
			if err != nil {
				return err
			}
			cond, _ = p.possible(cond)
			c.calls = append(c.calls, cond)
			if len(usesColumns(cond, nil)) > 0 {
				continue
			}
			c.memo = c.memo && c.late == len(c.calls)-1
			c.late = len(c.calls)
		}
		c.tell()
		c.weigh()
		c.quicken()
		c.plain = c.kind == kindCode && len(c.calls) == 1 && needsEqual(c.calls[0]) && c.calls[0].operator == 0 && !c.rarity[1] && !c.rarity[2]
		p.nearness(&c)
		if f.Frequency != nil && f.Frequency.Kind == "crowd" && !c.column.kind.tabled() {
			c.crowd = p.stride
			p.stride++
		}
		p.comparisons = append(p.comparisons, c)
	}
	slices.SortStableFunc(p.comparisons, func(a, b comparison) int { return a.cost() - b.cost() })
	p.packed = slices.IndexFunc(p.comparisons, func(c comparison) bool { return c.cost() > packedCost })
	if p.packed < 0 {
		p.packed = len(p.comparisons)
	}
	return nil
}

// made tells whether a comparison of the model has its column.
func (p *plan) made(name string) bool {
	i := p.model.comparison(name)
	return i >= 0 && p.of(p.model.file.Comparisons[i].Column) != nil
}

// weigh sets the weights of the levels.
func (c *comparison) weigh() {
	for i, l := range c.file.Levels {
		c.weights[i+1] = fixed(math.Log2(l.M / l.U))
		if c.rarity[i+1] = l.Frequency > 0; c.rarity[i+1] {
			c.base[i+1] = fixed(math.Log2(l.U / l.Frequency))
		}
	}
	share := false
	if q := c.file.Frequency; q != nil {
		c.crowded = q.Kind == "crowd"
		c.floor, c.most = fixed(math.Log2(q.Floor)), fixed(q.Max)
		share = q.Kind == "share"
	}
	c.gain, c.differ, c.tops, c.others = 0, math.MinInt32, nil, nil
	for i := range c.file.Levels {
		w := c.weights[i+1]
		if c.rarity[i+1] && share {
			w += min(c.most, max(c.scaled(c.base[i+1]-c.floor), 0))
		}
		c.gain, c.tops = max(c.gain, w), append(c.tops, top{w, uint8(i + 1)})
		if i >= len(c.calls) || !c.column.kind.tabled() || !needsEqual(c.calls[i]) {
			c.differ, c.others = max(c.differ, w), append(c.others, top{w, uint8(i + 1)})
		}
	}
	c.tellRare()
}

func (c *comparison) scaled(units int32) int32 {
	return int32(math.Round(float64(units) * c.file.Frequency.Weight))
}

// build makes the tests, which look into the distinct values of the data.
func (d *data) build(int) {
	d.plan.doubts.build(d)
	for i := range d.plan.comparisons {
		c := &d.plan.comparisons[i]
		c.tests, c.table = c.tests[:0], d.table(c.column)
		for _, cond := range c.calls {
			c.tests = append(c.tests, d.condition(c, cond))
		}
		for j := range c.near {
			c.near[j].put = d.all(c, c.near[j].rest)
		}
	}
}

// all makes the test of several conditions, nil for none.
func (d *data) all(c *comparison, list []condition) test {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return d.condition(c, list[0])
	}
	return d.condition(c, condition{operator: '&', parts: list})
}

func (d *data) condition(c *comparison, cond condition) test {
	if cond.operator == 0 {
		return d.leaf(c, cond.call)
	}
	parts := make([]test, len(cond.parts))
	for i, p := range cond.parts {
		parts[i] = d.condition(c, p)
	}
	switch cond.operator {
	case '!':
		return func(w *worker, a, b []uint32) bool { return !parts[0](w, a, b) }
	case '&':
		return func(w *worker, a, b []uint32) bool {
			for _, t := range parts {
				if !t(w, a, b) {
					return false
				}
			}
			return true
		}
	}
	return func(w *worker, a, b []uint32) bool {
		for _, t := range parts {
			if t(w, a, b) {
				return true
			}
		}
		return false
	}
}

func never(*worker, []uint32, []uint32) bool { return false }

func (d *data) leaf(c *comparison, call call) test {
	columns, numbers, err := d.plan.model.arguments(call, 0)
	if err != nil {
		return never
	}
	list := []*column{c.column}
	if len(columns) > 0 {
		list = list[:0]
		for _, i := range columns {
			of := d.plan.of(d.plan.model.file.Columns[i].Name)
			if of == nil {
				return never
			}
			list = append(list, of)
		}
	}
	t, _ := testNamed(call.name, list[0].kind)
	if t.values > 0 {
		return d.areValues(list[0], call.values())
	}
	return t.make(d, list, numbers)
}
