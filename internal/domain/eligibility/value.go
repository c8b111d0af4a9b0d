// Package eligibility decides rules over facts: it compiles CEL text against a fixed, documented set of
// facts, limits what a rule may cost, evaluates it over what is known, says what is missing, and names
// the facts that made it true.
//
// Its batch part screens families against the exit and exclusion criteria of a day. A criterion met is a
// finding for people to act on, never a removal. Unknown is not no: a rule that lacks a fact it needs is
// undecided.
package eligibility

import (
	"math"
	"strconv"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"tepat/internal/domain/questionnaire"
)

// Type says what a fact holds. Money is an integer of whole rupiah.
type Type = questionnaire.FactType

// The types of facts.
const (
	TypeBool    = questionnaire.TypeBool
	TypeInteger = questionnaire.TypeInteger
	TypeNumber  = questionnaire.TypeNumber
	TypeText    = questionnaire.TypeText
)

// Value is the value of a fact, or unknown. The zero Value is unknown. It is comparable.
type Value struct {
	typ  Type
	bits uint64
	text string
}

// Bool makes a value that is true or false.
func Bool(b bool) Value {
	if b {
		return Value{typ: TypeBool, bits: 1}
	}
	return Value{typ: TypeBool}
}

// Integer makes a whole number.
func Integer(n int64) Value { return Value{typ: TypeInteger, bits: uint64(n)} }

// Number makes a number with a fraction.
func Number(f float64) Value { return Value{typ: TypeNumber, bits: math.Float64bits(f)} }

// Text makes a word.
func Text(s string) Value { return Value{typ: TypeText, text: s} }

// fromAnswer takes over a fact derived from a questionnaire.
func fromAnswer(v questionnaire.FactValue) Value {
	switch v.Type() {
	case TypeBool:
		b, _ := v.Bool()
		return Bool(b)
	case TypeInteger:
		n, _ := v.Integer()
		return Integer(n)
	case TypeNumber:
		f, _ := v.Number()
		return Number(f)
	case TypeText:
		s, _ := v.Text()
		return Text(s)
	}
	return Value{}
}

// Known tells whether there is a value at all.
func (v Value) Known() bool { return v.typ != "" }

// Type gives the type of the value, empty when unknown.
func (v Value) Type() Type { return v.typ }

// IsTrue tells whether the value is known to be true.
func (v Value) IsTrue() bool { return v.typ == TypeBool && v.bits == 1 }

// Any gives the value as bool, int64, float64 or string; nil when unknown.
func (v Value) Any() any {
	switch v.typ {
	case TypeBool:
		return v.bits == 1
	case TypeInteger:
		return int64(v.bits)
	case TypeNumber:
		return math.Float64frombits(v.bits)
	case TypeText:
		return v.text
	}
	return nil
}

// Stored gives the value as text for records and pages, "" when unknown. It may be personal data.
func (v Value) Stored() string {
	switch v.typ {
	case TypeBool:
		return strconv.FormatBool(v.bits == 1)
	case TypeInteger:
		return strconv.FormatInt(int64(v.bits), 10)
	case TypeNumber:
		return strconv.FormatFloat(math.Float64frombits(v.bits), 'g', -1, 64)
	}
	return v.text
}

// String masks the value: facts about people are personal data.
func (v Value) String() string {
	if !v.Known() {
		return "unknown"
	}
	return "***"
}

// GoString masks the value.
func (v Value) GoString() string { return v.String() }

// cel gives the value in the form the rule engine works on.
func (v Value) cel() ref.Val {
	switch v.typ {
	case TypeBool:
		return types.Bool(v.bits == 1)
	case TypeInteger:
		return types.Int(int64(v.bits))
	case TypeNumber:
		return types.Double(math.Float64frombits(v.bits))
	}
	return types.String(v.text)
}
