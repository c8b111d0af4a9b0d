package main

import (
	"fmt"
	"strings"
)

// markdown is a table of everything measured.
func markdown(reports []report) string {
	var b strings.Builder
	for _, r := range reports {
		fmt.Fprintf(&b, "%s, %d cores, %s, %s, %s\n\n", r.Engine, r.Machine.Cores, r.Machine.CPU, r.Machine.OS, r.Machine.Go)
		b.WriteString("| What | Rows | Wall s | Processor s | Rows/s | Peak MB | Asked | Reached | Load |\n|---|---:|---:|---:|---:|---:|---|---|---|\n")
		for _, m := range r.Steps {
			fmt.Fprintf(&b, "| %s | %d | %.2f | %.2f | %s | %d | %s | %s | %s |\n",
				m.Name, m.Rows, m.Wall, m.CPU, speed(m), m.Peak>>20, m.Asked, reached(m), m.Before)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// speed says the rate of a step, or the times of a page.
func speed(m measure) string {
	switch {
	case m.P95 > 0:
		return fmt.Sprintf("p50 %.1f ms, p95 %.1f ms, max %.1f ms", m.P50, m.P95, m.Max)
	case m.Ratio > 0:
		return fmt.Sprintf("%.0f (%.2f x %s)", m.Rate, m.Ratio, m.Of)
	default:
		return fmt.Sprintf("%.0f", m.Rate)
	}
}

func reached(m measure) string {
	switch {
	case m.Met == nil:
		return ""
	case *m.Met:
		return "yes"
	default:
		return "no"
	}
}
