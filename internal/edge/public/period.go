package public

import (
	"strings"

	"tepat/internal/domain/period"
	"tepat/internal/kit/i18n"
)

// periodWords puts the period of a list into words: a month, a quarter, a year, or two of
// them joined by "/". What is none of these is shown as it stands.
func periodWords(p i18n.Printer, text string) string {
	if from, to, ok := strings.Cut(text, "/"); ok {
		return p.Text("public.period.range", "from", periodWords(p, from), "to", periodWords(p, to))
	}
	if q, err := period.ParseQuarter(text); err == nil {
		months := q.Months()
		return p.Text("public.period.range", "from", p.MonthName(months[0].Month()), "to", p.DateText(months[2].Text()))
	}
	if d, err := period.ParseDate(text); err == nil && len(text) == 4 {
		return p.Text("public.period.year", "year", d.Year())
	}
	return p.DateText(text)
}
