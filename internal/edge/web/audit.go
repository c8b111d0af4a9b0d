package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/audit"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// auditRoutes are the pages of the audit log.
func (d *Desk) auditRoutes() []Route {
	return []Route{
		{"GET /audit", access.ReadAudit, d.auditLog},
		{"GET /audit/unduh", access.ReadAudit, d.auditFile},
		{"GET /audit/{id}", access.ReadAudit, d.auditEntry},
	}
}

// auditLog lists what was done and seen in the actor's area.
func (d *Desk) auditLog(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "jenis", "siapa", "waktu", "wilayah", "subjek", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	f, err := d.auditFilter(q.Get, who)
	if err != nil {
		return err
	}
	list, err := d.Acts.ReadLog(r.Context(), who, f, rows+1)
	if err != nil {
		return err
	}
	list, next := paged(r, list, rows, func(last audit.Line) string { return last.ID.String() })
	names, err := d.namesOf(r, list)
	if err != nil {
		return err
	}
	page := d.page(r, who, "auditweb.title")
	page.Lead = p.Text("auditweb.lead")
	v := desk.ListView{Table: d.auditTable(p, who, list, names),
		Links: []ui.Link{{Label: p.Text("looksweb.link"), Href: "/audit/akses"}, {Label: p.Text("auditweb.csv"), Href: strings.Replace(with(r, "sesudah", "", "baris", ""), "/audit", "/audit/unduh", 1)}}}
	if v.Pager, err = d.pager(r, p, len(list), next, nil); err != nil { // a log is counted by nobody: it has no end
		return err
	}
	if v.Notices, err = d.sealNotices(r, p, who); err != nil {
		return err
	}
	if v.Filter, err = d.auditFilterBar(r, p, who); err != nil {
		return err
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// auditFilter reads the filter of the address.
func (d *Desk) auditFilter(value func(string) string, who access.Actor) (f audit.Filter, err error) {
	f.Act = value("jenis")
	if f.Area, err = d.areaOf(value("wilayah")); err != nil {
		return f, err
	}
	if text := value("siapa"); text != "" {
		if f.Actor, err = sqldb.ParseID(text); err != nil {
			return f, fail.NotFound("request.not_found")
		}
	}
	if text := value("subjek"); text != "" {
		_, id, err := parseRow(text)
		if err != nil {
			return f, err
		}
		f.Subjects = []sqldb.ID{id}
	}
	if text := value("sesudah"); text != "" {
		if f.After, err = sqldb.ParseID(text); err != nil {
			return f, fail.NotFound("request.not_found")
		}
	}
	f.From, f.To = d.span(value("waktu"), who)
	return f, nil
}

// span reads a stretch of time: days back from now, such as "7", or a month such as
// "2026-10", in the time of the actor's office. What is neither is all of it.
func (d *Desk) span(text string, who access.Actor) (from, to time.Time) {
	zone, now := d.zone(who), d.Now()
	if days, err := atoi(text); err == nil && days >= 1 && days <= 366 {
		local := now.In(zone)
		return time.Date(local.Year(), local.Month(), local.Day()-int(days)+1, 0, 0, 0, 0, zone), time.Time{}
	}
	if month, err := period.ParseMonth(text); err == nil {
		first := time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, zone)
		return first, first.AddDate(0, 1, 0)
	}
	return time.Time{}, time.Time{}
}

// auditFilterBar offers kinds of acts, people, stretches of time and places.
func (d *Desk) auditFilterBar(r *http.Request, p i18n.Printer, who access.Actor) (*ui.Filter, error) {
	q := r.URL.Query()
	kinds := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, g := range actGroups() {
		kinds = append(kinds, ui.Option{Value: g + ".", Label: p.Text("auditweb.group." + g), Selected: q.Get("jenis") == g+"."})
	}
	people, err := d.auditPeople(r, p, who, q.Get("siapa"))
	if err != nil {
		return nil, err
	}
	f := &ui.Filter{Label: p.Text("auditweb.filter"), Action: "/audit", Clear: "/audit", Target: "list", Selects: []ui.SelectFilter{
		{Field: ui.Field{Name: "jenis", Label: p.Text("auditweb.kind")}, Options: kinds},
		{Field: ui.Field{Name: "siapa", Label: p.Text("auditweb.who")}, Options: people},
		{Field: ui.Field{Name: "waktu", Label: p.Text("auditweb.when")}, Options: d.auditTimes(p, who, q.Get("waktu"))},
		d.areaFilter(p, who, q.Get("wilayah")),
	}}
	if subject := q.Get("subjek"); subject != "" {
		f.Hidden = []ui.Hidden{{Name: "subjek", Value: subject}}
		f.Active = []ui.Link{{Label: p.Text("auditweb.one_subject"), Href: with(r, "subjek", "", "sesudah", "")}}
	}
	return f, nil
}

// auditPeople offers the accounts of the area; of more than a hundred the chosen one stays in the list.
func (d *Desk) auditPeople(r *http.Request, p i18n.Printer, who access.Actor, chosen string) ([]ui.Option, error) {
	list, err := d.Accounts.List(r.Context(), who, accounts.Filter{Limit: 100})
	if err != nil {
		return nil, err
	}
	options := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	found := chosen == ""
	for _, a := range list.Accounts {
		options = append(options, ui.Option{Value: a.ID.String(), Label: a.Name, Selected: a.ID.String() == chosen})
		found = found || a.ID.String() == chosen
	}
	if id, err := sqldb.ParseID(chosen); !found && err == nil {
		names, err := d.Accounts.Names(r.Context(), []sqldb.ID{id})
		if err != nil {
			return nil, err
		}
		options = append(options, ui.Option{Value: chosen, Label: whoWords(p, names, id), Selected: true})
	}
	return options, nil
}

// auditTimes offers the last days and the last twelve months.
func (d *Desk) auditTimes(p i18n.Printer, who access.Actor, chosen string) []ui.Option {
	options := []ui.Option{{Value: "", Label: p.Text("auditweb.always")}}
	for _, days := range []int64{1, 7, 30, 90} {
		options = append(options, ui.Option{Value: itoa(days), Label: p.Text("auditweb.days", "n", days), Selected: chosen == itoa(days)})
	}
	options[1].Label = p.Text("auditweb.today")
	local := d.Now().In(d.zone(who))
	first := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, local.Location())
	for range 12 {
		value := first.Format("2006-01")
		options = append(options, ui.Option{Value: value, Label: p.DateText(value), Selected: chosen == value})
		first = first.AddDate(0, -1, 0)
	}
	return options
}

// namesOf reads who the actors of a page are.
func (d *Desk) namesOf(r *http.Request, list []audit.Line) (map[sqldb.ID]string, error) {
	ids := make([]sqldb.ID, 0, len(list))
	for _, l := range list {
		ids = append(ids, l.Actor)
	}
	return d.Accounts.Names(r.Context(), ids)
}

// whoWords names an actor: an account, or the installation itself.
func whoWords(p i18n.Printer, names map[sqldb.ID]string, id sqldb.ID) string {
	if name, ok := names[id]; ok {
		return name
	}
	if id.IsZero() {
		return p.Text("auditweb.nobody")
	}
	return p.Text("auditweb.unknown_actor", "id", id.Short())
}

func (d *Desk) auditTable(p i18n.Printer, who access.Actor, list []audit.Line, names map[sqldb.ID]string) ui.Table {
	t := ui.Table{Caption: p.Text("auditweb.title"), Columns: []ui.Column{
		{Label: p.Text("auditweb.act"), Title: true}, {Label: p.Text("auditweb.at")}, {Label: p.Text("auditweb.who")}, {Label: p.Text("web.area")},
		{Label: p.Text("auditweb.purpose")}, {Label: p.Text("auditweb.facts")},
	}, Empty: &ui.Empty{Title: p.Text("auditweb.empty"), Text: p.Text("auditweb.empty_text"), Links: []ui.Link{{Label: p.Text("auditweb.all"), Href: "/audit"}}}}
	for _, l := range list {
		t.Rows = append(t.Rows, ui.Row{ID: rowID(l.Tenant, l.ID), Label: actWords(p, l.Act), Cells: []ui.Cell{
			{Text: actWords(p, l.Act), Href: "/audit/" + rowID(l.Tenant, l.ID)},
			{Text: p.MomentShort(l.At.In(d.zone(who)))},
			{Text: whoWords(p, names, l.Actor), Sub: roleName(p, l.Role)},
			{Text: d.Places.Tree().Name(l.Area)},
			{Text: purposeWords(p, l.Purpose)},
			{Text: d.factsInShort(p, l)},
		}})
	}
	return t
}

// auditEntry shows one entry whole.
func (d *Desk) auditEntry(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	l, err := d.Acts.OpenLog(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	names, err := d.namesOf(r, []audit.Line{l})
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "auditweb.entry_title", "act", actWords(p, l.Act), "number", l.ID.Short())
	page.Lead = p.Moment(l.At.In(d.zone(who)))
	page.Back = d.back(r, p.Text("auditweb.title"), "/audit")
	v := desk.RecordView{Sections: []desk.Section{{ID: "catatan", Title: p.Text("auditweb.entry"), Items: []ui.SummaryItem{
		{Label: p.Text("auditweb.act"), Value: actWords(p, l.Act), Sub: l.Act},
		{Label: p.Text("auditweb.who"), Value: whoWords(p, names, l.Actor), Sub: roleName(p, l.Role)},
		{Label: p.Text("web.area"), Value: d.Places.Tree().Label(l.Area)},
		{Label: p.Text("auditweb.purpose"), Value: purposeWords(p, l.Purpose)},
		{Label: p.Text("auditweb.number"), Content: ui.Shortened(l.ID.Short(), l.ID.String())},
	}}}}
	sections, err := d.factSections(r, p, l)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, sections...)
	v.Links = d.entryLinks(p, who, l)
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}

// entryLinks lead from an entry to what it is about, and to what else was done with it.
func (d *Desk) entryLinks(p i18n.Printer, who access.Actor, l audit.Line) (out []ui.Link) {
	if l.Subject.IsZero() {
		return []ui.Link{{Label: p.Text("auditweb.by_person"), Href: "/audit?siapa=" + l.Actor.String()}}
	}
	if path, needs := subjectPage(l.Act); path != "" && (needs == "" || who.Can(needs)) {
		id := rowID(l.Tenant, l.Subject)
		if path == "/pengguna/" {
			id = l.Subject.String()
		}
		out = append(out, ui.Link{Label: p.Text("auditweb.subject"), Href: path + id})
	}
	return append(out, ui.Link{Label: p.Text("auditweb.same_subject"), Href: "/audit?subjek=" + rowID(l.Tenant, l.Subject)},
		ui.Link{Label: p.Text("auditweb.by_person"), Href: "/audit?siapa=" + l.Actor.String()})
}

// sealNotices say how far the log is sealed, and whether the newest seal holds.
func (d *Desk) sealNotices(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Notice, error) {
	const most = 40
	states, err := d.Sealer.States(r.Context(), who.ScopeOf(access.ReadAudit), d.Now(), most)
	if err != nil {
		return nil, err
	}
	var newest audit.SealState
	var broken, late int64
	for _, s := range states {
		if s.Last.Seq > 0 && !s.Verified {
			broken++
		}
		late += s.Late
		if s.Last.At.After(newest.Last.At) {
			newest = s
		}
	}
	switch {
	case broken > 0:
		return []ui.Notice{{Tone: ui.Bad, Title: p.Text("auditweb.seal_broken"), Text: p.Text("auditweb.seal_broken_text", "count", broken)}}, nil
	case newest.Last.Seq == 0:
		return []ui.Notice{{Tone: ui.Info, Title: p.Text("auditweb.seal_none"), Text: p.Text("auditweb.seal_none_text")}}, nil
	case late > 0:
		return []ui.Notice{{Tone: ui.Wait, Title: p.Text("auditweb.seal_late", "count", late), Text: p.Text("auditweb.seal_late_text")}}, nil
	}
	return []ui.Notice{{Tone: ui.Good, Title: p.Text("auditweb.seal_holds"), Text: p.Text("auditweb.seal_holds_text",
		"seal", newest.Last.Seq, "at", p.Moment(newest.Last.At.In(d.zone(who))), "count", newest.Last.Leaves)}}, nil
}

// lookedSections tell, on a family's page, who looked at it: to those who read the log.
func (d *Desk) lookedSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	if !who.Can(access.ReadAudit) || who.Allow(access.ReadAudit, card.Family.Tenant, card.Family.Area) != nil {
		return nil, nil
	}
	subjects := []sqldb.ID{card.Family.ID}
	for _, m := range card.Members {
		subjects = append(subjects, m.ID)
	}
	list, err := d.Acts.ReadLog(r.Context(), who, audit.Filter{Subjects: subjects}, pageRows)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(l audit.Line) bool { return strings.HasPrefix(l.Act, "audit.") })
	names, err := d.namesOf(r, list)
	if err != nil {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("auditweb.looked_caption"), Columns: []ui.Column{
		{Label: p.Text("auditweb.act"), Title: true}, {Label: p.Text("auditweb.at")}, {Label: p.Text("auditweb.who")}, {Label: p.Text("auditweb.purpose")},
	}, Empty: &ui.Empty{Title: p.Text("auditweb.looked_empty")}}
	for _, l := range list {
		t.Rows = append(t.Rows, ui.Row{ID: rowID(l.Tenant, l.ID), Cells: []ui.Cell{
			{Text: actWords(p, l.Act), Href: "/audit/" + rowID(l.Tenant, l.ID)}, {Text: p.MomentShort(l.At.In(d.zone(who)))},
			{Text: whoWords(p, names, l.Actor), Sub: roleName(p, l.Role)}, {Text: purposeWords(p, l.Purpose)},
		}})
	}
	return []desk.Section{{ID: "dilihat", Title: p.Text("auditweb.looked"), Text: p.Text("auditweb.looked_text"), Table: t}}, nil
}
