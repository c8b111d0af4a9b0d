package linkage_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	engine "tepat/internal/domain/linkage"
)

// guarded is a list with so many sure doubles, and as many pairs of brothers who may be twins: one birth date and card, a letter of the
// name and one without a NIK. They come last, two rows each.
func guarded(sure, twins int) *sheet {
	s := crowd()
	for i := range sure {
		r := slices.Clone(s.rows[i])
		r[0] = fmt.Sprint("d", i)
		s.add(r[:5]...)
		s.rows[len(s.rows)-1] = append(s.rows[len(s.rows)-1], r[5], "", r[7])
	}
	for i := range twins {
		card, birth := fmt.Sprintf("81710103021600%02d", i), fmt.Sprintf("2012-%02d-%02d", 1+i, 14+i)
		name, mother := strings.ToUpper(word(2000+i)), strings.ToUpper(word(900+i)+" "+word(1200+i))
		s.add(person(fmt.Sprint("s", i), fmt.Sprintf("817101%02d%02d120003", 14+i, 1+i), card, "EMILIANO "+name, birth, "L", mother, "8171011006")...)
		s.add(person(fmt.Sprint("t", i), "", card, "EMILIANA "+name, birth, "L", mother, "8171011006")...)
	}
	return s
}

// TestTwinsAreHeldBack: pairs that may be twins are listed for review and not merged, where the list affords it; the report tells how high
// the bar was, and the waterfall what was taken, and adds up. Rows of two orders and any number of workers give the same.
func TestTwinsAreHeldBack(t *testing.T) {
	t.Parallel()
	s := guarded(150, 3)
	e, n := prepare(t, identity(t), s, nil, engine.Options{}), len(s.rows)
	d := doubles(t, e)
	listed := 0
	for _, x := range d.Edges {
		if int(min(x.A, x.B)) >= n-6 {
			listed++
		}
	}
	if listed != 3 || len(d.Clusters) != 150 || d.Linked != 150 {
		t.Errorf("%d of 3 listed, %d linked, %d clusters", listed, d.Linked, len(d.Clusters))
	}
	if want := []engine.Lesson{{Column: engine.GuardColumn, Same: 6, Pairs: 3}}; !slices.Equal(d.Report.Taught, want) {
		t.Errorf("%+v", d.Report.Taught)
	}
	weigh := func(e *engine.Engine) (held, bits float64) {
		w, sum := e.Explain(n-2, n-1), 0.0
		for _, b := range w.Bars {
			if sum += b.Bits; b.Comparison == "guard" {
				held += b.Bits
			}
		}
		if math.Abs(sum-w.Bits) > 0.01 {
			t.Errorf("the bars add up to %.2f of %.2f", sum, w.Bits)
		}
		return held, w.Bits
	}
	held, bits := weigh(e)
	last := d.Edges[slices.IndexFunc(d.Edges, func(x engine.Edge) bool { return int(max(x.A, x.B)) == n-1 })]
	if held >= 0 || math.Abs(engine.Bits(last.Weight)-bits) > 0.01 || bits >= 1 || bits < -2 {
		t.Errorf("%.2f bits taken of %.2f, %.2f in the search", -held, bits, engine.Bits(last.Weight))
	}
	if again, same := weigh(prepare(t, identity(t), s, nil, engine.Options{})); again != held || same != bits {
		t.Errorf("%.2f and %.2f where nothing was searched before", again, same)
	}
	for workers := range 3 {
		other := s.shuffled(uint64(workers))
		got := doubles(t, prepare(t, identity(t), other, nil, engine.Options{Workers: 1 + workers}))
		if !slices.Equal(got.Report.Taught, d.Report.Taught) || got.Linked != d.Linked || len(got.Clusters) != len(d.Clusters) {
			t.Errorf("%d workers: %+v, %d linked", 1+workers, got.Report.Taught, got.Linked)
		}
	}
}

// TestABarIsToldAgain: a list told how high the bar was of an earlier search has that bar, without one it has none, and rows alone have
// none either.
func TestABarIsToldAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options engine.Options
		linked  int
	}{
		"the bar":      {engine.Options{Taught: []engine.Lesson{{Column: engine.GuardColumn, Same: 6}}}, 150},
		"a lower one":  {engine.Options{Taught: []engine.Lesson{{Column: engine.GuardColumn, Same: -8}}}, 153},
		"none":         {engine.Options{Taught: []engine.Lesson{}}, 153},
		"rows alone":   {engine.Options{Alone: true}, 153},
		"known as one": {engine.Options{Known: engine.Known{Entity: func(row int) uint64 { return uint64(max(row-549, 0)+1) / 2 }}}, 153},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := guarded(150, 3)
			e := prepare(t, identity(t), s, nil, c.options)
			if d := doubles(t, e); d.Linked != c.linked && len(d.Clusters) != c.linked {
				t.Errorf("%d linked, %d clusters; %+v", d.Linked, len(d.Clusters), d.Report.Taught)
			}
			held := slices.ContainsFunc(e.Explain(len(s.rows)-2, len(s.rows)-1).Bars, func(b engine.Bar) bool { return b.Comparison == "guard" })
			if name != "known as one" && held != (c.linked == 150) {
				t.Errorf("the waterfall says held: %v", held)
			}
		})
	}
}

// TestAListIsNotLeftWithoutItsDoubles: where the pairs that may be twins are a good part of all, the bar is as low as leaves them.
func TestAListIsNotLeftWithoutItsDoubles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sure, twins, linked int }{{300, 5, 300}, {40, 6, 46}, {0, 6, 6}} {
		d := doubles(t, prepare(t, identity(t), guarded(c.sure, c.twins), nil, engine.Options{}))
		if d.Linked != c.linked {
			t.Errorf("%d sure and %d more: %d linked; %+v", c.sure, c.twins, d.Linked, d.Report.Taught)
		}
	}
}

// TestAGuardIsChecked: a mistake in what the model says of twins is told.
func TestAGuardIsChecked(t *testing.T) {
	t.Parallel()
	refused(t, string(identity(t).Text()), map[[2]string]string{
		{"  below_bits: 25", "  below_bits: 1"}:                                  "linkage.model_setting",
		{"from_bits: 4.5, to_bits: 6", "from_bits: 6.5, to_bits: 6"}:             "linkage.model_setting",
		{"to_bits: 6, recall: 0.967", "to_bits: 60, recall: 0.967"}:              "linkage.model_setting",
		{"recall: 0.967", "recall: 1.1"}:                                         "linkage.model_setting",
		{"    nik: {missing: 0.5, exact: 0.9", "    shoe: {exact: 0.9"}:          "linkage.model_comparison_unknown",
		{"    nik: {missing: 0.5, exact: 0.9", "    nik: {worn: 0.9"}:            "linkage.model_level_unknown",
		{"    nik: {missing: 0.5, exact: 0.9", "    nik: {exact: 90"}:            "linkage.model_setting",
		{"    lent: {carried: -0.3}", "    borrowed: {carried: -0.3}"}:           "linkage.model_comparison_unknown",
		{"    lent: {carried: -0.3}", "    lent: {lost: -0.3}"}:                  "linkage.model_level_unknown",
		{"{known_by: \"3\", map: {\"3\": A", "{known_by: \"9\", map: {\"3\": A"}: "linkage.model_setting",
	})
}
