package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/insight"
	"tepat/web/desk"
	"tepat/web/ui"
)

// leads is the permission of who answers for the office: her first page is the morning page.
const leads = access.ApproveProposal

// morning shows what waits for a decision, what is late, and where nothing moves.
func (d *Desk) morning(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	m, err := d.Insight.Morning(r.Context(), who)
	if err != nil {
		return err
	}
	tasks, err := d.tasks(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "web.morning.title", "area", m.Title)
	page.Lead = p.Text("web.morning.lead", "weekday", p.Weekday(m.Day.Weekday()), "day", p.DateText(m.Day.Text()), "counted", d.countedWords(p, who, m.AsOf))
	if left := d.cutOff(p, who); left != "" {
		page.Lead += " " + left
	}
	v := desk.HomeView{Tasks: tasks, Empty: &ui.Empty{Title: p.Text("web.home.empty"), Text: p.Text("web.home.empty_text")}}
	if m.AsOf.IsZero() || m.Persons == 0 {
		v.More = []desk.Section{{ID: "baru", Title: p.Text("web.morning.new"), Content: ui.EmptyState(d.newOffice(p, who))}}
		return httpkit.Render(w, r, http.StatusOK, desk.Home(page, v))
	}
	v.Tiles = d.morningTiles(p, who, m)
	v.More = []desk.Section{d.lateSection(p, who, m)}
	if m.Villages > 0 {
		v.More = append(v.More, d.sleeperSection(p, who, m))
	}
	v.More = append(v.More, desk.Section{ID: "lebih", Title: p.Text("web.morning.more"), Content: ui.LinkList([]ui.Link{
		{Label: p.Text("web.morning.board", "area", m.Title), Href: "/dasbor?wilayah=" + m.Area.Dotted()},
	})})
	return httpkit.Render(w, r, http.StatusOK, desk.Home(page, v))
}

// newOffice says what makes the first figures, to who can do something about it.
func (d *Desk) newOffice(p i18n.Printer, who access.Actor) ui.Empty {
	out := ui.Empty{Title: p.Text("web.morning.empty"), Text: p.Text("web.morning.empty_text")}
	if len(importable(who)) > 0 {
		out.Links = append(out.Links, ui.Link{Label: p.Text("importsweb.start"), Href: "/impor"})
	}
	if who.Can(access.ReadRuns) {
		out.Links = append(out.Links, ui.Link{Label: p.Text("web.morning.runs"), Href: "/pekerjaan"})
	}
	return out
}

// morningTiles are the figures of the day, each with what it is a part of and the way to its rows.
func (d *Desk) morningTiles(p i18n.Printer, who access.Actor, m insight.Morning) []ui.Tile {
	tile := func(key string, v insight.Value, href string, opens access.Permission) ui.Tile {
		t := ui.Tile{Label: p.Text("web.morning." + key), Value: p.Number(v.N)}
		if _, ok := v.Part(); ok {
			t.Share = p.Text("web.morning."+key+"_of", "share", p.Share(v.N, v.Of), "of", v.Of)
		}
		if who.Can(opens) && v.N > 0 {
			t.Href = href
		}
		if v.N > 0 && (key == "overdue" || key == "failed") {
			t.Tone = ui.Bad
		}
		return t
	}
	at := "&wilayah=" + m.Area.Dotted()
	out := []ui.Tile{
		tile("due", insight.Value{N: m.DueToday, Of: m.Open}, "/usulan?tab=semua&tenggat=pekan"+at, access.ReadRegistry),
		tile("overdue", insight.Value{N: m.Overdue, Of: m.Open}, "/usulan?tab=semua&tenggat=lewat"+at, access.ReadRegistry),
		tile("mismatches", insight.Value{N: m.Mismatches, Of: m.Persons}, "/padan?wilayah="+m.Area.Dotted(), access.ReadRegistry),
		tile("duplicates", insight.Value{N: m.Duplicates}, "/ganda", access.ReviewDuplicate),
		tile("failed", insight.Value{N: m.Failed}, "/penyaluran/gagal", access.ReadRegistry),
	}
	if m.Villages > 0 {
		out = append(out, tile("asleep", insight.Value{N: m.Asleep, Of: m.Villages}, "#tidur", access.ReadInsight))
	}
	return out
}

// lateSection lists where most proposals are past their day.
func (d *Desk) lateSection(p i18n.Printer, who access.Actor, m insight.Morning) desk.Section {
	s := desk.Section{ID: "terlambat", Title: p.Text("web.morning.late")}
	if len(m.Late) == 0 {
		calm := ui.Empty{Title: p.Text("web.morning.late_none"), Text: p.Text("web.morning.late_none_text", "open", m.Open)}
		if m.Open == 0 {
			calm.Text = p.Text("web.morning.none_open")
		}
		s.Content = ui.EmptyState(calm)
		return s
	}
	var rows []ui.RankRow
	for _, spot := range m.Late {
		row := ui.RankRow{Label: spot.Title, Value: spot.N, Text: p.Text("web.morning.late_n", "n", spot.N), Tone: ui.Wait}
		if who.Can(access.ReadRegistry) {
			row.Href = "/usulan?tab=semua&tenggat=lewat&wilayah=" + spot.Area.Dotted()
		}
		rows = append(rows, row)
	}
	s.Text, s.Content = p.Text("web.morning.late_text"), ui.RankBars(s.Title, rows)
	return s
}

// sleeperSection lists the villages that were silent for longest.
func (d *Desk) sleeperSection(p i18n.Printer, who access.Actor, m insight.Morning) desk.Section {
	s := desk.Section{ID: "tidur", Title: p.Text("web.morning.sleepers")}
	if m.Asleep == 0 {
		s.Content = ui.EmptyState(ui.Empty{Title: p.Text("web.morning.sleepers_none"), Text: p.Text("web.morning.sleepers_none_text", "villages", m.Villages)})
		return s
	}
	s.Text = p.Text("web.morning.sleepers_text", "asleep", m.Asleep, "villages", m.Villages)
	if len(m.Sleepers) == 0 {
		return s // above the district the dashboard tells in which of them
	}
	t := &ui.Table{Caption: p.Text("web.morning.sleepers_list", "n", len(m.Sleepers)), Plain: true, Columns: []ui.Column{{Label: p.Text("web.village"), Title: true}, {Label: p.Text("insight.last_activity")}}}
	for _, spot := range m.Sleepers {
		last := p.Text("insight.never")
		if !spot.Since.IsZero() {
			last = p.Date(spot.Since.In(d.zone(who)))
		}
		t.Rows = append(t.Rows, ui.Row{ID: spot.Area.Dotted(), Label: spot.Title, Cells: []ui.Cell{{Text: spot.Title, Href: "/dasbor?wilayah=" + spot.Area.Dotted()}, {Text: last}}})
	}
	s.Table = t
	return s
}
