package period

import (
	"strconv"
	"time"

	"tepat/internal/kit/fail"
)

// Month is a calendar month such as 2024-10, the period of most payments and cut-offs. It is
// comparable with ==; the zero Month is none.
type Month struct {
	n int32 // year*12 + month-1
}

// NewMonth makes a month from numbers known to be good.
func NewMonth(year int, month time.Month) Month { return Month{int32(year*12 + int(month) - 1)} }

// ParseMonth reads YYYY-MM. Errors: month.format and those of NewDate.
func ParseMonth(s string) (Month, error) {
	if len(s) != 7 {
		return Month{}, fail.Invalid("month.format")
	}
	d, err := ParseDate(s)
	if err != nil {
		return Month{}, err
	}
	return NewMonth(d.Year(), d.Month()), nil
}

// MonthOf gives the month a date lies in; the zero Month when the date has none.
func MonthOf(d Date) Month {
	if d.Month() == 0 {
		return Month{}
	}
	return NewMonth(d.Year(), d.Month())
}

// Text gives YYYY-MM, and "" for the zero Month.
func (m Month) Text() string {
	if m.n == 0 {
		return ""
	}
	return strconv.Itoa(m.Year()) + "-" + digits2(int(m.Month()))
}

// String is Text.
func (m Month) String() string { return m.Text() }

// MarshalText writes YYYY-MM.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.Text()), nil }

// UnmarshalText reads YYYY-MM; an empty text is the zero Month.
func (m *Month) UnmarshalText(text []byte) (err error) {
	*m = Month{}
	if len(text) != 0 {
		*m, err = ParseMonth(string(text))
	}
	return err
}

// IsZero reports whether the month is none.
func (m Month) IsZero() bool { return m.n == 0 }

// Year gives the month's year.
func (m Month) Year() int { return int(m.n / 12) }

// Month gives the month of the year.
func (m Month) Month() time.Month { return time.Month(m.n%12 + 1) }

// Add gives the month n months later.
func (m Month) Add(n int) Month { return Month{m.n + int32(n)} }

// Sub gives how many months m lies after the other month.
func (m Month) Sub(other Month) int { return int(m.n - other.n) }

// Before reports whether m is earlier than the other month.
func (m Month) Before(other Month) bool { return m.n < other.n }

// First gives the first day of the month.
func (m Month) First() Date { return pack(m.Year(), int(m.Month()), 1) }

// Last gives the last day of the month.
func (m Month) Last() Date { return pack(m.Year(), int(m.Month()), daysIn(m.Year(), int(m.Month()))) }

// On gives the nth day of the month, or its last day when it has fewer, as for a monthly cut-off.
func (m Month) On(day int) Date {
	return pack(m.Year(), int(m.Month()), min(max(day, 1), daysIn(m.Year(), int(m.Month()))))
}

// Contains reports whether the date surely lies in the month; a date of which only the year is
// known does not.
func (m Month) Contains(d Date) bool { return MonthOf(d) == m }

// Quarter gives the quarter the month lies in.
func (m Month) Quarter() Quarter { return Quarter{int32(m.Year()*4 + (int(m.Month())-1)/3)} }

// Quarter is three calendar months such as 2025-Q3: deciles are ranked anew, and PKH is paid, by
// quarter. It is comparable with ==; the zero Quarter is none.
type Quarter struct {
	n int32 // year*4 + quarter-1
}

// NewQuarter makes a quarter; number is 1 to 4. Error: quarter.format.
func NewQuarter(year, number int) (Quarter, error) {
	if year < minYear || year > maxYear || number < 1 || number > 4 {
		return Quarter{}, fail.Invalid("quarter.format")
	}
	return Quarter{int32(year*4 + number - 1)}, nil
}

// ParseQuarter reads YYYY-Qn. Error: quarter.format.
func ParseQuarter(s string) (Quarter, error) {
	if len(s) != 7 || s[4] != '-' || (s[5] != 'Q' && s[5] != 'q') {
		return Quarter{}, fail.Invalid("quarter.format")
	}
	year, ok := number(s[:4])
	if !ok {
		return Quarter{}, fail.Invalid("quarter.format")
	}
	return NewQuarter(year, int(s[6])-'0')
}

// Text gives YYYY-Qn, and "" for the zero Quarter.
func (q Quarter) Text() string {
	if q.n == 0 {
		return ""
	}
	return strconv.Itoa(q.Year()) + "-Q" + strconv.Itoa(q.Number())
}

// String is Text.
func (q Quarter) String() string { return q.Text() }

// MarshalText writes YYYY-Qn.
func (q Quarter) MarshalText() ([]byte, error) { return []byte(q.Text()), nil }

// UnmarshalText reads YYYY-Qn; an empty text is the zero Quarter.
func (q *Quarter) UnmarshalText(text []byte) (err error) {
	*q = Quarter{}
	if len(text) != 0 {
		*q, err = ParseQuarter(string(text))
	}
	return err
}

// IsZero reports whether the quarter is none.
func (q Quarter) IsZero() bool { return q.n == 0 }

// Year gives the quarter's year.
func (q Quarter) Year() int { return int(q.n / 4) }

// Number gives 1 to 4.
func (q Quarter) Number() int { return int(q.n%4) + 1 }

// Add gives the quarter n quarters later.
func (q Quarter) Add(n int) Quarter { return Quarter{q.n + int32(n)} }

// Before reports whether q is earlier than the other quarter.
func (q Quarter) Before(other Quarter) bool { return q.n < other.n }

// Months gives the three months of the quarter.
func (q Quarter) Months() [3]Month {
	first := Month{int32(q.Year()*12 + (q.Number()-1)*3)}
	return [3]Month{first, first.Add(1), first.Add(2)}
}

// First gives the first day of the quarter.
func (q Quarter) First() Date { return q.Months()[0].First() }

// Last gives the last day of the quarter.
func (q Quarter) Last() Date { return q.Months()[2].Last() }

// Contains reports whether the date surely lies in the quarter.
func (q Quarter) Contains(d Date) bool { return d.Month() != 0 && MonthOf(d).Quarter() == q }

// Vintage names one frozen publication of deciles: a quarter, and a revision when the same quarter
// was published again: 2025-Q3, 2025-Q3-r2. It is comparable with ==; the zero Vintage is none.
type Vintage struct {
	quarter  Quarter
	revision uint8 // 0 for the first publication, which has no suffix
}

// NewVintage makes a vintage; revision 1 is the first publication. Error: vintage.format.
func NewVintage(q Quarter, revision int) (Vintage, error) {
	if q.IsZero() || revision < 1 || revision > 99 {
		return Vintage{}, fail.Invalid("vintage.format")
	}
	return Vintage{q, uint8(revision - 1)}, nil
}

// ParseVintage reads YYYY-Qn or YYYY-Qn-rN. Error: vintage.format.
func ParseVintage(s string) (Vintage, error) {
	if len(s) < 7 {
		return Vintage{}, fail.Invalid("vintage.format")
	}
	q, err := ParseQuarter(s[:7])
	if err != nil {
		return Vintage{}, fail.Invalid("vintage.format").Because(err)
	}
	if len(s) == 7 {
		return NewVintage(q, 1)
	}
	revision, ok := 0, false
	if len(s) >= 10 && len(s) <= 11 && s[7:9] == "-r" && s[9] != '0' {
		revision, ok = number(s[9:])
	}
	if !ok || revision < 2 {
		return Vintage{}, fail.Invalid("vintage.format")
	}
	return NewVintage(q, revision)
}

// Text gives YYYY-Qn, with -rN from the second publication on, and "" for the zero Vintage.
func (v Vintage) Text() string {
	if v.revision == 0 {
		return v.quarter.Text()
	}
	return v.quarter.Text() + "-r" + strconv.Itoa(v.Revision())
}

// String is Text.
func (v Vintage) String() string { return v.Text() }

// MarshalText writes what Text gives.
func (v Vintage) MarshalText() ([]byte, error) { return []byte(v.Text()), nil }

// UnmarshalText reads what ParseVintage reads; an empty text is the zero Vintage.
func (v *Vintage) UnmarshalText(text []byte) (err error) {
	*v = Vintage{}
	if len(text) != 0 {
		*v, err = ParseVintage(string(text))
	}
	return err
}

// IsZero reports whether the vintage is none.
func (v Vintage) IsZero() bool { return v.quarter.IsZero() }

// Quarter gives the quarter the vintage is for.
func (v Vintage) Quarter() Quarter { return v.quarter }

// Revision gives 1 for the first publication of the quarter.
func (v Vintage) Revision() int { return int(v.revision) + 1 }

// Before reports whether v was published for an earlier quarter, or earlier for the same one.
func (v Vintage) Before(other Vintage) bool {
	if v.quarter == other.quarter {
		return v.revision < other.revision
	}
	return v.quarter.Before(other.quarter)
}
