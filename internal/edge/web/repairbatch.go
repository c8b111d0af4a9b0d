package web

import (
	"encoding/json"
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// repairRoutes are the pages of repairs in a batch.
func (d *Desk) repairRoutes() []Route {
	return []Route{
		{"GET /padan/massal", access.RepairMatch, d.batchPage},
		{"POST /padan/massal", access.RepairMatch, d.batchStart},
		{"GET /padan/dukcapil", access.ReadRegistry, d.dukcapilPage},
		{"POST /padan/dukcapil", access.ReadRegistry, d.dukcapilFile},
	}
}

// batchPage says what a batch may do, and offers what the reader may start.
func (d *Desk) batchPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	page := d.page(r, who, "mismatchesweb.batch.title")
	page.Lead = p.Text("mismatchesweb.batch.lead")
	if !d.Civil.Scans() {
		page = d.page(r, who, "mismatchesweb.again")
	}
	page.Breadcrumb = []ui.Link{{Label: p.Text("web.mismatches.title"), Href: "/padan"}, {Label: page.Title}}
	at, _ := who.Home()
	_, err := d.Suggestions.Batch(at)
	v := desk.RecordView{Beside: err == nil}
	switch code := fail.CodeOf(err); {
	case err == nil:
		s, err := d.sureSection(p, who)
		if err != nil {
			return err
		}
		v.Sections = append(v.Sections, s)
		v.Forms = append(v.Forms, desk.FormView{ID: "massal", Title: p.Text("mismatchesweb.batch.preview"), Text: p.Text("mismatchesweb.batch.preview_text"),
			Form: ui.Form{Action: "/padan/massal"}, Buttons: []ui.Button{{Label: p.Text("mismatchesweb.batch.start")}}})
	case code == "civil.no_values" || code == "suggestions.no_rule":
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("mismatchesweb.batch.none"), Text: d.noBatchWords(p, err)})
	default:
		return err
	}
	if who.Can(access.RunMatch) {
		v.Forms = append(v.Forms, desk.FormView{ID: "saran", Title: p.Text("mismatchesweb.again"), Text: d.againText(p),
			Form: ui.Form{Action: "/padan/saran"}, Buttons: []ui.Button{{Label: p.Text("mismatchesweb.again"), Secondary: true}}, Folded: err == nil})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}

// noBatchWords say why no batch can be made. A registry asked over the network may give values, but of one person at a time.
func (d *Desk) noBatchWords(p i18n.Printer, err error) string {
	gives := d.Civil.Gives()
	if fail.CodeOf(err) != "civil.no_values" || gives == "no_values" || gives == "one" && d.Civil.Mode() != civilmatch.FullValues {
		return p.Error(err)
	}
	return p.Text("mismatchesweb.batch.none_text." + gives)
}

// sureSection says which rule is in force, and what no rule allows.
func (d *Desk) sureSection(p i18n.Printer, who access.Actor) (desk.Section, error) {
	at, _ := who.Home()
	rule, err := d.Suggestions.Sure(at)
	if err != nil {
		return desk.Section{}, err
	}
	causes := ui.Table{Caption: p.Text("mismatchesweb.batch.causes"), Columns: []ui.Column{{Label: p.Text("mismatchesweb.batch.causes"), Title: true}}}
	for _, c := range rule.Causes {
		causes.Rows = append(causes.Rows, ui.Row{ID: string(c), Label: causeWords(p, c), Cells: []ui.Cell{{Text: causeWords(p, c), Href: "/padan?sebab=" + string(c)}}})
	}
	items := []ui.SummaryItem{
		{Label: p.Text("mismatchesweb.batch.probability"), Value: p.Text("mismatchesweb.batch.share", "share", rule.Probability)},
		{Label: p.Text("mismatchesweb.batch.gap"), Value: p.Text("mismatchesweb.batch.bits", "bits", rule.GapBits)},
		{Label: p.Text("mismatchesweb.batch.most"), Value: p.Number(int64(rule.MostCauses))},
		{Label: p.Text("mismatchesweb.batch.since"), Value: p.DateText(rule.ValidFrom.Text()), Sub: unverifiedWords(p, rule.Unverified)},
		{Label: p.Text("mismatchesweb.batch.never"), Value: p.Text("mismatchesweb.batch.never_text")},
	}
	return desk.Section{ID: "aturan", Title: p.Text("mismatchesweb.batch.rule"), Items: items, Table: &causes}, nil
}

func unverifiedWords(p i18n.Printer, unverified bool) string {
	if !unverified {
		return ""
	}
	return p.Text("mismatchesweb.batch.unverified")
}

// batchStart makes the batch with its preview; it begins when a second person has approved it.
func (d *Desk) batchStart(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	if _, err := httpkit.ReadForm(r); err != nil {
		return err
	}
	at, _ := who.Home()
	settings, err := d.Suggestions.Batch(at)
	if err != nil {
		return err
	}
	return d.startRun(w, r, who, "mend", settings, false)
}

// repairLinks lead from the queue to what is done about all of it. A batch is offered only where the agreement with the civil
// registry gives values to take over.
func (d *Desk) repairLinks(p i18n.Printer, who access.Actor) []ui.Link {
	var out []ui.Link
	switch {
	case who.Can(access.RepairMatch) && d.Civil.Scans():
		out = append(out, ui.Link{Label: p.Text("mismatchesweb.batch.title"), Href: "/padan/massal"})
	case who.Can(access.RepairMatch) && who.Can(access.RunMatch): // there are no values a batch could take over; the page says so
		out = append(out, ui.Link{Label: p.Text("mismatchesweb.again"), Href: "/padan/massal"})
	}
	return append(out, ui.Link{Label: p.Text("mismatchesweb.dukcapil.link"), Href: "/padan/dukcapil"})
}

// batchWords say at the buttons of a batch of repairs what each of them does, and to how many; of other runs nothing.
func (d *Desk) batchWords(p i18n.Printer, run runs.Run, who access.Actor) string {
	if run.Kind != "mend" {
		return ""
	}
	switch run.State {
	case runs.Previewed:
		return p.Text("mismatchesweb.batch.say_submit")
	case runs.Awaiting:
		if run.CreatedBy == who.ID || !d.Runs.MayApprove(run, who) {
			return p.Text("mismatchesweb.batch.say_wait")
		}
		var preview runs.Preview
		if err := json.Unmarshal(run.Preview, &preview); err != nil {
			return ""
		}
		return p.Text("mismatchesweb.batch.say_approve", "count", preview.Figures["mend"])
	case runs.Done:
		return p.Text("mismatchesweb.batch.say_undo", "count", run.Tally["mended"])
	}
	return ""
}

// againText says what a new search for suggestions does: where nobody can be looked for it works out the hints.
func (d *Desk) againText(p i18n.Printer) string {
	if !d.Civil.Scans() {
		return p.Text("mismatchesweb.again_hints")
	}
	return p.Text("mismatchesweb.again_text")
}
