package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/programmes"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// programmeRoutes are the pages of the aid programmes and their lists.
func (d *Desk) programmeRoutes() []Route {
	return []Route{
		{"GET /program", access.ReadRegistry, d.programmes},
		{"GET /program/{id}", access.ReadRegistry, d.programmeList},
		{"GET /program/{id}/rekap", access.ReadInsight, d.programmeRecap},
		{"GET /program/{id}/unduh", access.ExportData, d.programmeExport},
		{"GET /program/{id}/susun", access.RunEnrolment, d.enrolPage},
		{"POST /program/{id}/susun", access.RunEnrolment, d.enrol},
		{"GET /program/{id}/tetapkan", access.ApproveEnrolment, d.freezePage},
		{"POST /program/{id}/tetapkan", access.ApproveEnrolment, d.freeze},
		{"GET /program/{id}/berkas", access.ReadRegistry, d.papersPage},
		{"GET /program/{id}/lampiran", access.ExportData, d.annex},
		{"POST /program/{id}/lampiran", access.ExportData, d.sealedAnnex},
		{"GET /program/{id}/surat", access.IssueLetter, d.villageLetters},
		{"GET /program/{id}/kuota", access.ReadInsight, d.quotaPage},
		{"POST /program/{id}/kuota", access.RunEnrolment, d.setQuota},
		{"GET /program/{programme}/penerima/{id}", access.ReadRegistry, d.enrolment},
		{"GET /program/{programme}/penerima/{id}/surat", access.IssueLetter, d.awardLetter},
		{"POST /program/{programme}/penerima/{id}/minta", access.RunEnrolment, d.askChange},
		{"POST /program/{programme}/penerima/{id}/putuskan", access.ApproveEnrolment, d.decideChange},
		{"POST /program/{programme}/penerima/{id}/tarik", access.RunEnrolment, d.withdrawChange},
		{"GET /program/{programme}/keputusan/{id}/surat", access.IssueLetter, d.changeLetter},
		{"GET /program/permintaan", access.ReadRegistry, d.changes},
	}
}

// programmes lists every programme with the list in force.
func (d *Desk) programmes(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	tenant, at, err := d.office(who)
	if err != nil {
		return err
	}
	lists, err := d.Programmes.Lists(r.Context(), who, programmes.ListFilter{Tenant: tenant})
	if err != nil {
		return err
	}
	page := d.page(r, who, "programmesweb.title")
	page.Lead = p.Text("programmesweb.lead", "place", d.Places.Tree().Label(at))
	t := ui.Table{Caption: p.Text("programmesweb.title"), Columns: []ui.Column{
		{Label: p.Text("programmesweb.programme"), Title: true}, {Label: p.Text("programmesweb.enrolled"), Numeric: true}, {Label: p.Text("programmesweb.waiting"), Numeric: true},
		{Label: p.Text("programmesweb.quota"), Numeric: true}, {Label: p.Text("programmesweb.decree")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("programmesweb.empty"), Text: p.Text("programmesweb.empty_text")}}
	without := ui.Table{Caption: p.Text("programmesweb.without"), Plain: true, Columns: []ui.Column{{Label: p.Text("programmesweb.programme"), Title: true}, {Label: p.Text("programmesweb.owner")}}}
	for _, one := range d.Programmes.Set(d.Places.LocalDate(at, d.Now())).Programmes() {
		if list := latest(lists, one.ID); list != nil {
			t.Rows = append(t.Rows, programmeRow(p, one, list))
		} else {
			name := one.Name.In(p.Lang.String())
			without.Rows = append(without.Rows, ui.Row{ID: string(one.ID), Label: name, Cells: []ui.Cell{{Text: name, Href: "/program/" + string(one.ID)}, {Text: p.Text("programmesweb.owner." + string(one.Owner))}}})
		}
	}
	v := desk.RecordView{Sections: []desk.Section{{ID: "berdaftar", Title: p.Text("programmesweb.with"), Table: &t}}}
	if len(without.Rows) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "tanpa-daftar", Title: p.Text("programmesweb.without"), Text: p.Text("programmesweb.without_text"), Table: &without})
	}
	if who.Can(access.RunEnrolment) || who.Can(access.ApproveEnrolment) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("programmesweb.changes"), Href: "/program/permintaan"})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}

// latest gives the list to show of a programme: the frozen one, else the newest.
func latest(lists []programmes.Shown, id programme.ID) *programmes.Shown {
	var newest *programmes.Shown
	for i := range lists {
		switch l := &lists[i]; {
		case l.Programme != id || l.State == programmes.Undone:
		case l.State == programmes.Frozen:
			return l
		case newest == nil:
			newest = l
		}
	}
	return newest
}

func programmeRow(p i18n.Printer, one programme.Programme, l *programmes.Shown) ui.Row {
	unit := p.Text("programme.unit." + string(one.Unit))
	row := ui.Row{ID: string(one.ID), Label: one.Name.In(p.Lang.String()), Cells: []ui.Cell{
		{Text: one.Name.In(p.Lang.String()), Href: "/program/" + string(one.ID), Sub: p.Text("programmesweb.owner." + string(one.Owner))},
	}}
	chip := listChip(p, l.State)
	row.Cells = append(row.Cells, ui.Cell{Text: p.Number(l.Enrolled), Sub: unit}, ui.Cell{Text: p.Number(l.Waiting)}, ui.Cell{Text: p.Number(l.Quota)},
		ui.Cell{Text: dash(l.Decree.Number), Sub: p.DateTextShort(l.Decree.On.Text())}, ui.Cell{Chip: &chip})
	return row
}

func listChip(p i18n.Printer, s programmes.ListState) ui.Chip {
	tone := map[programmes.ListState]ui.Tone{programmes.Frozen: ui.Good, programmes.Draft: ui.Wait, programmes.Building: ui.Info}[s]
	return ui.Chip{Label: p.Text("programmesweb.list." + string(s)), Tone: tone}
}

func enrolmentChip(p i18n.Printer, s programmes.State) ui.Chip {
	tone := map[programmes.State]ui.Tone{programmes.Enrolled: ui.Good, programmes.Selected: ui.Info, programmes.Waiting: ui.Wait, programmes.WouldWait: ui.Wait, programmes.Suspended: ui.Bad}[s]
	return ui.Chip{Label: p.Text("programmesweb.state." + s.String()), Tone: tone}
}

// shownList is a programme with one of its lists, nil before the first is made.
type shownList struct {
	tenant area.Tenant
	at     area.Code
	one    programme.Programme
	lists  []programmes.Shown
	list   *programmes.Shown
}

// openList reads the programme of the path and the list the address names, else the one in force.
func (d *Desk) openList(r *http.Request, who access.Actor, wanted string) (s shownList, err error) {
	if s.tenant, s.at, err = d.office(who); err != nil {
		return s, err
	}
	if s.one, err = d.Programmes.Set(d.Places.LocalDate(s.at, d.Now())).Programme(programme.ID(r.PathValue("id"))); err != nil {
		return s, fail.NotFound("request.not_found")
	}
	if s.lists, err = d.Programmes.Lists(r.Context(), who, programmes.ListFilter{Tenant: s.tenant, Programme: s.one.ID}); err != nil {
		return s, err
	}
	if wanted == "" {
		s.list = latest(s.lists, s.one.ID)
		return s, nil
	}
	_, id, err := parseRow(wanted)
	if err != nil {
		return s, err
	}
	for i := range s.lists {
		if s.lists[i].ID == id {
			s.list = &s.lists[i]
			return s, nil
		}
	}
	return s, fail.NotFound("programme.no_list")
}

func (s shownList) path() string { return "/program/" + string(s.one.ID) }

// draft gives the list that waits to be frozen.
func (s shownList) draft() *programmes.Shown {
	for i := range s.lists {
		if s.lists[i].State == programmes.Draft {
			return &s.lists[i]
		}
	}
	return nil
}

// programmeSections show the places a family holds on lists.
func (d *Desk) programmeSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	held, err := d.Programmes.OfFamily(r.Context(), who, card.Family.Tenant, card.Family.ID)
	if err != nil {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("programmesweb.title"), Columns: []ui.Column{
		{Label: p.Text("programmesweb.programme"), Title: true}, {Label: p.Text("programmesweb.amount"), Numeric: true}, {Label: p.Text("programmesweb.from")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("programmesweb.family_empty"), Text: p.Text("programmesweb.family_empty_text")}}
	for _, e := range held {
		chip := enrolmentChip(p, e.State)
		t.Rows = append(t.Rows, ui.Row{ID: e.ID.String(), Label: d.programmeWords(p, e.Programme, e.From), Cells: []ui.Cell{
			{Text: d.programmeWords(p, e.Programme, e.From), Href: enrolmentPath(e)}, {Text: p.Rupiah(int64(e.Amount))}, {Text: p.DateText(e.From.Text())}, {Chip: &chip},
		}})
	}
	return []desk.Section{{ID: "program", Title: p.Text("programmesweb.family"), Table: t}}, nil
}

func enrolmentPath(e programmes.Enrolment) string {
	return "/program/" + string(e.Programme) + "/penerima/" + rowID(e.Tenant, e.ID)
}

// programmeWords names a programme as it was called on a day; one that is over keeps its id.
func (d *Desk) programmeWords(p i18n.Printer, id programme.ID, day period.Date) string {
	one, err := d.Programmes.Set(day).Programme(id)
	if err != nil {
		return string(id)
	}
	return one.Name.In(p.Lang.String())
}
