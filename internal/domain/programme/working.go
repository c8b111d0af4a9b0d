package programme

import (
	"bytes"
	"cmp"
	"slices"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
)

// Why says what became of a line of a working; it is a key of the catalogue under programme.working.
type Why string

// What becomes of a line.
const (
	WhyTaken         Why = "taken"
	WhyNone          Why = "no_component"   // the person falls under no component
	WhyOnce          Why = "counted_once"   // the person already counts by a component that gives more
	WhyComponentFull Why = "component_full" // the family has its greatest number for this component
	WhyFamilyFull    Why = "family_full"    // the family has its greatest number of persons
	WhyBirth         Why = "birth_unknown"  // the date of birth does not tell whether the age fits
	WhySchool        Why = "school_unknown" // the school was not asked
	WhyTrait         Why = "trait_unknown"  // a quality the component needs was not asked
)

// Line is one person weighed under one component, or under none.
type Line struct {
	Person    [16]byte
	Component string // empty when the person falls under none
	PerYear   money.Rupiah
	Why       Why
}

// Taken reports whether the line counts.
func (l Line) Taken() bool { return l.Why == WhyTaken }

// Working is the complete calculation of a family's amount, kept so that an officer can explain it:
// every person, what she would give, and whether that was taken or why not.
type Working struct {
	Programme     ID
	On            period.Date
	Lines         []Line // in the order in which they were weighed
	PerYear       money.Rupiah
	StagesPerYear int
	LegalBasis    string
	Unverified    bool // a rule it rests on is not confirmed
}

// Components counts the lines that were taken.
func (w Working) Components() int {
	n := 0
	for _, l := range w.Lines {
		if l.Taken() {
			n++
		}
	}
	return n
}

// Open reports whether something unknown about a person may change the amount.
func (w Working) Open() bool {
	return slices.ContainsFunc(w.Lines, func(l Line) bool {
		return l.Why == WhyBirth || l.Why == WhySchool || l.Why == WhyTrait
	})
}

// Stage gives the amount of a stage, 1 to StagesPerYear. All are equal but the last, which takes
// what does not divide, so that the stages add up to the year.
func (w Working) Stage(n int) money.Rupiah {
	stages := money.Rupiah(max(w.StagesPerYear, 1))
	if n == int(stages) {
		return w.PerYear - w.PerYear/stages*(stages-1)
	}
	return w.PerYear / stages
}

// Work computes a family's amount on a day from its members (domain dossier section 7): every
// person under every component she falls under, sorted by amount from high to low, then one
// component a person, the bound of each component, and the bound of persons of a family. Equal
// amounts keep the order of the components in the data, then the order of birth, then of ids, so
// that the same family always gives the same working.
func (p Programme) Work(members []Person, day period.Date) Working {
	w := Working{
		Programme: p.ID, On: day, StagesPerYear: p.Payment.StagesPerYear, LegalBasis: p.Components.LegalBasis, Unverified: p.Components.Unverified,
	}
	options := p.options(members, day)
	w.Lines = make([]Line, 0, len(options)+len(members))
	counted := make([]int, len(p.Components.Items))
	for _, o := range options {
		line := Line{Person: members[o.member].ID, Component: p.Components.Items[o.component].ID, PerYear: o.perYear, Why: o.why}
		if o.why == WhyTaken {
			line.Why = p.take(w.Lines, line.Person, o.component, counted)
		}
		if line.Taken() {
			counted[o.component]++
			w.PerYear += o.perYear
			w.Unverified = w.Unverified || p.Components.Items[o.component].Unverified
		}
		w.Lines = append(w.Lines, line)
	}
	return w.addRest(members)
}

// take decides a line that fits, given the lines taken before it.
func (p Programme) take(before []Line, person [16]byte, component int, counted []int) Why {
	persons, c := 0, p.Components.Items[component]
	for _, l := range before {
		if l.Taken() && l.Person == person {
			return WhyOnce
		}
		if l.Taken() {
			persons++
		}
	}
	switch {
	case c.Max > 0 && counted[component] >= c.Max:
		return WhyComponentFull
	case p.Components.MaxPersons > 0 && persons >= p.Components.MaxPersons:
		return WhyFamilyFull
	}
	return WhyTaken
}

// addRest adds a line for each person who falls under no component at all.
func (w Working) addRest(members []Person) Working {
	for _, m := range members {
		if !slices.ContainsFunc(w.Lines, func(l Line) bool { return l.Person == m.ID }) {
			w.Lines = append(w.Lines, Line{Person: m.ID, Why: WhyNone})
		}
	}
	return w
}

// option is a member under a component she falls under, or may fall under.
type option struct {
	member, component int
	perYear           money.Rupiah
	why               Why
}

// options gives what is to be weighed, in order.
func (p Programme) options(members []Person, day period.Date) []option {
	var out []option
	for m := range members {
		member := p.Components.classed(members[m], day)
		for c := range p.Components.Items {
			component := &p.Components.Items[c]
			fits, why := component.fit(member, day)
			if fits {
				why = WhyTaken
			}
			if why != WhyNone {
				out = append(out, option{m, c, component.perYear(), why})
			}
		}
	}
	slices.SortFunc(out, func(a, b option) int {
		return cmp.Or(
			cmp.Compare(b.perYear, a.perYear), cmp.Compare(a.component, b.component),
			members[a.member].Birth.Compare(members[b.member].Birth), bytes.Compare(members[a.member].ID[:], members[b.member].ID[:]),
		)
	})
	return out
}
