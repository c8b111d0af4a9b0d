package period

import (
	"time"

	"tepat/internal/kit/fail"
)

// Holiday is one day off of the joint decree of ministers (SKB tiga menteri) or of a region.
type Holiday struct {
	On   Date
	Name string
}

// Calendar knows the working days of an office: weekly days of rest and dated holidays. The zero
// Calendar has no days off at all.
type Calendar struct {
	rest     [7]bool
	holidays map[Date]string
}

// NewCalendar makes a calendar of holidays and weekly days of rest; most offices rest on Saturday
// and Sunday, offices with a six-day week only on Sunday. Errors: calendar.holiday for a holiday
// without a full date, calendar.no_working_day when every day of the week is a day of rest.
func NewCalendar(holidays []Holiday, rest ...time.Weekday) (Calendar, error) {
	c := Calendar{holidays: make(map[Date]string, len(holidays))}
	for _, h := range holidays {
		if !h.On.IsFull() {
			return Calendar{}, fail.Invalid("calendar.holiday")
		}
		c.holidays[h.On] = h.Name
	}
	for _, day := range rest {
		c.rest[day] = true
	}
	if c.rest == [7]bool{true, true, true, true, true, true, true} {
		return Calendar{}, fail.Invalid("calendar.no_working_day")
	}
	return c, nil
}

// Holiday gives the name of the holiday on the day, or "" when there is none.
func (c Calendar) Holiday(d Date) string { return c.holidays[d] }

// IsWorking reports whether the office works on the day, which has to be full.
func (c Calendar) IsWorking(d Date) bool {
	_, holiday := c.holidays[d]
	return !holiday && !c.rest[d.Weekday()]
}

// OnOrAfter gives the day itself when the office works on it, else the next day it works.
func (c Calendar) OnOrAfter(d Date) Date {
	for !c.IsWorking(d) {
		d = d.AddDays(1)
	}
	return d
}

// OnOrBefore gives the day itself when the office works on it, else the last working day before.
func (c Calendar) OnOrBefore(d Date) Date {
	for !c.IsWorking(d) {
		d = d.AddDays(-1)
	}
	return d
}

// AddWorkingDays gives the nth working day after the day, which is itself not counted.
func (c Calendar) AddWorkingDays(d Date, n int) Date {
	for ; n > 0; n-- {
		d = c.OnOrAfter(d.AddDays(1))
	}
	return d
}

// WorkingDaysLeft counts the working days after today up to and including the due day; it is zero
// on the due day and after it.
func (c Calendar) WorkingDaysLeft(today, due Date) int {
	left := 0
	for d := today.AddDays(1); !d.After(due); d = d.AddDays(1) {
		if c.IsWorking(d) {
			left++
		}
	}
	return left
}

// Term is the length of a deadline as a rule states it, for example fourteen days after filing.
type Term struct {
	Days    int
	Working bool // count working days only
	Extend  bool // a last day on which the office is closed moves to the next day it works
}

// Due gives the last day on which the act is in time, counting from the day after the start. With
// a start at an instant, use DateOf at the responsible office's zone first.
func (t Term) Due(start Date, c Calendar) Date {
	if t.Working {
		return c.AddWorkingDays(start, t.Days)
	}
	due := start.AddDays(t.Days)
	if t.Extend {
		return c.OnOrAfter(due)
	}
	return due
}
