package web

import (
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/papers"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// toProposal names the case of a proposal, or of its form, for papers.
func toProposal(tenant area.Tenant, id sqldb.ID, village area.Code) papers.To {
	return papers.To{Tenant: tenant, Kind: papers.OfProposal, Case: id, Area: village}
}

// keepFor keeps files with one case.
func (d *Desk) keepFor(r *http.Request, who access.Actor, to papers.To) keepPaper {
	return func(_ url.Values, what papers.What, content []byte) error {
		_, err := d.Papers.Add(r.Context(), who, to, what, content)
		return err
	}
}

// changesPapers refuses who does not add papers to a proposal. Errors: access.denied, papers.closed.
func changesPapers(who access.Actor, v proposals.View) error {
	if who.Allow(access.VerifyProposal, v.Tenant, v.Area) != nil {
		if err := who.Allow(access.FileProposal, v.Tenant, v.Area); err != nil {
			return err
		}
	}
	if !v.State.Open() {
		return fail.Conflict("papers.closed")
	}
	return nil
}

// papersSection shows which files a proposal has, on its page.
func (d *Desk) papersSection(r *http.Request, p i18n.Printer, who access.Actor, v proposals.View) ([]desk.Section, []ui.Link, error) {
	list, err := d.Papers.List(r.Context(), who, toProposal(v.Tenant, v.ID, v.Area))
	if err != nil {
		return nil, nil, err
	}
	var links []ui.Link
	if changesPapers(who, v) == nil {
		links = append(links, ui.Link{Label: p.Text("papersweb.change"), Href: "/usulan/" + rowID(v.Tenant, v.ID) + "/berkas"})
	}
	if len(list) == 0 {
		return nil, links, nil
	}
	return []desk.Section{{ID: "berkas", Title: p.Text("papersweb.title"), Table: d.paperTable(p, "/usulan/"+rowID(v.Tenant, v.ID), v.Area, list)}}, links, nil
}

// paperTable lists the files of the case whose page is at base.
func (d *Desk) paperTable(p i18n.Printer, base string, at area.Code, list []papers.Paper) *ui.Table {
	t := &ui.Table{Caption: p.Text("papersweb.title"), Columns: []ui.Column{
		{Label: p.Text("papersweb.paper"), Title: true}, {Label: p.Text("papersweb.format")}, {Label: p.Text("papersweb.added")},
	}, Empty: &ui.Empty{Title: p.Text("papersweb.none"), Text: p.Text("papersweb.none_text")}}
	zone := d.Places.Tree().Zone(at).Location()
	names := paperNames(p, list)
	for i, one := range list {
		t.Rows = append(t.Rows, ui.Row{ID: one.ID.String(), Label: names[i], Cells: []ui.Cell{
			{Text: names[i], Href: base + "/berkas/" + rowID(one.Tenant, one.ID)},
			{Text: paperSize(p, one)}, {Text: p.MomentShort(one.AddedAt.In(zone))}}})
	}
	return t
}

// proposalPapers lists the files of a proposal, to look at, add to, or take from.
func (d *Desk) proposalPapers(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	return d.showFiles(w, r, who, v, http.StatusOK, nil)
}

func (d *Desk) showFiles(w http.ResponseWriter, r *http.Request, who access.Actor, v proposals.View, status int, problems []ui.FieldError) error {
	list, err := d.Papers.List(r.Context(), who, toProposal(v.Tenant, v.ID, v.Area))
	if err != nil {
		return err
	}
	p, base := i18n.Of(r), "/usulan/"+rowID(v.Tenant, v.ID)
	page := d.page(r, who, "papersweb.page_title", "number", v.Number)
	page.Lead = p.Text("papersweb.lead")
	page.Back = &ui.Link{Label: p.Text("proposalsweb.one_title", "number", v.Number), Href: base}
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	out := desk.RecordView{Problems: problems, Sections: []desk.Section{{ID: "berkas", Title: p.Text("papersweb.title"), Table: d.paperTable(p, base, v.Area, list)}}}
	if changesPapers(who, v) == nil {
		out.Forms = []desk.FormView{{ID: "ubah", Title: p.Text("papersweb.change"), Form: ui.Form{Action: base + "/berkas", Multipart: true},
			Fields: paperFields(p, list, problems), Buttons: []ui.Button{{Label: p.Text("papersweb.save")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: base}}}
	}
	return httpkit.Render(w, r, status, desk.Record(page, out))
}

// changePapers keeps the files that were sent, and takes out those that were ticked.
func (d *Desk) changePapers(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	if err := changesPapers(who, v); err != nil {
		return err
	}
	form, problems, err := readPapersForm(r, d.keepFor(r, who, toProposal(v.Tenant, v.ID, v.Area)), dropPapers)
	if err == nil {
		err = d.dropChosen(r, who, v.Tenant, form)
	}
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return d.showFiles(w, r, who, v, http.StatusUnprocessableEntity, problems)
	}
	httpkit.Redirect(w, r, "/usulan/"+rowID(v.Tenant, v.ID)+"/berkas")
	return nil
}

// keepForDraft keeps files with the form of a new family that the field before them names.
func (d *Desk) keepForDraft(r *http.Request, who access.Actor) keepPaper {
	return func(form url.Values, what papers.What, content []byte) error {
		tenant, id, err := parseRow(form.Get("konsep"))
		if err != nil {
			return err
		}
		draft, err := d.Proposals.OpenDraft(r.Context(), who, tenant, id)
		if fail.CodeOf(err) == "proposal.no_draft" {
			return nil // the button pressed twice: it was filed, with its files
		}
		if err != nil {
			return err
		}
		_, err = d.Papers.Add(r.Context(), who, toProposal(tenant, id, draft.Area), what, content)
		return err
	}
}

// keepForKind keeps files with the form about a family of the registry that the fields before them name.
func (d *Desk) keepForKind(r *http.Request, who access.Actor) keepPaper {
	return func(form url.Values, what papers.What, content []byte) error {
		tenant, family, err := parseRow(form.Get("family"))
		if err != nil {
			return err
		}
		request, err := sqldb.ParseID(form.Get("request"))
		if err != nil {
			return fail.Invalid("request.unknown_field")
		}
		card, err := d.Registry.Open(r.Context(), who, tenant, family, "")
		if err != nil {
			return err
		}
		_, err = d.Papers.Add(r.Context(), who, toProposal(tenant, request, card.Family.Area), what, content)
		return err
	}
}

// papersOfForm gives the files that a form about a family has so far.
func (d *Desk) papersOfForm(r *http.Request, who access.Actor, request string, f registry.Family) ([]papers.Paper, error) {
	id, err := sqldb.ParseID(request)
	if err != nil {
		return nil, fail.Invalid("request.unknown_field")
	}
	return d.Papers.List(r.Context(), who, toProposal(f.Tenant, id, f.Area))
}
