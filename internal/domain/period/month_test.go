package period_test

import (
	"encoding/json"
	"testing"
	"time"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

func month(t *testing.T, text string) period.Month {
	t.Helper()
	m, err := period.ParseMonth(text)
	if err != nil {
		t.Fatalf("ParseMonth(%q): %v", text, err)
	}
	return m
}

func TestMonths(t *testing.T) {
	t.Parallel()
	m := month(t, "2024-10")
	checks := []struct{ name, got, want string }{
		{"text", m.Text(), "2024-10"},
		{"three months later", m.Add(3).Text(), "2025-01"},
		{"ten months earlier", m.Add(-10).Text(), "2023-12"},
		{"first day", m.First().Text(), "2024-10-01"},
		{"last day", m.Last().Text(), "2024-10-31"},
		{"cut-off", m.On(17).Text(), "2024-10-17"},
		{"the 31st of a short month", month(t, "2025-02").On(31).Text(), "2025-02-28"},
		{"quarter", m.Quarter().Text(), "2024-Q4"},
	}
	for _, c := range checks {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
	if n := month(t, "2025-01").Sub(m); n != 3 {
		t.Errorf("January is %d months after October", n)
	}
	if !m.Before(m.Add(1)) || m.Before(m) || m.Year() != 2024 || m.Month() != time.October {
		t.Error("order, year or month is wrong")
	}
	if !m.Contains(date(t, "2024-10-31")) || !m.Contains(date(t, "2024-10")) || m.Contains(date(t, "2024")) || m.Contains(date(t, "2024-11-01")) {
		t.Error("Contains is wrong")
	}
	for _, bad := range []string{"2024", "2024-13", "2024-1", "10-2024", "2024-10-01"} {
		if _, err := period.ParseMonth(bad); err == nil {
			t.Errorf("ParseMonth(%q) is no error", bad)
		}
	}
}

func TestQuarters(t *testing.T) {
	t.Parallel()
	q, err := period.ParseQuarter("2025-Q4")
	if err != nil {
		t.Fatal(err)
	}
	if q.First().Text() != "2025-10-01" || q.Last().Text() != "2025-12-31" || q.Add(1).Text() != "2026-Q1" || q.Number() != 4 {
		t.Errorf("%s is %s to %s, then %s", q, q.First(), q.Last(), q.Add(1))
	}
	months := q.Months()
	if months[0].Text() != "2025-10" || months[2].Text() != "2025-12" || months[1].Quarter() != q {
		t.Errorf("months of %s: %v", q, months)
	}
	if !q.Contains(date(t, "2025-11-30")) || q.Contains(date(t, "2025")) || q.Contains(date(t, "2026-01-01")) || !q.Before(q.Add(1)) {
		t.Error("Contains or Before is wrong")
	}
	for _, bad := range []string{"2025-Q0", "2025-Q5", "2025Q4", "2025-4", "20a5-Q1", "1799-Q1"} {
		if _, err := period.ParseQuarter(bad); fail.CodeOf(err) != "quarter.format" {
			t.Errorf("ParseQuarter(%q): %v", bad, err)
		}
	}
}

func TestVintages(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2025-Q3", "2025-Q3-r2", "2025-Q3-r12"} {
		v, err := period.ParseVintage(text)
		if err != nil || v.Text() != text {
			t.Errorf("ParseVintage(%q) = %s, %v", text, v, err)
		}
	}
	for _, bad := range []string{"", "2025", "2025-Q3-r1", "2025-Q3-r0", "2025-Q3-r02", "2025-Q3-", "2025-Q3-r100", "2025-Q3-x2"} {
		if _, err := period.ParseVintage(bad); fail.CodeOf(err) != "vintage.format" {
			t.Errorf("ParseVintage(%q): %v", bad, err)
		}
	}
	first, _ := period.ParseVintage("2025-Q3")
	again, _ := period.ParseVintage("2025-Q3-r2")
	next, _ := period.ParseVintage("2025-Q4")
	if !first.Before(again) || !again.Before(next) || next.Before(first) || again.Revision() != 2 || first.Quarter() != again.Quarter() {
		t.Error("the order of vintages is wrong")
	}
}

func TestPeriodsAreTextInJSON(t *testing.T) {
	t.Parallel()
	type all struct {
		Month   period.Month
		Quarter period.Quarter
		Vintage period.Vintage
		Empty   period.Month
	}
	text := `{"Month":"2024-10","Quarter":"2024-Q4","Vintage":"2025-Q3-r2","Empty":""}`
	var v all
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	back, err := json.Marshal(v)
	if err != nil || string(back) != text {
		t.Errorf("%s, %v", back, err)
	}
	if !v.Empty.IsZero() || v.Month.IsZero() || v.Quarter.IsZero() || v.Vintage.IsZero() {
		t.Error("IsZero is wrong")
	}
	if json.Unmarshal([]byte(`{"Month":"2024-13"}`), &v) == nil {
		t.Error("a thirteenth month is no error")
	}
}
