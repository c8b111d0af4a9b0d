package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

func (d *Desk) openGrievance(r *http.Request, who access.Actor) (grievances.View, error) {
	tenant, id, err := rowOf(r)
	if err != nil {
		return grievances.View{}, err
	}
	return d.Grievances.Open(r.Context(), who, tenant, id, "")
}

// grievance shows one case to who handles it.
func (d *Desk) grievance(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openGrievance(r, who)
	if err != nil {
		return err
	}
	return d.showGrievance(w, r, who, v, http.StatusOK, grievanceAgain{})
}

// grievanceAgain is a step that was refused: which one, what was typed, what was wrong, and
// what changed meanwhile.
type grievanceAgain struct {
	action   string
	typed    url.Values
	problems []ui.FieldError
	conflict *conflict
	told     *ui.Notice // what was asked for
}

func (d *Desk) showGrievance(w http.ResponseWriter, r *http.Request, who access.Actor, v grievances.View, status int, again grievanceAgain) error {
	p := i18n.Of(r)
	page := d.page(r, who, "grievancesweb.one_title", "kind", p.Text("grievances.kind."+string(v.Kind)), "number", v.Number)
	page.Lead = p.Text("grievancesweb.one_lead", "about", topicWords(p, v.Kind, v.Topic), "place", d.Places.Tree().Address(v.Area))
	page.Back = d.back(r, p.Text("grievancesweb.title"), "/pengaduan?tab="+string(grievances.TabOf(v.State)))
	onward, err := d.onward(r, p, who, grievanceQueue)
	if err != nil {
		return err
	}
	page.Failed, page.HideHeading = len(again.problems) > 0, len(again.problems) > 0
	out := desk.RecordView{Beside: true, Problems: again.problems, Chips: []ui.Chip{grievanceChip(p, v.Kind, v.State)}, Notices: slices.Concat(onward, again.conflict.notice(p), d.grievanceNotices(p, v))}
	if again.told != nil {
		out.Notices = append([]ui.Notice{*again.told}, out.Notices...)
	}
	items, err := d.grievanceItems(r, p, v)
	if err != nil {
		return err
	}
	out.Sections = []desk.Section{
		{ID: "ringkasan", Title: p.Text("web.family.summary"), Items: items},
		{ID: "isi", Title: p.Text("grievancesweb.words"), Text: v.Document.Words, Items: grievancePapers(p, v)},
		{ID: "pelapor", Title: p.Text("grievancesweb.filer"), Text: p.Text("grievancesweb.filer_text"), Items: filerItems(p, v)},
		{ID: "riwayat", Title: p.Text("proposalsweb.history"), Events: d.grievanceEvents(r, p, v)},
	}
	if out.Forms, err = d.grievanceForms(r, p, who, v, again); err != nil {
		return err
	}
	files, more, err := d.caseSection(r, p, who, v)
	if err != nil {
		return err
	}
	out.Sections = slices.Insert(out.Sections, 2, files...)
	out.Links = append(d.grievanceLinks(p, who, v), more...)
	return httpkit.Render(w, r, status, desk.Record(page, out))
}

func (d *Desk) grievanceNotices(p i18n.Printer, v grievances.View) []ui.Notice {
	var out []ui.Notice
	if v.Overdue > 0 {
		out = append(out, ui.Notice{Tone: ui.Bad, Title: p.Text("proposalsweb.late", "days", v.Overdue), Text: p.Text("grievancesweb.late_text")})
	}
	if v.Kind == grievances.Objection && v.Topic == string(proposal.AgainstListing) && v.Row.Open() && v.Subject.IsZero() {
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("grievancesweb.no_family"), Text: p.Text("grievancesweb.no_family_text"),
			Link: d.identifyLink(p, v)})
	}
	if v.Joined > 0 {
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("grievancesweb.joined", "count", v.Joined), Text: p.Text("grievancesweb.joined_text")})
	}
	return out
}

func (d *Desk) identifyLink(p i18n.Printer, v grievances.View) *ui.Link {
	if !slices.Contains(v.Actions, "identify") {
		return nil
	}
	return &ui.Link{Label: p.Text("grievances.action.identify"), Href: "/pengaduan/" + rowID(v.Tenant, v.ID) + "/keluarga"}
}

func (d *Desk) grievanceItems(r *http.Request, p i18n.Printer, v grievances.View) ([]ui.SummaryItem, error) {
	names, err := d.Accounts.Names(r.Context(), []sqldb.ID{v.Officer})
	if err != nil {
		return nil, err
	}
	office := d.Places.Tree().Title(v.HandledAt())
	items := []ui.SummaryItem{
		{Label: p.Text("web.number"), Value: v.Number},
		{Label: p.Text("grievancesweb.about"), Value: topicWords(p, v.Kind, v.Topic)},
		{Label: p.Text("web.village"), Value: d.Places.Tree().Label(v.Area)},
		{Label: p.Text("proposalsweb.filed_on"), Value: p.DateText(v.FiledOn.Text())},
		{Label: p.Text("proposalsweb.answer_by"), Value: dash(p.DateText(v.AnswerBy.Text()))},
		{Label: p.Text("proposalsweb.holder"), Value: office},
		{Label: p.Text("grievancesweb.officer"), Value: dash(names[v.Officer])},
	}
	if v.Row.Open() && !v.Due.IsZero() {
		items = append(items, ui.SummaryItem{Label: p.Text("proposalsweb.deadline"), Value: p.DateText(v.Due.Text())})
	}
	return items, nil
}

func grievancePapers(p i18n.Printer, v grievances.View) []ui.SummaryItem {
	var items []ui.SummaryItem
	if v.Document.Target != "" {
		items = append(items, ui.SummaryItem{Label: p.Text("grievancesweb.target"), Value: v.Document.Target})
	}
	for _, paper := range v.Document.Papers {
		items = append(items, ui.SummaryItem{Label: p.Text("proposalsweb.papers"), Value: paperWords(p, paper)})
	}
	for _, e := range v.Events {
		if e.Action == "file" && e.Paper != "" {
			items = append(items, ui.SummaryItem{Label: p.Text("grievancesweb.evidence"), Value: e.Paper})
		}
	}
	return items
}

// filerItems say who filed, masked; a case filed without a name says so.
func filerItems(p i18n.Printer, v grievances.View) []ui.SummaryItem {
	contact := func(label string, c grievances.Contact) ui.SummaryItem {
		item := ui.SummaryItem{Label: label, Value: nameOr(p, c.Name), Sub: c.NIK.String()}
		if !c.Phone.IsZero() {
			item.Source = p.Text("proposalsweb.phone") + " " + c.Phone.String()
		}
		return item
	}
	if v.Filer.IsZero() {
		return []ui.SummaryItem{{Label: p.Text("grievancesweb.filer"), Value: p.Text("grievancesweb.unnamed")}}
	}
	items := []ui.SummaryItem{contact(p.Text("web.name"), v.Document.Contact)}
	for i, other := range v.Others {
		items = append(items, contact(p.Text("grievancesweb.other", "n", i+1), other))
	}
	return items
}

// grievanceEvents is the history, and the step that is ahead.
func (d *Desk) grievanceEvents(r *http.Request, p i18n.Printer, v grievances.View) []ui.Event {
	zone := d.Places.Tree().Zone(v.Area).Location()
	var out []ui.Event
	for _, e := range v.Events {
		one := ui.Event{When: p.Moment(e.At.In(zone)), ISO: e.At.Format(time.RFC3339), Title: grievanceAct(p, v.Kind, e), By: d.grievanceActor(r, p, e), Tone: grievanceChip(p, v.Kind, e.To).Tone}
		for _, words := range []string{e.Note, e.Paper} {
			if words != "" && e.Action != "file" {
				if one.Text != "" {
					one.Text += " · "
				}
				one.Text += words
			}
		}
		out = append(out, one)
	}
	if v.Row.Open() && !v.Due.IsZero() {
		out = append(out, ui.Event{When: p.DateText(v.Due.Text()), ISO: v.Due.Text(), Title: p.Text("proposalsweb.awaited"), By: d.Places.Tree().Title(v.HandledAt()), Future: true})
	}
	return out
}

// grievanceAct names what was done: the state it led to where it has one of its own.
func grievanceAct(p i18n.Printer, k grievances.Kind, e grievances.Event) string {
	if e.From != e.To {
		return p.Text("grievancesweb.state." + e.To)
	}
	return p.Text("grievancesweb.did." + e.Action)
}

// grievanceActor names who took a step: the officer with her role, or the role alone. Who
// filed stands in her own section and nowhere else.
func (d *Desk) grievanceActor(r *http.Request, p i18n.Printer, e grievances.Event) string {
	if e.Role == proposals.Citizen || e.Role == proposals.System || e.Role == "" {
		role := e.Role
		if role == "" {
			role = proposals.Citizen
		}
		return p.Text("proposals.role." + string(role))
	}
	words := p.Text("role." + string(e.Role))
	by, err := d.Accounts.Load(r.Context(), e.By)
	if err != nil || by.Name == "" {
		return words
	}
	return p.Text("proposalsweb.by", "name", by.Name, "role", words)
}

func (d *Desk) grievanceLinks(p i18n.Printer, who access.Actor, v grievances.View) []ui.Link {
	var out []ui.Link
	for _, one := range []struct {
		id        [16]byte
		path, key string
	}{{v.Subject, "/keluarga/", "proposalsweb.family"}, {v.Proposal, "/usulan/", "grievancesweb.proposal"}, {v.Finding, "/temuan/", "grievancesweb.finding"}} {
		if one.id != ([16]byte{}) && who.Allow(access.ReadRegistry, v.Tenant, v.Area) == nil {
			out = append(out, ui.Link{Label: p.Text(one.key), Href: one.path + rowID(v.Tenant, one.id)})
		}
	}
	if link := d.identifyLink(p, v); link != nil && !v.Subject.IsZero() {
		out = append(out, ui.Link{Label: p.Text("grievancesweb.other_family"), Href: link.Href})
	}
	return out
}
