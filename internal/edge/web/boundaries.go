package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/areas"
	"tepat/web/desk"
	"tepat/web/ui"
)

const boundaryPattern = "POST /peta/batas"

// boundaryRoutes take in the outlines that maps are drawn from.
func (d *Desk) boundaryRoutes() []Route {
	return []Route{
		{"GET /peta/batas", access.Administer, d.boundaries},
		{boundaryPattern, access.Administer, d.importBoundaries},
	}
}

// boundaries shows what has been imported, and asks for a file.
func (d *Desk) boundaries(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	var done *boundaryNote
	if text := d.sessions.Pop(r.Context(), boundaryNoteKey); text != "" {
		done = &boundaryNote{}
		if err := json.Unmarshal([]byte(text), done); err != nil {
			return err
		}
	}
	return d.showBoundaries(w, r, who, http.StatusOK, done, url.Values{}, nil)
}

// boundaryNote is what an import did, told once on the next page.
type boundaryNote struct {
	Kept, Points, Bytes, Unused int
	Refused                     []refusedFeature
}

// refusedFeature is a feature that was not used, with the reason in words.
type refusedFeature struct {
	Number       int
	Code, Reason string
}

const boundaryNoteKey = "peta.batas"

// noteOf puts a report into words.
func noteOf(p i18n.Printer, report areas.BoundaryReport) boundaryNote {
	out := boundaryNote{Kept: report.Kept, Points: report.Points, Bytes: report.Bytes, Unused: report.Unused}
	for _, one := range report.Refused {
		code := "–"
		if one.Code != area.Nation {
			code = one.Code.Dotted()
		}
		out.Refused = append(out.Refused, refusedFeature{one.Feature, code, p.Error(one.Err)})
	}
	return out
}

func (d *Desk) showBoundaries(w http.ResponseWriter, r *http.Request, who access.Actor, status int, done *boundaryNote, typed url.Values, problems []ui.FieldError) error {
	states, err := d.Places.Boundaries(r.Context())
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "web.boundaries.title")
	page.Lead = p.Text("web.boundaries.lead")
	page.Back = &ui.Link{Label: p.Text("web.nav.dashboard"), Href: "/dasbor"}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Sections: []desk.Section{{ID: "ada", Title: p.Text("web.boundaries.present"), Table: boundaryTable(p, states)}}}
	if done != nil {
		v.Notices = []ui.Notice{{Tone: ui.Good, Title: p.Text("web.boundaries.done", "count", done.Kept), Text: p.Text("web.boundaries.done_text", "points", done.Points, "kilobytes", (done.Bytes+1023)>>10),
			Link: &ui.Link{Label: p.Text("web.boundaries.see"), Href: "/dasbor#peta"}}}
		if done.Unused > 0 {
			v.Sections = append([]desk.Section{{ID: "ditolak", Title: p.Text("web.boundaries.refused", "count", done.Unused), Text: p.Text("web.boundaries.refused_text"), Table: refusedTable(p, *done)}}, v.Sections...)
		}
	}
	v.Forms = []desk.FormView{{ID: "impor", Title: p.Text("web.boundaries.import"), Text: p.Text("web.boundaries.import_text"), Form: ui.Form{Action: "/peta/batas", Multipart: true}, Fields: []desk.FieldView{
		{Field: ui.Field{Name: "source", Label: p.Text("web.boundaries.source"), Hint: p.Text("web.boundaries.source_hint"), Value: typed.Get("source"), Error: problemOf(problems, "source"), MaxLength: 200}},
		{Field: ui.Field{Name: "as_of", Label: p.Text("web.boundaries.as_of"), Hint: p.Text("web.boundaries.as_of_hint"), Value: typed.Get("as_of"), Error: problemOf(problems, "as_of"), Chars: 10, MaxLength: 10}},
		{Field: ui.Field{Name: "file", Label: p.Text("web.boundaries.file"), Hint: p.Text("web.boundaries.file_hint", "megabytes", areas.BoundaryLimit>>20), Error: problemOf(problems, "file")}, File: ".geojson,.json"},
	}, Buttons: []ui.Button{{Label: p.Text("web.boundaries.send")}}}}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

func boundaryTable(p i18n.Printer, states []areas.BoundaryState) *ui.Table {
	t := &ui.Table{Caption: p.Text("web.boundaries.present"), Columns: []ui.Column{
		{Label: p.Text("web.boundaries.level"), Title: true}, {Label: p.Text("web.boundaries.areas"), Numeric: true}, {Label: p.Text("web.boundaries.source")}, {Label: p.Text("web.boundaries.as_of")},
	}, Empty: &ui.Empty{Title: p.Text("web.boundaries.none"), Text: p.Text("web.boundaries.none_text")}}
	for _, s := range states {
		t.Rows = append(t.Rows, ui.Row{ID: s.Level.String(), Label: p.Text("web.level." + s.Level.String()), Cells: []ui.Cell{
			{Text: p.Text("web.level." + s.Level.String())}, {Text: p.Number(s.Areas)}, {Text: s.Source}, {Text: p.DateText(s.AsOf)}}})
	}
	return t
}

func refusedTable(p i18n.Printer, report boundaryNote) *ui.Table {
	t := &ui.Table{Caption: p.Text("web.boundaries.refused", "count", report.Unused), Columns: []ui.Column{
		{Label: p.Text("web.boundaries.feature"), Title: true}, {Label: p.Text("web.boundaries.code")}, {Label: p.Text("importsweb.reason")},
	}}
	for _, one := range report.Refused {
		t.Rows = append(t.Rows, ui.Row{ID: itoa(int64(one.Number)), Label: one.Code, Cells: []ui.Cell{{Text: p.Text("web.boundaries.feature_n", "n", one.Number)}, {Text: one.Code}, {Text: one.Reason}}})
	}
	return t
}

// importBoundaries reads the parts of the form in their order: where the file comes from, then the
// file, which is never held in memory as a whole. What was refused is told once, on the page it goes to.
func (d *Desk) importBoundaries(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	typed, report, err := d.readBoundaries(r, who)
	if err == nil {
		note, err := json.Marshal(noteOf(i18n.Of(r), report))
		if err != nil {
			return err
		}
		d.sessions.Put(r.Context(), boundaryNoteKey, string(note))
		httpkit.Redirect(w, r, "/peta/batas")
		return nil
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = fail.Invalid("request.too_large", "megabytes", float64(areas.BoundaryLimit)/(1<<20)).On("file")
	}
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid {
		return err
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		w.Header().Set("Connection", "close") // the rest of the file is not waited for
	}
	return d.showBoundaries(w, r, who, http.StatusUnprocessableEntity, nil, typed, []ui.FieldError{{Field: fieldOr(e.Field, "file"), Message: i18n.Of(r).Error(e)}})
}

func (d *Desk) readBoundaries(r *http.Request, who access.Actor) (typed url.Values, report areas.BoundaryReport, err error) {
	typed = url.Values{}
	parts, err := r.MultipartReader()
	if err != nil {
		return typed, report, fail.Invalid("request.unreadable").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return typed, report, fail.Invalid("import.nothing_chosen").On("file")
		}
		if err != nil {
			return typed, report, cutUpload(err)
		}
		switch name := part.FormName(); name {
		case "source", "as_of":
			text, err := io.ReadAll(io.LimitReader(part, 400))
			if err != nil {
				return typed, report, cutUpload(err)
			}
			typed.Set(name, string(text))
		case "file":
			if part.FileName() == "" {
				return typed, report, fail.Invalid("import.nothing_chosen").On("file")
			}
			in := areas.BoundaryImport{File: part, Source: typed.Get("source")}
			if in.AsOf, err = period.ParseDate(typed.Get("as_of")); err != nil {
				return typed, report, fail.Invalid("boundaries.as_of").On("as_of")
			}
			report, err = d.Places.ImportBoundaries(r.Context(), who, in)
			return typed, report, err
		default:
			return typed, report, fail.Invalid("request.unknown_field")
		}
	}
}
