package questionnaire

import (
	"iter"
	"math"
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
	s    string
	bits uint64 // an integer, the bits of a float64, or 1 for true
	kind valueKind
}

type valueKind uint8

const (
	kindBool valueKind = iota + 1
	kindInteger
	kindNumber
	kindText
)

func boolFact(b bool) FactValue {
	if b {
		return FactValue{kind: kindBool, bits: 1}
	}
	return FactValue{kind: kindBool}
}
func integerFact(n int64) FactValue  { return FactValue{kind: kindInteger, bits: uint64(n)} }
func numberFact(f float64) FactValue { return FactValue{kind: kindNumber, bits: math.Float64bits(f)} }
func textFact(s string) FactValue    { return FactValue{kind: kindText, s: s} }

// Type gives the type of the value, empty when unknown.
func (v FactValue) Type() FactType {
	return [...]FactType{"", TypeBool, TypeInteger, TypeNumber, TypeText}[v.kind]
}

// Known reports whether any answer gave the fact. A rule must not take unknown for no.
func (v FactValue) Known() bool { return v.kind != 0 }

// Bool gives a fact that is true or false; known is false for every other.
func (v FactValue) Bool() (value, known bool) { return v.bits == 1, v.kind == kindBool }

// Integer gives a whole number; known is false for every other.
func (v FactValue) Integer() (value int64, known bool) { return int64(v.bits), v.kind == kindInteger }

// Number gives a number with or without a fraction; known is false for every other.
func (v FactValue) Number() (value float64, known bool) {
	if v.kind == kindInteger {
		return float64(int64(v.bits)), true
	}
	return math.Float64frombits(v.bits), v.kind == kindNumber
}

// Text gives a word; known is false for every other.
func (v FactValue) Text() (value string, known bool) { return v.s, v.kind == kindText }

// Any gives the value as bool, int64, float64 or string, for rule engines; nil when unknown.
func (v FactValue) Any() any {
	switch v.kind {
	case kindBool:
		return v.bits == 1
	case kindInteger:
		return int64(v.bits)
	case kindNumber:
		return math.Float64frombits(v.bits)
	case kindText:
		return v.s
	}
	return nil
}

// matches compares with a word of the data: "true", "12" or a word.
func (v FactValue) matches(word string) bool {
	switch v.kind {
	case kindBool:
		return word == strconv.FormatBool(v.bits == 1)
	case kindInteger:
		return word == strconv.FormatInt(int64(v.bits), 10)
	case kindText:
		return word == v.s
	}
	return false
}

// Facts are the facts of one family or person.
type Facts struct {
	list   *factList
	values []FactValue // by place in the list
}

// Value gives a fact by name; unknown for a name that does not exist at this level.
func (f Facts) Value(name string) FactValue {
	if f.list == nil {
		return FactValue{}
	}
	i, ok := f.list.byName[name]
	if !ok {
		return FactValue{}
	}
	return f.values[i]
}

// All gives the known facts in the order of the data.
func (f Facts) All() iter.Seq2[string, FactValue] {
	return func(yield func(string, FactValue) bool) {
		for i, v := range f.values {
			if v.Known() && !yield(f.list.facts[i].Name, v) {
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

// factList is the facts of one level with their places.
type factList struct {
	facts  []Fact
	byName map[string]int
}

func (l *factList) add(f Fact) {
	l.byName[f.Name] = len(l.facts)
	l.facts = append(l.facts, f)
}

// Facts gives the description of every fact of the level, in the order of the data.
func (s Set) Facts(level Level) []Fact {
	if level == LevelPerson {
		return slices.Clone(s.book.person.facts)
	}
	return slices.Clone(s.book.family.facts)
}
