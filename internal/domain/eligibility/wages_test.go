package eligibility_test

import (
	"strings"
	"testing"

	data "tepat/data/wages"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/money"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

func wages(t testing.TB) *eligibility.Wages {
	t.Helper()
	w, err := eligibility.ParseWages(data.UMP)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func place(t testing.TB, text string) area.Code {
	t.Helper()
	c, err := area.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWagesAt(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, area string
		year       int
		want       money.Rupiah
		kind       string
		status     string
	}{
		{"the district's own", "12.09", 2026, 3_531_403, "UMK", "single"},
		{"in a village of the district", "12.09.01.2001", 2026, 3_531_403, "UMK", "single"},
		{"sen are rounded up", "17.71", 2025, 2_930_670, "UMK", "crosschecked"},
		{"no UMK known: the province's", "71.05", 2026, 4_002_630, "UMP", ""},
		{"a conflict between lists stays visible", "11", 2026, 3_932_552, "UMP", "conflict"},
		{"no UMK in that year: the province's", "12.09", 2024, 0, "UMP", ""},
		{"before the table begins", "81.71", 2023, 0, "", ""},
	}
	w := wages(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, basis, ok := w.At(place(t, c.area), period.On(c.year, 5, 1))
			if ok != (c.kind != "") || basis.Kind != c.kind || (c.want != 0 && got != c.want) || (c.status != "" && basis.Status != c.status) {
				t.Errorf("%v by %+v, %v", got, basis, ok)
			}
			if ok && (got < 1_000_000 || basis.Source == "") {
				t.Errorf("%v from %q", got, basis.Source)
			}
		})
	}
}

func TestEveryProvinceHasAMinimumWageIn2024To2026(t *testing.T) {
	t.Parallel()
	w := wages(t)
	seen := map[area.Code]bool{}
	for line := range strings.Lines(string(data.UMP)) {
		code, _, _ := strings.Cut(line, ",")
		if c, err := area.Parse(code); err == nil {
			seen[c.Province()] = true
		}
	}
	if len(seen) != 38 {
		t.Errorf("%d provinces, want 38", len(seen))
	}
	for c := range seen {
		for year := 2024; year <= 2026; year++ {
			if _, _, ok := w.At(c, period.On(year, 1, 1)); !ok {
				t.Errorf("no UMP of %v for %d", c, year)
			}
		}
	}
}

func TestParseWagesRefuses(t *testing.T) {
	t.Parallel()
	const head = "code,name,kind,year,rupiah_per_month,status,source,note\n"
	cases := map[string]struct{ text, column string }{
		"another header":      {"code,name,kind,year,amount,status,source,note\n", "code"},
		"an unknown code":     {head + "99999,X,UMK,2024,3000000,single,s,\n", "code"},
		"a district's UMP":    {head + "12.09,X,UMP,2024,3000000,single,s,\n", "kind"},
		"a year out of range": {head + "12.09,X,UMK,24,3000000,single,s,\n", "year"},
		"no amount":           {head + "12.09,X,UMK,2024,,single,s,\n", "rupiah_per_month"},
		"dots in the amount":  {head + "12.09,X,UMK,2024,3.000.000,single,s,\n", "rupiah_per_month"},
		"an unknown status":   {head + "12.09,X,UMK,2024,3000000,sure,s,\n", "status"},
		"a row twice":         {head + strings.Repeat("12.09,X,UMK,2024,3000000,single,s,\n", 2), "year"},
		"a cell too few":      {head + "12.09,X,UMK,2024,3000000,single,s\n", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := eligibility.ParseWages([]byte(c.text))
			e, ok := fail.As(err)
			if !ok || e.Code != "wages.row" || e.Facts[1].Value != c.column {
				t.Errorf("error %v, want wages.row in column %q", err, c.column)
			}
		})
	}
}
