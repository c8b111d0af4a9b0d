package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/payments"
	"tepat/internal/service/programmes"
	"tepat/web/ui"
)

// paidFrom tells which list a stage is paid from, and whether another has followed it since. Who may not read the list is
// told nothing of it.
func (d *Desk) paidFrom(r *http.Request, p i18n.Printer, who access.Actor, c payments.Cycle) ([]ui.SummaryItem, []ui.Link) {
	list, err := d.Payments.PaidFrom(r.Context(), who, c)
	if err != nil || list.ID.IsZero() {
		return nil, nil
	}
	words := p.Text("paymentsweb.paid_from_value", "period", p.DateText(list.From.Text()), "state", p.Text("programmes.list."+list.State))
	item := ui.SummaryItem{Label: p.Text("paymentsweb.paid_from"), Value: words}
	if list.State != string(programmes.Frozen) {
		item.Sub = p.Text("paymentsweb.paid_from_over")
	}
	var links []ui.Link
	if who.Can(access.ReadRegistry) {
		links = []ui.Link{{Label: p.Text("paymentsweb.paid_from_open"), Href: "/program/" + string(c.Programme) + "?daftar=" + rowID(c.Tenant, list.ID)}}
	}
	return []ui.SummaryItem{item}, links
}
