package assessments

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"tepat/internal/domain/questionnaire"
)

// keys are the names of all items of all questionnaires, so that reading a document makes
// no text for them.
type keys map[string]string

func newKeys(forms questionnaire.Set) keys {
	out := keys{}
	for _, v := range forms.Versions() {
		for _, level := range []questionnaire.Level{questionnaire.LevelFamily, questionnaire.LevelPerson} {
			for _, it := range v.Items(level) {
				out[it.Key] = it.Key
			}
		}
	}
	return out
}

// read reads a document of answers into a, which it empties first. Documents as this
// installation writes them, flat and with whole numbers, take the short way; all others go
// through encoding/json.
func (k keys) read(document string, a questionnaire.Answers) error {
	clear(a)
	if k.scan(document, a) {
		return nil
	}
	clear(a)
	if err := json.Unmarshal([]byte(document), &a); err != nil {
		return fmt.Errorf("read answers: %w", err)
	}
	return nil
}

// scan reads {"key":12,"key":"text",…} without blanks; false when it is anything else.
func (k keys) scan(s string, a questionnaire.Answers) bool {
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return false
	}
	for at := 1; at < len(s)-1; {
		name, next, ok := quoted(s, at)
		if !ok || next >= len(s)-1 || s[next] != ':' {
			return false
		}
		value, end, ok := scalar(s, next+1)
		if !ok || s[end] != ',' && end != len(s)-1 {
			return false
		}
		key, known := k[name]
		if !known {
			key = name
		}
		a[key] = value
		at = end + 1
	}
	return s[len(s)-2] != ','
}

// quoted reads a text without escapes that begins at a place, and gives the place behind it.
func quoted(s string, at int) (text string, next int, ok bool) {
	if s[at] != '"' {
		return "", 0, false
	}
	for i := at + 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[at+1 : i], i + 1, true
		case c == '\\' || c < ' ' || c >= 0x80: // escapes, and letters that may not be UTF-8
			return "", 0, false
		}
	}
	return "", 0, false
}

// scalar reads a whole number or a text. The closing brace ends every number, so end is
// always a place inside s.
func scalar(s string, at int) (v questionnaire.Value, end int, ok bool) {
	if s[at] == '"' {
		text, next, ok := quoted(s, at)
		if !ok || next >= len(s) {
			return v, 0, false
		}
		return questionnaire.Text(text), next, true
	}
	end = at
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '-') {
		end++
	}
	digits := strings.TrimPrefix(s[at:end], "-")
	n, err := strconv.ParseInt(s[at:end], 10, 64)
	return questionnaire.Number(n), end, err == nil && end < len(s) && (digits == "0" || digits[0] != '0')
}
