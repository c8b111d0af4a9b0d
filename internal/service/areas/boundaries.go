package areas

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/svg"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
)

// BoundaryImport is a file of boundaries with where it comes from.
type BoundaryImport struct {
	// File is a GeoJSON FeatureCollection in degrees (RFC 7946): one polygon or several a feature,
	// with the Kemendagri code as a property.
	File io.Reader
	// Source names the publisher and the licence; it stands below every map.
	Source string
	AsOf   period.Date // state of the boundaries, at least the year
}

// BoundaryRefusal is a feature that was not used.
type BoundaryRefusal struct {
	Feature int // from 1, in the order of the file
	Code    area.Code
	Err     error
}

// BoundaryReport is what an import did.
type BoundaryReport struct {
	ByLevel map[area.Level]int // areas kept
	Kept    int
	Points  int // of the file, in kept areas
	Bytes   int // stored
	// Refused are the first features that were not used, refusalsShown at most; Unused counts all.
	Refused []BoundaryRefusal
	Unused  int
}

const refusalsShown = 50

// outlines collects the areas of a file before they are stored.
type outlines struct {
	tree   *Tree
	scope  access.Scope
	rings  map[area.Code][][]svg.Point
	report BoundaryReport
}

// ImportBoundaries keeps the outlines of areas for maps, simplified to what a screen shows; those kept
// before are replaced. A feature that cannot be used is told in the report, and the rest is kept.
// Errors: access.denied, boundaries.source, boundaries.as_of, boundaries.not_geojson, boundaries.empty,
// boundaries.too_many, boundaries.none when no feature can be used.
func (s *Service) ImportBoundaries(ctx context.Context, who access.Actor, in BoundaryImport) (BoundaryReport, error) {
	scope := who.ScopeOf(access.Administer)
	home, _ := who.Home()
	if err := who.Allow(access.Administer, s.TenantOf(home), home); err != nil {
		return BoundaryReport{}, err
	}
	switch {
	case strings.TrimSpace(in.Source) == "":
		return BoundaryReport{}, fail.Invalid("boundaries.source").On("source")
	case in.AsOf.IsZero():
		return BoundaryReport{}, fail.Invalid("boundaries.as_of").On("as_of")
	}
	o := outlines{tree: s.Tree(), scope: scope, rings: map[area.Code][][]svg.Point{}, report: BoundaryReport{ByLevel: map[area.Level]int{}}}
	if err := readGeoJSON(in.File, o.take); err != nil {
		return o.report, fmt.Errorf("read boundaries: %w", err)
	}
	if len(o.rings) == 0 {
		return o.report, fail.Invalid("boundaries.none", "features", o.report.Unused).On("file")
	}
	codes, texts := o.fit()
	err := s.acts.Write(ctx, who, "area.boundaries", func(tx *act.Tx) error {
		if err := tx.Allow(access.Administer, s.TenantOf(home), home); err != nil {
			return err
		}
		if err := putBoundaries(ctx, tx, codes, texts, in); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: s.RecordTenant(home), Area: home, Facts: map[string]any{"kept": len(codes), "refused": o.report.Unused, "as_of": in.AsOf.Text()}})
	})
	if err != nil {
		return o.report, fmt.Errorf("keep boundaries: %w", err)
	}
	return o.report, nil
}

// take adds one feature, or its reason for being left out. Several features of one area are its parts.
func (o *outlines) take(f geoFeature) error {
	code, err := f.code, f.err
	if err == nil {
		if code, err = o.tree.Resolve(f.code, period.Date{}); err == nil && !o.scope.Contains(code) {
			err = fail.Forbidden("boundaries.not_yours")
		}
	}
	if err != nil {
		o.report.Unused++
		if len(o.report.Refused) < refusalsShown {
			o.report.Refused = append(o.report.Refused, BoundaryRefusal{Feature: f.number, Code: f.code, Err: err})
		}
		return nil
	}
	o.rings[code] = append(o.rings[code], f.rings...)
	o.report.Points += countPoints(f.rings)
	return nil
}

// fit simplifies the areas, those of one parent together, because they are drawn together.
func (o *outlines) fit() (codes []area.Code, texts []string) {
	codes = slices.SortedFunc(maps.Keys(o.rings), func(a, b area.Code) int {
		return cmp.Or(cmp.Compare(a.Level(), b.Level()), cmp.Compare(a, b))
	})
	for from := 0; from < len(codes); {
		to := from + 1
		for to < len(codes) && codes[to].Level() == codes[from].Level() && codes[to].Parent() == codes[from].Parent() {
			to++
		}
		shapes := make([][][]svg.Point, 0, to-from)
		for _, code := range codes[from:to] {
			shapes = append(shapes, o.rings[code])
		}
		texts = append(texts, fitted(shapes, outlineBudget)...)
		from = to
	}
	for i, code := range codes {
		o.report.ByLevel[code.Level()]++
		o.report.Kept++
		o.report.Bytes += len(texts[i])
	}
	return codes, texts
}

// Outlines are what a map of the areas right below one is drawn from.
type Outlines struct {
	Of     map[area.Code][][]svg.Point
	Source string // of the outlines; of several imports the newest
	AsOf   string
}

// Outlines gives the outlines of the areas right below one. An area without one of its own is drawn by
// those of its parts. Of is empty where nothing was imported.
func (s *Service) Outlines(ctx context.Context, at area.Code) (Outlines, error) {
	tree := s.Tree()
	out := Outlines{Of: map[area.Code][][]svg.Point{}}
	var children []area.Code
	for p := range tree.Children(at) {
		children = append(children, p.Code)
	}
	own := func(code area.Code) area.Code { return code }
	if err := readBoundaries(ctx, s.acts.DB().Direct(), children, own, &out); err != nil {
		return out, err
	}
	var parts []area.Code
	for _, child := range children {
		if _, ok := out.Of[child]; !ok {
			for p := range tree.Children(child) {
				parts = append(parts, p.Code)
			}
		}
	}
	return out, readBoundaries(ctx, s.acts.DB().Direct(), parts, area.Code.Parent, &out)
}

// BoundaryState is what has been imported of one level.
type BoundaryState struct {
	Level  area.Level
	Areas  int64
	Source string
	AsOf   string
}

// Boundaries tells what has been imported, the widest level first.
func (s *Service) Boundaries(ctx context.Context) ([]BoundaryState, error) {
	return boundaryStates(ctx, s.acts.DB().Direct())
}

func putBoundaries(ctx context.Context, tx *act.Tx, codes []area.Code, texts []string, in BoundaryImport) error {
	_, err := tx.Bulk(ctx, sqldb.Insert{
		Table: "area_boundary", Columns: []string{"code", "rings", "source", "as_of", "recorded_at", "act_id"},
		OnConflict: `(code) DO UPDATE SET rings = excluded.rings, source = excluded.source, as_of = excluded.as_of,
			recorded_at = excluded.recorded_at, act_id = excluded.act_id`,
	}, len(codes), func(i int, v []any) {
		v[0], v[1], v[2], v[3], v[4], v[5] = int64(codes[i]), texts[i], strings.TrimSpace(in.Source), in.AsOf.Text(), tx.Now.UnixMicro(), tx.Act
	})
	return err
}

// readBoundaries reads outlines and adds each to the area it is drawn for.
func readBoundaries(ctx context.Context, q sqldb.Querier, codes []area.Code, drawnFor func(area.Code) area.Code, out *Outlines) error {
	for some := range slices.Chunk(codes, 500) {
		a := sqldb.NewArgs(q)
		numbers := make([]int64, len(some))
		for i, code := range some {
			numbers[i] = int64(code)
		}
		query := `SELECT code, rings, source, as_of FROM area_boundary WHERE code IN ` + sqldb.In(a, numbers) + ` ORDER BY recorded_at, code`
		err := sqldb.Each(ctx, q, query, a.Values, func(r sqldb.Row) error {
			var code int64
			var rings string
			if err := r.Scan(&code, &rings, &out.Source, &out.AsOf); err != nil {
				return err
			}
			to := drawnFor(area.Code(code))
			out.Of[to] = append(out.Of[to], decode(rings)...)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read boundaries: %w", err)
		}
	}
	return nil
}

// boundaryStates counts by level, which the zeros at the end of a code tell.
func boundaryStates(ctx context.Context, q sqldb.Querier) ([]BoundaryState, error) {
	byLevel := map[area.Level]BoundaryState{}
	err := sqldb.Each(ctx, q, `SELECT code, source, as_of FROM area_boundary ORDER BY recorded_at, code`, nil, func(r sqldb.Row) error {
		var code int64
		var s BoundaryState
		if err := r.Scan(&code, &s.Source, &s.AsOf); err != nil {
			return err
		}
		s.Level = area.Code(code).Level()
		s.Areas = byLevel[s.Level].Areas + 1
		byLevel[s.Level] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count boundaries: %w", err)
	}
	return slices.SortedFunc(maps.Values(byLevel), func(a, b BoundaryState) int { return cmp.Compare(a.Level, b.Level) }), nil
}
