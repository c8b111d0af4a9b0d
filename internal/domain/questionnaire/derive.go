package questionnaire

import (
	"fmt"
	"slices"
	"strconv"

	"tepat/internal/kit/fail"
)

// derivation says how one fact follows from the items of a version.
type derivation struct {
	fact      int
	level     Level
	of        []string
	by        string
	table     map[int64]FactValue // what a code means; a code under "unknown" has no entry
	number    bool
	bits      int64
	deaf      []int64 // answers of a sum that say nothing, such as 99
	when      Condition
	otherwise FactValue
	elseItem  string
	elseGives int64
}

type derivationDocument struct {
	Name             string
	Of               []string
	By               string
	Number           bool
	Numbers          map[int64]int64
	Texts            map[string][]int64
	Yes, No, Unknown []int64
	Bit, Bits        int64
	When             map[string][]int64
	Otherwise        string
	ElseYes          struct {
		Item  string
		Gives int64
	} `yaml:"else_yes"`
}

type derivationsDocument struct {
	Version string
	Facts   []derivationDocument
}

// addFacts reads how the facts follow from one version.
func (l *loader) addFacts(d derivationsDocument) (*Version, error) {
	v, err := l.set.Version(d.Version)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, doc := range d.Facts {
		f, place, ok := l.book.find(doc.Name)
		if !ok || seen[doc.Name] {
			return nil, fmt.Errorf("fact %q: not in facts.yaml, or twice", doc.Name)
		}
		seen[doc.Name] = true
		derived, err := v.newDerivation(place, f, doc)
		if err != nil {
			return nil, fmt.Errorf("fact %s: %w", doc.Name, err)
		}
		v.facts = append(v.facts, derived)
	}
	return v, nil
}

func (v *Version) newDerivation(place int, f Fact, d derivationDocument) (derivation, error) {
	out := derivation{
		fact: place, level: f.Level, of: d.Of, by: d.By, number: d.Number, bits: d.Bit | d.Bits, deaf: d.Unknown,
		when: newCondition(d.When), elseItem: d.ElseYes.Item, elseGives: d.ElseYes.Gives, table: d.meanings(),
	}
	if err := v.checkDerivation(f, d, out); err != nil {
		return derivation{}, err
	}
	if d.Otherwise == "" {
		return out, nil
	}
	var err error
	out.otherwise, err = f.read(d.Otherwise)
	return out, err
}

// meanings turns the words, numbers and yes or no of the data into one table by code.
func (d derivationDocument) meanings() map[int64]FactValue {
	table := map[int64]FactValue{}
	for code, n := range d.Numbers {
		table[code] = integerFact(n)
	}
	for word, codes := range d.Texts {
		for _, code := range codes {
			table[code] = textFact(word)
		}
	}
	for _, code := range d.Yes {
		table[code] = boolFact(true)
	}
	for _, code := range d.No {
		table[code] = boolFact(false)
	}
	return table
}

// read reads a value of the fact's type from a word of the data.
func (f Fact) read(word string) (FactValue, error) {
	switch f.Type {
	case TypeBool:
		b, err := strconv.ParseBool(word)
		return boolFact(b), err
	case TypeInteger:
		n, err := strconv.ParseInt(word, 10, 64)
		return integerFact(n), err
	case TypeText:
		if slices.Contains(f.Values, word) {
			return textFact(word), nil
		}
	}
	return FactValue{}, fmt.Errorf("%q is no value of type %s", word, f.Type)
}

func (v *Version) checkDerivation(f Fact, d derivationDocument, out derivation) error {
	if len(d.Of) == 0 || (len(d.Of) > 1) != (d.By != "") || !slices.Contains([]string{"", "any", "max", "count"}, d.By) {
		return fmt.Errorf("one item, or several with by: any, max or count")
	}
	for _, key := range d.Of {
		it, ok := v.Item(key)
		if !ok || it.Level != f.Level {
			return fmt.Errorf("no item %q of the %s", key, f.Level)
		}
		if err := covers(f, it, out); err != nil {
			return err
		}
	}
	if alt, ok := v.Item(d.ElseYes.Item); d.ElseYes.Item != "" && (!ok || alt.Level != f.Level || !out.number) {
		return fmt.Errorf("else_yes: no item %q", d.ElseYes.Item)
	}
	return v.checkCondition(out.when, f.Level)
}

// covers checks that every code of the item has a meaning of the fact's type, or stands under unknown.
func covers(f Fact, it Item, d derivation) error {
	switch {
	case d.by == "count":
		return fits(f, TypeInteger)
	case d.number && it.Kind != KindInteger && it.Kind != KindCount:
		return fmt.Errorf("item %s is no number", it.Key)
	case d.number:
		return fits(f, TypeInteger)
	case d.bits != 0 && (it.Kind != KindMulti || d.bits&^it.mask != 0):
		return fmt.Errorf("item %s has no such powers of two", it.Key)
	case d.bits != 0:
		return fits(f, TypeBool)
	}
	for code, meaning := range d.table {
		if _, ok := it.Code(code); !ok || slices.Contains(d.deaf, code) {
			return fmt.Errorf("code %d: not a code of %s, or said twice", code, it.Key)
		}
		if text, ok := meaning.Text(); meaning.Type() != f.Type || ok && !slices.Contains(f.Values, text) {
			return fmt.Errorf("code %d: its meaning is no value of the fact", code)
		}
	}
	for _, c := range it.Codes {
		if _, ok := d.table[c.Code]; !ok && !slices.Contains(d.deaf, c.Code) {
			return fmt.Errorf("code %d of %s has no meaning", c.Code, it.Key)
		}
	}
	return nil
}

func fits(f Fact, t FactType) error {
	if f.Type != t {
		return fmt.Errorf("gives a value of type %s, the fact is of type %s", t, f.Type)
	}
	return nil
}

// from derives the fact from the answers; unknown when they do not give it.
func (d *derivation) from(a Answers) FactValue {
	if d.when != nil {
		switch d.when.over(a) {
		case no:
			return d.otherwise
		case unknown:
			return FactValue{}
		}
	}
	if len(d.of) == 1 {
		return d.one(d.of[0], a)
	}
	return d.several(a)
}

func (d *derivation) one(item string, a Answers) FactValue {
	v, answered := a[item]
	if !answered {
		return d.fallback(a)
	}
	switch {
	case d.number:
		return integerFact(v.number)
	case d.bits != 0 && slices.Contains(d.deaf, v.number):
		return FactValue{}
	case d.bits != 0:
		return boolFact(v.number&d.bits != 0)
	}
	return d.table[v.number]
}

// fallback reads the plain yes-or-no question where the number was not asked.
func (d *derivation) fallback(a Answers) FactValue {
	if d.elseItem == "" {
		return FactValue{}
	}
	switch v, answered := a[d.elseItem]; {
	case answered && v.number == 1:
		return integerFact(d.elseGives)
	case answered && v.number == 2:
		return integerFact(0)
	}
	return FactValue{}
}

// several joins items: the greatest number, how many are answered, or yes if one is.
func (d *derivation) several(a Answers) FactValue {
	answered, known, most := 0, 0, FactValue{}
	for _, item := range d.of {
		v, ok := a[item]
		if !ok {
			continue
		}
		answered++
		if value := d.table[v.number]; value.Known() {
			known++
			if !most.Known() || value.bits > most.bits {
				most = value
			}
		}
	}
	switch {
	case d.by == "count" && answered > 0:
		return integerFact(int64(answered))
	case d.by == "max", d.by == "any" && (most.bits == 1 || known == len(d.of)):
		return most
	}
	return FactValue{}
}

// Derived are the facts of a family and of its members, in the order the members were given.
type Derived struct {
	Family  Facts
	Members []Facts
}

// Derive gives the facts that follow from a family's answers and its members' answers in one
// version. A version without facts of its own is read through its mapping. Answers are expected to
// be validated. Errors: questionnaire.version_unknown, questionnaire.mapping_unknown.
func (s Set) Derive(version string, family Answers, members []Answers) (Derived, error) {
	v, err := s.Version(version)
	if err != nil {
		return Derived{}, err
	}
	if len(v.facts) > 0 {
		return s.derive(v, family, members), nil
	}
	for _, m := range s.mappings {
		if m.From == version {
			family, _ = m.Apply(family)
			mapped := make([]Answers, len(members))
			for i, a := range members {
				mapped[i], _ = m.Apply(a)
			}
			return s.Derive(m.To, family, mapped)
		}
	}
	return Derived{}, fail.NotFound("questionnaire.mapping_unknown", "from", version, "to", "")
}

func (s Set) derive(v *Version, family Answers, members []Answers) Derived {
	f, p := len(s.book.family.facts), len(s.book.person.facts)
	values := make([]FactValue, f+p*len(members)) // one allocation for the family
	out := Derived{Facts{&s.book.family, values[:f:f]}, make([]Facts, len(members))}
	for i := range members {
		out.Members[i] = Facts{&s.book.person, values[f+p*i : f+p*(i+1) : f+p*(i+1)]}
	}
	for i := range v.facts {
		d := &v.facts[i]
		if d.level == LevelFamily {
			out.Family.values[d.fact] = d.from(family)
			continue
		}
		for m, a := range members {
			out.Members[m].values[d.fact] = d.from(a)
		}
	}
	s.book.addTotals(out)
	return out
}

// addTotals counts the members and takes the ratios, in the order of the data. Members that left are
// not counted; without members given the counts stay unknown.
func (b *book) addTotals(d Derived) {
	var here []Facts
	for _, m := range d.Members {
		if in, known := m.values[b.present].Bool(); in || !known {
			here = append(here, m)
		}
	}
	for _, t := range b.totals {
		if len(d.Members) > 0 || t.by == "ratio" {
			d.Family.values[t.fact] = t.value(d.Family, here)
		}
	}
}

func (t total) value(family Facts, here []Facts) FactValue {
	switch t.by {
	case "members":
		return integerFact(int64(len(here)))
	case "ratio":
		above, ok := family.values[t.of].Number()
		below, ok2 := family.values[t.over].Number()
		if !ok || !ok2 || below == 0 {
			return FactValue{}
		}
		return numberFact(above / below)
	}
	known, hits := 0, int64(0)
	for _, m := range here {
		v := m.values[t.of]
		if v.Known() {
			known++
		}
		if slices.ContainsFunc(t.is, v.matches) {
			hits++
		}
	}
	switch {
	case t.by == "any" && (hits > 0 || known == len(here) && known > 0):
		return boolFact(hits > 0)
	case t.by == "count" && known > 0:
		return integerFact(hits)
	}
	return FactValue{}
}
