package evidence

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/area"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// ValueType says what the value of a kind looks like.
type ValueType string

// The types of values. All but rupiah and integer may be left empty, which is a plain yes.
const (
	TypeFlag    ValueType = "flag"    // yes, or no for a denial
	TypeRupiah  ValueType = "rupiah"  // whole rupiah, a month
	TypeInteger ValueType = "integer" // a number that is not negative
	TypeDate    ValueType = "date"    // a day, possibly partial
	TypeArea    ValueType = "area"    // a Kemendagri code
	TypeText    ValueType = "text"    // some words
)

// Confidence says how far a kind of evidence is to be trusted before anybody has looked.
type Confidence string

// The grades of confidence.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Label is a text in Indonesian and English.
type Label struct {
	ID string `yaml:"id"`
	EN string `yaml:"en"`
}

// Rule is what the data says about one kind of evidence.
type Rule struct {
	Kind         Kind       `yaml:"kind"`
	Owner        string     `yaml:"owner"`          // the agency that keeps the fact
	Value        ValueType  `yaml:"value"`          // what the value looks like
	MaxAgeMonths int        `yaml:"max_age_months"` // after that it is stale; 0 for never
	Confidence   Confidence `yaml:"confidence"`
	Label        Label      `yaml:",inline"`
	Note         string     `yaml:"note"`
	Unverified   bool       `yaml:"unverified"` // owner or age is our own knowledge, not found in a source
}

// Catalogue holds the rules of all kinds. It is made by ParseCatalogue and never changes.
type Catalogue struct {
	rules [lastKind + 1]Rule
}

// ParseCatalogue reads data/criteria/kinds.yaml, which must hold each kind once. Errors:
// evidence.kinds_syntax when it is not the expected YAML, evidence.kinds_rule when a kind stands
// twice, is missing or has an impossible setting (fact kind).
func ParseCatalogue(text []byte) (*Catalogue, error) {
	var file struct {
		Kinds []Rule `yaml:"kinds"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fail.Invalid("evidence.kinds_syntax").Because(err)
	}
	c := &Catalogue{}
	for _, r := range file.Kinds {
		if c.rules[r.Kind].Kind != 0 || !r.sound() {
			return nil, fail.Invalid("evidence.kinds_rule", "kind", r.Kind.String())
		}
		c.rules[r.Kind] = r
	}
	for _, k := range Kinds() {
		if c.rules[k].Kind == 0 {
			return nil, fail.Invalid("evidence.kinds_rule", "kind", k.String())
		}
	}
	return c, nil
}

func (r Rule) sound() bool {
	types := map[ValueType]bool{TypeFlag: true, TypeRupiah: true, TypeInteger: true, TypeDate: true, TypeArea: true, TypeText: true}
	grades := map[Confidence]bool{High: true, Medium: true, Low: true}
	return r.Kind != 0 && r.Owner != "" && types[r.Value] && grades[r.Confidence] && r.MaxAgeMonths >= 0 && r.Label.ID != "" && r.Label.EN != ""
}

// Rule gives what the data says about a kind.
func (c *Catalogue) Rule(k Kind) Rule { return c.rules[min(k, lastKind)] }

// Statement is a row of evidence as it comes in, before it is checked.
type Statement struct {
	Kind, Value, AsOf, Source string
	Match                     Match
	ReceivedAt                time.Time
}

// New checks a statement. The day it was received on is a local date at the receiving office. Errors:
// evidence.kind_unknown, evidence.value_missing and evidence.value (facts kind, type), evidence.as_of
// when the day is missing or unreadable, evidence.as_of_future, evidence.source_missing.
func (c *Catalogue) New(s Statement, received period.Date) (Evidence, error) {
	kind, err := ParseKind(strings.TrimSpace(s.Kind))
	if err != nil {
		return Evidence{}, err
	}
	value, err := c.rules[kind].read(strings.TrimSpace(s.Value))
	if err != nil {
		return Evidence{}, err
	}
	asOf, err := period.ParseDate(strings.TrimSpace(s.AsOf))
	if err != nil {
		return Evidence{}, fail.Invalid("evidence.as_of").On("as_of").Because(err)
	}
	if asOf.Earliest().After(received) {
		return Evidence{}, fail.Invalid("evidence.as_of_future", "as_of", asOf.Text()).On("as_of")
	}
	source := strings.TrimSpace(s.Source)
	if source == "" {
		return Evidence{}, fail.Invalid("evidence.source_missing").On("source")
	}
	return Evidence{Kind: kind, Value: value, AsOf: asOf, Source: source, Match: s.Match, ReceivedAt: s.ReceivedAt}, nil
}

// read reads a value of the kind's type. Errors: evidence.value_missing, evidence.value.
func (r Rule) read(text string) (Value, error) {
	wrong := fail.Invalid("evidence.value", "kind", r.Kind.String(), "type", string(r.Value)).On("value")
	if text == "" {
		if r.Value == TypeRupiah || r.Value == TypeInteger {
			return Value{}, fail.Invalid("evidence.value_missing", "kind", r.Kind.String()).On("value")
		}
		return Value{}, nil
	}
	switch r.Value {
	case TypeFlag:
		return readFlag(text, wrong)
	case TypeRupiah:
		amount, err := money.Parse(text)
		if err != nil || amount < 0 {
			return Value{}, wrong.Because(err)
		}
		return Value{kind: TypeRupiah, number: int64(amount)}, nil
	case TypeInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return Value{}, wrong.Because(err)
		}
		return Value{kind: TypeInteger, number: n}, nil
	case TypeDate:
		day, err := period.ParseWritten(text)
		if err != nil {
			return Value{}, wrong.Because(err)
		}
		return Value{kind: TypeDate, text: day.Text()}, nil
	case TypeArea:
		code, err := area.Parse(text)
		if err != nil {
			return Value{}, wrong.Because(err)
		}
		return Value{kind: TypeArea, text: code.Dotted()}, nil
	}
	return Value{kind: TypeText, text: text}, nil
}

func readFlag(text string, wrong *fail.Error) (Value, error) {
	switch strings.ToLower(text) {
	case "1", "y", "ya", "yes", "true", "benar":
		return Value{kind: TypeFlag}, nil
	case "0", "t", "n", "tidak", "bukan", "no", "false":
		return Value{kind: TypeFlag, number: 1}, nil
	}
	return Value{}, wrong
}

func (v Value) stored() string {
	switch v.kind {
	case TypeFlag:
		if v.number == 1 {
			return "tidak"
		}
		return "ya"
	case TypeRupiah, TypeInteger:
		return strconv.FormatInt(v.number, 10)
	}
	return v.text
}

// Freshness says whether a statement may be acted on.
type Freshness uint8

// The grades of freshness.
const (
	Fresh  Freshness = iota // young enough
	Stale                   // older than its kind allows: ask the owner again
	Future                  // it speaks of a day that has not come on the day of judgement
)

// String gives the stable word of the freshness.
func (f Freshness) String() string { return [...]string{"fresh", "stale", "future"}[min(f, Future)] }

// Freshness judges a statement on a day. A partial date counts as its last day when it is judged for
// age, and as its first when judged for the future: a doubt never makes evidence stronger than "2024".
func (c *Catalogue) Freshness(e Evidence, day period.Date) Freshness {
	return c.FreshnessWithin(e, day, c.rules[min(e.Kind, lastKind)].MaxAgeMonths)
}

// FreshnessWithin is Freshness with an age in months of the caller's own, 0 for no limit.
func (c *Catalogue) FreshnessWithin(e Evidence, day period.Date, months int) Freshness {
	if e.AsOf.Earliest().After(day) {
		return Future
	}
	if months > 0 && e.AsOf.Latest().AddMonths(months).Before(day) {
		return Stale
	}
	return Fresh
}
