package web

import (
	"cmp"
	"io"
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/exchange"
	"tepat/web/desk"
	"tepat/web/ui"
)

const exportPattern = "POST /keluarga/unduh"

// exportRoutes take lists of families away.
func (d *Desk) exportRoutes() []Route {
	return []Route{
		{"GET /keluarga/unduh", access.ExportData, d.exportPage},
		{exportPattern, access.ExportData, d.export},
	}
}

// exportPage asks which families leave, and how.
func (d *Desk) exportPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showExport(w, r, who, http.StatusOK, url.Values{"format": {"xlsx"}}, nil)
}

func (d *Desk) showExport(w http.ResponseWriter, r *http.Request, who access.Actor, status int, typed url.Values, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := d.page(r, who, "exportsweb.title")
	page.Lead, page.Narrow = p.Text("exportsweb.lead"), true
	page.Back = &ui.Link{Label: p.Text("web.families.title"), Href: "/keluarga"}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	places := d.areaFilter(p, who, typed.Get("wilayah"))
	places.Field.Label = p.Text("web.area")
	fields := []desk.FieldView{
		{Field: places.Field, Options: places.Options, Select: true},
		{Field: ui.Field{Name: "layout", Label: p.Text("exportsweb.columns"), Error: problemOf(problems, "layout")}, Options: d.exportLayouts(p, typed.Get("layout"))},
		{Field: ui.Field{Name: "format", Label: p.Text("exportsweb.format")}, Options: []ui.Option{
			{Value: "xlsx", Label: p.Text("exportsweb.format.xlsx"), Hint: p.Text("exportsweb.format.xlsx_hint"), Selected: typed.Get("format") != "csv"},
			{Value: "csv", Label: p.Text("exportsweb.format.csv"), Hint: p.Text("exportsweb.format.csv_hint"), Selected: typed.Get("format") == "csv"},
		}},
		{Field: ui.Field{Name: "answers", Label: p.Text("exportsweb.answers")}, Checks: true, Options: []ui.Option{
			{Value: "ya", Label: p.Text("exportsweb.answers_yes"), Hint: p.Text("exportsweb.answers_hint"), Selected: typed.Get("answers") != ""},
		}},
	}
	if who.Can(access.RevealIdentity) {
		fields = append(fields, purposeFields(p, typed, problems)...)
	}
	return httpkit.Render(w, r, status, desk.Form(page, problems, []ui.Notice{{Tone: ui.Info, Title: p.Text("exportsweb.noted"), Text: p.Text("exportsweb.noted_text")}}, desk.FormView{
		Form: ui.Form{Action: "/keluarga/unduh"}, Fields: fields,
		Buttons: []ui.Button{{Label: p.Text("exportsweb.download")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/keluarga"},
	}))
}

// purposeFields ask whether the numbers leave in full, and what for.
func purposeFields(p i18n.Printer, typed url.Values, problems []ui.FieldError) []desk.FieldView {
	purposes := []ui.Option{{Value: "", Label: p.Text("exportsweb.purpose_choose")}}
	for _, code := range exchange.Purposes() {
		purposes = append(purposes, ui.Option{Value: code, Label: p.Text("export.purpose." + code), Selected: typed.Get("purpose") == code})
	}
	return []desk.FieldView{
		{Field: ui.Field{Name: "reveal", Label: p.Text("exportsweb.numbers")}, Checks: true, Options: []ui.Option{
			{Value: "ya", Label: p.Text("exportsweb.reveal"), Hint: p.Text("exportsweb.reveal_hint"), Selected: typed.Get("reveal") != ""},
		}},
		{Field: ui.Field{Name: "purpose", Label: p.Text("exportsweb.purpose"), Hint: p.Text("exportsweb.purpose_hint"), Error: problemOf(problems, "purpose")}, Select: true, Options: purposes},
	}
}

func (d *Desk) exportLayouts(p i18n.Printer, chosen string) []ui.Option {
	options := []ui.Option{{Value: "", Label: p.Text("exportsweb.canonical"), Hint: p.Text("exportsweb.canonical_hint"), Selected: chosen == ""}}
	for _, m := range d.Exchange.Layouts(exchange.Families) {
		label := m.Title.ID
		if p.Lang == i18n.English {
			label = m.Title.EN
		}
		options = append(options, ui.Option{Value: m.Name, Label: label, Selected: chosen == m.Name})
	}
	return options
}

// export hands the list on once the act is recorded.
func (d *Desk) export(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "wilayah", "layout", "format", "answers", "reveal", "purpose")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	e, err := d.readExport(p, form)
	if err != nil {
		return err
	}
	kind, end := "text/csv; charset=utf-8", ".csv"
	if e.Format == tabular.XLSX {
		kind, end = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"
	}
	at := e.Area
	if at == area.Nation {
		at, _ = who.Home()
	}
	// the name says which area and day, and nobody's number
	err = d.sendFile(w, "keluarga-"+cmp.Or(at.Dotted(), "nasional")+"-"+d.today(who)+end, kind, func(out io.Writer) error {
		_, err := d.Exchange.Export(r.Context(), who, e, out)
		return err
	})
	if f, ok := fail.As(err); ok && f.Kind == fail.KindInvalid {
		return d.showExport(w, r, who, http.StatusUnprocessableEntity, form, []ui.FieldError{{Field: fieldOr(f.Field, "layout"), Message: p.Error(f)}})
	}
	return err
}

func (d *Desk) readExport(p i18n.Printer, form url.Values) (e exchange.Export, err error) {
	e = exchange.Export{Layout: form.Get("layout"), Format: tabular.XLSX, Answers: form.Get("answers") != "", Reveal: form.Get("reveal") != "", Purpose: form.Get("purpose")}
	if form.Get("format") == "csv" {
		e.Format = tabular.CSV
	}
	if !e.Reveal {
		e.Purpose = ""
	}
	if e.Area, err = d.areaOf(form.Get("wilayah")); err != nil {
		return e, err
	}
	if d.Home.Training {
		e.Notes = append(e.Notes, p.Text("exportsweb.synthetic"))
	}
	return e, nil
}
