package web

import (
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/proposals"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// determinePage is the form of a determination.
func (d *Desk) determinePage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showDetermine(w, r, who, http.StatusOK, nil, url.Values{})
}

func (d *Desk) showDetermine(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError, typed url.Values) error {
	list, err := d.Proposals.Queue(r.Context(), who, proposals.Filter{Tab: proposals.TabDetermine, Limit: 1})
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.determine_title")
	waiting := list.Counts[proposals.TabDetermine].All
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	page.Back = &ui.Link{Label: p.Text("proposals.tab.determine"), Href: "/usulan?tab=" + string(proposals.TabDetermine)}
	if waiting == 0 && len(problems) == 0 {
		return httpkit.Render(w, r, status, desk.Record(page, desk.RecordView{Notices: []ui.Notice{{Tone: ui.Good, Title: p.Text("proposalsweb.determine_empty"), Text: p.Text("proposalsweb.determine_empty_text")}}}))
	}
	page.Lead = p.Text("proposalsweb.determine_lead", "count", waiting)
	field := func(name, key, hint string) ui.Field {
		return ui.Field{Name: name, Label: p.Text(key), Hint: p.Text(hint), Value: typed.Get(name), Error: problemOf(problems, name), MaxLength: 120}
	}
	about := field("about", "proposalsweb.about", "proposalsweb.about_hint")
	about.Optional = true
	numbers := field("refuse", "proposalsweb.refuse_numbers", "proposalsweb.refuse_hint")
	numbers.Optional, numbers.MaxLength = true, 20000
	reason := field("reason", "proposalsweb.refuse_reason", "proposalsweb.refuse_reason_hint")
	f := desk.FormView{Form: ui.Form{Action: "/penetapan", Guard: true}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: "/usulan"}, Buttons: []ui.Button{{Label: p.Text("proposalsweb.determine_preview")}},
		Fields: []desk.FieldView{
			{Field: field("number", "proposalsweb.decree_number", "proposalsweb.determine_number_hint")},
			{Field: ui.Field{Name: "on", Label: p.Text("proposalsweb.decree_date"), Error: problemOf(problems, "on")}, Date: &ui.DateParts{Day: typed.Get("on.day"), Month: typed.Get("on.month"), Year: typed.Get("on.year")}},
			{Field: field("signed_by", "proposalsweb.signed_by", "proposalsweb.determine_signed_hint")}, {Field: about},
			{Field: numbers, Rows: 4}, {Field: reason, Options: d.refusalReasons(p, typed.Get("reason")), Select: true},
		}}
	return httpkit.Render(w, r, status, desk.Form(page, problems, nil, f))
}

func (d *Desk) refusalReasons(p i18n.Printer, chosen string) []ui.Option {
	out := []ui.Option{{Value: "", Label: p.Text("proposalsweb.choose_reason")}}
	for _, reason := range d.Proposals.Rules().Reasons.For(proposal.UseRefuse, d.Places.LocalDate(d.Home.Home(), d.Now())) {
		out = append(out, ui.Option{Value: reason.Code, Label: reason.Label.In(p.Lang.String()), Selected: chosen == reason.Code})
	}
	return out
}

// determine makes the run of a determination and previews it.
func (d *Desk) determine(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "number", "on.day", "on.month", "on.year", "signed_by", "about", "refuse", "reason")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	set, problems := readDetermination(p, form)
	if len(problems) > 0 {
		return d.showDetermine(w, r, who, http.StatusUnprocessableEntity, problems, form)
	}
	at := d.signingArea(who)
	run, err := d.Runs.Create(r.Context(), who, runs.NewRun{Kind: "determine", Tenant: d.Places.TenantOf(at), Area: at, Settings: set})
	if err != nil {
		return err
	}
	if _, err = d.Runs.Look(r.Context(), who, run.Tenant, run.ID); err == nil {
		httpkit.Redirect(w, r, "/pekerjaan/"+rowID(run.Tenant, run.ID))
		return nil
	}
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict {
		return err
	}
	if _, err := d.Runs.Cancel(r.Context(), who, run.Tenant, run.ID); err != nil {
		return err
	}
	field := decreeField(e)
	if e.Code == "proposal.refusal_unknown" {
		field = "refuse"
	}
	status := http.StatusUnprocessableEntity
	if e.Kind == fail.KindConflict {
		status = http.StatusConflict
	}
	return d.showDetermine(w, r, who, status, []ui.FieldError{{Field: field, Message: p.Error(e)}}, form)
}

// readDetermination reads the decree and the numbers it refuses, one a line or parted by commas.
func readDetermination(p i18n.Printer, form url.Values) (set proposals.DetermineSettings, problems []ui.FieldError) {
	wrong := func(field string, err error) {
		problems = append(problems, ui.FieldError{Field: field, Message: p.Error(err)})
	}
	on, err := readDate(form, "on")
	if err != nil || !on.IsFull() {
		wrong("on", fail.Invalid("decree.date"))
	}
	set.Decree = proposals.Decree{Number: form.Get("number"), On: on, SignedBy: form.Get("signed_by"), About: form.Get("about")}
	seen := map[string]bool{}
	for _, text := range strings.FieldsFunc(form.Get("refuse"), func(c rune) bool { return c == ',' || c == ';' || c == '\n' || c == '\r' }) {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		series, year, serial, err := proposal.ParseNumber(text)
		if err != nil || series != proposal.SeriesProposal {
			wrong("refuse", fail.Invalid("proposalform.number", "number", text))
			continue
		}
		if number := proposal.Number(series, year, serial); !seen[number] {
			seen[number] = true
			set.Refuse = append(set.Refuse, proposals.Refusing{Number: number, Reason: form.Get("reason")})
		}
	}
	if len(set.Refuse) > 0 && form.Get("reason") == "" {
		wrong("reason", fail.Invalid("proposal.reason_needed"))
	}
	return set, problems
}
