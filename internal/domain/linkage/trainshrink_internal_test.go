package linkage

import (
	"math"
	"testing"
)

func TestTrustRisesWithTheSquareOfPairs(t *testing.T) {
	t.Parallel()
	for pairs, want := range map[float64]float64{0: 0, 22: 0.046, 40: 0.138, 100: 0.5, 300: 0.9, 1000: 0.99} {
		if got := trust(pairs); math.Abs(got-want) > 0.001 {
			t.Errorf("%g pairs count for %.3f, want %.3f", pairs, got, want)
		}
	}
}

// TestShrinkKeepsTheWeightsBetween holds the weight of a level of a training to the mean of the model's and the fitted one, by the pairs
// it was counted on, and the prior to that by all pairs.
func TestShrinkKeepsTheWeightsBetween(t *testing.T) {
	t.Parallel()
	e := &Engine{data: &data{sources: make([]Source, 2)}, model: &Model{}}
	e.model.file.Prior.Duplicates = 0.01
	given := &comparisonFile{Levels: []levelFile{{M: 0.8, U: 0.1}, {M: 0.2, U: 0.9}}}
	for _, c := range []struct {
		name   string
		pairs  float64
		sure   int64
		weight float64 // of the first level: 3 bits of the model, 5 fitted
		prior  float64 // 0.01 of the model, 0.04 fitted
	}{
		{"no pair leaves the model", 0, 0, 3, 0.01},
		{"a hundred count as much as the model", 100, 100, 4, 0.02},
		{"a hundred thousand leave nothing of it", 1e5, 1e5, 5, 0.04},
		{"each by its own pairs", 0, 1e5, 3, 0.04},
	} {
		fit := Training{given: []*comparisonFile{given}, m: [][]float64{{0.8, 0.2}}, u: [][]float64{{0.025, 0.975}}, pairs: []float64{c.pairs}, Sure: c.sure, Prior: 0.04, Matches: 400}
		e.shrink(&fit)
		if got := math.Log2(fit.m[0][0] / fit.u[0][0]); math.Abs(got-c.weight) > 0.001 {
			t.Errorf("%s: %.3f bits, want %g", c.name, got, c.weight)
		}
		if math.Abs(fit.Prior-c.prior) > 1e-4 || fit.Matches != 400 {
			t.Errorf("%s: prior %.4f of %.0f matches, want %g", c.name, fit.Prior, fit.Matches, c.prior)
		}
	}
}
