package questionnaire

import (
	"fmt"
	"slices"
)

// book is the list of all facts with how the totals of a family are made.
type book struct {
	family, person factList
	totals         []total
	present        int // the person fact that says who is counted
}

// total is a family fact made of the members' facts, or a ratio of two family facts.
type total struct {
	fact int
	by   string // count, any, members, ratio
	of   int
	is   []string
	over int
}

type factDocument struct {
	Name, ID, EN string
	Level        Level
	Type         FactType
	Unit         string
	Values       []string
	LegalBasis   string `yaml:"legal_basis"`
	Unverified   bool
	Total        *struct {
		Of string
		Is []string
		By string
	}
	Ratio []string
}

type bookDocument struct{ Facts []factDocument }

func newBook(d bookDocument) (*book, error) {
	b := &book{family: factList{byName: map[string]int{}}, person: factList{byName: map[string]int{}}}
	for _, f := range d.Facts {
		if _, _, twice := b.find(f.Name); twice || fold(f.Name) != f.Name || f.ID == "" || f.EN == "" {
			return nil, fmt.Errorf("fact %q: twice, not in lower case, or without words", f.Name)
		}
		if !slices.Contains([]FactType{TypeBool, TypeInteger, TypeNumber, TypeText}, f.Type) || (f.Type == TypeText) != (len(f.Values) > 0) {
			return nil, fmt.Errorf("fact %s: type %q with %d values", f.Name, f.Type, len(f.Values))
		}
		list := b.list(f.Level)
		if list == nil {
			return nil, fmt.Errorf("fact %s: level %q", f.Name, f.Level)
		}
		list.add(Fact{f.Name, f.Level, f.Type, f.Unit, f.Values, Label{f.ID, f.EN}, f.LegalBasis, f.Unverified})
	}
	for _, f := range d.Facts {
		if err := b.addTotal(f); err != nil {
			return nil, fmt.Errorf("fact %s: %w", f.Name, err)
		}
	}
	var ok bool
	if b.present, ok = b.person.byName["present"]; !ok && len(b.totals) > 0 {
		return nil, fmt.Errorf("totals need the fact present, which says who is counted")
	}
	return b, nil
}

func (b *book) list(level Level) *factList {
	switch level {
	case LevelFamily:
		return &b.family
	case LevelPerson:
		return &b.person
	}
	return nil
}

// find gives a fact with its place in the list of its level.
func (b *book) find(name string) (f Fact, place int, ok bool) {
	for _, list := range []*factList{&b.family, &b.person} {
		if i, found := list.byName[name]; found {
			return list.facts[i], i, true
		}
	}
	return Fact{}, 0, false
}

func (b *book) addTotal(f factDocument) error {
	if f.Total == nil && f.Ratio == nil {
		return nil
	}
	if f.Level != LevelFamily {
		return fmt.Errorf("only a family has totals and ratios")
	}
	t := total{fact: b.family.byName[f.Name], by: "ratio"}
	if f.Total == nil {
		return b.addRatio(t, f)
	}
	t.by, t.of, t.is = f.Total.By, b.person.byName[f.Total.Of], f.Total.Is
	if t.by == "" {
		t.by = "count"
	}
	_, counted := b.person.byName[f.Total.Of]
	wants := map[string]FactType{"count": TypeInteger, "members": TypeInteger, "any": TypeBool}[t.by]
	if wants != f.Type || (t.by != "members") != (counted && len(t.is) > 0) {
		return fmt.Errorf("total by %q of %q does not fit", t.by, f.Total.Of)
	}
	b.totals = append(b.totals, t)
	return nil
}

func (b *book) addRatio(t total, f factDocument) error {
	if len(f.Ratio) != 2 || f.Type != TypeNumber {
		return fmt.Errorf("a ratio is a number of two family facts")
	}
	var ok, ok2 bool
	t.of, ok = b.family.byName[f.Ratio[0]]
	t.over, ok2 = b.family.byName[f.Ratio[1]]
	if !ok || !ok2 {
		return fmt.Errorf("a ratio is a number of two family facts")
	}
	b.totals = append(b.totals, t)
	return nil
}
