package insight

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/areas"
)

// Shares tell of public figures of how many districts a line is the sum, and how many are kept there.
type Shares struct{ Counted, Kept int }

// Wide public figures are kept as long as those of a district; of a month nothing changes any more but the areas.
const (
	wideFor    = 5 * time.Minute
	wideFrozen = time.Hour
	wideAtMost = 256
)

// OpenWide gives the public figures of the provinces of the nation, or of the districts of a province, as far as they are kept
// here. They are made of nothing but what Open shows of each district, so that nobody learns more from them than from those: a
// sum one of whose parts is hidden is hidden (ADR 27). The month is one that a district has closed; zero is the one most have,
// the latest of these, and where none has closed any the figures of the day. A district that has not closed the month is not in
// the sums: Counted tells. Errors: area.unknown for what is neither and where no district is kept, insight.period for a month that
// no district has closed.
func (s *Service) OpenWide(ctx context.Context, at area.Code, month period.Month) (OpenFigures, error) {
	tree := s.places.Tree()
	kept := keptIn(tree, at)
	if at != area.Nation && at.Level() != area.LevelProvince || len(kept) == 0 {
		return OpenFigures{}, fail.NotFound("area.unknown", "area", at.Dotted())
	}
	s.widening.Lock() // one at a time: it reads every district
	defer s.widening.Unlock()
	now, key := s.acts.Now(), openKey{at, month.Text()}
	if sheet, ok := s.widened[key]; ok && now.Before(sheet.until) {
		return sheet.figures, nil
	}
	out, err := s.openWide(ctx, tree, at, kept, month)
	if err != nil || out.AsOf.IsZero() {
		return out, err
	}
	if s.widened == nil || len(s.widened) >= wideAtMost {
		s.widened = openShelf{}
	}
	until := now.Add(wideFor)
	if !month.IsZero() {
		until = now.Add(wideFrozen)
	}
	s.widened[key] = openSheet{out, until}
	return out, nil
}

func (s *Service) openWide(ctx context.Context, tree *areas.Tree, at area.Code, kept []area.Code, month period.Month) (OpenFigures, error) {
	var sheets []OpenFigures
	var months []period.Month
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		if months, month, err = s.widest(ctx, tx, tree, kept, month); err != nil {
			return err
		}
		for _, district := range kept {
			one, err := s.openMonth(ctx, tx, tree, district, month)
			if fail.CodeOf(err) == "insight.period" {
				continue
			}
			if err != nil {
				return err
			}
			sheets = append(sheets, one)
		}
		return nil
	})
	if err != nil {
		return OpenFigures{}, err
	}
	out := OpenFigures{Area: at, Month: month, Months: months, Counted: map[area.Code]Shares{}}
	out.Columns = columnsOfAll(sheets)
	out.add(tree, at, kept, sheets)
	for child := range tree.Children(at) {
		if in := keptIn(tree, child.Code); len(in) > 0 {
			out.add(tree, child.Code, in, sheets)
		}
	}
	for _, one := range sheets {
		if !one.AsOf.IsZero() && (out.AsOf.IsZero() || one.AsOf.Before(out.AsOf)) {
			out.AsOf = one.AsOf // of the oldest: none is older
		}
	}
	return out, nil
}

// keptIn gives the districts of an area that this installation keeps, in the order of their codes.
func keptIn(tree *areas.Tree, at area.Code) (out []area.Code) {
	for _, tenant := range tree.Written() {
		if district, err := tree.DistrictOf(tenant); err == nil && at.Contains(district) {
			out = append(out, district)
		}
	}
	slices.Sort(out)
	return out
}

// widest gives the months that districts have closed, the latest first, and which of them is shown.
func (s *Service) widest(ctx context.Context, q sqldb.Querier, tree *areas.Tree, kept []area.Code, month period.Month) ([]period.Month, period.Month, error) {
	tenants := make([]int64, len(kept))
	for i, at := range kept {
		tenants[i] = int64(tree.TenantOf(at))
	}
	var months []period.Month
	var most int64
	var best period.Month
	a := sqldb.NewArgs(q)
	query := `SELECT metric, count(*) FROM rollup WHERE kabkota IN ` + sqldb.In(a, tenants) + ` AND period = ` + a.P(register) + `
		GROUP BY metric ORDER BY metric DESC LIMIT 240`
	err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
		var text string
		var n int64
		if err := r.Scan(&text, &n); err != nil {
			return err
		}
		m, err := period.ParseMonth(text)
		if months = append(months, m); n > most {
			most, best = n, m
		}
		return err
	})
	if err != nil {
		return nil, month, fmt.Errorf("read closed months: %w", err)
	}
	if month.IsZero() {
		return months, best, nil
	}
	if !slices.Contains(months, month) {
		return nil, month, fail.NotFound("insight.period", "period", month.Text())
	}
	return months, month, nil
}

// columnsOfAll gives the columns of all sheets, each once: a district without recipients of a programme has no column of it.
func columnsOfAll(sheets []OpenFigures) (out []OpenColumn) {
	for _, one := range sheets {
		for _, c := range one.Columns {
			if !slices.ContainsFunc(out, func(o OpenColumn) bool { return o.Key == c.Key }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// add writes the line of an area: of what is shown of its districts and of nothing else.
func (f *OpenFigures) add(tree *areas.Tree, at area.Code, districts []area.Code, sheets []OpenFigures) {
	l := Line{Code: at, Words: Words{Name: tree.Title(at)}, Values: make([]Value, len(f.Columns))}
	shares := Shares{Kept: len(districts)}
	for i := range l.Values {
		l.Values[i].None = true
	}
	for _, one := range sheets {
		if one.AsOf.IsZero() || !at.Contains(one.Area) {
			continue
		}
		shares.Counted++
		for i, c := range f.Columns {
			l.Values[i] = together(l.Values[i], one.shown(c.Key))
		}
	}
	f.Lines, f.Counted[at] = append(f.Lines, l), shares
}

// shown gives what is public of a column of the district itself.
func (f OpenFigures) shown(key string) Value {
	for i, c := range f.Columns {
		if c.Key == key {
			return f.Lines[0].Values[i]
		}
	}
	return Value{None: true}
}

// together adds two numbers: with one that is hidden the sum is hidden, one that is not known is left out.
func together(a, b Value) Value {
	switch {
	case a.Hidden || b.None:
		return a
	case b.Hidden || a.None:
		return b
	}
	return Value{N: a.N + b.N}
}
