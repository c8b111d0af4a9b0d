package web

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"tepat/internal/domain/area"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/period"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/programmes"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// figuresFirst are the figures people look for first; the others follow by name.
func figuresFirst() []string {
	return []string{
		"order_amount", "payable", "payable_amount", "difference", "rows", "rows_amount", "list", "list_amount", "excluded", "excluded_amount", "left_out", "left_out_amount", "payee_changed",
		"corrected_exclude", "corrected_reinstate", "corrected_payee", "corrected_account", "quota", "demand", "enrolled", "waiting", "suspended", "findings",
		"kept", "answers_established", "answers_refused", "answers_returned", "inserted", "updated", "unchanged", "new_persons", "alike", "alike_asked", "alike_unasked", "paid_used", "paid_unused", "returned", "rejected", "contradicting", "families_unknown",
	}
}

// figureItems shows the figures of a run in words, money as money.
func (d *Desk) figureItems(p i18n.Printer, run runs.Run, t runs.Tally) []ui.SummaryItem {
	first := figuresFirst()
	rank := func(name string) int {
		if at := slices.Index(first, name); at >= 0 {
			return at
		}
		return len(first)
	}
	names := slices.SortedFunc(maps.Keys(t), func(a, b string) int { return cmp.Or(rank(a)-rank(b), byNumber(a, b)) })
	out := make([]ui.SummaryItem, 0, len(names))
	for _, name := range names {
		if base, ok := strings.CutSuffix(name, "_amount"); ok {
			if _, counted := t[base]; counted {
				continue // stands below what it is the sum of
			}
		}
		one := ui.SummaryItem{Label: d.figureWords(p, run, name), Value: p.Number(t[name])}
		if inRupiah(name) {
			one.Value = p.Rupiah(t[name])
		}
		if sum, ok := t[name+"_amount"]; ok {
			one.Sub = p.Rupiah(sum)
		}
		out = append(out, one)
	}
	return out
}

// byNumber orders names, those that end in a number by it: decile_2 before decile_10.
func byNumber(a, b string) int {
	split := func(name string) (string, int64) {
		head := strings.TrimRight(name, "0123456789")
		n, err := atoi(name[len(head):])
		if err != nil {
			return name, 0
		}
		return head, n
	}
	one, n := split(a)
	other, m := split(b)
	return cmp.Or(strings.Compare(one, other), cmp.Compare(n, m))
}

// inRupiah tells which figures are rupiah.
func inRupiah(name string) bool {
	return name == "amount" || name == "difference" || strings.HasSuffix(name, "_amount") || strings.HasPrefix(name, "amount_")
}

// figureWords names a figure: by the words of runs, of the civil registry's answers, of payment states, of criteria.
func (d *Desk) figureWords(p i18n.Printer, run runs.Run, name string) string {
	if strings.HasPrefix(run.Kind, "pay") {
		if words := payFigure(p, name); words != "" {
			return words
		}
	}
	for _, key := range []string{"run.figure." + name, "civilmatch.status." + name, name} {
		if p.Has(key) {
			return p.Text(key)
		}
	}
	if what, criterion, ok := strings.Cut(name, "."); ok && (what == "criterion" || what == "persons") {
		return p.Text("run.figure_of."+what, "criterion", d.criterionName(p, criterion, run))
	}
	return strings.ReplaceAll(name, "_", " ")
}

// payFigure names the rows of a stage, and the sum of a payment state, such as paid_used or paid_used_amount; empty when it is none.
func payFigure(p i18n.Printer, name string) string {
	if name == "rows" {
		return p.Text("paymentsweb.rows_title")
	}
	state, amount := strings.CutSuffix(name, "_amount")
	known := append(append([]payment.Status{payment.SI, payment.Credited, payment.NotUsed, payment.Listed}, payment.Finals()...), payment.Exclusions()[1:]...)
	if !slices.Contains(known, payment.Status(strings.ToUpper(state))) {
		return ""
	}
	words := p.Text("paymentsweb.final." + strings.ToUpper(state))
	if amount {
		return p.Text("run.figure_of.amount", "what", words)
	}
	return words
}

// criterionName names a criterion as it was called on the day a run is about.
func (d *Desk) criterionName(p i18n.Printer, code string, run runs.Run) string {
	var set struct {
		AsOf period.Date `json:"as_of"`
	}
	if err := run.Decode(&set); err != nil || set.AsOf.IsZero() {
		set.AsOf = d.Places.LocalDate(run.Area, run.CreatedAt)
	}
	if d.Screening != nil {
		if c, ok := d.Screening.Criterion(code, set.AsOf); ok {
			return c.Label.In(p.Lang.String())
		}
	}
	return code
}

// sampleTable shows some of what a run would do. What runs keep of a sample are codes and numbers; here they become words.
func (d *Desk) sampleTable(p i18n.Printer, run runs.Run, list []runs.Sample) *ui.Table {
	t := &ui.Table{Caption: p.Text("web.run.samples"), Columns: []ui.Column{{Label: p.Text("web.sample"), Title: true}, {Label: p.Text("web.outcome")}}}
	for i, s := range list {
		cell := ui.Cell{Text: d.sampleLabel(p, run, s)}
		if run.Kind == "pay.instruct" {
			var set struct {
				Cycle string `json:"cycle"`
			}
			if run.Decode(&set) == nil {
				cell.Href = "/penyaluran/" + itoa(int64(run.Tenant)) + "-" + set.Cycle + "/baris/" + rowID(run.Tenant, s.Subject)
			}
		}
		t.Rows = append(t.Rows, ui.Row{ID: "contoh-" + itoa(int64(i)), Label: cell.Text, Cells: []ui.Cell{cell, {Text: d.outcomeWords(p, run, s.Outcome)}}})
	}
	return t
}

// sampleLabel says what a sample is about: a place of a list is "1 · 81.71.01.1001 · 3", a payment "81.71.01.1001 Rp200.000".
func (d *Desk) sampleLabel(p i18n.Printer, run runs.Run, s runs.Sample) string {
	place := func(text string) string {
		code, err := area.Parse(text)
		if err != nil {
			return text
		}
		return d.Places.Tree().Name(code)
	}
	switch run.Kind {
	case "enrol":
		if parts := strings.Split(s.Label, " · "); len(parts) == 3 {
			return p.Text("run.sample.enrol", "position", parts[0], "place", place(parts[1]), "decile", parts[2])
		}
	case "pay":
		if code, amount, ok := strings.Cut(s.Label, " "); ok {
			return joined(place(code), amount)
		}
	}
	return s.Label
}

// outcomeWords says what would become of a sample.
func (d *Desk) outcomeWords(p i18n.Printer, run runs.Run, outcome string) string {
	switch {
	case run.Kind == "pay":
		return d.Payments.Meaning(payment.Status(outcome)).Label.In(p.Lang.String())
	case run.Kind == "enrol":
		state := map[string]programmes.State{"enrolled": programmes.Selected, "waiting": programmes.WouldWait}[outcome]
		return p.Text("programmesweb.state." + state.String())
	}
	if criterion, action, ok := strings.Cut(outcome, "."); ok && p.Has("run.figure.action."+action) {
		return joined(d.criterionName(p, criterion, run), p.Text("run.figure.action."+action))
	}
	if key := "run.figure." + outcome; p.Has(key) {
		return p.Text(key)
	}
	if strings.HasPrefix(outcome, "suggestions.cause.") && p.Has(outcome) {
		return p.Text(outcome)
	}
	if p.Has("error." + outcome) {
		return p.Text("error." + outcome)
	}
	return outcome
}

// contradictionSection tells which rows of a file of official deciles were rejected since the vintage is frozen.
func (d *Desk) contradictionSection(p i18n.Printer, run runs.Run, items []runs.Item) *desk.Section {
	t := &ui.Table{Caption: p.Text("run.contradicting.title"), Columns: []ui.Column{{Label: p.Text("run.contradicting.line"), Title: true}, {Label: p.Text("web.nav.families")}, {Label: p.Text("web.cause")}}}
	for _, item := range items {
		var said struct {
			Line, Given, Held int64
			Vintage           string
		}
		if item.Code != "assessment.contradicts" || json.Unmarshal([]byte(item.Facts), &said) != nil {
			continue
		}
		line := p.Text("run.contradicting.row", "line", said.Line)
		t.Rows = append(t.Rows, ui.Row{ID: item.Subject.String(), Label: line, Cells: []ui.Cell{
			{Text: line}, {Text: p.Text("run.contradicting.family"), Href: "/keluarga/" + rowID(run.Tenant, item.Subject)},
			{Text: p.Text("run.contradicting.why", "given", said.Given, "held", said.Held, "vintage", said.Vintage)}}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return &desk.Section{ID: "bertentangan", Title: p.Text("run.contradicting.title"), Text: p.Text("run.contradicting.text", "count", run.Tally["contradicting"], "shown", len(t.Rows)), Table: t}
}
