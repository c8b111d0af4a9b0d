package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/papers"
	"tepat/internal/service/screening"
	"tepat/web/desk"
	"tepat/web/ui"
)

// toFinding names the objection to a finding for papers.
func toFinding(f screening.Finding) papers.To {
	return papers.To{Tenant: f.Tenant, Kind: papers.OfFinding, Case: f.ID, Area: f.Area}
}

func findingPath(f screening.Finding) string { return "/temuan/" + rowID(f.Tenant, f.ID) }

// seesFindingPapers reports whether somebody takes objections to the finding in or decides them: others are shown no files.
func seesFindingPapers(who access.Actor, f screening.Finding) bool {
	return who.Allow(access.HandleGrievance, f.Tenant, f.Area) == nil || who.Allow(access.DecideFinding, f.Tenant, f.Area) == nil
}

// findingFiles shows which files were given with an objection, on the page of the finding.
func (d *Desk) findingFiles(r *http.Request, p i18n.Printer, who access.Actor, f screening.Finding) ([]desk.Section, []ui.Link, error) {
	if !seesFindingPapers(who, f) {
		return nil, nil, nil
	}
	list, err := d.Papers.List(r.Context(), who, toFinding(f))
	if err != nil {
		return nil, nil, err
	}
	var links []ui.Link
	if f.State == screening.Appealed {
		links = append(links, ui.Link{Label: p.Text("papersweb.change"), Href: findingPath(f) + "/berkas"})
	}
	if len(list) == 0 {
		return nil, links, nil
	}
	return []desk.Section{{ID: "berkas", Title: p.Text("papersweb.title"), Table: d.paperTable(p, findingPath(f), f.Area, list)}}, links, nil
}

// openObjected opens a finding for its files, to who may see them: who is refused has opened nothing.
func (d *Desk) openObjected(r *http.Request, who access.Actor) (c screening.Case, err error) {
	tenant, id, err := rowOf(r)
	if err == nil {
		_, err = d.Papers.List(r.Context(), who, papers.To{Tenant: tenant, Kind: papers.OfFinding, Case: id})
	}
	if err != nil {
		return c, err
	}
	return d.openFinding(r, who)
}

// findingPapers lists the files of an objection, to look at, add to, or take from.
func (d *Desk) findingPapers(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	c, err := d.openObjected(r, who)
	if err != nil {
		return err
	}
	return d.showFindingFiles(w, r, who, c, http.StatusOK, nil)
}

func (d *Desk) showFindingFiles(w http.ResponseWriter, r *http.Request, who access.Actor, c screening.Case, status int, problems []ui.FieldError) error {
	f := c.Finding
	list, err := d.Papers.List(r.Context(), who, toFinding(f))
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "papersweb.finding_title", "name", subjectName(c))
	page.Lead = p.Text("papersweb.lead")
	page.Back = &ui.Link{Label: p.Text("findingsweb.one_title", "name", subjectName(c)), Href: findingPath(f)}
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	out := desk.RecordView{Problems: problems, Sections: []desk.Section{{ID: "berkas", Title: p.Text("papersweb.title"), Table: d.paperTable(p, findingPath(f), f.Area, list)}}}
	if f.State == screening.Appealed {
		out.Forms = []desk.FormView{{ID: "ubah", Title: p.Text("papersweb.change"), Form: ui.Form{Action: findingPath(f) + "/berkas", Multipart: true},
			Fields: paperFields(p, list, problems), Buttons: []ui.Button{{Label: p.Text("papersweb.save")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: findingPath(f)}}}
	}
	return httpkit.Render(w, r, status, desk.Record(page, out))
}

// changeFindingPapers keeps the files that were sent, and takes out those that were ticked.
func (d *Desk) changeFindingPapers(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	c, err := d.openObjected(r, who)
	if err != nil {
		return err
	}
	f := c.Finding
	if f.State != screening.Appealed {
		return fail.Conflict("papers.closed")
	}
	form, problems, err := readPapersForm(r, d.keepFor(r, who, toFinding(f)), dropPapers)
	if err == nil {
		err = d.dropChosen(r, who, f.Tenant, form)
	}
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return d.showFindingFiles(w, r, who, c, http.StatusUnprocessableEntity, problems)
	}
	httpkit.Redirect(w, r, findingPath(f)+"/berkas")
	return nil
}
