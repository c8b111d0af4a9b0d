package linkage

import (
	"testing"

	tables "tepat/data/linkage"
)

// TestASlipOfACommonName holds a word many rows have to being a slip of one that a hundred times as many have, and two names of
// nearly as many bearers to being two.
func TestASlipOfACommonName(t *testing.T) {
	t.Parallel()
	names, err := ParseNames(tables.Names)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name         string
		one, other   string
		bearers, few int32
		want         relation
	}{
		{"a slip that stands on six rows of thousands", "TUKIYEM", "TUKIYEEM", 3000, 6, nameSpelling},
		{"two names", "ROSMINA", "ROSMINI", 300, 200, nameNear},
		{"two names of which one is rarer", "ROSMINA", "ROSMINI", 300, 10, nameNear},
		{"a name too rare to be one of its own", "ROSMINA", "ROSMINI", 300, 2, nameRhyme},
	} {
		l := newLexicon(names)
		a, b := l.read([]byte(c.one+" SARI"), &nameRoom{}), l.read([]byte(c.other+" SARI"), &nameRoom{})
		for id, n := range map[wordID]int32{a.ids[0]: c.bearers, b.ids[0]: c.few} {
			l.words[id].count, l.words[id].rarity = n, -10*unit
		}
		w := newWorker(&data{plan: &plan{}, words: l})
		if got := w.names(&a, &b).relation; got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestParts holds only what is surely explained otherwise to keep clusters apart by itself.
func TestParts(t *testing.T) {
	t.Parallel()
	for bits, want := range map[int32]bool{-2: false, -8: false, -9: true} {
		if got := parts(bits * unit); got != want {
			t.Errorf("%d bits: %v", bits, got)
		}
	}
}
