package web

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// importOf reads the settings of a run that imports a file.
func importOf(run runs.Run) (set exchange.Settings, ok bool) {
	if !strings.HasPrefix(run.Kind, "import.") {
		return set, false
	}
	return set, run.Decode(&set) == nil
}

// dressImport adds to a run's page what belongs to an imported file: what was read, the
// rows that were refused, and the way back to the columns.
func (d *Desk) dressImport(r *http.Request, p i18n.Printer, who access.Actor, run runs.Run, v *desk.RecordView) error {
	set, ok := importOf(run)
	if !ok {
		return nil
	}
	d.sweepUploads(r)
	v.Sections = append([]desk.Section{{ID: "berkas", Title: p.Text("importsweb.found"), Items: d.importItems(p, set)}}, v.Sections...)
	if err := d.dressAlike(r, p, who, run, v); err != nil {
		return err
	}
	if !d.uploads().Holds(set.Rejects) {
		return nil // a file of the command line: its rejects lie where the command said
	}
	list, err := exchange.FirstRejects(set.Rejects, pageRows)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		refused := desk.Section{ID: "ditolak", Title: p.Text("importsweb.rejected"), Text: p.Text("importsweb.rejected_text"), Table: rejectTable(p, list)}
		v.Sections = beforeTrace(dropSection(v.Sections, "contoh"), refused)
		v.Links = append(v.Links, ui.Link{Label: p.Text("importsweb.rejects_file"), Href: "/pekerjaan/" + rowID(run.Tenant, run.ID) + "/penolakan"})
	}
	if run.State == runs.Previewed {
		v.Notices = append(v.Notices, triedNotice(p, run))
	}
	if (run.State == runs.Previewed || run.State == runs.Draft) && run.CreatedBy == who.ID {
		v.Forms = append(v.Forms, desk.FormView{ID: "kolom", Title: p.Text("importsweb.remap_title"), Text: p.Text("importsweb.remap_text"),
			Form:    ui.Form{Action: "/impor/" + filepath.Base(set.Path)},
			Buttons: []ui.Button{{Label: p.Text("importsweb.remap"), Name: "do", Value: "remap", Secondary: true}}})
	}
	return nil
}

// beforeTrace puts a section before that of who made the run and when.
func beforeTrace(list []desk.Section, one desk.Section) []desk.Section {
	at := slices.IndexFunc(list, func(s desk.Section) bool { return s.ID == "jejak" })
	if at < 0 {
		at = len(list)
	}
	return slices.Insert(list, at, one)
}

// triedNotice says what a dry run found, and that nothing is written yet.
func triedNotice(p i18n.Printer, run runs.Run) ui.Notice {
	var preview runs.Preview
	if err := json.Unmarshal(run.Preview, &preview); err != nil {
		preview = runs.Preview{}
	}
	bad := preview.Figures["rejected"]
	tone := ui.Good
	if bad > 0 {
		tone = ui.Wait
	}
	return ui.Notice{Tone: tone, Title: p.Text("importsweb.tried"), Text: p.Text("importsweb.tried_text", "good", preview.Figures["rows"]-bad, "bad", bad)}
}

func dropSection(list []desk.Section, id string) []desk.Section {
	out := list[:0:0]
	for _, s := range list {
		if s.ID != id {
			out = append(out, s)
		}
	}
	return out
}

func (d *Desk) importItems(p i18n.Printer, set exchange.Settings) []ui.SummaryItem {
	name := set.Name
	if name == "" {
		name = files.Name(filepath.Base(set.Path))
	}
	items := []ui.SummaryItem{
		{Label: p.Text("importsweb.name"), Value: name, Sub: sizeWords(p, set.Size)},
		{Label: p.Text("importsweb.subject"), Value: p.Text("importsweb.subject." + string(set.Subject))},
		{Label: p.Text("importsweb.layout"), Value: d.layoutWords(p, set)},
		{Label: p.Text("importsweb.digest"), Value: set.SHA256[:min(16, len(set.SHA256))]},
	}
	if set.Source != "" {
		items = append(items, ui.SummaryItem{Label: p.Text("importsweb.source"), Value: set.Source})
	}
	return items
}

func (d *Desk) layoutWords(p i18n.Printer, set exchange.Settings) string {
	switch {
	case set.Layout == "":
		return p.Text("importsweb.by_headings")
	case strings.Contains(set.Layout, "\n"):
		return p.Text("importsweb.by_hand")
	}
	for _, m := range d.Exchange.Layouts(set.Subject) {
		if m.Name == set.Layout && p.Lang == i18n.English {
			return m.Title.EN
		} else if m.Name == set.Layout {
			return m.Title.ID
		}
	}
	return p.Text("importsweb.by_file")
}

// rejectTable lists rows that were refused, or kept without one of their answers.
func rejectTable(p i18n.Printer, list []exchange.Reject) *ui.Table {
	t := &ui.Table{Caption: p.Text("importsweb.rejected_caption"), Columns: []ui.Column{
		{Label: p.Text("importsweb.line"), Title: true}, {Label: p.Text("importsweb.column")}, {Label: p.Text("importsweb.reason")}, {Label: p.Text("web.status"), Status: true},
	}}
	for _, one := range list {
		chip := ui.Chip{Label: p.Text("importsweb.refused"), Tone: ui.Bad}
		if one.Kept {
			chip = ui.Chip{Label: p.Text("importsweb.kept"), Tone: ui.Wait}
		}
		column := "–"
		if one.Column != "" {
			column = columnWords(p, one.Column)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.Text("importsweb.line_n", "n", one.Line)}, {Text: column}, {Text: one.Reason}, {Chip: &chip}}})
	}
	return t
}

// rejectsFile gives the list of refused rows as a file. It holds lines and reasons, and
// nothing about people.
func (d *Desk) rejectsFile(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	run, err := d.readRun(r, who)
	if err != nil {
		return err
	}
	set, ok := importOf(run)
	if !ok || !d.uploads().Holds(set.Rejects) {
		return fail.NotFound("import.no_rejects")
	}
	text, err := os.ReadFile(set.Rejects)
	if err != nil {
		return fail.NotFound("import.no_rejects").Because(err)
	}
	w.Header().Set("Content-Disposition", `attachment; filename="ditolak-`+run.Number+`.csv"`)
	return httpkit.Bytes(w, r, http.StatusOK, "text/csv; charset=utf-8", text)
}
