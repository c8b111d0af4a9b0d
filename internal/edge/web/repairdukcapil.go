package web

import (
	"net/http"
	"net/url"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/suggestions"
	"tepat/web/desk"
	"tepat/web/ui"
)

// fewOfCause is how many persons of one cause the page shows at once; the others stand on pages of their own.
const fewOfCause = 25

// dukcapilPage lists what only the population office can mend: by cause, with what to ask of it, and all of a cause page by
// page. Without an area chosen it is of the reader's own.
func (d *Desk) dukcapilPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "wilayah", "sebab", "sesudah", "baris")
	if err != nil {
		return err
	}
	if q.Get("sebab") != "" {
		return d.dukcapilCause(w, r, who)
	}
	return d.showDukcapil(w, r, who, http.StatusOK, q.Get("wilayah"), nil)
}

func (d *Desk) showDukcapil(w http.ResponseWriter, r *http.Request, who access.Actor, status int, place string, problems []ui.FieldError) error {
	p := i18n.Of(r)
	at, err := d.areaOf(place)
	if err != nil {
		return err
	}
	counts, err := d.Suggestions.CountDukcapil(r.Context(), who, at)
	if err != nil {
		return err
	}
	page := d.dukcapilHead(r, p, who, at)
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems}
	for i, cause := range suggestions.DukcapilCauses() {
		if counts[cause] == 0 {
			continue
		}
		list, err := d.Suggestions.Queue(r.Context(), who, suggestions.Filter{Area: at, Cause: cause, ByArea: true, Limit: fewOfCause})
		if err != nil {
			return err
		}
		v.Sections = append(v.Sections, d.dukcapilSection(p, i, cause, list, counts[cause]))
		if all := counts[cause]; all > int64(len(list)) {
			v.Links = append(v.Links, ui.Link{Label: p.Text("mismatchesweb.dukcapil.all", "count", all, "cause", causeWords(p, cause)), Href: dukcapilPath(cause, place)})
		}
	}
	if len(v.Sections) == 0 {
		v.Notices = []ui.Notice{{Tone: ui.Good, Title: p.Text("mismatchesweb.dukcapil.none"), Text: p.Text("mismatchesweb.dukcapil.none_text")}}
	} else {
		form := d.dukcapilForm(p, r, who, place, problems)
		v.Forms = append(v.Forms, form)
		v.Links = slices.Insert(v.Links, 0, ui.Link{Label: form.Title, Href: "#" + form.ID}) // below a list that is long on a phone
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// dukcapilHead is the head of the pages of the list.
func (d *Desk) dukcapilHead(r *http.Request, p i18n.Printer, who access.Actor, at area.Code) ui.Page {
	page := d.page(r, who, "mismatchesweb.dukcapil.title", "place", d.Places.Tree().Title(placeOf(who, at)))
	page.Lead = p.Text("mismatchesweb.dukcapil.lead")
	page.Breadcrumb = []ui.Link{{Label: p.Text("web.mismatches.title"), Href: "/padan"}, {Label: page.Title}}
	return page
}

func (d *Desk) dukcapilSection(p i18n.Printer, i int, cause suggestions.Cause, list []suggestions.Line, all int64) desk.Section {
	t := d.dukcapilTable(p, cause, list)
	s := desk.Section{ID: "sebab-" + itoa(int64(i+1)), Title: p.Text("mismatchesweb.dukcapil.section", "cause", causeWords(p, cause), "count", all), Text: p.Text("mismatchesweb.dukcapil.ask." + string(cause)), Table: &t}
	if n := len(list); all > int64(n) {
		s.Text += " " + p.Text("mismatchesweb.dukcapil.first", "count", n)
	}
	return s
}

// dukcapilPath is the address of all of one cause.
func dukcapilPath(cause suggestions.Cause, place string) string {
	q := url.Values{"sebab": {string(cause)}}
	if place != "" {
		q.Set("wilayah", place)
	}
	return "/padan/dukcapil?" + q.Encode()
}

func (d *Desk) dukcapilTable(p i18n.Printer, cause suggestions.Cause, list []suggestions.Line) ui.Table {
	t := ui.Table{Caption: causeWords(p, cause), Columns: []ui.Column{{Label: p.Text("web.name"), Title: true}, {Label: p.Text("web.nik")}, {Label: p.Text("web.family")}, {Label: p.Text("web.village")}},
		Empty: &ui.Empty{Title: p.Text("mismatchesweb.dukcapil.none"), Text: p.Text("mismatchesweb.dukcapil.none_text")}}
	for _, m := range list {
		t.Rows = append(t.Rows, ui.Row{ID: rowID(m.Tenant, m.PersonID), Label: m.Name, Cells: []ui.Cell{
			{Text: m.Name, Href: "/padan/" + rowID(m.Tenant, m.PersonID)}, {Text: listedNIK(p, m, false)}, {Text: m.HeadName}, {Text: d.Places.Tree().Name(m.Area)},
		}})
	}
	return t
}

// listedNIK is the NIK of a line as the list says it.
func listedNIK(p i18n.Printer, m suggestions.Line, full bool) string {
	switch {
	case m.RawNIK != "":
		return p.Text("web.nik_unusable")
	case full:
		return dash(m.NIK.Plain())
	}
	return dash(m.NIK.String())
}

// dukcapilCause lists everybody of one cause, page by page.
func (d *Desk) dukcapilCause(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p, q := i18n.Of(r), r.URL.Query()
	cause, err := suggestions.ParseCause(q.Get("sebab"))
	if err == nil && !slices.Contains(suggestions.DukcapilCauses(), cause) {
		err = fail.Invalid("suggestions.cause").On("sebab")
	}
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	f := suggestions.Filter{Cause: cause, ByArea: true, Limit: rows + 1}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	if after := q.Get("sesudah"); after != "" {
		tenant, id, err := parseRow(after)
		if err != nil {
			return err
		}
		last, err := d.Registry.PersonAnchor(r.Context(), who, tenant, id)
		if err != nil {
			return err
		}
		f.After = suggestions.Anchor{Person: last.ID, Area: last.Area}
	}
	list, err := d.Suggestions.Queue(r.Context(), who, f)
	if err != nil {
		return err
	}
	page := d.dukcapilHead(r, p, who, f.Area)
	page.Breadcrumb = append(page.Breadcrumb[:1], ui.Link{Label: page.Title, Href: "/padan/dukcapil?wilayah=" + q.Get("wilayah")}, ui.Link{Label: causeWords(p, cause)})
	page.Title = causeWords(p, cause)
	page.Lead = p.Text("mismatchesweb.dukcapil.ask." + string(cause))
	list, next := paged(r, list, rows, func(last suggestions.Line) string { return rowID(last.Tenant, last.PersonID) })
	v := desk.ListView{Table: d.dukcapilTable(p, cause, list)}
	v.Pager, err = d.pager(r, p, len(list), next, func() (int64, error) {
		counts, err := d.Suggestions.CountDukcapil(r.Context(), who, f.Area)
		return counts[cause], err
	})
	if err != nil {
		return err
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}
