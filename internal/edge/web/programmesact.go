package web

import (
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/programmes"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// enrolPage is the form that starts a new list.
func (d *Desk) enrolPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	s, err := d.openList(r, who, "")
	if err != nil {
		return err
	}
	typed := map[string]string{}
	today := d.Places.LocalDate(s.at, d.Now())
	typed["as_of.day"], typed["as_of.month"], typed["as_of.year"] = dateParts(today)
	return d.showEnrol(w, r, who, s, http.StatusOK, nil, typed)
}

func (d *Desk) showEnrol(w http.ResponseWriter, r *http.Request, who access.Actor, s shownList, status int, problems []ui.FieldError, typed map[string]string) error {
	p := i18n.Of(r)
	page := d.page(r, who, "programmesweb.enrol_title", "programme", s.one.Name.In(p.Lang.String()))
	page.Back, page.Narrow = &ui.Link{Label: s.one.Name.In(p.Lang.String()), Href: s.path()}, true
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	f := desk.FormView{Text: p.Text("programmesweb.enrol_text"), Form: ui.Form{Action: s.path() + "/susun"}, Fields: []desk.FieldView{
		{Field: ui.Field{Name: "as_of", Label: p.Text("programmesweb.as_of_label"), Hint: p.Text("programmesweb.as_of_hint"), Error: problemOf(problems, "as_of")},
			Date: &ui.DateParts{Day: typed["as_of.day"], Month: typed["as_of.month"], Year: typed["as_of.year"]}},
		{Field: ui.Field{Name: "quota", Label: p.Text("programmesweb.quota"), Hint: p.Text("programmesweb.quota_hint"), Kind: ui.Count, Chars: 12, Value: typed["quota"], Error: problemOf(problems, "quota"),
			Optional: true, Suffix: p.Text("programme.unit." + string(s.one.Unit))}},
	}, Buttons: []ui.Button{{Label: p.Text("programmesweb.enrol_do")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: s.path()}}
	return httpkit.Render(w, r, status, desk.Form(page, problems, nil, f))
}

// enrol makes a run of kind "enrol" with its preview; she submits it on the page of the run.
func (d *Desk) enrol(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "as_of.day", "as_of.month", "as_of.year", "quota")
	if err != nil {
		return err
	}
	s, err := d.openList(r, who, "")
	if err != nil {
		return err
	}
	set, err := readEnrol(form, s)
	if err == nil {
		var run runs.Run
		if run, err = d.begin(r.Context(), who, runs.NewRun{Kind: "enrol", Tenant: s.tenant, Area: s.at, Settings: set}); err == nil {
			httpkit.Redirect(w, r, "/pekerjaan/"+rowID(run.Tenant, run.ID))
			return nil
		}
	}
	problems, err := formProblem(i18n.Of(r), err, "as_of")
	if err != nil {
		return err
	}
	return d.showEnrol(w, r, who, s, http.StatusUnprocessableEntity, problems, typedOf(form))
}

func readEnrol(form url.Values, s shownList) (set programmes.Settings, err error) {
	set.Programme = s.one.ID
	if set.AsOf, err = readFullDate(form, "as_of"); err != nil {
		return set, err
	}
	if text := form.Get("quota"); text != "" {
		n, err := readCount(text)
		if err != nil {
			return set, fail.Invalid("programme.quota_places", "given", text).On("quota")
		}
		set.Quota = &n
	}
	return set, nil
}

// readFullDate reads a date of which every part is needed. Error: web.date_full.
func readFullDate(form url.Values, name string) (period.Date, error) {
	day, err := readDate(form, name)
	if err != nil || !day.IsFull() {
		return day, fail.Invalid("web.date_full").On(name)
	}
	return day, nil
}

// readCount reads a whole number as Indonesians group it: 1.250.
func readCount(text string) (int64, error) {
	digits := make([]byte, 0, len(text))
	for i := range len(text) {
		if text[i] != '.' && text[i] != ' ' {
			digits = append(digits, text[i])
		}
	}
	n, err := atoi(string(digits))
	if err == nil && n < 0 {
		err = fail.Invalid("request.unreadable")
	}
	return n, err
}

// freezePage is the form by which the head of the agency puts a draft in force.
func (d *Desk) freezePage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	s, err := d.openList(r, who, "")
	if err != nil {
		return err
	}
	return d.showFreeze(w, r, who, s, http.StatusOK, nil, map[string]string{})
}

func (d *Desk) showFreeze(w http.ResponseWriter, r *http.Request, who access.Actor, s shownList, status int, problems []ui.FieldError, typed map[string]string) error {
	draft := s.draft()
	if draft == nil {
		return fail.NotFound("programme.no_list")
	}
	p := i18n.Of(r)
	page := d.page(r, who, "programmesweb.freeze_title", "programme", s.one.Name.In(p.Lang.String()))
	page.Back, page.Narrow = &ui.Link{Label: s.one.Name.In(p.Lang.String()), Href: s.path()}, true
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	text := func(name, key string) desk.FieldView {
		return desk.FieldView{Field: ui.Field{Name: name, Label: p.Text(key), Value: typed[name], Error: problemOf(problems, name), MaxLength: 120}}
	}
	f := desk.FormView{Text: p.Text("programmesweb.freeze_text", "period", p.DateText(draft.Period.Text()), "enrolled", draft.Enrolled, "waiting", draft.Waiting),
		Form: ui.Form{Action: s.path() + "/tetapkan", Hidden: []ui.Hidden{{Name: "list", Value: rowID(s.tenant, draft.ID)}}}, Fields: []desk.FieldView{
			text("number", "programmesweb.decree_number"),
			{Field: ui.Field{Name: "date", Label: p.Text("programmesweb.decree_date"), Error: problemOf(problems, "date")}, Date: &ui.DateParts{Day: typed["date.day"], Month: typed["date.month"], Year: typed["date.year"]}},
			text("signed_by", "programmesweb.signed_by"), text("about", "programmesweb.about"),
		}, Buttons: []ui.Button{{Label: p.Text("programmesweb.freeze_do")}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: s.path()}}
	f.Fields[2].Field.Hint, f.Fields[3].Field.Optional = p.Text("programmesweb.signed_by_hint"), true
	return httpkit.Render(w, r, status, desk.Form(page, problems, nil, f))
}

// freeze makes a run of kind "freeze" with its preview, for the list that was shown.
func (d *Desk) freeze(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "list", "number", "date.day", "date.month", "date.year", "signed_by", "about")
	if err != nil {
		return err
	}
	s, err := d.openList(r, who, "")
	if err != nil {
		return err
	}
	_, list, err := parseRow(form.Get("list"))
	if err != nil {
		return err
	}
	decree := programmes.Decree{Number: form.Get("number"), SignedBy: form.Get("signed_by"), About: form.Get("about")}
	if decree.On, err = readDate(form, "date"); err != nil {
		decree.On = period.Date{}
	}
	if wrong := decree.Problems(d.Places.LocalDate(s.at, d.Now())); len(wrong) > 0 {
		return d.showFreeze(w, r, who, s, http.StatusUnprocessableEntity, problemsOf(i18n.Of(r), wrong), typedOf(form))
	}
	run, err := d.begin(r.Context(), who, runs.NewRun{Kind: "freeze", Tenant: s.tenant, Area: s.at, Settings: programmes.Freezing{List: list, Decree: decree}})
	if err == nil {
		httpkit.Redirect(w, r, "/pekerjaan/"+rowID(run.Tenant, run.ID))
		return nil
	}
	problems, err := formProblem(i18n.Of(r), err, "number")
	if err != nil {
		return err
	}
	return d.showFreeze(w, r, who, s, http.StatusUnprocessableEntity, problems, typedOf(form))
}

// problemsOf lays errors beside their fields, all at once.
func problemsOf(p i18n.Printer, wrong []error) (out []ui.FieldError) {
	for _, err := range wrong {
		field := ""
		if e, ok := fail.As(err); ok {
			field = e.Field
		}
		out = append(out, ui.FieldError{Field: field, Message: p.Error(err)})
	}
	return out
}
