package web

import (
	"encoding/json"
	"io"
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/identity"
	"tepat/internal/service/runs"
	"tepat/web/desk"
	"tepat/web/ui"
)

// dressAlike says, before an import is carried out, how many of its new persons are possibly registered already, and shows
// those rows: the line of the file, and of the person whom the reader may see who she is.
func (d *Desk) dressAlike(r *http.Request, p i18n.Printer, who access.Actor, run runs.Run, v *desk.RecordView) error {
	var preview runs.Preview
	if run.State != runs.Previewed && run.State != runs.Awaiting || json.Unmarshal(run.Preview, &preview) != nil {
		return nil
	}
	f := preview.Figures
	switch {
	case f["alike_unready"] > 0:
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("alikeweb.import_unready"), Text: p.Text("alikeweb.import_unready_text")})
	case f["new_persons"] > 0 && f["alike"] == 0:
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Good, Title: p.Text("alikeweb.import_none"), Text: p.Text("alikeweb.import_none_text", "asked", f["new_persons"]-f["alike_unasked"], "new", f["new_persons"])})
	case f["alike"] > 0:
		n := ui.Notice{Tone: ui.Wait, Title: p.Text("alikeweb.import", "count", f["alike"]), Text: p.Text("alikeweb.import_text", "new", f["new_persons"])}
		if f["alike_unasked"] > 0 {
			n.Text = p.Text("alikeweb.import_part", "asked", f["alike_asked"], "new", f["new_persons"], "left", f["alike_unasked"])
		}
		v.Notices = append(v.Notices, n)
	}
	if n := f["alike_missing"]; n > 0 {
		v.Notices = append(v.Notices, d.missingNotice(p, int(n)))
	}
	if len(preview.Alike) == 0 || !who.Can(access.RunImport) {
		return nil
	}
	lines := map[identity.Who][]string{}
	var people []identity.Who
	for _, one := range preview.Alike {
		w := identity.Who{Tenant: one.Tenant, ID: one.Subject}
		if len(lines[w]) == 0 {
			people = append(people, w)
		}
		lines[w] = append(lines[w], one.Label)
	}
	told, err := d.Identity.Show(r.Context(), who, access.RunImport, people)
	if err != nil {
		return err
	}
	v.Sections = beforeTrace(v.Sections, desk.Section{ID: "mirip", Title: p.Text("alikeweb.rows"), Text: p.Text("alikeweb.rows_text", "count", len(preview.Alike), "all", f["alike"]), Table: d.alikeTable(p, told, lines)})
	if set, ok := importOf(run); ok && d.uploads().Holds(set.Alike) && set.HasAlike() {
		v.Links = append(v.Links, ui.Link{Label: p.Text("alikeweb.rows_file"), Href: "/pekerjaan/" + rowID(run.Tenant, run.ID) + "/mirip"})
	}
	return nil
}

// alikeFile gives all rows of a dry run whose persons may be registered already, with what the reader may know of those they may be.
func (d *Desk) alikeFile(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	run, err := d.readRun(r, who)
	if err != nil {
		return err
	}
	if set, ok := importOf(run); !ok || !d.uploads().Holds(set.Alike) {
		return fail.NotFound("import.no_alike")
	}
	return d.sendFile(w, "mungkin-terdaftar-"+run.Number+".csv", "text/csv; charset=utf-8", func(out io.Writer) error {
		_, err := d.Exchange.WriteAlike(r.Context(), who, run, out)
		return err
	})
}

// alikeTable lists lines of a file with whom their persons may be.
func (d *Desk) alikeTable(p i18n.Printer, told []identity.Resembling, lines map[identity.Who][]string) *ui.Table {
	t := &ui.Table{Caption: p.Text("alikeweb.rows"), Columns: []ui.Column{
		{Label: p.Text("importsweb.line"), Title: true}, {Label: p.Text("alikeweb.person")}, {Label: p.Text("web.village")}, {Label: p.Text("alikeweb.since")},
	}}
	for _, one := range told {
		person := ui.Cell{Text: p.Text("alikeweb.hidden")}
		if !one.Family.IsZero() {
			person = ui.Cell{Text: one.Name, Sub: one.NIK.String(), Href: "/keluarga/" + rowID(one.Tenant, one.Family)}
		}
		for _, line := range lines[one.Who] {
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
				{Text: p.Text("importsweb.line_n", "n", line)}, person, {Text: d.Places.Tree().Title(one.Area)}, {Text: dash(p.DateTextShort(one.Since.Text()))},
			}})
		}
	}
	return t
}
