// Package period holds dates that may be partial, months, quarters, vintages and deadlines.
//
// It has no clock: today is always a parameter, a local date at the responsible office.
package period

import (
	"strconv"
	"time"

	"tepat/internal/kit/fail"
)

// Date is a calendar date of which the day, or the day and the month, may be unknown: many people
// in the registry know only their year of birth. It is comparable with ==; the zero Date is
// "unknown altogether". Its text, YYYY[-MM[-DD]], is also its form in the database.
type Date struct {
	v int32 // year*10000 + month*100 + day, unknown parts zero
}

// The years a Date can have. A year outside of them is a slip of the pen.
const (
	minYear = 1800
	maxYear = 2999
)

// NewDate makes a date; month and day may be zero for unknown, the day must be unknown when the
// month is. Errors: date.year, date.month, date.day (facts year, month, day as far as they apply).
func NewDate(year, month, day int) (Date, error) {
	switch {
	case year < minYear || year > maxYear:
		return Date{}, fail.Invalid("date.year", "min", minYear, "max", maxYear)
	case month < 0 || month > 12 || (month == 0 && day != 0):
		return Date{}, fail.Invalid("date.month")
	case day < 0 || (month != 0 && day > daysIn(year, month)):
		return Date{}, fail.Invalid("date.day")
	}
	return pack(year, month, day), nil
}

// On makes a full date from numbers known to be good, such as those in tests and reference data.
// A day that does not exist is carried over as time.Date does: On(2023, 2, 29) is 1 March.
func On(year int, month time.Month, day int) Date {
	return fromTime(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf gives the local date of an instant in the zone.
func DateOf(t time.Time, loc *time.Location) Date { return fromTime(t.In(loc)) }

// DayNumber numbers the days of a place whose zone has no summer time, as Indonesia's have none: two instants of one number
// are of one day there.
func DayNumber(t time.Time, loc *time.Location) int64 { return sinceMidnight(t, loc) / secondsADay }

// HoursLeft gives the hours until the next midnight of a place, a begun one as a whole: from 1 to 24.
func HoursLeft(t time.Time, loc *time.Location) int {
	return 24 - int(sinceMidnight(t, loc)%secondsADay/3600)
}

const secondsADay = 24 * 60 * 60

// sinceMidnight gives the seconds since the first midnight of 1970 of the place's clock.
func sinceMidnight(t time.Time, loc *time.Location) int64 {
	_, offset := t.In(loc).Zone()
	return t.Unix() + int64(offset)
}

func fromTime(t time.Time) Date {
	year, month, day := t.Date()
	return pack(year, int(month), day)
}

func pack(year, month, day int) Date { return Date{int32(year*10000 + month*100 + day)} }

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// ParseDate reads YYYY, YYYY-MM or YYYY-MM-DD and nothing else; files of officers are read by
// ParseWritten. Errors: date.empty, date.format and those of NewDate.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, fail.Invalid("date.empty")
	}
	if len(s) != 4 && len(s) != 7 && len(s) != 10 {
		return Date{}, fail.Invalid("date.format")
	}
	year, ok := number(s[:4])
	month, day := 0, 0
	if ok && len(s) >= 7 {
		month, ok = part(s[4:7])
	}
	if ok && len(s) == 10 {
		day, ok = part(s[7:10])
	}
	if !ok {
		return Date{}, fail.Invalid("date.format")
	}
	if len(s) >= 7 && month == 0 {
		return Date{}, fail.Invalid("date.month")
	}
	if len(s) == 10 && day == 0 {
		return Date{}, fail.Invalid("date.day")
	}
	return NewDate(year, month, day)
}

// part reads "-MM" or "-DD".
func part(s string) (int, bool) {
	n, ok := number(s[1:])
	return n, ok && s[0] == '-'
}

// number reads a run of digits; it has to be short.
func number(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

// Text gives the stored form, YYYY[-MM[-DD]], and "" for the zero Date. ParseDate reads it back.
func (d Date) Text() string {
	if d.v == 0 {
		return ""
	}
	return string(d.AppendText(make([]byte, 0, 10)))
}

// AppendText appends the stored form to dst, for exports that must not allocate.
func (d Date) AppendText(dst []byte) []byte {
	if d.v == 0 {
		return dst
	}
	year := d.Year()
	dst = append(dst, byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10))
	if month := int(d.Month()); month != 0 {
		dst = append(dst, '-', byte('0'+month/10), byte('0'+month%10))
	}
	if day := d.Day(); day != 0 {
		dst = append(dst, '-', byte('0'+day/10), byte('0'+day%10))
	}
	return dst
}

// String is Text.
func (d Date) String() string { return d.Text() }

// MarshalText writes the stored form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.Text()), nil }

// UnmarshalText reads the stored form; an empty text is the zero Date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// IsZero reports whether nothing is known of the date.
func (d Date) IsZero() bool { return d.v == 0 }

// IsFull reports whether year, month and day are known.
func (d Date) IsFull() bool { return d.v%100 != 0 }

// Year gives the year, or zero when unknown.
func (d Date) Year() int { return int(d.v / 10000) }

// Month gives the month, or zero when unknown.
func (d Date) Month() time.Month { return time.Month(d.v / 100 % 100) }

// Day gives the day of the month, or zero when unknown.
func (d Date) Day() int { return int(d.v % 100) }

// Compare orders dates: -1 when d is earlier than other, 1 when later, 0 when the same. A partial
// date stands before the full dates it may be, and the zero Date before all, as their texts do.
func (d Date) Compare(other Date) int {
	switch {
	case d.v < other.v:
		return -1
	case d.v > other.v:
		return 1
	}
	return 0
}

// Before reports whether d sorts before other; for partial dates see Compare, and use Earliest or
// Latest where a right depends on it.
func (d Date) Before(other Date) bool { return d.v < other.v }

// After reports whether d sorts after other.
func (d Date) After(other Date) bool { return d.v > other.v }

// Earliest gives the first full date that d may be (d itself when full).
func (d Date) Earliest() Date {
	if d.v == 0 || d.IsFull() {
		return d
	}
	return pack(d.Year(), max(int(d.Month()), 1), 1)
}

// Latest gives the last full date that d may be (d itself when full).
func (d Date) Latest() Date {
	if d.v == 0 || d.IsFull() {
		return d
	}
	month := int(d.Month())
	if month == 0 {
		month = 12
	}
	return pack(d.Year(), month, daysIn(d.Year(), month))
}

// Covers reports whether the other date may be this one: 1970-03 covers 1970-03-21 and itself.
// The zero Date covers everything.
func (d Date) Covers(other Date) bool {
	switch {
	case d.v == 0 || d == other:
		return true
	case d.v%10000 == 0:
		return d.Year() == other.Year()
	case d.v%100 == 0:
		return d.v/100 == other.v/100
	}
	return false
}

// AddDays gives the date n days later (earlier when negative). A partial date counts from its
// earliest day; the zero Date stays zero.
func (d Date) AddDays(n int) Date {
	if d.v == 0 {
		return d
	}
	e := d.Earliest()
	return fromTime(time.Date(e.Year(), e.Month(), e.Day()+n, 0, 0, 0, 0, time.UTC))
}

// AddMonths gives the same day n months later, or the last day of that month when it has no such
// day: 31 January and one month is 28 or 29 February. The unknown parts of a partial date stay
// unknown where the result does not depend on them (years from a year, months from a month).
func (d Date) AddMonths(n int) Date {
	if d.v == 0 {
		return d
	}
	if d.Month() == 0 {
		if n%12 == 0 {
			return pack(d.Year()+n/12, 0, 0)
		}
		d = d.Earliest()
	}
	index := d.Year()*12 + int(d.Month()) - 1 + n
	year, month := index/12, index%12+1
	return pack(year, month, min(d.Day(), daysIn(year, month)))
}

// DaysSince gives the whole days from the other date to d, both taken at their earliest day; it is
// negative when d is earlier.
func (d Date) DaysSince(other Date) int {
	a, b := d.midnight(), other.midnight()
	return int(a.Sub(b) / (24 * time.Hour))
}

func (d Date) midnight() time.Time {
	e := d.Earliest()
	return time.Date(e.Year(), e.Month(), e.Day(), 0, 0, 0, 0, time.UTC)
}

// Start gives the instant the date (at its earliest day) begins in the zone.
func (d Date) Start(loc *time.Location) time.Time {
	e := d.Earliest()
	return time.Date(e.Year(), e.Month(), e.Day(), 0, 0, 0, 0, loc)
}

// End gives the instant the date (at its latest day) is over in the zone: the next midnight. What
// happens before it is in time.
func (d Date) End(loc *time.Location) time.Time {
	l := d.Latest()
	return time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, loc)
}

// Weekday gives the day of the week of a full date; a partial one is taken at its earliest day.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

// AgeOn gives the age in completed years on the day, for a full date of birth. It is negative
// before birth. ok is false when the date of birth is partial or unknown, see AgeRange.
func (d Date) AgeOn(day Date) (years int, ok bool) {
	if !d.IsFull() || !day.IsFull() {
		return 0, false
	}
	return completedYears(d, day), true
}

// AgeRange gives the least and greatest age in completed years that a person born on d may have on
// the day; both are equal for a full date. ok is false when nothing is known of the birth.
func (d Date) AgeRange(day Date) (lo, hi int, ok bool) {
	if d.v == 0 || day.v == 0 {
		return 0, 0, false
	}
	return completedYears(d.Latest(), day.Earliest()), completedYears(d.Earliest(), day.Latest()), true
}

func completedYears(born, day Date) int {
	years := day.Year() - born.Year()
	if day.v%10000 < born.v%10000 {
		years--
	}
	return years
}

func digits2(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
