package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// openUpload reads an upload of the actor's own that its path names.
func (d *Desk) openUpload(r *http.Request, who access.Actor) (exchange.Upload, error) {
	id, err := sqldb.ParseID(r.PathValue("id"))
	if err != nil {
		return exchange.Upload{}, fail.NotFound("import.no_upload")
	}
	return d.uploads().Open(who, id)
}

// importMap shows what a file turned out to be, and lets its columns be corrected.
func (d *Desk) importMap(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	up, err := d.openUpload(r, who)
	if err != nil {
		return err
	}
	if !up.Run.IsZero() {
		httpkit.Redirect(w, r, "/pekerjaan/"+rowID(up.Tenant, up.Run))
		return nil
	}
	return d.showMap(w, r, who, up, http.StatusOK, nil)
}

func (d *Desk) showMap(w http.ResponseWriter, r *http.Request, who access.Actor, up exchange.Upload, status int, problems []ui.FieldError) error {
	found, err := d.Exchange.Detect(d.uploads().Path(up), up.Subject, up.Plan)
	if e, ok := fail.As(err); ok && len(problems) > 0 && e.Kind == fail.KindInvalid {
		plain := up.Plan // what was chosen cannot be read: show the file as it was found
		plain.Columns, plain.Layout = nil, ""
		found, err = d.Exchange.Detect(d.uploads().Path(up), up.Subject, plain)
		keepChoices(&found, up.Plan)
	}
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "importsweb.map.title", "name", up.Name)
	page.Lead = p.Text("importsweb.map.lead")
	page.Back = &ui.Link{Label: p.Text("importsweb.title"), Href: "/impor"}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Sections: []desk.Section{
		{ID: "berkas", Title: p.Text("importsweb.found"), Items: foundItems(p, up, found)},
	}}
	if len(problems) == 0 {
		v.Notices = mapNotices(p, found)
	}
	v.Forms = []desk.FormView{d.mapForm(p, who, up, found, problems), {
		ID: "buang", Title: p.Text("importsweb.discard_title"), Text: p.Text("importsweb.discard_text"), Form: ui.Form{Action: "/impor/" + up.ID.String()},
		Buttons: []ui.Button{{Label: p.Text("importsweb.discard"), Name: "do", Value: "discard", Danger: true}},
	}}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// keepChoices shows the columns as they were chosen, wrong or not.
func keepChoices(found *exchange.Detection, plan exchange.Plan) {
	for i := range found.Columns {
		if i < len(plan.Columns) {
			found.Columns[i].Field = plan.Columns[i]
		}
	}
}

// mapNotices say what a person must look at before the file is tried.
func mapNotices(p i18n.Printer, found exchange.Detection) (out []ui.Notice) {
	if len(found.Missing) > 0 {
		out = append(out, ui.Notice{Tone: ui.Bad, Title: p.Text("importsweb.missing"), Text: p.Text("importsweb.missing_text", "columns", groupWords(p, found))})
	}
	if n := found.Unknown(); n > 0 {
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("importsweb.unknown", "count", n), Text: p.Text("importsweb.unknown_text")})
	}
	if heads := found.Heads(); len(heads) > 0 {
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("importsweb.heads"), Text: p.Text("importsweb.heads_text", "columns", strings.Join(heads, ", "))})
	}
	if found.Layout != nil && found.Layout.Unverified {
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("importsweb.unverified"), Text: p.Text("layout.unverified")})
	}
	if len(out) == 0 {
		out = append(out, ui.Notice{Tone: ui.Good, Title: p.Text("importsweb.all_found"), Text: p.Text("importsweb.all_found_text")})
	}
	return out
}

func groupWords(p i18n.Printer, found exchange.Detection) string {
	groups := make([]string, len(found.Missing))
	for i, group := range found.Missing {
		names := make([]string, len(group))
		for j, f := range group {
			names[j] = columnWords(p, f.String())
		}
		groups[i] = strings.Join(names, p.Text("importsweb.or"))
	}
	return strings.Join(groups, "; ")
}

// columnWords names a canonical column; a questionnaire item keeps its number.
func columnWords(p i18n.Printer, name string) string {
	if key := "layout.field." + name; p.Has(key) {
		return p.Text(key)
	}
	return p.Text("importsweb.item", "item", name)
}

// foundItems say what the file is.
func foundItems(p i18n.Printer, up exchange.Upload, found exchange.Detection) []ui.SummaryItem {
	form := ui.SummaryItem{Label: p.Text("importsweb.form"), Value: p.Text("importsweb.format.csv"),
		Sub: p.Text("importsweb.csv", "separator", p.Text("importsweb.separator."+separatorKey(found.Info.Separator)), "encoding", strings.ToUpper(string(found.Info.Encoding)))}
	if found.Info.Sheet != "" {
		form.Value, form.Sub = p.Text("importsweb.format.xlsx"), p.Text("importsweb.sheet_of", "sheet", found.Info.Sheet, "count", len(found.Info.Sheets))
	}
	style := ui.SummaryItem{Label: p.Text("importsweb.layout"), Value: p.Text("importsweb.by_headings")}
	if found.Layout != nil {
		style.Value = found.Layout.Title.ID
		if p.Lang == i18n.English {
			style.Value = found.Layout.Title.EN
		}
	}
	known, items := 0, 0
	for _, c := range found.Columns {
		if c.Item {
			items++
		} else if c.Field != "" {
			known++
		}
	}
	columns := ui.SummaryItem{Label: p.Text("importsweb.columns"), Value: p.Text("importsweb.columns_known", "known", known+items, "count", len(found.Columns))}
	if items > 0 {
		columns.Sub = p.Text("importsweb.columns_items", "count", items)
	}
	return []ui.SummaryItem{
		{Label: p.Text("importsweb.name"), Value: up.Name, Sub: sizeWords(p, up.Size)},
		{Label: p.Text("importsweb.subject"), Value: p.Text("importsweb.subject." + string(up.Subject))}, form, style, columns,
	}
}

func separatorKey(b byte) string {
	switch b {
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	case '|':
		return "bar"
	default:
		return "comma"
	}
}

// sizeWords writes a size in the unit people know.
func sizeWords(p i18n.Printer, size int64) string {
	if size < 1<<20 {
		return p.Text("importsweb.kilobytes", "n", (size+1023)>>10)
	}
	return p.Text("importsweb.megabytes", "n", p.Decimal(float64(size)/(1<<20), 1))
}

// importAreas lists the places somebody may import a subject into, the widest first.
func importAreas(who access.Actor, s exchange.Subject) (out []area.Code) {
	for _, g := range who.Grants {
		if !g.Role.Has(exchange.PermissionOf(s)) {
			continue
		}
		if len(out) > 0 && g.Area.Level() < out[0].Level() {
			out = append([]area.Code{g.Area}, out...)
		} else {
			out = append(out, g.Area)
		}
	}
	return out
}

// importAct keeps how a file is to be read, tries it out, or gives it up.
func (d *Desk) importAct(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	up, err := d.openUpload(r, who)
	if err != nil {
		return err
	}
	if !up.Run.IsZero() {
		return d.remap(w, r, who, up)
	}
	found, err := d.Exchange.Detect(d.uploads().Path(up), up.Subject, up.Plan)
	if err != nil {
		return err
	}
	known := []string{"do", "layout", "sheet", "area", "source", "as_of"}
	for _, c := range found.Columns {
		known = append(known, columnName(c.Number))
	}
	form, err := httpkit.ReadForm(r, known...)
	if err != nil {
		return err
	}
	if form.Get("do") == "discard" {
		if err := d.uploads().Discard(who, up.ID); err != nil {
			return err
		}
		httpkit.Redirect(w, r, "/impor")
		return nil
	}
	before := up.Plan
	problems := d.readPlan(i18n.Of(r), form, who, &up, found)
	if len(problems) == 0 {
		_, err = d.Exchange.Detect(d.uploads().Path(up), up.Subject, up.Plan)
		problems, err = planProblems(r, err)
	}
	if err == nil && len(problems) == 0 {
		err = d.uploads().Keep(up)
	}
	if err == nil && len(problems) == 0 && form.Get("do") == "check" && samePlan(before, up.Plan, found) {
		problems, err = d.tryOut(w, r, who, up)
		if err == nil && len(problems) == 0 {
			return nil
		}
	}
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return d.showMap(w, r, who, up, http.StatusUnprocessableEntity, problems)
	}
	httpkit.Redirect(w, r, "/impor/"+up.ID.String())
	return nil
}

// samePlan reports whether the columns on the page are those of the plan: after another
// layout or sheet was chosen, a person looks at its columns before the file is tried.
func samePlan(before, after exchange.Plan, found exchange.Detection) bool {
	layout := ""
	if found.Layout != nil {
		layout = found.Layout.Name
	}
	sameLayout := after.Layout == layout || after.Layout == exchange.ByHeadings && layout == ""
	return sameLayout && (before.Sheet == after.Sheet || after.Sheet == found.Info.Sheet)
}

// readPlan reads the form into the plan.
func (d *Desk) readPlan(p i18n.Printer, form url.Values, who access.Actor, up *exchange.Upload, found exchange.Detection) (problems []ui.FieldError) {
	plan := exchange.Plan{Layout: form.Get("layout"), Sheet: form.Get("sheet"), Source: form.Get("source"), AsOf: form.Get("as_of")}
	if plan.Sheet == found.Info.Sheet && up.Plan.Sheet == "" {
		plan.Sheet = "" // the sheet that was found anyway
	}
	places := importAreas(who, up.Subject)
	plan.Area = places[0]
	if text := form.Get("area"); text != "" {
		at, err := area.Parse(text)
		if err != nil {
			problems = append(problems, ui.FieldError{Field: "area", Message: p.Error(err)})
		}
		plan.Area = at
	}
	if samePlan(up.Plan, plan, found) {
		plan.Columns = readColumns(form, found)
	}
	if form.Has("as_of") {
		if _, err := period.ParseDate(plan.AsOf); err != nil {
			problems = append(problems, ui.FieldError{Field: "as_of", Message: p.Text("importsweb.as_of_wrong")})
		}
	}
	if form.Has("source") && plan.Source == "" {
		problems = append(problems, ui.FieldError{Field: "source", Message: p.Text("importsweb.source_missing")})
	}
	up.Plan = plan
	return problems
}

// readColumns gives the field of each column, nil when all stay as they were found.
func readColumns(form url.Values, found exchange.Detection) []string {
	out, changed := make([]string, len(found.Columns)), found.Corrected
	for i, c := range found.Columns {
		if out[i] = c.Field; form.Has(columnName(c.Number)) {
			out[i] = form.Get(columnName(c.Number))
		}
		changed = changed || out[i] != c.Field
	}
	if !changed {
		return nil
	}
	return out
}

// planProblems turns what is wrong with a file or its columns into lines of the summary.
func planProblems(r *http.Request, err error) ([]ui.FieldError, error) {
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid {
		return nil, err
	}
	p := i18n.Of(r)
	message := p.Error(e)
	if e.Code == "import.column_twice" && len(e.Facts) == 1 { // the person knows the column by its words
		message = p.Text("error.import.column_twice", "field", columnWords(p, fmt.Sprint(e.Facts[0].Value)))
	}
	return []ui.FieldError{{Field: fieldOr(e.Field, "layout"), Message: message}}, nil
}

// tryOut makes the run of an upload and reads the whole file. A file that cannot be read
// to its end comes back to its columns, with the reason.
func (d *Desk) tryOut(w http.ResponseWriter, r *http.Request, who access.Actor, up exchange.Upload) ([]ui.FieldError, error) {
	set, err := d.Exchange.Plan(up, d.uploads().Path(up), d.uploads().Rejects(up), d.uploads().Alike(up))
	if err != nil {
		return planProblems(r, err)
	}
	run, err := d.Runs.Create(r.Context(), who, runs.NewRun{Kind: exchange.KindOf(up.Subject), Tenant: d.Places.TenantOf(up.Plan.Area), Area: up.Plan.Area,
		Settings: set, Inputs: set.SHA256, Total: set.Size})
	if err != nil {
		return nil, err
	}
	up.Tenant, up.Run = run.Tenant, run.ID
	if err := d.uploads().Keep(up); err != nil {
		return nil, err
	}
	// Whoever closes the page finds the result on the run's page.
	ctx := context.WithoutCancel(r.Context())
	if _, err = d.Runs.Look(ctx, who, run.Tenant, run.ID); err != nil {
		problems, err := planProblems(r, err)
		if err != nil {
			return nil, err
		}
		return problems, d.release(ctx, who, up)
	}
	httpkit.Redirect(w, r, "/pekerjaan/"+rowID(run.Tenant, run.ID))
	return nil, nil
}

// release takes an upload back from a run that was never applied.
func (d *Desk) release(ctx context.Context, who access.Actor, up exchange.Upload) error {
	if _, err := d.Runs.Cancel(ctx, who, up.Tenant, up.Run); err != nil {
		return err
	}
	up.Tenant, up.Run = 0, sqldb.ID{}
	return d.uploads().Keep(up)
}

// remap goes back from a dry run to the columns.
func (d *Desk) remap(w http.ResponseWriter, r *http.Request, who access.Actor, up exchange.Upload) error {
	form, err := httpkit.ReadForm(r, "do")
	if err != nil {
		return err
	}
	run, err := d.Runs.Show(r.Context(), who, up.Tenant, up.Run)
	if err != nil {
		return err
	}
	if form.Get("do") != "remap" || run.State != runs.Draft && run.State != runs.Previewed {
		return fail.Conflict("import.upload_used")
	}
	if err := d.release(r.Context(), who, up); err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/impor/"+up.ID.String())
	return nil
}
