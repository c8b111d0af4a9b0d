package synth

import (
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
)

// human is one person as she really is; the rows of the files are made of it.
type human struct {
	bearer
	name       string
	mother     string
	father     string
	sex        person.Sex
	age        int // completed years on the day of the plan
	born       period.Date
	birthPlace string
	relation   person.Relation
	marital    person.MaritalStatus
	nik        person.NIK
	items      [personItems]int16
	second     bool // the second of twins
}

// family is one family with its dwelling; the village's families that live together share the
// number of the dwelling.
type family struct {
	members           []human
	kk                person.KK
	oldKK             person.KK
	issued            period.Date // day of the card's issue
	street            string
	rt, rw            int
	phone, civilPhone string // as the family says, and as the civil registry has it
	decile            int    // 1 to 10
	ranked            bool
	welfare           int // thousandths of a standard deviation of the country
	looks             int // welfare as dwelling and belongings show it together
	items             [familyItems]int16
	dwelling          int // number within the village
	number            int // number within the village
	beside            bool
	arrived           bool // came from elsewhere within the last three months
	texts
}

// texts are the identifiers that stand on every row of a family, made once.
type texts struct {
	kkText, household, registry string
}

// head gives the head of the family, who stands first.
func (f *family) head() *human { return &f.members[0] }

// days counts the days of the proleptic Gregorian calendar from 1 March of year 0 (after Hinnant,
// "chrono-compatible low-level date algorithms").
func days(d period.Date) int {
	y, m := d.Year(), int(d.Month())
	if m <= 2 {
		y--
		m += 12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d.Day() - 1
}

// dateOf is the inverse of days.
func dateOf(n int) period.Date {
	era := n / 146097
	doe := n - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	y, m, d := yoe+era*400, mp+3, doy-(153*mp+2)/5+1
	if m > 12 {
		m, y = m-12, y+1
	}
	date, _ := period.NewDate(y, m, d) // always a date: the years are those of living people
	return date
}

// birthday draws a birth date that gives the age on the day. One in four of the old and some of the
// others were entered with a round date: 1 January, 31 December or 1 July.
func birthday(r *random, age, today int) period.Date {
	day := today - (age*1461+3)/4 - r.below(363)
	if share := [4]int{10, 30, 120, 250}[min(age/20, 3)]; age > 15 && r.permille(share) {
		return roundDate(r, dateOf(day).Year(), age, today)
	}
	return dateOf(day)
}

func roundDate(r *random, year, age, today int) period.Date {
	choices := [...][2]int{{1, 1}, {12, 31}, {7, 1}}
	at := choices[[...]int{0, 0, 0, 1, 1, 2}[r.below(6)]]
	date, _ := period.NewDate(year, at[0], at[1])
	if got, _ := date.AgeOn(dateOf(today)); got != age {
		return dateOf(today - (age*1461+3)/4 - r.below(363))
	}
	return date
}
