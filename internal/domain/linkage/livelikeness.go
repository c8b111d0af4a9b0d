package linkage

import (
	"cmp"
	"math"
	"slices"
)

// Level says how two rows agree in one comparison.
type Level struct {
	Comparison string  // its name in the model
	Level      string  // of the comparison; "missing" when a side has no value
	Bits       float64 // what it adds to the weight, frequency included
	Frequency  float64 // of that, what the frequency of the value moved
}

// Likeness is a row that may be one with the row asked for.
type Likeness struct {
	ID          string
	Weight      int32   // log2 odds that they are one, in units; see Bits. As in a whole run over the table the index was built of, company and all.
	Probability float64 // beside the other rows found, and beside none of them
	Key         string  // the first key that brings the two together
	Levels      []Level // in the order of the model; then what their company tells, where it tells something

	found found
}

// Held gives the rows the last question of Find or FindID left out although enough agrees to link them, because another explanation
// is likelier: people of one house, twins. Those of which the most agrees come first, at most so many; good until the next question.
func (f *Finder) Held(most int) []Likeness {
	slices.SortFunc(f.held, func(x, y found) int {
		return cmp.Or(cmp.Compare(y.sum, x.sum), compareIDs(x.id, y.id), cmp.Compare(x.row, y.row))
	})
	belief := f.belief()
	list := make([]Likeness, 0, min(most, len(f.held)))
	for i := range f.held[:min(max(most, 0), len(f.held))] {
		list = append(list, f.likeness(&f.held[i], belief))
	}
	return list
}

// order puts the likeliest first, those of one weight by their ids.
func (f *Finder) order() {
	slices.SortFunc(f.found, func(x, y found) int {
		return cmp.Or(cmp.Compare(y.weight, x.weight), compareIDs(x.id, y.id), cmp.Compare(x.row, y.row))
	})
}

// likenesses gives what was found, as long as nothing was damaged.
func (f *Finder) likenesses(most int) ([]Likeness, error) {
	if f.pages.err != nil {
		return nil, f.pages.err
	}
	belief := f.belief()
	list := make([]Likeness, 0, min(most, len(f.found)))
	for i := range f.found[:min(max(most, 0), len(f.found))] {
		list = append(list, f.likeness(&f.found[i], belief))
	}
	return list, nil
}

func (f *Finder) likeness(x *found, belief func(weight int32) float64) Likeness {
	l := Likeness{ID: string(x.id), Weight: x.weight, Probability: belief(x.weight), Key: f.plan.keys[x.rule].text, found: *x}
	l.found.id, l.found.group = nil, 0
	for k := range f.plan.comparisons {
		l.Levels = append(l.Levels, f.level(x, k))
	}
	slices.SortStableFunc(l.Levels, func(x, y Level) int {
		return cmp.Compare(f.plan.model.comparison(x.Comparison), f.plan.model.comparison(y.Comparison))
	})
	for _, b := range f.bars(x) {
		l.Levels = append(l.Levels, Level{Comparison: b.Comparison, Level: b.Level, Bits: b.Bits})
	}
	return l
}

// bars tells what company adds to a row that was found.
func (f *Finder) bars(x *found) []Bar {
	if f.beside == nil {
		return nil
	}
	return f.beside.bars(x.stands, x.taken)
}

func (f *Finder) level(x *found, k int) Level {
	c := &f.plan.comparisons[k]
	out := Level{Comparison: c.file.Name, Level: "missing"}
	if l := x.levels[k]; l > 0 {
		out.Level, out.Frequency = c.file.Levels[l-1].Level, Bits(x.adjust[k])
		out.Bits = Bits(c.weights[l] + x.adjust[k])
	}
	return out
}

// belief shares belief out among the likeliest rows and none of them, as Link does.
func (f *Finder) belief() func(weight int32) float64 {
	top := int32(0)
	if len(f.found) > 0 {
		top = max(0, f.found[0].weight)
	}
	sum := math.Exp2(Bits(-top))
	for i := range f.found[:min(contenders, len(f.found))] {
		sum += math.Exp2(Bits(f.found[i].weight - top))
	}
	return func(weight int32) float64 { return math.Exp2(Bits(weight-top)) / sum }
}
