package web

import (
	"net/http"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/web/desk"
	"tepat/web/ui"
)

// mergeEffects tells what a merge does: which of the two stays, often of one name, and what becomes of each field in which
// they differ.
func (d *Desk) mergeEffects(p i18n.Printer, keep string, m duplicates.Merging, b duplicates.Bench) []string {
	kept, merged, sides := b.Sides[0], b.Sides[1], []string{leftSide, rightSide}
	if keep == rightSide {
		kept, merged, sides = merged, kept, []string{rightSide, leftSide}
	}
	record := func(effect, side string, s duplicates.Side) string {
		return p.Text("duplicatesweb.effect."+effect, "side", p.Text("duplicatesweb.side."+side), "name", sideTitle(p, s), "place", d.Places.Tree().Label(s.Area))
	}
	out := []string{record("keep", sides[0], kept), record("end", sides[1], merged)}
	for _, f := range b.Differs {
		effect, from := "stays", kept
		if slices.Contains(m.Take, f) {
			effect, from = "take", merged
		}
		out = append(out, p.Text("duplicatesweb.effect."+effect, "field", p.Text("duplicates.field."+string(f)), "value", sideWords(p, f, from)))
	}
	for _, code := range b.Warnings {
		out = append(out, p.Text("duplicates.warn."+code))
	}
	return append(out, p.Text("duplicatesweb.effect.undo"))
}

// planSection shows the merge a second person is asked about, or that was done: which record stays, where each value comes
// from, who asked and who approved. It is nil where no merge waits or holds.
func (d *Desk) planSection(r *http.Request, p i18n.Printer, who access.Actor, b duplicates.Bench) (*desk.Section, error) {
	m := b.Merge
	if m == nil || m.State != duplicates.MergeAwaiting && m.State != duplicates.MergeDone {
		return nil, nil
	}
	names, err := d.Accounts.Names(r.Context(), []sqldb.ID{m.AskedBy, m.DecidedBy})
	if err != nil {
		return nil, err
	}
	kept, merged := b.Sides[0], b.Sides[1]
	if sideOf(b, m.Kept) == rightSide {
		kept, merged = merged, kept
	}
	record := func(label string, s duplicates.Side) ui.SummaryItem {
		return ui.SummaryItem{Label: label, Value: p.Text("duplicatesweb.side." + sideOf(b, s.Ref)), Sub: sideTitle(p, s) + ", " + d.Places.Tree().Label(s.Area)}
	}
	moment := func(label string, at time.Time, by sqldb.ID) ui.SummaryItem {
		return ui.SummaryItem{Label: label, Value: p.Moment(at.In(d.zone(who))), Sub: names[by]}
	}
	s := &desk.Section{ID: "rencana", Title: p.Text("duplicatesweb.plan"), Items: []ui.SummaryItem{
		record(p.Text("duplicatesweb.plan_keep"), kept), record(p.Text("duplicatesweb.plan_end"), merged)}}
	s.Items = append(s.Items, planValues(p, b, kept, merged)...)
	s.Items = append(s.Items, moment(p.Text("duplicatesweb.plan_asked"), m.AskedAt, m.AskedBy))
	if m.State == duplicates.MergeDone {
		s.Items = append(s.Items, moment(p.Text("duplicatesweb.plan_done"), m.MergedAt, m.DecidedBy))
	}
	return s, nil
}

// planValues says of each field in which the two differ, or that was taken over, which value stands then and whose it is.
func planValues(p i18n.Printer, b duplicates.Bench, kept, merged duplicates.Side) (out []ui.SummaryItem) {
	for _, f := range duplicates.Fields() {
		from := kept
		if slices.Contains(b.Merge.Take, f) {
			from = merged // the record that stays has the value by now, so the two need not differ any more
		} else if !slices.Contains(b.Differs, f) {
			continue
		}
		out = append(out, ui.SummaryItem{Label: p.Text("duplicatesweb.field." + string(f)), Value: sideWords(p, f, from),
			Sub: p.Text("duplicatesweb.plan_from", "side", p.Text("duplicatesweb.side."+sideOf(b, from.Ref)))})
	}
	return out
}
