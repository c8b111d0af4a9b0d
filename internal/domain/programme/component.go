package programme

import (
	"fmt"
	"slices"

	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
)

// School is the level of school a person attends now.
type School uint8

// The levels of school; the zero School was not asked.
const (
	SchoolUnknown School = iota
	SchoolNone
	SchoolSD
	SchoolSMP
	SchoolSMA
	SchoolHigher
)

// schoolWords are the words of the data and of the fact school_level.
var schoolWords = map[string]School{"none": SchoolNone, "sd": SchoolSD, "smp": SchoolSMP, "sma": SchoolSMA, "higher": SchoolHigher}

// ParseSchool reads the value of the fact school_level; any other word is unknown.
func ParseSchool(word string) School { return schoolWords[word] }

// Trait is a set of qualities of a person that components ask for.
type Trait uint16

// The traits.
const (
	Pregnant         Trait = 1 << iota // pregnant or nursing
	SevereDisability                   // penyandang disabilitas berat
	Disability                         // any disability
	RightsVictim                       // of gross human-rights violations
	Orphan                             // without one or both parents
	LivesAlone                         //
	PartYear                           // in the last class, or new in class 10: PIP gives half. It follows from the class
)

var traitWords = map[string]Trait{
	"pregnant": Pregnant, "severe_disability": SevereDisability, "disability": Disability, "rights_victim": RightsVictim,
	"orphan": Orphan, "lives_alone": LivesAlone, "part_year": PartYear,
}

// Person is what components need to know of a member of the family who is alive and present.
type Person struct {
	ID      [16]byte
	Birth   period.Date // may be partial
	School  School
	Class   int   // 1 to 13 as schools count them in this school year, zero when not known
	Has     Trait // what she surely has
	Unknown Trait // what was never asked
}

// Component is one category of member that qualifies, as in force on a day.
type Component struct {
	ID         string
	Name       questionnaire.Label
	Note       string
	Amount     Amount
	Max        int // how many persons of a family it counts, zero for no bound
	ageFrom    int
	ageTo      int // -1 for no bound
	schools    []School
	needs      Trait
	without    Trait
	Unverified bool
}

// Components are the components of a programme with the bound on persons of one family, zero for none.
type Components struct {
	Items      []Component
	MaxPersons int
	LegalBasis string
	Unverified bool
	partYear   PartYearRule
}

// Asks gives the qualities some component asks for.
func (c Components) Asks() (out Trait) {
	for i := range c.Items {
		out |= c.Items[i].needs | c.Items[i].without
	}
	return out
}

type componentDocument struct {
	ID      string
	Name    questionnaire.Label
	Note    string
	AgeFrom int  `yaml:"age_from"`
	AgeTo   *int `yaml:"age_to"`
	Schools []string
	Needs   []string
	Without []string
	Max     int
	Amounts []Amount
}

type componentsDocument struct {
	MaxPersons int    `yaml:"max_persons"`
	LegalBasis string `yaml:"legal_basis"`
	Unverified bool
	Items      []componentDocument
	PartYear   []PartYearRule `yaml:"part_year"`
}

func (d componentsDocument) check() error {
	seen := map[string]bool{}
	for _, c := range d.Items {
		if seen[c.ID] || c.ID == "" || c.Name.ID == "" || c.Name.EN == "" || len(c.Amounts) == 0 || d.LegalBasis == "" {
			return fmt.Errorf("component %q: twice, or without name, amount or legal basis", c.ID)
		}
		seen[c.ID] = true
		for _, word := range c.Schools {
			if schoolWords[word] == SchoolUnknown {
				return fmt.Errorf("component %s: school %q", c.ID, word)
			}
		}
		for _, word := range slices.Concat(c.Needs, c.Without) {
			if traitWords[word] == 0 {
				return fmt.Errorf("component %s: trait %q", c.ID, word)
			}
		}
		if err := checkAmounts(c.Amounts); err != nil {
			return fmt.Errorf("component %s: %w", c.ID, err)
		}
	}
	return d.checkPartYear()
}

// at gives the components that have an amount on the day.
func (d componentsDocument) at(day period.Date) Components {
	out := Components{MaxPersons: d.MaxPersons, LegalBasis: d.LegalBasis, Unverified: d.Unverified, partYear: pick(d.PartYear, day)}
	out.Unverified = out.Unverified || out.partYear.Unverified
	for _, c := range d.Items {
		amount := pick(c.Amounts, day)
		if amount.Amount == 0 {
			continue
		}
		component := Component{
			ID: c.ID, Name: c.Name, Note: c.Note, Amount: amount, Max: c.Max, ageFrom: c.AgeFrom, ageTo: -1,
			needs: traits(c.Needs), without: traits(c.Without), Unverified: amount.Unverified,
		}
		if c.AgeTo != nil {
			component.ageTo = *c.AgeTo
		}
		for _, word := range c.Schools {
			component.schools = append(component.schools, schoolWords[word])
		}
		out.Items = append(out.Items, component)
	}
	return out
}

func traits(words []string) Trait {
	var t Trait
	for _, word := range words {
		t |= traitWords[word]
	}
	return t
}

// fit says whether a person falls under the component on the day: yes, no, or not to be told
// because something about her is unknown (why names it).
func (c *Component) fit(p Person, day period.Date) (yes bool, why Why) {
	if c.needs&^(p.Has|p.Unknown) != 0 || c.without&p.Has != 0 {
		return false, WhyNone
	}
	why = WhyNone
	if (c.needs|c.without)&p.Unknown&^p.Has != 0 {
		why = WhyTrait
	}
	if c.schools != nil {
		switch {
		case p.School == SchoolUnknown:
			why = WhySchool
		case !slices.Contains(c.schools, p.School):
			return false, WhyNone
		}
	}
	switch inside, known := c.age(p.Birth, day); {
	case !known:
		why = WhyBirth
	case !inside:
		return false, WhyNone
	}
	return why == WhyNone, why
}

// age says whether the person's age lies within the bounds; known is false when her date of birth
// leaves it open.
func (c *Component) age(birth, day period.Date) (inside, known bool) {
	if c.ageFrom == 0 && c.ageTo < 0 {
		return true, true
	}
	lo, hi, ok := birth.AgeRange(day)
	if !ok {
		return false, false
	}
	within := func(age int) bool { return age >= c.ageFrom && (c.ageTo < 0 || age <= c.ageTo) }
	if within(lo) && within(hi) {
		return true, true
	}
	return false, hi < c.ageFrom || c.ageTo >= 0 && lo > c.ageTo
}

// perYear is what the component gives in a year; for amounts given once that is the amount.
func (c *Component) perYear() money.Rupiah {
	switch c.Amount.Per {
	case PerMonth:
		return c.Amount.Amount * 12
	case PerDay:
		return c.Amount.Amount * 365
	}
	return c.Amount.Amount
}
