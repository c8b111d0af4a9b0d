package insight

import (
	"context"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/areas"
)

// OpenFigures are the figures of a district that anybody may see: counts by subdistrict and village in which nobody can be
// told, also not by taking one number from another.
type OpenFigures struct {
	Area    area.Code
	AsOf    time.Time // zero: never counted
	Columns []OpenColumn
	// Lines are the district, then each subdistrict followed by its villages.
	Lines []Line
}

// OpenColumn is a column of public figures, with what its numbers are a part of.
type OpenColumn struct {
	Column
	Of Words // of which the number is a part; empty of a column that is its own whole
}

// Smallest is the smallest number that public figures show.
func Smallest() int64 { return smallest }

// openFor is how long public figures are kept: the figures themselves are counted anew every few minutes.
const openFor = 5 * time.Minute

// openShelf keeps the public figures of districts for a while: who asks for them is anybody, as often as she likes.
type openShelf map[area.Code]openSheet

type openSheet struct {
	figures OpenFigures
	until   time.Time
}

// Open gives the public figures of a district. It asks nobody's leave, because it shows nobody: the numbers are those of
// the dashboard, with the small ones hidden. Errors: area.unknown for what is no district that is kept here.
func (s *Service) Open(ctx context.Context, district area.Code) (OpenFigures, error) {
	tree := s.places.Tree()
	if _, ok := tree.At(district); !ok || district.Level() != area.LevelDistrict || !tree.Writes(tree.TenantOf(district)) {
		return OpenFigures{}, fail.NotFound("area.unknown", "area", district.Dotted())
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	now := s.acts.Now()
	if kept, ok := s.opened[district]; ok && now.Before(kept.until) {
		return kept.figures, nil
	}
	var out OpenFigures
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		out, err = s.openIn(ctx, tx, tree, district)
		return err
	})
	if err != nil || out.AsOf.IsZero() { // what was never counted will be soon
		return out, err
	}
	if s.opened == nil {
		s.opened = openShelf{}
	}
	s.opened[district] = openSheet{out, now.Add(openFor)}
	return out, nil
}

func (s *Service) openIn(ctx context.Context, q sqldb.Querier, tree *areas.Tree, district area.Code) (OpenFigures, error) {
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
	got, err := s.read(ctx, q, tree, Live, codes)
	if err != nil {
		return OpenFigures{}, err
	}
	out := OpenFigures{Area: district, AsOf: got.asOf}
	counts := s.openCounts(got.at(district), district, got.asOf)
	values := map[area.Code][]Value{}
	for _, c := range counts {
		out.Columns = append(out.Columns, c.OpenColumn)
		root.fill(got, c)
		root.protect()
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
		out = append(out, openCount{OpenColumn{Column{"enrolled." + string(p.id), Count, named("insight.open_enrolled", "programme", Words{Label: p.label})}, named(whole)},
			func(n numbers) int64 { return n.place(p.id, "enrolled") }, base})
	}
	return out
}
