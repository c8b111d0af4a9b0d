package web

import (
	"net/http"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/duplicates"
	"tepat/web/desk"
	"tepat/web/ui"
)

// duplicateRoutes are the pages of pairs that may describe one person.
func (d *Desk) duplicateRoutes() []Route {
	return []Route{
		{"GET /ganda", access.ReviewDuplicate, d.pairs},
		{"GET /ganda/{id}", access.ReviewDuplicate, d.pair},
		{"POST /ganda/cari", access.RunDedupe, d.searchPairs},
		{"POST /ganda/{id}/beda", access.ReviewDuplicate, d.tellApart},
		{"POST /ganda/{id}/pilih", access.ReviewDuplicate, d.chooseMerge},
		{"GET /ganda/{id}/gabung", access.ReviewDuplicate, d.confirmMerge},
		{"POST /ganda/{id}/gabung", access.ReviewDuplicate, d.merge},
		{"POST /ganda/{id}/putusan", access.ReviewDuplicate, d.pairAct},
	}
}

// duplicateWork tells how many pairs wait for a look, and how many for a second person's answer.
func (d *Desk) duplicateWork(r *http.Request, p i18n.Printer, who access.Actor) (tasks []ui.Task, err error) {
	waiting, err := d.Duplicates.CountWaiting(r.Context(), who)
	if err != nil {
		return nil, err
	}
	if waiting > 0 {
		tasks = append(tasks, ui.Task{Label: p.Text("duplicatesweb.work_answer", "count", waiting), Href: "/ganda?status=" + string(duplicates.Awaiting), Hint: p.Text("duplicatesweb.work_answer_hint"), Chip: ui.Chip{Label: p.Text("web.todo"), Tone: ui.Wait}})
	}
	due, err := d.searchWork(r, p, who)
	if err != nil {
		return nil, err
	}
	tasks = append(tasks, due...)
	n, err := d.Duplicates.CountOpen(r.Context(), who)
	if err != nil || n == 0 {
		return tasks, err
	}
	return append(tasks, ui.Task{Label: p.Text("duplicatesweb.work", "count", n), Href: "/ganda", Hint: p.Text("duplicatesweb.work_hint"), Chip: ui.Chip{Label: p.Text("web.todo"), Tone: ui.Info}}), nil
}

// pairs is the queue.
func (d *Desk) pairs(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "wilayah", "jenis", "status", "sesudah", "baris")
	if err != nil {
		return err
	}
	f := duplicates.Filter{Limit: rowsOf(q.Get("baris")), Kind: duplicates.Kind(q.Get("jenis")), State: duplicates.State(q.Get("status"))}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	if f.After, err = pairAfter(q.Get("sesudah")); err != nil {
		return err
	}
	list, err := d.Duplicates.Queue(r.Context(), who, f)
	if err != nil {
		return err
	}
	page := d.page(r, who, "duplicatesweb.title")
	page.Lead = p.Text("duplicatesweb.lead")
	next := ""
	if list.Next != (duplicates.Cursor{}) {
		next = with(r, "sesudah", itoa(int64(list.Next.Area))+"-"+list.Next.ID.String())
	}
	v := desk.ListView{Filter: d.pairFilter(p, r, who), Table: d.pairTable(p, list.Lines)}
	if v.Notices, v.Forms, err = d.searchDue(r, p, who); err != nil {
		return err
	}
	unasked, err := d.unaskedNotice(r, p)
	if err != nil {
		return err
	}
	v.Notices = append(v.Notices, unasked...)
	var total func() (int64, error)
	if f.Area == area.Nation && f.Kind == "" && (f.State == "" || f.State == duplicates.Open) {
		total = func() (int64, error) { return d.Duplicates.CountOpen(r.Context(), who) }
	}
	if v.Pager, err = d.pager(r, p, len(list.Lines), next, total); err != nil {
		return err
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// pairAfter reads where the queue goes on: a place and the id of a pair.
func pairAfter(text string) (c duplicates.Cursor, err error) {
	if text == "" {
		return c, nil
	}
	at, id, err := splitCursor(text)
	if err != nil {
		return c, err
	}
	if c.ID, err = sqldb.ParseID(id); err != nil {
		return c, fail.NotFound("request.not_found")
	}
	c.Area = area.Code(at)
	return c, nil
}

func (d *Desk) pairFilter(p i18n.Printer, r *http.Request, who access.Actor) *ui.Filter {
	q := r.URL.Query()
	kinds := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, k := range []duplicates.Kind{duplicates.Contested, duplicates.Exact, duplicates.Fuzzy, duplicates.Passed} {
		kinds = append(kinds, ui.Option{Value: string(k), Label: p.Text("duplicates.kind." + string(k)), Selected: q.Get("jenis") == string(k)})
	}
	var states []ui.Option
	for _, s := range []duplicates.State{duplicates.Open, duplicates.Awaiting, duplicates.Merged, duplicates.Distinct} {
		states = append(states, ui.Option{Value: string(s), Label: p.Text("duplicates.state." + string(s)), Selected: q.Get("status") == string(s)})
	}
	return &ui.Filter{Label: p.Text("duplicatesweb.filter"), Action: "/ganda", Clear: "/ganda", Target: "list", Selects: []ui.SelectFilter{
		d.areaFilter(p, who, q.Get("wilayah")), {Field: ui.Field{Name: "jenis", Label: p.Text("web.kind")}, Options: kinds},
		{Field: ui.Field{Name: "status", Label: p.Text("web.status")}, Options: states},
	}}
}

func (d *Desk) pairTable(p i18n.Printer, lines []duplicates.Line) ui.Table {
	t := ui.Table{Caption: p.Text("duplicatesweb.title"), Columns: []ui.Column{
		{Label: p.Text("duplicatesweb.pair"), Title: true}, {Label: p.Text("duplicatesweb.other")}, {Label: p.Text("web.village")},
		{Label: p.Text("duplicatesweb.likeness")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("duplicatesweb.empty"), Text: p.Text("duplicatesweb.empty_text")}}
	for _, l := range lines {
		chip := pairChip(p, l.Pair.State)
		own, other := facing(l)
		left, right := d.faceCell(p, own), d.faceCell(p, other)
		left.Href = "/ganda/" + rowID(l.Pair.Tenant, l.Pair.ID)
		t.Rows = append(t.Rows, ui.Row{ID: rowID(l.Pair.Tenant, l.Pair.ID), Label: left.Text, Cells: []ui.Cell{
			left, right, {Text: d.Places.Tree().Name(l.At)}, {Text: likeness(p, l.Pair), Sub: p.Text("duplicates.kind." + string(l.Pair.Kind))}, {Chip: &chip},
		}})
	}
	return t
}

// facing gives first whom the viewer may see: a line is called by a name she knows.
func facing(l duplicates.Line) (own, other duplicates.Face) {
	if !l.Left.Visible {
		return l.Right, l.Left
	}
	return l.Left, l.Right
}

// faceCell shows a person of the queue, or the district of one the viewer may not see.
func (d *Desk) faceCell(p i18n.Printer, f duplicates.Face) ui.Cell {
	if !f.Visible {
		return ui.Cell{Text: p.Text("duplicates.outside", "place", d.Places.Tree().Address(f.Area))}
	}
	sub := f.NIK.String()
	switch {
	case f.BadNIK:
		sub = p.Text("web.nik_unusable")
	case f.NIK.IsZero():
		sub = p.Text("civilmatch.status.nik_empty")
	}
	return ui.Cell{Text: f.Name, Sub: sub + " · " + p.DateTextShort(f.BirthDate.Text())}
}

// likeness says in words how probable it is that a pair is one person.
func likeness(p i18n.Printer, pair duplicates.Pair) string {
	switch {
	case pair.Weight == 0:
		return p.Text("duplicatesweb.not_weighed")
	case pair.Probability >= 0.99:
		return p.Text("linkage.decision.link")
	case pair.Probability >= 0.5:
		return p.Text("linkage.decision.maybe")
	default:
		return p.Text("linkage.decision.hardly")
	}
}

func pairChip(p i18n.Printer, s duplicates.State) ui.Chip {
	tone := map[duplicates.State]ui.Tone{duplicates.Open: ui.Info, duplicates.Awaiting: ui.Wait, duplicates.Merged: ui.Good, duplicates.Distinct: ui.Plain}[s]
	return ui.Chip{Label: p.Text("duplicates.state." + string(s)), Tone: tone}
}
