package linkage

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestProbabilitiesNeverSumToMoreThanOne: whatever the levels up to one take, those behind it get some, and what is written down
// is a model that can be read.
func TestProbabilitiesNeverSumToMoreThanOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := make([]float64, rapid.IntRange(2, 6).Draw(t, "levels"))
		for j := range p {
			p[j] = rapid.Float64Range(1e-9, 1).Draw(t, "p")
		}
		behind := rapid.IntRange(0, len(p)-2).Draw(t, "behind")
		fill(p, behind)
		sum := 0.0
		for _, x := range p {
			if sum += x; !(x > 0) {
				t.Fatalf("%v", p)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("%v sum to %v", p, sum)
		}
	})
}
