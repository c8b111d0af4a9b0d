package web

import (
	"net/http"
	"net/url"

	"tepat/internal/domain/access"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/visits"
	"tepat/web/desk"
	"tepat/web/ui"
)

// visitSections are the visits to a family, on its page.
func (d *Desk) visitSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	list, err := d.Visits.Of(r.Context(), who, card.Family.Tenant, card.Family.ID, sqldb.ID{})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	section := desk.Section{ID: "kunjungan", Title: p.Text("visitweb.history")}
	if len(list) > visits.PageRows {
		list = list[:visits.PageRows]
		older := visitsPath(card.Family) + "?sesudah=" + list[visits.PageRows-1].ID.String()
		section.Content = ui.LinkList([]ui.Link{{Label: p.Text("visitweb.older"), Href: older}})
	}
	section.Table = d.visitTable(p, who, card.Family, list, "")
	return []desk.Section{section}, nil
}

func visitsPath(f registry.Family) string {
	return "/keluarga/" + rowID(f.Tenant, f.ID) + "/kunjungan/daftar"
}

// olderVisits lists the visits to a family page by page; after is where the page begins.
func (d *Desk) olderVisits(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	after, err := afterVisit(r)
	if err != nil {
		return err
	}
	card, err := d.Registry.Open(r.Context(), who, tenant, id, "")
	if err != nil {
		return err
	}
	list, err := d.Visits.Of(r.Context(), who, tenant, id, after)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	list, next := paged(r, list, visits.PageRows, func(last visits.Visit) string { return last.ID.String() })
	page := d.visitPage(r, who, card.Family)
	page.Title, page.Narrow = p.Text("visitweb.all_title", "name", card.Family.HeadName), false
	page.Back.Href += "#kunjungan"
	table := d.visitTable(p, who, card.Family, list, r.URL.Query().Get("sesudah"))
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, desk.ListView{Table: *table, Pager: pager(p, r, len(list), next)}))
}

// afterVisit is the visit a page of visits continues behind; zero where the address names none.
func afterVisit(r *http.Request) (after sqldb.ID, err error) {
	q, err := httpkit.ReadQuery(r, "sesudah")
	if err != nil || q.Get("sesudah") == "" {
		return after, err
	}
	if after, err = sqldb.ParseID(q.Get("sesudah")); err != nil {
		return after, fail.NotFound("visits.unknown")
	}
	return after, nil
}

// visitTable draws visits; after is where their page begins, empty on the family's own.
func (d *Desk) visitTable(p i18n.Printer, who access.Actor, f registry.Family, list []visits.Visit, after string) *ui.Table {
	t := &ui.Table{Caption: p.Text("visitweb.history"), Columns: []ui.Column{
		{Label: p.Text("visitweb.note_on"), Title: true}, {Label: p.Text("visitweb.found"), Status: true}, {Label: p.Text("visitweb.met")}, {Label: p.Text("visitweb.note_by")}, {Label: p.Text("visitweb.note")},
		{Label: p.Text("visitweb.withdrawal")},
	}, Empty: &ui.Empty{Title: p.Text("visitweb.none")}}
	for _, v := range list {
		t.Rows = append(t.Rows, d.visitRow(p, who, f, v, after))
	}
	return t
}

// visitRow is a line of the visits; one that was withdrawn is struck through, and its last cell says so.
func (d *Desk) visitRow(p i18n.Printer, who access.Actor, f registry.Family, v visits.Visit, after string) ui.Row {
	day, back := p.DateTextShort(v.On.Text()), !v.Withdrawn.At.IsZero()
	found, last := ui.Cell{Chip: outcomeChip(p, v.Outcome)}, ui.Cell{Text: "–"}
	switch {
	case back:
		at := p.MomentShort(v.Withdrawn.At.In(d.zone(who)))
		found = ui.Cell{Text: p.Text("visits.outcome." + string(v.Outcome)), Struck: true}
		last = ui.Cell{Chip: &ui.Chip{Label: p.Text("visitweb.withdrawn"), Tone: ui.Bad}, Sub: p.Text("visitweb.withdrawn_by", "at", at, "name", v.Withdrawn.By, "reason", v.Withdrawn.Reason)}
	case mayWithdraw(who, f, v) == nil:
		last = ui.Cell{Text: p.Text("visitweb.withdraw_link", "day", day), Href: beginningAt(withdrawPath(f, v.ID), after)}
	}
	return ui.Row{ID: v.ID.String(), Label: day, Cells: []ui.Cell{
		{Text: day, Struck: back, Sub: p.Text("visitweb.entered", "at", p.MomentShort(v.RecordedAt.In(d.zone(who))))}, found,
		{Text: dash(v.Met), Struck: back && v.Met != ""}, {Text: v.By, Struck: back}, {Text: dash(v.Note), Struck: back && v.Note != ""}, last,
	}}
}

// beginningAt is an address with where its list begins, empty of the family's own page.
func beginningAt(path, after string) string {
	if after == "" {
		return path
	}
	return path + "?" + url.Values{"sesudah": {after}}.Encode()
}

// visitsAt is where a visit is listed that was reached from the page beginning at after.
func visitsAt(f registry.Family, after string) string {
	if after == "" {
		return "/keluarga/" + rowID(f.Tenant, f.ID) + "#kunjungan"
	}
	return beginningAt(visitsPath(f), after)
}

// listedBehind is where the page began that led to a visit; anything but an id leads to the family's page.
func listedBehind(typed url.Values) string {
	id, err := sqldb.ParseID(typed.Get("sesudah"))
	if err != nil {
		return ""
	}
	return id.String()
}

func outcomeChip(p i18n.Printer, o visits.Outcome) *ui.Chip {
	tone := ui.Wait
	if o == visits.AsRegistered {
		tone = ui.Good
	}
	return &ui.Chip{Label: p.Text("visits.outcome." + string(o)), Tone: tone}
}
