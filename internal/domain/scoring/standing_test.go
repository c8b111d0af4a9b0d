package scoring_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/domain/period"
	"tepat/internal/domain/scoring"
	"tepat/internal/kit/fail"
)

func vintage(t testing.TB, text string) period.Vintage {
	t.Helper()
	v, err := period.ParseVintage(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func official(t testing.TB, decile int, text string) scoring.Official {
	t.Helper()
	o, err := scoring.NewOfficial(decile, vintage(t, text), "desil.csv")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestNewOfficialRefuses(t *testing.T) {
	t.Parallel()
	v := vintage(t, "2025-Q3")
	cases := map[string]struct {
		decile  int
		vintage period.Vintage
		source  string
		code    string
	}{
		"decile 0":   {0, v, "s", "score.decile"},
		"decile 11":  {11, v, "s", "score.decile"},
		"no vintage": {1, period.Vintage{}, "s", "score.vintage"},
		"no source":  {1, v, "", "score.source"},
		"all right":  {10, v, "s", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := scoring.NewOfficial(c.decile, c.vintage, c.source)
			if fail.CodeOf(err) != c.code {
				t.Fatalf("error %v, want %q", err, c.code)
			}
			if err == nil && (int(o.Decile()) != c.decile || o.Vintage() != c.vintage || o.Source() != c.source) {
				t.Errorf("made %+v", o)
			}
		})
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	estimate := scoring.Estimate{Decile: 7, Model: "demo-pmt/1"}
	unranked := scoring.Estimate{Missing: []string{"toilet"}}
	with := func(s scoring.Standing, o scoring.Official) scoring.Standing {
		s, err := s.WithOfficial(o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	cases := []struct {
		name   string
		s      scoring.Standing
		decile scoring.Decile
		basis  scoring.Basis
	}{
		{"nothing known", scoring.Standing{}, scoring.Unranked, scoring.BasisNone},
		{"an estimate", scoring.Standing{}.WithEstimate(estimate), 7, scoring.BasisEstimated},
		{"variables missing", scoring.Standing{}.WithEstimate(unranked), scoring.Unranked, scoring.BasisNone},
		{"official beats estimate", with(scoring.Standing{}.WithEstimate(estimate), official(t, 2, "2025-Q2")), 2, scoring.BasisOfficial},
		{"an estimate after it changes nothing", with(scoring.Standing{}, official(t, 2, "2025-Q2")).WithEstimate(estimate), 2, scoring.BasisOfficial},
		{"a newer vintage", with(with(scoring.Standing{}, official(t, 2, "2025-Q2")), official(t, 5, "2025-Q3")), 5, scoring.BasisOfficial},
		{"a revision of the quarter", with(with(scoring.Standing{}, official(t, 2, "2025-Q2")), official(t, 5, "2025-Q2-r2")), 5, scoring.BasisOfficial},
		{"an older vintage", with(with(scoring.Standing{}, official(t, 2, "2025-Q2")), official(t, 5, "2025-Q1")), 2, scoring.BasisOfficial},
		{"the same again", with(with(scoring.Standing{}, official(t, 2, "2025-Q2")), official(t, 2, "2025-Q2")), 2, scoring.BasisOfficial},
		{"no official decile at all", with(with(scoring.Standing{}, official(t, 2, "2025-Q2")), scoring.Official{}), 2, scoring.BasisOfficial},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.s.Decile() != c.decile || c.s.Basis() != c.basis {
				t.Errorf("decile %v by %v, want %v by %v", c.s.Decile(), c.s.Basis(), c.decile, c.basis)
			}
			if _, ok := c.s.Official(); ok != (c.basis == scoring.BasisOfficial) {
				t.Errorf("official %v", ok)
			}
		})
	}
	held := with(scoring.Standing{}, official(t, 2, "2025-Q2"))
	after, err := held.WithOfficial(official(t, 3, "2025-Q2"))
	if fail.CodeOf(err) != "score.official_conflict" || after.Decile() != 2 {
		t.Errorf("two deciles in one vintage: %v, %v", after.Decile(), err)
	}
}

// TestNothingUndoesAnOfficialDecile does anything at all to a standing: from the first official decile on
// it shows the one of the newest vintage, whatever is estimated.
func TestNothingUndoesAnOfficialDecile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var s scoring.Standing
		var newest scoring.Official
		for range rapid.IntRange(0, 20).Draw(rt, "steps") {
			if rapid.Bool().Draw(rt, "estimate") {
				s = s.WithEstimate(scoring.Estimate{Decile: scoring.Decile(rapid.IntRange(0, 10).Draw(rt, "decile"))})
			} else {
				quarter := rapid.IntRange(1, 4).Draw(rt, "quarter")
				o := official(t, 1+quarter*2, fmt.Sprintf("2025-Q%d", quarter))
				if newest.Vintage().IsZero() || newest.Vintage().Before(o.Vintage()) {
					newest = o
				}
				var err error
				if s, err = s.WithOfficial(o); err != nil {
					rt.Fatal(err)
				}
			}
			if o, ok := s.Official(); ok != newest.Decile().Ranked() || o != newest || ok && s.Decile() != newest.Decile() {
				rt.Fatalf("standing %+v, newest official %+v", s, newest)
			}
		}
	})
}

func TestDecilesPrint(t *testing.T) {
	t.Parallel()
	if s := fmt.Sprint(scoring.Unranked, scoring.Decile(1), scoring.Decile(10), scoring.Decile(11)); s != "unranked 1 10 unranked" {
		t.Error(s)
	}
}
