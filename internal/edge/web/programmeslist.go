package web

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/programmes"
	"tepat/web/desk"
	"tepat/web/ui"
)

// programmeList shows who stands on a list.
func (d *Desk) programmeList(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "daftar", "status", "wilayah", "sesudah", "baris")
	if err != nil {
		return err
	}
	s, err := d.openList(r, who, q.Get("daftar"))
	if err != nil {
		return err
	}
	page := d.page(r, who, "programmesweb.list_title", "programme", s.one.Name.In(p.Lang.String()))
	page.Back = &ui.Link{Label: p.Text("programmesweb.title"), Href: "/program"}
	page.Lead = d.Places.Tree().Label(s.at)
	v := desk.ListView{Notices: programmeNotices(p, s, who), Table: memberHead(p), Links: programmeLinks(p, s, who)}
	if s.list == nil {
		return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
	}
	f, err := d.memberFilter(q, s)
	if err != nil {
		return err
	}
	members, err := d.Programmes.Members(r.Context(), who, f)
	if err != nil {
		return err
	}
	next, rows := "", f.Limit-1
	if len(members) > rows {
		members = members[:rows]
		last := members[rows-1].Anchor()
		next = with(r, "sesudah", itoa(int64(last.Area))+"-"+itoa(last.Position))
	}
	apart, err := d.Programmes.ApartFrom(r.Context(), who, s.list.List)
	if err != nil {
		return err
	}
	v.Tiles = listTiles(p, s)
	v.Tabs, v.TabsLabel = memberTabs(p, r, s, apart, f.State), p.Text("programmesweb.tabs")
	v.Filter = d.placeFilter(p, r, who, s)
	for _, m := range members {
		v.Table.Rows = append(v.Table.Rows, d.memberRow(p, m))
	}
	if v.Pager, err = d.pager(r, p, len(members), next, memberTotal(v.Tabs, s, who, q.Get("wilayah") != "")); err != nil {
		return err
	}
	if who.Can(access.ExportData) {
		v.Pager.CSV = s.path() + "/unduh?daftar=" + rowID(s.tenant, s.list.ID) + "&status=" + f.State.String() + "&wilayah=" + url.QueryEscape(q.Get("wilayah"))
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// memberTotal gives how many rows the tab has that is shown, to who sees all of the list: a place narrows it further.
func memberTotal(tabs []ui.Tab, s shownList, who access.Actor, narrowed bool) func() (int64, error) {
	at := slices.IndexFunc(tabs, func(t ui.Tab) bool { return t.Current })
	if at < 0 || narrowed || who.Allow(access.ReadRegistry, s.tenant, s.at) != nil {
		return nil
	}
	return func() (int64, error) { return min(int64(tabs[at].Count), mostCounted+1), nil }
}

// memberStates are the states in which rows of a list stand, those with a place first.
func memberStates(l programmes.ListState) [2]programmes.State {
	switch l {
	case programmes.Draft, programmes.Building:
		return [2]programmes.State{programmes.Selected, programmes.WouldWait}
	default:
		return [2]programmes.State{programmes.Enrolled, programmes.Waiting}
	}
}

func (d *Desk) memberFilter(q url.Values, s shownList) (f programmes.Filter, err error) {
	states := memberStates(s.list.State)
	f = programmes.Filter{Tenant: s.tenant, List: s.list.ID, State: states[0], Limit: rowsOf(q.Get("baris")) + 1}
	if q.Get("status") == states[1].String() {
		f.State = states[1]
	}
	for _, apart := range []programmes.State{programmes.Suspended, programmes.Ended} {
		if s.list.State == programmes.Frozen && q.Get("status") == apart.String() {
			f.State = apart
		}
	}
	if s.list.State == programmes.Superseded {
		f.State = programmes.Ended
	}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return f, err
	}
	after := q.Get("sesudah")
	if after == "" {
		return f, nil
	}
	at, rest, err := splitCursor(after)
	if err != nil {
		return f, err
	}
	position, err := atoi(rest)
	if err != nil {
		return f, fail.NotFound("request.not_found")
	}
	f.After = programmes.Anchor{Area: area.Code(at), Position: position}
	return f, nil
}

func memberHead(p i18n.Printer) ui.Table {
	return ui.Table{Caption: p.Text("programmesweb.members"), Columns: []ui.Column{
		{Label: p.Text("programmesweb.position"), Numeric: true}, {Label: p.Text("web.name"), Title: true}, {Label: p.Text("web.village")}, {Label: p.Text("web.decile"), Numeric: true},
		{Label: p.Text("programmesweb.amount"), Numeric: true}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("programmesweb.members_empty"), Text: p.Text("programmesweb.members_empty_text")}}
}

func (d *Desk) memberRow(p i18n.Printer, m programmes.Member) ui.Row {
	chip := enrolmentChip(p, m.State)
	name, sub := m.Name, m.NIK.String()
	if name == "" {
		name, sub = m.Head, p.Text("programmesweb.no_payee")
	}
	decile := p.Text("web.unranked")
	if m.Decile > 0 {
		decile = p.Number(m.Decile)
	}
	return ui.Row{ID: rowID(m.Tenant, m.ID), Label: name, Cells: []ui.Cell{
		{Text: p.Number(m.Position)}, {Text: name, Href: enrolmentPath(m.Enrolment), Sub: sub}, {Text: d.Places.Tree().Name(m.Area), Sub: rtrw(p, m.RT, m.RW)},
		{Text: decile}, {Text: p.Rupiah(int64(m.Amount))}, {Chip: &chip},
	}}
}

func listTiles(p i18n.Printer, s shownList) []ui.Tile {
	unit := p.Text("programme.unit." + string(s.one.Unit))
	tile := func(key string, n int64) ui.Tile {
		return ui.Tile{Label: p.Text("programmesweb." + key), Value: p.Number(n), Unit: unit, AsOf: p.Text("programmesweb.as_of", "on", p.DateText(s.list.AsOf.Text()))}
	}
	return []ui.Tile{tile("enrolled", s.list.Enrolled), tile("waiting", s.list.Waiting), tile("quota", s.list.Quota), tile("demand", s.list.Demand)}
}

func memberTabs(p i18n.Printer, r *http.Request, s shownList, apart programmes.Apart, shown programmes.State) []ui.Tab {
	if s.list.State == programmes.Superseded {
		return nil
	}
	var out []ui.Tab
	add := func(state programmes.State, n int64) {
		out = append(out, ui.Tab{Label: p.Text("programmesweb.state." + state.String()), Href: with(r, "status", state.String(), "sesudah", ""), Current: state == shown, Count: int(n), Counted: true})
	}
	states := memberStates(s.list.State)
	add(states[0], s.list.Enrolled-apart.Suspended-apart.Ended)
	add(states[1], s.list.Waiting)
	if apart.Suspended > 0 || shown == programmes.Suspended {
		add(programmes.Suspended, apart.Suspended)
	}
	if apart.Ended > 0 || shown == programmes.Ended {
		add(programmes.Ended, apart.Ended)
	}
	return out
}

func (d *Desk) placeFilter(p i18n.Printer, r *http.Request, who access.Actor, s shownList) *ui.Filter {
	q := r.URL.Query()
	f := &ui.Filter{Label: p.Text("programmesweb.filter"), Action: s.path(), Clear: s.path(), Target: "list", Selects: []ui.SelectFilter{d.areaFilter(p, who, q.Get("wilayah"))}}
	for _, name := range []string{"daftar", "status"} {
		if v := q.Get(name); v != "" {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: name, Value: v})
		}
	}
	return f
}

// programmeNotices say on what decree a list stands, and whether a draft waits.
func programmeNotices(p i18n.Printer, s shownList, who access.Actor) (out []ui.Notice) {
	if s.list != nil && s.list.State == programmes.Frozen {
		out = append(out, ui.Notice{Tone: ui.Good, Title: p.Text("programmesweb.in_force", "period", p.DateText(s.list.Period.Text())),
			Text: p.Text("programmesweb.decree_text", "number", s.list.Decree.Number, "on", p.DateText(s.list.Decree.On.Text()), "by", s.list.Decree.SignedBy)})
	}
	draft := s.draft()
	switch {
	case draft == nil:
	case s.list.ID != draft.ID:
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("programmesweb.draft_waits"), Text: p.Text("programmesweb.draft_text", "period", p.DateText(draft.Period.Text())),
			Link: &ui.Link{Label: p.Text("programmesweb.see_draft"), Href: s.path() + "?daftar=" + rowID(s.tenant, draft.ID)}})
	case who.Can(access.ApproveEnrolment):
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("programmesweb.draft"), Text: p.Text("programmesweb.draft_hint"),
			Link: &ui.Link{Label: p.Text("programmesweb.freeze"), Href: s.path() + "/tetapkan"}})
	default:
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("programmesweb.draft"), Text: p.Text("programmesweb.draft_hint")})
	}
	return out
}

func programmeLinks(p i18n.Printer, s shownList, who access.Actor) (out []ui.Link) {
	if s.list != nil && who.Can(access.ReadInsight) {
		out = append(out, ui.Link{Label: p.Text("programmesweb.recap"), Href: s.path() + "/rekap?daftar=" + rowID(s.tenant, s.list.ID)})
	}
	if s.list != nil && (s.list.State == programmes.Frozen || s.list.State == programmes.Draft) && (who.Can(access.ExportData) || who.Can(access.IssueLetter)) {
		out = append(out, ui.Link{Label: p.Text("programmesweb.papers"), Href: s.path() + "/berkas?daftar=" + rowID(s.tenant, s.list.ID)})
	}
	if who.Allow(access.ReadInsight, s.tenant, s.at) == nil { // places are the district's, not a village's
		out = append(out, ui.Link{Label: p.Text("programmesweb.quotas"), Href: s.path() + "/kuota"})
	}
	if who.Can(access.RunEnrolment) {
		out = append(out, ui.Link{Label: p.Text("programmesweb.enrol"), Href: s.path() + "/susun"})
	}
	if who.Can(access.ApproveEnrolment) && s.draft() != nil {
		out = append(out, ui.Link{Label: p.Text("programmesweb.freeze"), Href: s.path() + "/tetapkan"})
	}
	for _, l := range s.lists {
		if s.list == nil || l.ID != s.list.ID && l.State != programmes.Undone {
			out = append(out, ui.Link{Label: p.Text("programmesweb.other_list", "period", p.DateText(l.Period.Text()), "state", p.Text("programmesweb.list."+string(l.State))), Href: s.path() + "?daftar=" + rowID(s.tenant, l.ID)})
		}
	}
	return out
}

// programmeRecap counts a list by village.
func (d *Desk) programmeRecap(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "daftar")
	if err != nil {
		return err
	}
	s, err := d.openList(r, who, q.Get("daftar"))
	if err == nil && s.list == nil {
		err = fail.NotFound("programme.no_list")
	}
	if err != nil {
		return err
	}
	at, _ := who.Home()
	if at.Level() < area.LevelDistrict {
		at = s.at
	}
	rows, err := d.Programmes.RecapOf(r.Context(), who, s.tenant, at, s.list.ID)
	if err != nil {
		return err
	}
	page := d.page(r, who, "programmesweb.recap_title", "programme", s.one.Name.In(p.Lang.String()))
	page.Lead = p.Text("programmesweb.recap_lead", "period", p.DateText(s.list.Period.Text()))
	page.Back = &ui.Link{Label: s.one.Name.In(p.Lang.String()), Href: s.path()}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, desk.ListView{Table: d.recapTable(p, rows, s)}))
}

func (d *Desk) recapTable(p i18n.Printer, rows []programmes.RecapRow, s shownList) ui.Table {
	states := memberStates(s.list.State)
	t := ui.Table{Caption: p.Text("programmesweb.recap"), Columns: []ui.Column{
		{Label: p.Text("web.village"), Title: true}, {Label: p.Text("programmesweb.enrolled"), Numeric: true}, {Label: p.Text("programmesweb.waiting"), Numeric: true}, {Label: p.Text("programmesweb.stage_sum"), Numeric: true},
	}, Empty: &ui.Empty{Title: p.Text("programmesweb.members_empty"), Text: p.Text("programmesweb.members_empty_text")}}
	var sum, village [3]int64
	var at area.Code
	flush := func() {
		if at != 0 {
			t.Rows = append(t.Rows, ui.Row{ID: at.Dotted(), Label: d.Places.Tree().Title(at), Cells: []ui.Cell{
				{Text: d.Places.Tree().Title(at), Href: s.path() + "?daftar=" + rowID(s.tenant, s.list.ID) + "&wilayah=" + at.Dotted()},
				{Text: p.Number(village[0])}, {Text: p.Number(village[1])}, {Text: p.Rupiah(village[2])}}})
		}
		village = [3]int64{}
	}
	for _, row := range rows {
		if row.Area != at {
			flush()
			at = row.Area
		}
		add := [3]int64{}
		switch row.State {
		case states[0]:
			add = [3]int64{row.Places, 0, int64(row.Amount)}
		case states[1]:
			add = [3]int64{0, row.Places, 0}
		}
		for i := range add {
			village[i], sum[i] = village[i]+add[i], sum[i]+add[i]
		}
	}
	flush()
	t.Foot = []ui.Cell{{Text: p.Text("programmesweb.total")}, {Text: p.Number(sum[0])}, {Text: p.Number(sum[1])}, {Text: p.Rupiah(sum[2])}}
	return t
}

// programmeExport writes a list as a file; numbers stay masked in it.
func (d *Desk) programmeExport(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "daftar", "status", "wilayah")
	if err != nil {
		return err
	}
	s, err := d.openList(r, who, q.Get("daftar"))
	if err == nil && s.list == nil {
		err = fail.NotFound("programme.no_list")
	}
	if err != nil {
		return err
	}
	f, err := d.memberFilter(q, s)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	return d.sendFile(w, "daftar-"+string(s.one.ID)+"-"+s.list.Period.Text()+".csv", "text/csv; charset=utf-8", func(out io.Writer) error {
		if _, err := io.WriteString(out, "\ufeff"); err != nil {
			return err
		}
		c := csv.NewWriter(out)
		c.Comma = ';'
		if err := c.Write(exportHead(p)); err != nil {
			return err
		}
		err := d.Programmes.Export(r.Context(), who, programmes.Export{Tenant: s.tenant, List: s.list.ID, State: f.State, Area: f.Area}, func(row programmes.ExportRow) error {
			return c.Write(d.exportCells(p, row))
		})
		c.Flush()
		if err != nil {
			return err
		}
		return c.Error()
	})
}

func exportHead(p i18n.Printer) []string {
	var out []string
	for _, key := range []string{"programmesweb.position", "web.status", "web.head", "web.name", "web.nik", "web.no_kk", "web.address", "programmesweb.rt", "programmesweb.rw", "web.village", "web.decile", "programmesweb.amount"} {
		out = append(out, p.Text(key))
	}
	return out
}

func (d *Desk) exportCells(p i18n.Printer, row programmes.ExportRow) []string {
	cells := []string{itoa(row.Position), p.Text("programmesweb.state." + row.State.String()), row.Head, row.Name, row.NIK, row.KK, row.Address, row.RT, row.RW,
		d.Places.Tree().Name(row.Area), itoa(row.Decile), itoa(int64(row.Amount))}
	for i, text := range cells {
		if text != "" && (text[0] == '=' || text[0] == '+' || text[0] == '-' || text[0] == '@' || text[0] == '\t') {
			cells[i] = "'" + text // a spreadsheet must not compute what a name says
		}
	}
	return cells
}
