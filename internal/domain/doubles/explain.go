package doubles

import (
	"fmt"
	"log/slog"
)

// Contribution is one bar of the waterfall that explains a weight: the field, how it agreed, and both
// values as stored. The level and the field make a message key, linkage.<field>.<level>;
// a missing value is linkage.missing.
type Contribution struct {
	Comparison string  // field: nik, name, birth, ...; or prior, guard, household
	Level      string  // how it agreed; "missing" when a side has no value
	Bits       float64 // what it adds to the weight, rarity and crowding included
	Adjustment float64 // of that, what rarity or crowding moved
	A, B       string  // the values of both records; personal data
}

// String prints the contribution without the values.
func (c Contribution) String() string {
	return fmt.Sprintf("%s %s %+.1f", c.Comparison, c.Level, c.Bits)
}

// LogValue writes the contribution without the values.
func (c Contribution) LogValue() slog.Value { return slog.StringValue(c.String()) }

// GoString keeps %#v from printing the values.
func (c Contribution) GoString() string { return c.String() }

// Explain gives the contributions to the weight of a pair of Dedupe: first the prior, then every field in
// a fixed order, then the guard and the household cap where they apply. Their bits add up to the weight.
func (m Model) Explain(p Pair, records []Record) []Contribution {
	list := []Contribution{{Comparison: "prior", Level: "population", Bits: m.prior(len(records))}}
	return m.explain(list, &p.outcome, &records[p.A], &records[p.B])
}

// ExplainSuggestion gives the contributions to the weight of a candidate of Rank, which has no prior.
func (m Model) ExplainSuggestion(s Scored, record Record, candidates []Record) []Contribution {
	return m.explain(nil, &s.outcome, &record, &candidates[s.Index])
}

func (m Model) explain(list []Contribution, o *outcome, a, b *Record) []Contribution {
	left, right := values(a), values(b)
	for c := range comparisons {
		step := Contribution{Comparison: comparisonNames[c], Level: "missing", A: left[c], B: right[c]}
		if l := o.level[c]; l != none {
			step.Level, step.Bits, step.Adjustment = m.levels[c][l].name, float64(o.bits[c]), float64(o.adjust[c])
		}
		list = append(list, step)
	}
	if o.guard != unguarded {
		list = append(list, Contribution{Comparison: "guard", Level: guardNames[o.guard], Bits: float64(o.guards)})
	}
	if o.capped != 0 {
		list = append(list, Contribution{Comparison: "household", Level: "capped", Bits: float64(o.capped)})
	}
	return list
}

func values(r *Record) [comparisons]string {
	return [comparisons]string{
		compareNIK: r.NIK, compareName: r.Name, compareBirth: r.Birth, compareSex: r.Sex, compareMother: r.Mother,
		compareKK: r.KK, compareArea: r.Area, comparePhone: r.Phone,
	}
}
