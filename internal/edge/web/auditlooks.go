package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/looks"
	"tepat/web/desk"
	"tepat/web/ui"
)

// looksRoutes are the pages of unusual looks at people's records.
func (d *Desk) looksRoutes() []Route {
	return []Route{
		{"GET /audit/akses", access.ReadAudit, d.unusualLooks},
		{"GET /audit/akses/{id}", access.ReadAudit, d.unusualLook},
		{"POST /audit/akses/{id}", access.ReadAudit, d.markLook},
	}
}

// unusualLooks lists what the rules found.
func (d *Desk) unusualLooks(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "aturan", "tab", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	f := looks.Filter{Rule: q.Get("aturan"), Seen: q.Get("tab") == "selesai", Limit: rows + 1}
	if f.AfterAt, f.AfterID, err = afterLook(q.Get("sesudah")); err != nil {
		return err
	}
	list, err := d.Looks.List(r.Context(), who, f)
	if err != nil {
		return err
	}
	list, next := paged(r, list, rows, func(last looks.Unusual) string {
		return strconv.FormatInt(last.LastAt.UnixMicro(), 10) + "_" + last.ID.String()
	})
	p := i18n.Of(r)
	page := d.page(r, who, "looksweb.title")
	page.Lead = p.Text("looksweb.lead")
	page.Back = &ui.Link{Label: p.Text("auditweb.title"), Href: "/audit"}
	v := desk.ListView{TabsLabel: p.Text("looksweb.tabs"), Tabs: []ui.Tab{
		{Label: p.Text("looksweb.open"), Href: with(r, "tab", "", "sesudah", ""), Current: !f.Seen}, {Label: p.Text("looksweb.seen"), Href: with(r, "tab", "selesai", "sesudah", ""), Current: f.Seen}}}
	v.Filter = d.looksFilter(p, q.Get("aturan"), q.Get("tab"))
	if v.Pager, err = d.pager(r, p, len(list), next, nil); err != nil {
		return err
	}
	if v.Table, err = d.looksTable(r, p, who, list); err != nil {
		return err
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// afterLook reads where a list goes on.
func afterLook(text string) (at time.Time, id sqldb.ID, err error) {
	if text == "" {
		return at, id, nil
	}
	micros, key, _ := strings.Cut(text, "_")
	n, err := strconv.ParseInt(micros, 10, 64)
	if err == nil {
		id, err = sqldb.ParseID(key)
	}
	if err != nil {
		return at, id, fail.NotFound("request.not_found")
	}
	return time.UnixMicro(n), id, nil
}

func (d *Desk) looksFilter(p i18n.Printer, chosen, tab string) *ui.Filter {
	options := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, rule := range d.Looks.Rules.Rules {
		options = append(options, ui.Option{Value: rule.ID, Label: p.Text("looks.rule." + rule.ID), Selected: rule.ID == chosen})
	}
	f := &ui.Filter{Label: p.Text("looksweb.filter"), Action: "/audit/akses", Clear: "/audit/akses", Target: "list",
		Selects: []ui.SelectFilter{{Field: ui.Field{Name: "aturan", Label: p.Text("looksweb.rule")}, Options: options}}}
	if tab != "" {
		f.Hidden = []ui.Hidden{{Name: "tab", Value: tab}}
	}
	return f
}

func (d *Desk) looksTable(r *http.Request, p i18n.Printer, who access.Actor, list []looks.Unusual) (ui.Table, error) {
	t := ui.Table{Caption: p.Text("looksweb.title"), Columns: []ui.Column{
		{Label: p.Text("looksweb.rule"), Title: true}, {Label: p.Text("auditweb.who")}, {Label: p.Text("looksweb.last")}, {Label: p.Text("looksweb.why")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("looksweb.empty"), Text: p.Text("looksweb.empty_text")}}
	ids := make([]sqldb.ID, 0, len(list))
	for _, u := range list {
		ids = append(ids, u.Actor)
	}
	names, err := d.Accounts.Names(r.Context(), ids)
	if err != nil {
		return t, err
	}
	for _, u := range list {
		chip := lookChip(p, u)
		t.Rows = append(t.Rows, ui.Row{ID: rowID(u.Tenant, u.ID), Label: p.Text("looks.rule." + u.Rule), Cells: []ui.Cell{
			{Text: p.Text("looks.rule." + u.Rule), Href: "/audit/akses/" + rowID(u.Tenant, u.ID)}, {Text: readerWords(p, names, u)},
			{Text: p.MomentShort(u.LastAt.In(d.zone(who)))}, {Text: lookWords(p, u)}, {Chip: &chip}}})
	}
	return t, nil
}

func lookChip(p i18n.Printer, u looks.Unusual) ui.Chip {
	switch {
	case u.SeenAt.IsZero():
		return ui.Chip{Label: p.Text("looksweb.open"), Tone: ui.Wait}
	case u.N > u.SeenN:
		return ui.Chip{Label: p.Text("looksweb.grown"), Tone: ui.Wait}
	}
	return ui.Chip{Label: p.Text("looksweb.seen"), Tone: ui.Good}
}

// readerWords names who looked, or that it was several.
func readerWords(p i18n.Printer, names map[sqldb.ID]string, u looks.Unusual) string {
	if u.Actor.IsZero() {
		return p.Text("looksweb.several", "count", u.N)
	}
	return whoWords(p, names, u.Actor)
}

// lookWords says why something is on the list.
func lookWords(p i18n.Printer, u looks.Unusual) string {
	return p.Text("looks.why."+u.Rule, "n", u.N, "bound", u.Bound)
}

// unusualLook shows one find, with the way to the entries of the log it was made of.
func (d *Desk) unusualLook(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showLook(w, r, who, http.StatusOK, "", nil)
}

func (d *Desk) showLook(w http.ResponseWriter, r *http.Request, who access.Actor, status int, typed string, problems []ui.FieldError) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	u, err := d.Looks.Open(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	names, err := d.Accounts.Names(r.Context(), []sqldb.ID{u.Actor, u.SeenBy})
	if err != nil {
		return err
	}
	p, zone := i18n.Of(r), d.zone(who)
	page := d.page(r, who, "looksweb.one", "rule", p.Text("looks.rule."+u.Rule), "day", p.DateText(u.Day.Text()))
	page.Lead = lookWords(p, u)
	page.Back = d.back(r, p.Text("looksweb.title"), "/audit/akses")
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	items := []ui.SummaryItem{{Label: p.Text("auditweb.who"), Value: readerWords(p, names, u)}, {Label: p.Text("looksweb.first"), Value: p.Moment(u.FirstAt.In(zone))}, {Label: p.Text("looksweb.last"), Value: p.Moment(u.LastAt.In(zone))},
		{Label: p.Text("looksweb.counted"), Value: p.Number(u.N), Sub: p.Text("looksweb.bound", "bound", u.Bound)}}
	ground, err := d.lookGround(r, who, u)
	if err != nil {
		return err
	}
	items = append(items, ground...)
	v := desk.RecordView{Problems: problems, Chips: []ui.Chip{lookChip(p, u)}, Sections: []desk.Section{{ID: "temuan", Title: p.Text("web.family.summary"), Items: items}}}
	if !u.SeenAt.IsZero() {
		v.Sections = append(v.Sections, desk.Section{ID: "catatan", Title: p.Text("looksweb.noted"), Text: u.Note, Items: []ui.SummaryItem{
			{Label: p.Text("auditweb.who"), Value: whoWords(p, names, u.SeenBy)}, {Label: p.Text("auditweb.at"), Value: p.Moment(u.SeenAt.In(zone))}}})
	}
	note := ui.Field{Name: "note", Label: p.Text("looksweb.note"), Hint: p.Text("looksweb.note_hint"), Value: typed, MaxLength: 2000}
	note.Error = problemOf(problems, "note")
	v.Forms = []desk.FormView{{ID: "tindak-lanjut", Title: p.Text("looksweb.mark_title"), Form: ui.Form{Action: r.URL.Path}, Fields: []desk.FieldView{{Field: note, Rows: 4}}, Buttons: []ui.Button{{Label: p.Text("looksweb.mark")}}}}
	if !u.Actor.IsZero() {
		v.Links = append(v.Links, ui.Link{Label: p.Text("auditweb.by_person"), Href: "/audit?siapa=" + u.Actor.String()})
	}
	if !u.Subject.IsZero() {
		v.Links = append(v.Links, ui.Link{Label: p.Text("auditweb.same_subject"), Href: "/audit?subjek=" + rowID(u.Tenant, u.Subject)})
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// markLook notes that a find was looked into.
func (d *Desk) markLook(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "note")
	if err != nil {
		return err
	}
	_, err = d.Looks.Mark(r.Context(), who, tenant, id, form.Get("note"))
	if e, ok := fail.As(err); ok && e.Kind == fail.KindInvalid {
		return d.showLook(w, r, who, http.StatusUnprocessableEntity, form.Get("note"), []ui.FieldError{{Field: fieldOr(e.Field, "note"), Message: i18n.Of(r).Error(e)}})
	}
	if err != nil {
		return err
	}
	httpkit.Redirect(w, r, "/audit/akses/"+rowID(tenant, id))
	return nil
}
