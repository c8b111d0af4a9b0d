package public

import (
	"context"
	"math"

	"github.com/a-h/templ"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/svg"
	view "tepat/web/public"
	"tepat/web/ui"
)

// figuresMap draws one column of the areas below one: on their outlines where they were imported, else the provinces of the nation
// as tiles and any others as bars. What is not shown
// in the table is not shown here.
func (s *Site) figuresMap(ctx context.Context, p i18n.Printer, f Figures, at area.Code, lines []FigureLine, key string) (view.Part, error) {
	column := -1
	for i, c := range f.Columns {
		if c.Key == key {
			column = i
		}
	}
	if column < 0 {
		return view.Part{}, fail.NotFound("request.not_found")
	}
	outlines, err := s.Open.Outlines(ctx, at)
	if err != nil {
		return view.Part{}, err
	}
	var values []int64
	var shapes []svg.Shape
	data := make([]svg.Datum, len(lines))
	for i, l := range lines {
		v := l.Values[column]
		data[i] = svg.Datum{Code: l.Code.Dotted(), Name: l.Name, Value: float64(v.N), Text: p.Number(v.N), None: v.None || v.Hidden}
		if !data[i].None {
			values = append(values, v.N)
		}
		if rings := outlines.Of[l.Code]; len(rings) > 0 {
			shapes = append(shapes, svg.Shape{Datum: data[i], Rings: rings})
		}
	}
	name := f.Columns[column].Name
	title := p.Text("public.data.map_of", "figure", name, "place", f.place(at))
	fig := svg.Figure{ID: "peta", Title: title, Desc: p.Text("public.data.map_desc", "count", len(data)), NoData: p.Text("public.data.not_shown")}
	if wide(at) {
		fig.NoData = p.Text("public.data.no_sum")
	}
	drawn := ui.Figure{ID: "figure-peta", Title: title, Definition: ui.Definition{AsOf: p.Moment(s.moment(f.AsOf)), Denominator: f.Columns[column].Of}}
	scale := svg.Scale{Breaks: s.Open.Breaks(values), Format: func(v float64) string { return p.Number(int64(math.Round(v))) }}
	if len(shapes) > 0 {
		drawn.SVG = svg.Choropleth(fig, shapes, scale)
		drawn.Definition.Note = p.Text("public.data.boundaries", "source", outlines.Source, "date", p.DateText(outlines.AsOf))
	}
	switch {
	case drawn.SVG != "":
	case at == area.Nation:
		drawn.SVG = svg.TileMap(fig, data, scale)
	default:
		drawn.SVG = svg.Bars(fig, data, svg.Datum{})
	}
	return view.Part{ID: "gambar", Title: p.Text("public.data.map"), Content: templ.Join(ui.Tabs(p.Text("public.data.map"), s.mapTabs(p, f, at, key)), ui.FigureBlock(drawn))}, nil
}

// place names an area of the figures.
func (f Figures) place(at area.Code) string {
	for _, l := range f.Lines {
		if l.Code == at {
			return l.Name
		}
	}
	return at.Dotted()
}

// mapTabs are the columns a map can show.
func (s *Site) mapTabs(p i18n.Printer, f Figures, at area.Code, chosen string) (out []ui.Tab) {
	for _, c := range f.Columns {
		out = append(out, ui.Tab{Label: c.Name, Href: s.figuresHref(p, at, f.Month, c.Key), Current: c.Key == chosen})
	}
	return out
}

// mapLinks lead from the table to its map.
func (s *Site) mapLinks(p i18n.Printer, f Figures, at area.Code) []ui.Link {
	if len(f.Columns) == 0 {
		return nil
	}
	return []ui.Link{{Label: p.Text("public.data.to_map"), Href: s.figuresHref(p, at, f.Month, f.Columns[0].Key)}}
}

// monthLinks lead to the other months: to each of the year that is shown, and to the latest of every other year.
func (s *Site) monthLinks(p i18n.Printer, f Figures, at area.Code) (out []ui.Link) {
	seen := map[int]bool{f.Month.Year(): true}
	for _, m := range f.Months {
		if m == f.Month || m.Year() != f.Month.Year() && seen[m.Year()] {
			continue
		}
		seen[m.Year()] = true
		out = append(out, ui.Link{Label: monthWords(p, m), Href: s.figuresHref(p, at, m, "")})
	}
	return out
}

// dashed puts a dash before a part of a file's name, where there is one.
func dashed(part string) string {
	if part == "" {
		return ""
	}
	return "-" + part
}
