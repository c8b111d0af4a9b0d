package linkage

import "testing"

// TestPiecesOfNumbers holds what digits read as numbers of their own tell to what two serials are to each other.
func TestPiecesOfNumbers(t *testing.T) {
	t.Parallel()
	number := func(text string) uint64 {
		v := noDigitsValue
		for i := range len(text) {
			v = v&^(15<<(60-4*i)) | uint64(text[i]-'0')<<(60-4*i)
		}
		return v
	}
	for name, c := range map[string]struct {
		a, b           string
		near, far, two bool
	}{
		"neighbours":                     {"8171010402940001", "8171010402940002", true, true, false},
		"over the ten":                   {"8171010402940009", "8171010402940011", true, true, true},
		"nine apart":                     {"8171010402940001", "8171010402940010", false, true, false},
		"ten apart":                      {"8171010402940001", "8171010402940011", false, false, false},
		"both high, whatever is before":  {"8171010402940012", "3201010402940012", true, true, true},
		"one of them too short to tell":  {"817101040294000", "8171010402940001", false, false, false},
		"a serial of nothing but zeros":  {"8171010402940000", "8171010402940001", true, true, false},
		"a digit of the hundreds slips":  {"8171010402940101", "8171010402940001", false, false, false},
		"the same number in the end too": {"8171010402940002", "8171010402940002", true, true, true},
	} {
		a, b := number(c.a), number(c.b)
		if got := apart(a, b, 13, 16, 3); got != c.near || apart(b, a, 13, 16, 3) != got {
			t.Errorf("%s: at most three apart %v", name, got)
		}
		if got := apart(a, b, 13, 16, 9); got != c.far {
			t.Errorf("%s: at most nine apart %v", name, got)
		}
		if got := atLeast(a, b, 13, 16, 2); got != c.two || atLeast(b, a, 13, 16, 2) != got {
			t.Errorf("%s: both at least two %v", name, got)
		}
	}
	if apart(number("12"), number("12"), 3, 2, 9) || atLeast(number("12"), number("12"), 0, 2, 1) {
		t.Error("places that are none tell something")
	}
}
