package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/looks"
	"tepat/web/desk"
	"tepat/web/ui"
)

// hourRoutes are the pages of the working hours of single offices.
func (d *Desk) hourRoutes() []Route {
	return []Route{{"GET /jam-kerja", access.Administer, d.officeHours}, {"POST /jam-kerja", access.Administer, d.setHours}}
}

func (d *Desk) officeHours(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showHours(w, r, who, http.StatusOK, url.Values{"from": {"8"}, "to": {"16"}, "days": {"1", "2", "3", "4", "5"}}, nil)
}

func (d *Desk) showHours(w http.ResponseWriter, r *http.Request, who access.Actor, status int, typed url.Values, problems []ui.FieldError) error {
	list, err := d.Looks.Offices(r.Context(), who)
	if err != nil {
		return err
	}
	ids := make([]sqldb.ID, len(list))
	for i, h := range list {
		ids[i] = h.SetBy
	}
	names, err := d.Accounts.Names(r.Context(), ids)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "hoursweb.title")
	page.Lead = p.Text("hoursweb.lead")
	page.Back = d.back(r, p.Text("usersweb.title"), "/pengguna")
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Sections: []desk.Section{{ID: "jam", Title: p.Text("hoursweb.list"), Items: d.generalHours(p), Table: d.hoursTable(p, list, names)}}}
	v.Forms = []desk.FormView{d.hoursForm(p, who, typed, problems)}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// generalHours are the hours of all offices, by the rules in force.
func (d *Desk) generalHours(p i18n.Printer) (out []ui.SummaryItem) {
	for _, rule := range d.Looks.Rules.Rules {
		if rule.Kind == looks.OutsideHours {
			out = append(out, ui.SummaryItem{Label: p.Text("hoursweb.general"), Value: p.Text("hoursweb.general_days", "from", rule.From, "to", rule.To), Sub: rule.LegalBasis})
		}
	}
	return out
}

func (d *Desk) hoursTable(p i18n.Printer, list []looks.Hours, names map[sqldb.ID]string) *ui.Table {
	t := &ui.Table{Caption: p.Text("hoursweb.list"), Columns: []ui.Column{
		{Label: p.Text("hoursweb.office"), Title: true}, {Label: p.Text("hoursweb.days")}, {Label: p.Text("hoursweb.hours")}, {Label: p.Text("hoursweb.valid")}, {Label: p.Text("hoursweb.basis")}, {Label: p.Text("hoursweb.by")},
	}, Empty: &ui.Empty{Title: p.Text("hoursweb.empty"), Text: p.Text("hoursweb.empty_text")}}
	for _, h := range list {
		t.Rows = append(t.Rows, ui.Row{ID: rowID(h.Tenant, h.ID), Label: d.Places.Tree().Title(h.Area), Cells: []ui.Cell{
			{Text: d.Places.Tree().Title(h.Area)}, {Text: dayWords(p, h)}, {Text: p.Text("hoursweb.span", "from", h.From, "to", h.To)}, {Text: validWords(p, h)}, {Text: h.Basis}, {Text: whoWords(p, names, h.SetBy)}}})
	}
	return t
}

func dayWords(p i18n.Printer, h looks.Hours) string {
	var out []string
	for _, day := range h.Days {
		out = append(out, p.Text("hoursweb.day."+string(day)))
	}
	return strings.Join(out, ", ")
}

func validWords(p i18n.Printer, h looks.Hours) string {
	if h.ValidTo.IsZero() {
		return p.Text("hoursweb.since", "from", p.DateTextShort(h.ValidFrom.Text()))
	}
	return p.Text("hoursweb.between", "from", p.DateTextShort(h.ValidFrom.Text()), "to", p.DateTextShort(h.ValidTo.Text()))
}

func (d *Desk) hoursForm(p i18n.Printer, who access.Actor, typed url.Values, problems []ui.FieldError) desk.FormView {
	days := make([]ui.Option, 0, 7)
	for _, day := range "1234567" {
		one := ui.Option{Value: string(day), Label: p.Text("hoursweb.day." + string(day))}
		for _, chosen := range typed["days"] {
			one.Selected = one.Selected || chosen == one.Value
		}
		days = append(days, one)
	}
	count := func(name string) desk.FieldView {
		return desk.FieldView{Field: ui.Field{Name: name, Label: p.Text("hoursweb." + name), Hint: p.Text("hoursweb.hour_hint"), Kind: ui.Count, Value: typed.Get(name), Chars: 2, MaxLength: 2, Error: problemOf(problems, name)}}
	}
	date := func(name, hint string, optional bool) desk.FieldView {
		return desk.FieldView{Field: ui.Field{Name: name, Label: p.Text("hoursweb." + name), Hint: hint, Optional: optional, Error: problemOf(problems, name)},
			Date: &ui.DateParts{Day: typed.Get(name + ".day"), Month: typed.Get(name + ".month"), Year: typed.Get(name + ".year")}}
	}
	return desk.FormView{ID: "catat", Title: p.Text("hoursweb.add"), Text: p.Text("hoursweb.add_text"), Form: ui.Form{Action: "/jam-kerja"}, Fields: []desk.FieldView{
		d.placeField(p, who, typed.Get("area"), problemOf(problems, "area")),
		{Field: ui.Field{Name: "days", Label: p.Text("hoursweb.days"), Error: problemOf(problems, "days")}, Options: days, Checks: true},
		count("from"), count("to"), date("from_day", "", false), date("until_day", p.Text("hoursweb.until_hint"), true),
		{Field: ui.Field{Name: "basis", Label: p.Text("hoursweb.basis"), Hint: p.Text("hoursweb.basis_hint"), Value: typed.Get("basis"), MaxLength: 200, Error: problemOf(problems, "basis")}},
	}, Buttons: []ui.Button{{Label: p.Text("hoursweb.save")}}}
}

// setHours notes the hours of an office.
func (d *Desk) setHours(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "area", "days", "from", "to", "from_day.day", "from_day.month", "from_day.year", "until_day.day", "until_day.month", "until_day.year", "basis")
	if err != nil {
		return err
	}
	h, err := readHours(form)
	if err == nil {
		_, err = d.Looks.SetHours(r.Context(), who, h)
	}
	if e, ok := fail.As(err); ok {
		return d.showHours(w, r, who, httpkit.StatusOf(e.Kind), form, []ui.FieldError{{Field: fieldOr(e.Field, "area"), Message: i18n.Of(r).Error(e)}})
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/jam-kerja")
	return nil
}

func readHours(form url.Values) (h looks.Hours, err error) {
	if h.Area, err = area.Parse(form.Get("area")); err != nil {
		return h, fail.Invalid("area.unknown", "area", form.Get("area")).On("area")
	}
	h.Days, h.Basis = strings.Join(form["days"], ""), form.Get("basis")
	var bad error
	if h.From, bad = strconv.Atoi(form.Get("from")); bad != nil {
		return h, fail.Invalid("looks.hours_span").On("from")
	}
	if h.To, bad = strconv.Atoi(form.Get("to")); bad != nil {
		return h, fail.Invalid("looks.hours_span").On("to")
	}
	if h.ValidFrom, bad = readDate(form, "from_day"); bad != nil {
		return h, fail.Invalid("looks.hours_from").On("from_day")
	}
	if h.ValidTo, bad = readDate(form, "until_day"); bad != nil {
		return h, fail.Invalid("looks.hours_until").On("until_day")
	}
	return h, nil
}

// lookGround says what a find stands on: the rule's legal basis, and of one outside hours which hours those were.
func (d *Desk) lookGround(r *http.Request, who access.Actor, u looks.Unusual) (out []ui.SummaryItem, err error) {
	p := i18n.Of(r)
	for _, rule := range d.Looks.Rules.Rules {
		if rule.ID != u.Rule {
			continue
		}
		out = append(out, ui.SummaryItem{Label: p.Text("looksweb.basis"), Value: rule.LegalBasis})
		if rule.Kind != looks.OutsideHours {
			continue
		}
		general := ui.SummaryItem{Label: p.Text("hoursweb.general"), Value: p.Text("hoursweb.day_off")}
		if from, to := d.Looks.National(rule, u.Day); from < to {
			general.Value = p.Text("hoursweb.span", "from", from, "to", to)
		}
		out = append(out, general)
		offices, err := d.Looks.HoursOf(r.Context(), who, u)
		if err != nil {
			return nil, err
		}
		for _, h := range offices {
			item := ui.SummaryItem{Label: p.Text("hoursweb.of_office", "office", d.Places.Tree().Title(h.Area)), Value: p.Text("hoursweb.span", "from", h.From, "to", h.To), Sub: h.Basis}
			if !h.On(u.Day) {
				item.Value = p.Text("hoursweb.not_that_day")
			}
			out = append(out, item)
		}
	}
	return out, nil
}
