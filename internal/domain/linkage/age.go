package linkage

import "bytes"

// noAge is what a column has that no age stands in for.
var noAge = [2][2]int{{-1, -1}, {-1, -1}}

// The most years somebody is old, and the years in which an age is told.
const (
	oldest     = 115
	firstAsked = 1990
	lastAsked  = 2100
)

// findAges finds what stands in for birth dates that are empty: an age, and the year it was told in. One without the other tells nothing.
func (p *plan) findAges(sources [2]Source) {
	for i := range p.columns {
		c := &p.columns[i]
		for side, s := range sources {
			if s == nil || len(c.file.Age) == 0 {
				continue
			}
			age, at := p.model.titled(c.file.Age, s.Header()), p.model.fieldOf(&p.model.file.Columns[p.model.column(c.file.AgeAt)], s.Header())
			if c.aged[side] = [2]int{-1, -1}; age >= 0 && at >= 0 {
				c.aged[side] = [2]int{age, at}
			}
		}
	}
}

// birthYear gives the year somebody of an age was born in, as a date without month and day: who is 30 in 2020 was born in 1990, or at the end
// of 1989. It is zero where age or year are none.
func birthYear(age, at []byte) uint32 {
	years, ok := wholeNumber(bytes.TrimSuffix(bytes.ToUpper(bytes.TrimSpace(age)), []byte(" TAHUN")))
	asked := yearIn(at)
	if !ok || years > oldest || asked < firstAsked || asked > lastAsked {
		return 0
	}
	return dateOf(asked-years, 0, 0)
}

// yearIn gives the year of a day, or of a year and what stands around it: 2019, 2019-05-04 or 04/05/2019; zero for none.
func yearIn(text []byte) int {
	if d := packDate(bytes.TrimSpace(text), "", 0); d != 0 {
		return dateYear(d)
	}
	return 0
}

// wholeNumber reads up to three digits.
func wholeNumber(text []byte) (n int, ok bool) {
	if len(text) == 0 || len(text) > 3 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}
