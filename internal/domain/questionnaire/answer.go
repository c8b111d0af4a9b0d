package questionnaire

import (
	"encoding/json"
	"strconv"

	"tepat/internal/kit/fail"
)

// Value is one answer: a whole number (a code, a sum of powers of two, a count, rupiah) or a text
// (a date in its stored form, or words). It is comparable; the zero Value is the number 0.
type Value struct {
	number int64
	text   string
	words  bool
}

// Number makes an answer of a number or code.
func Number(n int64) Value { return Value{number: n} }

// Text makes an answer of words or of a date in the form YYYY[-MM[-DD]].
func Text(s string) Value { return Value{text: s, words: true} }

// Number gives the number of the answer; ok is false for a text.
func (v Value) Number() (n int64, ok bool) { return v.number, !v.words }

// Text gives the answer as stored text, for files.
func (v Value) Text() string {
	if v.words {
		return v.text
	}
	return strconv.FormatInt(v.number, 10)
}

// String hides the answer: answers are personal data. Use Text where the act is audited.
func (v Value) String() string { return "***" }

// GoString hides the answer too.
func (v Value) GoString() string { return "questionnaire.Value(***)" }

// MarshalJSON writes a number or a string, as the answers column of the database holds it.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.words {
		return json.Marshal(v.text)
	}
	return strconv.AppendInt(nil, v.number, 10), nil
}

// UnmarshalJSON reads a whole number or a string. Error: answer.type.
func (v *Value) UnmarshalJSON(data []byte) error {
	var s string
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &s); err != nil {
			return fail.Invalid("answer.type", "item", "").Because(err)
		}
		*v = Text(s)
		return nil
	}
	n, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil {
		return fail.Invalid("answer.type", "item", "")
	}
	*v = Number(n)
	return nil
}

// Answers are the answers of one subject in one version, by item key. An unanswered item is absent.
type Answers map[string]Value
