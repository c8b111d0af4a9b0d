package programme_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
)

func id(n byte) [16]byte { return [16]byte{15: n} }

func TestSelectOrdersByPriority(t *testing.T) {
	t.Parallel()
	early, late := period.On(2020, 1, 1), period.On(2024, 1, 1)
	tests := []struct {
		name          string
		first, second programme.Candidate
	}{
		{"the poorer decile first", programme.Candidate{ID: id(9), Decile: 1, Score: 9}, programme.Candidate{ID: id(1), Decile: 2, Score: 1}},
		{"unranked after decile 10", programme.Candidate{ID: id(9), Decile: 10}, programme.Candidate{ID: id(1), Decile: 0}},
		{"the lower score in the same decile", programme.Candidate{ID: id(9), Decile: 1, Score: -1.5, Components: 1}, programme.Candidate{ID: id(1), Decile: 1, Score: 1.5, Components: 4}},
		{"scores that differ only a little", programme.Candidate{ID: id(9), Decile: 1, Score: 13.2}, programme.Candidate{ID: id(1), Decile: 1, Score: math.Nextafter(13.2, 14), Components: 4}},
		{"no score after every score", programme.Candidate{ID: id(9), Decile: 1, Score: 1e300}, programme.Candidate{ID: id(1), Decile: 1, Score: math.NaN()}},
		{"more components first", programme.Candidate{ID: id(9), Decile: 1, Components: 3, Since: late}, programme.Candidate{ID: id(1), Decile: 1, Components: 2, Since: early}},
		{"registered earlier first", programme.Candidate{ID: id(9), Decile: 1, Since: early}, programme.Candidate{ID: id(1), Decile: 1, Since: late}},
		{"no date of registration last", programme.Candidate{ID: id(9), Decile: 1, Since: late}, programme.Candidate{ID: id(1), Decile: 1}},
		{"the id at last", programme.Candidate{ID: id(1), Decile: 1}, programme.Candidate{ID: id(9), Decile: 1}},
		{"minus zero is no lower than zero", programme.Candidate{ID: id(1), Decile: 1, Score: 0}, programme.Candidate{ID: id(9), Decile: 1, Score: math.Copysign(0, -1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, pair := range [][]programme.Candidate{{tt.first, tt.second}, {tt.second, tt.first}} {
				s := programme.Select(pair, 1)
				if got := pair[s.Enrolled()[0]]; got.ID != tt.first.ID {
					t.Errorf("enrolled %v, want %v", got, tt.first)
				}
				if got := pair[s.Waiting()[0]]; got.ID != tt.second.ID {
					t.Errorf("waiting %v, want %v", got, tt.second)
				}
			}
		})
	}
}

func crowd(n int, seed uint64) []programme.Candidate {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]programme.Candidate, n)
	for i := range out {
		out[i] = programme.Candidate{Decile: uint8(r.IntN(11)), Components: uint8(r.IntN(5)), Score: float64(r.IntN(50)) / 8, Since: period.On(2015+r.IntN(10), 1, 1)}
		for b := range out[i].ID {
			out[i].ID[b] = byte(r.Uint32())
		}
	}
	return out
}

// A quota larger by 100 enrols exactly the same and 100 more: those who stood first on the waiting list.
func TestQuotaOfOneHundredMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(100, 3000).Draw(t, "candidates")
		quota := rapid.IntRange(0, n-100).Draw(t, "quota")
		candidates := crowd(n, rapid.Uint64().Draw(t, "seed"))
		small, large := programme.Select(candidates, int64(quota)), programme.Select(candidates, int64(quota+100))
		if len(small.Enrolled()) != quota || len(large.Enrolled()) != quota+100 {
			t.Fatalf("enrolled %d and %d of quota %d", len(small.Enrolled()), len(large.Enrolled()), quota)
		}
		if !slices.Equal(large.Enrolled(), slices.Concat(small.Enrolled(), small.Waiting()[:100])) {
			t.Fatal("the 100 more are not the first of the waiting list")
		}
	})
}

// The order does not depend on the order in which the candidates come, and nobody is lost or doubled.
func TestSelectIsDeterministic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		candidates := crowd(rapid.IntRange(0, 1500).Draw(t, "n"), rapid.Uint64().Draw(t, "seed"))
		if rapid.Bool().Draw(t, "all of one decile and score") {
			for i := range candidates {
				candidates[i].Decile, candidates[i].Score, candidates[i].Since = 1, 0, period.Date{}
			}
		}
		shuffled := slices.Clone(candidates)
		r := rand.New(rand.NewPCG(7, rapid.Uint64().Draw(t, "shuffle")))
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		a, b := programme.Select(candidates, 10), programme.Select(shuffled, 10)
		seen := map[[16]byte]bool{}
		for i, at := range slices.Concat(a.Enrolled(), a.Waiting()) {
			other := slices.Concat(b.Enrolled(), b.Waiting())[i]
			if candidates[at].ID != shuffled[other].ID {
				t.Fatalf("place %d differs", i)
			}
			seen[candidates[at].ID] = true
		}
		if len(seen) != len(candidates) {
			t.Fatalf("%d of %d", len(seen), len(candidates))
		}
	})
}

func TestQuotaAtTheEdges(t *testing.T) {
	t.Parallel()
	candidates := crowd(300, 3)
	for quota, want := range map[int64]int{-5: 0, 0: 0, 300: 300, 1 << 40: 300} {
		if got := programme.Select(candidates, quota); len(got.Enrolled()) != want || len(got.Waiting()) != 300-want {
			t.Errorf("quota %d enrols %d", quota, len(got.Enrolled()))
		}
	}
	if got := programme.Select(nil, 5); len(got.Enrolled()) != 0 {
		t.Error("nobody can not be enrolled")
	}
}

func BenchmarkSelect(b *testing.B) {
	candidates := crowd(1_000_000, 1)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range candidates {
		candidates[i].Score = r.NormFloat64()
	}
	for name, c := range map[string][]programme.Candidate{"scores": candidates, "ties": crowd(1_000_000, 2)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				programme.Select(c, 500_000)
			}
			b.ReportMetric(float64(len(c))*float64(b.N)/b.Elapsed().Seconds(), "candidates/s")
		})
	}
}
