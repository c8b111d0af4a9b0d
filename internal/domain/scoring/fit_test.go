package scoring_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"tepat/internal/domain/scoring"
	"tepat/internal/kit/fail"
)

// randomVector draws a vector a family could have.
func randomVector(m scoring.Model, rnd *rand.Rand) []float64 {
	v := make([]float64, m.Width())
	for i, t := range m.Terms() {
		switch t.Kind {
		case scoring.KindYes:
			v[i] = float64(rnd.IntN(2))
		case scoring.KindChoice:
			v[i] = float64(rnd.IntN(len(t.Choices)))
		default:
			v[i] = math.Floor(t.Min + rnd.Float64()*(math.Min(t.Max, t.Min+20)-t.Min) + rnd.Float64())
		}
	}
	return v
}

func survey(m scoring.Model, n int, noise float64) []scoring.Sample {
	rnd := rand.New(rand.NewPCG(11, 12))
	samples := make([]scoring.Sample, n)
	for i := range samples {
		v := randomVector(m, rnd)
		samples[i] = scoring.Sample{Vector: v, Ln: m.Score(v) + noise*rnd.NormFloat64(), Weight: 0.5 + rnd.Float64()}
	}
	return samples
}

// TestFitFindsTheModelAgain makes a survey from the demonstration model and fits it.
func TestFitFindsTheModelAgain(t *testing.T) {
	t.Parallel()
	m := demo(t)
	for _, c := range []struct{ noise, within, r2 float64 }{{0, 1e-8, 0.999999}, {0.3, 0.06, 0.5}} {
		fitted, q, err := scoring.Fit(m, survey(m, 12_000, c.noise))
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(q.ResidualSD-c.noise) > 0.01 || q.RSquared < c.r2 || q.Samples != 12_000 || fitted.ResidualSD != q.ResidualSD {
			t.Errorf("noise %v: quality %+v", c.noise, q)
		}
		terms := fitted.Terms()
		for i, want := range m.Terms() {
			got := terms[i]
			if math.Abs(got.Coefficient-want.Coefficient) > c.within {
				t.Errorf("noise %v: %s has %v, want %v", c.noise, want.Fact, got.Coefficient, want.Coefficient)
			}
			for word, effect := range want.Choices {
				// The demonstration model has its references at zero, as a fitted one does.
				if math.Abs(got.Choices[word]-effect) > c.within {
					t.Errorf("noise %v: %s %s has %v, want %v", c.noise, want.Fact, word, got.Choices[word], effect)
				}
			}
		}
	}
}

func TestFitWeighs(t *testing.T) {
	t.Parallel()
	m, err := scoring.ParseModel([]byte(`
{id: m, version: "1", statement: {id: x, en: x}, intercept: 0, terms: [{fact: cars, kind: number, coefficient: 1, reference: "0", id: x, en: x}]}`))
	if err != nil {
		t.Fatal(err)
	}
	// Two clouds on the line y = x, and one far off it that has almost no weight.
	samples := []scoring.Sample{
		{Vector: []float64{0}, Ln: 0}, {Vector: []float64{1}, Ln: 1}, {Vector: []float64{2}, Ln: 2}, {Vector: []float64{3}, Ln: 3},
		{Vector: []float64{3}, Ln: 900, Weight: 1e-9}, {Vector: []float64{math.NaN()}, Ln: 5}, {Vector: []float64{1, 2}, Ln: 5}, {Vector: []float64{1}, Ln: math.NaN()},
	}
	fitted, q, err := scoring.Fit(m, samples)
	if err != nil {
		t.Fatal(err)
	}
	if c := fitted.Terms()[0].Coefficient; math.Abs(c-1) > 1e-4 || q.Samples != 5 || q.Columns != 2 {
		t.Errorf("coefficient %v, %+v", c, q)
	}
}

func TestFitRefuses(t *testing.T) {
	t.Parallel()
	m := demo(t)
	same := survey(m, 2000, 0.1)
	for i := range same {
		same[i].Vector[0] = 4 // all families of one size
	}
	cases := map[string]struct {
		samples []scoring.Sample
		code    string
	}{
		"no samples":               {nil, "score.fit_samples"},
		"fewer than twice columns": {survey(m, 100, 0.1), "score.fit_samples"},
		"a fact that never varies": {same, "score.fit_rank"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := scoring.Fit(m, c.samples); fail.CodeOf(err) != c.code {
				t.Errorf("error %v, want %s", err, c.code)
			}
		})
	}
}
