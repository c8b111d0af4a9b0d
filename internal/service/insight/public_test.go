package insight

import (
	"math/rand/v2"
	"testing"

	"tepat/internal/kit/i18n"
)

func column(values ...int64) Table {
	t := Table{Columns: []Column{{Key: "n", Kind: Count}, {Key: "money", Kind: Rupiah}}}
	var sum int64
	for _, n := range values {
		t.Lines = append(t.Lines, Line{Values: []Value{{N: n}, {N: n * 1000}}})
		sum += n
	}
	t.Total = Line{Values: []Value{{N: sum}, {N: sum * 1000}}}
	return t
}

func shownOf(t Table) (out []int64) {
	for _, l := range t.Lines {
		if l.Values[0].Hidden {
			out = append(out, -1)
		} else {
			out = append(out, l.Values[0].N)
		}
	}
	return out
}

func TestSmallCountsAreHiddenFromThePublic(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		table Table
		want  []int64
	}{
		{"none is small", column(5, 100, 0), []int64{5, 100, 0}},
		{"two small ones", column(4, 1, 100), []int64{-1, -1, 100}},
		{"a single one would follow from the total", column(4, 100, 30), []int64{-1, 100, -1}},
		{"nothing is nobody", column(0, 0, 7), []int64{0, 0, 7}},
		{"alone it follows from the total, which is hidden too", column(3), []int64{-1}},
		{"one beside nothing", column(3, 0), []int64{-1, 0}},
	} {
		public := c.table.Public()
		got := shownOf(public)
		for i := range c.want {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
		if len(public.Columns) != 1 || len(public.Lines[0].Values) != 1 {
			t.Errorf("%s: money is public", c.name)
		}
		if small := c.table.Total.Values[0].N < smallest; public.Total.Values[0].Hidden != small {
			t.Errorf("%s: the total is %+v", c.name, public.Total.Values[0])
		}
	}
	if c := column(4, 100, 30); c.Public().Lines[0].Values[0].N != 0 || c.Lines[0].Values[0].N != 4 {
		t.Error("a hidden number is still in the table, or the table itself was changed")
	}
	if text := (Column{Kind: Count}).Text(hidden(), i18n.Printer{}); text != "insight.hidden" {
		t.Errorf("a hidden number reads %q", text)
	}
}

func TestASmallComplementIsHiddenToo(t *testing.T) {
	t.Parallel()
	for v, want := range map[Value]bool{{N: 98, Of: 100}: true, {N: 95, Of: 100}: false, {N: 100, Of: 100}: false, {N: 3, Of: 100}: true, {N: 0, Of: 3}: true, {None: true}: false} {
		if v.small() != want {
			t.Errorf("%+v: %v, want %v", v, v.small(), want)
		}
	}
}

// TestNoHiddenNumberFollowsFromTheTotal holds for random columns: whoever knows the total and the numbers shown
// can work out no number that is hidden.
func TestNoHiddenNumberFollowsFromTheTotal(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		values := make([]int64, 1+rng.IntN(8))
		for i := range values {
			values[i] = int64(rng.IntN(12))
		}
		public := column(values...).Public()
		unknown, positive := 0, 0
		for i, l := range public.Lines {
			v := l.Values[0]
			if !v.Hidden && v.N > 0 && v.N < smallest {
				t.Fatalf("%v shows %d", values, v.N)
			}
			if v.Hidden {
				unknown++
			}
			if values[i] > 0 {
				positive++
			}
		}
		if unknown == 1 && positive > 1 && !public.Total.Values[0].Hidden {
			t.Fatalf("%v: the one hidden number follows from the total: %v", values, shownOf(public))
		}
	}
}

func TestBreaksOfCountsAreRound(t *testing.T) {
	t.Parallel()
	for most, want := range map[int64][4]float64{
		0: {1, 2, 3, 4}, 3: {1, 2, 3, 4}, 10: {2, 4, 6, 8}, 100: {20, 40, 60, 80}, 34_146: {10_000, 20_000, 30_000, 40_000}, 5500: {2000, 4000, 6000, 8000},
	} {
		if got := breaks([]Value{{N: most}, {None: true, N: 1 << 40}}); got != want {
			t.Errorf("up to %d: %v, want %v", most, got, want)
		}
	}
	for _, m := range mapped {
		if m.breaks[0] == 0 {
			continue
		}
		for i := 1; i < 4; i++ {
			if m.breaks[i] <= m.breaks[i-1] || m.breaks[3] >= 100 {
				t.Errorf("%s: breaks %v do not rise below 100", m.key, m.breaks)
			}
		}
	}
	columns := map[string]bool{}
	for _, c := range childColumns() {
		columns[c.Key] = true
	}
	for _, k := range MapKeys() {
		if !columns[k] {
			t.Errorf("a map shows %s, which is no column", k)
		}
	}
}
