package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/payments"
	"tepat/web/desk"
	"tepat/web/ui"
)

func stagePath(c payments.Cycle) string { return "/penyaluran/" + rowID(c.Tenant, c.ID) }

func paymentPath(one payments.Payment) string {
	return "/penyaluran/" + rowID(one.Tenant, one.Cycle) + "/baris/" + rowID(one.Tenant, one.ID)
}

// rowStates are the states a list of payments can be narrowed to, in the order of the machine.
func rowStates() []payment.Status {
	return append(append([]payment.Status{payment.Listed, payment.SI, payment.Credited, payment.NotUsed}, payment.Exclusions()...), payment.Finals()...)
}

// paymentRows lists the payments of a stage in the actor's area.
func (d *Desk) paymentRows(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "status", "wilayah", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	c, err := d.Payments.Show(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	f := payments.Filter{Tenant: tenant, Cycle: id, State: payment.Status(q.Get("status")), Limit: rows + 1}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	if f.After, err = paymentAfter(q.Get("sesudah")); err != nil {
		return err
	}
	list, err := d.Payments.List(r.Context(), who, f)
	if err != nil {
		return err
	}
	list, next := paged(r, list, rows, func(last payments.Payment) string { return itoa(int64(last.Area)) + "-" + rowID(last.Tenant, last.ID) })
	title := p.Text("paymentsweb.cycle_title", "programme", d.programmeWords(p, c.Programme, d.cycleDay(c)), "period", d.stageOf(p, c.Programme, c.Period))
	page := d.page(r, who, "paymentsweb.rows_title")
	page.Lead, page.Back = title, &ui.Link{Label: title, Href: stagePath(c)}
	states := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, s := range rowStates() {
		states = append(states, ui.Option{Value: string(s), Label: d.Payments.Meaning(s).Label.In(p.Lang.String()), Selected: q.Get("status") == string(s)})
	}
	path := stagePath(c) + "/baris"
	filter := &ui.Filter{Label: p.Text("paymentsweb.rows_filter"), Action: path, Clear: path, Target: "list", Selects: []ui.SelectFilter{
		{Field: ui.Field{Name: "status", Label: p.Text("web.status")}, Options: states}, d.areaFilter(p, who, q.Get("wilayah"))}}
	foot, err := d.pager(r, p, len(list), next, func() (int64, error) { return d.Payments.Count(r.Context(), who, f, mostCounted) })
	if err != nil {
		return err
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, desk.ListView{Filter: filter, Table: d.rowTable(p, list), Pager: foot}))
}

func (d *Desk) rowTable(p i18n.Printer, list []payments.Payment) ui.Table {
	t := ui.Table{Caption: p.Text("paymentsweb.rows_title"), Columns: []ui.Column{
		{Label: p.Text("paymentsweb.payee"), Title: true}, {Label: p.Text("paymentsweb.head")}, {Label: p.Text("web.village")}, {Label: p.Text("programmesweb.amount"), Numeric: true}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("paymentsweb.rows_empty"), Text: p.Text("paymentsweb.rows_empty_text")}}
	for _, one := range list {
		chip := paymentChip(p, one)
		t.Rows = append(t.Rows, ui.Row{ID: rowID(one.Tenant, one.ID), Label: one.Name, Cells: []ui.Cell{
			{Text: dash(one.Name), Href: paymentPath(one), Sub: one.NIK.String()}, {Text: dash(one.Head)}, {Text: d.Places.Tree().Name(one.Area)},
			{Text: p.Rupiah(int64(one.Amount)), Sub: one.Account.String()}, {Chip: &chip}}})
	}
	return t
}

// payment shows one payment with what can be corrected of it.
func (d *Desk) payment(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showPayment(w, r, who, http.StatusOK, nil, url.Values{})
}

func (d *Desk) showPayment(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError, typed url.Values) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	s, err := d.Payments.Open(r.Context(), who, tenant, id, "")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	title := p.Text("paymentsweb.cycle_title", "programme", d.programmeWords(p, s.Programme, d.cycleDay(s.Stage)), "period", d.stageOf(p, s.Programme, s.Period))
	page := d.page(r, who, "paymentsweb.payment_title", "name", s.Name)
	page.Lead = joined(title, d.Places.Tree().Address(s.Area))
	links := []ui.Link{{Label: p.Text("web.bench.family", "name", s.Head), Href: "/keluarga/" + rowID(tenant, s.Family)}}
	mayShow := d.Payments.MayShow(who, tenant)
	if mayShow {
		links = append(links, ui.Link{Label: title, Href: stagePath(s.Stage)})
	}
	page.Back = d.back(r, p.Text("paymentsweb.rows_title"), stagePath(s.Stage)+"/baris")
	if !mayShow || d.sessions.Text(r.Context(), lastListKey) == "/penyaluran/gagal" { // she came from the queue
		page.Back = d.back(r, p.Text("paymentsweb.failed"), "/penyaluran/gagal")
	}
	onward, err := d.onward(r, p, who, paymentQueue)
	if err != nil {
		return err
	}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Beside: true, Problems: problems, Notices: onward, Chips: []ui.Chip{paymentChip(p, s.Payment), cycleChip(p, s.Stage.State)}, Sections: []desk.Section{
		{ID: "ringkasan", Title: p.Text("paymentsweb.summary"), Items: sheetItems(p, s)},
	}, Links: links}
	if next := s.Next.What.In(p.Lang.String()); next != "" && s.Repair == payments.RepairOpen {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Wait, Title: s.Next.Cause.In(p.Lang.String()), Text: next})
	}
	if len(s.Events) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "riwayat", Title: p.Text("paymentsweb.history"), Events: d.paymentEvents(r, p, s)})
	}
	if len(s.Others) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "lainnya", Title: p.Text("paymentsweb.others"), Table: d.otherPayments(p, s.Others, who)})
	}
	v.Forms = foldedForms(sheetForms(p, s, who, problems, typed), "pengurus", "kecualikan")
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// foldedForms folds the named forms where there is more than one, so that what is seldom needed does not
// stand open beside what is done every day.
func foldedForms(forms []desk.FormView, names ...string) []desk.FormView {
	for i := range forms {
		forms[i].Folded = len(forms) > 1 && slices.Contains(names, forms[i].ID)
	}
	return forms
}

func sheetItems(p i18n.Printer, s payments.Sheet) []ui.SummaryItem {
	items := []ui.SummaryItem{
		{Label: p.Text("paymentsweb.payee"), Value: dash(s.Name), Sub: s.NIK.String()}, {Label: p.Text("paymentsweb.head"), Value: dash(s.Head)},
		{Label: p.Text("programmesweb.amount"), Value: p.Rupiah(int64(s.Amount))},
		{Label: p.Text("paymentsweb.account"), Value: dash(s.Account.String()), Sub: channelWords(p, s.Channel)},
		{Label: p.Text("web.status"), Value: s.Meaning.Label.In(p.Lang.String()), Sub: s.Meaning.Meaning.In(p.Lang.String())},
	}
	if cause := s.Next.Cause.In(p.Lang.String()); cause != "" {
		items = append(items, ui.SummaryItem{Label: p.Text("web.cause"), Value: cause, Sub: holderWords(p, s.Next.Who)})
	}
	for _, one := range []struct {
		key string
		on  period.Date
	}{{"credited_on", s.CreditedOn}, {"used_on", s.UsedOn}, {"returned_on", s.ReturnedOn}, {"back_by", s.BackBy}} {
		if !one.on.IsZero() {
			items = append(items, ui.SummaryItem{Label: p.Text("paymentsweb." + one.key), Value: p.DateText(one.on.Text())})
		}
	}
	return items
}

func channelWords(p i18n.Printer, channel string) string {
	if channel == "" {
		return ""
	}
	return p.Text("payments.channel." + channel)
}

func (d *Desk) paymentEvents(r *http.Request, p i18n.Printer, s payments.Sheet) []ui.Event {
	zone := d.Places.Tree().Zone(s.Area).Location()
	out := make([]ui.Event, 0, len(s.Events))
	for _, e := range s.Events {
		one := ui.Event{When: p.Moment(e.At.In(zone)), ISO: e.At.Format(time.RFC3339), Title: p.Text("payments.event." + e.Action), Text: e.Note, Tone: paymentTone(e.To)}
		if by, err := d.Accounts.Load(r.Context(), e.Actor); err == nil {
			one.By = p.Text("proposalsweb.by", "name", by.Name, "role", roleWords(p, by))
		}
		if e.From != e.To {
			change := p.Text("paymentsweb.from_to", "from", d.Payments.Meaning(e.From).Label.In(p.Lang.String()), "to", d.Payments.Meaning(e.To).Label.In(p.Lang.String()))
			one.Text = joined(change, e.Note)
		}
		out = append(out, one)
	}
	return out
}

// otherPayments lists what else the family was paid; what she was paid in another village is opened by those of that village.
func (d *Desk) otherPayments(p i18n.Printer, list []payments.Payment, who access.Actor) *ui.Table {
	t := &ui.Table{Caption: p.Text("paymentsweb.others"), Columns: []ui.Column{
		{Label: p.Text("programmesweb.programme"), Title: true}, {Label: p.Text("paymentsweb.period")}, {Label: p.Text("programmesweb.amount"), Numeric: true}, {Label: p.Text("web.status"), Status: true}}}
	for _, one := range list {
		chip := paymentChip(p, one)
		name := d.programmeWords(p, one.Programme, period.DateOf(one.ChangedAt, d.Places.Tree().Zone(one.Area).Location()))
		href := ""
		if who.Allow(access.ReadRegistry, one.Tenant, one.Area) == nil {
			href = paymentPath(one)
		}
		t.Rows = append(t.Rows, ui.Row{ID: one.ID.String(), Label: name, Cells: []ui.Cell{{Text: name, Href: href}, {Text: d.stageOf(p, one.Programme, one.Period)}, {Text: p.Rupiah(int64(one.Amount))}, {Chip: &chip}}})
	}
	return t
}

// sheetForms are the corrections that are possible in the state of the payment and its stage.
func sheetForms(p i18n.Printer, s payments.Sheet, who access.Actor, problems []ui.FieldError, typed url.Values) (out []desk.FormView) {
	may := func(permission access.Permission) bool { return who.Allow(permission, s.Tenant, s.Area) == nil }
	form := func(name string, fields ...desk.FieldView) desk.FormView {
		note := name + "_note"
		fields = append(fields, desk.FieldView{Field: ui.Field{Name: note, Label: p.Text("paymentsweb." + note), Hint: p.Text("paymentsweb.note_hint"), Value: typed.Get(note), Error: problemOf(problems, note), MaxLength: 1000}, Rows: 2})
		return desk.FormView{ID: name, Title: p.Text("paymentsweb." + name), Text: p.Text("paymentsweb." + name + "_text"),
			Form: ui.Form{Action: paymentPath(s.Payment) + "/" + name, Hidden: []ui.Hidden{{Name: "version", Value: itoa(s.Version)}}, Guard: true}, Fields: fields,
			Buttons: []ui.Button{{Label: p.Text("paymentsweb." + name + "_do")}}}
	}
	if s.Repair == payments.RepairOpen && (may(access.RunPayment) || may(access.ChangeRegistry)) {
		out = append(out, form("tangani", mendFields(p, problems, typed)...))
	}
	if !may(access.RunPayment) || !correctable(s) {
		return out
	}
	if others := payeeOptions(p, s, typed); len(others) > 0 {
		out = append(out, form("pengurus", desk.FieldView{Field: ui.Field{Name: "payee", Label: p.Text("paymentsweb.new_payee"), Error: problemOf(problems, "payee")}, Options: others}))
	}
	if s.Excluded != "" {
		return append(out, form("kembalikan"))
	}
	reasons := make([]ui.Option, 0, 4)
	for _, status := range payment.Exclusions() {
		reasons = append(reasons, ui.Option{Value: string(status), Label: p.Text("paymentsweb.exclude." + strings.ToLower(string(status))), Selected: typed.Get("status") == string(status)})
	}
	return append(out, form("kecualikan", desk.FieldView{Field: ui.Field{Name: "status", Label: p.Text("paymentsweb.exclude_reason"), Error: problemOf(problems, "status")}, Options: reasons}))
}

// correctable tells whether a row may still be taken out, put back or given to somebody else: until the order has
// sent it to the bank.
func correctable(s payments.Sheet) bool {
	return s.Stage.OwnMoney && (s.Stage.State == payments.Open || s.Stage.State == payments.Instructed) && s.State != payment.SI && s.Final == ""
}

func mendFields(p i18n.Printer, problems []ui.FieldError, typed url.Values) []desk.FieldView {
	options := make([]ui.Option, 0, 5)
	for _, m := range payments.Mendings() {
		options = append(options, ui.Option{Value: string(m), Label: p.Text("payments.event." + string(m)), Selected: typed.Get("what") == string(m)})
	}
	return []desk.FieldView{
		{Field: ui.Field{Name: "what", Label: p.Text("paymentsweb.mend_what"), Error: problemOf(problems, "what")}, Options: options},
		{Field: ui.Field{Name: "account", Label: p.Text("paymentsweb.mend_account"), Hint: p.Text("paymentsweb.mend_account_hint"), Kind: ui.Digits, Value: typed.Get("account"), Error: problemOf(problems, "account"), Optional: true, Chars: 20, MaxLength: 26}},
	}
}

func payeeOptions(p i18n.Printer, s payments.Sheet, typed url.Values) (out []ui.Option) {
	for _, m := range s.Payees {
		if m.ID != s.Person {
			out = append(out, ui.Option{Value: m.ID.String(), Label: m.Name, Hint: joined(p.Text("person.relation."+m.Relation.String()), m.NIK.String()), Selected: typed.Get("payee") == m.ID.String()})
		}
	}
	return out
}
