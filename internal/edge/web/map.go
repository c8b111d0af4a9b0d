package web

import (
	"net/http"

	"github.com/a-h/templ"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/svg"
	"tepat/internal/service/areas"
	"tepat/internal/service/insight"
	"tepat/web/desk"
	"tepat/web/ui"
)

// firstMapped is the figure a map shows when none is asked for.
const firstMapped = "matched"

// besideMost is how many rows of a table still stand beside its map.
const besideMost = 16

// mapSection shows one figure of the areas below: as outlines where they were imported, as tiles for
// the nation's provinces, else as bars with the way to a map. The table beside it holds every value.
func (d *Desk) mapSection(r *http.Request, p i18n.Printer, who access.Actor, board insight.Dashboard) (desk.Section, error) {
	key := r.URL.Query().Get("angka")
	if key == "" {
		key = firstMapped
	}
	m, err := d.Insight.Map(r.Context(), who, insight.View{Area: board.Area, Period: board.Period}, key)
	if err != nil {
		return desk.Section{}, err
	}
	outlines, err := d.Places.Outlines(r.Context(), board.Area)
	if err != nil {
		return desk.Section{}, err
	}
	words := m.Column.Words.Say(p)
	fig := ui.Figure{ID: "figure-map", Title: p.Text("web.map.figure", "figure", words, "area", board.Title), Definition: ui.Definition{
		AsOf: d.countedWords(p, who, board.AsOf), Denominator: p.Text("web.map.of." + key),
	}}
	fig.SVG = d.mapPicture(p, m, fig.Title, outlines)
	if outlines.Source != "" {
		fig.Definition.Note = p.Text("web.map.boundaries", "source", outlines.Source, "date", p.DateText(outlines.AsOf))
	}
	out := desk.Section{ID: "peta", Title: p.Text("web.map.title")}
	parts := []templ.Component{ui.Tabs(p.Text("web.map.tabs"), mapTabs(r, p, key))}
	if table := d.mapTable(r, p, m); len(table.Rows) > besideMost { // the table would be many times as high as the map
		fig.Table = &table
		parts = append(parts, ui.FigureBlock(fig))
	} else {
		parts = append(parts, ui.FigureBeside(fig, table))
	}
	switch {
	case len(outlines.Of) > 0 || board.Area == area.Nation:
	case who.Can(access.Administer):
		parts = append(parts, ui.NoticeBox(ui.Notice{Tone: ui.Info, Title: p.Text("web.map.none"), Text: p.Text("web.map.none_admin"), Link: &ui.Link{Label: p.Text("web.boundaries.title"), Href: "/peta/batas"}}))
	default:
		out.Text = p.Text("web.map.none_other")
	}
	out.Content = templ.Join(parts...)
	return out, nil
}

// mapPicture draws the figure with what there is to draw it on.
func (d *Desk) mapPicture(p i18n.Printer, m insight.Map, title string, outlines areas.Outlines) string {
	data := m.Data(p)
	fig := svg.Figure{ID: "map", Title: title, Desc: p.Text("web.map.desc", "count", len(data)), NoData: p.Text("web.dashboard.no_data")}
	if len(outlines.Of) > 0 {
		shapes := make([]svg.Shape, 0, len(data))
		for i, line := range m.Table.Lines {
			if rings := outlines.Of[line.Code]; len(rings) > 0 {
				shapes = append(shapes, svg.Shape{Datum: data[i], Rings: rings})
			}
		}
		if picture := svg.Choropleth(fig, shapes, m.Scale(p)); picture != "" {
			return picture
		}
	}
	if m.Table.Area == area.Nation {
		return svg.TileMap(fig, data, m.Scale(p))
	}
	return svg.Bars(fig, data, svg.Datum{})
}

// mapTabs are the figures a map can show.
func mapTabs(r *http.Request, p i18n.Printer, chosen string) (out []ui.Tab) {
	for _, key := range insight.MapKeys() {
		out = append(out, ui.Tab{Label: p.Text("web.map.tab." + key), Href: with(r, "angka", key) + "#peta", Current: key == chosen})
	}
	return out
}

// mapTable is the figure area by area, with the way down.
func (d *Desk) mapTable(r *http.Request, p i18n.Printer, m insight.Map) ui.Table {
	words := m.Column.Words.Say(p)
	t := ui.Table{Caption: p.Text("web.map.table", "figure", words), Plain: true, Columns: []ui.Column{{Label: p.Text("web.area"), Title: true}, {Label: words, Numeric: true}}}
	values := m.Table.Column(m.Column.Key)
	for i, line := range m.Table.Lines {
		name := ui.Cell{Text: line.Words.Say(p), Href: with(r, "wilayah", line.Code.Dotted())}
		value := ui.Cell{Text: valueWords(p, m.Column.Kind, values[i], d)}
		if m.Column.Kind == insight.Share && !values[i].None {
			value.Sub = p.Text("web.map.part", "n", values[i].N, "of", values[i].Of)
		}
		t.Rows = append(t.Rows, ui.Row{ID: "peta-" + line.Code.Dotted(), Label: line.Words.Say(p), Cells: []ui.Cell{name, value}})
	}
	return t
}
