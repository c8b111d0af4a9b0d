package period_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// date reads a stored date; a test with a bad one fails.
func date(t testing.TB, text string) period.Date {
	t.Helper()
	if text == "" {
		return period.Date{}
	}
	d, err := period.ParseDate(text)
	if err != nil {
		t.Fatalf("ParseDate(%q): %v", text, err)
	}
	return d
}

func TestParseDateReadsTheStoredForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text             string
		year, month, day int
		full             bool
	}{
		{"1970", 1970, 0, 0, false},
		{"1970-03", 1970, 3, 0, false},
		{"1970-03-21", 1970, 3, 21, true},
		{"2024-02-29", 2024, 2, 29, true},
		{"2000-02-29", 2000, 2, 29, true},
	}
	for _, tt := range tests {
		d := date(t, tt.text)
		if d.Year() != tt.year || int(d.Month()) != tt.month || d.Day() != tt.day || d.IsFull() != tt.full || d.Text() != tt.text {
			t.Errorf("%q reads as %s (full %v)", tt.text, d, d.IsFull())
		}
	}
}

func TestParseDateRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, code string }{
		{"nothing", "", "date.empty"},
		{"day first", "21-03-1970", "date.format"},
		{"slashes", "1970/03/21", "date.format"},
		{"one-digit month", "1970-3-21", "date.format"},
		{"letters", "197O", "date.format"},
		{"a year before the registers", "1799", "date.year"},
		{"a year far away", "3000-01-01", "date.year"},
		{"month thirteen", "1970-13", "date.month"},
		{"month zero", "1970-00", "date.month"},
		{"day zero", "1970-03-00", "date.day"},
		{"31 April", "1970-04-31", "date.day"},
		{"29 February of a common year", "2023-02-29", "date.day"},
		{"29 February of a common century", "1900-02-29", "date.day"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if d, err := period.ParseDate(tt.text); fail.CodeOf(err) != tt.code {
				t.Errorf("ParseDate(%q) = %s, %v; want %s", tt.text, d, err, tt.code)
			}
		})
	}
}

func TestParseWrittenReadsOfficersFiles(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"31/12/1990", "1990-12-31"},
		{"31-12-1990", "1990-12-31"},
		{"1.2.1990", "1990-02-01"},
		{"31 Desember 1990", "1990-12-31"},
		{"5 agt 1990", "1990-08-05"},
		{"17 Agustus 1945", "1945-08-17"},
		{"3 Nopember 1990", "1990-11-03"},
		{"12 Pebruari 1988", "1988-02-12"},
		{"2 OCT 1990", "1990-10-02"},
		{"1990-12-31", "1990-12-31"},
		{"1990/12/31", "1990-12-31"},
		{"1990-12-31T00:00:00Z", "1990-12-31"},
		{"1990-12-31 00:00:00", "1990-12-31"},
		{"31/12/1990 00:00", "1990-12-31"},
		{"12/1990", "1990-12"},
		{"Desember 1990", "1990-12"},
		{"1990", "1990"},
		{"00/00/1950", "1950"},
		{"00/07/1950", "1950-07"},
		{" 31/12/1990 ", "1990-12-31"},
	}
	for _, tt := range tests {
		if got, err := period.ParseWritten(tt.text); err != nil || got.Text() != tt.want {
			t.Errorf("ParseWritten(%q) = %s, %v; want %s", tt.text, got, err, tt.want)
		}
	}
}

func TestParseWrittenRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, code string }{
		{"nothing", "  ", "date.empty"},
		{"the month first", "12/31/1990", "date.month"},
		{"a year of two digits", "31/12/90", "date.two_digit_year"},
		{"no month of that name", "31 Marmut 1990", "date.format"},
		{"a day without a month", "31/00/1990", "date.month"},
		{"words", "tidak tahu", "date.format"},
		{"a spreadsheet's day count", "33238", "date.format"},
		{"separators alone", "//", "date.format"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if d, err := period.ParseWritten(tt.text); fail.CodeOf(err) != tt.code {
				t.Errorf("ParseWritten(%q) = %s, %v; want %s", tt.text, d, err, tt.code)
			}
		})
	}
}

func FuzzParseWritten(f *testing.F) {
	for _, seed := range []string{"31/12/1990", "1990", "5 agt 1990", "//", "1990-12-31T", "31/12/1990 1:2:3", "0000-00-00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := period.ParseWritten(text)
		if err != nil {
			return
		}
		if back, err := period.ParseDate(d.Text()); err != nil || back != d {
			t.Errorf("ParseWritten(%q) = %s, which does not read back: %v", text, d, err)
		}
	})
}

func TestAge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, born, day string
		lo, hi          int
		full            bool
	}{
		{"the day before the birthday", "2000-03-21", "2026-03-20", 25, 25, true},
		{"on the birthday", "2000-03-21", "2026-03-21", 26, 26, true},
		{"born on 29 February, in a common year", "2004-02-29", "2025-02-28", 20, 20, true},
		{"born on 29 February, on 1 March", "2004-02-29", "2025-03-01", 21, 21, true},
		{"not born yet", "2026-05-01", "2026-03-01", -1, -1, true},
		{"only the year is known", "1970", "2026-06-15", 55, 56, false},
		{"year and month are known, another month", "1970-03", "2026-06-15", 56, 56, false},
		{"year and month are known, that month", "1970-06", "2026-06-15", 55, 56, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			born, day := date(t, tt.born), date(t, tt.day)
			lo, hi, ok := born.AgeRange(day)
			if lo != tt.lo || hi != tt.hi || !ok {
				t.Errorf("AgeRange = %d to %d, %v", lo, hi, ok)
			}
			if years, ok := born.AgeOn(day); ok != tt.full || ok && years != tt.lo {
				t.Errorf("AgeOn = %d, %v", years, ok)
			}
		})
	}
	if _, _, ok := (period.Date{}).AgeRange(period.On(2026, 1, 1)); ok {
		t.Error("an unknown birth date has an age")
	}
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, from, want string
		step             func(period.Date) period.Date
	}{
		{"fourteen days over a month's end", "2026-11-21", "2026-12-05", func(d period.Date) period.Date { return d.AddDays(14) }},
		{"days back over a leap day", "2024-03-01", "2024-02-29", func(d period.Date) period.Date { return d.AddDays(-1) }},
		{"days from a partial date count from its first day", "2024-03", "2024-03-11", func(d period.Date) period.Date { return d.AddDays(10) }},
		{"a month after 31 January", "2025-01-31", "2025-02-28", func(d period.Date) period.Date { return d.AddMonths(1) }},
		{"six months for reactivation", "2025-08-31", "2026-02-28", func(d period.Date) period.Date { return d.AddMonths(6) }},
		{"months back over a year's end", "2025-01-15", "2024-12-15", func(d period.Date) period.Date { return d.AddMonths(-1) }},
		{"months from a month", "2025-11", "2026-01", func(d period.Date) period.Date { return d.AddMonths(2) }},
		{"years from a year", "1970", "1987", func(d period.Date) period.Date { return d.AddMonths(17 * 12) }},
		{"months from a year", "1970", "1970-02-01", func(d period.Date) period.Date { return d.AddMonths(1) }},
		{"the first day of a year", "1970", "1970-01-01", period.Date.Earliest},
		{"the last day of a year", "1970", "1970-12-31", period.Date.Latest},
		{"the last day of a month", "1972-02", "1972-02-29", period.Date.Latest},
		{"nothing comes of an unknown date", "", "", func(d period.Date) period.Date { return d.AddDays(3).AddMonths(3).Latest() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.step(date(t, tt.from)); got.Text() != tt.want {
				t.Errorf("%s gives %q, want %q", tt.from, got, tt.want)
			}
		})
	}
	if got := date(t, "2026-03-01").DaysSince(date(t, "2026-02-01")); got != 28 {
		t.Errorf("February 2026 has %d days", got)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{"1970", "1970-03-21", true},
		{"1970-03", "1970-03-21", true},
		{"1970", "1970-03", true},
		{"1970-03-21", "1970-03-21", true},
		{"", "1970-03-21", true},
		{"1970-04", "1970-03-21", false},
		{"1971", "1970-03-21", false},
		{"1970-03-21", "1970", false},
	}
	for _, tt := range tests {
		if got := date(t, tt.a).Covers(date(t, tt.b)); got != tt.want {
			t.Errorf("%q covers %q: %v", tt.a, tt.b, got)
		}
	}
}

func TestADayIsLocal(t *testing.T) {
	t.Parallel()
	wit := time.FixedZone("WIT", 9*60*60)
	evening := time.Date(2026, 11, 20, 16, 30, 0, 0, time.UTC) // half past one in the night in Ambon
	if got := period.DateOf(evening, wit); got.Text() != "2026-11-21" {
		t.Errorf("in Ambon it is %s", got)
	}
	day := date(t, "2026-11-21")
	if start := day.Start(wit); !start.Equal(time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("the day starts at %s", start.UTC())
	}
	if end := day.End(wit); !end.Equal(time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("the day ends at %s", end.UTC())
	}
	if end := date(t, "2026").End(wit); period.DateOf(end, wit).Text() != "2027-01-01" {
		t.Errorf("the year ends at %s", end)
	}
}

// anyDate draws a date of any precision.
func anyDate(t *rapid.T) period.Date {
	year := rapid.IntRange(1800, 2999).Draw(t, "year")
	month := rapid.IntRange(0, 12).Draw(t, "month")
	day := 0
	if month > 0 {
		day = rapid.IntRange(0, 28).Draw(t, "day")
	}
	d, err := period.NewDate(year, month, day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDatesSortAsTheirTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDate(t), anyDate(t)
		if a.Before(b) != (a.Text() < b.Text()) || a.After(b) != (a.Text() > b.Text()) || (a.Compare(b) == 0) != (a == b) {
			t.Fatalf("%s and %s sort otherwise than their texts", a, b)
		}
		if !a.Covers(a.Earliest()) || !a.Covers(a.Latest()) || a.Latest().Before(a.Earliest()) {
			t.Fatalf("%s: %s to %s", a, a.Earliest(), a.Latest())
		}
		text, err := json.Marshal(a)
		var back period.Date
		if err != nil || json.Unmarshal(text, &back) != nil || back != a {
			t.Fatalf("%s becomes %s in JSON and %s", a, text, back)
		}
	})
}

func TestDaysCountBothWays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(t).Earliest()
		n := rapid.IntRange(-20000, 20000).Draw(t, "days")
		moved := d.AddDays(n)
		if moved.DaysSince(d) != n || moved.AddDays(-n) != d {
			t.Fatalf("%s and %d days is %s", d, n, moved)
		}
	})
}
