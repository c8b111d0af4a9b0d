package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// monthName gives the name of a month, and its table form of three or four letters.
func monthName(l Lang, m time.Month) (long, short string) {
	if l == English {
		return m.String(), m.String()[:3]
	}
	names := [...]string{"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli",
		"Agustus", "September", "Oktober", "November", "Desember"}
	if m < time.January || m > time.December {
		return m.String(), m.String()
	}
	if m == time.August { // KBBI abbreviates Agustus to Agu., not Ags
		return names[m-1], "Agu"
	}
	return names[m-1], names[m-1][:3]
}

// MonthName gives the full name of a month.
func (p Printer) MonthName(m time.Month) string {
	long, _ := monthName(p.Lang, m)
	return long
}

// Weekday gives the name of a day of the week.
func (p Printer) Weekday(d time.Weekday) string {
	if p.Lang == English {
		return d.String()
	}
	return [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}[d%7]
}

// Date writes the day of t in t's own zone: 21 November 2026.
func (p Printer) Date(t time.Time) string {
	long, _ := monthName(p.Lang, t.Month())
	return strconv.Itoa(t.Day()) + " " + long + " " + strconv.Itoa(t.Year())
}

// DateShort writes the day of t for a table: 21 Nov 2026.
func (p Printer) DateShort(t time.Time) string {
	_, short := monthName(p.Lang, t.Month())
	return strconv.Itoa(t.Day()) + " " + short + " " + strconv.Itoa(t.Year())
}

// DateText writes a stored date (YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known) in words:
// 1985, Maret 1985, 27 Maret 1985. Anything else comes back as it is.
func (p Printer) DateText(stored string) string { return p.datePart(stored, false) }

// DateTextShort is DateText in the form of tables.
func (p Printer) DateTextShort(stored string) string { return p.datePart(stored, true) }

func (p Printer) datePart(stored string, short bool) string {
	layout := map[int]string{10: "2006-01-02", 7: "2006-01"}[len(stored)]
	t, err := time.Parse(layout, stored)
	if layout == "" || err != nil {
		return stored
	}
	month, abbreviated := monthName(p.Lang, t.Month())
	if short {
		month = abbreviated
	}
	text := month + " " + strconv.Itoa(t.Year())
	if len(stored) == 10 {
		text = strconv.Itoa(t.Day()) + " " + text
	}
	return text
}

// Clock writes the time of day with its zone: pukul 14.30 WIB, or 14:30 WIB in English.
func (p Printer) Clock(t time.Time) string {
	if p.Lang == English {
		return t.Format("15:04") + " " + ZoneName(t)
	}
	return "pukul " + t.Format("15.04") + " " + ZoneName(t)
}

// Moment writes a date and a time with its zone: 21 November 2026 pukul 14.30 WIB.
func (p Printer) Moment(t time.Time) string {
	if p.Lang == English {
		return p.Date(t) + ", " + p.Clock(t)
	}
	return p.Date(t) + " " + p.Clock(t)
}

// MomentShort writes a date and a time for a table: 21 Nov 2026 14.30 WIB.
func (p Printer) MomentShort(t time.Time) string {
	return p.DateShort(t) + " " + strings.TrimPrefix(p.Clock(t), "pukul ")
}

// ZoneName gives WIB, WITA or WIT for the three zones of Indonesia (Keppres 41/1987), and the
// offset from UTC for any other.
func ZoneName(t time.Time) string {
	_, offset := t.Zone()
	switch offset {
	case 7 * 3600:
		return "WIB"
	case 8 * 3600:
		return "WITA"
	case 9 * 3600:
		return "WIT"
	case 0:
		return "UTC"
	}
	return fmt.Sprintf("UTC%+03d.%02d", offset/3600, abs(offset)%3600/60)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// Due counts whole days between two local dates in words of urgency: "lewat 2 hari", "hari ini",
// "3 hari lagi". Both are read as dates in their own zone.
func (p Printer) Due(due, today time.Time) string {
	switch days := DaysBetween(today, due); {
	case days < 0:
		return p.Text("due.late", "days", -days)
	case days == 0:
		return p.Text("due.today")
	case days == 1:
		return p.Text("due.tomorrow")
	default:
		return p.Text("due.ahead", "days", days)
	}
}

// DaysBetween counts calendar days from one local date to another, whatever the time of day.
func DaysBetween(from, to time.Time) int {
	midnight := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(to).Sub(midnight(from)) / (24 * time.Hour))
}
