package web

import (
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// checkProposal shows the answers before they are sent, and what is known of the people already.
func (d *Desk) checkProposal(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "konsep")
	if err != nil {
		return err
	}
	tenant, id, err := parseRow(q.Get("konsep"))
	if err != nil {
		return err
	}
	draft, err := d.Proposals.OpenDraft(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	return d.showCheck(w, r, who, draft, http.StatusOK, nil, nil)
}

// showCheck shows the answers of a form with its papers; typed is what was said of a visit, problems are those of the visit and
// of the files that were sent.
func (d *Desk) showCheck(w http.ResponseWriter, r *http.Request, who access.Actor, draft proposals.Draft, status int, typed url.Values, wrong []ui.FieldError) error {
	p := i18n.Of(r)
	doc, problems := d.familyOf(p, draft, nil)
	if len(problems) > 0 {
		return d.showFamilyForm(w, r, who, draft, http.StatusUnprocessableEntity, problems)
	}
	kept, err := d.Papers.List(r.Context(), who, toProposal(draft.Tenant, draft.ID, draft.Area))
	if err != nil {
		return err
	}
	held, err := d.Proposals.Check(r.Context(), who, draft.Area, doc)
	if err != nil {
		return err
	}
	key := rowID(draft.Tenant, draft.ID)
	page := d.page(r, who, "proposalsweb.check_title")
	page.Lead = p.Text("proposalsweb.check_lead")
	page.Back = &ui.Link{Label: p.Text("proposalsweb.change"), Href: "/usulan/baru?konsep=" + key}
	page.Failed, page.HideHeading = len(wrong) > 0, len(wrong) > 0
	v := desk.RecordView{Problems: wrong, Notices: d.heldNotices(p, held, doc)}
	if len(held) > 0 {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("proposalsweb.held_go_on"), Text: p.Text("proposalsweb.held_go_on_text")})
	}
	v.Notices = append(v.Notices, d.warningNotices(p, draft, doc)...)
	v.Sections = d.documentSections(p, doc, proposal.NewFamily)
	v.Sections[0].Items = append([]ui.SummaryItem{{Label: p.Text("web.village"), Value: d.Places.Tree().Title(draft.Area), Change: "/usulan/baru?konsep=" + key}}, v.Sections[0].Items...)
	v.Sections[1].Table = plainMembers(v.Sections[1].Table)
	if tasks := d.answerTasks(p, draft, doc); len(tasks) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "isian-bagian", Title: p.Text("answersweb.parts"), Text: p.Text("answersweb.parts_text"), Content: ui.TaskList(tasks)})
	}
	v.Forms = []desk.FormView{
		{ID: "kirim", Title: p.Text("proposalsweb.send_title"), Text: p.Text("proposalsweb.send_text"),
			Form: ui.Form{Action: "/usulan/kirim", Multipart: true, Hidden: []ui.Hidden{{Name: "konsep", Value: key}}}, Fields: append(visitFields(p, typed, wrong), paperFields(p, kept, wrong)...), Buttons: []ui.Button{{Label: p.Text("proposal.action.file")}},
			Cancel: &ui.Link{Label: p.Text("proposalsweb.change"), Href: "/usulan/baru?konsep=" + key}},
		{ID: "buang", Title: p.Text("proposalsweb.discard_title"), Form: ui.Form{Action: "/usulan/buang", Hidden: []ui.Hidden{{Name: "konsep", Value: key}}},
			Buttons: []ui.Button{{Label: p.Text("proposalsweb.discard"), Secondary: true}}},
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// plainMembers leaves the match out, which nobody knows before the form is sent.
func plainMembers(t *ui.Table) *ui.Table {
	t.Columns = t.Columns[:len(t.Columns)-1]
	for i := range t.Rows {
		t.Rows[i].Cells = t.Rows[i].Cells[:len(t.Columns)]
	}
	return t
}

// warningNotices tell what is unlikely, but may stand on a real card.
func (d *Desk) warningNotices(p i18n.Printer, draft proposals.Draft, doc proposals.Document) []ui.Notice {
	warnings := doc.Warnings(draft.Area, d.Places.LocalDate(draft.Area, d.Now()))
	var out []ui.Notice
	for i, m := range doc.Members {
		for _, code := range warnings[i] {
			if key := "warning." + code; p.Has(key) {
				out = append(out, ui.Notice{Tone: ui.Wait, Title: m.Name.Plain(), Text: p.Text(key)})
			}
		}
	}
	return out
}

// sendProposal files the form. The draft's id is the request: sent twice, it is filed once.
func (d *Desk) sendProposal(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, wrong, err := readPapersForm(r, d.keepForDraft(r, who), append(visitNames(), "konsep", dropPapers)...)
	if err != nil {
		return err
	}
	key := form.Get("konsep")
	tenant, id, err := parseRow(key)
	if err != nil {
		return err
	}
	draft, err := d.Proposals.OpenDraft(r.Context(), who, tenant, id)
	if fail.CodeOf(err) == "proposal.no_draft" {
		if sent := d.sessions.Text(r.Context(), "terkirim."+key); sent != "" {
			httpkit.Redirect(w, r, "/usulan/"+sent+"/bukti")
			return nil
		}
	}
	if err != nil {
		return err
	}
	if err := d.dropChosen(r, who, tenant, form); err != nil {
		return err
	}
	p := i18n.Of(r)
	visit, bad := d.readVisit(p, draft, form)
	if wrong = append(bad, wrong...); len(wrong) > 0 {
		return d.showCheck(w, r, who, draft, http.StatusUnprocessableEntity, form, wrong)
	}
	doc, problems := d.familyOf(p, draft, nil)
	if len(problems) > 0 {
		return d.showFamilyForm(w, r, who, draft, http.StatusUnprocessableEntity, problems)
	}
	doc.Visit = visit
	receipt, err := d.Proposals.File(r.Context(), who, proposals.Filing{Request: draft.ID, Draft: draft.ID, Kind: proposal.NewFamily, Area: draft.Area, Document: doc})
	if e, ok := fail.As(err); ok && e.Kind == fail.KindInvalid {
		return d.showFamilyForm(w, r, who, draft, http.StatusUnprocessableEntity, []ui.FieldError{{Field: e.Field, Message: p.Error(e)}})
	}
	if err != nil {
		return err
	}
	d.sessions.Put(r.Context(), "terkirim."+key, rowID(receipt.Tenant, receipt.ID))
	httpkit.Redirect(w, r, "/usulan/"+rowID(receipt.Tenant, receipt.ID)+"/bukti")
	return nil
}

// proposalReceipt is the slip for the applicant: the number, who decides, and by when.
func (d *Desk) proposalReceipt(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.receipt_title", "number", v.Number)
	page.Narrow = true
	page.Back = &ui.Link{Label: p.Text("proposalsweb.one_title", "number", v.Number), Href: "/usulan/" + rowID(v.Tenant, v.ID)}
	items := []ui.SummaryItem{
		{Label: p.Text("proposalsweb.applicant"), Value: nameOr(p, v.Applicant)},
		{Label: p.Text("web.kind"), Value: p.Text("proposal.kind." + string(v.Kind))},
		{Label: p.Text("web.village"), Value: d.Places.Tree().Address(v.Area)},
		{Label: p.Text("proposalsweb.filed_on"), Value: p.DateText(v.FiledOn.Text())},
		{Label: p.Text("proposalsweb.holder"), Value: p.Text("proposal.office." + string(v.Holder())), Sub: p.Text("proposalsweb.due_on", "due", dash(p.DateText(v.Due.Text())))},
		{Label: p.Text("proposalsweb.answer_by"), Value: dash(p.DateText(v.AnswerBy.Text()))},
	}
	links := []ui.Link{{Label: p.Text("proposalsweb.see", "number", v.Number), Href: "/usulan/" + rowID(v.Tenant, v.ID)}}
	if who.Can(access.FileProposal) {
		links = append([]ui.Link{{Label: p.Text("proposalsweb.another"), Href: "/usulan/baru"}}, links...)
	}
	content := ui.Receipt(p.Text("proposalsweb.received"), p.Text("web.number"), v.Number)
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, desk.RecordView{Sections: []desk.Section{
		{ID: "tanda", Title: p.Text("proposalsweb.keep_number"), Content: content},
		{ID: "rincian", Title: p.Text("proposalsweb.what_next"), Text: p.Text("proposalsweb.what_next_text"), Items: items},
	}, Links: links}))
}
