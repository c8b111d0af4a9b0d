package web

import (
	"net/http"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/civil"
	"tepat/internal/service/suggestions"
	"tepat/web/desk"
	"tepat/web/ui"
)

// mismatches is the repair queue.
func (d *Desk) mismatches(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	p := i18n.Of(r)
	q, err := httpkit.ReadQuery(r, "wilayah", "status", "sebab", "urut", "sesudah", "peringkat", "cetak", "baris")
	if err != nil {
		return err
	}
	rows := rowsOf(q.Get("baris"))
	f := suggestions.Filter{Limit: rows + 1, ByArea: q.Get("urut") == "desa"}
	if f.Area, err = d.areaOf(q.Get("wilayah")); err != nil {
		return err
	}
	if s := q.Get("status"); s != "" {
		if f.Status, err = civilmatch.ParseStatus(s); err != nil {
			return err
		}
	}
	if c := q.Get("sebab"); c != "" {
		if f.Cause, err = suggestions.ParseCause(c); err != nil {
			return err
		}
	}
	if after := q.Get("sesudah"); after != "" {
		tenant, id, err := parseRow(after)
		if err != nil {
			return err
		}
		last, err := d.Registry.PersonAnchor(r.Context(), who, tenant, id)
		if err != nil {
			return err
		}
		f.After = suggestions.Anchor{Person: last.ID, Area: last.Area}
		if rank := q.Get("peringkat"); rank != "" {
			if f.After.Rank, err = atoi(rank); err != nil {
				return err
			}
		}
	}
	if q.Get("cetak") != "" {
		return d.printMismatches(w, r, who, f)
	}
	list, err := d.Suggestions.Queue(r.Context(), who, f)
	if err != nil {
		return err
	}
	page := d.page(r, who, "web.mismatches.title")
	page.Lead = p.Text("web.mismatches.lead")
	if f.Cause != "" {
		if page.Lead, err = d.suggestedWords(r, p, who, f.Area, page.Lead); err != nil {
			return err
		}
	}
	next := ""
	if len(list) > rows {
		list = list[:rows]
		next = behind(r, list[rows-1])
	}
	v := desk.ListView{Filter: d.mismatchFilter(p, r, who), Table: d.mismatchTable(p, list), Links: d.repairLinks(p, who)}
	if f.Cause != "" || f.Status != civilmatch.Pending { // others of the area may still have to be mended
		v.Table.Empty = &ui.Empty{Title: p.Text("mismatchesweb.empty_filter"), Text: p.Text("mismatchesweb.empty_filter_text")}
	}
	if v.Notices, err = d.hintsNotice(r, p, who); err != nil {
		return err
	}
	if v.Pager, err = d.pager(r, p, len(list), next, d.mismatchTotal(r, who, f)); err != nil {
		return err
	}
	if v.Pager.First != "" {
		v.Pager.First = with(r, "sesudah", "", "peringkat", "")
	}
	v.Pager.PrintURL = with(r, "cetak", "ya", "sesudah", "", "peringkat", "")
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

// mismatchTotal counts the queue, unless it is narrowed to a cause: causes are known of those alone whose suggestion is up
// to date.
func (d *Desk) mismatchTotal(r *http.Request, who access.Actor, f suggestions.Filter) func() (int64, error) {
	if f.Cause != "" {
		return nil
	}
	return func() (int64, error) {
		return d.Civil.CountQueue(r.Context(), who, civil.QueueFilter{Area: f.Area, Status: f.Status}, mostCounted)
	}
}

// behind is the address of the page behind a line.
func behind(r *http.Request, last suggestions.Line) string {
	rank := ""
	if last.Rank > 0 {
		rank = itoa(last.Rank)
	}
	return with(r, "sesudah", rowID(last.Tenant, last.PersonID), "peringkat", rank)
}

// mostPrinted is how many rows a list for paper holds at most: about eighty pages.
const mostPrinted = 1000

// printMismatches shows the whole queue of the filter for paper, with how many they are.
func (d *Desk) printMismatches(w http.ResponseWriter, r *http.Request, who access.Actor, f suggestions.Filter) error {
	const atOnce = 200 // what the queue gives at most
	var list []suggestions.Line
	more := true
	for f.Limit = atOnce; more && len(list) < mostPrinted; {
		some, err := d.Suggestions.Queue(r.Context(), who, f)
		if err != nil {
			return err
		}
		if list, more = append(list, some...), len(some) == atOnce; more {
			f.After = some[len(some)-1].Anchor()
		}
	}
	p := i18n.Of(r)
	at := f.Area
	if at == area.Nation {
		at, _ = who.Home()
	}
	page := d.page(r, who, "web.mismatches.print_title", "place", d.Places.Tree().Title(at))
	page.Lead = p.Text("web.mismatches.print_lead", "count", len(list))
	if more {
		page.Lead = p.Text("web.mismatches.print_cut", "count", len(list))
	}
	page.Back = &ui.Link{Label: p.Text("web.mismatches.title"), Href: with(r, "cetak", "")}
	v := desk.ListView{Table: d.mismatchSheet(p, list), Pager: &ui.Pager{Shown: p.Text("web.mismatches.print_how")}}
	return httpkit.Render(w, r, http.StatusOK, desk.List(page, v))
}

func (d *Desk) mismatchFilter(p i18n.Printer, r *http.Request, who access.Actor) *ui.Filter {
	q := r.URL.Query()
	statuses := []ui.Option{{Value: "", Label: p.Text("web.all")}}
	for _, s := range civilmatch.Statuses() {
		if s.Group() == civilmatch.NotMatching {
			statuses = append(statuses, ui.Option{Value: s.Code(), Label: p.Text("civilmatch.status." + s.Code()), Selected: q.Get("status") == s.Code()})
		}
	}
	return &ui.Filter{Label: p.Text("web.mismatches.filter"), Action: "/padan", Clear: "/padan", Target: "list", Selects: []ui.SelectFilter{
		d.areaFilter(p, who, q.Get("wilayah")), causeFilter(p, q.Get("sebab")),
		{Field: ui.Field{Name: "status", Label: p.Text("mismatchesweb.status")}, Options: statuses}, orderFilter(p, q.Get("urut")),
	}}
}

func (d *Desk) mismatchTable(p i18n.Printer, list []suggestions.Line) ui.Table {
	t := ui.Table{Caption: p.Text("web.mismatches.title"), Columns: []ui.Column{
		{Label: p.Text("web.name"), Title: true}, {Label: p.Text("web.family")}, {Label: p.Text("web.village")}, {Label: p.Text("mismatchesweb.cause")},
		{Label: p.Text("web.who_mends")}, {Label: p.Text("mismatchesweb.status"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("web.mismatches.empty"), Text: p.Text("web.mismatches.empty_text")}}
	for _, m := range list {
		number := m.NIK.String()
		if m.RawNIK != "" {
			number = p.Text("web.nik_unusable")
		}
		repair := civilmatch.RepairOf(m.Status)
		chip := statusChip(p, m.Status)
		t.Rows = append(t.Rows, ui.Row{ID: rowID(m.Tenant, m.PersonID), Label: m.Name, Cells: []ui.Cell{
			{Text: m.Name, Href: "/padan/" + rowID(m.Tenant, m.PersonID), Sub: number},
			{Text: m.HeadName, Sub: paidWords(p, m.Paid)}, {Text: d.Places.Tree().Name(m.Area)}, causeCell(p, m),
			{Text: p.Text("civilmatch.mender." + string(repair.First))}, {Chip: &chip},
		}})
	}
	return t
}

// mismatchSheet is the table of the queue for paper: who mends stands under the status and, where several villages stand on it, the village
// under the family, so that the cause has room.
func (d *Desk) mismatchSheet(p i18n.Printer, list []suggestions.Line) ui.Table {
	t := d.mismatchTable(p, list)
	several := slices.ContainsFunc(list, func(l suggestions.Line) bool { return l.Area != list[0].Area })
	const name, family, village, cause, mender, status = 0, 1, 2, 3, 4, 5
	t.Columns = []ui.Column{t.Columns[name], t.Columns[family], t.Columns[cause], t.Columns[status]}
	for i := range t.Rows {
		all := t.Rows[i].Cells
		all[status].Sub = all[mender].Text
		if several {
			all[family].Sub = strings.TrimPrefix(all[family].Sub+"; "+all[village].Text, "; ")
		}
		t.Rows[i].Cells = []ui.Cell{all[name], all[family], all[cause], all[status]}
	}
	return t
}

// paidWords marks a family that loses money by a mismatch.
func paidWords(p i18n.Printer, paid bool) string {
	if !paid {
		return ""
	}
	return p.Text("mismatchesweb.paid")
}

// bench is the repair page of one person.
func (d *Desk) bench(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	q, err := httpkit.ReadQuery(r, "isi")
	if err != nil {
		return err
	}
	b, g, err := d.Suggestions.Open(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	var filled map[string]string
	if q.Get("isi") != "" {
		filled = suggestedValues(b, g)
	}
	return d.showBench(w, r, who, b, g, http.StatusOK, nil, filled)
}

func (d *Desk) showBench(w http.ResponseWriter, r *http.Request, who access.Actor, b civil.Bench, g suggestions.Suggested, status int, problems []ui.FieldError, typed map[string]string) error {
	p := i18n.Of(r)
	page := d.page(r, who, "web.bench.title", "name", b.Person.Name)
	page.Lead = d.Places.Tree().Address(b.Person.Area)
	page.Breadcrumb = []ui.Link{*d.back(r, p.Text("web.mismatches.title"), "/padan"), {Label: b.Person.Name}}
	if len(problems) > 0 {
		page.Failed, page.HideHeading = true, true
	}
	chip := statusChip(p, b.Result.Status)
	notices, err := d.benchNotices(r, p, who, b)
	if err != nil {
		return err
	}
	notices = append(d.alikeNotices(p, b.Alike), notices...)
	v := desk.RecordView{Beside: true, Problems: problems, Chips: []ui.Chip{chip}, Notices: append(notices, suggestionNotices(p, b, g)...)}
	if s, said := d.suggestionSection(p, who, b, g); said {
		v.Sections = append(v.Sections, s)
	}
	if v.Sections = append(v.Sections, benchSection(p, b)); values(b, g) {
		v.Sections[len(v.Sections)-1] = desk.Section{ID: "banding", Title: p.Text("mismatchesweb.compare"), Compare: suggestedCompare(p, b, g)}
	}
	if who.Can(access.RepairMatch) && b.Result.Status.Group() != civilmatch.Agreed {
		v.Forms = append(v.Forms, benchForm(p, b, problems, typed))
		if typed == nil && suggestedValues(b, g) != nil {
			form := &v.Forms[len(v.Forms)-1]
			form.Ahead = append(form.Ahead, ui.Link{Label: p.Text("mismatchesweb.fill"), Href: r.URL.Path + "?isi=saran"})
		}
	}
	if len(v.Forms) > 0 && typed != nil && len(problems) == 0 {
		focusOn(&v.Forms[0], nextToFill(b, g))
	}
	v.Links = append(alikeLinks(p, who, b.Alike), ui.Link{Label: p.Text("web.bench.family", "name", b.Family.HeadName), Href: "/keluarga/" + rowID(b.Family.Tenant, b.Family.ID)})
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

// benchNotices says what is wrong, what mends it, and who; after a repair it leads to the next one.
func (d *Desk) benchNotices(r *http.Request, p i18n.Printer, who access.Actor, b civil.Bench) ([]ui.Notice, error) {
	if b.Result.Status.Group() == civilmatch.Agreed {
		next, err := d.nextRepair(r, p, who, b)
		return []ui.Notice{{ID: "hasil", Tone: ui.Good, Title: p.Text("web.bench.matched"), Text: p.Text("web.bench.matched_text"), Link: next}}, err
	}
	out := []ui.Notice{{Tone: ui.Info, Title: p.Text("web.bench.how"), Text: p.Text("civilmatch.repair." + b.Result.Status.Code())}}
	said, err := d.answerNotices(r, p, who, b)
	if out = append(out, said...); err != nil {
		return nil, err
	}
	if b.Result.OtherPerson {
		out = append(out, ui.Notice{Tone: ui.Bad, Title: p.Text("web.bench.other_person"), Text: p.Text("web.bench.other_person_text")})
	}
	return out, nil
}

// answerNotices tell, of a civil registry that is asked over the network, of when its answer is, or that there is none to show and how
// often it may still be asked.
func (d *Desk) answerNotices(r *http.Request, p i18n.Printer, who access.Actor, b civil.Bench) ([]ui.Notice, error) {
	q, remote, err := d.Civil.Quota(r.Context())
	if err != nil || !remote || b.Person.NIK.IsZero() {
		return nil, err
	}
	if !b.AnsweredAt.IsZero() {
		return []ui.Notice{{Tone: ui.Info, Title: p.Text("mismatchesweb.answered"), Text: p.Text("mismatchesweb.answered_text", "when", p.Moment(b.AnsweredAt.In(d.zone(who))))}}, nil
	}
	out := []ui.Notice{{Tone: ui.Wait, Title: p.Text("mismatchesweb.unanswered"), Text: p.Text("mismatchesweb.unanswered_text")}}
	return append(out, d.quotaNotices(p, who, q)...), nil
}

// nextRepair leads to the person behind this one in the queue, or to the first one.
func (d *Desk) nextRepair(r *http.Request, p i18n.Printer, who access.Actor, b civil.Bench) (*ui.Link, error) {
	if !who.Can(access.RepairMatch) {
		return nil, nil
	}
	after, err := d.Suggestions.AnchorOf(r.Context(), who, b.Person.Tenant, b.Person.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range []suggestions.Filter{{Limit: 1, After: after}, {Limit: 1}} {
		list, err := d.Suggestions.Queue(r.Context(), who, f)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			return &ui.Link{Label: p.Text("web.bench.next", "name", list[0].Name), Href: "/padan/" + rowID(list[0].Tenant, list[0].PersonID)}, nil
		}
	}
	return nil, nil
}

// mend keeps a repair.
func (d *Desk) mend(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "version", "nik", "no_kk", "name", "sex", "birth_date.day", "birth_date.month", "birth_date.year", "document", "alike")
	if err != nil {
		return err
	}
	b, g, err := d.Suggestions.Open(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	m, problems := readMending(i18n.Of(r), form, b)
	if len(problems) == 0 {
		kept, err := d.Suggestions.Mend(r.Context(), who, m)
		b.Alike = kept.Alike
		e, ok := fail.As(err)
		if err == nil {
			httpkit.Redirect(w, r, "/padan/"+rowID(tenant, id)+"#hasil")
			return nil
		}
		if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict {
			return err
		}
		problems = []ui.FieldError{{Field: fieldOr(e.Field, "document"), Message: i18n.Of(r).Error(e)}}
	}
	typed := map[string]string{}
	for k := range form {
		typed[k] = form.Get(k)
	}
	return d.showBench(w, r, who, b, g, http.StatusUnprocessableEntity, problems, typed)
}

func fieldOr(field, other string) string {
	if field == "" {
		return other
	}
	return field
}
