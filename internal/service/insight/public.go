package insight

import (
	"cmp"
	"slices"
)

// smallest is the smallest number of persons or families that public figures show: of fewer, neighbours could
// tell who is meant (domain dossier section 12).
const smallest = 5

// Public gives the table as the public may see it: counts of 1 to 4 are hidden, and so is the next smallest
// count of a column where a single hidden one could be worked out from the total. Shares are hidden with their
// small numerators and complements; money and moments are taken out.
func (t Table) Public() Table {
	out := t
	out.Columns, out.Lines, out.Total.Values = nil, nil, nil
	var keep []int
	for i, c := range t.Columns {
		if c.Kind == Count || c.Kind == Share {
			keep = append(keep, i)
			out.Columns = append(out.Columns, c)
		}
	}
	for _, l := range t.Lines {
		out.Lines = append(out.Lines, l.only(keep))
	}
	if len(t.Total.Values) > 0 {
		out.Total = t.Total.only(keep)
	}
	for i := range out.Columns {
		suppress(out.Lines, i, len(out.Total.Values) > 0)
		if len(out.Total.Values) > 0 && out.Total.Values[i].small() {
			out.Total.Values[i] = hidden()
		}
	}
	return out
}

func (l Line) only(columns []int) Line {
	values := make([]Value, len(columns))
	for i, at := range columns {
		values[i] = l.Values[at]
	}
	l.Values = values
	return l
}

func hidden() Value { return Value{Hidden: true} }

// small reports whether a number, or what is left of its denominator, is of fewer than five and more than none.
func (v Value) small() bool {
	few := func(n int64) bool { return n > 0 && n < smallest }
	return !v.None && (few(v.N) || v.Of > 0 && few(v.Of-v.N))
}

// suppress hides the small values of a column. When the table has a total and just one value is hidden, the total
// less the others would tell it: the smallest of the others is hidden too.
func suppress(lines []Line, column int, total bool) {
	count := 0
	var shown []int
	for i := range lines {
		v := &lines[i].Values[column]
		switch {
		case v.small():
			*v = hidden()
			count++
		case !v.None && v.N > 0:
			shown = append(shown, i)
		}
	}
	if !total || count != 1 || len(shown) == 0 {
		return
	}
	at := slices.MinFunc(shown, func(a, b int) int { return cmp.Compare(lines[a].Values[column].N, lines[b].Values[column].N) })
	lines[at].Values[column] = hidden()
}
