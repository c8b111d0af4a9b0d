package programme

import (
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/period"
)

// PartYearRule says which pupils are at school for half of a programme's year only: those of the classes that leave, and those
// of the classes that begin while the first semester runs. The school year begins with that semester.
type PartYearRule struct {
	Basis `yaml:",inline"`
	// Leaving and Beginning are classes as schools count them, 1 to 13.
	Leaving   []int
	Beginning []int
	// FirstSemester are its first and its last month.
	FirstSemester [2]int `yaml:"first_semester"`
}

func (d componentsDocument) checkPartYear() error {
	for _, r := range d.PartYear {
		for _, class := range slices.Concat(r.Leaving, r.Beginning) {
			if class < 1 || class > lastClass {
				return fmt.Errorf("part of a year: class %d", class)
			}
		}
		if from, to := r.FirstSemester[0], r.FirstSemester[1]; from < 1 || to > 12 || from > to {
			return fmt.Errorf("part of a year: first semester from month %d to %d", from, to)
		}
	}
	asked := slices.ContainsFunc(d.Items, func(c componentDocument) bool { return traits(slices.Concat(c.Needs, c.Without))&PartYear != 0 })
	if asked != (len(d.PartYear) > 0) {
		return fmt.Errorf("part of a year: a rule without a component that asks for it, or the other way round")
	}
	return checkDates(d.PartYear)
}

// lastClass is the fourth year of a vocational school of four years.
const lastClass = 13

// firstClass is the class before the first of a level.
var firstClass = map[School]int{SchoolSD: 0, SchoolSMP: 6, SchoolSMA: 9}

// ClassOf gives the class as schools count them from a level and the class within it; zero when either is not known or there is
// no such class. Classes of a university are none.
func ClassOf(level School, within int) int {
	before, school := firstClass[level]
	if !school || within < 1 || before+within > lastClass {
		return 0
	}
	return before + within
}

// LevelOf gives the level of school of a class.
func LevelOf(class int) School {
	switch {
	case class < 1 || class > lastClass:
		return SchoolUnknown
	case class <= firstClass[SchoolSMP]:
		return SchoolSD
	case class <= firstClass[SchoolSMA]:
		return SchoolSMP
	}
	return SchoolSMA
}

// SameSchoolYear tells whether a class known as of a date, which may be partial, is still the pupil's on a day: every class is
// left when the school year ends. A programme that does not ask for classes says no.
func (c Components) SameSchoolYear(known, day period.Date) bool {
	if known.IsZero() || c.partYear.FirstSemester[0] == 0 {
		return false
	}
	year := day.Year()
	if int(day.Month()) < c.partYear.FirstSemester[0] {
		year--
	}
	begins := period.On(year, time.Month(c.partYear.FirstSemester[0]), 1)
	return !known.Latest().Before(begins) && !known.Earliest().After(day)
}

// classed gives a person with what her class says of the part of the year she is at school.
func (c Components) classed(p Person, day period.Date) Person {
	p.Has, p.Unknown = p.Has&^PartYear, p.Unknown&^PartYear
	r, month := c.partYear, int(day.Month())
	switch {
	case p.School == SchoolNone || p.School == SchoolHigher:
	case p.Class == 0:
		p.Unknown |= PartYear
	case slices.Contains(r.Leaving, p.Class), slices.Contains(r.Beginning, p.Class) && month >= r.FirstSemester[0] && month <= r.FirstSemester[1]:
		p.Has |= PartYear
	}
	return p
}
