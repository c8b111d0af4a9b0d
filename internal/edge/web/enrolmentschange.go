package web

import (
	"net/http"
	"net/url"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/programmes"
	"tepat/web/desk"
	"tepat/web/ui"
)

// changeWork tells how many requests about single places wait for the second person.
func (d *Desk) changeWork(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error) {
	n, err := d.Programmes.CountWaiting(r.Context(), who)
	if err != nil || n == 0 {
		return nil, err
	}
	return []ui.Task{{Label: p.Text("programmesweb.change_work", "count", n), Href: "/program/permintaan", Hint: p.Text("programmesweb.change_work_hint"), Chip: ui.Chip{Label: p.Text("programmes.change_state.open"), Tone: ui.Wait}}}, nil
}

// changes lists the requests about single places that nobody decided yet.
func (d *Desk) changes(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	list, err := d.Programmes.Waiting(r.Context(), who, 200)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "programmesweb.changes")
	page.Lead, page.Back = p.Text("programmesweb.changes_lead"), &ui.Link{Label: p.Text("programmesweb.title"), Href: "/program"}
	t := ui.Table{Caption: p.Text("programmesweb.changes"), Columns: []ui.Column{
		{Label: p.Text("web.head"), Title: true}, {Label: p.Text("programmesweb.asked")}, {Label: p.Text("programmesweb.programme")}, {Label: p.Text("web.village")}, {Label: p.Text("programmesweb.asked_at"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("programmesweb.changes_empty"), Text: p.Text("programmesweb.changes_empty_text")}}
	for _, c := range list {
		day := d.Places.LocalDate(c.Area, c.AskedAt)
		chip := ui.Chip{Label: p.DateTextShort(day.Text()), Tone: ui.Wait}
		t.Rows = append(t.Rows, ui.Row{ID: rowID(c.Tenant, c.ID), Label: c.Head, Cells: []ui.Cell{
			{Text: c.Head, Href: "/program/" + string(c.Programme) + "/penerima/" + rowID(c.Tenant, c.Enrolment)}, {Text: p.Text("programmes.change." + string(c.Kind)), Sub: c.Note},
			{Text: d.programmeWords(p, c.Programme, day)}, {Text: d.Places.Tree().Name(c.Area)}, {Chip: &chip},
		}})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, desk.ListView{Table: t}))
}

// changeEvents tell what was asked and decided about a place.
func (d *Desk) changeEvents(r *http.Request, p i18n.Printer, s programmes.Story) []ui.Event {
	zone := d.Places.Tree().Zone(s.Enrolment.Area).Location()
	name := func(id sqldb.ID) string {
		by, err := d.Accounts.Load(r.Context(), id)
		if err != nil {
			return ""
		}
		return p.Text("proposalsweb.by", "name", by.Name, "role", roleWords(p, by))
	}
	out := make([]ui.Event, 0, 2*len(s.Changes))
	add := func(at time.Time, one ui.Event) {
		one.When, one.ISO = p.Moment(at.In(zone)), at.Format(time.RFC3339)
		out = append(out, one)
	}
	for _, c := range s.Changes {
		asked := p.Text("programmes.change." + string(c.Kind))
		if c.State != programmes.ChangeOpen {
			tone := map[programmes.ChangeState]ui.Tone{programmes.ChangeDone: ui.Good, programmes.ChangeRefused: ui.Bad}[c.State]
			add(c.DecidedAt, ui.Event{Title: p.Text("programmesweb.change_event", "what", asked, "state", p.Text("programmes.change_state."+string(c.State))), By: name(c.DecidedBy), Text: c.Answer, Tone: tone})
		}
		words := joined(d.changeReason(p, c), c.Note)
		if c.Kind == programmes.NewPayee {
			words = joined(p.Text("programmesweb.payee_from_to", "from", storyName(p, s, c.Before), "to", storyName(p, s, c.Payee)), c.Note)
		}
		add(c.AskedAt, ui.Event{Title: p.Text("programmesweb.change_asked", "what", asked), By: name(c.AskedBy), Text: words, Tone: ui.Wait})
	}
	return out
}

func (d *Desk) changeReason(p i18n.Printer, c programmes.Change) string {
	reason, err := d.Programmes.Reasons.Find(c.Reason, d.Places.LocalDate(c.Area, c.AskedAt))
	if err != nil {
		return c.Reason
	}
	return reason.Label.In(p.Lang.String())
}

// openChange gives the request about a place that waits, nil when none does.
func openChange(s programmes.Story) *programmes.Change {
	for i := range s.Changes {
		if s.Changes[i].State == programmes.ChangeOpen {
			return &s.Changes[i]
		}
	}
	return nil
}

// changeForms are what may be asked of a place, or the decision about what was asked.
func (d *Desk) changeForms(p i18n.Printer, s programmes.Story, who access.Actor, problems []ui.FieldError, typed url.Values) []desk.FormView {
	may := func(permission access.Permission) bool {
		return who.Allow(permission, s.Enrolment.Tenant, s.Enrolment.Area) == nil
	}
	if open := openChange(s); open != nil {
		return decisionForms(p, s, *open, who, may, problems, typed)
	}
	if !may(access.RunEnrolment) || s.List.State != programmes.Frozen {
		return nil
	}
	var out []desk.FormView
	for _, kind := range changeKinds(s) {
		out = append(out, d.askForm(p, s, kind, problems, typed))
	}
	return foldedForms(out, "minta-suspend", "minta-payee", "minta-end", "minta-resume")
}

// changeKinds lists what may be asked of a place in its state.
func changeKinds(s programmes.Story) []programmes.ChangeKind {
	e := s.Enrolment
	switch {
	case e.State == programmes.Enrolled && len(s.Payees) > 0:
		return []programmes.ChangeKind{programmes.Suspend, programmes.NewPayee, programmes.End}
	case e.State == programmes.Enrolled:
		return []programmes.ChangeKind{programmes.Suspend, programmes.End}
	case e.State == programmes.Suspended:
		return []programmes.ChangeKind{programmes.Resume, programmes.End}
	case e.State == programmes.Ended && e.EndedReason == programmes.EndedByDecision:
		return []programmes.ChangeKind{programmes.Restore}
	}
	return nil
}

func (d *Desk) askForm(p i18n.Printer, s programmes.Story, kind programmes.ChangeKind, problems []ui.FieldError, typed url.Values) desk.FormView {
	name := string(kind)
	f := desk.FormView{ID: "minta-" + name, Title: p.Text("programmesweb.ask." + name), Text: p.Text("programmesweb.ask_text." + name),
		Form: ui.Form{Action: enrolmentPath(s.Enrolment) + "/minta", Hidden: []ui.Hidden{{Name: "version", Value: itoa(s.Enrolment.Version)}, {Name: "kind", Value: name}}, Guard: true}}
	if kind == programmes.NewPayee {
		var options []ui.Option
		for _, m := range s.Payees {
			options = append(options, ui.Option{Value: m.ID.String(), Label: m.Name, Hint: joined(p.Text("person.relation."+m.Relation.String()), m.NIK.String()), Selected: typed.Get("payee") == m.ID.String()})
		}
		f.Fields = append(f.Fields, desk.FieldView{Field: ui.Field{Name: "payee", Label: p.Text("programmesweb.new_payee"), Error: problemOf(problems, "payee")}, Options: options})
	} else {
		options := []ui.Option{{Value: "", Label: p.Text("programmesweb.choose_reason")}}
		for _, reason := range d.Programmes.ReasonsFor(kind, d.Places.LocalDate(s.Enrolment.Area, d.Now())) {
			options = append(options, ui.Option{Value: reason.Code, Label: reason.Label.In(p.Lang.String()), Selected: typed.Get(name+"_reason") == reason.Code})
		}
		f.Fields = append(f.Fields, desk.FieldView{Field: ui.Field{Name: name + "_reason", Label: p.Text("programmesweb.reason"), Error: problemOf(problems, name+"_reason")}, Options: options, Select: true})
	}
	f.Fields = append(f.Fields, desk.FieldView{Field: ui.Field{Name: name + "_note", Label: p.Text("programmesweb.note"), Hint: p.Text("programmesweb.note_hint"), Value: typed.Get(name + "_note"), Error: problemOf(problems, name+"_note"), MaxLength: 1000}, Rows: 2})
	f.Buttons = []ui.Button{{Label: p.Text("programmesweb.ask_do"), Secondary: kind == programmes.End, Danger: false}}
	return f
}

func decisionForms(p i18n.Printer, s programmes.Story, c programmes.Change, who access.Actor, may func(access.Permission) bool, problems []ui.FieldError, typed url.Values) (out []desk.FormView) {
	hidden := []ui.Hidden{{Name: "change", Value: rowID(c.Tenant, c.ID)}, {Name: "version", Value: itoa(c.Version)}}
	if may(access.ApproveEnrolment) && c.AskedBy != sqldb.ID(who.ID) {
		out = append(out, desk.FormView{ID: "putuskan", Title: p.Text("programmesweb.decide", "what", p.Text("programmes.change."+string(c.Kind))), Text: p.Text("programmesweb.ask_text." + string(c.Kind)),
			Form: ui.Form{Action: enrolmentPath(s.Enrolment) + "/putuskan", Hidden: hidden, Guard: true}, Fields: []desk.FieldView{
				{Field: ui.Field{Name: "answer", Label: p.Text("programmesweb.answer"), Hint: p.Text("programmesweb.answer_hint"), Value: typed.Get("answer"), Error: problemOf(problems, "answer"), Optional: true, MaxLength: 1000}, Rows: 2},
			}, Buttons: []ui.Button{{Label: p.Text("programmesweb.approve"), Name: "do", Value: "approve"}, {Label: p.Text("programmesweb.refuse"), Name: "do", Value: "refuse", Secondary: true}}})
	}
	if may(access.RunEnrolment) && c.AskedBy == sqldb.ID(who.ID) {
		out = append(out, desk.FormView{ID: "tarik", Title: p.Text("programmesweb.withdraw"), Text: p.Text("programmesweb.withdraw_text"),
			Form: ui.Form{Action: enrolmentPath(s.Enrolment) + "/tarik", Hidden: hidden}, Buttons: []ui.Button{{Label: p.Text("programmesweb.withdraw"), Secondary: true}}})
	}
	return out
}

// askChange asks for a change of one place.
func (d *Desk) askChange(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, askFields()...)
	if err != nil {
		return err
	}
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	kind := form.Get("kind")
	in := programmes.Ask{Kind: programmes.ChangeKind(kind), Reason: form.Get(kind + "_reason"), Note: form.Get(kind + "_note")}
	if in.Version, err = atoi(form.Get("version")); err != nil {
		return fail.Invalid("request.unknown_field")
	}
	if text := form.Get("payee"); text != "" {
		if in.Payee, err = sqldb.ParseID(text); err != nil {
			return errNotFound
		}
	}
	at, _ := who.Home()
	if wrong := d.Programmes.AskProblems(in, d.Places.LocalDate(at, d.Now())); len(wrong) > 0 {
		return d.showEnrolment(w, r, who, http.StatusUnprocessableEntity, askedProblems(problemsOf(i18n.Of(r), wrong), kind), form)
	}
	_, err = d.Programmes.AskChange(r.Context(), who, tenant, id, in)
	return d.afterChange(w, r, who, err, kind, form)
}

// askFields are the fields of the forms that ask for a change: one set a kind, since they stand on one page.
func askFields() []string {
	out := []string{"version", "kind", "payee"}
	for _, kind := range []programmes.ChangeKind{programmes.Suspend, programmes.Resume, programmes.End, programmes.Restore, programmes.NewPayee} {
		out = append(out, string(kind)+"_reason", string(kind)+"_note")
	}
	return out
}

// askedProblems leads problems to the fields of the form of a kind.
func askedProblems(problems []ui.FieldError, kind string) []ui.FieldError {
	for i := range problems {
		if f := problems[i].Field; f == "reason" || f == "note" {
			problems[i].Field = kind + "_" + f
		}
	}
	return problems
}

// decideChange is the second person's word.
func (d *Desk) decideChange(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "change", "version", "do", "answer")
	if err != nil {
		return err
	}
	tenant, id, err := parseRow(form.Get("change"))
	if err != nil {
		return err
	}
	in := programmes.Verdict{Approve: form.Get("do") == "approve", Note: form.Get("answer")}
	if in.Version, err = atoi(form.Get("version")); err != nil || !in.Approve && form.Get("do") != "refuse" {
		return fail.Invalid("request.unknown_field")
	}
	_, err = d.Programmes.DecideChange(r.Context(), who, tenant, id, in)
	return d.afterChange(w, r, who, err, "", form)
}

// withdrawChange takes a request back.
func (d *Desk) withdrawChange(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "change", "version")
	if err != nil {
		return err
	}
	tenant, id, err := parseRow(form.Get("change"))
	if err != nil {
		return err
	}
	return d.afterChange(w, r, who, d.Programmes.WithdrawChange(r.Context(), who, tenant, id), "", form)
}

// afterChange goes back to the place, or shows on it why nothing happened.
func (d *Desk) afterChange(w http.ResponseWriter, r *http.Request, who access.Actor, done error, kind string, form url.Values) error {
	if done == nil {
		httpkit.Redirect(w, r, "/program/"+r.PathValue("programme")+"/penerima/"+r.PathValue("id"))
		return nil
	}
	problems, err := formProblem(i18n.Of(r), done, "")
	if err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if e, ok := fail.As(done); ok && e.Kind == fail.KindConflict {
		status = http.StatusConflict
	}
	return d.showEnrolment(w, r, who, status, askedProblems(problems, kind), form)
}
