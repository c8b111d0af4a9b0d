package linkage

import (
	"bytes"
	"slices"
	"testing"
)

// pages is a table in memory.
type pages struct{ rows [][]string }

func (p pages) Header() []string { return p.rows[0] }
func (p pages) Rows() int        { return len(p.rows) - 1 }
func (p pages) Fields(i int, into [][]byte) [][]byte {
	into = into[:0]
	for _, v := range p.rows[i+1] {
		into = append(into, []byte(v))
	}
	return into
}

// TestWipeLeavesNoValue: neither packed numbers nor texts of the rows stay where the engine kept them.
func TestWipeLeavesNoValue(t *testing.T) {
	t.Parallel()
	m, err := ParseModel([]byte(`
format: 1
name: uji
version: "1"
columns:
  - {name: nik, type: digits}
  - {name: name, type: name}
  - {name: place, type: text}
comparisons:
  - {name: nik, column: nik, levels: [{level: same, when: equal, m: 0.9, u: 0.0001}, {level: other, when: else, m: 0.1, u: 0.9}]}
  - {name: name, column: name, levels: [{level: same, when: same_words, m: 0.9, u: 0.01}, {level: other, when: else, m: 0.1, u: 0.9}]}
blocking: {keys: [nik, name]}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Prepare(m, pages{[][]string{{"nik", "name", "place"}, {"8171011204800003", "MATHEOS SAHETAPY", "AMBON"}, {"8171011204800003", "M SAHETAPY", "TUAL"}}}, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, words := e.rows, e.words.text
	var texts [][]byte
	for _, table := range e.tables {
		if table != nil {
			texts = append(texts, table.texts.arena)
		}
	}
	if !bytes.Contains(bytes.Join(append(texts, words), nil), []byte("SAHETAPY")) {
		t.Fatal("the test looks in the wrong place: the name is not there before")
	}
	e.Wipe()
	if slices.ContainsFunc(rows, func(w uint32) bool { return w != 0 }) || len(bytes.Trim(bytes.Join(append(texts, words), nil), "\x00")) > 0 {
		t.Error("values stay in memory")
	}
}
