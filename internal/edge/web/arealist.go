package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/areas"
	"tepat/web/desk"
	"tepat/web/ui"
)

const (
	areaListPattern = "POST /wilayah/daftar"
	// areaListLimit is several times the nation's list, with names and decrees.
	areaListLimit = 32 << 20
	// shownDifferences bounds what a page and a session hold of a list.
	shownDifferences = 200
)

// areaRoutes are the page of areas: what changes by decree, and the newer list it comes from. Who administers proposes, who
// approves users decides, and the auditor sees; the service asks.
func (d *Desk) areaRoutes() []Route {
	return []Route{
		{"GET /wilayah", "", d.areaPage},
		{"POST /wilayah", "", d.decideAreas},
		{areaListPattern, access.Administer, d.receiveAreaList},
	}
}

// areaNote is what a list or a decision did, told once on the next page.
type areaNote struct {
	Rows, Same, Outside, All, Problems int
	Proposed                           bool
	Lines                              []areaLine
	Failed                             string // why a decision was not taken, in words
	Within, Decree, From               string // as typed, so that checking costs no typing again
}

// areaLine is a difference in words.
type areaLine struct{ Kind, Code, To, Name, Was, Why string }

const areaNoteKey = "wilayah"

func (d *Desk) areaPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	var note *areaNote
	if text := d.sessions.Pop(r.Context(), areaNoteKey); text != "" {
		note = &areaNote{}
		if err := json.Unmarshal([]byte(text), note); err != nil {
			return err
		}
	}
	typed := url.Values{}
	if note != nil {
		typed = url.Values{"within": {note.Within}, "decree": {note.Decree}, "from": {note.From}}
	}
	return d.showAreas(w, r, who, http.StatusOK, note, typed, nil)
}

func (d *Desk) showAreas(w http.ResponseWriter, r *http.Request, who access.Actor, status int, note *areaNote, typed url.Values, problems []ui.FieldError) error {
	changes, err := d.Places.Changes(r.Context(), who, 20)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "arealistweb.title")
	page.Lead = p.Text("arealistweb.lead")
	page.Back = &ui.Link{Label: p.Text("web.nav.home"), Href: "/"}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Problems: problems, Notices: areaNotices(p, note)}
	if note != nil && len(note.Lines) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "daftar", Title: p.Text("arealistweb.compared"), Table: areaLines(p, *note)})
	}
	open := len(changes) > 0 && changes[0].Open()
	if open && changes[0].State == areas.Halted {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Wait, Title: p.Text("arealistweb.halted"), Text: p.Text("arealistweb.halted_text")})
	}
	if open {
		one := changes[0]
		v.Sections = append(v.Sections, desk.Section{ID: "berjalan", Title: p.Text("arealistweb.open"), Items: d.changeItems(p, who, one)},
			desk.Section{ID: "isi", Title: p.Text("arealistweb.content"), Table: d.decreeTable(p, one.Decree)})
		v.Forms = append(v.Forms, areaDecisions(p, who, one)...)
	}
	v.Sections = append(v.Sections, desk.Section{ID: "riwayat", Title: p.Text("arealistweb.history"), Table: d.changeTable(p, who, changes)})
	if home, _ := who.Home(); who.Can(access.Administer) && !open {
		v.Forms = append(v.Forms, d.areaListForm(p, home, typed, problems))
		if len(changes) > 0 && changes[0].State == areas.Finished {
			v.Forms = append(v.Forms, undoAreasForm(p, changes[0], typed, problems))
		}
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

func areaNotices(p i18n.Printer, note *areaNote) []ui.Notice {
	switch {
	case note == nil:
		return nil
	case note.Failed != "":
		return []ui.Notice{{Tone: ui.Wait, Title: p.Text("arealistweb.not_done"), Text: note.Failed}}
	case note.Rows == 0:
		return []ui.Notice{{Tone: ui.Good, Title: p.Text("arealistweb.decided")}}
	}
	tone, title := ui.Good, p.Text("arealistweb.same")
	switch {
	case note.Problems > 0:
		tone, title = ui.Bad, p.Text("arealistweb.problems", "count", note.Problems)
	case note.Proposed:
		title = p.Text("arealistweb.proposed")
	case note.All > 0:
		tone, title = ui.Info, p.Text("arealistweb.differs", "count", note.All)
	}
	return []ui.Notice{{Tone: tone, Title: title, Text: p.Text("arealistweb.counted", "rows", note.Rows, "same", note.Same, "differences", note.All, "outside", note.Outside)}}
}

func areaLines(p i18n.Printer, note areaNote) *ui.Table {
	t := &ui.Table{Caption: p.Text("arealistweb.compared"), Columns: areaColumns(p)}
	for i, l := range note.Lines {
		t.Rows = append(t.Rows, ui.Row{ID: itoa(int64(i)), Label: l.Code, Cells: []ui.Cell{{Text: l.Kind}, {Text: l.Code, Sub: l.To}, {Text: dash(l.Name), Sub: wasWords(p, l.Was)}, {Text: dash(l.Why)}}})
	}
	if note.All > len(note.Lines) {
		t.Foot = []ui.Cell{{Text: p.Text("arealistweb.more", "count", note.All-len(note.Lines))}, {}, {}, {}}
	}
	return t
}

// wasWords says what a name or a code was before.
func wasWords(p i18n.Printer, was string) string {
	if was == "" {
		return ""
	}
	return p.Text("arealistweb.was", "name", was)
}

func areaColumns(p i18n.Printer) []ui.Column {
	return []ui.Column{{Label: p.Text("arealistweb.kind")}, {Label: p.Text("web.boundaries.code"), Title: true}, {Label: p.Text("web.name")}, {Label: p.Text("arealistweb.why")}}
}

// decreeTable tells what a change does, area by area.
func (d *Desk) decreeTable(p i18n.Printer, of areas.Decree) *ui.Table {
	t := &ui.Table{Caption: p.Text("arealistweb.content"), Columns: areaColumns(p)}
	add := func(kind string, from, to area.Code, name, was string, own areas.Own) {
		if len(t.Rows) >= shownDifferences {
			return
		}
		sub := ""
		if to != area.Nation {
			sub = "> " + to.Dotted()
		}
		basis := own.Basis
		if basis == "" {
			basis = of.Basis
		}
		t.Rows = append(t.Rows, ui.Row{ID: itoa(int64(len(t.Rows))), Label: from.Dotted(), Cells: []ui.Cell{
			{Text: p.Text("areas.difference." + kind)}, {Text: from.Dotted(), Sub: sub}, {Text: dash(name), Sub: wasWords(p, was)}, {Text: basis}}})
	}
	for _, n := range of.New {
		add(areas.Added, n.Code, area.Nation, n.Name, "", n.Own)
	}
	for _, m := range of.Moves {
		kind := areas.Moved
		if m.Merged {
			kind = areas.Merged
		}
		add(kind, m.From, m.To, d.Places.Tree().Name(m.To), m.Was, m.Own)
	}
	for _, one := range of.Renames {
		kind, name, was := areas.Renamed, one.Name, one.Was
		if name == "" {
			kind, name, was = areas.Coded, one.BPS, one.WasBPS
		}
		add(kind, one.Code, area.Nation, name, was, one.Own)
	}
	for _, e := range of.Ends {
		add(areas.Gone, e.Code, area.Nation, e.Name, "", e.Own)
	}
	return t
}

func (d *Desk) changeItems(p i18n.Printer, who access.Actor, c areas.Change) []ui.SummaryItem {
	return []ui.SummaryItem{
		{Label: p.Text("arealistweb.basis"), Value: c.Decree.Basis, Sub: p.DateText(c.Decree.From.Text())},
		{Label: p.Text("web.status"), Value: p.Text("cli.area_state." + c.State), Sub: p.Text("arealistweb.steps", "done", c.Done, "steps", c.Steps)},
		{Label: p.Text("arealistweb.when"), Value: p.Moment(c.ProposedAt.In(d.zone(who)))},
	}
}

func (d *Desk) changeTable(p i18n.Printer, who access.Actor, list []areas.Change) *ui.Table {
	t := &ui.Table{Caption: p.Text("arealistweb.history"), Columns: []ui.Column{
		{Label: p.Text("arealistweb.basis"), Title: true}, {Label: p.Text("arealistweb.when")}, {Label: p.Text("arealistweb.areas"), Numeric: true}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("arealistweb.none"), Text: p.Text("arealistweb.none_text")}}
	tones := map[string]ui.Tone{areas.Awaiting: ui.Wait, areas.Running: ui.Info, areas.Halted: ui.Wait, areas.Finished: ui.Good}
	for _, c := range list {
		t.Rows = append(t.Rows, ui.Row{ID: c.ID.String(), Label: c.Decree.Basis, Cells: []ui.Cell{
			{Text: c.Decree.Basis, Sub: p.DateText(c.Decree.From.Text())}, {Text: p.Moment(c.ProposedAt.In(d.zone(who)))}, {Text: p.Number(int64(c.Steps))},
			{Chip: &ui.Chip{Label: p.Text("cli.area_state." + c.State), Tone: tones[c.State]}}}})
	}
	return t
}

// areaDecisions are what may be decided of a change that waits.
func areaDecisions(p i18n.Printer, who access.Actor, c areas.Change) []desk.FormView {
	if c.State != areas.Awaiting && c.State != areas.Halted {
		return nil
	}
	form := func(id, do string, danger bool) desk.FormView {
		return desk.FormView{ID: id, Title: p.Text("arealistweb." + do), Text: p.Text("arealistweb." + do + "_text"), Form: ui.Form{Action: "/wilayah", Hidden: []ui.Hidden{{Name: "id", Value: c.ID.String()}, {Name: "do", Value: do}}},
			Buttons: []ui.Button{{Label: p.Text("arealistweb." + do), Danger: danger}}}
	}
	mine := [16]byte(c.ProposedBy) == who.ID
	switch {
	case mine && c.State == areas.Halted: // half of it is done: it can only go on, by somebody else
		return nil
	case mine:
		return []desk.FormView{form("tarik", "withdraw", true)}
	}
	return []desk.FormView{form("setujui", "approve", false)}
}

func undoAreasForm(p i18n.Printer, c areas.Change, typed url.Values, problems []ui.FieldError) desk.FormView {
	return desk.FormView{ID: "batal", Title: p.Text("arealistweb.undo"), Text: p.Text("arealistweb.undo_text", "basis", c.Decree.Basis), Folded: true,
		Form:    ui.Form{Action: "/wilayah", Hidden: []ui.Hidden{{Name: "id", Value: c.ID.String()}, {Name: "do", Value: "undo"}}},
		Fields:  []desk.FieldView{{Field: ui.Field{Name: "basis", Label: p.Text("arealistweb.undo_basis"), Value: typed.Get("basis"), Error: problemOf(problems, "basis"), MaxLength: 200}}},
		Buttons: []ui.Button{{Label: p.Text("arealistweb.undo"), Danger: true}}}
}

func (d *Desk) areaListForm(p i18n.Printer, home area.Code, typed url.Values, problems []ui.FieldError) desk.FormView {
	within := typed.Get("within")
	if within == "" {
		within = home.Dotted()
	}
	return desk.FormView{ID: "impor", Title: p.Text("arealistweb.import"), Text: p.Text("arealistweb.import_text"), Form: ui.Form{Action: "/wilayah/daftar", Multipart: true}, Fields: []desk.FieldView{
		{Field: ui.Field{Name: "within", Label: p.Text("arealistweb.within"), Hint: p.Text("arealistweb.within_hint"), Value: within, Error: problemOf(problems, "within"), Chars: 10, MaxLength: 13}},
		{Field: ui.Field{Name: "decree", Label: p.Text("arealistweb.decree"), Hint: p.Text("arealistweb.decree_hint"), Value: typed.Get("decree"), Error: problemOf(problems, "decree"), MaxLength: 200}},
		{Field: ui.Field{Name: "from", Label: p.Text("arealistweb.from"), Hint: p.Text("arealistweb.from_hint"), Value: typed.Get("from"), Error: problemOf(problems, "from"), Chars: 10, MaxLength: 10}},
		{Field: ui.Field{Name: "file", Label: p.Text("arealistweb.file"), Hint: p.Text("arealistweb.file_hint"), Error: problemOf(problems, "file")}, File: ".csv,.xlsx"},
	}, Buttons: []ui.Button{{Label: p.Text("arealistweb.check"), Name: "do", Value: "check"}, {Label: p.Text("arealistweb.propose"), Name: "do", Value: "propose", Secondary: true}}}
}

// decideAreas approves, withdraws or takes back a change. What somebody else decided meanwhile is told on the page.
func (d *Desk) decideAreas(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "do", "id", "basis")
	if err != nil {
		return err
	}
	if _, err := d.Places.Changes(r.Context(), who, 1); err != nil { // who may not see them decides nothing
		return err
	}
	err = d.onAreas(r, who, form)
	e, told := fail.As(err)
	switch {
	case err == nil:
		err = d.noteAreas(r, areaNote{})
	case told && e.Kind == fail.KindInvalid:
		return d.showAreas(w, r, who, http.StatusUnprocessableEntity, nil, form, []ui.FieldError{{Field: fieldOr(e.Field, "basis"), Message: i18n.Of(r).Error(e)}})
	case told && (e.Kind == fail.KindConflict || e.Kind == fail.KindNotFound || e.Code == "access.same_person"):
		err = d.noteAreas(r, areaNote{Failed: i18n.Of(r).Error(e)})
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/wilayah")
	return nil
}

func (d *Desk) onAreas(r *http.Request, who access.Actor, form url.Values) error {
	id, err := sqldb.ParseID(form.Get("id"))
	if err != nil {
		return fail.NotFound("area.change_unknown")
	}
	switch form.Get("do") {
	case "withdraw":
		return d.Places.Withdraw(r.Context(), who, id)
	case "undo":
		home, _ := who.Home()
		_, err = d.Places.Undo(r.Context(), who, id, strings.TrimSpace(form.Get("basis")), d.Places.LocalDate(home, d.Now()))
		return err
	case "approve":
		return d.Places.Approve(r.Context(), who, id, d.Accounts) // the background applies it
	}
	return fail.Invalid("request.unknown_field")
}

func (d *Desk) noteAreas(r *http.Request, note areaNote) error {
	text, err := json.Marshal(note)
	if err == nil {
		d.sessions.Put(r.Context(), areaNoteKey, string(text))
	}
	return err
}
