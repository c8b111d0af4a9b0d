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
			if rapid.Bool().Draw(t, "begins alike") {
				two = append(append([]rune{}, one[:min(len(one), rapid.IntRange(1, 12).Draw(t, "letters"))]...), two...)
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
