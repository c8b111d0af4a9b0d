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

// OpenFigures are the figures of a district that anybody may see: counts by subdistrict and village in which nobody can be
// told, also not by taking one number from another.
type OpenFigures struct {
	Area    area.Code
	Month   period.Month   // whose figures these are; zero: those of the day
	Months  []period.Month // that the district has closed, the latest first
	AsOf    time.Time      // zero: never counted
	Columns []OpenColumn
	// Lines are the district, then each subdistrict followed by its villages; of wider areas the area and those right below it.
	Lines []Line
	// Counted tells of how many districts each line is the sum; only of areas wider than a district.
	Counted map[area.Code]Shares
}

// OpenColumn is a column of public figures, with what its numbers are a part of.
type OpenColumn struct {
	Column
	Of Words // of which the number is a part; empty of a column that is its own whole
}

// Smallest is the smallest number that public figures show.
func Smallest() int64 { return smallest }

// Public figures are kept for a while, so many at most: the day's are counted anew every few minutes.
const (
	openFor      = 5 * time.Minute
	openedAtMost = 512
)

// openShelf keeps public figures: who asks for them is anybody, as often as she likes.
type openShelf map[openKey]openSheet

type openKey struct {
	at     area.Code
	period string
}

type openSheet struct {
	figures OpenFigures
	until   time.Time
}

// Open gives the public figures of a month a district has closed, of the latest when month is zero. They are the numbers that
// were frozen then, with the small ones hidden, and what hid small ones in the eleven months before: see ADR 27 for what cannot be
// worked out of them. Where no month was closed yet it gives those of the day. It asks nobody's leave, because it shows nobody.
// Errors: area.unknown for what is no district that is kept here, insight.period for a month it has not closed.
func (s *Service) Open(ctx context.Context, district area.Code, month period.Month) (OpenFigures, error) {
	tree := s.places.Tree()
	if _, ok := tree.At(district); !ok || district.Level() != area.LevelDistrict || !tree.Writes(tree.TenantOf(district)) {
		return OpenFigures{}, fail.NotFound("area.unknown", "area", district.Dotted())
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	now, key := s.acts.Now(), openKey{district, month.Text()}
	if kept, ok := s.opened[key]; ok && now.Before(kept.until) {
		return kept.figures, nil
	}
	var out OpenFigures
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		out, err = s.openMonth(ctx, tx, tree, district, month)
		return err
	})
	if err != nil || out.AsOf.IsZero() { // what was never counted will be soon
		return out, err
	}
	if s.opened == nil || len(s.opened) >= openedAtMost {
		s.opened = openShelf{}
	}
	s.opened[key] = openSheet{out, now.Add(openFor)}
	return out, nil
}

// openYear is how many months, with the one that is shown, have to agree on what is hidden.
const openYear = 12

// openMonth finds the months that count for one, and gives its figures.
func (s *Service) openMonth(ctx context.Context, q sqldb.Querier, tree *areas.Tree, district area.Code, month period.Month) (OpenFigures, error) {
	closed, err := s.closedIn(ctx, q, tree, district)
	if err != nil {
		return OpenFigures{}, err
	}
	months := make([]period.Month, len(closed))
	for i, text := range closed {
		if months[i], err = period.ParseMonth(text); err != nil {
			return OpenFigures{}, fmt.Errorf("read closed month: %w", err)
		}
	}
	if month.IsZero() && len(months) > 0 {
		month = months[0]
	}
	which, before := Live, []string(nil)
	if !month.IsZero() {
		if !slices.Contains(months, month) {
			return OpenFigures{}, fail.NotFound("insight.period", "period", month.Text())
		}
		which = month.Text()
		for _, m := range months {
			if behind := month.Sub(m); behind > 0 && behind < openYear {
				before = append(before, m.Text())
			}
		}
	}
	out, err := s.openIn(ctx, q, tree, district, which, before)
	out.Month, out.Months = month, months
	return out, err
}

func (s *Service) openIn(ctx context.Context, q sqldb.Querier, tree *areas.Tree, district area.Code, which string, before []string) (OpenFigures, error) {
	root := &openNode{code: district}
	codes := []area.Code{district}
	for sub := range tree.Children(district) {
		node := &openNode{code: sub.Code}
		codes = append(codes, sub.Code)
		for village := range tree.Children(sub.Code) {
			node.below = append(node.below, &openNode{code: village.Code})
			codes = append(codes, village.Code)
		}
		root.below = append(root.below, node)
	}
	got, err := s.read(ctx, q, tree, which, codes)
	if err != nil {
		return OpenFigures{}, err
	}
	earlier := make([]figures, len(before))
	for i, one := range before {
		if earlier[i], err = s.read(ctx, q, tree, one, codes); err != nil {
			return OpenFigures{}, err
		}
	}
	out := OpenFigures{Area: district, AsOf: got.asOf}
	counts := s.openCounts(got.at(district), district, got.asOf)
	values := map[area.Code][]Value{}
	for _, c := range counts {
		out.Columns = append(out.Columns, c.OpenColumn)
		root.open(got, earlier, c)
		root.each(func(n *openNode) { values[n.code] = append(values[n.code], n.shown()) })
	}
	root.each(func(n *openNode) {
		out.Lines = append(out.Lines, Line{Code: n.code, Words: Words{Name: tree.Title(n.code)}, Values: values[n.code]})
	})
	return out, nil
}

// openCount is how a public column is counted: a number, and the whole it is a part of.
type openCount struct {
	OpenColumn
	n, of func(numbers) int64
}

// openCounts are the public columns. None of them is the sum of others, and none can be the same as another in another
// unit, as recipients of one programme and recipients of any are where there is one: else what one hides another would tell.
func (s *Service) openCounts(own numbers, district area.Code, asOf time.Time) []openCount {
	families := func(n numbers) int64 { return n[metricFamilies] }
	persons := func(n numbers) int64 { return n[metricPersons] }
	none := func(numbers) int64 { return 0 }
	out := []openCount{
		{OpenColumn{Column: Column{"families", Count, named("insight.families")}}, families, none},
		{OpenColumn{Column: Column{"persons", Count, named("insight.persons")}}, persons, none},
		{OpenColumn{Column{"poor", Count, named("insight.open_poor")}, named("insight.families")}, numbers.poor, families},
	}
	for _, p := range s.programmesOf(own, Dashboard{Area: district, AsOf: asOf}) {
		whole, base := "insight.families", families
		if p.base(numbers{metricPersons: 1}) == 1 {
			whole, base = "insight.persons", persons
		}
		out = append(out, openCount{OpenColumn{Column{"enrolled." + string(p.id), Count, named("insight.open_enrolled", "programme", Words{Label: p.short})}, named(whole)},
			func(n numbers) int64 { return n.place(p.id, "enrolled") }, base})
	}
	return out
}
