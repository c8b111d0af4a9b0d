package web

import (
	"cmp"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/svg"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/insight"
	"tepat/web/desk"
	"tepat/web/ui"
)

// dashboardRoutes are the pages that show an area in figures, and the page an office begins the day with.
func (d *Desk) dashboardRoutes() []Route {
	return append([]Route{
		{"GET /pagi", access.ReadInsight, d.morning},
		{"GET /dasbor", access.ReadInsight, d.dashboard},
		{"GET /dasbor/rekap.xlsx", access.ReadInsight, d.recapFile},
		{"GET /dasbor/{table}/data.csv", access.ReadInsight, d.figureFile},
	}, slices.Concat(d.closingRoutes(), d.boundaryRoutes(), d.areaRoutes(), d.officeRoutes())...)
}

// dashboard shows an area with the areas below it.
func (d *Desk) dashboard(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	board, err := d.board(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "web.dashboard.title", "area", board.Title)
	page.Lead = d.countedWords(p, who, board.AsOf)
	for _, at := range board.Path {
		if who.ScopeOf(access.ReadInsight).Contains(at) {
			page.Breadcrumb = append(page.Breadcrumb, ui.Link{Label: d.Places.Tree().Name(at), Href: "/dasbor?wilayah=" + at.Dotted()})
		}
	}
	if len(page.Breadcrumb) < 2 {
		page.Breadcrumb = nil
	}
	v := desk.HomeView{Groups: d.boardGroups(p, board)}
	if len(board.Children.Lines) > 0 {
		section, err := d.mapSection(r, p, who, board)
		if err != nil {
			return err
		}
		v.More = append(v.More, section)
		v.More = append(v.More, desk.Section{ID: "wilayah", Title: board.Children.Words.Say(p), Table: d.insightTable(p, board.Children, true)})
	}
	var figures []ui.Figure
	for _, t := range []insight.Table{board.Programmes, board.Deciles, board.Mismatches, board.Proposals, board.Ageing, board.Findings, board.Payments} {
		if len(t.Lines) > 0 {
			figures = append(figures, d.figure(p, who, r, t))
		}
	}
	if len(figures) > 0 {
		v.More = append(v.More, desk.Section{ID: "rincian", Title: p.Text("web.dashboard.figures"), Content: ui.FigureGrid(figures)})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.Board(page, v, boardLinks(p, who, board)))
}

// boardLinks lead on from the figures.
func boardLinks(p i18n.Printer, who access.Actor, board insight.Dashboard) []ui.Link {
	out := []ui.Link{
		{Label: p.Text("web.dashboard.recap"), Href: "/dasbor/rekap.xlsx?wilayah=" + board.Area.Dotted()}, {Label: p.Text("web.morning.page"), Href: "/pagi"},
		{Label: p.Text("web.quality.link"), Href: "/dasbor/mutu?wilayah=" + board.Area.Dotted()},
	}
	if home, _ := who.Home(); home.Level() <= area.LevelDistrict {
		out = append(out, ui.Link{Label: p.Text("web.closing.link"), Href: "/dasbor/bulan"})
	}
	if who.Can(access.Administer) {
		out = append(out, ui.Link{Label: p.Text("web.boundaries.title"), Href: "/peta/batas"}, ui.Link{Label: p.Text("arealistweb.title"), Href: "/wilayah"})
	}
	return out
}

// board reads the figures of the area asked for, which is the actor's own when none is.
func (d *Desk) board(r *http.Request, who access.Actor) (insight.Dashboard, error) {
	view, err := d.insightView(r, who)
	if err != nil {
		return insight.Dashboard{}, err
	}
	return d.Insight.Dashboard(r.Context(), who, view)
}

func (d *Desk) insightView(r *http.Request, who access.Actor) (insight.View, error) {
	q, err := httpkit.ReadQuery(r, "wilayah", "bulan", "angka")
	if err != nil {
		return insight.View{}, err
	}
	at, err := d.areaOf(q.Get("wilayah"))
	if err == nil && at == area.Nation {
		at, _ = who.Home()
	}
	return insight.View{Area: at, Period: q.Get("bulan")}, err
}

// countedWords say when figures were counted, in the time of the reader's office.
func (d *Desk) countedWords(p i18n.Printer, who access.Actor, at time.Time) string {
	if at.IsZero() {
		return p.Text("insight.never_counted")
	}
	return p.Text("insight.as_of", "at", p.Moment(at.In(d.zone(who))))
}

// boardGroups sets the figures of one matter together: who is in the registry, who receives, and what
// waits to be done.
func (d *Desk) boardGroups(p i18n.Printer, b insight.Dashboard) []desk.TileGroup {
	out := make([]desk.TileGroup, 0, 3)
	for _, g := range []struct {
		key  string
		keys []string
	}{
		{"registry", []string{"families", "persons", "matched", "not_matching", "unasked", "poor", "unranked"}},
		{"work", []string{"overdue", "repairs", "duplicates", "asleep"}},
		{"aid", nil}, // with what is told of every programme
	} {
		tiles := d.boardTiles(p, b.Figures, func(key string) bool {
			return slices.Contains(g.keys, key) || g.keys == nil && (strings.HasPrefix(key, "place.") || slices.Contains([]string{"recipients", "non_recipients", "helped_families"}, key))
		})
		if len(tiles) > 0 {
			out = append(out, desk.TileGroup{Title: p.Text("web.dashboard.group." + g.key), Tiles: tiles})
		}
	}
	return out
}

func (d *Desk) boardTiles(p i18n.Printer, figures []insight.Figure, which func(key string) bool) []ui.Tile {
	var out []ui.Tile
	for _, f := range figures {
		if !which(f.Key) {
			continue
		}
		tile := ui.Tile{Label: f.Words.Say(p), Value: valueWords(p, f.Kind, f.Value, d)}
		if _, ok := f.Value.Part(); ok {
			tile.Value = p.Number(f.Value.N)
			tile.Share = p.Text("web.dashboard.share", "share", p.Share(f.Value.N, f.Value.Of), "of", f.Value.Of)
		}
		out = append(out, tile)
	}
	return out
}

func valueWords(p i18n.Printer, kind insight.Kind, v insight.Value, d *Desk) string {
	switch {
	case v.None:
		return "–"
	case kind == insight.Rupiah:
		return p.RupiahShort(v.N)
	case kind == insight.Share:
		return p.Share(v.N, v.Of)
	case kind == insight.Moment:
		return momentWords(p, v.N, d)
	default:
		return p.Number(v.N)
	}
}

// insightTable shows a table of figures; the lines of areas lead down.
func (d *Desk) insightTable(p i18n.Printer, t insight.Table, down bool) *ui.Table {
	out := &ui.Table{Caption: t.Words.Say(p), Plain: len(t.Columns) < 3, Columns: []ui.Column{{Label: p.Text("web.area"), Title: true}}}
	if !down {
		out.Columns[0].Label = p.Text("web.dashboard.part")
	}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, ui.Column{Label: c.Words.Say(p), Numeric: true})
	}
	row := func(l insight.Line) []ui.Cell {
		cells := []ui.Cell{{Text: l.Words.Say(p)}}
		if down && l.Code != area.Nation {
			cells[0].Href = "/dasbor?wilayah=" + l.Code.Dotted()
		}
		for i, v := range l.Values {
			cells = append(cells, ui.Cell{Text: valueWords(p, t.Columns[i].Kind, v, d)})
		}
		return cells
	}
	for _, l := range t.Lines {
		out.Rows = append(out.Rows, ui.Row{ID: l.Key + l.Code.Dotted(), Label: l.Words.Say(p), Cells: row(l)})
	}
	if len(t.Total.Values) == len(t.Columns) && len(t.Columns) > 0 {
		out.Foot = row(t.Total)
		out.Foot[0] = ui.Cell{Text: p.Text("insight.total")}
	}
	return out
}

// figure shows a table with its picture and its file.
func (d *Desk) figure(p i18n.Printer, who access.Actor, r *http.Request, t insight.Table) ui.Figure {
	var data []svg.Datum
	for _, l := range t.Lines {
		if len(l.Values) > 0 {
			v := l.Values[0]
			data = append(data, svg.Datum{Name: l.Words.Say(p), Value: float64(v.N), Text: p.Number(v.N), None: v.None})
		}
	}
	title := t.Words.Say(p)
	out := ui.Figure{ID: "figure-" + t.Key, Title: title, Table: d.insightTable(p, t, false), CSV: "/dasbor/" + t.Key + "/data.csv?" + r.URL.RawQuery,
		SVG: svg.Bars(svg.Figure{ID: t.Key, Title: title, NoData: p.Text("web.dashboard.no_data")}, data, svg.Datum{}), Definition: ui.Definition{AsOf: d.countedWords(p, who, t.AsOf)}}
	if whole := t.Total.Values; len(whole) > 0 && !whole[0].None {
		out.Definition.Denominator = p.Text("web.dashboard.whole", "of", whole[0].N)
	}
	return out
}

// figureFile gives the data of one figure.
func (d *Desk) figureFile(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	board, err := d.board(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	for _, t := range []insight.Table{board.Children, board.Programmes, board.Deciles, board.Mismatches, board.Proposals, board.Ageing, board.Findings, board.Payments} {
		if t.Key == r.PathValue("table") {
			return d.writeCSV(w, p, t)
		}
	}
	return errNotFound
}

func (d *Desk) writeCSV(w http.ResponseWriter, p i18n.Printer, t insight.Table) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+t.Key+`.csv"`)
	file := tabular.NewCSVWriter(w, tabular.CSVOptions{Mark: true, Separator: ';'})
	if err := t.Write(file, p); err != nil {
		return err
	}
	return file.Close()
}

// recapFile is the monthly recap: village by programme by status.
func (d *Desk) recapFile(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	view, err := d.insightView(r, who)
	if err != nil {
		return err
	}
	kind := "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	return d.sendFile(w, "rekap-"+cmp.Or(view.Area.Dotted(), "nasional")+".xlsx", kind, func(out io.Writer) error {
		file := tabular.NewXLSXWriter(out)
		if _, err := d.Insight.WriteRecap(r.Context(), who, view, file, i18n.Of(r)); err != nil {
			return err
		}
		return file.Close()
	})
}
