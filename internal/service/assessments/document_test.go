package assessments

import (
	"encoding/json"
	"maps"
	"testing"

	"tepat/internal/domain/questionnaire"
)

// FuzzDocument holds the short way of reading answers against encoding/json: whatever it takes, it reads
// the same, and what it does not take it leaves to the long way.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{`{}`, `{"sex":2}`, `{"sex":2,"note":"x","floor_area":-3}`, `{"a":1,}`, `{"a":01}`, `{"a":-}`, `{"a":"\u0041"}`, `{"a":1}}`, `{"a":"b"`, `{"é":"ü"}`, `{"":0}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		short := questionnaire.Answers{}
		if !(keys{}).scan(document, short) {
			return
		}
		var long questionnaire.Answers
		if err := json.Unmarshal([]byte(document), &long); err != nil {
			t.Fatalf("%q is read, and json says %v", document, err)
		}
		if !maps.Equal(short, long) {
			t.Fatalf("%q: %v, json reads %v", document, len(short), len(long))
		}
	})
}
