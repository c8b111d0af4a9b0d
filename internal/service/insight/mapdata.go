package insight

import (
	"context"
	"math"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/svg"
	"tepat/internal/service/areas"
)

// mapped are the columns a map can show, with fixed breaks in percent for shares. Counts have breaks worked out
// from the largest value; both are printed in the legend.
var mapped = []struct {
	key    string
	breaks [4]float64
}{
	{"matched", [4]float64{80, 90, 95, 98}},
	{"recipients", [4]float64{5, 10, 20, 40}},
	{"poor", [4]float64{20, 30, 40, 60}},
	{"overdue", [4]float64{5, 10, 25, 50}},
	{"asleep", [4]float64{5, 10, 25, 50}},
	{"not_matching", [4]float64{}},
	{"families", [4]float64{}},
	{"open", [4]float64{}},
	{"repairs", [4]float64{}},
}

// MapKeys lists what a map can show, as the keys of the children table's columns.
func MapKeys() []string {
	out := make([]string, len(mapped))
	for i, m := range mapped {
		out[i] = m.key
	}
	return out
}

// Map is a column of the areas below one, sorted into five classes.
type Map struct {
	Table  Table
	Column Column
	Breaks [4]float64 // of shares in percent; rising
}

// Map gives the areas below one with the values of a column and the breaks of its five classes: of the nation
// the provinces, for tiles or shapes. Errors: as Dashboard; insight.map_key for a column no map shows.
func (s *Service) Map(ctx context.Context, who access.Actor, v View, key string) (m Map, err error) {
	at := -1
	for i := range mapped {
		if mapped[i].key == key {
			at = i
		}
	}
	if at < 0 {
		return m, fail.Invalid("insight.map_key").On("key")
	}
	err = s.look(ctx, who, v, func(q sqldb.Querier, tree *areas.Tree) error {
		children := childrenOf(tree, v.Area)
		got, err := s.read(ctx, q, tree, v.period(), append(children, v.Area))
		if err != nil {
			return err
		}
		base := Table{Area: v.Area, Period: v.period(), AsOf: got.asOf}
		m.Table = childrenTable(base, tree, children, got, got.at(v.Area))
		m.Column = m.Table.Columns[m.Table.column(key)]
		if m.Breaks = mapped[at].breaks; m.Breaks[0] == 0 {
			m.Breaks = breaks(m.Table.Column(key))
		}
		return nil
	})
	return m, err
}

// Scale gives the classes for kit/svg, with breaks as people read them.
func (m Map) Scale(p i18n.Printer) svg.Scale {
	return svg.Scale{Breaks: m.Breaks, Format: func(v float64) string {
		if m.Column.Kind == Share {
			return p.Percent(v / 100)
		}
		return p.Number(int64(math.Round(v)))
	}}
}

// Data gives the values for kit/svg; provinces under their two digits, as the tiles name them.
func (m Map) Data(p i18n.Printer) []svg.Datum { return m.Table.Data(m.Column.Key, p) }

// Class gives the class of the i-th line, 0 to 4, and -1 when its value is not known.
func (m Map) Class(i int) int {
	v := m.Table.Lines[i].Values[m.Table.column(m.Column.Key)]
	value := float64(v.N)
	if m.Column.Kind == Share {
		share, ok := v.Part()
		if !ok {
			return -1
		}
		value = share * 100
	} else if v.None || v.Hidden {
		return -1
	}
	return svg.Scale{Breaks: m.Breaks}.Class(value)
}

// Breaks gives the bounds of five classes for counts, for a map of public figures.
func Breaks(counts []int64) [4]float64 {
	values := make([]Value, len(counts))
	for i, n := range counts {
		values[i].N = n
	}
	return breaks(values)
}

// breaks gives four round numbers that part the range up to the largest value: a step of 1, 2 or 5 times a power
// of ten, so that the legend reads easily.
func breaks(values []Value) (out [4]float64) {
	most := 4.0
	for _, v := range values {
		if !v.None && !v.Hidden {
			most = max(most, float64(v.N))
		}
	}
	step := most / 5
	power := math.Pow(10, math.Floor(math.Log10(step)))
	round := 10 * power
	for _, factor := range []float64{1, 2, 5} {
		if step <= factor*power {
			round = factor * power
			break
		}
	}
	round = max(round, 1)
	for i := range out {
		out[i] = round * float64(i+1)
	}
	return out
}
