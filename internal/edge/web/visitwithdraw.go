package web

import (
	"net/http"
	"net/url"

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
	q, err := httpkit.ReadQuery(r, "sesudah")
	if err != nil {
		return err
	}
	return d.showWithdrawal(w, r, who, http.StatusOK, q, nil)
}

// visitToWithdraw is the visit of the address and its family, for who may take it back.
func (d *Desk) visitToWithdraw(r *http.Request, who access.Actor) (f registry.Family, v visits.Visit, err error) {
	card, err := d.visitedFamily(r, who)
	if err != nil {
		return f, v, err
	}
	f = card.Family
	id, err := sqldb.ParseID(r.PathValue("visit"))
	if err != nil {
		return f, v, fail.NotFound("visits.unknown")
	}
	if v, err = d.Visits.Open(r.Context(), who, f.Tenant, f.ID, id); err != nil {
		return f, v, err
	}
	if !v.Withdrawn.At.IsZero() {
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
	after := listedBehind(typed)
	text := p.Text("visitweb.withdraw_lead", "day", p.DateText(v.On.Text()), "name", v.By, "outcome", p.Text("visits.outcome."+string(v.Outcome)))
	return httpkit.Render(w, r, status, desk.Form(page, problems, nil, desk.FormView{Text: text, Form: ui.Form{Action: withdrawPath(f, v.ID), Guard: true, Hidden: []ui.Hidden{{Name: "sesudah", Value: after}}},
		Fields:  []desk.FieldView{{Field: ui.Field{Name: "reason", Label: p.Text("visitweb.withdraw_reason"), Hint: p.Text("visitweb.withdraw_hint"), Value: typed.Get("reason"), Error: problemOf(problems, "reason"), MaxLength: 1000}, Rows: 3}},
		Buttons: []ui.Button{{Label: p.Text("visitweb.withdraw_do"), Danger: true}}, Cancel: &ui.Link{Label: p.Text("web.cancel"), Href: visitsAt(f, after)}}))
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
	form, err := httpkit.ReadForm(r, "reason", "sesudah")
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
	httpkit.Redirect(w, r, visitsAt(registry.Family{Tenant: tenant, ID: id}, listedBehind(form)))
	return nil
}
