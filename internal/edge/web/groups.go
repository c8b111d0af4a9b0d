package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/identity"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// groupSections tell of a family how its members stood with records that are held to be the same person.
func (d *Desk) groupSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	if d.Identity == nil || len(card.Members) == 0 {
		return nil, nil
	}
	names := map[sqldb.ID]string{}
	ids := make([]sqldb.ID, len(card.Members))
	for i, m := range card.Members {
		ids[i], names[m.ID] = m.ID, m.Name
	}
	events, err := d.Identity.History(r.Context(), who, card.Family.Tenant, card.Family.Area, ids)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("groupsweb.history"), Columns: []ui.Column{
		{Label: p.Text("web.name"), Title: true}, {Label: p.Text("groupsweb.what")}, {Label: p.Text("groupsweb.group")}, {Label: p.Text("duplicatesweb.history_at")},
	}}
	for _, e := range events {
		group := ui.Cell{Text: "–"}
		if !e.To.IsZero() {
			group = ui.Cell{Text: e.To.Short(), Sub: p.Text("groupsweb.size", "count", e.Size)}
		}
		t.Rows = append(t.Rows, ui.Row{ID: e.Person.String() + e.At.String(), Label: names[e.Person], Cells: []ui.Cell{
			{Text: names[e.Person]}, {Text: p.Text("groupsweb.event." + string(e.Kind))}, group, {Text: p.MomentShort(e.At.In(d.zone(who)))},
		}})
	}
	return []desk.Section{{ID: "kelompok", Title: p.Text("groupsweb.history"), Text: p.Text("groupsweb.history_text"), Table: t}}, nil
}

// groupTable shows how many groups of records held to be one an area has, by their size.
func (d *Desk) groupTable(r *http.Request, p i18n.Printer, who access.Actor, at area.Code) (*desk.Section, error) {
	if d.Identity == nil {
		return nil, nil
	}
	sizes, err := d.Identity.GroupSizes(r.Context(), who, at)
	if err != nil || len(sizes) == 0 {
		return nil, err
	}
	return &desk.Section{ID: "kelompok", Title: p.Text("groupsweb.sizes"), Text: p.Text("groupsweb.sizes_text"), Table: sizeTable(p, sizes)}, nil
}

func sizeTable(p i18n.Printer, sizes []identity.Sizes) *ui.Table {
	t := &ui.Table{Caption: p.Text("groupsweb.sizes"), Plain: true, Columns: []ui.Column{
		{Label: p.Text("groupsweb.records"), Title: true}, {Label: p.Text("groupsweb.groups"), Numeric: true}, {Label: p.Text("groupsweb.all"), Numeric: true},
	}}
	for _, s := range sizes {
		t.Rows = append(t.Rows, ui.Row{ID: itoa(int64(s.Records)), Cells: []ui.Cell{
			{Text: p.Text("groupsweb.size", "count", s.Records)}, {Text: p.Number(s.Groups)}, {Text: p.Number(s.Groups * int64(s.Records))},
		}})
	}
	return t
}
