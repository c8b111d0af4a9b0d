package doubles_test

import (
	"math"
	"testing"

	"tepat/internal/domain/doubles"
)

// slowJaroWinkler is the textbook comparator with two arrays of flags, kept as the oracle.
func slowJaroWinkler(a, b string) float64 {
	if len(a) > 64 {
		a = a[:64]
	}
	if len(b) > 64 {
		b = b[:64]
	}
	if len(a) == 0 || len(b) == 0 {
		if a == b {
			return 1
		}
		return 0
	}
	reach := max(max(len(a), len(b))/2-1, 0)
	takenA, takenB := make([]bool, len(a)), make([]bool, len(b))
	matches := 0
	for j := range len(b) {
		for i := max(0, j-reach); i < min(len(a), j+reach+1); i++ {
			if !takenA[i] && a[i] == b[j] {
				takenA[i], takenB[j] = true, true
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	turned, k := 0, 0
	for i := range len(a) {
		if !takenA[i] {
			continue
		}
		for !takenB[k] {
			k++
		}
		if a[i] != b[k] {
			turned++
		}
		k++
	}
	m := float64(matches)
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(turned/2))/m) / 3
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + 0.1*float64(prefix)*(1-jaro)
}

func TestJaroWinklerKnownValues(t *testing.T) {
	t.Parallel()
	cases := []struct {
		a, b string
		want float64
	}{ // the values of Winkler's papers
		{"MARTHA", "MARHTA", 0.9611}, {"DWAYNE", "DUANE", 0.8400}, {"DIXON", "DICKSONX", 0.8133},
		{"", "", 1}, {"A", "", 0}, {"ABC", "XYZ", 0}, {"SAMA", "SAMA", 1},
	}
	for _, c := range cases {
		if got := doubles.JaroWinkler(c.a, c.b); math.Abs(got-c.want) > 0.0001 {
			t.Errorf("%s, %s: %.4f, want %.4f", c.a, c.b, got, c.want)
		}
	}
}

func FuzzJaroWinkler(f *testing.F) {
	f.Add("SUPARMI", "SUPRAMI")
	f.Add("A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("\xff\x00", "\x00\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		got, want := doubles.JaroWinkler(a, b), slowJaroWinkler(a, b)
		if math.Abs(got-want) > 1e-12 {
			t.Fatalf("%q %q: %v, want %v", a, b, got, want)
		}
	})
}
