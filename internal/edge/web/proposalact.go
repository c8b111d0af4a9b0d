package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/web/desk"
	"tepat/web/ui"
)

// decider is a step of the service that decides about proposals.
type decider func(context.Context, access.Actor, proposals.Decision) ([]proposals.Row, error)

// deciderOf gives the step an action stands for; ok is false for actions no page takes.
func (d *Desk) deciderOf(a proposal.Action) (decider, bool) {
	s := d.Proposals
	step, ok := map[proposal.Action]decider{
		proposal.ActList: s.List, proposal.ActDeliberate: s.Deliberate, proposal.ActAttest: s.Attest, proposal.ActVisit: s.Visit, proposal.ActSeen: s.See,
		proposal.ActVerify: s.Verify, proposal.ActApprove: s.Approve, proposal.ActForward: s.Forward, proposal.ActReturn: s.Return,
		proposal.ActRefuse: s.Refuse, proposal.ActWithdraw: s.Withdraw,
	}[a]
	return step, ok
}

// against tells the actions that send a proposal back or end it.
func against(a proposal.Action) bool {
	return a == proposal.ActReturn || a == proposal.ActRefuse || a == proposal.ActWithdraw
}

// bulkOptions are the steps the actor may take with several proposals of a tab at once.
func bulkOptions(tab proposals.Tab, who access.Actor) []proposals.Option {
	if !slices.Contains([]proposals.Tab{proposals.TabIncoming, proposals.TabList, proposals.TabVerify, proposals.TabApprove, proposals.TabRatify}, tab) {
		return nil
	}
	var out []proposals.Option
	for _, state := range tab.States() {
		for _, t := range proposal.Next(state) {
			if t.Permission == proposal.BySystem || !who.Can(t.Permission) || t.Action == proposal.ActWithdraw || t.Action == proposal.ActSeen || t.Action == proposal.ActRatify {
				continue
			}
			if !slices.ContainsFunc(out, func(o proposals.Option) bool { return o.Action == t.Action }) {
				out = append(out, proposals.Option{Action: t.Action, Reason: t.Reason, Paper: slices.Contains(t.Guards, proposal.HasDocument), Number: slices.Contains(t.Guards, proposal.HasNumber)})
			}
		}
	}
	return mildFirst(out)
}

// mildFirst orders steps by what they cost the family: onward, back to be mended, refused.
func mildFirst(options []proposals.Option) []proposals.Option {
	cost := map[proposal.Action]int{proposal.ActReturn: 1, proposal.ActWithdraw: 2, proposal.ActRefuse: 3}
	return slices.SortedStableFunc(slices.Values(options), func(a, b proposals.Option) int { return cmp.Compare(cost[a.Action], cost[b.Action]) })
}

// bulkView offers the steps that every proposal shown can take now: what the service would refuse
// for one of them is offered on the page of each.
func bulkView(p i18n.Printer, tab proposals.Tab, who access.Actor, possible []proposals.Option) *desk.BulkView {
	options := slices.DeleteFunc(bulkOptions(tab, who), func(o proposals.Option) bool {
		return !slices.ContainsFunc(possible, func(one proposals.Option) bool { return one.Action == o.Action })
	})
	if len(options) == 0 {
		return nil
	}
	v := &desk.BulkView{Action: "/usulan/pilih", Hidden: []ui.Hidden{{Name: "tab", Value: string(tab)}}}
	for _, o := range options {
		v.Buttons = append(v.Buttons, ui.Button{Label: p.Text("proposal.action." + string(o.Action)), Name: "langkah", Value: string(o.Action), Secondary: against(o.Action)})
	}
	return v
}

// chooseProposals keeps which rows were chosen and goes to the form of the step.
func (d *Desk) chooseProposals(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	form, err := httpkit.ReadForm(r, "tab", "langkah", "baris")
	if err != nil {
		return err
	}
	if len(form["baris"]) == 0 {
		return fail.Invalid("proposal.none")
	}
	key := sqldb.NewID().Short()
	d.sessions.Put(r.Context(), "pilih."+key, strings.Join(form["baris"], " "))
	httpkit.Redirect(w, r, "/usulan/putuskan?"+url.Values{"pilih": {key}, "langkah": {form.Get("langkah")}, "tab": {form.Get("tab")}}.Encode())
	return nil
}

// chosen reads the rows that were chosen: proposals of one tenant as they were seen.
func chosen(text string) (out proposals.Decision, err error) {
	for _, one := range strings.Fields(text) {
		tenant, seen, err := parseSeen(one)
		if err != nil {
			return out, err
		}
		if len(out.Rows) > 0 && tenant != out.Tenant {
			return out, fail.Invalid("proposal.tenants")
		}
		out.Tenant, out.Rows = tenant, append(out.Rows, seen)
	}
	if len(out.Rows) == 0 {
		return out, fail.Invalid("proposal.none")
	}
	return out, nil
}

func parseSeen(text string) (area.Tenant, proposals.Seen, error) {
	row, version, _ := strings.Cut(text, ".")
	tenant, id, err := parseRow(row)
	if err != nil {
		return 0, proposals.Seen{}, err
	}
	n, err := atoi(version)
	if err != nil {
		return 0, proposals.Seen{}, fail.NotFound("request.not_found")
	}
	return tenant, proposals.Seen{ID: id, Version: n}, nil
}

// many is what a decision about several rows asks for.
type many struct {
	key      string
	tab      proposals.Tab
	option   proposals.Option
	decision proposals.Decision
}

func (d *Desk) readMany(r *http.Request, q url.Values, who access.Actor) (m many, err error) {
	m.key, m.tab = q.Get("pilih"), proposals.Tab(q.Get("tab"))
	options := bulkOptions(m.tab, who)
	i := slices.IndexFunc(options, func(o proposals.Option) bool { return string(o.Action) == q.Get("langkah") })
	if i < 0 {
		return m, fail.NotFound("request.not_found")
	}
	m.option = options[i]
	m.decision, err = chosen(d.sessions.Text(r.Context(), "pilih."+m.key))
	return m, err
}

// decidePage asks for what a step with several proposals needs.
func (d *Desk) decidePage(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	q, err := httpkit.ReadQuery(r, "pilih", "langkah", "tab")
	if err != nil {
		return err
	}
	m, err := d.readMany(r, q, who)
	if err != nil {
		return err
	}
	return d.showMany(w, r, who, m, http.StatusOK, nil, nil, nil)
}

func (d *Desk) showMany(w http.ResponseWriter, r *http.Request, who access.Actor, m many, status int, problems []ui.FieldError, typed url.Values, moved []ui.Notice) error {
	p := i18n.Of(r)
	page := d.page(r, who, "proposalsweb.decide_title", "action", p.Text("proposal.action."+string(m.option.Action)), "count", len(m.decision.Rows))
	page.Narrow, page.Back = true, &ui.Link{Label: p.Text("proposals.tab." + string(m.tab)), Href: "/usulan?tab=" + string(m.tab)}
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	f := d.stepForm(p, who, m.option, problems, typed)
	f.Text = p.Text("proposalsweb.decide_text", "count", len(m.decision.Rows))
	f.Form = ui.Form{Action: "/usulan/putuskan", Guard: true, Hidden: []ui.Hidden{{Name: "pilih", Value: m.key}, {Name: "langkah", Value: string(m.option.Action)}, {Name: "tab", Value: string(m.tab)}}}
	f.Cancel = &ui.Link{Label: p.Text("web.cancel"), Href: "/usulan?tab=" + string(m.tab)}
	if len(moved) > 0 { // only without those that changed can it go on
		f.Buttons = []ui.Button{{Label: p.Text("proposalsweb.without", "count", len(moved)), Name: "do", Value: withoutMoved}}
	}
	return httpkit.Render(w, r, status, desk.Form(page, problems, moved, f))
}

// decideMany takes one step with every proposal that was chosen, or with none.
func (d *Desk) decideMany(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "pilih", "langkah", "tab", "do", "reason", "note", "paper", "number")
	if err != nil {
		return err
	}
	m, err := d.readMany(r, form, who)
	if err != nil {
		return err
	}
	step, ok := d.deciderOf(m.option.Action)
	if !ok {
		return fail.NotFound("request.not_found")
	}
	if form.Get("do") == withoutMoved {
		if m.decision.Rows, _ = d.moved(r, who, m.decision); len(m.decision.Rows) == 0 {
			httpkit.Redirect(w, r, "/usulan?tab="+string(m.tab))
			return nil
		}
		d.sessions.Put(r.Context(), "pilih."+m.key, chosenText(m.decision))
	}
	_, err = step(r.Context(), who, decisionOf(m.decision, form))
	if err == nil {
		d.sessions.Pop(r.Context(), "pilih."+m.key)
		d.sessions.Put(r.Context(), "usulan.selesai", i18n.Of(r).Text("proposalsweb.decided", "count", len(m.decision.Rows), "action", i18n.Of(r).Text("proposal.action."+string(m.option.Action))))
		httpkit.Redirect(w, r, "/usulan?tab="+string(m.tab))
		return nil
	}
	status, problems, err := d.stepProblems(r, who, m.decision, err)
	if err != nil {
		return err
	}
	var moved []ui.Notice
	if status == http.StatusConflict {
		_, moved = d.moved(r, who, m.decision)
	}
	return d.showMany(w, r, who, m, status, problems, form, moved)
}

// withoutMoved is the button that goes on without the proposals somebody else changed.
const withoutMoved = "tanpa"

// moved parts the proposals of a decision: those that are as they were seen, and of the others who
// changed them and how.
func (d *Desk) moved(r *http.Request, who access.Actor, seen proposals.Decision) (same []proposals.Seen, changed []ui.Notice) {
	for _, row := range seen.Rows {
		if by := d.faster(r, who, seen.Tenant, row); by != "" {
			changed = append(changed, ui.Notice{Tone: ui.Wait, Title: by})
			continue
		}
		same = append(same, row)
	}
	return same, changed
}

// chosenText writes chosen rows as the list sends them.
func chosenText(d proposals.Decision) string {
	var out []string
	for _, row := range d.Rows {
		out = append(out, rowID(d.Tenant, row.ID)+"."+itoa(row.Version))
	}
	return strings.Join(out, " ")
}

func decisionOf(seen proposals.Decision, form url.Values) proposals.Decision {
	seen.Reason, seen.Note = form.Get("reason"), form.Get("note")
	seen.Paper = proposals.Paper{Name: form.Get("paper"), Number: form.Get("number")}
	return seen
}

// stepForm is the form of one step: what its rules ask for.
func (d *Desk) stepForm(p i18n.Printer, who access.Actor, o proposals.Option, problems []ui.FieldError, typed url.Values) desk.FormView {
	action := string(o.Action)
	f := desk.FormView{ID: "langkah", Title: p.Text("proposal.action." + action), Buttons: []ui.Button{{Label: p.Text("proposal.action." + action), Danger: o.Action == proposal.ActRefuse}}}
	add := func(name string, v desk.FieldView) {
		v.Field.Name, v.Field.Value, v.Field.Error = name, typed.Get(name), problemOf(problems, name)
		f.Fields = append(f.Fields, v)
	}
	if o.Reason != "" {
		home, _ := who.Home()
		options := []ui.Option{{Value: "", Label: p.Text("proposalsweb.choose_reason")}}
		for _, reason := range d.Proposals.Rules().Reasons.For(o.Reason, d.Places.LocalDate(home, d.Now())) {
			label := reason.Label.In(p.Lang.String())
			if reason.Evidence {
				label = p.Text("proposalsweb.needs_paper", "reason", label)
			}
			options = append(options, ui.Option{Value: reason.Code, Label: label, Selected: typed.Get("reason") == reason.Code})
		}
		add("reason", desk.FieldView{Field: ui.Field{Label: p.Text("proposalsweb.reason"), Hint: p.Text("proposalsweb.reason_hint")}, Options: options, Select: true})
		add("note", desk.FieldView{Field: ui.Field{Label: p.Text("proposalsweb.note"), Hint: p.Text("proposalsweb.note_hint"), Optional: true, MaxLength: 500}, Rows: 3})
	}
	if o.Paper || o.Reason != "" {
		add("paper", desk.FieldView{Field: ui.Field{Label: p.Text(paperKey(p, action)), Hint: p.Text("proposalsweb.paper_hint"), Optional: !o.Paper, MaxLength: 120}})
	}
	if o.Number || o.Paper {
		add("number", desk.FieldView{Field: ui.Field{Label: p.Text("proposalsweb.paper_number"), Optional: !o.Number, MaxLength: 120, Chars: 30}})
	}
	return f
}

// paperKey names the document a step rests on, where it has a name of its own.
func paperKey(p i18n.Printer, action string) string {
	if key := "proposalsweb.paper." + action; p.Has(key) {
		return key
	}
	return "proposalsweb.paper"
}

func problemOf(problems []ui.FieldError, name string) string {
	for _, one := range problems {
		if one.Field == name {
			return one.Message
		}
	}
	return ""
}

// stepField says which field of the step's form an error is about.
func stepField(code string) string {
	switch code {
	case "proposal.reason_needed", "reason.unknown", "reason.use":
		return "reason"
	case "proposal.document_needed", "reason.evidence":
		return "paper"
	case "proposal.number_needed":
		return "number"
	}
	return ""
}

// stepProblems turns a refusal into what stands on the form. Somebody who was faster is named.
func (d *Desk) stepProblems(r *http.Request, who access.Actor, seen proposals.Decision, refused error) (int, []ui.FieldError, error) {
	e, ok := fail.As(refused)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict && e.Code != "proposal.same_person" {
		return 0, nil, refused
	}
	p := i18n.Of(r)
	message := p.Error(e)
	for _, f := range e.Facts {
		if number, ok := f.Value.(string); ok && f.Key == "number" && len(seen.Rows) > 1 {
			message = number + ": " + message
		}
	}
	if e.Code == "proposal.changed" {
		for _, row := range seen.Rows {
			if by := d.faster(r, who, seen.Tenant, row); by != "" {
				message = by
				break
			}
		}
	}
	status := http.StatusUnprocessableEntity
	if e.Kind == fail.KindConflict {
		status = http.StatusConflict
	}
	return status, []ui.FieldError{{Field: stepField(e.Code), Message: message}}, nil
}

// faster says who decided about a proposal after it was seen, and how.
func (d *Desk) faster(r *http.Request, who access.Actor, tenant area.Tenant, seen proposals.Seen) string {
	v, err := d.Proposals.Open(r.Context(), who, tenant, seen.ID, "")
	if err != nil || v.Version == seen.Version || len(v.History) == 0 {
		return ""
	}
	p := i18n.Of(r)
	last := v.History[len(v.History)-1]
	return p.Text("proposalsweb.faster", "number", v.Number, "who", d.actedBy(r, p, last), "state", p.Text("proposal.state."+string(last.To)), "at", p.MomentShort(last.At.In(d.Places.Tree().Zone(v.Area).Location())))
}

// actedBy names who took a step: the officer with her role, or the role alone.
func (d *Desk) actedBy(r *http.Request, p i18n.Printer, e proposals.Event) string {
	key := "role." + string(e.Role)
	if e.Role == proposals.Citizen || e.Role == proposals.System || e.Role == "" {
		role := e.Role
		if role == "" {
			role = proposals.System
		}
		return p.Text("proposals.role." + string(role))
	}
	by, err := d.Accounts.Load(r.Context(), e.By)
	if err != nil || by.Name == "" {
		return p.Text(key)
	}
	return p.Text("proposalsweb.by", "name", by.Name, "role", p.Text(key))
}
