package linkage

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// lessonPairs makes doubtful pairs of one household: of those that are one, so many in a hundred agree in the first column, of the others so
// many; their weights say more or less which is which.
func lessonPairs(seed uint64, n, one, two int) (list []doubtful, weights []int32) {
	r := rand.New(rand.NewPCG(seed, 5))
	for i := range n {
		share, weight := two, r.NormFloat64()*2.5-2
		if r.IntN(10) < 6 {
			share, weight = one, r.NormFloat64()*2.5+2
		}
		d := doubtful{edge: i}
		if d.cells[0] = 3; r.IntN(100) < share {
			d.cells[0] = 4
		}
		list, weights = append(list, d), append(weights, fixed(weight))
	}
	return list, weights
}

func learned(t *testing.T, column *taught, list []doubtful, weights []int32) lessons {
	t.Helper()
	l, _, err := column.learn(list, func(edge int) int32 { return weights[edge] }, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestLearningIsStopped: who is asked to stop learns nothing more.
func TestLearningIsStopped(t *testing.T) {
	t.Parallel()
	list, weights := lessonPairs(9, 4000, 10, 85)
	stop, rounds := errors.New("stop"), 0
	_, _, err := (&taught{columns: make([]rawColumn, 1)}).learn(list, func(edge int) int32 { return weights[edge] }, func() error {
		if rounds++; rounds == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || rounds != 3 {
		t.Errorf("%v after %d rounds", err, rounds)
	}
}

// TestALessonIsLearned: what agreeing and differing tell is found without anybody saying which pairs are one, near the truth, and is the
// same in any order of the pairs.
func TestALessonIsLearned(t *testing.T) {
	t.Parallel()
	column := &taught{columns: make([]rawColumn, 1)}
	for name, c := range map[string]struct{ one, two int }{
		"doubles have other dates, twins one": {10, 85},
		"it tells nothing":                    {40, 40},
		"doubles are of one list":             {80, 30},
	} {
		list, weights := lessonPairs(9, 4000, c.one, c.two)
		l := learned(t, column, list, weights)
		same, differ := math.Log2(float64(c.one)/float64(c.two)), math.Log2(float64(100-c.one)/float64(100-c.two))
		if math.Abs(l[0][4]-same) > 0.6 || math.Abs(l[0][3]-differ) > 0.6 {
			t.Errorf("%s: %.2f and %.2f, in truth %.2f and %.2f", name, l[0][4], l[0][3], same, differ)
		}
		if l[0][1] != 0 || l[0][2] != 0 || l[0][0] != 0 {
			t.Errorf("%s: %v of pairs there are not", name, l[0])
		}
		r := rand.New(rand.NewPCG(3, 3))
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if again := learned(t, column, list, weights); again != l {
			t.Errorf("%s: %v in another order, %v", name, again[0], l[0])
		}
	}
}

// TestFewPairsTeachNothing: a handful of pairs moves no weight, and no number of them moves one without bounds.
func TestFewPairsTeachNothing(t *testing.T) {
	t.Parallel()
	column := &taught{columns: make([]rawColumn, 1)}
	list, weights := lessonPairs(4, fewestPairs-1, 0, 100)
	if l := learned(t, column, list, weights); l != (lessons{}) {
		t.Errorf("%d pairs taught %v", len(list), l[0])
	}
	list, weights = lessonPairs(4, 20_000, 0, 100)
	if l := learned(t, column, list, weights); l[0][4] < taughtLeast || l[0][3] > taughtMost || l[0][4] > -3 {
		t.Errorf("%v", l[0])
	}
}

// TestValuesOfTaughtColumns: a time of day is left out, a sign for nothing is nothing.
func TestValuesOfTaughtColumns(t *testing.T) {
	t.Parallel()
	c := &rawColumn{newColumn(0, &columnFile{Name: "entered", Type: "text", Null: []string{"-", "0"}}, [2]int{0, -1}), 0, "tgl_input"}
	for in, want := range map[string]string{
		"2021-03-04 10:11:12": "2021-03-04", "2021-03-04T10:11:12Z": "2021-03-04", "2021-03-04": "2021-03-04", "04/03/2021 9:05": "04/03/2021",
		"2021": "2021", "-": "", "0": "", "": "", " ": "", "MUSDES 2021": "MUSDES 2021", "12 Mei 2021": "12 Mei 2021", "20 orang: 10 hari": "20 orang: 10 hari",
	} {
		got, expected := string(c.value([][]byte{[]byte(in)}, nil)), string(fold(nil, []byte(want)))
		if want == "" {
			expected = ""
		}
		if got != expected {
			t.Errorf("%q: %q, want %q", in, got, expected)
		}
	}
	if got := c.value(nil, nil); got != nil {
		t.Errorf("a row too short: %q", got)
	}
}
