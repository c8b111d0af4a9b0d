package proposal

import (
	"fmt"
	"io/fs"
	"slices"

	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
)

// The deadlines the machines use; grievances have their own, and pages may ask for any.
const (
	CutOffDeadline    = "cut_off"          // the day of the month by which the district has to have signed
	AnswerDeadline    = "proposal_answer"  // by when an applicant is answered
	ReturnDeadline    = "return_answer"    // by when a returned proposal is asked back
	ObjectionWindow   = "objection_window" // how long a refusal may be objected to
	ObjectionDeadline = "objection_answer" // by when an objection is answered
	EscalatedDeadline = "escalated_answer" // by when the level above answers a late one
	PostingDeadline   = "list_posted"      // how long the meeting's list hangs out
	NoticeDeadline    = "removal_notice"   // how long before a removal the family is told
)

// Closing says what happens to a last day on which the office is closed.
type Closing string

// The closings.
const (
	CloseSame   Closing = "same"   // the day stays
	CloseBefore Closing = "before" // the last working day before
	CloseAfter  Closing = "after"  // the next working day
)

// Deadline is one length of time as a rule states it: exactly one of days, working days, months and
// a day of the month.
type Deadline struct {
	Basis       `yaml:",inline"`
	ID          string  `yaml:"id"`
	Days        int     `yaml:"days"`
	WorkingDays int     `yaml:"working_days"`
	Months      int     `yaml:"months"`
	DayOfMonth  int     `yaml:"day_of_month"`
	OnClosed    Closing `yaml:"on_closed"`
}

// Deadlines is every deadline with its dates.
type Deadlines struct{ all []Deadline }

// LoadDeadlines reads deadlines.yaml of a folder (data/workflow). The errors are for the one who
// edits the data.
func LoadDeadlines(files fs.FS) (Deadlines, error) {
	var out Deadlines
	err := one(files, "deadlines.yaml", func(d struct{ Deadlines []Deadline }) error {
		for _, deadline := range d.Deadlines {
			if err := deadline.check(out.all); err != nil {
				return fmt.Errorf("deadline %s: %w", deadline.ID, err)
			}
			out.all = append(out.all, deadline)
		}
		return nil
	})
	if err != nil {
		return Deadlines{}, fmt.Errorf("proposal: %w", err)
	}
	return out, nil
}

func (d Deadline) check(earlier []Deadline) error {
	lengths := 0
	for _, n := range []int{d.Days, d.WorkingDays, d.Months, d.DayOfMonth} {
		if n < 0 {
			return fmt.Errorf("a negative length")
		}
		lengths += min(n, 1)
	}
	switch {
	case d.ID == "" || lengths != 1 || d.DayOfMonth > 28:
		return fmt.Errorf("exactly one length is required, and a day that every month has")
	case d.WorkingDays == 0 && !slices.Contains([]Closing{CloseSame, CloseBefore, CloseAfter}, d.OnClosed):
		return fmt.Errorf("on_closed %q", d.OnClosed)
	}
	for _, o := range earlier {
		if o.ID == d.ID && (o.InForce(d.ValidFrom) || d.InForce(o.ValidFrom)) {
			return fmt.Errorf("two rules hold on the same day")
		}
	}
	return d.Basis.check()
}

// Find gives the deadline in force on the day. Error: deadline.unknown (fact id).
func (d Deadlines) Find(id string, day period.Date) (Deadline, error) {
	for _, deadline := range d.all {
		if deadline.ID == id && deadline.InForce(day) {
			return deadline, nil
		}
	}
	return Deadline{}, fail.NotFound("deadline.unknown", "id", id)
}

// Due gives the last day in time for a deadline that starts on the day; the zero Date when no rule
// is in force, which is no deadline at all.
func (d Deadlines) Due(id string, start period.Date, c period.Calendar) period.Date {
	deadline, err := d.Find(id, start)
	if err != nil {
		return period.Date{}
	}
	return deadline.Due(start, c)
}

// Due gives the last day in time, counting from the day after the start. A day of the month is the
// next such day, the start itself included.
func (d Deadline) Due(start period.Date, c period.Calendar) period.Date {
	switch {
	case d.WorkingDays > 0:
		return period.Term{Days: d.WorkingDays, Working: true}.Due(start, c)
	case d.DayOfMonth > 0:
		return d.monthly(start, c)
	case d.Months > 0:
		return d.close(start.AddMonths(d.Months), c)
	}
	return d.close(start.AddDays(d.Days), c)
}

func (d Deadline) close(last period.Date, c period.Calendar) period.Date {
	switch d.OnClosed {
	case CloseBefore:
		return c.OnOrBefore(last)
	case CloseAfter:
		return c.OnOrAfter(last)
	}
	return last
}

// monthly gives this month's day when it is not past, else the next month's.
func (d Deadline) monthly(start period.Date, c period.Calendar) period.Date {
	month := period.MonthOf(start)
	for {
		if last := d.close(month.On(d.DayOfMonth), c); !last.Before(start) {
			return last
		}
		month = month.Add(1)
	}
}

// CutOff gives the next cut-off on or after the day: what is not signed by then goes with the next
// month. The zero Date when no rule is in force.
func (d Deadlines) CutOff(day period.Date, c period.Calendar) period.Date {
	return d.Due(CutOffDeadline, day, c)
}

// Routes is every route with its dates.
type Routes struct{ all []datedRoute }

type datedRoute struct {
	Basis `yaml:",inline"`
	Route `yaml:",inline"`
}

// LoadRoutes reads routes.yaml of a folder (data/workflow).
func LoadRoutes(files fs.FS) (Routes, error) {
	var out Routes
	err := one(files, "routes.yaml", func(d struct{ Routes []datedRoute }) error {
		for _, r := range d.Routes {
			for _, mode := range []Mode{r.FieldVisit, r.Subdistrict, r.Forward} {
				if mode != Off && mode != Optional && mode != Required {
					return fmt.Errorf("route from %s: step %q", r.ValidFrom, mode)
				}
			}
			if err := r.Basis.check(); err != nil {
				return fmt.Errorf("route from %s: %w", r.ValidFrom, err)
			}
			out.all = append(out.all, r)
		}
		return nil
	})
	if err != nil {
		return Routes{}, fmt.Errorf("proposal: %w", err)
	}
	return out, nil
}

// At gives the route in force on the day, by which a proposal filed then is handled to its end.
// Error: route.unknown.
func (r Routes) At(day period.Date) (Route, error) {
	for _, route := range r.all {
		if route.InForce(day) {
			return route.Route, nil
		}
	}
	return Route{}, fail.NotFound("route.unknown", "date", day.Text())
}

// LoadHolidays reads a folder of holidays (data/holidays), one file a year, joint leave and election
// days among them: offices are closed on all. The result goes to period.NewCalendar.
func LoadHolidays(files fs.FS) ([]period.Holiday, error) {
	var out []period.Holiday
	err := each(files, func(d struct {
		Year       int
		LegalBasis string `yaml:"legal_basis"`
		Unverified bool
		Days       []struct {
			On         period.Date
			Kind, Name string
		}
	}) error {
		for _, day := range d.Days {
			known := slices.Contains([]string{"national", "joint_leave", "election"}, day.Kind)
			if !day.On.IsFull() || day.On.Year() != d.Year || !known || day.Name == "" || d.LegalBasis == "" {
				return fmt.Errorf("holiday %s %q of kind %q", day.On, day.Name, day.Kind)
			}
			if len(out) > 0 && !out[len(out)-1].On.Before(day.On) {
				return fmt.Errorf("holiday %s: twice, or not in order", day.On)
			}
			out = append(out, period.Holiday{On: day.On, Name: day.Name})
		}
		return nil
	})
	return out, err
}
