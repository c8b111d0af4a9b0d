package questionnaire

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// FactType says what a fact holds.
type FactType string

// The types of facts. A number has a fraction; a text is one of a few words.
const (
	TypeBool    FactType = "bool"
	TypeInteger FactType = "integer"
	TypeNumber  FactType = "number"
	TypeText    FactType = "text"
)

// Fact describes one fact that rules and scores may read by its name.
type Fact struct {
	Name       string
	Level      Level
	Type       FactType
	Unit       string
	Values     []string // the words a text may be
	Label      Label
	LegalBasis string
	Unverified bool
}

// FactValue is the value of a fact, or unknown. The zero FactValue is unknown. It is comparable.
type FactValue struct {
	kind FactType
	n    int64
	f    float64
	s    string
}

func boolFact(b bool) FactValue {
	if b {
		return FactValue{kind: TypeBool, n: 1}
	}
	return FactValue{kind: TypeBool}
}
func integerFact(n int64) FactValue  { return FactValue{kind: TypeInteger, n: n} }
func numberFact(f float64) FactValue { return FactValue{kind: TypeNumber, f: f} }
func textFact(s string) FactValue    { return FactValue{kind: TypeText, s: s} }

// Known reports whether any answer gave the fact. A rule must not take unknown for no.
func (v FactValue) Known() bool { return v.kind != "" }

// Bool gives a fact that is true or false; known is false for every other.
func (v FactValue) Bool() (value, known bool) { return v.n == 1, v.kind == TypeBool }

// Integer gives a whole number; known is false for every other.
func (v FactValue) Integer() (value int64, known bool) { return v.n, v.kind == TypeInteger }

// Number gives a number with or without a fraction; known is false for every other.
func (v FactValue) Number() (value float64, known bool) {
	if v.kind == TypeInteger {
		return float64(v.n), true
	}
	return v.f, v.kind == TypeNumber
}

// Text gives a word; known is false for every other.
func (v FactValue) Text() (value string, known bool) { return v.s, v.kind == TypeText }

// Any gives the value as bool, int64, float64 or string, for rule engines; nil when unknown.
func (v FactValue) Any() any {
	switch v.kind {
	case TypeBool:
		return v.n == 1
	case TypeInteger:
		return v.n
	case TypeNumber:
		return v.f
	case TypeText:
		return v.s
	}
	return nil
}

// matches compares with a word of the data: "true", "12" or a word.
func (v FactValue) matches(word string) bool {
	switch v.kind {
	case TypeBool:
		return word == strconv.FormatBool(v.n == 1)
	case TypeInteger:
		return word == strconv.FormatInt(v.n, 10)
	case TypeText:
		return word == v.s
	}
	return false
}

// Facts are the facts of one family or person.
type Facts struct {
	book   *book
	values []FactValue // by place in the book
}

// Value gives a fact by name; unknown for a name that does not exist at this level.
func (f Facts) Value(name string) FactValue {
	if f.book == nil {
		return FactValue{}
	}
	i, ok := f.book.byName[name]
	if !ok {
		return FactValue{}
	}
	return f.values[i]
}

// All gives the known facts in the order of the book.
func (f Facts) All() iter.Seq2[string, FactValue] {
	return func(yield func(string, FactValue) bool) {
		for i, v := range f.values {
			if v.Known() && !yield(f.book.facts[i].Name, v) {
				return
			}
		}
	}
}

// Map gives the known facts as plain values by name, for rule engines.
func (f Facts) Map() map[string]any {
	out := make(map[string]any, len(f.values))
	for name, v := range f.All() {
		out[name] = v.Any()
	}
	return out
}

// book is the list of all facts with how the totals of a family are made.
type book struct {
	facts  []Fact
	byName map[string]int
	totals []total
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
	b := &book{byName: map[string]int{}}
	for i, f := range d.Facts {
		if _, twice := b.byName[f.Name]; twice || fold(f.Name) != f.Name || f.ID == "" || f.EN == "" {
			return nil, fmt.Errorf("fact %q: twice, not in lower case, or without words", f.Name)
		}
		if !slices.Contains([]FactType{TypeBool, TypeInteger, TypeNumber, TypeText}, f.Type) || (f.Type == TypeText) != (len(f.Values) > 0) {
			return nil, fmt.Errorf("fact %s: type %q with %d values", f.Name, f.Type, len(f.Values))
		}
		b.byName[f.Name] = i
		b.facts = append(b.facts, Fact{f.Name, f.Level, f.Type, f.Unit, f.Values, Label{f.ID, f.EN}, f.LegalBasis, f.Unverified})
	}
	for i, f := range d.Facts {
		if err := b.addTotal(i, f); err != nil {
			return nil, fmt.Errorf("fact %s: %w", f.Name, err)
		}
	}
	if len(b.totals) > 0 && !b.has("present", LevelPerson) {
		return nil, fmt.Errorf("totals need the fact present, which says who is counted")
	}
	return b, nil
}

func (b *book) addTotal(i int, f factDocument) error {
	switch {
	case f.Total == nil && f.Ratio == nil:
		return nil
	case f.Level != LevelFamily:
		return fmt.Errorf("only a family has totals and ratios")
	case f.Ratio != nil:
		if len(f.Ratio) != 2 || f.Type != TypeNumber || !b.has(f.Ratio[0], LevelFamily) || !b.has(f.Ratio[1], LevelFamily) {
			return fmt.Errorf("a ratio is a number of two family facts")
		}
		b.totals = append(b.totals, total{fact: i, by: "ratio", of: b.byName[f.Ratio[0]], over: b.byName[f.Ratio[1]]})
		return nil
	}
	t := total{fact: i, by: f.Total.By, of: b.byName[f.Total.Of], is: f.Total.Is}
	if t.by == "" {
		t.by = "count"
	}
	wants := map[string]FactType{"count": TypeInteger, "members": TypeInteger, "any": TypeBool}[t.by]
	if wants != f.Type || (t.by != "members") != (b.has(f.Total.Of, LevelPerson) && len(t.is) > 0) {
		return fmt.Errorf("total by %q of %q does not fit", t.by, f.Total.Of)
	}
	b.totals = append(b.totals, t)
	return nil
}

func (b *book) has(name string, level Level) bool {
	i, ok := b.byName[name]
	return ok && b.facts[i].Level == level
}

// Facts gives the description of every fact, in the order of the data.
func (s Set) Facts() []Fact { return slices.Clone(s.book.facts) }
