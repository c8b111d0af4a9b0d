package web

import (
	"net/http"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/suggestions"
	"tepat/web/desk"
	"tepat/web/ui"
)

// dukcapilCauses are what only the population office can mend, in the order of the list.
func dukcapilCauses() []suggestions.Cause {
	return []suggestions.Cause{suggestions.Unknown, suggestions.Anomaly, suggestions.Double, suggestions.Unrecorded, suggestions.IsDead}
}

// mostOfCause is how many persons of one cause the list holds: a village has fewer.
const mostOfCause = 200

// dukcapilPage lists, for paper, what only the population office can mend: by cause, with what to ask of it. Without an
// area chosen it is of the reader's own.
func (d *Desk) dukcapilPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "wilayah")
	if err != nil {
		return err
	}
	at, err := d.areaOf(q.Get("wilayah"))
	if err != nil {
		return err
	}
	shown := at
	if shown == area.Nation {
		shown, _ = who.Home()
	}
	page := d.page(r, who, "mismatchesweb.dukcapil.title", "place", d.Places.Tree().Title(shown))
	page.Lead = p.Text("mismatchesweb.dukcapil.lead")
	page.Breadcrumb = []ui.Link{{Label: p.Text("web.mismatches.title"), Href: "/padan"}, {Label: page.Title}}
	v := desk.RecordView{}
	for _, cause := range dukcapilCauses() {
		list, err := d.Suggestions.Queue(r.Context(), who, suggestions.Filter{Area: at, Cause: cause, ByArea: true, Limit: mostOfCause})
		if err != nil {
			return err
		}
		if len(list) > 0 {
			v.Sections = append(v.Sections, d.dukcapilSection(p, cause, list))
		}
	}
	if len(v.Sections) == 0 {
		v.Notices = []ui.Notice{{Tone: ui.Good, Title: p.Text("mismatchesweb.dukcapil.none"), Text: p.Text("mismatchesweb.dukcapil.none_text")}}
	}
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}

func (d *Desk) dukcapilSection(p i18n.Printer, cause suggestions.Cause, list []suggestions.Line) desk.Section {
	t := &ui.Table{Caption: causeWords(p, cause), Columns: []ui.Column{{Label: p.Text("web.name"), Title: true}, {Label: p.Text("web.nik")}, {Label: p.Text("web.family")}, {Label: p.Text("web.village")}}}
	for _, m := range list {
		number := dash(m.NIK.String())
		if m.RawNIK != "" {
			number = p.Text("web.nik_unusable")
		}
		t.Rows = append(t.Rows, ui.Row{ID: rowID(m.Tenant, m.PersonID), Label: m.Name, Cells: []ui.Cell{
			{Text: m.Name, Href: "/padan/" + rowID(m.Tenant, m.PersonID)}, {Text: number}, {Text: m.HeadName}, {Text: d.Places.Tree().Name(m.Area)},
		}})
	}
	text := p.Text("mismatchesweb.dukcapil.ask." + string(cause))
	if len(list) == mostOfCause {
		text += " " + p.Text("mismatchesweb.dukcapil.cut", "count", mostOfCause)
	}
	at := slices.Index(dukcapilCauses(), cause)
	return desk.Section{ID: "sebab-" + itoa(int64(at+1)), Title: p.Text("mismatchesweb.dukcapil.section", "cause", causeWords(p, cause), "count", len(list)), Text: text, Table: t}
}
