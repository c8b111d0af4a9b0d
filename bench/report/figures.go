package main

import (
	"fmt"
	"strings"
)

// district is what bench/district wrote of one engine.
type district struct {
	Engine string `json:"engine"`
	Steps  []step `json:"steps"`
}

type step struct {
	Name   string  `json:"name"`
	Wall   float64 `json:"wall_seconds"`
	CPU    float64 `json:"cpu_seconds"`
	Rate   float64 `json:"rows_per_second"`
	Peak   float64 `json:"peak_rss_bytes"`
	P95    float64 `json:"p95_ms"`
	Ratio  float64 `json:"ratio"`
	Of     string  `json:"ratio_of"`
	Asked  string  `json:"asked"`
	Met    *bool   `json:"met"`
	Before string  `json:"load_before"`
	Note   string  `json:"note"`
}

const pagePrefix = "page: "

// figures gives a line for each step that something was asked of, and one for all pages: the slowest.
func (d district) figures() []Figure {
	engine := map[string]string{"sqlite": "SQLite", "postgres": "PostgreSQL"}[d.Engine]
	var out []Figure
	var slowest *step
	pages := 0
	for i := range d.Steps {
		s := &d.Steps[i]
		switch {
		case s.Met == nil:
		case strings.HasPrefix(s.Name, pagePrefix):
			if pages++; slowest == nil || s.P95 > slowest.P95 {
				slowest = s
			}
		default:
			out = append(out, Figure{s.Name + ", " + engine, s.Asked, s.measured(), *s.Met, s.Before})
		}
	}
	if slowest != nil {
		out = append(out, Figure{
			fmt.Sprintf("%d lists with a million persons, %s", pages, engine), slowest.Asked,
			fmt.Sprintf("p95 %.1f ms for the slowest, %s", slowest.P95, strings.TrimPrefix(slowest.Name, pagePrefix)), *slowest.Met, slowest.Before,
		})
	}
	return out
}

// measured says what a step took, in the units it is asked in.
func (s *step) measured() string {
	var parts []string
	if strings.Contains(s.Asked, "/s") {
		parts = append(parts, fmt.Sprintf("%.0f/s", s.Rate))
	}
	parts = append(parts, fmt.Sprintf("%.1f s", s.Wall))
	if s.Ratio > 0 {
		parts = append(parts, fmt.Sprintf("%.2f times %s", s.Ratio, s.Of))
	}
	if s.Peak > 0 {
		parts = append(parts, fmt.Sprintf("%.0f MiB", s.Peak/(1<<20)))
	}
	if s.CPU > 0 {
		parts = append(parts, fmt.Sprintf("%.1f processor s", s.CPU))
	}
	text := strings.Join(parts, ", ")
	if s.Note != "" {
		text += " (" + s.Note + ")"
	}
	return text
}

// check is what bench/publiccheck printed.
type check struct {
	Load     string `json:"load_before"`
	Registry struct {
		Persons int64 `json:"persons"`
	} `json:"registry"`
	Closed struct {
		Ratio  float64   `json:"check_to_bare"`
		Rounds []float64 `json:"rounds"`
		Check  loop      `json:"check"`
		Bare   loop      `json:"bare"`
	} `json:"closed"`
	Open     *loop `json:"open"`
	Imported struct {
		Rate float64 `json:"rows_per_second"`
	} `json:"import"`
}

type loop struct {
	Asked  float64 `json:"rate_asked"`
	Rate   float64 `json:"rate"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
	P999   float64 `json:"p999_ms"`
	Errors int     `json:"errors"`
	Wrong  int     `json:"wrong"`
}

// keptUp is the share of the asked rate that must have been answered.
const keptUp = 0.99

func (c check) figures() []Figure {
	var out []Figure
	if o := c.Open; o != nil {
		out = append(out, Figure{
			"citizens' check, open loop, an import beside", fmt.Sprintf("%.0f/s, p99 under 15 ms", o.Asked),
			fmt.Sprintf("%.0f/s, p50 %.1f, p99 %.1f, p99.9 %.1f ms; %d errors, %d wrong; import %.0f rows/s", o.Rate, o.P50, o.P99, o.P999, o.Errors, o.Wrong, c.Imported.Rate),
			o.Rate >= keptUp*o.Asked && o.P99 < 15 && o.Errors+o.Wrong == 0, c.Load,
		})
	}
	return append(out, Figure{
		"citizens' check, closed loop", "half of a bare net/http handler",
		fmt.Sprintf("%.2f, the median of %d rounds (best turns %.0f/s against %.0f/s)", c.Closed.Ratio, len(c.Closed.Rounds), c.Closed.Check.Rate, c.Closed.Bare.Rate),
		c.Closed.Ratio >= 0.5, c.Load,
	})
}
