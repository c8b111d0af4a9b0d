package web

import (
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// ratifyRoutes are the signatures: the district's endorsement and the ministry's determination.
func (d *Desk) ratifyRoutes() []Route {
	return []Route{
		{"GET /pengesahan", access.RatifyProposal, d.ratifyPage},
		{"POST /pengesahan", access.RatifyProposal, d.ratify},
		{"GET /pengesahan/{id}", access.ReadRegistry, d.ratified},
		{"GET /penetapan", access.Determine, d.determinePage},
		{"POST /penetapan", access.Determine, d.determine},
	}
}

// signingArea is where the actor signs: the district of her grant, the installation's own for
// who works for the nation.
func (d *Desk) signingArea(who access.Actor) area.Code {
	home, _ := who.Home()
	if home == area.Nation {
		return d.Home.Home()
	}
	return home
}

// ratifyPage shows what waits for the signature.
func (d *Desk) ratifyPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showRatify(w, r, who, http.StatusOK, nil, url.Values{})
}

func (d *Desk) showRatify(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError, typed url.Values) error {
	at := d.signingArea(who)
	a, err := d.Proposals.AwaitRatification(r.Context(), who, at)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.ratify_title", "place", d.Places.Tree().Title(at))
	page.Lead = p.Text("proposalsweb.ratify_lead")
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Links: []ui.Link{{Label: p.Text("proposalsweb.ratify_queue"), Href: "/usulan?tab=" + string(proposals.TabRatify)}}}
	if a.Proposals == 0 {
		v.Notices = []ui.Notice{{Tone: ui.Good, Title: p.Text("proposalsweb.ratify_empty"), Text: p.Text("proposalsweb.ratify_empty_text")}}
		return httpkit.Render(w, r, status, desk.Record(page, v))
	}
	if a.More {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("proposalsweb.ratify_more", "count", a.Proposals), Text: p.Text("proposalsweb.ratify_more_text")})
	}
	v.Sections = d.awaitingSections(p, a)
	v.Forms = []desk.FormView{ratifyForm(p, a, problems, typed)}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// awaitingSections lay the list out: how many of what, from where, and a sample by name.
func (d *Desk) awaitingSections(p i18n.Printer, a proposals.Awaiting) []desk.Section {
	items := []ui.SummaryItem{{Label: p.Text("proposalsweb.total"), Value: p.Number(a.Proposals)}}
	for _, k := range proposalKinds() {
		if n := a.ByKind[k]; n > 0 {
			items = append(items, ui.SummaryItem{Label: p.Text("proposal.kind." + string(k)), Value: p.Number(n)})
		}
	}
	items = append(items, ui.SummaryItem{Label: p.Text("proposalsweb.list_digest"), Value: grouped(a.Digest), Sub: p.Text("proposalsweb.list_digest_text")})
	villages := &ui.Table{Caption: p.Text("proposalsweb.by_village"), Plain: true, Columns: []ui.Column{{Label: p.Text("web.village"), Title: true}, {Label: p.Text("proposalsweb.total"), Numeric: true}}}
	for _, one := range a.ByVillage {
		villages.Rows = append(villages.Rows, ui.Row{ID: one.Area.Dotted(), Label: d.Places.Tree().Name(one.Area), Cells: []ui.Cell{
			{Text: d.Places.Tree().Title(one.Area), Href: "/usulan?" + url.Values{"tab": {string(proposals.TabRatify)}, "wilayah": {one.Area.Dotted()}}.Encode()}, {Text: p.Number(one.Count)}}})
	}
	sample := &ui.Table{Caption: p.Text("proposalsweb.sample"), Columns: []ui.Column{{Label: p.Text("proposalsweb.applicant"), Title: true}, {Label: p.Text("web.number")}, {Label: p.Text("web.village")}}}
	for _, s := range a.Sample {
		sample.Rows = append(sample.Rows, ui.Row{ID: s.ID.String(), Label: s.Number, Cells: []ui.Cell{
			{Text: nameOr(p, s.Applicant), Href: "/usulan/" + rowID(a.Tenant, s.ID)}, {Text: s.Number}, {Text: d.Places.Tree().Name(s.Area)}}})
	}
	return []desk.Section{
		{ID: "jumlah", Title: p.Text("proposalsweb.ratify_list"), Items: items},
		{ID: "desa", Title: p.Text("proposalsweb.by_village"), Table: villages},
		{ID: "contoh", Title: p.Text("proposalsweb.sample"), Text: p.Text("proposalsweb.sample_text"), Table: sample},
	}
}

// grouped writes the beginning of a digest in fours, so that two people can compare it aloud.
func grouped(digest string) string {
	out := ""
	for i := 0; i+4 <= min(16, len(digest)); i += 4 {
		if i > 0 {
			out += " "
		}
		out += digest[i : i+4]
	}
	return out
}

func ratifyForm(p i18n.Printer, a proposals.Awaiting, problems []ui.FieldError, typed url.Values) desk.FormView {
	field := func(name, key string) ui.Field {
		return ui.Field{Name: name, Label: p.Text(key), Value: typed.Get(name), Error: problemOf(problems, name), MaxLength: 120}
	}
	number, signed, about := field("number", "proposalsweb.decree_number"), field("signed_by", "proposalsweb.signed_by"), field("about", "proposalsweb.about")
	number.Hint, signed.Hint, about.Optional = p.Text("proposalsweb.decree_number_hint"), p.Text("proposalsweb.signed_by_hint"), true
	return desk.FormView{ID: "sahkan", Title: p.Text("proposalsweb.ratify_form", "count", a.Proposals), Text: p.Text("proposalsweb.ratify_form_text"),
		Form:   ui.Form{Action: "/pengesahan", Guard: true, Hidden: []ui.Hidden{{Name: "digest", Value: a.Digest}}},
		Fields: []desk.FieldView{{Field: number}, {Field: signed}, {Field: about}}, Buttons: []ui.Button{{Label: p.Text("proposalsweb.ratify_button", "count", a.Proposals)}}}
}

// ratify endorses the list the signer saw, all of it by one letter.
func (d *Desk) ratify(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "digest", "number", "signed_by", "about")
	if err != nil {
		return err
	}
	at := d.signingArea(who)
	done, err := d.Proposals.Ratify(r.Context(), who, proposals.Ratifying{Area: at, Number: form.Get("number"), SignedBy: form.Get("signed_by"), About: form.Get("about"), Digest: form.Get("digest")})
	if err == nil {
		httpkit.Redirect(w, r, "/pengesahan/"+rowID(d.Places.TenantOf(at), done.Decree.ID))
		return nil
	}
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict && e.Code != "proposal.same_person" {
		return err
	}
	status := http.StatusUnprocessableEntity
	if e.Kind == fail.KindConflict {
		status = http.StatusConflict
	}
	return d.showRatify(w, r, who, status, []ui.FieldError{{Field: decreeField(e), Message: i18n.Of(r).Error(e)}}, form)
}

// decreeField says which field of a decree's form an error is about.
func decreeField(e *fail.Error) string {
	switch e.Code {
	case "decree.number", "decree.number_taken":
		return "number"
	case "decree.signed_by":
		return "signed_by"
	case "decree.date":
		return "on"
	}
	return ""
}

// ratified shows a decree after it was signed.
func (d *Desk) ratified(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	decree, covers, err := d.Proposals.Decree(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.decree_title", "number", decree.Number)
	page.Back = &ui.Link{Label: p.Text("proposalsweb.title"), Href: "/usulan"}
	v := desk.RecordView{Notices: []ui.Notice{{Tone: ui.Good, Title: p.Text("proposalsweb.ratified", "count", covers), Text: p.Text("proposalsweb.ratified_text")}},
		Sections: []desk.Section{{ID: "keputusan", Title: p.Text("proposalsweb.decree." + string(decree.Kind)), Items: []ui.SummaryItem{
			{Label: p.Text("proposalsweb.decree_number"), Value: decree.Number}, {Label: p.Text("proposalsweb.decree_date"), Value: p.DateText(decree.On.Text())},
			{Label: p.Text("proposalsweb.signed_by"), Value: decree.SignedBy}, {Label: p.Text("proposalsweb.about"), Value: dash(decree.About)},
			{Label: p.Text("proposalsweb.total"), Value: p.Number(covers)}, {Label: p.Text("proposalsweb.list_digest"), Value: grouped(decree.Digest)},
		}}}, Links: []ui.Link{{Label: p.Text("proposalsweb.ratify_next"), Href: "/usulan?tab=" + string(proposals.TabDetermine)}}}
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}
