package web

import (
	"context"
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/edge/familyform"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// draftsShown is how many forms begun are listed.
const draftsShown = 20

// newProposal begins a form, or goes on with one.
func (d *Desk) newProposal(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "konsep")
	if err != nil {
		return err
	}
	draft := proposals.Draft{ID: sqldb.NewID()}
	if key := q.Get("konsep"); key != "" {
		tenant, id, err := parseRow(key)
		if err != nil {
			return err
		}
		if draft, err = d.Proposals.OpenDraft(r.Context(), who, tenant, id); err != nil {
			return err
		}
	}
	return d.showFamilyForm(w, r, who, draft, http.StatusOK, nil)
}

func (d *Desk) showFamilyForm(w http.ResponseWriter, r *http.Request, who access.Actor, draft proposals.Draft, status int, problems []ui.FieldError) error {
	return d.showDraft(w, r, who, draft, status, problems, nil)
}

// showDraft draws the form of a new family; c tells what was saved elsewhere meanwhile.
func (d *Desk) showDraft(w http.ResponseWriter, r *http.Request, who access.Actor, draft proposals.Draft, status int, problems []ui.FieldError, c *conflict) error {
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.new_title")
	page.Lead = p.Text("proposalsweb.new_lead")
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	page.Back = &ui.Link{Label: p.Text("proposalsweb.title"), Href: "/usulan"}
	notices := c.notice(p)
	if draft.Version > 0 && len(problems) == 0 {
		notices = append(notices, ui.Notice{Tone: ui.Info, Title: p.Text("proposalsweb.draft_saved", "at", p.MomentShort(draft.SavedAt.In(d.zone(who)))), Text: p.Text("proposalsweb.draft_until", "date", p.Date(draft.Expires().In(d.zone(who))))})
	}
	if draft.Version == 0 && len(problems) == 0 {
		var err error
		if notices, err = d.draftNotices(r, p, who); err != nil {
			return err
		}
	}
	f := familyform.Form{Printer: p, Values: draft.Form, Problems: problems, Villages: d.villageOptions(who, draft.Form["area"])}
	view := desk.FormView{Form: ui.Form{Action: "/usulan/baru", Draft: "/usulan/baru", Guard: true, Hidden: []ui.Hidden{{Name: "draft", Value: draft.ID.String()}, {Name: "version", Value: itoa(draft.Version)}}},
		Fields: familyFields(f), Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/usulan"},
		Buttons: []ui.Button{{Label: p.Text("proposalsweb.to_check"), Name: "do", Value: "check"}, {Label: p.Text("proposalsweb.save"), Name: "do", Value: "save", Secondary: true}}}
	if draft.Version == 0 && len(problems) == 0 {
		view.Ahead = []ui.Link{{Label: p.Text("visitweb.blank"), Href: "/usulan/lembar"}}
	}
	c.apply(p, &view, problemOf(problems, againName))
	return httpkit.Render(w, r, status, desk.Form(page, problems, notices, view))
}

// draftNotices offer the forms that were begun and not sent.
func (d *Desk) draftNotices(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Notice, error) {
	drafts, err := d.Proposals.Drafts(r.Context(), who, draftsShown)
	if err != nil {
		return nil, err
	}
	var out []ui.Notice
	for _, one := range drafts {
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("proposalsweb.draft_open"), Text: p.Text("proposalsweb.draft_line", "village", d.Places.Tree().Title(one.Area), "at", p.MomentShort(one.SavedAt.In(d.zone(who)))),
			Link: &ui.Link{Label: p.Text("proposalsweb.draft_resume"), Href: "/usulan/baru?konsep=" + rowID(one.Tenant, one.ID)}})
	}
	return out, nil
}

// villageOptions are the villages the actor may file in; one alone needs no choice.
func (d *Desk) villageOptions(who access.Actor, chosen string) []ui.Option {
	var out []ui.Option
	home, _ := who.Home()
	if home.Level() == area.LevelVillage {
		return []ui.Option{{Value: home.Dotted(), Label: d.Places.Tree().Title(home), Selected: true}}
	}
	for place := range d.Places.Tree().Villages(home) {
		out = append(out, ui.Option{Value: place.Code.Dotted(), Label: d.Places.Tree().Name(place.Code), Selected: place.Code.Dotted() == chosen})
	}
	return out
}

// familyFields are the parts of the family's form as fields of a page.
func familyFields(f familyform.Form) []desk.FieldView {
	var out []desk.FieldView
	for _, section := range f.Sections() {
		out = append(out, desk.FieldView{Markup: section})
	}
	return out
}

// saveProposal keeps the form and stays, or goes on to check the answers.
func (d *Desk) saveProposal(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, append(familyform.Fields(), "area_name", "draft", "version", againName, "do")...)
	if err != nil {
		return err
	}
	draft, err := d.typedDraft(form, who)
	if err != nil {
		return err
	}
	if err := d.carryAnswers(r, who, draft); err != nil {
		return err
	}
	saved, err := d.keepDraft(r.Context(), who, draft)
	if whileTyping(r) {
		return draftKept(w, saved, "/usulan/baru?konsep="+rowID(saved.Tenant, saved.ID), err)
	}
	if fail.CodeOf(err) == "proposal.draft_changed" {
		return d.draftChanged(w, r, who, draft)
	}
	if e, ok := fail.As(err); ok && (e.Kind == fail.KindConflict || e.Kind == fail.KindInvalid) {
		status := http.StatusUnprocessableEntity
		if e.Kind == fail.KindConflict {
			status = http.StatusConflict
		}
		return d.showFamilyForm(w, r, who, draft, status, []ui.FieldError{{Field: e.Field, Message: i18n.Of(r).Error(e)}})
	}
	if err != nil {
		return err
	}
	if form.Get("do") != "check" {
		httpkit.Redirect(w, r, "/usulan/baru?konsep="+rowID(saved.Tenant, saved.ID))
		return nil
	}
	if _, problems := d.familyOf(i18n.Of(r), saved, nil); len(problems) > 0 {
		return d.showFamilyForm(w, r, who, saved, http.StatusUnprocessableEntity, problems)
	}
	httpkit.Redirect(w, r, "/usulan/periksa?konsep="+rowID(saved.Tenant, saved.ID))
	return nil
}

// whileTyping tells whether a form is sent by the page itself while somebody fills it in.
func whileTyping(r *http.Request) bool { return r.Header.Get("X-Draft") != "" }

// draftKept answers a page that sends its form while somebody fills it in: under which version and address it is kept.
func draftKept(w http.ResponseWriter, saved proposals.Draft, at string, err error) error {
	if err != nil {
		return err
	}
	w.Header().Set("X-Draft-Version", itoa(saved.Version))
	w.Header().Set("Content-Location", at)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// draftChanged shows a form that was saved elsewhere since it was drawn, with what is kept there.
func (d *Desk) draftChanged(w http.ResponseWriter, r *http.Request, who access.Actor, draft proposals.Draft) error {
	kept, err := d.Proposals.OpenDraft(r.Context(), who, draft.Tenant, draft.ID)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	c := &conflict{seen: draft.Version, now: kept.Version, changes: []ui.Event{{Title: p.Text("proposalsweb.draft_elsewhere"), When: p.MomentShort(kept.SavedAt.In(d.zone(who)))}},
		stored: familyform.Changed(p, kept.Form, draft.Form)}
	return d.showDraft(w, r, who, draft, http.StatusConflict, []ui.FieldError{{Field: againName, Message: p.Text("proposalsweb.again_needed")}}, c)
}

// typedDraft reads the form into a draft under the id the page was drawn with.
func (d *Desk) typedDraft(form url.Values, who access.Actor) (draft proposals.Draft, err error) {
	draft = proposals.Draft{Kind: proposal.NewFamily, Form: familyform.Typed(form)}
	if draft.ID, err = sqldb.ParseID(form.Get("draft")); err != nil {
		return draft, fail.Invalid("request.unknown_field")
	}
	if draft.Version, err = versionOf(form); err != nil {
		return draft, err
	}
	home, _ := who.Home()
	if draft.Area = home; home.Level() != area.LevelVillage {
		if draft.Area, err = area.Parse(form.Get("area")); err != nil {
			draft.Area = home // refused with the field below
		}
	}
	draft.Tenant = d.Places.TenantOf(draft.Area)
	return draft, nil
}

// keepDraft keeps a form once: the button pressed twice makes one draft.
func (d *Desk) keepDraft(ctx context.Context, who access.Actor, draft proposals.Draft) (proposals.Draft, error) {
	saved, err := d.Proposals.SaveDraft(ctx, who, draft)
	if err == nil || draft.Version > 0 || !sqldb.IsUnique(err) {
		return saved, err
	}
	before, err := d.Proposals.OpenDraft(ctx, who, draft.Tenant, draft.ID)
	if err != nil {
		return draft, err
	}
	draft.Version = before.Version
	return d.Proposals.SaveDraft(ctx, who, draft)
}

// discardDraft removes a form that will not be sent.
func (d *Desk) discardDraft(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "konsep")
	if err != nil {
		return err
	}
	tenant, id, err := parseRow(form.Get("konsep"))
	if err != nil {
		return err
	}
	if err := d.Proposals.DiscardDraft(r.Context(), who, tenant, id); err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/usulan")
	return nil
}
