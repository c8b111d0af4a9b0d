package payments_test

import (
	"testing"
	"time"

	"tepat/internal/testkit"
)

// BenchmarkStage pays a stage of families and takes the bank's answer.
func BenchmarkStage(b *testing.B) {
	const n, chunk = 35_000, 10_000
	h := newHouse(b, testkit.SQLite(b), level{training: true})
	var families []home
	for first := 0; first < n; first += 5000 {
		families = append(families, h.families(first, 5000, testkit.Village)...)
	}
	list := h.listOf("sembako", 400_000, families)
	for i := range b.N {
		c := h.open("sembako", []string{"2024-01", "2024-03", "2024-05", "2024-07", "2024-09"}[i], list)
		for _, step := range []struct {
			name string
			do   func()
		}{
			{"pay", func() { h.done("pay", stage(c)) }},
			{"instruct", func() { h.done("pay.instruct", order(c, n*400_000)) }},
			{"results", func() {
				rows := h.simulated(c, 1)
				began := time.Now()
				for at := 0; at < len(rows); at += chunk {
					h.loaded(c, rows[at:min(at+chunk, len(rows))]...)
				}
				b.ReportMetric(time.Since(began).Seconds(), "s/load")
			}},
			{"close", func() { h.done("pay.close", stage(c)) }},
		} {
			began := time.Now()
			step.do()
			b.ReportMetric(time.Since(began).Seconds(), "s/"+step.name)
		}
	}
}
