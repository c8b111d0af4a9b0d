package linkage

import "testing"

// TestWordsShared counts whole words alone: the 1 of RW 1 is no part of RT 11, wherever it stands in it.
func TestWordsShared(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, word string
		want       bool
	}{
		{"RT 11", "1", false}, {"RT 111", "1", false}, {"11 1", "1", true}, {"RT 11 RW 1", "1", true}, {"RT 1", "1", true}, {"1", "1", true},
		{"ABAB", "AB", false}, {"ABAB AB", "AB", true}, {"RT 1", "", false}, {"", "1", false},
	} {
		if got := hasWord([]byte(c.text), []byte(c.word)); got != c.want {
			t.Errorf("%q holds %q: %v", c.text, c.word, got)
		}
	}
	if got := wordsShared([]byte("RT 11 RW 3"), []byte("RT 1 RW 3")); got != 0.6 {
		t.Errorf("RT, RW and 3 of five words: %v", got)
	}
}

// TestBlocksSwapped: numbers read out in pairs or fours, of which two neighbouring ones changed places.
func TestBlocksSwapped(t *testing.T) {
	t.Parallel()
	const a = "8171011204800003"
	for name, c := range map[string]struct {
		b    string
		n    int
		want bool
	}{
		"the first two pairs":                {"7181011204800003", 2, true},
		"two pairs of the date":              {"8171010412800003", 2, true},
		"the last two pairs":                 {"8171011204800300", 2, true},
		"a pair that begins at an odd place": {"8110171204800003", 2, false},
		"two pairs that are no neighbours":   {"0171811204800003", 2, false},
		"a digit besides":                    {"7181011204800004", 2, false},
		"two fours":                          {"8171048001120003", 4, true},
		"the first two fours":                {"0112817104800003", 4, true},
		"fours across":                       {"8101127104800003", 4, false},
		"single digits":                      {"1871011204800003", 1, true},
		"the same number":                    {a, 2, false},
		"a shorter number":                   {"718101120480003", 2, false},
		"blocks of nothing":                  {"7181011204800003", 0, false},
		"blocks too long":                    {"7181011204800003", 9, false},
	} {
		x, y := packDigits([]byte(a), nil, 1, 17), packDigits([]byte(c.b), nil, 1, 17)
		if got, back := blocksSwapped(x, y, c.n), blocksSwapped(y, x, c.n); got != c.want || back != c.want {
			t.Errorf("%s: %v, the other way %v", name, got, back)
		}
	}
}

// TestDigitPattern: a pattern names the digits that make a number none, and its length.
func TestDigitPattern(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, number string
		none            bool
	}{
		{"??????0000000000", "8171010000000000", true}, {"??????0000000000", "8171010000000001", false}, {"??????0000000000", "817101000000000", false},
		{"??0000", "120000", true}, {"??0000", "12000", false}, {"??0000", "1200001", false}, {"???", "812", true},
	} {
		p, ok := digitPatternOf(c.pattern)
		if !ok {
			t.Fatalf("%s is no pattern", c.pattern)
		}
		col := column{patterns: []digitPattern{p}}
		v := packDigits([]byte(c.number), nil, 1, 17)
		if got := col.some(v) == noDigitsValue; got != c.none {
			t.Errorf("%s of %s: none %v", c.number, c.pattern, got)
		}
	}
	for _, text := range []string{"", "-", "0000", "?????????????????", "81?1A", "TIDAK TAHU?"} {
		if _, ok := digitPatternOf(text); ok {
			t.Errorf("%q is a pattern", text)
		}
	}
}
