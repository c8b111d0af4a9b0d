package web

import (
	"context"
	"net/http"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// grievanceParts are the fields a step may send; each form names its own with the step before.
func grievanceParts() []string { return []string{"note", "paper", "officer", "reason"} }

// grievanceForm gives the name of the form a step is sent from: both decisions share one.
func grievanceForm(action string) string {
	if action == "uphold" || action == "dismiss" {
		return "decide"
	}
	return action
}

// grievanceForms offers the steps the actor may take, the one that ends the case first.
func (d *Desk) grievanceForms(r *http.Request, p i18n.Printer, who access.Actor, v grievances.View, again grievanceAgain) ([]desk.FormView, error) {
	var out []desk.FormView
	for _, name := range []string{"answer", "decide", "check", "ask", "assign"} {
		offered := slices.DeleteFunc(slices.Clone(v.Actions), func(a string) bool { return grievanceForm(a) != name })
		if len(offered) == 0 {
			continue
		}
		f := desk.FormView{ID: "langkah-" + name, Title: p.Text("grievancesweb.form." + name), Text: p.Text("grievancesweb.form_text." + name),
			Form: ui.Form{Action: "/pengaduan/" + rowID(v.Tenant, v.ID) + "/langkah/" + offered[0], Guard: true, Hidden: []ui.Hidden{{Name: "version", Value: itoa(v.Version)}}}}
		for i, a := range slices.Compact(offered) {
			f.Buttons = append(f.Buttons, ui.Button{Label: p.Text("grievances.action." + a), Secondary: i > 0 || len(out) > 0, FormAction: "/pengaduan/" + rowID(v.Tenant, v.ID) + "/langkah/" + a})
		}
		mine := grievanceAgain{}
		if grievanceForm(again.action) == name {
			mine = again
		}
		fields, err := d.grievanceFields(r, p, who, v, name, mine)
		if err != nil {
			return nil, err
		}
		f.Fields = fields
		mine.conflict.apply(p, &f, problemOf(mine.problems, againName))
		out = append(out, f)
	}
	if !v.Document.Phone.IsZero() && who.Allow(access.RevealIdentity, v.Tenant, v.HandledAt()) == nil {
		f := desk.FormView{ID: "kontak", Title: p.Text("grievancesweb.reveal"), Text: p.Text("grievancesweb.reveal_text"), Form: ui.Form{Action: "/pengaduan/" + rowID(v.Tenant, v.ID) + "/kontak"},
			Buttons: []ui.Button{{Label: p.Text("grievancesweb.reveal_button"), Secondary: true}}}
		purpose := ui.Field{Name: "purpose", Label: p.Text("grievancesweb.purpose"), Hint: p.Text("grievancesweb.purpose_hint"), MaxLength: 120}
		if again.action == revealAction {
			purpose.Value, purpose.Error = again.typed.Get("purpose"), problemOf(again.problems, "purpose")
		}
		f.Fields = []desk.FieldView{{Field: purpose}}
		out = append(out, f)
	}
	return out, nil
}

// revealAction names the form that shows the filer's number.
const revealAction = "reveal"

// revealFiler shows the phone number of who filed, once, to who says what for. The answer is the page
// itself, so that no address leads to it.
func (d *Desk) revealFiler(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "purpose")
	if err != nil {
		return err
	}
	c, err := d.Grievances.Reveal(r.Context(), who, tenant, id, form.Get("purpose"))
	if err != nil && fail.CodeOf(err) != "grievance.purpose" {
		return err
	}
	v, opened := d.openGrievance(r, who)
	if opened != nil {
		return opened
	}
	p := i18n.Of(r)
	if err != nil {
		return d.showGrievance(w, r, who, v, http.StatusUnprocessableEntity, grievanceAgain{action: revealAction, typed: form, problems: []ui.FieldError{{Field: "purpose", Message: p.Error(err)}}})
	}
	told := ui.Notice{Tone: ui.Info, Title: c.Phone.Plain(), Text: p.Text("grievancesweb.revealed", "name", nameOr(p, c.Name))}
	return d.showGrievance(w, r, who, v, http.StatusOK, grievanceAgain{told: &told})
}

// grievanceFields are what a step asks for.
func (d *Desk) grievanceFields(r *http.Request, p i18n.Printer, who access.Actor, v grievances.View, name string, again grievanceAgain) ([]desk.FieldView, error) {
	field := func(part, key string) ui.Field {
		return ui.Field{Name: name + "_" + part, Label: p.Text(key), Value: again.typed.Get(name + "_" + part), Error: problemOf(again.problems, name+"_"+part)}
	}
	note := desk.FieldView{Field: field("note", "grievancesweb.note."+name), Rows: 4}
	note.Field.Hint, note.Field.MaxLength = p.Text("grievancesweb.note_hint."+name), 2000
	switch name {
	case "assign":
		officers, err := d.Accounts.Officers(r.Context(), who, v.HandledBy(), v.Tenant, v.HandledAt())
		if err != nil {
			return nil, err
		}
		var options []ui.Option
		for _, o := range officers {
			label := p.Text("proposalsweb.by", "name", o.Name, "role", p.Text("role."+string(o.Roles[0])))
			options = append(options, ui.Option{Value: o.ID.String(), Label: label, Selected: o.ID == who.ID && again.typed == nil || again.typed.Get("assign_officer") == o.ID.String()})
		}
		return []desk.FieldView{{Field: field("officer", "grievancesweb.officer"), Options: options, Select: true}}, nil
	case "check":
		note.Field.Optional = true
		paper := field("paper", "grievancesweb.visit")
		paper.Hint, paper.MaxLength = p.Text("grievancesweb.visit_hint"), 120
		return []desk.FieldView{{Field: paper}, note}, nil
	case "decide":
		if v.Topic == string(proposal.AgainstListing) {
			return []desk.FieldView{note, d.removalReasons(p, v, field("reason", "grievancesweb.remove_reason"), again)}, nil
		}
	}
	return []desk.FieldView{note}, nil
}

// removalReasons offers why a family is proposed for removal when the objection is upheld.
func (d *Desk) removalReasons(p i18n.Printer, v grievances.View, f ui.Field, again grievanceAgain) desk.FieldView {
	f.Hint, f.Optional = p.Text("grievancesweb.remove_reason_hint"), true
	chosen := again.typed.Get("decide_reason")
	if chosen == "" {
		chosen = "better_off"
	}
	var options []ui.Option
	for _, reason := range d.Proposals.Rules().Reasons.For(proposal.UseRemove, d.Places.LocalDate(v.Area, d.Now())) {
		if reason.Hits == proposal.HitsFamily {
			options = append(options, ui.Option{Value: reason.Code, Label: reason.Label.In(p.Lang.String()), Selected: reason.Code == chosen})
		}
	}
	return desk.FieldView{Field: f, Options: options, Select: true}
}

// grievanceStep takes one step with one case.
func (d *Desk) grievanceStep(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	action := r.PathValue("action")
	take, ok := d.grievanceTaker(action)
	if !ok {
		return errNotFound
	}
	name := grievanceForm(action)
	known := []string{"version", againName}
	for _, part := range grievanceParts() {
		known = append(known, name+"_"+part)
	}
	form, err := httpkit.ReadForm(r, known...)
	if err != nil {
		return err
	}
	decision := grievances.Decision{Tenant: tenant, ID: id, Note: form.Get(name + "_note"), Paper: proposals.Paper{Name: form.Get(name + "_paper")}, Reason: form.Get(name + "_reason")}
	if decision.Version, err = versionOf(form); err != nil {
		return err
	}
	if officer := form.Get(name + "_officer"); officer != "" {
		if decision.Officer, err = sqldb.ParseID(officer); err != nil {
			return fail.Invalid("request.unknown_field")
		}
	}
	if _, err = take(r.Context(), who, decision); err == nil {
		path := "/pengaduan/" + rowID(tenant, id)
		if mine := action == "check" || action == "assign" && (decision.Officer.IsZero() || decision.Officer == who.ID); mine {
			httpkit.Redirect(w, r, path) // she goes on with this case
			return nil
		}
		d.decided(w, r, grievanceQueue, path)
		return nil
	}
	return d.grievanceRefused(w, r, who, decision.Version, grievanceAgain{action: action, typed: form}, err)
}

type grievanceTake func(context.Context, access.Actor, grievances.Decision) (grievances.Row, error)

// grievanceTaker gives the step an action stands for.
func (d *Desk) grievanceTaker(action string) (grievanceTake, bool) {
	s := d.Grievances
	take, ok := map[string]grievanceTake{
		"assign": s.Assign, "ask": s.Ask, "answer": s.Answer, "check": s.Check, "uphold": s.Uphold, "dismiss": s.Dismiss,
	}[action]
	return take, ok
}

// grievanceRefused shows the case again with why a step was not taken.
func (d *Desk) grievanceRefused(w http.ResponseWriter, r *http.Request, who access.Actor, seen int64, again grievanceAgain, refused error) error {
	e, ok := fail.As(refused)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict && e.Code != "proposal.same_person" {
		return refused
	}
	v, err := d.openGrievance(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	problem := ui.FieldError{Field: grievanceField(again.action, e), Message: p.Error(e)}
	again.conflict = &conflict{seen: seen, now: v.Version}
	if again.conflict.moved() && slices.Contains(v.Actions, again.action) {
		again.conflict.changes = d.grievanceEvents(r, p, v)[seen:len(v.Events)]
		problem = ui.FieldError{Field: againName, Message: p.Text("proposalsweb.again_needed")}
	}
	again.problems = []ui.FieldError{problem}
	status := http.StatusUnprocessableEntity
	if e.Kind == fail.KindConflict {
		status = http.StatusConflict
	}
	return d.showGrievance(w, r, who, v, status, again)
}

// grievanceField says which field of a step's form an error is about.
func grievanceField(action string, e *fail.Error) string {
	part := ""
	switch e.Code {
	case "grievance.words", "objection.words", "grievance.too_long":
		part = "note"
	case "proposal.document_needed":
		part = "paper"
	case "grievance.officer":
		part = "officer"
	case "proposal.reason_needed", "reason.unknown", "reason.use", "proposal.person_needed", "proposal.whole_family":
		part = "reason"
	default:
		return ""
	}
	return grievanceForm(action) + "_" + part
}
