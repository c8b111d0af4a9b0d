package web

import (
	"net/http"
	"net/url"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/payment"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/payments"
	"tepat/web/desk"
	"tepat/web/ui"
)

// findingKinds lists what a row of the bank's file may be held back for.
func findingKinds() []payment.FindingKind {
	return []payment.FindingKind{
		payment.FindingUnlisted, payment.FindingTwice, payment.FindingAmount, payment.FindingExcludedPaid, payment.FindingContradiction, payment.FindingCode,
		"person", "ambiguous", "account", "transition",
	}
}

// payFindings lists the rows of the bank's file that were not taken, the open ones first.
func (d *Desk) payFindings(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "jenis", "status", "sesudah")
	if err != nil {
		return err
	}
	return d.showPayFindings(w, r, who, http.StatusOK, q, nil)
}

// showPayFindings shows the list that q names; a form that came back brings what was typed in q too.
func (d *Desk) showPayFindings(w http.ResponseWriter, r *http.Request, who access.Actor, status int, q url.Values, problems []ui.FieldError) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	c, err := d.Payments.Show(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	f := payments.FindingFilter{Kind: payment.FindingKind(q.Get("jenis")), Limit: pageRows + 1}
	if q.Get("status") == string(payments.FindingSettled) {
		f.State = payments.FindingSettled
	}
	if after := q.Get("sesudah"); after != "" {
		if f.After, err = sqldb.ParseID(after); err != nil {
			return errNotFound
		}
	}
	list, err := d.Payments.Findings(r.Context(), who, tenant, id, f)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > pageRows {
		list = list[:pageRows]
		next = findingsPath(c, q, list[pageRows-1].ID.String())
	}
	p := i18n.Of(r)
	title := p.Text("paymentsweb.cycle_title", "programme", d.programmeWords(p, c.Programme, d.cycleDay(c)), "period", d.stageOf(p, c.Programme, c.Period))
	page := d.page(r, who, "paymentsweb.findings_title")
	page.Lead, page.Back = title, &ui.Link{Label: title, Href: stagePath(c)}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.ListView{Problems: problems, Filter: findingFilterBar(p, c, q), Table: d.findingRows(p, c, list, q), Pager: &ui.Pager{Next: next, Shown: p.Text("web.shown", "count", len(list)), Target: "list"}}
	if q.Get("sesudah") != "" {
		v.Pager.First = findingsPath(c, q, "")
	}
	open := c.State == payments.Instructed || c.State == payments.Reconciling
	if f.State == "" && open && who.Can(access.RunPayment) {
		v.Bulk, v.Table.SelectBy = settleView(p, c, f.Kind, q, problems), "baris"
	}
	if done := d.sessions.Pop(r.Context(), "temuan.selesai"); done != "" {
		v.Notices = []ui.Notice{{Tone: ui.Good, Title: p.Text("paymentsweb.settled"), Text: done}}
	}
	return httpkit.Render(w, r, status, desk.List(page, v))
}

func findingsPath(c payments.Cycle, q url.Values, after string) string {
	keep := url.Values{}
	for _, name := range []string{"jenis", "status"} {
		if v := q.Get(name); v != "" {
			keep.Set(name, v)
		}
	}
	if after != "" {
		keep.Set("sesudah", after)
	}
	if len(keep) == 0 {
		return stagePath(c) + "/temuan"
	}
	return stagePath(c) + "/temuan?" + keep.Encode()
}

func findingFilterBar(p i18n.Printer, c payments.Cycle, q url.Values) *ui.Filter {
	kinds := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, k := range findingKinds() {
		kinds = append(kinds, ui.Option{Value: string(k), Label: p.Text("payments.finding." + string(k)), Selected: q.Get("jenis") == string(k)})
	}
	states := []ui.Option{{Value: "", Label: p.Text("paymentsweb.finding.open")}, {Value: string(payments.FindingSettled), Label: p.Text("paymentsweb.finding.settled"), Selected: q.Get("status") == string(payments.FindingSettled)}}
	return &ui.Filter{Label: p.Text("paymentsweb.findings_filter"), Action: stagePath(c) + "/temuan", Clear: stagePath(c) + "/temuan", Target: "list", Selects: []ui.SelectFilter{
		{Field: ui.Field{Name: "jenis", Label: p.Text("web.kind")}, Options: kinds}, {Field: ui.Field{Name: "status", Label: p.Text("web.status")}, Options: states},
	}}
}

func (d *Desk) findingRows(p i18n.Printer, c payments.Cycle, list []payments.Finding, q url.Values) ui.Table {
	t := ui.Table{Caption: p.Text("paymentsweb.findings_title"), Columns: []ui.Column{
		{Label: p.Text("web.kind"), Title: true}, {Label: p.Text("paymentsweb.bank_row")}, {Label: p.Text("paymentsweb.bank_amount"), Numeric: true}, {Label: p.Text("paymentsweb.payment")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("paymentsweb.findings_empty"), Text: p.Text("paymentsweb.findings_empty_text"), Links: []ui.Link{{Label: p.Text("paymentsweb.to_stage"), Href: stagePath(c)}}}}
	zone := d.Places.Tree().Zone(d.Home.Home()).Location()
	for _, f := range list {
		label := p.Text("payments.finding." + string(f.Kind))
		chip := ui.Chip{Label: p.Text("paymentsweb.finding." + string(f.State)), Tone: ui.Wait}
		about := ui.Cell{Text: p.Text("paymentsweb.finding_nobody")}
		if !f.Payment.IsZero() {
			about = ui.Cell{Text: p.Text("paymentsweb.see_payment"), Href: stagePath(c) + "/baris/" + rowID(c.Tenant, f.Payment)}
		}
		sub := p.Text("paymentsweb.found_on", "on", p.MomentShort(f.FoundAt.In(zone)))
		if f.State == payments.FindingSettled {
			chip.Tone, sub = ui.Good, f.Note
			if sub == "" {
				sub = p.Text("paymentsweb.settled_by_row")
			}
		}
		code := f.Code
		if code != "" {
			code = p.Text("paymentsweb.bank_code", "code", code)
		}
		t.Rows = append(t.Rows, ui.Row{ID: f.ID.String(), Label: p.Text("paymentsweb.finding_line", "line", f.Line), Chosen: slices.Contains(q["baris"], f.ID.String()), Cells: []ui.Cell{
			{Text: label, Sub: sub}, {Text: p.Text("paymentsweb.finding_line", "line", f.Line), Sub: joined(f.NIK.String(), f.Account.String())},
			{Text: p.Rupiah(int64(f.Amount)), Sub: code}, about, {Chip: &chip},
		}})
	}
	return t
}

// joined sets what there is side by side.
func joined(parts ...string) string {
	out := ""
	for _, part := range parts {
		if part != "" && out != "" {
			out += " · "
		}
		out += part
	}
	return out
}

func settleView(p i18n.Printer, c payments.Cycle, kind payment.FindingKind, q url.Values, problems []ui.FieldError) *desk.BulkView {
	v := &desk.BulkView{Action: stagePath(c) + "/temuan", Fields: []desk.FieldView{
		{Field: ui.Field{Name: "note", Label: p.Text("paymentsweb.settle_note"), Hint: p.Text("paymentsweb.settle_note_hint"), Value: q.Get("note"), Error: problemOf(problems, "note"), MaxLength: 500}},
	}, Buttons: []ui.Button{{Label: p.Text("paymentsweb.settle_chosen"), Name: "do", Value: "chosen"}}}
	for _, name := range []string{"jenis", "sesudah"} {
		if text := q.Get(name); text != "" {
			v.Hidden = append(v.Hidden, ui.Hidden{Name: name, Value: text})
		}
	}
	if kind != "" {
		v.Buttons = append(v.Buttons, ui.Button{Label: p.Text("paymentsweb.settle_kind", "kind", p.Text("payments.finding."+string(kind))), Name: "do", Value: "kind", Secondary: true})
	}
	return v
}

// settleFindings settles the chosen findings, or every open one of the kind that is shown.
func (d *Desk) settleFindings(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "do", "note", "baris", "jenis", "sesudah")
	if err != nil {
		return err
	}
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	in := payments.Settlement{Note: form.Get("note")}
	if form.Get("do") == "kind" {
		in.Kind = payment.FindingKind(form.Get("jenis"))
	} else {
		for _, text := range form["baris"] {
			one, err := sqldb.ParseID(text)
			if err != nil {
				return errNotFound
			}
			in.IDs = append(in.IDs, one)
		}
	}
	p := i18n.Of(r)
	n, err := d.Payments.Settle(r.Context(), who, tenant, id, in)
	if err != nil {
		problems, err := formProblem(p, err, "note")
		if err != nil {
			return err
		}
		return d.showPayFindings(w, r, who, http.StatusUnprocessableEntity, form, problems)
	}
	d.sessions.Put(r.Context(), "temuan.selesai", p.Text("paymentsweb.settled_text", "count", n))
	back := "/penyaluran/" + rowID(tenant, id) + "/temuan"
	if kind := form.Get("jenis"); kind != "" && form.Get("do") != "kind" {
		back += "?jenis=" + url.QueryEscape(kind)
	}
	httpkit.Redirect(w, r, back)
	return nil
}
