package proposals

import (
	"strings"
	"unicode/utf8"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// Visit says that the answers of a form were taken down in the family's house, on paper, and entered later. The registry takes
// them as of that day.
type Visit struct {
	On period.Date
	By string // name of who visited
}

type visitJSON struct {
	On period.Date `json:"on"`
	By string      `json:"by"`
}

func (v Visit) json() *visitJSON {
	if v == (Visit{}) {
		return nil
	}
	return &visitJSON{v.On, v.By}
}

func (v *visitJSON) visit() Visit {
	if v == nil {
		return Visit{}
	}
	return Visit{v.On, v.By}
}

// mostVisitAge is how many days after a visit its form may be entered; answers that are older are of another year.
const mostVisitAge = 365

// Check tells what is wrong with a visit entered on a day; nothing is where there was none. Errors: proposal.visit_day,
// proposal.visit_future (fact day), proposal.visit_old (fact days), proposal.visit_by, proposal.too_long.
func (v Visit) Check(today period.Date) error {
	switch {
	case v == Visit{}:
		return nil
	case !v.On.IsFull():
		return fail.Invalid("proposal.visit_day").On("visit_on")
	case v.On.Compare(today) > 0:
		return fail.Invalid("proposal.visit_future", "day", today.Text()).On("visit_on")
	case today.DaysSince(v.On) > mostVisitAge:
		return fail.Invalid("proposal.visit_old", "days", mostVisitAge).On("visit_on")
	case strings.TrimSpace(v.By) == "":
		return fail.Invalid("proposal.visit_by").On("visit_by")
	case utf8.RuneCountInString(v.By) > longestLine:
		return fail.Invalid("proposal.too_long", "max", longestLine).On("visit_by")
	}
	return nil
}

// collected is the day the answers of a document are of: that of the visit, else that of the filing.
func (d Document) collected(filed period.Date) period.Date {
	if d.Visit.On.IsZero() {
		return filed
	}
	return d.Visit.On
}
