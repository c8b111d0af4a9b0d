package scoring_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/scoring"
)

func key(n int) [16]byte {
	return [16]byte{12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

func TestRank(t *testing.T) {
	t.Parallel()
	t.Run("ten families of one person are one to ten", func(t *testing.T) {
		t.Parallel()
		entries := make([]scoring.Entry, 10)
		for i := range entries {
			entries[i] = scoring.Entry{Key: key(i), Score: float64(9 - i), Persons: 1}
		}
		for i, d := range scoring.Rank(entries).Deciles {
			if int(d) != 10-i {
				t.Errorf("family %d is in decile %v", i, d)
			}
		}
	})
	t.Run("persons count, not families", func(t *testing.T) {
		t.Parallel()
		entries := []scoring.Entry{{Key: key(0), Score: 1, Persons: 5}} // half of the persons are in the poorest family
		for i := range 5 {
			entries = append(entries, scoring.Entry{Key: key(i + 1), Score: float64(i + 2), Persons: 1})
		}
		want := []scoring.Decile{3, 6, 7, 8, 9, 10}
		if got := scoring.Rank(entries).Deciles; !reflect.DeepEqual(got, want) {
			t.Errorf("deciles %v, want %v", got, want)
		}
	})
	t.Run("equal scores go by key", func(t *testing.T) {
		t.Parallel()
		var entries []scoring.Entry
		for i := range 20 {
			entries = append(entries, scoring.Entry{Key: key(19 - i), Score: 7, Persons: 2})
		}
		for i, d := range scoring.Rank(entries).Deciles {
			if int(d) != (19-i)/2+1 {
				t.Errorf("family with key %d is in decile %v", 19-i, d)
			}
		}
	})
	t.Run("the unranked do not count", func(t *testing.T) {
		t.Parallel()
		r := scoring.Rank([]scoring.Entry{{Score: math.NaN(), Persons: 4}, {Score: 3, Persons: 0}, {Score: 2, Persons: 3}})
		if !reflect.DeepEqual(r.Deciles, []scoring.Decile{0, 0, 6}) || r.Persons[0] != 4 || r.Families[0] != 2 {
			t.Errorf("ranking %+v", r)
		}
	})
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		if r := scoring.Rank(nil); len(r.Deciles) != 0 || r.Place(3) != scoring.Unranked {
			t.Errorf("ranking %+v", r)
		}
	})
}

// TestDecilesHoldEqualNumbersOfPersons draws populations and checks what a decile promises.
func TestDecilesHoldEqualNumbersOfPersons(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "families")
		entries := make([]scoring.Entry, n)
		total, largest := 0, 0
		for i := range entries {
			persons := rapid.IntRange(1, 9).Draw(t, "persons")
			entries[i] = scoring.Entry{Key: key(i), Score: float64(rapid.IntRange(0, 50).Draw(t, "score")), Persons: persons}
			total, largest = total+persons, max(largest, persons)
		}
		r := scoring.Rank(entries)
		for d := 1; d <= 10; d++ {
			if off := math.Abs(float64(r.Persons[d]) - float64(total)/10); off > float64(largest) {
				t.Fatalf("decile %d holds %d of %d persons", d, r.Persons[d], total)
			}
		}
		for i := range entries {
			for j := range entries {
				if entries[i].Score < entries[j].Score && r.Deciles[i] > r.Deciles[j] {
					t.Fatalf("a poorer family is in a higher decile")
				}
			}
			if placed := r.Place(entries[i].Score); placed > r.Deciles[i] {
				t.Fatalf("score %v is in decile %v and placed in %v", entries[i].Score, r.Deciles[i], placed)
			}
		}
		order := rapid.Permutation(indices(n)).Draw(t, "order")
		shuffled := make([]scoring.Entry, n)
		for i, o := range order {
			shuffled[i] = entries[o]
		}
		for i, d := range scoring.Rank(shuffled).Deciles {
			if d != r.Deciles[order[i]] {
				t.Fatal("the order of the families matters")
			}
		}
	})
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func TestPlace(t *testing.T) {
	t.Parallel()
	var entries []scoring.Entry
	for i := range 100 {
		entries = append(entries, scoring.Entry{Key: key(i), Score: float64(i), Persons: 3})
	}
	r := scoring.Rank(entries)
	for score, want := range map[float64]scoring.Decile{-5: 1, 9: 1, 9.5: 2, 55: 6, 99: 10, 500: 10} {
		if got := r.Place(score); got != want {
			t.Errorf("score %v is placed in %v, want %v", score, got, want)
		}
	}
	if r.Place(math.NaN()) != scoring.Unranked {
		t.Error("a score that is not a number has a place")
	}
}

func BenchmarkRank(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 2))
	entries := make([]scoring.Entry, 1_000_000)
	for i := range entries {
		entries[i] = scoring.Entry{Key: key(i), Score: 14 + rnd.NormFloat64(), Persons: 1 + rnd.IntN(7)}
	}
	for b.Loop() {
		scoring.Rank(entries)
	}
}
