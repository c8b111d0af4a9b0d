package web

import (
	"net/http"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
	"tepat/internal/service/screening"
	"tepat/web/desk"
	"tepat/web/ui"
)

// mostFindings is how far findings are counted for the home page.
const mostFindings = 10000

// findingRoutes are the pages of screening's findings.
func (d *Desk) findingRoutes() []Route {
	return []Route{
		{"GET /temuan", access.ReadRegistry, d.findings},
		{"GET /temuan/{id}", access.ReadRegistry, d.finding},
		{"GET /temuan/{id}/surat", access.IssueLetter, d.findingLetter},
		{"POST /temuan/{id}", access.DecideFinding, d.decideFinding},
		{"GET /temuan/{id}/berkas", access.ReadRegistry, d.findingPapers},
		{findingPattern, access.ReadRegistry, d.changeFindingPapers},
		{"GET /temuan/{finding}/berkas/{id}", access.ReadRegistry, d.paper},
		{"POST /temuan/{id}/sanggah", access.HandleGrievance, d.appealFinding},
	}
}

// findings is the queue of findings.
func (d *Desk) findings(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "status", "wilayah", "kriteria", "sesudah", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	f := screening.Filter{State: screening.Found, Criterion: q.Get("kriteria"), Limit: rows + 1}
	if s := screening.State(q.Get("status")); slices.Contains(screening.States(), s) {
		f.State = s
	}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	if after := q.Get("sesudah"); after != "" {
		if f.After, err = findingAfter(after); err != nil {
			return err
		}
	}
	list, err := d.Screening.Queue(r.Context(), who, f)
	if err != nil {
		return err
	}
	list, next := paged(r, list, rows, func(last screening.Queued) string { return last.Area.Dotted() + "_" + last.ID.String() })
	page := d.page(r, who, "findingsweb.title")
	page.Lead = p.Text("findingsweb.lead")
	v := desk.ListView{TabsLabel: p.Text("findingsweb.tabs"), Filter: d.findingFilter(p, r, who), Table: d.findingTable(p, list, f.State != screening.Found)}
	v.Pager, err = d.pager(r, p, len(list), next, func() (int64, error) { return d.Screening.Count(r.Context(), who, f, mostCounted) })
	if err != nil {
		return err
	}
	for _, s := range screening.States() {
		v.Tabs = append(v.Tabs, ui.Tab{Label: p.Text("screening.state." + string(s)), Href: with(r, "status", string(s), "sesudah", ""), Current: s == f.State})
	}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// findingAfter reads where a page of the list continues: the area and the id.
func findingAfter(text string) (f screening.Finding, err error) {
	at, id, _ := cutAt(text)
	if f.Area, err = area.Parse(at); err != nil {
		return f, fail.NotFound("request.not_found")
	}
	if f.ID, err = sqldb.ParseID(id); err != nil {
		return f, fail.NotFound("request.not_found")
	}
	return f, nil
}

func (d *Desk) findingFilter(p i18n.Printer, r *http.Request, who access.Actor) *ui.Filter {
	q := r.URL.Query()
	criteria, seen := []ui.Option{{Value: "", Label: p.Text("web.all")}}, map[string]bool{}
	for _, c := range slices.Backward(d.Criteria.Criteria()) { // the newest version words a criterion
		if !seen[c.ID] {
			seen[c.ID] = true
			criteria = slices.Insert(criteria, 1, ui.Option{Value: c.ID, Label: c.Label.In(p.Lang.String()), Selected: q.Get("kriteria") == c.ID})
		}
	}
	f := &ui.Filter{Label: p.Text("findingsweb.filter"), Action: "/temuan", Clear: "/temuan", Selects: []ui.SelectFilter{
		d.areaFilter(p, who, q.Get("wilayah")), {Field: ui.Field{Name: "kriteria", Label: p.Text("findingsweb.criterion")}, Options: criteria},
	}}
	if status := q.Get("status"); status != "" {
		f.Hidden = []ui.Hidden{{Name: "status", Value: status}}
	}
	return f
}

// findingTable lists findings; noticed ones with the day until which they may be answered.
func (d *Desk) findingTable(p i18n.Printer, list []screening.Queued, noticed bool) ui.Table {
	t := ui.Table{Caption: p.Text("findingsweb.title"), Columns: []ui.Column{
		{Label: p.Text("web.name"), Title: true}, {Label: p.Text("findingsweb.criterion")}, {Label: p.Text("web.village")},
		{Label: p.Text("findingsweb.found_on")}, {Label: p.Text("web.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("findingsweb.empty"), Text: p.Text("findingsweb.empty_text")}}
	for _, f := range list {
		chip := findingChip(p, f.State)
		name, sub := f.PersonName, p.Text("findingsweb.family_of", "name", f.HeadName)
		if name == "" {
			name, sub = p.Text("web.family.title", "name", f.HeadName), p.Text("criterion.hits."+string(f.Hits))
		}
		t.Rows = append(t.Rows, ui.Row{ID: rowID(f.Tenant, f.ID), Label: name, Cells: []ui.Cell{
			{Text: name, Href: "/temuan/" + rowID(f.Tenant, f.ID), Sub: sub}, {Text: d.criterionWords(p, f.Finding)}, {Text: d.Places.Tree().Name(f.Area)},
			{Text: p.DateTextShort(f.Facts.Day.Text())}, {Chip: &chip},
		}})
		if noticed {
			cells := &t.Rows[len(t.Rows)-1].Cells
			*cells = slices.Insert(*cells, len(*cells)-1, ui.Cell{Text: dash(p.DateTextShort(f.DueOn.Text()))})
		}
	}
	if noticed {
		t.Columns = slices.Insert(t.Columns, len(t.Columns)-1, ui.Column{Label: p.Text("findingsweb.until")})
	}
	return t
}

func (d *Desk) criterionWords(p i18n.Printer, f screening.Finding) string {
	c, ok := d.Screening.Criterion(f.Criterion, f.Facts.Day)
	if !ok {
		return f.Criterion
	}
	return c.Label.In(p.Lang.String())
}

func findingChip(p i18n.Printer, s screening.State) ui.Chip {
	tone := map[screening.State]ui.Tone{screening.Found: ui.Info, screening.Noticed: ui.Wait, screening.Removed: ui.Bad, screening.Appealed: ui.Wait, screening.Dismissed: ui.Good}[s]
	return ui.Chip{Label: p.Text("screening.state." + string(s)), Tone: tone}
}

// findingSections are the findings about a family, on its page.
func (d *Desk) findingSections(r *http.Request, p i18n.Printer, who access.Actor, c registry.Card) ([]desk.Section, error) {
	if d.Screening == nil {
		return nil, nil
	}
	list, err := d.Screening.Queue(r.Context(), who, screening.Filter{Family: c.Family.ID, Limit: pageRows})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	t := d.findingTable(p, list, true)
	return []desk.Section{{ID: "temuan", Title: p.Text("findingsweb.title"), Table: &t}}, nil
}
