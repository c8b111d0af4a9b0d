package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/payments"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// paymentRoutes are the pages of stages of payment.
func (d *Desk) paymentRoutes() []Route {
	return []Route{
		{"GET /penyaluran", access.ReadRuns, d.cycles},
		{"GET /penyaluran/baru", access.RunPayment, d.newCycle},
		{"POST /penyaluran/baru", access.RunPayment, d.openCycle},
		{"GET /penyaluran/gagal", access.ReadRegistry, d.failedPayments},
		{"GET /penyaluran/{id}", access.ReadRuns, d.cycle},
		{"POST /penyaluran/{id}/hitung", access.RunPayment, d.payRun},
		{"POST /penyaluran/{id}/perintah", access.RunPayment, d.orderRun},
		{"POST /penyaluran/{id}/tutup", access.RunPayment, d.closeRun},
		{resultPattern, access.RunPayment, d.resultFile},
		{"POST /penyaluran/{id}/kembali", access.RunPayment, d.returnRun},
		{"GET /penyaluran/{id}/temuan", access.ReadRuns, d.payFindings},
		{"POST /penyaluran/{id}/temuan", access.RunPayment, d.settleFindings},
		{"GET /penyaluran/{id}/baris", access.ReadRegistry, d.paymentRows},
		{"GET /penyaluran/{cycle}/baris/{id}", access.ReadRegistry, d.payment},
		{"POST /penyaluran/{cycle}/baris/{id}/tangani", access.ReadRegistry, d.mendPayment},
		{"POST /penyaluran/{cycle}/baris/{id}/kecualikan", access.RunPayment, d.excludePayment},
		{"POST /penyaluran/{cycle}/baris/{id}/kembalikan", access.RunPayment, d.reinstatePayment},
		{"POST /penyaluran/{cycle}/baris/{id}/pengurus", access.RunPayment, d.changePayee},
		{"GET /penyaluran/{id}/daftar", access.ExportData, d.paymentList},
		{"POST /penyaluran/{id}/daftar", access.RunPayment, d.fullPaymentList},
	}
}

// paymentWork tells how many failed payments wait to be mended.
func (d *Desk) paymentWork(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error) {
	if !who.Can(access.RunPayment) && !who.Can(access.ChangeRegistry) && !who.Can(leads) {
		return nil, nil // who reads of them only is not asked to mend them
	}
	failed, err := d.Payments.Waiting(r.Context(), who)
	if err != nil || failed == 0 {
		return nil, err
	}
	return []ui.Task{{Label: p.Text("paymentsweb.work", "count", failed), Href: "/penyaluran/gagal", Hint: p.Text("paymentsweb.work_hint"), Chip: ui.Chip{Label: p.Text("web.todo"), Tone: ui.Info}}}, nil
}

// cycles lists the stages of payment.
func (d *Desk) cycles(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "status", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	tenant, at, err := d.office(who)
	if err != nil {
		return err
	}
	f := payments.CycleFilter{State: payments.CycleState(q.Get("status")), Limit: rows + 1}
	if after := q.Get("sesudah"); after != "" {
		of, id, err := parseRow(after)
		if err != nil {
			return err
		}
		if f.Before, err = d.Payments.Show(r.Context(), who, of, id); err != nil {
			return err
		}
	}
	list, err := d.Payments.Cycles(r.Context(), who, tenant, f)
	if err != nil {
		return err
	}
	list, next := paged(r, list, rows, func(last payments.Cycle) string { return rowID(last.Tenant, last.ID) })
	page := d.page(r, who, "paymentsweb.title")
	page.Lead = p.Text("paymentsweb.lead", "place", d.Places.Tree().Label(at))
	v := desk.ListView{Filter: cycleFilter(p, r), Table: d.cycleTable(p, list)}
	if v.Pager, err = d.pager(r, p, len(list), next, nil); err != nil {
		return err
	}
	if who.Can(access.RunPayment) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("paymentsweb.open"), Href: "/penyaluran/baru"})
	}
	if who.Can(access.ReadRegistry) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("paymentsweb.failed"), Href: "/penyaluran/gagal"})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

func cycleFilter(p i18n.Printer, r *http.Request) *ui.Filter {
	states := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, s := range []payments.CycleState{payments.Open, payments.Instructed, payments.Reconciling, payments.Closing, payments.Closed, payments.Cancelled} {
		states = append(states, ui.Option{Value: string(s), Label: p.Text("payments.cycle." + string(s)), Selected: r.URL.Query().Get("status") == string(s)})
	}
	return &ui.Filter{Label: p.Text("paymentsweb.filter"), Action: "/penyaluran", Clear: "/penyaluran", Target: "list", Selects: []ui.SelectFilter{{Field: ui.Field{Name: "status", Label: p.Text("web.status")}, Options: states}}}
}

func (d *Desk) cycleTable(p i18n.Printer, list []payments.Cycle) ui.Table {
	t := ui.Table{Caption: p.Text("paymentsweb.title"), Columns: []ui.Column{
		{Label: p.Text("programmesweb.programme"), Title: true}, {Label: p.Text("paymentsweb.period")}, {Label: p.Text("paymentsweb.rows"), Numeric: true}, {Label: p.Text("programmesweb.amount"), Numeric: true},
		{Label: p.Text("paymentsweb.order")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("paymentsweb.empty"), Text: p.Text("paymentsweb.empty_text")}}
	for _, c := range list {
		chip := cycleChip(p, c.State)
		name := d.programmeWords(p, c.Programme, d.cycleDay(c))
		t.Rows = append(t.Rows, ui.Row{ID: rowID(c.Tenant, c.ID), Label: name, Cells: []ui.Cell{
			{Text: name, Href: "/penyaluran/" + rowID(c.Tenant, c.ID), Sub: p.Text(map[bool]string{true: "paymentsweb.own", false: "paymentsweb.central"}[c.OwnMoney])},
			{Text: d.stageOf(p, c.Programme, c.Period)}, {Text: p.Number(c.Rows)}, {Text: p.Rupiah(int64(c.Amount))}, {Text: dash(c.Order), Sub: p.DateTextShort(c.OrderedOn.Text())}, {Chip: &chip},
		}})
	}
	return t
}

// cycleDay is the day whose names a stage is shown by.
func (d *Desk) cycleDay(c payments.Cycle) period.Date {
	return period.DateOf(c.ChangedAt, d.Places.Tree().Zone(d.Home.Home()).Location())
}

func cycleChip(p i18n.Printer, s payments.CycleState) ui.Chip {
	tone := map[payments.CycleState]ui.Tone{payments.Open: ui.Info, payments.Instructed: ui.Wait, payments.Reconciling: ui.Wait, payments.Closing: ui.Info, payments.Closed: ui.Good}[s]
	return ui.Chip{Label: p.Text("payments.cycle." + string(s)), Tone: tone}
}

// paymentSections show what a family was paid.
func (d *Desk) paymentSections(r *http.Request, p i18n.Printer, _ access.Actor, card registry.Card) ([]desk.Section, error) {
	list, err := d.Paid(r.Context(), card.Family.Tenant, card.Family.ID)
	if err != nil {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("paymentsweb.title"), Columns: []ui.Column{
		{Label: p.Text("programmesweb.programme"), Title: true}, {Label: p.Text("paymentsweb.period")}, {Label: p.Text("paymentsweb.payee")}, {Label: p.Text("programmesweb.amount"), Numeric: true}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("paymentsweb.family_empty"), Text: p.Text("paymentsweb.family_empty_text")}}
	for _, one := range list {
		chip := paymentChip(p, one)
		name := d.programmeWords(p, one.Programme, period.DateOf(one.ChangedAt, d.Places.Tree().Zone(one.Area).Location()))
		t.Rows = append(t.Rows, ui.Row{ID: one.ID.String(), Label: name, Cells: []ui.Cell{
			{Text: name, Href: paymentPath(one)}, {Text: d.stageOf(p, one.Programme, one.Period)}, {Text: one.Name, Sub: one.Account.String()}, {Text: p.Rupiah(int64(one.Amount))}, {Chip: &chip}}})
	}
	return []desk.Section{{ID: "penyaluran", Title: p.Text("paymentsweb.family"), Table: t}}, nil
}

func paymentChip(p i18n.Printer, one payments.Payment) ui.Chip {
	return ui.Chip{Label: one.Meaning.Label.In(p.Lang.String()), Tone: paymentTone(one.State)}
}

func paymentTone(s payment.Status) ui.Tone {
	switch s {
	case payment.PaidUsed:
		return ui.Good
	case payment.PaidUnused, payment.Credited, payment.NotUsed:
		return ui.Wait
	case payment.Rejected, payment.Returned, payment.OMSPANFailed, payment.AccountOpeningFailed, payment.AccountCheckFailed:
		return ui.Bad
	default:
		return ui.Info
	}
}
