package web

import (
	"net/http"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// grievanceRoutes are the pages of objections and complaints. Officers handle them by one
// permission, the head of the agency decides late objections by another; the service asks for
// either, so that the routes ask only for an office that reads the registry.
func (d *Desk) grievanceRoutes() []Route {
	return []Route{
		{"GET /pengaduan", access.ReadRegistry, d.grievances},
		{"POST /pengaduan/cari", access.ReadRegistry, d.search("/pengaduan")},
		{"GET /pengaduan/baru", access.HandleGrievance, d.newGrievance},
		{"POST /pengaduan/baru", access.HandleGrievance, d.fileGrievance},
		{"GET /pengaduan/bukti", access.HandleGrievance, d.grievanceReceipt},
		{"GET /pengaduan/{id}", access.ReadRegistry, d.grievance},
		{"POST /pengaduan/{id}/langkah/{action}", access.ReadRegistry, d.grievanceStep},
		{"POST /pengaduan/{id}/kontak", access.HandleGrievance, d.revealFiler},
		{"GET /pengaduan/{id}/keluarga", access.VerifyProposal, d.identifyPage},
		{"POST /pengaduan/{id}/cari", access.VerifyProposal, d.identifySearch},
		{"POST /pengaduan/{id}/keluarga", access.VerifyProposal, d.identify},
		{"GET /pengaduan/{id}/berkas", access.HandleGrievance, d.casePapers},
		{casePattern, access.HandleGrievance, d.changeCasePapers},
		{"GET /pengaduan/{case}/berkas/{id}", access.HandleGrievance, d.paper},
	}
}

// grievances is the queue.
func (d *Desk) grievances(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "tab", "wilayah", "jenis", "tenggat", "petugas", "cari", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	home, _ := who.Home()
	f := grievances.Filter{Limit: rows + 1, Kind: grievanceKindOf(q.Get("jenis")), DueBy: dueBy(q.Get("tenggat"), d.Places.LocalDate(home, d.Now()))}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	if q.Get("petugas") == "saya" {
		f.Officer = who.ID
	}
	f.Tab = grievanceTab(q.Get("tab"), q.Get("cari"), who)
	if f.AfterDue, f.AfterID, err = afterProposal(q.Get("sesudah")); err != nil {
		return err
	}
	text := d.searched(r, q.Get("cari"))
	v := desk.ListView{Search: d.searchBox(p, "/pengaduan/cari", text, with(r, "cari", "", "sesudah", ""))}
	v.Search.Label, v.Search.Hint = p.Text("grievancesweb.search"), p.Text("grievancesweb.search_hint")
	if text != "" {
		if f.Number, err = grievanceNumber(text); err != nil {
			v.Search.Error = p.Error(err)
		}
	}
	list, err := d.Grievances.Queue(r.Context(), who, f)
	if err != nil {
		return err
	}
	page := d.page(r, who, "grievancesweb.title")
	page.Lead = p.Text("grievancesweb.lead")
	shown, next := paged(r, list.Lines, rows, func(last grievances.Line) string { return last.Due.Text() + "_" + last.ID.String() })
	list.Lines = shown
	v.Tabs, v.TabsLabel = grievanceTabs(p, r, list, f.Tab), p.Text("grievancesweb.tabs")
	v.Filter = d.grievanceFilter(p, r, who)
	if v.Pager, err = d.pager(r, p, len(list.Lines), next, grievanceTotal(list, f)); err != nil {
		return err
	}
	if v.Table, err = d.grievanceTable(r, p, list); err != nil {
		return err
	}
	if who.Can(access.HandleGrievance) {
		v.Links = []ui.Link{{Label: p.Text("grievancesweb.new_complaint"), Href: "/pengaduan/baru"}, {Label: p.Text("grievancesweb.new_objection"), Href: "/pengaduan/baru?jenis=objection"}}
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// grievanceTotal gives how many cases the list has: the counts of its tabs say so, unless they are narrowed further.
func grievanceTotal(list grievances.Page, f grievances.Filter) func() (int64, error) {
	if f.Number != "" || !f.DueBy.IsZero() || !f.Officer.IsZero() {
		return nil
	}
	return func() (total int64, err error) {
		for kind, states := range list.Counts {
			for state, c := range states {
				if (f.Kind == "" || kind == f.Kind) && (f.Tab == "" || grievances.TabOf(state) == f.Tab) {
					total += c.All
				}
			}
		}
		return min(total, mostCounted+1), nil
	}
}

// grievanceNumber reads a number as it is typed. Error: number.format.
func grievanceNumber(text string) (string, error) {
	series, year, serial, err := proposal.ParseNumber(text)
	if err != nil || series != proposal.SeriesGrievance {
		return "", fail.Invalid("number.format").On("q")
	}
	return proposal.Number(series, year, serial), nil
}

func grievanceKindOf(text string) grievances.Kind {
	if k := grievances.Kind(text); k == grievances.Objection || k == grievances.Complaint {
		return k
	}
	return ""
}

// grievanceTab gives the tab that is shown: the one asked for, all while a number is searched,
// and else the one in which the actor's own work stands.
func grievanceTab(text, search string, who access.Actor) grievances.Tab {
	switch t := grievances.Tab(text); {
	case slices.Contains(grievances.Tabs(), t):
		return t
	case text == everyTab || search != "":
		return ""
	case !who.Can(access.HandleGrievance): // the head of the agency decides what is late
		return grievances.TabEscalated
	}
	return grievances.TabNew
}

func grievanceTabs(p i18n.Printer, r *http.Request, list grievances.Page, now grievances.Tab) []ui.Tab {
	counts, all := map[grievances.Tab]grievances.Count{}, int64(0)
	for _, states := range list.Counts {
		for state, c := range states {
			sum := counts[grievances.TabOf(state)]
			counts[grievances.TabOf(state)] = grievances.Count{All: sum.All + c.All, Overdue: sum.Overdue + c.Overdue}
			all += c.All
		}
	}
	var out []ui.Tab
	for _, t := range grievances.Tabs() {
		label := p.Text("grievances.tab." + string(t))
		if late := counts[t].Overdue; late > 0 && t != grievances.TabDone {
			label = p.Text("proposalsweb.tab_late", "tab", label, "late", late)
		}
		out = append(out, ui.Tab{Label: label, Href: with(r, "tab", string(t), "sesudah", ""), Current: t == now, Count: int(counts[t].All), Counted: true})
	}
	return append(out, ui.Tab{Label: p.Text("web.all"), Href: with(r, "tab", everyTab, "sesudah", ""), Current: now == "", Count: int(all), Counted: true})
}

func (d *Desk) grievanceFilter(p i18n.Printer, r *http.Request, who access.Actor) *ui.Filter {
	q := r.URL.Query()
	one := func(name, label string, values []string, words string) ui.SelectFilter {
		options := []ui.Option{{Value: "", Label: p.Text("web.all")}}
		for _, v := range values {
			options = append(options, ui.Option{Value: v, Label: p.Text(words + v), Selected: q.Get(name) == v})
		}
		return ui.SelectFilter{Field: ui.Field{Name: name, Label: p.Text(label)}, Options: options}
	}
	f := &ui.Filter{Label: p.Text("grievancesweb.filter"), Action: "/pengaduan", Clear: "/pengaduan", Selects: []ui.SelectFilter{
		d.areaFilter(p, who, q.Get("wilayah")),
		one("jenis", "web.kind", []string{string(grievances.Complaint), string(grievances.Objection)}, "grievances.kind."),
		one("tenggat", "proposalsweb.deadline", []string{"lewat", "pekan"}, "proposalsweb.due."),
		one("petugas", "grievancesweb.officer", []string{"saya"}, "grievancesweb.officer_"),
	}}
	for _, kept := range []string{"tab", "cari"} {
		if value := q.Get(kept); value != "" {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: kept, Value: value})
		}
	}
	return f
}

func (d *Desk) grievanceTable(r *http.Request, p i18n.Printer, list grievances.Page) (ui.Table, error) {
	t := ui.Table{Caption: p.Text("grievancesweb.title"), Columns: []ui.Column{
		{Label: p.Text("web.number"), Title: true}, {Label: p.Text("grievancesweb.about")}, {Label: p.Text("web.village")},
		{Label: p.Text("grievancesweb.officer")}, {Label: p.Text("proposalsweb.deadline")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("grievancesweb.empty"), Text: p.Text("grievancesweb.empty_text"), Links: []ui.Link{{Label: p.Text("grievancesweb.all"), Href: "/pengaduan?tab=" + everyTab}}}}
	var ids []sqldb.ID
	for _, l := range list.Lines {
		ids = append(ids, l.Officer)
	}
	names, err := d.Accounts.Names(r.Context(), ids)
	if err != nil {
		return t, err
	}
	for _, l := range list.Lines {
		chip := grievanceChip(p, l.Kind, l.State)
		due := ui.Cell{Text: dash(p.DateTextShort(l.Due.Text()))}
		row := ui.Row{ID: rowID(l.Tenant, l.ID), Label: l.Number}
		if l.Overdue > 0 {
			due.Sub, row.Tone = p.Text("proposalsweb.late", "days", l.Overdue), ui.Bad
		}
		about := ui.Cell{Text: topicWords(p, l.Kind, l.Topic), Sub: p.Text("grievances.kind." + string(l.Kind))}
		if l.Joined > 0 {
			about.Sub = p.Text("grievancesweb.joined", "count", l.Joined)
		}
		row.Cells = []ui.Cell{
			{Text: l.Number, Href: "/pengaduan/" + rowID(l.Tenant, l.ID), Sub: p.DateTextShort(l.FiledOn.Text())}, about,
			{Text: d.Places.Tree().Name(l.Area)}, {Text: dash(names[l.Officer])}, due, {Chip: &chip},
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// topicWords says what a case is about.
func topicWords(p i18n.Printer, k grievances.Kind, topic string) string {
	if k == grievances.Objection {
		return p.Text("grievancesweb.objection." + topic)
	}
	return p.Text("grievance.kind." + topic)
}

// grievanceChip shows where a case stands, as its office sees it.
func grievanceChip(p i18n.Printer, k grievances.Kind, state string) ui.Chip {
	tone := ui.Info
	switch grievances.TabOf(state) {
	case grievances.TabAsked:
		tone = ui.Wait
	case grievances.TabEscalated:
		tone = ui.Bad
	case grievances.TabDone:
		tone = ui.Good
		if state == string(proposal.ObjectionDismissed) {
			tone = ui.Plain
		}
	}
	return ui.Chip{Label: p.Text("grievancesweb.state." + state), Tone: tone}
}

// grievanceWork tells what cases wait for this person's office, with how many are late.
func (d *Desk) grievanceWork(r *http.Request, p i18n.Printer, who access.Actor) ([]ui.Task, error) {
	if !who.Can(access.HandleGrievance) && !who.Can(access.ApproveProposal) {
		return nil, nil
	}
	counts, err := d.Grievances.Waiting(r.Context(), who)
	if err != nil {
		return nil, err
	}
	var out []ui.Task
	for _, t := range []grievances.Tab{grievances.TabEscalated, grievances.TabNew, grievances.TabHandled} {
		n := counts[t]
		if n.All == 0 || t != grievances.TabEscalated && !who.Can(access.HandleGrievance) {
			continue
		}
		task := ui.Task{Label: p.Text("grievancesweb.work."+string(t), "count", n.All), Href: "/pengaduan?tab=" + string(t), Chip: ui.Chip{Label: p.Text("web.todo"), Tone: ui.Info}}
		if n.Overdue > 0 {
			task.Hint, task.Chip = p.Text("proposalsweb.work_late", "count", n.Overdue), ui.Chip{Label: p.Text("proposalsweb.overdue"), Tone: ui.Bad}
		}
		out = append(out, task)
	}
	return out, nil
}

// grievanceSections are the objections to a family, without who filed them, and the way to file
// one for a neighbour at the counter.
func (d *Desk) grievanceSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	list, err := d.Grievances.AboutFamily(r.Context(), who, card.Family.Tenant, card.Family.ID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("grievancesweb.about_title"), Columns: []ui.Column{
		{Label: p.Text("web.number"), Title: true}, {Label: p.Text("grievancesweb.about")}, {Label: p.Text("proposalsweb.filed_on")}, {Label: p.Text("web.status"), Status: true},
	}}
	for _, one := range list {
		chip := grievanceChip(p, grievances.Objection, one.State)
		t.Rows = append(t.Rows, ui.Row{ID: one.Number, Label: one.Number, Cells: []ui.Cell{
			{Text: one.Number}, {Text: topicWords(p, grievances.Objection, one.Topic)}, {Text: p.DateTextShort(one.FiledOn.Text())}, {Chip: &chip}}})
	}
	return []desk.Section{{ID: "sanggahan", Title: p.Text("grievancesweb.about_title"), Text: p.Text("grievancesweb.about_text"), Table: t}}, nil
}
