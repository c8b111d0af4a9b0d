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
	"tepat/web/desk"
	"tepat/web/ui"
)

// quotaPage shows the quotas of a programme with the form that sets the next one.
func (d *Desk) quotaPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	s, err := d.openList(r, who, "")
	if err != nil {
		return err
	}
	typed := map[string]string{}
	typed["valid_from.day"], typed["valid_from.month"], typed["valid_from.year"] = dateParts(d.Places.LocalDate(s.at, d.Now()))
	return d.showQuota(w, r, who, s, http.StatusOK, nil, typed)
}

func (d *Desk) showQuota(w http.ResponseWriter, r *http.Request, who access.Actor, s shownList, status int, problems []ui.FieldError, typed map[string]string) error {
	held, err := d.Programmes.Quotas(r.Context(), who, s.tenant, s.at, s.one.ID)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	name := s.one.Name.In(p.Lang.String())
	page := d.page(r, who, "programmesweb.quota_title", "programme", name)
	page.Lead = p.Text("programmesweb.quota_lead", "place", d.Places.Tree().Label(s.at))
	page.Back = &ui.Link{Label: name, Href: s.path()}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Sections: []desk.Section{{ID: "kuota", Title: p.Text("programmesweb.quotas"), Table: quotaTable(p, s, held)}}}
	if who.Allow(access.RunEnrolment, s.tenant, s.at) != nil {
		v.Sections[0].Table.Empty.Text = p.Text("programmesweb.quotas_empty_reader")
	}
	if who.Allow(access.RunEnrolment, s.tenant, s.at) == nil {
		v.Forms = []desk.FormView{quotaForm(p, s, problems, typed)}
		v.Links = []ui.Link{{Label: p.Text("programmesweb.enrol"), Href: s.path() + "/susun"}}
	}
	if done := d.sessions.Pop(r.Context(), "kuota.selesai"); done != "" {
		v.Notices = []ui.Notice{{Tone: ui.Good, Title: p.Text("programmesweb.quota_kept"), Text: done}}
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

func quotaTable(p i18n.Printer, s shownList, held []programmes.Quota) *ui.Table {
	t := &ui.Table{Caption: p.Text("programmesweb.quotas"), Columns: []ui.Column{
		{Label: p.Text("programmesweb.quota_from"), Title: true}, {Label: p.Text("programmesweb.quota"), Numeric: true}, {Label: p.Text("programmesweb.basis")}, {Label: p.Text("programmesweb.corrections"), Numeric: true},
	}, Empty: &ui.Empty{Title: p.Text("programmesweb.quotas_empty"), Text: p.Text("programmesweb.quotas_empty_text")}}
	for _, q := range held {
		day := p.DateText(q.From.Text())
		t.Rows = append(t.Rows, ui.Row{ID: q.From.Text(), Label: day, Cells: []ui.Cell{
			{Text: day}, {Text: p.Number(q.Places), Sub: p.Text("programme.unit." + string(s.one.Unit))}, {Text: q.LegalBasis}, {Text: p.Number(q.Version - 1)}}})
	}
	return t
}

func quotaForm(p i18n.Printer, s shownList, problems []ui.FieldError, typed map[string]string) desk.FormView {
	return desk.FormView{ID: "atur", Title: p.Text("programmesweb.quota_set"), Text: p.Text("programmesweb.quota_set_text"), Form: ui.Form{Action: s.path() + "/kuota", Guard: true}, Fields: []desk.FieldView{
		{Field: ui.Field{Name: "quota", Label: p.Text("programmesweb.places"), Kind: ui.Count, Chars: 12, Value: typed["quota"], Error: problemOf(problems, "quota"), Suffix: p.Text("programme.unit." + string(s.one.Unit))}},
		{Field: ui.Field{Name: "valid_from", Label: p.Text("programmesweb.quota_from"), Hint: p.Text("programmesweb.quota_from_hint"), Error: problemOf(problems, "valid_from")},
			Date: &ui.DateParts{Day: typed["valid_from.day"], Month: typed["valid_from.month"], Year: typed["valid_from.year"]}},
		{Field: ui.Field{Name: "legal_basis", Label: p.Text("programmesweb.basis"), Hint: p.Text("programmesweb.quota_basis_hint"), Value: typed["legal_basis"], Error: problemOf(problems, "legal_basis"), MaxLength: 200}},
	}, Buttons: []ui.Button{{Label: p.Text("programmesweb.quota_do")}}}
}

// setQuota sets the number of places from a day on.
func (d *Desk) setQuota(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "quota", "valid_from.day", "valid_from.month", "valid_from.year", "legal_basis")
	if err != nil {
		return err
	}
	s, err := d.openList(r, who, "")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	q, wrong := d.readQuota(form, s)
	if len(wrong) > 0 {
		return d.showQuota(w, r, who, s, http.StatusUnprocessableEntity, problemsOf(p, wrong), typedOf(form))
	}
	if q, err = d.Programmes.SetQuota(r.Context(), who, s.tenant, s.at, q); err != nil {
		problems, err := formProblem(p, err, "quota")
		if err != nil {
			return err
		}
		return d.showQuota(w, r, who, s, http.StatusUnprocessableEntity, problems, typedOf(form))
	}
	d.sessions.Put(r.Context(), "kuota.selesai", p.Text("programmesweb.quota_kept_text", "places", q.Places, "on", p.DateText(q.From.Text())))
	httpkit.Redirect(w, r, s.path()+"/kuota")
	return nil
}

// readQuota reads the form with everything that is wrong with it.
func (d *Desk) readQuota(form url.Values, s shownList) (q programmes.Quota, wrong []error) {
	q = programmes.Quota{Programme: s.one.ID, LegalBasis: form.Get("legal_basis")}
	var err error
	if q.From, err = readDate(form, "valid_from"); err != nil {
		q.From = period.Date{} // told as a day that is missing
	}
	if q.Places, err = readCount(form.Get("quota")); err != nil {
		wrong = append(wrong, fail.Invalid("programmesweb.count").On("quota"))
		q.Places = 0
	}
	for _, problem := range d.Programmes.Problems(q) {
		if e, ok := fail.As(problem); ok && e.Field == "" {
			problem = e.On("valid_from")
		}
		wrong = append(wrong, problem)
	}
	return q, wrong
}
