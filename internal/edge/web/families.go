package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

const pageRows = 20

// families lists the families of the actor's area.
func (d *Desk) families(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "wilayah", "desil", "padan", "cari", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	f := registry.Filter{Limit: rows + 1, Unmatched: q.Get("padan") == "tidak", Text: d.searched(r, q.Get("cari"))}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	f.Decile = decileOf(q.Get("desil"))
	if after := q.Get("sesudah"); after != "" {
		if f.After, err = d.familyAfter(r, who, after); err != nil {
			return err
		}
	}
	list, err := d.Registry.List(r.Context(), who, f)
	v := desk.ListView{Search: d.searchBox(p, "/keluarga/cari", f.Text, with(r, "cari", "", "sesudah", ""))}
	if e, ok := fail.As(err); ok && e.Field == "q" {
		v.Search.Error, err = p.Error(e), nil
	}
	if err != nil {
		return err
	}
	page := d.page(r, who, "web.families.title")
	list, next := paged(r, list, rows, func(last registry.Family) string { return rowID(last.Tenant, last.ID) })
	v.Filter = d.familyFilter(r, p, who)
	v.Table = d.familyTable(p, list)
	v.Pager, err = d.pager(r, p, len(list), next, func() (int64, error) { return d.Registry.CountList(r.Context(), who, f, mostCounted) })
	if err != nil {
		return err
	}
	if who.Can(access.ExportData) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("exportsweb.link"), Href: "/keluarga/unduh"})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// familyAfter reads the family a page of the list continues behind.
func (d *Desk) familyAfter(r *http.Request, who access.Actor, id string) (registry.Family, error) {
	tenant, row, err := parseRow(id)
	if err != nil {
		return registry.Family{}, err
	}
	return d.Registry.Anchor(r.Context(), who, tenant, row)
}

func decileOf(s string) int64 {
	if s == "tanpa" {
		return -1
	}
	n, err := atoi(s)
	if err != nil || n < 1 || n > 10 {
		return 0
	}
	return n
}

func (d *Desk) familyFilter(r *http.Request, p i18n.Printer, who access.Actor) *ui.Filter {
	q := r.URL.Query()
	deciles := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for n := int64(1); n <= 10; n++ {
		deciles = append(deciles, ui.Option{Value: itoa(n), Label: itoa(n), Selected: q.Get("desil") == itoa(n)})
	}
	deciles = append(deciles, ui.Option{Value: "tanpa", Label: p.Text("web.unranked"), Selected: q.Get("desil") == "tanpa"})
	f := &ui.Filter{Label: p.Text("web.families.filter"), Action: "/keluarga", Clear: "/keluarga", Selects: []ui.SelectFilter{
		d.areaFilter(p, who, q.Get("wilayah")),
		{Field: ui.Field{Name: "desil", Label: p.Text("web.decile")}, Options: deciles},
		{Field: ui.Field{Name: "padan", Label: p.Text("web.match")}, Options: []ui.Option{
			{Value: "", Label: p.Text("web.all")}, {Value: "tidak", Label: p.Text("web.families.unmatched"), Selected: q.Get("padan") == "tidak"},
		}},
	}}
	if key := q.Get("cari"); key != "" {
		f.Hidden = []ui.Hidden{{Name: "cari", Value: key}}
	}
	return f
}

func (d *Desk) familyTable(p i18n.Printer, list []registry.Family) ui.Table {
	t := ui.Table{Caption: p.Text("web.families.title"), Columns: []ui.Column{
		{Label: p.Text("web.head"), Title: true}, {Label: p.Text("web.village")}, {Label: p.Text("web.members"), Numeric: true},
		{Label: p.Text("web.decile")}, {Label: p.Text("web.match"), Status: true}, {Label: p.Text("web.source")},
	}, Empty: &ui.Empty{Title: p.Text("web.families.empty"), Text: p.Text("web.families.empty_text"), Links: []ui.Link{{Label: p.Text("web.families.all"), Href: "/keluarga"}}}}
	for _, f := range list {
		t.Rows = append(t.Rows, ui.Row{ID: rowID(f.Tenant, f.ID), Label: f.HeadName, Cells: []ui.Cell{
			{Text: f.HeadName, Href: "/keluarga/" + rowID(f.Tenant, f.ID), Sub: f.KK.String()},
			{Text: d.Places.Tree().Name(f.Area), Sub: rtrw(p, f.RT, f.RW)},
			{Text: p.Number(f.Persons)},
			{Text: decileWords(p, f), Sub: dueWords(p, f)},
			{Chip: matchChip(p, f.Unmatched)},
			{Text: f.Source, Sub: p.DateTextShort(f.SourceDate)},
		}})
	}
	return t
}

func rtrw(p i18n.Printer, rt, rw string) string {
	if rt == "" && rw == "" {
		return ""
	}
	return p.Text("web.rtrw", "rt", rt, "rw", rw)
}

func decileWords(p i18n.Printer, f registry.Family) string {
	switch {
	case f.Decile == 0:
		return p.Text("web.unranked")
	case f.DecileSource == registry.ModelMade:
		return p.Text("web.decile_model", "n", f.Decile)
	default:
		return p.Number(f.Decile)
	}
}

// dueWords tells in a list that an estimate rests on answers that changed since.
func dueWords(p i18n.Printer, f registry.Family) string {
	if !f.RankDue {
		return ""
	}
	return p.Text("rankweb.due")
}

// vintageWords tells on a family's page when her decile is of, or that it waits to be worked out anew.
func vintageWords(p i18n.Printer, f registry.Family) string {
	if !f.RankDue {
		return f.DecileVintage
	}
	return p.Text("rankweb.due_text", "vintage", f.DecileVintage)
}

func matchChip(p i18n.Printer, unmatched int64) *ui.Chip {
	if unmatched == 0 {
		return &ui.Chip{Label: p.Text("web.matched"), Tone: ui.Good}
	}
	return &ui.Chip{Label: p.Text("web.not_matching", "count", unmatched), Tone: ui.Bad}
}

// family shows one family.
func (d *Desk) family(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	card, err := d.Registry.Open(r.Context(), who, tenant, id, "")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "web.family.title", "name", card.Family.HeadName)
	page.Lead = d.Places.Tree().Address(card.Family.Area)
	page.Back = d.back(r, p.Text("web.families.title"), "/keluarga")
	v := desk.RecordView{Contents: true, Chips: []ui.Chip{*matchChip(p, card.Family.Unmatched)}, Sections: []desk.Section{
		{ID: "ringkasan", Title: p.Text("web.family.summary"), Items: d.familyItems(p, card.Family)},
		{ID: "anggota", Title: p.Text("web.family.members"), Table: memberTable(p, card)},
	}}
	v.Sections = append(v.Sections, d.answerSections(p, card)...)
	more, err := d.familySections(r, p, who, card)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, more...)
	v.Links = d.familyLinks(p, who, card.Family)
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, v))
}

func (d *Desk) familyItems(p i18n.Printer, f registry.Family) []ui.SummaryItem {
	items := []ui.SummaryItem{
		{Label: p.Text("web.no_kk"), Value: f.KK.String()},
		{Label: p.Text("web.address"), Value: f.Address, Sub: rtrw(p, f.RT, f.RW)},
		{Label: p.Text("web.village"), Value: d.Places.Tree().Label(f.Area)},
		{Label: p.Text("web.decile"), Value: decileWords(p, f), Sub: vintageWords(p, f)},
		{Label: p.Text("web.since"), Value: p.DateText(f.Since)},
		{Label: p.Text("web.source"), Value: f.Source, Sub: p.DateText(f.SourceDate)},
		{Label: p.Text("web.recorded"), Value: p.Moment(f.RecordedAt.In(d.Places.Tree().Zone(f.Area).Location())), Sub: p.Text("web.version", "n", f.Version)},
	}
	if f.RegistryID != "" {
		items = append(items, ui.SummaryItem{Label: p.Text("web.registry_id"), Value: f.RegistryID})
	}
	return items
}

func memberTable(p i18n.Printer, c registry.Card) *ui.Table {
	t := &ui.Table{Caption: p.Text("web.family.members"), Columns: []ui.Column{
		{Label: p.Text("web.name"), Title: true}, {Label: p.Text("web.relation")}, {Label: p.Text("web.sex")}, {Label: p.Text("web.birth_date")}, {Label: p.Text("web.match"), Status: true},
	}}
	for _, m := range c.Members {
		row := ui.Row{ID: m.ID.String(), Label: m.Name, Cells: []ui.Cell{
			{Text: m.Name, Sub: m.NIK.String(), Href: "/padan/" + rowID(m.Tenant, m.ID)},
			{Text: p.Text("person.relation." + m.Relation.String())},
			{Text: p.Text("person.sex." + m.Sex.String())},
			{Text: p.DateText(m.BirthDate.Text()), Sub: m.BirthPlace},
			{Chip: personChip(p, m)},
		}}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func personChip(p i18n.Printer, m registry.Person) *ui.Chip {
	if m.State != registry.Active {
		return &ui.Chip{Label: p.Text("web.state." + itoa(int64(m.State))), Tone: ui.Wait}
	}
	chip := statusChip(p, m.Match)
	return &chip
}

func statusChip(p i18n.Printer, s civilmatch.Status) ui.Chip {
	tone := ui.Info
	switch s.Group() {
	case civilmatch.Agreed:
		tone = ui.Good
	case civilmatch.NotMatching:
		tone = ui.Bad
	}
	return ui.Chip{Label: p.Text("civilmatch.status." + s.Code()), Tone: tone}
}

// areaOf reads an area of the query; an empty one means everything.
func (d *Desk) areaOf(text string) (area.Code, error) {
	if text == "" {
		return area.Nation, nil
	}
	return area.Parse(text)
}
