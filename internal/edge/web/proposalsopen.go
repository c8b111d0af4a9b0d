package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

func (d *Desk) openProposal(r *http.Request, who access.Actor) (proposals.View, error) {
	tenant, id, err := rowOf(r)
	if err != nil {
		return proposals.View{}, err
	}
	return d.Proposals.Open(r.Context(), who, tenant, id, "")
}

// proposal shows one proposal.
func (d *Desk) proposal(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.one_title", "number", v.Number)
	page.Lead = p.Text("proposalsweb.one_lead", "kind", p.Text("proposal.kind."+string(v.Kind)), "name", nameOr(p, v.Applicant), "place", d.Places.Tree().Address(v.Area))
	page.Back = d.back(r, p.Text("proposalsweb.title"), "/usulan?tab="+string(proposals.TabOf(v.State)))
	out := desk.RecordView{Beside: true, Chips: []ui.Chip{standingChip(p, v.State), statusChip(p, v.Match)}, Notices: d.proposalNotices(p, v)}
	kept, err := d.onward(r, p, who, proposalQueue)
	if err != nil {
		return err
	}
	out.Notices = append(kept, out.Notices...)
	out.Sections = append(out.Sections, desk.Section{ID: "ringkasan", Title: p.Text("web.family.summary"), Items: d.proposalItems(p, v)})
	out.Sections = append(out.Sections, d.documentSections(p, v.Document, v.Kind)...)
	files, change, err := d.papersSection(r, p, who, v)
	if err != nil {
		return err
	}
	out.Sections, out.Links = append(out.Sections, files...), append(out.Links, change...)
	out.Sections = append(out.Sections, desk.Section{ID: "riwayat", Title: p.Text("proposalsweb.history"), Events: d.proposalEvents(r, p, v)})
	d.offerSteps(p, who, v, &out)
	if !v.Registered.IsZero() {
		out.Links = append(out.Links, ui.Link{Label: p.Text("proposalsweb.family"), Href: "/keluarga/" + rowID(v.Tenant, v.Registered)})
	}
	out.Links = append(out.Links, ui.Link{Label: p.Text("proposalsweb.receipt"), Href: "/usulan/" + rowID(v.Tenant, v.ID) + "/bukti"})
	return httpkit.Render(w, r, http.StatusOK, desk.Record(page, out))
}

// offerSteps puts the step that leads on as a form, and links to the others beside it.
func (d *Desk) offerSteps(p i18n.Printer, who access.Actor, v proposals.View, out *desk.RecordView) {
	base := "/usulan/" + rowID(v.Tenant, v.ID)
	lead, others := leading(v.Options), []ui.Link(nil)
	for _, o := range mildFirst(v.Options) {
		if o.Action == proposal.ActRepair || o.Action == proposal.ActResubmit {
			continue
		}
		if o.Action == lead {
			f := d.stepForm(p, who, o, nil, nil)
			f.Title, f.Form = p.Text("proposalsweb.next_step", "action", f.Title), d.stepAction(v, o)
			f.Text = strings.TrimSpace(p.Text("proposalsweb.step_text."+stepWords(o)) + " " + stepAfter(p, o))
			out.Forms = append(out.Forms, f)
			continue
		}
		others = append(others, ui.Link{Label: p.Text("proposal.action." + string(o.Action)), Href: base + "/langkah/" + string(o.Action)})
	}
	if len(out.Forms) > 0 {
		out.Forms[len(out.Forms)-1].Others = others
	} else {
		out.Links = append(out.Links, others...)
	}
	if mendable(v) {
		out.Notices = slices.Insert(out.Notices, 0, ui.Notice{Tone: ui.Wait, Title: p.Text("proposalsweb.mend_now"), Text: p.Text("proposalsweb.mend_lead"), Link: &ui.Link{Label: p.Text("proposal.action.repair"), Href: base + "/perbaiki"}})
	}
}

// leading gives the step that leads on from where a proposal stands; what may be left out or
// stands in for another step is reached by a link.
func leading(options []proposals.Option) proposal.Action {
	for _, a := range []proposal.Action{proposal.ActList, proposal.ActDeliberate, proposal.ActVerify, proposal.ActApprove, proposal.ActForward, proposal.ActVisit, proposal.ActSeen} {
		if slices.ContainsFunc(options, func(o proposals.Option) bool { return o.Action == a }) {
			return a
		}
	}
	return ""
}

// stepAfter tells what follows a step.
func stepAfter(p i18n.Printer, o proposals.Option) string {
	if key := "proposalsweb.step_after." + string(o.Action); p.Has(key) {
		return p.Text(key)
	}
	return ""
}

func stepWords(o proposals.Option) string {
	if o.Paper || o.Number {
		return "paper"
	}
	return "plain"
}

func mendable(v proposals.View) bool {
	return slices.ContainsFunc(v.Options, func(o proposals.Option) bool {
		return o.Action == proposal.ActRepair || o.Action == proposal.ActResubmit
	})
}

func (d *Desk) stepAction(v proposals.View, o proposals.Option) ui.Form {
	return ui.Form{Action: "/usulan/" + rowID(v.Tenant, v.ID) + "/langkah/" + string(o.Action), Hidden: []ui.Hidden{{Name: "version", Value: itoa(v.Version)}}}
}

func (d *Desk) proposalNotices(p i18n.Printer, v proposals.View) []ui.Notice {
	var out []ui.Notice
	if v.Overdue > 0 {
		out = append(out, ui.Notice{Tone: ui.Bad, Title: p.Text("proposalsweb.late", "days", v.Overdue), Text: p.Text("proposalsweb.late_text", "office", p.Text("proposal.office."+string(v.Holder())), "due", p.DateText(v.Due.Text()))})
	}
	if refusal, ok := v.Refusal(); ok && v.State == proposal.Refused {
		out = append(out, ui.Notice{Tone: ui.Bad, Title: p.Text("proposal.state.REFUSED"), Text: p.Text("proposal.refused", "reason", d.reasonWords(p, refusal.Reason, v), "date", v.ObjectUntil.Text())})
	}
	out = append(out, d.heldNotices(p, v.Held, v.Document)...)
	for _, e := range v.Problems {
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("proposalsweb.problem"), Text: p.Error(e)})
	}
	return out
}

// heldNotices say where the people of a proposal are known already, each by her name in it.
func (d *Desk) heldNotices(p i18n.Printer, held []proposals.Held, doc proposals.Document) []ui.Notice {
	var out []ui.Notice
	for _, h := range held {
		n := ui.Notice{Tone: ui.Wait, Title: p.Text("proposalsweb.member", "n", h.Member+1)}
		if h.Member < len(doc.Members) && doc.Members[h.Member].Name.Plain() != "" {
			n.Title = p.Text("proposalsweb.member_name", "n", h.Member+1, "name", doc.Members[h.Member].Name.Plain())
		}
		if h.Card {
			n.Title = p.Text("web.no_kk")
		}
		switch {
		case h.Unready:
			n = ui.Notice{Tone: ui.Info, Title: p.Text("proposalsweb.alike_unready"), Text: p.Text("proposalsweb.alike_unready_text")}
		case h.Missing > 0:
			n = d.missingNotice(p, h.Missing)
		case h.Alike:
			n.Text = d.alikeText(p, h)
		case h.Open:
			n.Text = p.Text("proposals.held_open", "village", d.Places.Tree().Title(h.Area))
			if h.Proposal != "" {
				n.Text += " " + h.Proposal
			}
		case h.Since.IsZero():
			n.Text = p.Text("proposalsweb.held_elsewhere", "village", d.Places.Tree().Title(h.Area))
		default:
			n.Text = p.Text("proposals.held", "village", d.Places.Tree().Title(h.Area), "since", h.Since.Text())
		}
		if !h.Family.IsZero() {
			n.Link = &ui.Link{Label: p.Text("proposalsweb.family"), Href: "/keluarga/" + rowID(d.Places.TenantOf(h.Area), h.Family)}
		}
		out = append(out, n)
	}
	return out
}

// alikeText says that somebody alike is in the registry, and, of a family the actor may see, in what.
func (d *Desk) alikeText(p i18n.Printer, h proposals.Held) string {
	text := p.Text("proposalsweb.alike_elsewhere", "village", d.Places.Tree().Title(h.Area))
	if !h.Since.IsZero() {
		text = p.Text("proposalsweb.alike", "village", d.Places.Tree().Title(h.Area), "since", p.DateText(h.Since.Text()))
	}
	if h.Twin {
		text += " " + p.Text("alikeweb.twin_text")
	}
	agreed := agreedWords(p, h.Agreed)
	if agreed == "" {
		return text
	}
	return text + " " + p.Text("proposalsweb.alike_agreed", "list", agreed)
}

func (d *Desk) reasonWords(p i18n.Printer, code string, v proposals.View) string {
	if code == "" {
		return ""
	}
	reason, err := d.Proposals.Rules().Reasons.Find(code, d.Places.LocalDate(v.Area, d.Now()))
	if err != nil {
		return code
	}
	return reason.Label.In(p.Lang.String())
}

func (d *Desk) proposalItems(p i18n.Printer, v proposals.View) []ui.SummaryItem {
	items := []ui.SummaryItem{
		{Label: p.Text("web.number"), Value: v.Number},
		{Label: p.Text("proposalsweb.origin"), Value: p.Text("proposal.origin." + string(v.Origin))},
		{Label: p.Text("proposalsweb.filed_on"), Value: p.DateText(v.FiledOn.Text())},
		{Label: p.Text("proposalsweb.answer_by"), Value: dash(p.DateText(v.AnswerBy.Text()))},
	}
	if v.State.Open() {
		items = append(items, ui.SummaryItem{Label: p.Text("proposalsweb.holder"), Value: p.Text("proposal.office." + string(v.Holder())), Sub: p.Text("proposalsweb.due_on", "due", dash(p.DateText(v.Due.Text())))})
	}
	if v.Reason != "" {
		items = append(items, ui.SummaryItem{Label: p.Text("proposalsweb.reason"), Value: d.reasonWords(p, v.Reason, v)})
	}
	if v.Programme != "" {
		items = append(items, ui.SummaryItem{Label: p.Text("proposalsweb.programme"), Value: d.Programme(p, v.Programme)})
	}
	if v.Decree != nil {
		items = append(items, ui.SummaryItem{Label: p.Text("proposalsweb.decree." + string(v.Decree.Kind)), Value: v.Decree.Number, Sub: p.Text("proposalsweb.decree_by", "date", p.DateText(v.Decree.On.Text()), "office", v.Decree.SignedBy)})
	}
	return items
}

// documentSections show what was filed; numbers of people stay masked.
func (d *Desk) documentSections(p i18n.Printer, doc proposals.Document, kind proposal.Kind) []desk.Section {
	var items []ui.SummaryItem
	if kind == proposal.NewFamily {
		items = []ui.SummaryItem{
			{Label: p.Text("web.no_kk"), Value: dash(doc.KK.String())},
			{Label: p.Text("web.address"), Value: dash(doc.Address), Sub: rtrw(p, doc.RT, doc.RW)},
			{Label: p.Text("proposalsweb.phone"), Value: dash(doc.Phone.String())},
		}
	}
	if len(doc.Papers) > 0 {
		seen := ""
		for i, paper := range doc.Papers {
			if i > 0 {
				seen += ", "
			}
			seen += paperWords(p, paper)
		}
		items = append(items, ui.SummaryItem{Label: p.Text("proposalsweb.papers_seen"), Value: seen})
	}
	items = append(items, visitItem(p, doc.Visit)...)
	if doc.Words != "" {
		items = append(items, ui.SummaryItem{Label: p.Text("proposalsweb.words"), Value: doc.Words})
	}
	t := &ui.Table{Caption: p.Text("proposalsweb.member_list"), Columns: []ui.Column{
		{Label: p.Text("web.name"), Title: true}, {Label: p.Text("web.relation")}, {Label: p.Text("web.sex")}, {Label: p.Text("web.birth_date")},
		{Label: p.Text("proposalsweb.mother")}, {Label: p.Text("web.match"), Status: true},
	}}
	for i, m := range doc.Members {
		chip := statusChip(p, m.Match)
		t.Rows = append(t.Rows, ui.Row{ID: itoa(int64(i)), Label: m.Name.Plain(), Cells: []ui.Cell{
			{Text: nameOr(p, m.Name), Sub: m.NIK.String()}, {Text: p.Text("person.relation." + m.Relation.String())}, {Text: sexWords(p, m.Sex)},
			{Text: dash(p.DateText(m.BirthDate.Text())), Sub: m.BirthPlace}, {Text: dash(m.MotherName.Plain())}, {Chip: &chip},
		}})
	}
	var out []desk.Section
	if len(items) > 0 {
		out = append(out, desk.Section{ID: "isi", Title: p.Text("proposalsweb.document"), Items: items})
	}
	out = append(out, desk.Section{ID: "anggota", Title: p.Text("web.family.members"), Table: t})
	return append(out, d.documentAnswers(p, doc)...)
}

func paperWords(p i18n.Printer, code string) string {
	if key := "proposalsweb.seen." + code; p.Has(key) {
		return p.Text(key)
	}
	return code
}

// proposalEvents is the history, and the step that is ahead.
func (d *Desk) proposalEvents(r *http.Request, p i18n.Printer, v proposals.View) []ui.Event {
	zone := d.Places.Tree().Zone(v.Area).Location()
	var out []ui.Event
	for _, e := range v.History {
		one := ui.Event{When: p.Moment(e.At.In(zone)), ISO: e.At.Format(time.RFC3339), Title: p.Text("proposal.state." + string(e.To)), By: d.actedBy(r, p, e), Tone: stateChip(p, e.To).Tone}
		for _, words := range []string{d.reasonWords(p, e.Reason, v), e.Note, e.Paper, e.DocumentNumber} {
			if words != "" {
				if one.Text != "" {
					one.Text += " · "
				}
				one.Text += words
			}
		}
		out = append(out, one)
	}
	if v.State.Open() && !v.Due.IsZero() {
		out = append(out, ui.Event{When: p.DateText(v.Due.Text()), ISO: v.Due.Text(), Title: p.Text("proposalsweb.awaited"), By: p.Text("proposal.office." + string(v.Holder())), Future: true})
	}
	return out
}

// optionOf finds a step the actor may take with a proposal now.
func optionOf(v proposals.View, action string) (proposals.Option, bool) {
	i := slices.IndexFunc(v.Options, func(o proposals.Option) bool { return string(o.Action) == action })
	if i < 0 {
		return proposals.Option{}, false
	}
	return v.Options[i], true
}

// stepPage is the form of one step with one proposal.
func (d *Desk) stepPage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	o, ok := optionOf(v, r.PathValue("action"))
	if !ok {
		return noStep(v, r.PathValue("action"), who)
	}
	return d.showStep(w, r, who, v, o, http.StatusOK, nil, nil, nil)
}

// noStep says why a step is not offered: it is another office's, or not what comes next.
func noStep(v proposals.View, action string, who access.Actor) error {
	for _, t := range proposal.Next(v.State) {
		if string(t.Action) == action && t.Permission != proposal.BySystem {
			if err := who.Allow(t.Permission, v.Tenant, v.Area); err != nil {
				return err
			}
		}
	}
	return fail.Conflict("proposal.transition", "state", string(v.State), "action", action)
}

func (d *Desk) showStep(w http.ResponseWriter, r *http.Request, who access.Actor, v proposals.View, o proposals.Option, status int, problems []ui.FieldError, typed url.Values, c *conflict) error {
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.step_title", "action", p.Text("proposal.action."+string(o.Action)), "number", v.Number)
	page.Lead = nameOr(p, v.Applicant)
	page.Narrow, page.Failed, page.HideHeading = true, len(problems) > 0, len(problems) > 0
	page.Back = &ui.Link{Label: p.Text("proposalsweb.one_title", "number", v.Number), Href: "/usulan/" + rowID(v.Tenant, v.ID)}
	f := d.stepForm(p, who, o, problems, typed)
	f.Text = stepAfter(p, o)
	f.Form, f.Cancel = d.stepAction(v, o), &ui.Link{Label: p.Text("web.cancel"), Href: "/usulan/" + rowID(v.Tenant, v.ID)}
	c.apply(p, &f, problemOf(problems, againName))
	return httpkit.Render(w, r, status, desk.Form(page, problems, c.notice(p), f))
}

// step takes one step with one proposal.
func (d *Desk) step(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	form, err := httpkit.ReadForm(r, "version", againName, "reason", "note", "paper", "number")
	if err != nil {
		return err
	}
	take, ok := d.deciderOf(proposal.Action(r.PathValue("action")))
	if !ok {
		return fail.NotFound("request.not_found")
	}
	version, err := versionOf(form)
	if err != nil {
		return err
	}
	seen := proposals.Decision{Tenant: tenant, Rows: []proposals.Seen{{ID: id, Version: version}}}
	if _, err = take(r.Context(), who, decisionOf(seen, form)); err == nil {
		d.decided(w, r, proposalQueue, "/usulan/"+rowID(tenant, id))
		return nil
	}
	status, problems, err := d.stepProblems(r, who, seen, err)
	if err != nil {
		return err
	}
	v, err := d.openProposal(r, who)
	if err != nil {
		return err
	}
	o, ok := optionOf(v, r.PathValue("action"))
	if !ok { // it moved on: nothing of the form is left to fill in
		return d.showMoved(w, r, who, v, status, problems)
	}
	c := d.movedSince(r, v, version)
	if c.moved() {
		problems = []ui.FieldError{{Field: againName, Message: problems[0].Message + " " + i18n.Of(r).Text("proposalsweb.again_needed")}}
	}
	return d.showStep(w, r, who, v, o, status, problems, form, c)
}

// movedSince says what happened to a proposal since the version a form was drawn with.
func (d *Desk) movedSince(r *http.Request, v proposals.View, seen int64) *conflict {
	c := &conflict{seen: seen, now: v.Version}
	if c.moved() && int(v.Version) <= len(v.History) {
		c.changes = d.proposalEvents(r, i18n.Of(r), v)[seen:v.Version]
	}
	return c
}

// showMoved says why a step is no longer possible.
func (d *Desk) showMoved(w http.ResponseWriter, r *http.Request, who access.Actor, v proposals.View, status int, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.one_title", "number", v.Number)
	page.Lead = p.Text("proposalsweb.moved")
	page.Narrow, page.Failed, page.HideHeading = true, true, true
	return httpkit.Render(w, r, status, desk.Record(page, desk.RecordView{Problems: problems, Chips: []ui.Chip{stateChip(p, v.State)},
		Links: []ui.Link{{Label: p.Text("proposalsweb.see", "number", v.Number), Href: "/usulan/" + rowID(v.Tenant, v.ID)}}}))
}
