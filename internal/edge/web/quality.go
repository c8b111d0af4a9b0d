package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/svg"
	"tepat/internal/service/insight"
	"tepat/web/desk"
	"tepat/web/ui"
)

// qualityRoutes are the pages about the quality of the records.
func (d *Desk) qualityRoutes() []Route {
	return []Route{
		{"GET /dasbor/mutu", access.ReadInsight, d.qualityPage},
		{"GET /dasbor/mutu/{table}/data.csv", access.ReadInsight, d.qualityFile},
	}
}

// qualityPage shows how good the records of an area are, with the areas below it.
func (d *Desk) qualityPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := d.quality(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "web.quality.title", "area", q.Title)
	page.Lead = d.countedWords(p, who, q.AsOf)
	page.Breadcrumb = []ui.Link{{Label: p.Text("web.nav.dashboard"), Href: "/dasbor?wilayah=" + q.Area.Dotted()}}
	for _, at := range q.Path {
		if who.ScopeOf(access.ReadInsight).Contains(at) {
			page.Breadcrumb = append(page.Breadcrumb, ui.Link{Label: d.Places.Tree().Name(at), Href: "/dasbor/mutu?wilayah=" + at.Dotted()})
		}
	}
	var v desk.HomeView
	var figures []ui.Figure
	for _, t := range q.Tables {
		if t.Key == "quality" {
			v.More = append(v.More, desk.Section{ID: "wilayah", Title: t.Words.Say(p), Table: d.qualityTable(p, t)})
			continue
		}
		if len(t.Lines) > 0 {
			one := d.figure(p, who, r, t)
			one.CSV = "/dasbor/mutu/" + t.Key + "/data.csv?" + r.URL.RawQuery
			if key := "web.quality.note." + t.Key; p.Has(key) {
				one.Definition.Note = p.Text(key)
			}
			if t.Key == "names" && t.Total.Values[0].Of > 0 { // kinds of names are compared by their shares
				one.SVG = svg.Bars(svg.Figure{ID: t.Key, Title: one.Title, NoData: p.Text("web.dashboard.no_data")}, t.Data("wrong", p), svg.Datum{})
				one.Definition.Denominator = p.Text("web.dashboard.whole", "of", t.Total.Values[0].Of)
			}
			figures = append(figures, one)
		}
	}
	groups, err := d.groupTable(r, p, who, q.Area)
	if err != nil {
		return err
	}
	if groups != nil {
		v.More = append(v.More, *groups)
	}
	if len(figures) > 0 {
		v.More = append(v.More, desk.Section{ID: "rincian", Title: p.Text("web.dashboard.figures"), Content: ui.FigureGrid(figures)})
	}
	links := []ui.Link{{Label: p.Text("web.nav.mismatches"), Href: "/padan?wilayah=" + q.Area.Dotted()}}
	if !who.Can(access.ReadRegistry) {
		links = nil
	}
	if len(q.Tables) > 0 && q.Tables[0].Key == "quality" {
		links = append(links, ui.Link{Label: p.Text("web.quality.file"), Href: "/dasbor/mutu/quality/data.csv?" + r.URL.RawQuery})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.Board(page, v, links))
}

// qualityTable is a table of figures whose lines lead down to their own page of quality.
func (d *Desk) qualityTable(p i18n.Printer, t insight.Table) *ui.Table {
	out := d.insightTable(p, t, true)
	for i, l := range t.Lines {
		out.Rows[i].Cells[0].Href = "/dasbor/mutu?wilayah=" + l.Code.Dotted()
	}
	return out
}

func (d *Desk) quality(r *http.Request, who access.Actor) (insight.Quality, error) {
	view, err := d.insightView(r, who)
	if err != nil {
		return insight.Quality{}, err
	}
	return d.Insight.Quality(r.Context(), who, view)
}

// qualityFile gives the data of one figure.
func (d *Desk) qualityFile(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := d.quality(r, who)
	if err != nil {
		return err
	}
	for _, t := range q.Tables {
		if t.Key == r.PathValue("table") {
			return d.writeCSV(w, i18n.Of(r), t)
		}
	}
	return errNotFound
}
