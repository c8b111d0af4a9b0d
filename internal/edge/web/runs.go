package web

import (
	"encoding/json"
	"net/http"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// runList lists the bulk operations.
func (d *Desk) runList(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "jenis", "status", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	f := runs.Filter{Kind: q.Get("jenis"), State: runs.State(q.Get("status")), Limit: rows + 1}
	if after := q.Get("sesudah"); after != "" {
		tenant, id, err := parseRow(after)
		if err != nil {
			return err
		}
		if f.Before, err = d.Runs.Show(r.Context(), who, tenant, id); err != nil {
			return err
		}
	}
	list, err := d.Runs.List(r.Context(), who, f)
	if err != nil {
		return err
	}
	list, next := paged(r, list, rows, func(last runs.Run) string { return rowID(last.Tenant, last.ID) })
	page := d.page(r, who, "web.runs.title")
	page.Lead = p.Text("web.runs.lead")
	t := ui.Table{Caption: p.Text("web.runs.title"), Columns: []ui.Column{
		{Label: p.Text("web.number"), Title: true}, {Label: p.Text("web.kind")}, {Label: p.Text("web.area")}, {Label: p.Text("web.made")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("web.runs.empty"), Text: p.Text("web.runs.empty_text")}}
	for _, run := range list {
		chip := runChip(p, run)
		t.Rows = append(t.Rows, ui.Row{ID: rowID(run.Tenant, run.ID), Label: run.Number, Cells: []ui.Cell{
			{Text: run.Number, Href: "/pekerjaan/" + rowID(run.Tenant, run.ID)}, {Text: p.Text("run.kind." + run.Kind)},
			{Text: d.Places.Tree().Name(run.Area)}, {Text: p.MomentShort(run.CreatedAt.In(d.zone(who)))}, {Chip: &chip},
		}})
	}
	foot, err := d.pager(r, p, len(list), next, nil)
	if err != nil {
		return err
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, desk.ListView{Table: t, Pager: foot, Links: d.runLinks(p, who)}))
}

// doneWords says how far a run is in what its kind counts: of a file that is read the share, and the rows.
func (d *Desk) doneWords(p i18n.Printer, run runs.Run) string {
	unit := d.Runs.Counts(run.Kind)
	switch {
	case unit == runs.Bytes:
		return p.Text("web.run.done_file", "share", p.Share(min(run.Finished, run.Total), run.Total), "rows", run.Tally["rows"])
	case run.Total == 0:
		return p.Text("web.run.done_so_far", "done", run.Finished, "unit", p.Text("unit."+string(unit)))
	}
	return p.Text("web.run.done", "done", run.Finished, "total", run.Total, "unit", p.Text("unit."+string(unit)))
}

func runChip(p i18n.Printer, run runs.Run) ui.Chip {
	if run.Halted() {
		return ui.Chip{Label: p.Text("run.state.halted"), Tone: ui.Wait}
	}
	s := run.State
	tone := map[runs.State]ui.Tone{runs.Done: ui.Good, runs.Failed: ui.Bad, runs.Refused: ui.Bad, runs.Awaiting: ui.Wait, runs.Running: ui.Info, runs.Approved: ui.Info}[s]
	return ui.Chip{Label: p.Text("run.state." + string(s)), Tone: tone}
}

// runPage shows one run: what it would do or did, and what can be done with it.
func (d *Desk) runPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showRun(w, r, who, http.StatusOK, nil, "")
}

// showRun shows a run; refusal is a reason that was typed and did not do.
func (d *Desk) showRun(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError, refusal string) error {
	run, err := d.readRun(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "web.run.title", "number", run.Number, "kind", p.Text("run.kind."+run.Kind))
	page.Back = d.back(r, p.Text("web.runs.title"), "/pekerjaan")
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Chips: []ui.Chip{runChip(p, run)}}
	if run.State == runs.Running || run.State == runs.Approved || run.State == runs.Undoing {
		if page.Refresh = 3; run.Halted() {
			page.Refresh = 0
		}
		v.Sections = append(v.Sections, desk.Section{ID: "kemajuan", Title: p.Text("web.run.progress"), Progress: &ui.Progress{
			ID: "progress", Label: p.Text("run.kind." + run.Kind), Done: run.Finished, Total: run.Total, Text: d.doneWords(p, run), Refresh: r.URL.Path,
		}})
	}
	names, err := d.Accounts.Names(r.Context(), []sqldb.ID{run.CreatedBy, run.ApprovedBy, run.RefusedBy})
	if err != nil {
		return err
	}
	switch {
	case run.Halted():
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Wait, Title: p.Text("web.run.halted_title"), Text: p.Text("web.run.halted_text")})
	case run.State == runs.Refused:
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Bad, Title: p.Text("web.run.refused_title"), Text: p.Text("web.run.refused_text", "name", names[run.RefusedBy], "reason", run.Refusal)})
	case run.Failure != "":
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Bad, Title: p.Text("web.run.failed"), Text: p.Error(&fail.Error{Kind: fail.KindInvalid, Code: run.Failure})})
	}
	v.Sections = append(v.Sections, d.runSections(p, run, d.zone(who), names)...)
	if run.Tally["contradicting"] > 0 {
		items, err := d.Runs.Items(r.Context(), who, run.Tenant, run.ID, pageRows)
		if err != nil {
			return err
		}
		if told := d.contradictionSection(p, run, items); told != nil {
			v.Sections = beforeTrace(v.Sections, *told)
		}
	}
	if err := d.dressSearch(r, p, run, &v); err != nil {
		return err
	}
	if form, ok := d.runForm(p, run, who); ok {
		v.Forms = append(v.Forms, form)
	}
	if d.decides(run, who) {
		v.Forms = append(v.Forms, refusalForm(p, run, problems, refusal))
	}
	if err := d.dressImport(r, p, who, run, &v); err != nil {
		return err
	}
	v.Links = append(v.Links, stageLinks(p, run)...)
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

func (d *Desk) readRun(r *http.Request, who access.Actor) (runs.Run, error) {
	tenant, id, err := rowOf(r)
	if err != nil {
		return runs.Run{}, err
	}
	return d.Runs.Show(r.Context(), who, tenant, id)
}

// runSections tell what a run would do or did, and who made and approved it; names are those of the two.
func (d *Desk) runSections(p i18n.Printer, run runs.Run, zone *time.Location, names map[sqldb.ID]string) []desk.Section {
	var preview runs.Preview
	if err := json.Unmarshal(run.Preview, &preview); err != nil {
		preview = runs.Preview{}
	}
	var out []desk.Section
	if len(run.Tally) > 0 {
		out = append(out, desk.Section{ID: "hasil", Title: p.Text("web.run.result"), Items: d.figureItems(p, run, run.Tally)})
	}
	if len(preview.Figures) > 0 {
		out = append(out, desk.Section{ID: "pratinjau", Title: p.Text("web.run.preview"), Items: d.figureItems(p, run, preview.Figures)})
	}
	if len(preview.Samples) > 0 {
		out = append(out, desk.Section{ID: "contoh", Title: p.Text("web.run.samples"), Table: d.sampleTable(p, run, preview.Samples)})
	}
	when := func(t time.Time) string {
		if t.IsZero() {
			return "–"
		}
		return p.Moment(t.In(zone))
	}
	return append(out, desk.Section{ID: "jejak", Title: p.Text("web.run.trace"), Items: []ui.SummaryItem{
		{Label: p.Text("web.made"), Value: when(run.CreatedAt), Sub: names[run.CreatedBy]}, {Label: p.Text("web.approved"), Value: when(run.ApprovedAt), Sub: names[run.ApprovedBy]},
		{Label: p.Text("web.started"), Value: when(run.StartedAt)}, {Label: p.Text("web.ended"), Value: when(run.EndedAt)},
		{Label: p.Text("web.digest"), Value: run.Digest[:min(16, len(run.Digest))]},
	}})
}

// runForm offers what this person may do with a run in its state.
func (d *Desk) runForm(p i18n.Printer, run runs.Run, who access.Actor) (desk.FormView, bool) {
	var buttons []ui.Button
	button := func(action string, danger bool) {
		buttons = append(buttons, ui.Button{Label: p.Text("web.run.do." + action), Name: "do", Value: action, Secondary: danger})
	}
	may := d.Runs.MayStart(run, who)
	switch {
	case run.State == runs.Draft && may:
		button("preview", false)
	case run.State == runs.Previewed && may:
		button("submit", false)
	case d.decides(run, who):
		button("approve", false)
	case d.Runs.MayTakeOver(run, who):
		button("take_over", false)
	case run.State == runs.Done && d.Runs.MayUndo(run, who):
		button("undo", true)
	}
	if !run.State.Ended() && run.State != runs.Undoing && may {
		button("cancel", true)
	}
	return desk.FormView{ID: "tindakan", Title: p.Text("web.run.actions"), Text: d.batchWords(p, run, who), Form: ui.Form{Action: "/pekerjaan/" + rowID(run.Tenant, run.ID)}, Buttons: buttons}, len(buttons) > 0
}

// decides tells whether somebody is the second person a run waits for.
func (d *Desk) decides(run runs.Run, who access.Actor) bool {
	return run.State == runs.Awaiting && d.Runs.MayApprove(run, who) && run.CreatedBy != who.ID
}

// refusalField is the name of the reason a run is refused for.
const refusalField = "reason"

// refusalForm asks why a run is refused.
func refusalForm(p i18n.Printer, run runs.Run, problems []ui.FieldError, typed string) desk.FormView {
	return desk.FormView{ID: "tolak", Title: p.Text("web.run.refuse"), Text: p.Text("web.run.refuse_text"), Folded: true, Form: ui.Form{Action: "/pekerjaan/" + rowID(run.Tenant, run.ID), Guard: true},
		Fields:  []desk.FieldView{{Field: ui.Field{Name: refusalField, Label: p.Text("web.run.refuse_reason"), Hint: p.Text("web.run.refuse_hint"), Value: typed, Error: problemOf(problems, refusalField), MaxLength: 500}, Rows: 3}},
		Buttons: []ui.Button{{Label: p.Text("web.run.do.refuse"), Name: "do", Value: "refuse", Secondary: true}}}
}

// runAct does what a button of the run's page says.
func (d *Desk) runAct(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "do", refusalField)
	if err != nil {
		return err
	}
	switch form.Get("do") {
	case "preview":
		_, err = d.Runs.Look(r.Context(), who, tenant, id)
	case "submit":
		_, err = d.Runs.Submit(r.Context(), who, tenant, id)
	case "approve":
		_, err = d.Runs.Approve(r.Context(), who, tenant, id)
	case "refuse":
		_, err = d.Runs.Refuse(r.Context(), who, tenant, id, form.Get(refusalField))
	case "take_over":
		_, err = d.Runs.TakeOver(r.Context(), who, tenant, id)
	case "cancel":
		_, err = d.Runs.Cancel(r.Context(), who, tenant, id)
	case "undo":
		_, err = d.Runs.Undo(r.Context(), who, tenant, id)
	default:
		err = fail.Invalid("request.unknown_field")
	}
	if e, ok := fail.As(err); ok && e.Kind == fail.KindConflict {
		return d.showRun(w, r, who, http.StatusConflict, []ui.FieldError{{Message: i18n.Of(r).Error(e)}}, "")
	} else if ok && e.Field == refusalField {
		return d.showRun(w, r, who, http.StatusUnprocessableEntity, problemsOf(i18n.Of(r), []error{err}), form.Get(refusalField))
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/pekerjaan/"+rowID(tenant, id))
	return nil
}
