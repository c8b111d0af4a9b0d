package linkage

import (
	"testing"

	"pgregory.net/rapid"

	tables "tepat/data/linkage"
)

// TestFarWords holds the quick look at two words to comparing them: what it calls far is not alike.
func TestFarWords(t *testing.T) {
	t.Parallel()
	names, err := ParseNames(tables.Names)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []*Names{names, {}} {
		l, far := newLexicon(n), 0
		w := &worker{data: &data{words: l}}
		letter := rapid.SampledFrom([]rune("AAEIUSRTNMDKLHBGY"))
		rapid.Check(t, func(t *rapid.T) {
			one := []rune(rapid.StringOfN(letter, 1, 24, -1).Draw(t, "one"))
			two := []rune(rapid.StringOfN(letter, 1, 24, -1).Draw(t, "two"))
			switch rapid.IntRange(0, 2).Draw(t, "alike") {
			case 1:
				two = append(append([]rune{}, one[:min(len(one), rapid.IntRange(1, 12).Draw(t, "letters"))]...), two...)
			case 2: // ends as the other
				two = one[len(one)-min(len(one), rapid.IntRange(1, 12).Draw(t, "letters")):]
			}
			a, b := l.intern(string(one)), l.intern(string(two))
			if !l.looks[a].far(&l.looks[b]) {
				return
			}
			far++
			if like := w.judge(&l.words[a], &l.words[b]); like != unlike || !l.looks[b].far(&l.looks[a]) {
				t.Fatalf("%s and %s are far, and likeness %d", string(one), string(two), like)
			}
		})
		if far < 10 {
			t.Errorf("%d pairs were far", far)
		}
	}
}

// TestTheEndOfANameIsNotFar: everyday names are the end of long ones, whatever letters stand before.
func TestTheEndOfANameIsNotFar(t *testing.T) {
	t.Parallel()
	l := newLexicon(&Names{})
	w := &worker{data: &data{words: l}, likes: make([]likeSlot, likeSlots)}
	for long, end := range map[string]string{"RAMSIDJ": "SIDJ", "KURNIAWATI": "WATI", "MUSTHOFIYAH": "FIYAH"} {
		a, b := l.intern(long), l.intern(end)
		if like := w.judge(&l.words[a], &l.words[b]); like != short {
			t.Fatalf("%s and %s: likeness %d, want %d", long, end, like, short)
		}
		if l.looks[a].far(&l.looks[b]) || l.looks[b].far(&l.looks[a]) || !w.alikeRare(a, b) {
			t.Errorf("%s and %s are far from each other", long, end)
		}
	}
}
