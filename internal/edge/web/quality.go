package web

import (
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
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
	if page.Lead, err = d.suggestedWords(r, p, who, q.Area, d.countedWords(p, who, q.AsOf)); err != nil {
		return err
	}
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
			leadToLists(one.Table, t, who, q.Area)
			figures = append(figures, one)
		}
	}
	index, err := d.indexNotice(r, p)
	if err != nil {
		return err
	}
	v.Notices = append(v.Notices, index...)
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

// leadToLists has a figure lead to the list it counts: the whole to the queue of the area, a cause to the queue of that cause.
// Ages, kinds of names and beliefs have no list of their own.
func leadToLists(t *ui.Table, of insight.Table, who access.Actor, at area.Code) {
	list, need := "/padan", access.ReadRegistry
	if of.Key == "pairs" || of.Key == "clusters" {
		list, need = "/ganda", access.ReviewDuplicate
	}
	if !who.Can(need) || len(t.Foot) == 0 {
		return
	}
	list += "?wilayah=" + at.Dotted()
	t.Foot[0].Href = list
	for i, l := range of.Lines {
		if cause, is := strings.CutPrefix(l.Key, "cause."); is && cause != "none" {
			t.Rows[i].Cells[0].Href = list + "&sebab=" + url.QueryEscape(cause)
		}
	}
}

// indexNotice says how the list to compare with for persons alike stands, where it does not stand as it should.
func (d *Desk) indexNotice(r *http.Request, p i18n.Printer) ([]ui.Notice, error) {
	if d.Identity == nil {
		return nil, nil
	}
	s, err := d.Identity.Standing(r.Context())
	if err != nil || s.Ready && s.Missing == 0 && s.Unasked == 0 && s.Building == "" {
		return nil, err
	}
	n := ui.Notice{Tone: ui.Info, Title: p.Text("web.quality.index_none")}
	if s.Ready {
		n.Title = p.Text("web.quality.index", "persons", s.Persons, "built", p.Moment(s.Built))
	}
	var words []string
	if s.Missing > 0 {
		words = append(words, p.Text("web.quality.index_missing", "count", s.Missing))
	}
	if s.Unasked > 0 {
		words = append(words, p.Text("web.quality.index_unasked", "count", s.Unasked))
	}
	if s.Building != "" {
		words = append(words, p.Text("web.quality.index_"+string(s.Building), "done", s.Done, "of", s.Of))
	}
	if len(words) == 0 {
		words = append(words, p.Text("web.quality.index_soon"))
	}
	n.Text = strings.Join(words, " ")
	return []ui.Notice{n}, nil
}

// unaskedNotice tells in the queue of pairs that more may come of people written by the thousand at once.
func (d *Desk) unaskedNotice(r *http.Request, p i18n.Printer) ([]ui.Notice, error) {
	if d.Identity == nil {
		return nil, nil
	}
	n, err := d.Identity.Unasked(r.Context())
	if err != nil || n == 0 {
		return nil, err
	}
	return []ui.Notice{{Tone: ui.Info, Title: p.Text("web.quality.unasked", "count", n), Text: p.Text("web.quality.unasked_text")}}, nil
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
