package letters_test

import (
	"testing"

	"tepat/internal/kit/letters"
)

func TestSlips(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "SITI", 4}, {"SITI", "SITI", 0}, {"SITI", "SITTI", 1}, {"SUPARMI", "SUPARNI", 1}, {"PARMI", "SUPARMI", 2},
		{"BUDI", "IDUB", 4}, {"AB", "BA", 2},
	} {
		for _, got := range []int{letters.Slips(c.a, c.b), letters.Slips(c.b, c.a)} {
			if got != c.want {
				t.Errorf("%q and %q: %d, not %d", c.a, c.b, got, c.want)
			}
		}
	}
}
