package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/grievances"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// identifyPage looks for the family an objection is about, in its village.
func (d *Desk) identifyPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openGrievance(r, who)
	if err != nil {
		return err
	}
	return d.showIdentify(w, r, who, v, http.StatusOK, nil)
}

func (d *Desk) showIdentify(w http.ResponseWriter, r *http.Request, who access.Actor, v grievances.View, status int, problems []ui.FieldError) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "cari")
	if err != nil {
		return err
	}
	text, base := d.searched(r, q.Get("cari")), "/pengaduan/"+rowID(v.Tenant, v.ID)
	list, err := d.Registry.List(r.Context(), who, registry.Filter{Area: v.Area, Text: text, Limit: pageRows})
	problem := problemOf(problems, "q")
	if e, ok := fail.As(err); ok && e.Field == "q" {
		problem, err = p.Error(e), nil
	}
	if err != nil {
		return err
	}
	page := d.page(r, who, "grievancesweb.identify_title", "number", v.Number)
	page.Lead = p.Text("grievancesweb.identify_lead", "village", d.Places.Tree().Title(v.Area))
	page.Back = &ui.Link{Label: v.Number, Href: base}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	out := desk.RecordView{Problems: problems}
	if v.Document.Target != "" {
		out.Sections = []desk.Section{{ID: "petunjuk", Title: p.Text("grievancesweb.target"), Text: v.Document.Target}}
	}
	out.Forms = []desk.FormView{{ID: "cari", Title: p.Text("grievancesweb.identify_search"), Form: ui.Form{Action: base + "/cari"},
		Fields:  []desk.FieldView{{Field: ui.Field{Name: "q", Label: p.Text("web.search"), Hint: p.Text("web.search_hint"), Value: text, Error: problem, Kind: ui.Search, Chars: 30}}},
		Buttons: []ui.Button{{Label: p.Text("desk.search"), Secondary: true}}}}
	if len(list) == 0 {
		out.Notices = []ui.Notice{{Tone: ui.Wait, Title: p.Text("grievancesweb.identify_none"), Text: p.Text("grievancesweb.identify_none_text")}}
		return httpkit.Render(w, r, status, desk.Record(page, out))
	}
	var options []ui.Option
	for _, f := range list {
		options = append(options, ui.Option{Value: rowID(f.Tenant, f.ID), Label: f.HeadName, Hint: f.Address + " " + rtrw(p, f.RT, f.RW) + " · " + f.KK.String(), Selected: f.ID == v.Subject})
	}
	out.Forms = append(out.Forms, desk.FormView{ID: "pilih", Title: p.Text("grievancesweb.identify_choose"), Form: ui.Form{Action: base + "/keluarga", Hidden: []ui.Hidden{{Name: "version", Value: itoa(v.Version)}}},
		Fields:  []desk.FieldView{{Field: ui.Field{Name: "family", Label: p.Text("web.family"), Error: problemOf(problems, "family")}, Options: options}},
		Buttons: []ui.Button{{Label: p.Text("grievances.action.identify")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: base}})
	return httpkit.Render(w, r, status, desk.Record(page, out))
}

// identifySearch keeps what was typed and goes back to the list.
func (d *Desk) identifySearch(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	return d.search("/pengaduan/"+rowID(tenant, id)+"/keluarga")(w, r, who)
}

// identify says which family the objection is about.
func (d *Desk) identify(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "version", "family")
	if err != nil {
		return err
	}
	decision := grievances.Decision{Tenant: tenant, ID: id}
	if decision.Version, err = versionOf(form); err != nil {
		return err
	}
	if key := form.Get("family"); key != "" {
		if _, decision.Family, err = parseRow(key); err != nil {
			return err
		}
		if _, err = d.Grievances.Identify(r.Context(), who, decision); err == nil {
			httpkit.Redirect(w, r, "/pengaduan/"+rowID(tenant, id))
			return nil
		}
	} else {
		err = fail.Conflict("objection.family_needed").On("family")
	}
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict {
		return err
	}
	v, err := d.openGrievance(r, who)
	if err != nil {
		return err
	}
	problem := ui.FieldError{Field: e.Field, Message: i18n.Of(r).Error(e)}
	if e.Code == "grievance.changed" { // she looks at the case as it is now, and begins anew
		return d.showGrievance(w, r, who, v, http.StatusConflict, grievanceAgain{problems: []ui.FieldError{problem}})
	}
	return d.showIdentify(w, r, who, v, http.StatusUnprocessableEntity, []ui.FieldError{problem})
}
