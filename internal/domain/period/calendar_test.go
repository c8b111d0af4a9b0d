package period_test

import (
	"testing"
	"time"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// office rests at weekends, at Christmas and on the day after.
func office(t *testing.T) period.Calendar {
	t.Helper()
	c, err := period.NewCalendar([]period.Holiday{
		{On: period.On(2026, 12, 25), Name: "Hari Raya Natal"},
		{On: period.On(2026, 12, 24), Name: "Cuti bersama Natal"},
	}, time.Saturday, time.Sunday)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWorkingDays(t *testing.T) {
	t.Parallel()
	c := office(t)
	tests := []struct {
		day     string
		working bool
		next    string
		before  string
	}{
		{"2026-12-23", true, "2026-12-23", "2026-12-23"},
		{"2026-12-24", false, "2026-12-28", "2026-12-23"}, // two holidays, then a weekend
		{"2026-12-26", false, "2026-12-28", "2026-12-23"},
		{"2026-11-21", false, "2026-11-23", "2026-11-20"},
	}
	for _, tt := range tests {
		d := date(t, tt.day)
		if c.IsWorking(d) != tt.working || c.OnOrAfter(d).Text() != tt.next || c.OnOrBefore(d).Text() != tt.before {
			t.Errorf("%s: working %v, next %s, before %s", d, c.IsWorking(d), c.OnOrAfter(d), c.OnOrBefore(d))
		}
	}
	if c.Holiday(date(t, "2026-12-25")) != "Hari Raya Natal" || c.Holiday(date(t, "2026-12-26")) != "" {
		t.Error("the names of holidays are wrong")
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, start, want string
		term              period.Term
	}{
		{"fourteen days", "2026-11-21", "2026-12-05", period.Term{Days: 14}},
		{"fourteen days that end on a Saturday, extended", "2026-11-21", "2026-12-07", period.Term{Days: 14, Extend: true}},
		{"a last day that is a working day is not extended", "2026-11-20", "2026-12-04", period.Term{Days: 14, Extend: true}},
		{"three working days over a weekend", "2026-11-20", "2026-11-25", period.Term{Days: 3, Working: true}},
		{"two working days over Christmas", "2026-12-22", "2026-12-28", period.Term{Days: 2, Working: true}},
		{"no days", "2026-11-20", "2026-11-20", period.Term{Working: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.term.Due(date(t, tt.start), office(t)); got.Text() != tt.want {
				t.Errorf("due %s, want %s", got, tt.want)
			}
		})
	}
}

func TestWorkingDaysLeft(t *testing.T) {
	t.Parallel()
	c := office(t)
	tests := []struct {
		today, due string
		want       int
	}{
		{"2026-12-22", "2026-12-28", 2}, {"2026-12-28", "2026-12-28", 0}, {"2026-12-30", "2026-12-28", 0}, {"2026-11-20", "2026-11-22", 0},
	}
	for _, tt := range tests {
		if got := c.WorkingDaysLeft(date(t, tt.today), date(t, tt.due)); got != tt.want {
			t.Errorf("from %s to %s: %d working days, want %d", tt.today, tt.due, got, tt.want)
		}
	}
}

func TestCalendarsThatCannotBe(t *testing.T) {
	t.Parallel()
	if _, err := period.NewCalendar([]period.Holiday{{On: date(t, "2026-12"), Name: "Desember"}}); fail.CodeOf(err) != "calendar.holiday" {
		t.Errorf("a month off: %v", err)
	}
	week := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	if _, err := period.NewCalendar(nil, week...); fail.CodeOf(err) != "calendar.no_working_day" {
		t.Errorf("a week of rest: %v", err)
	}
	var open period.Calendar
	if !open.IsWorking(date(t, "2026-11-22")) {
		t.Error("the zero calendar rests on Sunday")
	}
}
