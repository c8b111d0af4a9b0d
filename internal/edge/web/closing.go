package web

import (
	"net/http"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/insight"
	"tepat/web/desk"
	"tepat/web/ui"
)

// closingRoutes are the page on which a month of figures is closed.
func (d *Desk) closingRoutes() []Route {
	return []Route{
		{"GET /dasbor/bulan", access.ReadInsight, d.closings},
		{"POST /dasbor/bulan", access.CloseFigures, d.closeMonth},
	}
}

// closings shows which months are closed, and to who may close the next one what would be frozen.
func (d *Desk) closings(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showClosings(w, r, who, http.StatusOK, nil)
}

func (d *Desk) showClosings(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError) error {
	tenant, at, err := d.office(who)
	if err != nil {
		return err
	}
	closed, err := d.Insight.Closings(r.Context(), who, tenant)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "web.closing.title", "area", d.Places.Tree().Title(at))
	page.Lead = p.Text("web.closing.lead")
	page.Back = &ui.Link{Label: p.Text("web.nav.dashboard"), Href: "/dasbor"}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems}
	if done := d.sessions.Pop(r.Context(), "bulan.ditutup"); done != "" {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Good, Title: p.Text("web.closing.done"), Text: done})
	}
	if who.Allow(access.CloseFigures, tenant, at) == nil {
		if err := d.closingForm(r, p, who, tenant, at, &v); err != nil {
			return err
		}
	}
	table, err := d.closedTable(r, p, who, at, closed)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, desk.Section{ID: "ditutup", Title: p.Text("web.closing.closed"), Table: table})
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// closingForm adds the figures that would be frozen, and the one button that does it.
func (d *Desk) closingForm(r *http.Request, p i18n.Printer, who access.Actor, tenant area.Tenant, at area.Code, v *desk.RecordView) error {
	months, err := d.Insight.Closable(r.Context(), who, tenant)
	if err != nil {
		return err
	}
	if len(months) == 0 {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("web.closing.none"), Text: p.Text("web.closing.none_text")})
		return nil
	}
	board, err := d.Insight.Dashboard(r.Context(), who, insight.View{Area: at})
	if err != nil {
		return err
	}
	next := p.DateText(months[0].Text())
	items := make([]ui.SummaryItem, 0, len(board.Figures))
	for _, f := range board.Figures {
		items = append(items, ui.SummaryItem{Label: f.Words.Say(p), Value: valueWords(p, f.Kind, f.Value, d)})
	}
	v.Sections = append(v.Sections, desk.Section{ID: "angka", Title: p.Text("web.closing.preview", "month", next), Text: p.Text("web.closing.preview_text", "counted", d.countedWords(p, who, board.AsOf)), Items: items})
	v.Forms = append(v.Forms, desk.FormView{ID: "tutup", Title: p.Text("web.closing.close", "month", next), Text: p.Text("web.closing.close_text"),
		Form: ui.Form{Action: "/dasbor/bulan", Hidden: []ui.Hidden{{Name: "month", Value: months[0].Text()}}}, Buttons: []ui.Button{{Label: p.Text("web.closing.do", "month", next)}}})
	return nil
}

// closedTable lists the closed months, each leading to its figures.
func (d *Desk) closedTable(r *http.Request, p i18n.Printer, who access.Actor, at area.Code, closed []insight.Closing) (*ui.Table, error) {
	ids := make([]sqldb.ID, 0, len(closed))
	for _, c := range closed {
		if !c.By.IsZero() && !slices.Contains(ids, c.By) {
			ids = append(ids, c.By)
		}
	}
	names, err := d.Accounts.Names(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("web.closing.closed"), Columns: []ui.Column{
		{Label: p.Text("web.closing.month"), Title: true}, {Label: p.Text("web.closing.counted")}, {Label: p.Text("web.closing.at")}, {Label: p.Text("web.closing.by")},
	}, Empty: &ui.Empty{Title: p.Text("web.closing.empty"), Text: p.Text("web.closing.empty_text")}}
	zone := d.zone(who)
	for _, c := range closed {
		month := p.DateText(c.Month.Text())
		t.Rows = append(t.Rows, ui.Row{ID: c.Month.Text(), Label: month, Cells: []ui.Cell{
			{Text: month, Href: "/dasbor?wilayah=" + at.Dotted() + "&bulan=" + c.Month.Text()}, {Text: p.Moment(c.AsOf.In(zone))}, {Text: p.Moment(c.ClosedAt.In(zone))}, {Text: dash(names[c.By])}}})
	}
	return t, nil
}

// closeMonth freezes the figures of the month that was shown.
func (d *Desk) closeMonth(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "month")
	if err != nil {
		return err
	}
	month, err := period.ParseMonth(form.Get("month"))
	if err != nil {
		return err
	}
	tenant, _, err := d.office(who)
	if err != nil {
		return err
	}
	closed, err := d.Insight.CloseMonth(r.Context(), who, tenant, month)
	if e, ok := fail.As(err); ok && e.Kind == fail.KindConflict {
		return d.showClosings(w, r, who, http.StatusConflict, []ui.FieldError{{Field: "tutup", Message: i18n.Of(r).Error(e)}})
	}
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	d.sessions.Put(r.Context(), "bulan.ditutup", p.Text("web.closing.done_text", "month", p.DateText(month.Text()), "rows", closed.Rows))
	httpkit.Redirect(w, r, "/dasbor/bulan")
	return nil
}
