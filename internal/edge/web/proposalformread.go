package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/domain/questionnaire"
	"tepat/internal/edge/familyform"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// familyOf reads a form into a document, with everything that is wrong about it. Of a form that
// mends a proposal, base is what was filed.
func (d *Desk) familyOf(p i18n.Printer, draft proposals.Draft, base *proposals.Document) (proposals.Document, []ui.FieldError) {
	reader := familyform.Reader{Say: p.Error, Base: base, Problems: func(doc proposals.Document) []*fail.Error {
		return d.Proposals.Problems(draft.Area, doc, d.Places.LocalDate(draft.Area, d.Now()))
	}}
	if v := d.formVersion(draft); v != nil && base == nil {
		reader.Version = v.Name
		reader.Answers = func(member int) questionnaire.Answers { return draftAnswers(v, draft.Form, member) }
	}
	return reader.Read(draft.Form)
}

// mendProposalPage is the form of a proposal that came back or does not match.
func (d *Desk) mendProposalPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	if !mendable(v) {
		return fail.Conflict("proposal.transition", "state", string(v.State), "action", string(proposal.ActRepair))
	}
	values, _ := familyform.Of(v.Document)
	return d.showMending(w, r, who, v, values, http.StatusOK, nil, nil)
}

func (d *Desk) showMending(w http.ResponseWriter, r *http.Request, who access.Actor, v proposals.View, values map[string]string, status int, problems []ui.FieldError, c *conflict) error {
	p := i18n.Of(r)
	base := "/usulan/" + rowID(v.Tenant, v.ID)
	page := d.page(r, who, "proposalsweb.mend_title", "number", v.Number)
	page.Lead = p.Text("proposalsweb.mend_lead")
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	page.Back = &ui.Link{Label: p.Text("proposalsweb.one_title", "number", v.Number), Href: base}
	view := desk.FormView{Form: ui.Form{Action: base + "/perbaiki", Guard: true, Hidden: []ui.Hidden{{Name: "version", Value: itoa(v.Version)}}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: base}}
	if v.Kind == proposal.NewFamily && len(v.Document.Members) <= familyform.Members {
		_, kept := familyform.Of(v.Document)
		view.Fields = familyFields(familyform.Form{Printer: p, Values: values, Problems: problems, Kept: kept, Villages: []ui.Option{{Label: d.Places.Tree().Title(v.Area)}}})
	} else {
		view.Text = p.Text("proposalsweb.mend_family")
	}
	for _, a := range []proposal.Action{proposal.ActRepair, proposal.ActResubmit} {
		if _, ok := optionOf(v, string(a)); ok {
			view.Buttons = append(view.Buttons, ui.Button{Label: p.Text("proposal.action." + string(a)), Name: "do", Value: string(a), Secondary: len(view.Buttons) > 0})
		}
	}
	c.apply(p, &view, problemOf(problems, againName))
	return httpkit.Render(w, r, status, desk.Form(page, problems, append(c.notice(p), d.returnNotices(p, v)...), view))
}

// returnNotices repeat why the proposal came back.
func (d *Desk) returnNotices(p i18n.Printer, v proposals.View) []ui.Notice {
	if len(v.History) == 0 {
		return nil
	}
	last := v.History[len(v.History)-1]
	if last.Reason == "" {
		return nil
	}
	return []ui.Notice{{Tone: ui.Wait, Title: d.reasonWords(p, last.Reason, v), Text: last.Note}}
}

// mendProposal sends a proposal again, with the form as it was mended.
func (d *Desk) mendProposal(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, append(familyform.Fields(), "area_name", "version", againName, "do")...)
	if err != nil {
		return err
	}
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	m := proposals.Mending{Tenant: v.Tenant, Seen: proposals.Seen{ID: v.ID}}
	if m.Version, err = versionOf(form); err != nil {
		return err
	}
	values := familyform.Typed(form)
	since := func() *conflict {
		c := d.movedSince(r, v, m.Version)
		if v.Kind == proposal.NewFamily { // of the others the registry holds what is mended
			c.stored = familyform.Differences(i18n.Of(r), v.Document, values)
		}
		return c
	}
	if v.Kind == proposal.NewFamily && len(v.Document.Members) <= familyform.Members {
		doc, problems := d.familyOf(i18n.Of(r), proposals.Draft{Area: v.Area, Form: values}, &v.Document)
		if len(problems) > 0 {
			return d.showMending(w, r, who, v, values, http.StatusUnprocessableEntity, problems, since())
		}
		m.Document = &doc
	}
	send := d.Proposals.Repair
	if form.Get("do") == string(proposal.ActResubmit) {
		send = d.Proposals.Resubmit
	}
	if _, err = send(r.Context(), who, m); err == nil {
		httpkit.Redirect(w, r, "/usulan/"+rowID(v.Tenant, v.ID))
		return nil
	}
	status, problems, err := d.stepProblems(r, who, proposals.Decision{Tenant: v.Tenant, Rows: []proposals.Seen{m.Seen}}, err)
	if err != nil {
		return err
	}
	// It was opened before the step was refused: what another person did in between is seen now.
	if v, err = d.openProposal(r, who); err != nil {
		return err
	}
	if !mendable(v) {
		return d.showMoved(w, r, who, v, status, problems)
	}
	c := since()
	if c.moved() {
		problems = []ui.FieldError{{Field: againName, Message: problems[0].Message + " " + i18n.Of(r).Text("proposalsweb.again_needed")}}
	}
	return d.showMending(w, r, who, v, values, status, problems, c)
}
