package proposals_test

import (
	"strings"
	"testing"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/service/proposals"
)

func TestWhatIsSaidOfAVisit(t *testing.T) {
	t.Parallel()
	today := period.On(2026, 11, 20)
	for name, c := range map[string]struct {
		v           proposals.Visit
		code, field string
	}{
		"nobody was there":       {proposals.Visit{}, "", ""},
		"today":                  {proposals.Visit{On: today, By: "Ina Contoh"}, "", ""},
		"a year ago":             {proposals.Visit{On: today.AddDays(-365), By: "Ina Contoh"}, "", ""},
		"more than a year ago":   {proposals.Visit{On: today.AddDays(-366), By: "Ina Contoh"}, "proposal.visit_old", "visit_on"},
		"tomorrow":               {proposals.Visit{On: today.AddDays(1), By: "Ina Contoh"}, "proposal.visit_future", "visit_on"},
		"without a day":          {proposals.Visit{By: "Ina Contoh"}, "proposal.visit_day", "visit_on"},
		"without who was there":  {proposals.Visit{On: today}, "proposal.visit_by", "visit_by"},
		"a name that is no name": {proposals.Visit{On: today, By: "  "}, "proposal.visit_by", "visit_by"},
		"a name that never ends": {proposals.Visit{On: today, By: strings.Repeat("a", 201)}, "proposal.too_long", "visit_by"},
		"the month, not the day": {proposals.Visit{On: mustDate(t, "2026-10"), By: "Ina Contoh"}, "proposal.visit_day", "visit_on"},
	} {
		err := c.v.Check(today)
		if e, _ := fail.As(err); fail.CodeOf(err) != c.code || c.code != "" && e.Field != c.field {
			t.Errorf("%s: %v on field %v, want %s on %s", name, err, e, c.code, c.field)
		}
	}
}

func mustDate(t *testing.T, text string) period.Date {
	t.Helper()
	d, err := period.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
