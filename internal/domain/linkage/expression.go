package linkage

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// call is one name with its arguments, such as jaro_winkler(0.92) or first(name, 3).
type call struct {
	name string
	args []argument
}

type argument struct {
	word   string // a column, or empty for a number and a value
	value  string // one a column may have
	number float64
}

// valuesTest is the test whose arguments are values.
const valuesTest = "are"

// condition is calls joined by and, or, not; a leaf has no operator.
type condition struct {
	operator byte // '&', '|', '!' or 0
	parts    []condition
	call     call
}

// errExpression is any mistake in an expression; the model's error says where it stands.
var errExpression = errors.New("not an expression")

// reading is the state of one parse: the words that are left.
type reading struct {
	words []string
}

// parseCondition reads "equal and not sound or edits(2)"; and binds tighter than or.
func parseCondition(text string) (condition, error) {
	words, err := split(text)
	if err != nil {
		return condition{}, err
	}
	r := reading{words}
	c, err := r.either()
	if err == nil && len(r.words) > 0 {
		err = errExpression
	}
	return c, err
}

// parseSum reads "year(birth) + sounds(name)".
func parseSum(text string) ([]call, error) {
	words, err := split(text)
	if err != nil {
		return nil, err
	}
	r := reading{words}
	var list []call
	for {
		c, err := r.call()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
		if len(r.words) == 0 {
			return list, nil
		}
		if !r.take("+") {
			return nil, errExpression
		}
	}
}

// split cuts text into words, numbers and signs.
func split(text string) ([]string, error) {
	var words []string
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ' || c == '\n' || c == '\t':
			i++
		case strings.IndexByte("(),+", c) >= 0:
			words = append(words, text[i:i+1])
			i++
		case inWord(c):
			from := i
			for i < len(text) && inWord(text[i]) {
				i++
			}
			words = append(words, text[from:i])
		default:
			return nil, errExpression
		}
	}
	return words, nil
}

func inWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'
}

func (r *reading) take(word string) bool {
	if len(r.words) > 0 && r.words[0] == word {
		r.words = r.words[1:]
		return true
	}
	return false
}

func (r *reading) either() (condition, error) { return r.joined('|', "or", r.both) }

func (r *reading) both() (condition, error) { return r.joined('&', "and", r.one) }

func (r *reading) joined(operator byte, word string, part func() (condition, error)) (condition, error) {
	first, err := part()
	list := []condition{first}
	for err == nil && r.take(word) {
		var next condition
		next, err = part()
		list = append(list, next)
	}
	if len(list) == 1 {
		return first, err
	}
	return condition{operator: operator, parts: list}, err
}

func (r *reading) one() (condition, error) {
	switch {
	case r.take("not"):
		c, err := r.one()
		return condition{operator: '!', parts: []condition{c}}, err
	case r.take("("):
		c, err := r.either()
		if err == nil && !r.take(")") {
			err = errExpression
		}
		return c, err
	}
	c, err := r.call()
	return condition{call: c}, err
}

func (r *reading) call() (call, error) {
	if len(r.words) == 0 || !named(r.words[0]) {
		return call{}, errExpression
	}
	c := call{name: r.words[0]}
	r.words = r.words[1:]
	if !r.take("(") {
		return c, nil
	}
	for {
		if len(r.words) == 0 {
			return c, errExpression
		}
		a := argument{word: r.words[0]}
		switch {
		case c.name == valuesTest:
			a = argument{value: r.words[0]}
		case !named(a.word):
			n, err := strconv.ParseFloat(a.word, 64)
			if err != nil {
				return c, errExpression
			}
			a = argument{number: n}
		}
		c.args = append(c.args, a)
		r.words = r.words[1:]
		if r.take(")") {
			return c, nil
		}
		if !r.take(",") {
			return c, errExpression
		}
	}
}

// named tells whether a word can name something: it begins with a letter and is no sign or operator.
func named(word string) bool {
	c := word[0] | 0x20
	return c >= 'a' && c <= 'z' && !slices.Contains([]string{"and", "or", "not"}, word)
}

// values gives the arguments that are values.
func (c call) values() (list []string) {
	for _, a := range c.args {
		if a.value != "" {
			list = append(list, a.value)
		}
	}
	return list
}

// String writes the call as it stands in a model.
func (c call) String() string {
	if len(c.args) == 0 {
		return c.name
	}
	parts := make([]string, len(c.args))
	for i, a := range c.args {
		parts[i] = a.word + a.value
		if parts[i] == "" {
			parts[i] = strconv.FormatFloat(a.number, 'g', -1, 64)
		}
	}
	return c.name + "(" + strings.Join(parts, ", ") + ")"
}
