package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/grievances"
	"tepat/internal/service/papers"
	"tepat/web/desk"
	"tepat/web/ui"
)

// toCase names a complaint or objection for papers.
func toCase(v grievances.View) papers.To {
	return papers.To{Tenant: v.Tenant, Kind: papers.OfGrievance, Case: v.ID, Area: v.Area}
}

func casePath(v grievances.View) string { return "/pengaduan/" + rowID(v.Tenant, v.ID) }

// handlesCase reports whether somebody works on complaints where this one is handled; the head who decides late objections
// does not, and is shown no files.
func handlesCase(who access.Actor, v grievances.View) bool {
	return who.Allow(access.HandleGrievance, v.Tenant, v.HandledAt()) == nil
}

// caseSection shows which files a case has, on its page.
func (d *Desk) caseSection(r *http.Request, p i18n.Printer, who access.Actor, v grievances.View) ([]desk.Section, []ui.Link, error) {
	if !handlesCase(who, v) {
		return nil, nil, nil
	}
	list, err := d.Papers.List(r.Context(), who, toCase(v))
	if err != nil {
		return nil, nil, err
	}
	var links []ui.Link
	if v.Row.Open() {
		links = append(links, ui.Link{Label: p.Text("papersweb.change"), Href: casePath(v) + "/berkas"})
	}
	if len(list) == 0 {
		return nil, links, nil
	}
	return []desk.Section{{ID: "berkas", Title: p.Text("papersweb.title"), Table: d.paperTable(p, casePath(v), v.Area, list)}}, links, nil
}

// casePapers lists the files of a case, to look at, add to, or take from.
func (d *Desk) casePapers(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openGrievance(r, who)
	if err != nil {
		return err
	}
	return d.showCaseFiles(w, r, who, v, http.StatusOK, nil)
}

func (d *Desk) showCaseFiles(w http.ResponseWriter, r *http.Request, who access.Actor, v grievances.View, status int, problems []ui.FieldError) error {
	list, err := d.Papers.List(r.Context(), who, toCase(v))
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "papersweb.case_title", "number", v.Number)
	page.Lead = p.Text("papersweb.lead")
	page.Back = &ui.Link{Label: v.Number, Href: casePath(v)}
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	out := desk.RecordView{Problems: problems, Sections: []desk.Section{{ID: "berkas", Title: p.Text("papersweb.title"), Table: d.paperTable(p, casePath(v), v.Area, list)}}}
	if v.Row.Open() {
		out.Forms = []desk.FormView{{ID: "ubah", Title: p.Text("papersweb.change"), Form: ui.Form{Action: casePath(v) + "/berkas", Multipart: true},
			Fields: paperFields(p, list, problems), Buttons: []ui.Button{{Label: p.Text("papersweb.save")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: casePath(v)}}}
	}
	return httpkit.Render(w, r, status, desk.Record(page, out))
}

// changeCasePapers keeps the files that were sent, and takes out those that were ticked.
func (d *Desk) changeCasePapers(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openGrievance(r, who)
	if err != nil {
		return err
	}
	if err := who.Allow(access.HandleGrievance, v.Tenant, v.HandledAt()); err != nil {
		return err
	}
	if !v.Row.Open() {
		return fail.Conflict("papers.closed")
	}
	form, problems, err := readPapersForm(r, d.keepFor(r, who, toCase(v)), dropPapers)
	if err == nil {
		err = d.dropChosen(r, who, v.Tenant, form)
	}
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return d.showCaseFiles(w, r, who, v, http.StatusUnprocessableEntity, problems)
	}
	httpkit.Redirect(w, r, casePath(v)+"/berkas")
	return nil
}
