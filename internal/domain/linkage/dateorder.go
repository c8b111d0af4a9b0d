package linkage

import "bytes"

// What tells that a list writes the month before the day: so many dates that can be read in no other way, and no more than one in so
// many that cannot be read so. Days and months that were swapped by mistake are far fewer.
const (
	monthFirstLeast = 3
	monthFirstShare = 20
	orderSample     = 1000
)

// orders finds the columns of dates that a table writes with the month first. The model's word counts where it says an order.
func (p *plan) orders(sources [2]Source) {
	for i := range p.columns {
		c := &p.columns[i]
		for side, s := range sources {
			if c.order[side] = c.file.Order; s != nil && c.kind == kindDate && c.file.Order == "" && monthFirst(s, c.field[side]) {
				c.order[side] = "mdy"
			}
		}
	}
}

// DateOrder is a column of dates a table writes with the month first.
type DateOrder struct {
	Table  int
	Column string // its title
}

// MonthFirst gives the columns of dates that were found to be written with the month first.
func (e *Engine) MonthFirst() (list []DateOrder) {
	for i := range e.plan.columns {
		for side, s := range e.sources {
			if c := &e.plan.columns[i]; s != nil && c.file.Order == "" && c.order[side] == "mdy" {
				list = append(list, DateOrder{side, e.titleIn(side, c.field[side])})
			}
		}
	}
	return list
}

// monthFirst counts all rows only where some of them, evenly over the table, look like it.
func monthFirst(s Source, field int) bool {
	step := max(s.Rows()/orderSample, 1)
	if month, day := countOrders(s, field, step); month <= day {
		return false
	}
	month, day := countOrders(s, field, 1)
	return month >= monthFirstLeast && month >= monthFirstShare*day
}

// countOrders counts the dates of every so many rows that can only be read month first, and those that can only be read day first.
func countOrders(s Source, field, step int) (month, day int) {
	var fields [][]byte
	for row := 0; row < s.Rows(); row += step {
		fields = s.Fields(row, fields)
		one, two := firstParts(fieldAt(fields, field))
		switch {
		case one >= 1 && one <= 12 && two > 12 && two <= 31:
			month++
		case one > 12 && one <= 31 && two >= 1 && two <= 12:
			day++
		}
	}
	return month, day
}

// firstParts gives the first two numbers of a date written with three, of one or two digits each; zeros for any other.
func firstParts(value []byte) (one, two int) {
	parts := bytes.FieldsFunc(value, func(r rune) bool { return r == '/' || r == '-' || r == '.' })
	if len(parts) != 3 {
		return 0, 0
	}
	return shortNumber(parts[0]), shortNumber(parts[1])
}

func shortNumber(s []byte) (n int) {
	if s = bytes.TrimSpace(s); len(s) == 0 || len(s) > 2 {
		return 0
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}
