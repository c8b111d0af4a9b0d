package scoring

import (
	"bytes"
	"slices"

	"gopkg.in/yaml.v3"

	"tepat/internal/domain/period"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/fail"
)

// Sign is one sign of poverty of a decree.
type Sign struct {
	Code       string              `yaml:"code"`
	Direct     bool                `yaml:"direct"` // by itself enough, says the decree
	Of         string              `yaml:"of"`     // head or family
	Any        []SignTest          `yaml:"any"`
	Label      questionnaire.Label `yaml:",inline"`
	Unverified bool                `yaml:"unverified"`
}

// SignTest is met when the fact has one of the values.
type SignTest struct {
	Fact string   `yaml:"fact"`
	Is   []string `yaml:"is"`
}

// Signs are the signs of poverty of one decree. They are made by ParseSigns and never change.
type Signs struct {
	ID         string      `yaml:"id"`
	LegalBasis string      `yaml:"legal_basis"`
	From       period.Date `yaml:"valid_from"`
	List       []Sign      `yaml:"signs"`
}

// ParseSigns reads the YAML text of a decree's signs. Errors: score.signs_syntax, score.signs (fact code)
// for a sign that cannot be or stands twice.
func ParseSigns(text []byte) (Signs, error) {
	var s Signs
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&s); err != nil {
		return Signs{}, fail.Invalid("score.signs_syntax").Because(err)
	}
	seen := map[string]bool{}
	for _, sign := range s.List {
		if sign.Code == "" || seen[sign.Code] || len(sign.Any) == 0 || sign.Label.ID == "" || sign.Label.EN == "" ||
			sign.Of != "head" && sign.Of != "family" {
			return Signs{}, fail.Invalid("score.signs", "code", sign.Code)
		}
		seen[sign.Code] = true
	}
	return s, nil
}

// Answer is what is known of a sign.
type Answer uint8

// The answers. Unknown is not no.
const (
	SignUnknown Answer = iota // nobody asked
	SignAbsent
	SignMet
)

// String gives the stable word of the answer.
func (a Answer) String() string { return [...]string{"unknown", "absent", "met"}[min(a, SignMet)] }

// SignCount is how many signs a family shows. The decree gives no number that makes a family poor, so
// there is no verdict here.
type SignCount struct {
	Met, Absent, Unknown int
	Direct               bool // the sign that is enough by itself is met
	Answers              []Answer
}

// Count looks at the facts of a family and of its head; Answers are in the order of the list.
func (s Signs) Count(family, head Facts) SignCount {
	var c SignCount
	for _, sign := range s.List {
		from := family
		if sign.Of == "head" {
			from = head
		}
		a := sign.answer(from)
		c.Answers = append(c.Answers, a)
		switch a {
		case SignMet:
			c.Met++
			c.Direct = c.Direct || sign.Direct
		case SignAbsent:
			c.Absent++
		default:
			c.Unknown++
		}
	}
	return c
}

// answer is met as soon as one test is, and absent only when every test is known not to be.
func (s Sign) answer(f Facts) Answer {
	known := true
	for _, test := range s.Any {
		v := f.Value(test.Fact)
		if slices.Contains(test.Is, written(v)) {
			return SignMet
		}
		known = known && v.Known()
	}
	if known {
		return SignAbsent
	}
	return SignUnknown
}
