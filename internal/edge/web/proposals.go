package web

import (
	"net/http"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// everyTab is the tab that shows every proposal.
const everyTab = "semua"

// proposalRoutes are the pages of proposals.
func (d *Desk) proposalRoutes() []Route {
	return []Route{
		{"GET /usulan", access.ReadRegistry, d.proposals},
		{"POST /usulan/cari", access.ReadRegistry, d.search("/usulan")},
		{"POST /usulan/pilih", access.ReadRegistry, d.chooseProposals},
		{"GET /usulan/putuskan", access.ReadRegistry, d.decidePage},
		{"POST /usulan/putuskan", access.ReadRegistry, d.decideMany},
		{"GET /usulan/baru", access.FileProposal, d.newProposal},
		{"POST /usulan/baru", access.FileProposal, d.saveProposal},
		{"GET /usulan/baru/isian", access.FileProposal, d.answersPage},
		{"POST /usulan/baru/isian", access.FileProposal, d.saveAnswers},
		{"POST /usulan/buang", access.FileProposal, d.discardDraft},
		{"GET /usulan/periksa", access.FileProposal, d.checkProposal},
		{sendPattern, access.FileProposal, d.sendProposal},
		{"GET /usulan/ajukan", access.FileProposal, d.proposeRegistered},
		{kindPattern, access.FileProposal, d.fileKind},
		{"POST /usulan/ajukan/cari", access.FileProposal, d.search("/usulan/ajukan")},
		{"GET /usulan/{id}", access.ReadRegistry, d.proposal},
		{"GET /usulan/{id}/bukti", access.ReadRegistry, d.proposalReceipt},
		{"GET /usulan/{id}/langkah/{action}", access.ReadRegistry, d.stepPage},
		{"POST /usulan/{id}/langkah/{action}", access.ReadRegistry, d.step},
		{"GET /usulan/{id}/perbaiki", access.FileProposal, d.mendProposalPage},
		{"POST /usulan/{id}/perbaiki", access.FileProposal, d.mendProposal},
	}
}

// proposals is the queue.
func (d *Desk) proposals(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "tab", "wilayah", "jenis", "tenggat", "cari", "baris", "sesudah")
	if err != nil {
		return err
	}
	home, _ := who.Home()
	today := d.Places.LocalDate(home, d.Now())
	rows := rowsOf(q.Get("baris"))
	f := proposals.Filter{Limit: rows + 1, Kind: kindOf(q.Get("jenis")), Text: d.searched(r, q.Get("cari")), DueBy: dueBy(q.Get("tenggat"), today)}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	f.Tab = tabOf(q.Get("tab"), q.Get("cari"), who)
	f.Options = len(bulkOptions(f.Tab, who)) > 0
	if f.AfterDue, f.AfterID, err = afterProposal(q.Get("sesudah")); err != nil {
		return err
	}
	v := desk.ListView{Search: d.searchBox(p, "/usulan/cari", f.Text, with(r, "cari", "", "sesudah", ""))}
	v.Search.Label, v.Search.Hint = p.Text("proposalsweb.search"), p.Text("proposalsweb.search_hint")
	list, err := d.Proposals.Queue(r.Context(), who, f)
	if e, ok := fail.As(err); ok && e.Field == "q" {
		v.Search.Error = p.Error(e)
		f.Text = ""
		list, err = d.Proposals.Queue(r.Context(), who, f)
	}
	if err != nil {
		return err
	}
	page := d.page(r, who, "proposalsweb.title")
	page.Lead = p.Text("proposalsweb.lead")
	if f.Tab != "" { // paper shows no tabs
		page.Title = p.Text("proposalsweb.title_tab", "tab", p.Text("proposals.tab."+string(f.Tab)))
	}
	shown, next := paged(r, list.Lines, rows, func(last proposals.Line) string { return last.Due.Text() + "_" + last.ID.String() })
	list.Lines = shown
	v.Tabs, v.TabsLabel = queueTabs(p, r, list, f.Tab), p.Text("proposalsweb.tabs")
	v.Filter = d.proposalFilter(p, r, who)
	v.Table = d.proposalTable(p, list)
	if v.Pager, err = d.pager(r, p, len(list.Lines), next, proposalTotal(list, f)); err != nil {
		return err
	}
	v.Bulk = bulkView(p, f.Tab, who, list.Options)
	if v.Bulk != nil {
		v.Table.SelectBy = "baris"
	}
	v.Links = queueLinks(p, who)
	if next != "" && rows == pageRows {
		v.Links = append(v.Links, ui.Link{Label: p.Text("proposalsweb.for_print", "count", printRows), Href: with(r, "baris", itoa(printRows), "sesudah", "")})
	}
	if done := d.sessions.Pop(r.Context(), "usulan.selesai"); done != "" {
		v.Notices = []ui.Notice{{Tone: ui.Good, Title: p.Text("proposalsweb.decided_title"), Text: done}}
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// proposalTotal gives how many proposals the list has: the counts of its tabs say so, unless they are narrowed further.
func proposalTotal(list proposals.Page, f proposals.Filter) func() (int64, error) {
	if f.Text != "" || f.Kind != "" || !f.DueBy.IsZero() {
		return nil
	}
	return func() (total int64, err error) {
		for tab, c := range list.Counts {
			if f.Tab == "" || tab == f.Tab {
				total += c.All
			}
		}
		return min(total, mostCounted+1), nil
	}
}

// printRows is how many rows a page of a list has that is to be printed, for a meeting.
const printRows = 100

// pageSizes are the rows a page of a list may have.
func pageSizes() []int { return []int{pageRows, 50, printRows} }

// rowsOf reads how many rows a page of a list has.
func rowsOf(text string) int {
	for _, size := range pageSizes() {
		if text == itoa(int64(size)) {
			return size
		}
	}
	return pageRows
}

// tabOf gives the tab that is shown: the one asked for, all while something is searched, and
// else the one in which the actor's own work stands.
func tabOf(text, search string, who access.Actor) proposals.Tab {
	if t := proposals.Tab(text); slices.Contains(proposals.Tabs(), t) {
		return t
	}
	if text == everyTab || search != "" {
		return ""
	}
	for _, own := range []struct {
		needs access.Permission
		tab   proposals.Tab
	}{
		{access.RatifyProposal, proposals.TabRatify}, {access.ApproveProposal, proposals.TabApprove}, {access.VerifyProposal, proposals.TabVerify},
		{access.Determine, proposals.TabDetermine}, {access.FileProposal, proposals.TabIncoming}, {access.DecideInVillage, proposals.TabList},
	} {
		if who.Can(own.needs) {
			return own.tab
		}
	}
	return proposals.TabVerify
}

func kindOf(text string) proposal.Kind {
	if k := proposal.Kind(text); slices.Contains(proposalKinds(), k) {
		return k
	}
	return ""
}

func proposalKinds() []proposal.Kind {
	return []proposal.Kind{proposal.NewFamily, proposal.Enrolment, proposal.Removal, proposal.Reactivation}
}

// dueBy reads the filter of deadlines: late already, or due within a week.
func dueBy(text string, today period.Date) period.Date {
	switch text {
	case "lewat":
		return today.AddDays(-1)
	case "pekan":
		return today.AddDays(7)
	}
	return period.Date{}
}

// afterProposal reads where a page of the queue continues: the due date and the id.
func afterProposal(text string) (due period.Date, id sqldb.ID, err error) {
	if text == "" {
		return due, id, nil
	}
	day, rest, _ := strings.Cut(text, "_")
	if err := due.UnmarshalText([]byte(day)); err != nil {
		return due, id, fail.NotFound("request.not_found")
	}
	if id, err = sqldb.ParseID(rest); err != nil {
		return due, id, fail.NotFound("request.not_found")
	}
	return due, id, nil
}

func queueTabs(p i18n.Printer, r *http.Request, list proposals.Page, now proposals.Tab) []ui.Tab {
	var out []ui.Tab
	all := int64(0)
	for _, t := range proposals.Tabs() {
		c := list.Counts[t]
		all += c.All
		label := p.Text("proposals.tab." + string(t))
		if c.Overdue > 0 {
			label = p.Text("proposalsweb.tab_late", "tab", label, "late", c.Overdue)
		}
		out = append(out, ui.Tab{Label: label, Href: with(r, "tab", string(t), "sesudah", ""), Current: t == now, Count: int(c.All), Counted: true})
	}
	return append(out, ui.Tab{Label: p.Text("web.all"), Href: with(r, "tab", everyTab, "sesudah", ""), Current: now == "", Count: int(all), Counted: true})
}

func (d *Desk) proposalFilter(p i18n.Printer, r *http.Request, who access.Actor) *ui.Filter {
	q := r.URL.Query()
	kinds := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, k := range proposalKinds() {
		kinds = append(kinds, ui.Option{Value: string(k), Label: p.Text("proposal.kind." + string(k)), Selected: q.Get("jenis") == string(k)})
	}
	due := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, one := range []string{"lewat", "pekan"} {
		due = append(due, ui.Option{Value: one, Label: p.Text("proposalsweb.due." + one), Selected: q.Get("tenggat") == one})
	}
	f := &ui.Filter{Label: p.Text("proposalsweb.filter"), Action: "/usulan", Clear: "/usulan", Selects: []ui.SelectFilter{
		d.areaFilter(p, who, q.Get("wilayah")),
		{Field: ui.Field{Name: "jenis", Label: p.Text("web.kind")}, Options: kinds},
		{Field: ui.Field{Name: "tenggat", Label: p.Text("proposalsweb.deadline")}, Options: due},
	}}
	for _, kept := range []string{"tab", "cari", "baris"} {
		if value := q.Get(kept); value != "" {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: kept, Value: value})
		}
	}
	return f
}

func (d *Desk) proposalTable(p i18n.Printer, list proposals.Page) ui.Table {
	t := ui.Table{Caption: p.Text("proposalsweb.title"), Columns: []ui.Column{
		{Label: p.Text("proposalsweb.applicant"), Title: true}, {Label: p.Text("web.kind")}, {Label: p.Text("web.village")},
		{Label: p.Text("web.match")}, {Label: p.Text("proposalsweb.deadline")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("proposalsweb.empty"), Text: p.Text("proposalsweb.empty_text"), Links: []ui.Link{{Label: p.Text("proposalsweb.all"), Href: "/usulan?tab=" + everyTab}}}}
	for _, l := range list.Lines {
		state, match := standingChip(p, l.State), statusChip(p, l.Match)
		due := ui.Cell{Text: dash(p.DateTextShort(l.Due.Text()))}
		row := ui.Row{ID: rowID(l.Tenant, l.ID) + "." + itoa(l.Version), Label: l.Number}
		if l.Overdue > 0 {
			due.Sub, row.Tone = p.Text("proposalsweb.late", "days", l.Overdue), ui.Bad
		}
		row.Cells = []ui.Cell{
			{Text: nameOr(p, l.Applicant), Href: "/usulan/" + rowID(l.Tenant, l.ID), Sub: l.Number},
			{Text: p.Text("proposal.kind." + string(l.Kind)), Sub: p.Text("proposal.origin." + string(l.Origin))},
			{Text: d.Places.Tree().Name(l.Area)}, {Chip: &match}, due, {Chip: &state},
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// nameOr gives a name to show, or says that there is none.
func nameOr(p i18n.Printer, n person.Name) string {
	if n == "" {
		return p.Text("proposalsweb.no_name")
	}
	return n.Plain()
}

// stateChip shows where a proposal stands.
func stateChip(p i18n.Printer, s proposal.State) ui.Chip {
	tone := ui.Info
	switch s {
	case proposal.Established:
		tone = ui.Good
	case proposal.Refused:
		tone = ui.Bad
	case proposal.MatchFailed, proposal.Returned, proposal.MatchPending:
		tone = ui.Wait
	case proposal.Withdrawn, proposal.Inactive:
		tone = ui.Plain
	}
	return ui.Chip{Label: p.Text("proposal.state." + string(s)), Tone: tone}
}

// standingChip shows where a proposal stands in the few words of the queue.
func standingChip(p i18n.Printer, s proposal.State) ui.Chip {
	chip := stateChip(p, s)
	chip.Label = p.Text("proposal.status." + string(s))
	return chip
}

// queueLinks lead on from the queue: a new proposal, the signer's list, the determination.
func queueLinks(p i18n.Printer, who access.Actor) []ui.Link {
	var out []ui.Link
	for _, one := range []struct {
		needs     access.Permission
		key, href string
	}{
		{access.FileProposal, "proposalsweb.new", "/usulan/baru"},
		{access.FileProposal, "proposalkind.new", "/usulan/ajukan"},
		{access.RatifyProposal, "proposalsweb.ratify", "/pengesahan"},
		{access.Determine, "proposalsweb.determine", "/penetapan"},
	} {
		if who.Can(one.needs) {
			out = append(out, ui.Link{Label: p.Text(one.key), Href: one.href})
		}
	}
	return out
}
