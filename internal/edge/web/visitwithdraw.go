package web

import (
	"net/http"
	"net/url"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/visits"
	"tepat/web/desk"
	"tepat/web/ui"
)

// visitSections are the visits to a family, on its page.
func (d *Desk) visitSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	list, err := d.Visits.Of(r.Context(), who, card.Family.Tenant, card.Family.ID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("visitweb.history"), Columns: []ui.Column{
		{Label: p.Text("visitweb.note_on"), Title: true}, {Label: p.Text("visitweb.found"), Status: true}, {Label: p.Text("visitweb.met")}, {Label: p.Text("visitweb.note_by")}, {Label: p.Text("visitweb.note")},
		{Label: p.Text("visitweb.withdrawal")},
	}}
	for _, v := range list {
		t.Rows = append(t.Rows, d.visitRow(p, who, card.Family, v))
	}
	return []desk.Section{{ID: "kunjungan", Title: p.Text("visitweb.history"), Table: t}}, nil
}

// visitRow is a line of the visits; one that was withdrawn is struck through, and its last cell says so.
func (d *Desk) visitRow(p i18n.Printer, who access.Actor, f registry.Family, v visits.Visit) ui.Row {
	day, back := p.DateTextShort(v.On.Text()), !v.Withdrawn.At.IsZero()
	found, last := ui.Cell{Chip: outcomeChip(p, v.Outcome)}, ui.Cell{Text: "–"}
	switch {
	case back:
		at := p.MomentShort(v.Withdrawn.At.In(d.zone(who)))
		found = ui.Cell{Text: p.Text("visits.outcome." + string(v.Outcome)), Struck: true}
		last = ui.Cell{Chip: &ui.Chip{Label: p.Text("visitweb.withdrawn"), Tone: ui.Bad}, Sub: p.Text("visitweb.withdrawn_by", "at", at, "name", v.Withdrawn.By, "reason", v.Withdrawn.Reason)}
	case mayWithdraw(who, f, v) == nil:
		last = ui.Cell{Text: p.Text("visitweb.withdraw_link", "day", day), Href: withdrawPath(f, v.ID)}
	}
	return ui.Row{ID: v.ID.String(), Label: day, Cells: []ui.Cell{
		{Text: day, Struck: back, Sub: p.Text("visitweb.entered", "at", p.MomentShort(v.RecordedAt.In(d.zone(who))))}, found,
		{Text: dash(v.Met), Struck: back && v.Met != ""}, {Text: v.By, Struck: back}, {Text: dash(v.Note), Struck: back && v.Note != ""}, last,
	}}
}

func mayWithdraw(who access.Actor, f registry.Family, v visits.Visit) error {
	if err := who.Allow(access.RepairMatch, f.Tenant, f.Area); err != nil {
		return err
	}
	return who.Allow(v.ToWithdraw(who), f.Tenant, f.Area)
}

func withdrawPath(f registry.Family, visit sqldb.ID) string {
	return "/keluarga/" + rowID(f.Tenant, f.ID) + "/kunjungan/" + visit.String() + "/tarik"
}

// withdrawVisitForm asks why a visit is taken back.
func (d *Desk) withdrawVisitForm(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showWithdrawal(w, r, who, http.StatusOK, nil, nil)
}

// visitToWithdraw is the visit of the address and its family, for who may take it back.
func (d *Desk) visitToWithdraw(r *http.Request, who access.Actor) (f registry.Family, v visits.Visit, err error) {
	card, err := d.visitedFamily(r, who)
	if err != nil {
		return f, v, err
	}
	f = card.Family
	list, err := d.Visits.Of(r.Context(), who, f.Tenant, f.ID)
	if err != nil {
		return f, v, err
	}
	i := slices.IndexFunc(list, func(v visits.Visit) bool { return v.ID.String() == r.PathValue("visit") })
	if i < 0 {
		return f, v, fail.NotFound("visits.unknown")
	}
	if v = list[i]; !v.Withdrawn.At.IsZero() {
		return f, v, fail.Conflict("visits.withdrawn")
	}
	return f, v, mayWithdraw(who, f, v)
}

func (d *Desk) showWithdrawal(w http.ResponseWriter, r *http.Request, who access.Actor, status int, typed url.Values, problems []ui.FieldError) error {
	f, v, err := d.visitToWithdraw(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.visitPage(r, who, f)
	page.Title = p.Text("visitweb.withdraw_title", "name", f.HeadName)
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	text := p.Text("visitweb.withdraw_lead", "day", p.DateText(v.On.Text()), "name", v.By, "outcome", p.Text("visits.outcome."+string(v.Outcome)))
	return httpkit.Render(w, r, status, desk.Form(page, problems, nil, desk.FormView{Text: text, Form: ui.Form{Action: withdrawPath(f, v.ID), Guard: true},
		Fields:  []desk.FieldView{{Field: ui.Field{Name: "reason", Label: p.Text("visitweb.withdraw_reason"), Hint: p.Text("visitweb.withdraw_hint"), Value: typed.Get("reason"), Error: problemOf(problems, "reason"), MaxLength: 1000}, Rows: 3}},
		Buttons: []ui.Button{{Label: p.Text("visitweb.withdraw_do"), Danger: true}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: page.Back.Href + "#kunjungan"}}))
}

// withdrawVisit takes a visit back, and leads to the family's visits, where it stands struck through.
func (d *Desk) withdrawVisit(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	visit, err := sqldb.ParseID(r.PathValue("visit"))
	if err != nil {
		return fail.NotFound("visits.unknown")
	}
	form, err := httpkit.ReadForm(r, "reason")
	if err != nil {
		return err
	}
	err = d.Visits.Withdraw(r.Context(), who, tenant, id, visit, form.Get("reason"))
	if e, ok := fail.As(err); ok && e.Field != "" {
		return d.showWithdrawal(w, r, who, httpkit.StatusOf(e.Kind), form, []ui.FieldError{{Field: e.Field, Message: i18n.Of(r).Error(e)}})
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/keluarga/"+rowID(tenant, id)+"#kunjungan")
	return nil
}

func outcomeChip(p i18n.Printer, o visits.Outcome) *ui.Chip {
	tone := ui.Wait
	if o == visits.AsRegistered {
		tone = ui.Good
	}
	return &ui.Chip{Label: p.Text("visits.outcome." + string(o)), Tone: tone}
}
