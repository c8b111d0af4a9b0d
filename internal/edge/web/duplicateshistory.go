package web

import (
	"net/http"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/internal/service/registry"
	"tepat/web/desk"
	"tepat/web/ui"
)

// mergeSections tell of a family which records its members were once: what was merged into theirs, and what came apart again.
func (d *Desk) mergeSections(r *http.Request, p i18n.Printer, who access.Actor, card registry.Card) ([]desk.Section, error) {
	if d.Duplicates == nil || len(card.Members) == 0 {
		return nil, nil
	}
	names := map[sqldb.ID]string{}
	ids := make([]sqldb.ID, len(card.Members))
	for i, m := range card.Members {
		ids[i], names[m.ID] = m.ID, m.Name
	}
	events, err := d.Duplicates.History(r.Context(), who, card.Family.Tenant, card.Family.Area, ids)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	t := &ui.Table{Caption: p.Text("duplicatesweb.history"), Columns: []ui.Column{
		{Label: p.Text("duplicatesweb.history_was"), Title: true}, {Label: p.Text("duplicatesweb.history_into")}, {Label: p.Text("duplicatesweb.history_at")}, {Label: p.Text("web.status"), Status: true},
	}}
	for _, e := range events {
		if e.Visible {
			names[e.Merged.ID] = e.Name
		}
	}
	for _, e := range events {
		t.Rows = append(t.Rows, d.eventRow(p, who, e, names))
	}
	return []desk.Section{{ID: "digabung", Title: p.Text("duplicatesweb.history"), Text: p.Text("duplicatesweb.history_text"), Table: t}}, nil
}

// eventRow tells one merge or undo.
func (d *Desk) eventRow(p i18n.Printer, who access.Actor, e duplicates.Event, names map[sqldb.ID]string) ui.Row {
	was := ui.Cell{Text: p.Text("duplicates.outside", "place", d.Places.Tree().Address(e.Area))}
	if e.Visible {
		was = ui.Cell{Text: e.Name, Sub: e.NIK}
		if who.Can(access.ReviewDuplicate) {
			was.Href = "/ganda/" + rowID(e.Pair.Tenant, e.Pair.ID)
		}
	}
	chip := ui.Chip{Label: p.Text("duplicates.merge.done"), Tone: ui.Good}
	if e.Undone {
		chip = ui.Chip{Label: p.Text("duplicates.merge.undone")}
	}
	taken := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		taken[i] = p.Text("duplicates.field." + string(f))
	}
	into := ui.Cell{Text: dash(names[e.Kept.ID])}
	if len(taken) > 0 {
		into.Sub = p.Text("duplicatesweb.history_taken", "fields", strings.Join(taken, ", "))
	}
	return ui.Row{ID: e.Merged.ID.String() + chip.Label, Label: was.Text, Cells: []ui.Cell{was, into, {Text: p.MomentShort(e.At.In(d.zone(who)))}, {Chip: &chip}}}
}
