// Package questionnaire holds the versioned questions and answer codes, and derives facts from answers.
//
// A questionnaire is data (package data/questionnaire): adding a code or a form is no change of code.
// An answer keeps the version it was given in; codes of two versions are never compared. Rules and
// scores read facts by name, never item numbers, so that a new form leaves them as they are.
package questionnaire

import (
	"slices"
	"strings"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Level says whom an item or a fact is about.
type Level string

// The levels of items and facts.
const (
	LevelFamily Level = "family"
	LevelPerson Level = "person"
)

// Kind says what an answer to an item looks like.
type Kind string

// The kinds of items. Money is in whole rupiah; a date may be partial (YYYY, YYYY-MM).
const (
	KindCode    Kind = "code"    // one of the item's codes
	KindMulti   Kind = "multi"   // a sum of powers of two, or one code that stands alone, such as 0 or 99
	KindInteger Kind = "integer" // a whole number between Min and Max
	KindCount   Kind = "count"   // a number of things, from zero to Max
	KindRupiah  Kind = "rupiah"
	KindDate    Kind = "date"
	KindText    Kind = "text"
)

// Label is a text in Indonesian and English.
type Label struct {
	ID string `yaml:"id"`
	EN string `yaml:"en"`
}

// In gives the text in the language, Indonesian for every language but "en".
func (l Label) In(language string) string {
	if language == "en" {
		return l.EN
	}
	return l.ID
}

// Code is one possible answer with its words. Added marks one believed newer than the form's first
// print, Unverified one that no official page confirmed.
type Code struct {
	Code       int64
	Label      Label
	Added      bool
	Unverified bool
}

// Need is one part of a condition: the item it looks at and the codes that make it true.
type Need struct {
	Item  string
	Codes []int64
}

// Condition says when an item is asked: every Need holds. The empty Condition always holds.
type Condition []Need

// truth is the outcome of a condition over answers that may be missing.
type truth uint8

const (
	unknown truth = iota
	no
	yes
)

// over decides the condition; an unanswered item leaves it unknown unless another part fails.
func (c Condition) over(a Answers) truth {
	outcome := yes
	for _, need := range c {
		v, answered := a[need.Item]
		switch {
		case !answered:
			outcome = unknown
		case !slices.Contains(need.Codes, v.number):
			return no
		}
	}
	return outcome
}

// Item is one question of a version.
type Item struct {
	Key        string // stable English name, such as dwelling_tenure
	Number     string // the form's own number, such as 301a
	Level      Level
	Kind       Kind
	Label      Label
	Codes      []Code
	When       Condition
	Min, Max   int64 // bounds of numbers; Max of a text is its greatest length
	Digits     int   // a text of exactly so many digits
	Optional   bool  // an empty answer does not make the form incomplete
	Added      bool
	Unverified bool

	mask  int64          // sum of the powers of two of a multi item
	codes map[int64]Code // by code
}

// Code finds one of the item's codes.
func (it Item) Code(code int64) (Code, bool) {
	c, ok := it.codes[code]
	return c, ok
}

// Version is one questionnaire as it was in force.
type Version struct {
	Name       string
	Title      Label
	ValidFrom  period.Date
	ValidTo    period.Date // zero: still in use
	LegalBasis string
	Source     string
	Unverified bool

	items  []Item
	byName map[string]int
	facts  []derivation
}

// Items gives the items of the level in the form's order.
func (v *Version) Items(level Level) []Item {
	var out []Item
	for _, it := range v.items {
		if it.Level == level {
			out = append(out, it)
		}
	}
	return out
}

// Item finds an item by its key.
func (v *Version) Item(key string) (Item, bool) {
	i, ok := v.byName[key]
	if !ok || v.items[i].Key != key {
		return Item{}, false
	}
	return v.items[i], true
}

// Find finds an item by what a column of a file calls it: its key, its number or its label, in any
// case and with blanks or hyphens for underscores.
func (v *Version) Find(name string) (Item, bool) {
	i, ok := v.byName[fold(name)]
	if !ok {
		return Item{}, false
	}
	return v.items[i], true
}

// fold brings a column name to its key form: lower case, one underscore between words.
func fold(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
	return strings.Join(words, "_")
}

// Set is all versions with their facts and mappings, read by Load.
type Set struct {
	versions []*Version
	mappings []Mapping
	book     *book
}

// Versions gives the versions, oldest first.
func (s Set) Versions() []*Version { return slices.Clone(s.versions) }

// Version finds a version by name. Error: questionnaire.version_unknown.
func (s Set) Version(name string) (*Version, error) {
	for _, v := range s.versions {
		if v.Name == name {
			return v, nil
		}
	}
	return nil, fail.NotFound("questionnaire.version_unknown", "version", name)
}

// At gives the version in force on the day. Error: questionnaire.none_in_force.
func (s Set) At(day period.Date) (*Version, error) {
	for _, v := range slices.Backward(s.versions) {
		if !v.ValidFrom.After(day) && (v.ValidTo.IsZero() || !v.ValidTo.Before(day)) {
			return v, nil
		}
	}
	return nil, fail.NotFound("questionnaire.none_in_force", "date", day.Text())
}
