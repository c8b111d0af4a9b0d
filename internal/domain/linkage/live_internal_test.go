package linkage

import (
	"bytes"
	"testing"

	"tepat/internal/kit/pagefile"
)

// heldRows is a table in memory.
type heldRows [][]string

func (h heldRows) Header() []string { return h[0] }
func (h heldRows) Rows() int        { return len(h) - 1 }
func (h heldRows) Fields(i int, into [][]byte) [][]byte {
	into = into[:0]
	for _, v := range h[i+1] {
		into = append(into, []byte(v))
	}
	return into
}

// TestLiveWipeLeavesNoValue: neither a finder nor an index keeps values it was asked for, found or given.
func TestLiveWipeLeavesNoValue(t *testing.T) {
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
  - {name: place, column: place, levels: [{level: same, when: equal, m: 0.9, u: 0.01}, {level: other, when: else, m: 0.1, u: 0.9}]}
blocking: {keys: [nik, name]}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := heldRows{{"nik", "name", "place"}, {"8171011204800003", "MATHEOS SAHETAPY", "AMBON"}, {"8171011204800003", "M SAHETAPY", "TUAL"}}
	e, err := Prepare(m, rows, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	key := make([]byte, pagefile.KeySize)
	if err := e.WriteIndex(&out, key); err != nil {
		t.Fatal(err)
	}
	x, err := OpenIndex(out.Bytes(), m, rows.Header(), key)
	if err != nil {
		t.Fatal(err)
	}
	f := x.Finder()
	if list, err := f.Find(rows.Fields(0, nil), 5); err != nil || len(list) != 2 {
		t.Fatalf("%v %v", list, err)
	}
	if _, err := x.Put("new", rows.Fields(1, nil)); err != nil {
		t.Fatal(err)
	}
	var held [][]byte
	for _, g := range []*Finder{f, x.writer.Finder} {
		for _, s := range g.pages.slots {
			held = append(held, s.text)
		}
		held = append(held, g.words.text, g.cand, g.tables[1].texts.arena, g.tables[2].texts.arena)
	}
	held = append(held, x.delta.records...)
	text := bytes.Join(held, []byte{0})
	for _, want := range []string{"SAHETAPY", "AMBON", "TUAL"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Fatalf("the test looks in the wrong place: %s is not there before", want)
		}
	}
	f.Wipe()
	x.Wipe()
	if left := bytes.Trim(bytes.Join(held, nil), "\x00"); len(left) > 0 {
		t.Errorf("%d bytes stay in memory", len(left))
	}
}
