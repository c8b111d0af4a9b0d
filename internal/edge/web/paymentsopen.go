package web

import (
	"net/http"

	"github.com/a-h/templ"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/payment"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/payments"
	"tepat/web/desk"
	"tepat/web/ui"
)

// cycle shows one stage in figures, with what can be done next.
func (d *Desk) cycle(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showCycle(w, r, who, http.StatusOK, nil, map[string]string{})
}

func (d *Desk) showCycle(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError, typed map[string]string) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	c, err := d.Payments.Show(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	report, err := d.Payments.Report(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "paymentsweb.cycle_title", "programme", d.programmeWords(p, c.Programme, d.cycleDay(c)), "period", d.stageOf(p, c.Programme, c.Period))
	page.Back = d.back(r, p.Text("paymentsweb.title"), "/penyaluran")
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	paidFrom, links := d.paidFrom(r, p, who, c)
	v := desk.RecordView{Problems: problems, Chips: []ui.Chip{cycleChip(p, c.State)}, Links: links, Sections: []desk.Section{
		{ID: "ringkasan", Title: p.Text("paymentsweb.summary"), Items: append(cycleItems(p, report), paidFrom...)},
		{ID: "hasil", Title: p.Text("paymentsweb.finals"), Content: finalBar(p, report), Table: finalTable(p, report)},
	}}
	if report.Listed.Rows > 0 { // before the rows are worked out one empty table says it
		v.Sections = append(v.Sections, desk.Section{ID: "penyebab", Title: p.Text("paymentsweb.causes"), Table: causeTable(p, report)},
			desk.Section{ID: "desa", Title: p.Text("paymentsweb.villages"), Table: d.villageTable(p, report, who)})
	}
	settles := who.Can(access.RunPayment) || who.Can(access.ApprovePayment)
	if report.Whole && len(report.Findings) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "temuan", Title: p.Text("paymentsweb.findings"), Table: findingTable(p, report, settles)})
	}
	if report.Listed.Rows > 0 && who.Can(access.ReadRegistry) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("paymentsweb.see_rows"), Href: stagePath(c) + "/baris"})
	}
	if report.Whole && len(report.Findings) > 0 && settles {
		v.Links = append(v.Links, ui.Link{Label: p.Text("paymentsweb.see_findings"), Href: stagePath(c) + "/temuan"})
	}
	v.Forms = d.cycleForms(p, c, report, who, problems, typed)
	if who.Can(access.ExportData) && c.Rows > 0 {
		v.Links = append(v.Links, ui.Link{Label: p.Text("paymentsweb.list_masked"), Href: stagePath(c) + "/daftar"})
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

func sumText(p i18n.Printer, s payments.Sum) string {
	return p.Text("paymentsweb.sum", "rows", s.Rows, "amount", p.Rupiah(int64(s.Amount)))
}

func cycleItems(p i18n.Printer, r payments.Report) []ui.SummaryItem {
	items := []ui.SummaryItem{
		{Label: p.Text("paymentsweb.listed"), Value: sumText(p, r.Listed)}, {Label: p.Text("paymentsweb.payable"), Value: sumText(p, r.Payable)},
		{Label: p.Text("paymentsweb.answered"), Value: sumText(p, r.Answered)}, {Label: p.Text("paymentsweb.still_open"), Value: sumText(p, r.Open)},
	}
	if r.Whole && r.Cycle.Order != "" {
		items = append(items, ui.SummaryItem{Label: p.Text("paymentsweb.order"), Value: r.Cycle.Order, Sub: p.DateText(r.Cycle.OrderedOn.Text()) + " · " + p.Rupiah(int64(r.Cycle.Disbursed))},
			ui.SummaryItem{Label: p.Text("paymentsweb.difference"), Value: p.Rupiah(int64(r.List)), Sub: p.Text("paymentsweb.difference_bank", "amount", p.Rupiah(int64(r.Bank)))})
	}
	return items
}

// finals lists the states rows end in, then the excluded ones, in the order of the figures.
func finals() []payment.Status { return append(payment.Finals(), payment.Exclusions()...) }

// shownFinals keeps those of which there are rows.
func shownFinals(r payments.Report) (out []payment.Status) {
	seen := map[payment.Status]bool{}
	for _, s := range finals() {
		if !seen[s] && r.ByFinal[s].Rows > 0 {
			out, seen[s] = append(out, s), true
		}
	}
	return out
}

func finalWords(p i18n.Printer, s payment.Status) string {
	return p.Text("paymentsweb.final." + string(s))
}

func finalBar(p i18n.Printer, r payments.Report) templ.Component {
	b := ui.Bar{Title: p.Text("paymentsweb.finals")}
	for _, s := range shownFinals(r) {
		b.Parts = append(b.Parts, ui.Part{Label: finalWords(p, s), Value: r.ByFinal[s].Rows, Text: p.Number(r.ByFinal[s].Rows) + " (" + p.Share(r.ByFinal[s].Rows, r.Listed.Rows) + ")", Tone: finalTone(s)})
	}
	if r.Open.Rows > 0 {
		b.Parts = append(b.Parts, ui.Part{Label: p.Text("paymentsweb.still_open"), Value: r.Open.Rows, Text: p.Number(r.Open.Rows) + " (" + p.Share(r.Open.Rows, r.Listed.Rows) + ")"})
	}
	if len(b.Parts) == 0 {
		return nil
	}
	return ui.StackedBar(b)
}

func finalTone(s payment.Status) ui.Tone {
	switch s {
	case payment.PaidUsed, payment.PaidUnused, payment.Rejected, payment.Returned:
		return paymentTone(s)
	default:
		return ui.Plain
	}
}

func finalTable(p i18n.Printer, r payments.Report) *ui.Table {
	t := &ui.Table{Caption: p.Text("paymentsweb.finals"), Columns: []ui.Column{
		{Label: p.Text("web.status"), Title: true}, {Label: p.Text("paymentsweb.rows"), Numeric: true}, {Label: p.Text("programmesweb.amount"), Numeric: true}, {Label: p.Text("paymentsweb.share"), Numeric: true},
	}, Empty: &ui.Empty{Title: p.Text("paymentsweb.no_rows"), Text: p.Text("paymentsweb.no_rows_text")}}
	add := func(label string, s payments.Sum) {
		t.Rows = append(t.Rows, ui.Row{ID: label, Label: label, Cells: []ui.Cell{{Text: label}, {Text: p.Number(s.Rows)}, {Text: p.Rupiah(int64(s.Amount))}, {Text: p.Share(s.Rows, r.Listed.Rows)}}})
	}
	for _, s := range shownFinals(r) {
		add(finalWords(p, s), r.ByFinal[s])
	}
	if r.Open.Rows > 0 {
		add(p.Text("paymentsweb.still_open"), r.Open)
	}
	if len(t.Rows) > 0 {
		t.Foot = []ui.Cell{{Text: p.Text("programmesweb.total")}, {Text: p.Number(r.Listed.Rows)}, {Text: p.Rupiah(int64(r.Listed.Amount))}, {Text: p.Share(r.Listed.Rows, r.Listed.Rows)}}
	}
	return t
}

func causeTable(p i18n.Printer, r payments.Report) *ui.Table {
	t := &ui.Table{Caption: p.Text("paymentsweb.causes"), Columns: []ui.Column{
		{Label: p.Text("web.cause"), Title: true}, {Label: p.Text("paymentsweb.who")}, {Label: p.Text("paymentsweb.rows"), Numeric: true}, {Label: p.Text("programmesweb.amount"), Numeric: true},
	}, Empty: &ui.Empty{Title: p.Text("paymentsweb.no_causes"), Text: p.Text("paymentsweb.no_causes_text")}}
	for _, c := range r.Causes {
		label := c.Label.In(p.Lang.String())
		t.Rows = append(t.Rows, ui.Row{ID: string(c.State) + "-" + c.Code, Label: label, Cells: []ui.Cell{
			{Text: dash(label)}, {Text: holderWords(p, c.Who)}, {Text: p.Number(c.Rows)}, {Text: p.Rupiah(int64(c.Amount))}}})
	}
	return t
}

func holderWords(p i18n.Printer, h payments.Holder) string {
	if h == payments.HeldByNobody {
		return "–"
	}
	return p.Text("payments.who." + string(h))
}

// villageTable gives a stage by village. Its rows are persons: who reads figures alone is led nowhere.
func (d *Desk) villageTable(p i18n.Printer, r payments.Report, who access.Actor) *ui.Table {
	t := &ui.Table{Caption: p.Text("paymentsweb.villages"), Columns: []ui.Column{
		{Label: p.Text("web.village"), Title: true}, {Label: p.Text("paymentsweb.listed"), Numeric: true}, {Label: finalWords(p, payment.PaidUsed), Numeric: true},
		{Label: p.Text("paymentsweb.not_reached"), Numeric: true}, {Label: p.Text("paymentsweb.still_open"), Numeric: true}, {Label: p.Text("programmesweb.amount"), Numeric: true},
	}, Empty: &ui.Empty{Title: p.Text("paymentsweb.no_rows"), Text: p.Text("paymentsweb.no_rows_text")}}
	for _, v := range r.Villages {
		name := d.Places.Tree().Title(v.Area) // two villages of a district may share a name, not the kind
		missed := v.ByFinal[payment.Rejected].Rows + v.ByFinal[payment.Returned].Rows + v.ByFinal[payment.PaidUnused].Rows
		href := ""
		if who.Can(access.ReadRegistry) {
			href = stagePath(r.Cycle) + "/baris?wilayah=" + v.Area.Dotted()
		}
		t.Rows = append(t.Rows, ui.Row{ID: v.Area.Dotted(), Label: name, Cells: []ui.Cell{
			{Text: name, Href: href}, {Text: p.Number(v.Listed.Rows)}, {Text: p.Number(v.ByFinal[payment.PaidUsed].Rows)}, {Text: p.Number(missed)}, {Text: p.Number(v.Open.Rows)}, {Text: p.Rupiah(int64(v.Listed.Amount))}}})
	}
	return t
}

// findingTable counts what does not add up; who settles it is led to the rows.
func findingTable(p i18n.Printer, r payments.Report, settles bool) *ui.Table {
	t := &ui.Table{Caption: p.Text("paymentsweb.findings"), Columns: []ui.Column{{Label: p.Text("web.kind"), Title: true}, {Label: p.Text("paymentsweb.rows"), Numeric: true}, {Label: p.Text("programmesweb.amount"), Numeric: true}}}
	for _, f := range r.Findings {
		label := p.Text("payments.finding." + string(f.Kind))
		href := ""
		if settles {
			href = stagePath(r.Cycle) + "/temuan?jenis=" + string(f.Kind)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(f.Kind), Label: label, Cells: []ui.Cell{{Text: label, Href: href}, {Text: p.Number(f.Rows)}, {Text: p.Rupiah(int64(f.Amount))}}})
	}
	return t
}

// failedPayments is the queue of payments that failed and nobody has dealt with.
func (d *Desk) failedPayments(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "wilayah", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	f := payments.Filter{Limit: rows + 1}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	if f.After, err = paymentAfter(q.Get("sesudah")); err != nil {
		return err
	}
	list, err := d.Payments.Queue(r.Context(), who, f)
	if err != nil {
		return err
	}
	list, next := paged(r, list, rows, func(last payments.Payment) string { return itoa(int64(last.Area)) + "-" + rowID(last.Tenant, last.ID) })
	page := d.page(r, who, "paymentsweb.failed")
	page.Back = &ui.Link{Label: p.Text("web.nav.home"), Href: "/"}
	if who.Can(access.RunPayment) || who.Can(access.ApprovePayment) {
		page.Back = &ui.Link{Label: p.Text("paymentsweb.title"), Href: "/penyaluran"}
	}
	page.Lead = p.Text("paymentsweb.failed_lead")
	t := ui.Table{Caption: p.Text("paymentsweb.failed"), Columns: []ui.Column{
		{Label: p.Text("paymentsweb.payee"), Title: true}, {Label: p.Text("web.village")}, {Label: p.Text("paymentsweb.what_next")}, {Label: p.Text("programmesweb.amount"), Numeric: true}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("paymentsweb.failed_empty"), Text: p.Text("paymentsweb.failed_empty_text")}}
	for _, one := range list {
		chip := paymentChip(p, one)
		t.Rows = append(t.Rows, ui.Row{ID: rowID(one.Tenant, one.ID), Label: one.Name, Cells: []ui.Cell{
			{Text: one.Name, Href: paymentPath(one), Sub: one.NIK.String()}, {Text: d.Places.Tree().Name(one.Area), Sub: d.stageOf(p, one.Programme, one.Period)},
			{Text: dash(one.Next.What.In(p.Lang.String())), Sub: holderWords(p, one.Next.Who)}, {Text: p.Rupiah(int64(one.Amount)), Sub: one.Account.String()}, {Chip: &chip},
		}})
	}
	filter := &ui.Filter{Label: p.Text("paymentsweb.failed_filter"), Action: "/penyaluran/gagal", Clear: "/penyaluran/gagal", Target: "list", Selects: []ui.SelectFilter{d.areaFilter(p, who, q.Get("wilayah"))}}
	foot, err := d.pager(r, p, len(list), next, func() (int64, error) { return d.Payments.CountQueue(r.Context(), who, f, mostCounted) })
	if err != nil {
		return err
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, desk.ListView{Filter: filter, Table: t, Pager: foot}))
}

// paymentAfter reads where the queue goes on: a place and a payment.
func paymentAfter(text string) (out payments.Payment, err error) {
	if text == "" {
		return out, nil
	}
	at, rest, err := splitCursor(text)
	if err != nil {
		return out, err
	}
	var id sqldb.ID
	if out.Tenant, id, err = parseRow(rest); err != nil {
		return out, err
	}
	out.Area, out.ID = area.Code(at), id
	return out, nil
}
