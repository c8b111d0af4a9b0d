package synth

import (
	"fmt"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Scenario is one population to be made: where, when, how many, what is wrong with its list, and
// what other offices know. The files of data/scenarios hold the five published districts and the
// template for any other area.
type Scenario struct {
	Name       string         `yaml:"name"`
	Title      Words          `yaml:"title"`
	Area       area.Code      `yaml:"area"`
	AsOf       period.Date    `yaml:"as_of"`
	Figures    []Figure       `yaml:"figures"`
	Population Population     `yaml:"population"`
	Defects    map[Kind]int   `yaml:"defects"` // rows of each kind; NIKContested counts the rows of both persons
	Duplicates []Duplicate    `yaml:"duplicates"`
	Namesakes  int            `yaml:"namesakes"` // pairs
	Evidence   []EvidencePlan `yaml:"evidence"`
	Requests   []RequestPlan  `yaml:"requests"`
	Quotas     []Quota        `yaml:"quotas"`
	Holidays   []period.Date  `yaml:"holidays"`
}

// Words is a text in both languages.
type Words struct {
	ID string `yaml:"id"`
	EN string `yaml:"en"`
}

// Figure is one published (or modelled) number of the scenario with where it comes from.
type Figure struct {
	Key     string `yaml:"key"`
	Value   int    `yaml:"value"`
	Unit    string `yaml:"unit"`
	Exact   bool   `yaml:"exact"`   // the result must be this very number
	Source  string `yaml:"source"`  // label of the dossier (S0 to S4), or "model" when it is our own assumption
	Printed string `yaml:"printed"` // as the source prints it
	Note    string `yaml:"note"`    // how it is read
}

// Population is how many people there are and how they live.
type Population struct {
	Families   int     `yaml:"families"`   // families of the registry, duplicates among them
	Persons    int     `yaml:"persons"`    // rows of the registry, duplicates among them
	Households int     `yaml:"households"` // dwellings of the registry
	Beside     int     `yaml:"beside"`     // families the civil registry has beside those of the registry
	Deciles    [10]int `yaml:"deciles"`    // weights of the families' deciles
	Unranked   int     `yaml:"unranked"`   // per mille of families without an official decile
	Vintage    string  `yaml:"vintage"`    // of the official deciles, YYYY-Qn
	Quiet      bool    `yaml:"quiet"`      // answers never claim state work, high income, a car or another house: only evidence knows
	Changed    int     `yaml:"changed"`    // per mille of families that answer differently in a later round
}

// Duplicate plants second rows of persons.
type Duplicate struct {
	Kind    Kind      `yaml:"kind"` // DuplicatePerson, DuplicateFamily or DuplicateAcross
	NIK     SecondNIK `yaml:"nik"`
	Persons int       `yaml:"persons"`
}

// EvidencePlan plants what one agency reports under one kind.
type EvidencePlan struct {
	Kind      string   `yaml:"kind"`
	Agency    string   `yaml:"agency"`
	Scope     Scope    `yaml:"scope"`
	Persons   int      `yaml:"persons"`         // of the registry whom the evidence removes
	Harmless  int      `yaml:"harmless"`        // rows about members of the registry that must remove nobody
	Outsiders int      `yaml:"outsiders"`       // rows about people who are not in the registry
	Values    [2]int   `yaml:"values"`          // lowest and highest value of a number
	Steps     []int    `yaml:"steps"`           // the numbers a value may be, where it is one of a few
	Low       [2]int   `yaml:"harmless_values"` // the same for harmless rows
	Words     []string `yaml:"words"`           // values of a kind that is a word; without either the value is ya
	Single    bool     `yaml:"single"`          // only on families of one person, where person and family are the same
	Stated    int      `yaml:"stated"`          // rows about members of the registry of the ages, whom they give something
	Ages      [2]int   `yaml:"ages"`            // lowest and highest age of who is stated
	Says      Says     `yaml:"says"`            // what a stated row says; empty: its value
}

// Scope says whom evidence of a kind hits.
type Scope string

// The scopes.
const (
	PersonScope Scope = "person" // the person alone
	FamilyScope Scope = "family" // everybody in her family
	NoScope     Scope = ""       // nobody: it opens a verification
)

// Says tells where the value of a stated row comes from.
type Says string

// SaysClass states the class, 1 to 12, a pupil is in, as her school knows it; who goes to no school is not named.
const SaysClass Says = "class"

// RequestPlan plants what citizens and villages send in.
type RequestPlan struct {
	Kind     string         `yaml:"kind"` // self_proposal, report, objection, complaint, service
	Rows     int            `yaml:"rows"`
	PerDay   [2]int         `yaml:"per_working_day"` // instead of Rows: fewest and most on a working day
	From     period.Date    `yaml:"from"`
	To       period.Date    `yaml:"to"`
	Subjects map[string]int `yaml:"subjects"` // what it is about, with weights
	Unlisted int            `yaml:"unlisted"` // per mille filed by families that are not in the registry
	Arrived  int            `yaml:"arrived"`  // per mille of those that came from elsewhere within the last three months
}

// Quota is how many a programme has places for on the scenario's day.
type Quota struct {
	Programme string `yaml:"programme"`
	Unit      string `yaml:"unit"` // family or person
	Places    int    `yaml:"places"`
	Source    string `yaml:"source"`
}

// ReadScenario reads a file of data/scenarios. Errors are those of YAML, and synth.scenario (fact
// reason) when the numbers of the file cannot be met.
func ReadScenario(text []byte) (Scenario, error) {
	var s Scenario
	if err := strictYAML(text, &s); err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	return s, s.check()
}

func (s *Scenario) check() error {
	p := s.Population
	refuse := func(reason string) error { return fail.Invalid("synth.scenario", "scenario", s.Name, "reason", reason) }
	switch {
	case s.Name == "":
		return refuse("name")
	case !s.AsOf.IsFull():
		return refuse("as_of")
	case p.Families < 1 || p.Persons < p.Families || p.Persons > p.Families*largestFamily:
		return refuse("population")
	case p.Households < 1 || p.Households > p.Families:
		return refuse("households")
	case p.Beside > p.Families*9/10:
		return refuse("beside")
	case s.Defects[NIKContested]%2 != 0 || s.Defects[NIKHeld] != 0:
		return refuse("nik_contested")
	}
	if p.Deciles == [10]int{} {
		return refuse("deciles")
	}
	for _, plan := range s.Requests {
		if len(plan.Subjects) == 0 {
			return refuse("requests")
		}
	}
	if _, err := period.ParseVintage(p.Vintage); err != nil {
		return refuse("vintage")
	}
	for _, d := range s.Duplicates {
		if !slices.Contains([]Kind{DuplicatePerson, DuplicateFamily, DuplicateAcross}, d.Kind) {
			return refuse("duplicates")
		}
	}
	return nil
}

// NotMatching gives how many rows the field rules of civilmatch must find not to agree with the
// civil registry: the defects, and the second rows without a good NIK of their own.
func (s *Scenario) NotMatching() int {
	n := 0
	for _, rows := range s.Defects {
		n += rows
	}
	for _, d := range s.Duplicates {
		if d.NIK != SecondOwn {
			n += d.Persons
		}
	}
	return n
}

// Removed gives how many persons screening must end up removing: those the evidence hits, the dead
// and the moved.
func (s *Scenario) Removed() int {
	n := s.Defects[Dead] + s.Defects[Moved]
	for _, e := range s.Evidence {
		if e.Scope != NoScope {
			n += e.Persons
		}
	}
	return n
}

// Figure gives the figure with the key.
func (s *Scenario) Figure(key string) (Figure, bool) {
	for _, f := range s.Figures {
		if f.Key == key {
			return f, true
		}
	}
	return Figure{}, false
}

// For makes a scenario of the same shape for another area, with every count in proportion to the
// number of families; figures and quotas do not apply to it. The name becomes the area's code.
func (s Scenario) For(c area.Code, families int, asOf period.Date) Scenario {
	from := s.Population.Families
	scale := func(n int) int { return int((int64(n)*int64(families) + int64(from)/2) / int64(from)) }
	out := s
	out.Name, out.Area, out.AsOf = c.Dotted(), c, asOf
	out.Title = Words{}
	out.Figures, out.Quotas = nil, nil
	p := &out.Population
	p.Families, p.Households = families, max(scale(p.Households), 1)
	p.Persons = min(max(scale(p.Persons), families), families*largestFamily)
	p.Beside = scale(p.Beside)
	p.Vintage = period.MonthOf(asOf).Quarter().Add(-1).Text() // the last one surely published
	out.Defects = map[Kind]int{}
	for kind, rows := range s.Defects {
		if out.Defects[kind] = scale(rows); kind == NIKContested {
			out.Defects[kind] &^= 1
		}
	}
	out.Namesakes = scale(s.Namesakes)
	out.Duplicates, out.Evidence, out.Requests = slices.Clone(s.Duplicates), slices.Clone(s.Evidence), slices.Clone(s.Requests)
	for i := range out.Duplicates {
		out.Duplicates[i].Persons = scale(out.Duplicates[i].Persons)
	}
	for i := range out.Evidence {
		e := &out.Evidence[i]
		e.Persons, e.Harmless, e.Outsiders, e.Stated = scale(e.Persons), scale(e.Harmless), scale(e.Outsiders), scale(e.Stated)
	}
	for i := range out.Requests {
		out.Requests[i].Rows = scale(out.Requests[i].Rows)
		out.Requests[i].From, out.Requests[i].To = asOf.AddMonths(-10), asOf
	}
	return out
}
