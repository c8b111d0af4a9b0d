package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/screening"
	"tepat/web/desk"
	"tepat/web/ui"
)

func cutAt(text string) (before, after string, found bool) { return strings.Cut(text, "_") }

func (d *Desk) openFinding(r *http.Request, who access.Actor) (screening.Case, error) {
	tenant, id, err := rowOf(r)
	if err != nil {
		return screening.Case{}, err
	}
	return d.Screening.Open(r.Context(), who, tenant, id, "")
}

// finding shows one finding with what is needed to decide it.
func (d *Desk) finding(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	c, err := d.openFinding(r, who)
	if err != nil {
		return err
	}
	return d.showFinding(w, r, who, c, http.StatusOK, nil, url.Values{})
}

func (d *Desk) showFinding(w http.ResponseWriter, r *http.Request, who access.Actor, c screening.Case, status int, problems []ui.FieldError, typed url.Values) error {
	p := i18n.Of(r)
	f := c.Finding
	page := d.page(r, who, "findingsweb.one_title", "name", subjectName(c))
	page.Lead = p.Text("findingsweb.one_lead", "criterion", d.criterionWords(p, f), "place", d.Places.Tree().Address(f.Area))
	page.Back = d.back(r, p.Text("findingsweb.title"), "/temuan?status="+string(f.State))
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Beside: true, Problems: problems, Chips: []ui.Chip{findingChip(p, f.State), {Label: p.Text("criterion.hits." + string(f.Hits))}}}
	kept, err := d.onward(r, p, who, findingQueue)
	if err != nil {
		return err
	}
	v.Notices = kept
	if !f.Facts.Before.IsZero() {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Wait, Title: p.Text("findingsweb.before"), Text: p.Text("screening.before"), Link: &ui.Link{Label: p.Text("findingsweb.before_link"), Href: "/temuan/" + rowID(f.Tenant, f.Facts.Before)}})
	}
	v.Notices = append(v.Notices, d.alikeNotices(p, c.Alike)...)
	if c.Hidden {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("findingsweb.hidden"), Text: p.Text("screening.hidden")})
	}
	v.Sections = []desk.Section{
		{ID: "kriteria", Title: p.Text("findingsweb.criterion"), Items: d.criterionItems(p, c)},
		{ID: "fakta", Title: p.Text("findingsweb.because"), Text: p.Text("findingsweb.because_text"), Items: d.becauseItems(p, c)},
	}
	if len(c.Evidence) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "bukti", Title: p.Text("findingsweb.evidence"), Table: d.statementTable(p, c, c.Evidence, "findingsweb.evidence_list")})
	}
	if len(c.Others) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "lainnya", Title: p.Text("findingsweb.others"), Table: d.statementTable(p, c, c.Others, "findingsweb.others_list")})
	}
	v.Sections = append(v.Sections, desk.Section{ID: "anggota", Title: p.Text("web.family.members"), Table: findingMembers(p, c)})
	if events := d.findingEvents(r, p, c); len(events) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "riwayat", Title: p.Text("proposalsweb.history"), Events: events})
	}
	files, fileLinks, err := d.findingFiles(r, p, who, f)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, files...)
	v.Forms = d.findingForms(p, who, c, problems, typed)
	v.Links = []ui.Link{{Label: p.Text("web.bench.family", "name", c.Family.HeadName), Href: "/keluarga/" + rowID(f.Tenant, f.Family)}}
	v.Links = append(append(alikeLinks(p, who, c.Alike), fileLinks...), v.Links...)
	if !f.LetterID().IsZero() && who.Allow(access.IssueLetter, f.Tenant, f.Area) == nil {
		v.Links = append(v.Links, ui.Link{Label: p.Text("findingsweb.letter"), Href: "/temuan/" + rowID(f.Tenant, f.ID) + "/surat"})
	}
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

func subjectName(c screening.Case) string {
	for _, m := range c.Members {
		if m.ID == c.Finding.Person {
			return m.Name
		}
	}
	return c.Family.HeadName
}

// criterionItems say what the criterion is, what it stands on, and what the person can do.
func (d *Desk) criterionItems(p i18n.Printer, c screening.Case) []ui.SummaryItem {
	lang, k, f := p.Lang.String(), c.Criterion, c.Finding
	basis := ui.SummaryItem{Label: p.Text("findingsweb.basis"), Value: dash(k.LegalBasis)}
	if k.Unverified {
		basis.Chip = &ui.Chip{Label: p.Text("findingsweb.unverified"), Tone: ui.Wait}
	}
	items := []ui.SummaryItem{
		{Label: p.Text("findingsweb.criterion"), Value: d.criterionWords(p, f)},
		{Label: p.Text("proposalsweb.reason"), Value: dash(k.Reason.Label.In(lang)), Sub: k.Reason.LegalBasis}, basis,
		{Label: p.Text("findingsweb.effect"), Value: effectWords(p, k)}, {Label: p.Text("findingsweb.way_back"), Value: dash(k.WayBack.In(lang))},
		{Label: p.Text("findingsweb.found_on"), Value: p.DateText(f.Facts.Day.Text())},
	}
	if !f.DueOn.IsZero() {
		items = append(items, ui.SummaryItem{Label: p.Text("findingsweb.until"), Value: p.DateText(f.DueOn.Text())})
	}
	if !f.EffectiveOn.IsZero() {
		items = append(items, ui.SummaryItem{Label: p.Text("findingsweb.effective"), Value: p.DateText(f.EffectiveOn.Text())})
	}
	for _, e := range c.Events {
		if e.Number != "" && f.State == screening.Appealed && e.At.Equal(c.Events[len(c.Events)-1].At) {
			by := d.Screening.AnswerBy(d.Places.LocalDate(f.Area, e.At))
			items = append(items, ui.SummaryItem{Label: p.Text("findingsweb.objection"), Value: e.Number, Sub: p.Text("findingsweb.objection_code", "code", d.Screening.TrackingCode(f.ID, e.Number))},
				ui.SummaryItem{Label: p.Text("findingsweb.answer_by"), Value: p.DateText(by.Text())})
		}
	}
	return items
}

func effectWords(p i18n.Printer, c eligibility.Criterion) string {
	if key := "criterion.effect." + string(c.Effect); p.Has(key) {
		return p.Text(key)
	}
	return "–"
}

// becauseItems are the facts that made the criterion true.
func (d *Desk) becauseItems(p i18n.Printer, c screening.Case) []ui.SummaryItem {
	var out []ui.SummaryItem
	for _, b := range c.Finding.Facts.Because {
		value := b.Value
		if value == "" && c.Hidden {
			value = p.Text("findingsweb.not_shown")
		}
		switch value {
		case "true", "false":
			value = p.Text("findingsweb." + value)
		}
		out = append(out, ui.SummaryItem{Label: d.factWords(p, b.Fact), Value: dash(value)})
	}
	return out
}

// statementWords says what was stated: places, days and yes or no in words, all else as it came.
func (d *Desk) statementWords(p i18n.Printer, value string) string {
	if at, err := area.Parse(value); err == nil && strings.Contains(value, ".") {
		return d.Places.Tree().Title(at)
	}
	switch value {
	case "true", "false":
		return p.Text("findingsweb." + value)
	}
	return p.DateText(value)
}

// factWords says what a fact of the rules means.
func (d *Desk) factWords(p i18n.Printer, name string) string {
	if d.Facts != nil {
		if fact, ok := d.Facts.Fact(name); ok {
			return fact.Meaning.In(p.Lang.String())
		}
	}
	if key := "evidence.kind." + strings.TrimPrefix(name, "any_"); p.Has(key) {
		return p.Text(key)
	}
	return strings.ReplaceAll(name, "_", " ")
}

func (d *Desk) statementTable(p i18n.Printer, c screening.Case, list []screening.Statement, caption string) *ui.Table {
	names := map[sqldb.ID]string{}
	for _, m := range c.Members {
		names[m.ID] = m.Name
	}
	t := &ui.Table{Caption: p.Text(caption), Columns: []ui.Column{
		{Label: p.Text("findingsweb.kind"), Title: true}, {Label: p.Text("web.name")}, {Label: p.Text("findingsweb.value")}, {Label: p.Text("findingsweb.office")}, {Label: p.Text("findingsweb.as_of")},
	}}
	for _, s := range list {
		value := d.statementWords(p, s.Value)
		if c.Hidden {
			value = p.Text("findingsweb.not_shown")
		}
		t.Rows = append(t.Rows, ui.Row{ID: s.ID.String(), Label: p.Text("evidence.kind." + s.Kind), Cells: []ui.Cell{
			{Text: p.Text("evidence.kind." + s.Kind)}, {Text: dash(names[s.Person])}, {Text: dash(value)}, {Text: dash(s.Source)}, {Text: dash(p.DateTextShort(s.AsOf))},
		}})
	}
	return t
}

func findingMembers(p i18n.Printer, c screening.Case) *ui.Table {
	t := &ui.Table{Caption: p.Text("proposalsweb.member_list"), Columns: []ui.Column{{Label: p.Text("web.name"), Title: true}, {Label: p.Text("web.relation")}, {Label: p.Text("web.birth_date")}, {Label: p.Text("web.match"), Status: true}}}
	for _, m := range c.Members {
		row := ui.Row{ID: m.ID.String(), Label: m.Name, Cells: []ui.Cell{
			{Text: m.Name, Sub: m.NIK.String()}, {Text: p.Text("person.relation." + m.Relation.String())}, {Text: dash(p.DateText(m.BirthDate.Text()))}, {Chip: personChip(p, m)}}}
		if m.ID == c.Finding.Person {
			row.Tone = ui.Wait
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (d *Desk) findingEvents(r *http.Request, p i18n.Printer, c screening.Case) []ui.Event {
	zone := d.Places.Tree().Zone(c.Finding.Area).Location()
	var out []ui.Event
	for _, e := range c.Events {
		one := ui.Event{When: p.Moment(e.At.In(zone)), ISO: e.At.Format(time.RFC3339), Title: p.Text("screening.event." + e.Action), Tone: findingChip(p, e.To).Tone, Text: e.Note}
		if e.Number != "" {
			one.Title = p.Text("findingsweb.objection_number", "event", one.Title, "number", e.Number)
		}
		if by, err := d.Accounts.Load(r.Context(), e.Actor); err == nil {
			one.By = p.Text("proposalsweb.by", "name", by.Name, "role", roleWords(p, by))
		} else if e.Action == "appeal" {
			one.By = p.Text("findingsweb.by_letter")
		}
		if e.Reason != "" {
			if reason, err := d.Proposals.Rules().Reasons.Find(e.Reason, d.Places.LocalDate(c.Finding.Area, d.Now())); err == nil {
				one.Text = strings.TrimSuffix(reason.Label.In(p.Lang.String())+" · "+e.Note, " · ")
			}
		}
		out = append(out, one)
	}
	return out
}

// findingForms are the decision, and the objection an operator takes in for the family.
func (d *Desk) findingForms(p i18n.Printer, who access.Actor, c screening.Case, problems []ui.FieldError, typed url.Values) []desk.FormView {
	f := c.Finding
	action := "/temuan/" + rowID(f.Tenant, f.ID)
	hidden := []ui.Hidden{{Name: "version", Value: itoa(f.Version)}}
	var out []desk.FormView
	if f.State.Open() && who.Allow(access.DecideFinding, f.Tenant, f.Area) == nil {
		form := desk.FormView{ID: "putuskan", Title: p.Text("findingsweb.decide"), Text: p.Text("findingsweb.decide_text"), Form: ui.Form{Action: action, Hidden: hidden, Guard: true},
			Fields: d.findingFields(p, c, proposal.UseReactivate, "", "findingsweb.dismiss_reason", problems, typed)}
		if f.State == screening.Found || f.State == screening.Appealed {
			form.Buttons = append(form.Buttons, ui.Button{Label: p.Text("findingsweb.uphold." + string(f.State)), Name: "do", Value: "uphold"})
		}
		form.Buttons = append(form.Buttons, ui.Button{Label: p.Text("findingsweb.dismiss"), Name: "do", Value: "dismiss", Secondary: true})
		out = append(out, form)
	}
	if (f.State == screening.Noticed || f.State == screening.Removed) && who.Allow(access.HandleGrievance, f.Tenant, f.Area) == nil {
		out = append(out, desk.FormView{ID: "sanggah", Title: p.Text("findingsweb.appeal"), Text: p.Text("findingsweb.appeal_text"), Form: ui.Form{Action: action + "/sanggah", Hidden: hidden, Guard: true},
			Fields: d.findingFields(p, c, proposal.UseObject, "appeal_", "findingsweb.appeal_reason", problems, typed), Buttons: []ui.Button{{Label: p.Text("findingsweb.appeal_button")}}})
	}
	return out
}

func (d *Desk) findingFields(p i18n.Printer, c screening.Case, use proposal.Use, prefix, key string, problems []ui.FieldError, typed url.Values) []desk.FieldView {
	options := []ui.Option{{Value: "", Label: p.Text("proposalsweb.choose_reason")}}
	for _, reason := range d.Proposals.Rules().Reasons.For(use, d.Places.LocalDate(c.Finding.Area, d.Now())) {
		options = append(options, ui.Option{Value: reason.Code, Label: reason.Label.In(p.Lang.String()), Selected: typed.Get(prefix+"reason") == reason.Code})
	}
	return []desk.FieldView{
		{Field: ui.Field{Name: prefix + "reason", Label: p.Text(key), Hint: p.Text(key + "_hint"), Error: problemOf(problems, prefix+"reason")}, Options: options, Select: true},
		{Field: ui.Field{Name: prefix + "note", Label: p.Text("findingsweb.note"), Hint: p.Text("findingsweb.note_hint"), Value: typed.Get(prefix + "note"), Error: problemOf(problems, prefix+"note"), Optional: true, MaxLength: 1000}, Rows: 3},
	}
}

// decideFinding upholds or dismisses.
func (d *Desk) decideFinding(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "version", "do", "reason", "note")
	if err != nil {
		return err
	}
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	version, err := atoi(form.Get("version"))
	do := form.Get("do")
	if err != nil || do != "uphold" && do != "dismiss" {
		return fail.Invalid("request.unknown_field")
	}
	decision := screening.Decision{Version: version, Uphold: do == "uphold", Note: form.Get("note")}
	if !decision.Uphold {
		decision.Reason = form.Get("reason")
	}
	_, err = d.Screening.Decide(r.Context(), who, tenant, id, decision)
	return d.afterFinding(w, r, who, err, "", form)
}

// appealFinding takes an objection in.
func (d *Desk) appealFinding(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	form, err := httpkit.ReadForm(r, "version", "appeal_reason", "appeal_note")
	if err != nil {
		return err
	}
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	version, err := atoi(form.Get("version"))
	if err != nil {
		return fail.Invalid("request.unknown_field")
	}
	_, err = d.Screening.Appeal(r.Context(), who, tenant, id, screening.Appeal{Version: version, Reason: form.Get("appeal_reason"), Note: form.Get("appeal_note")})
	return d.afterFinding(w, r, who, err, "appeal_", form)
}

// afterFinding goes back to the finding, or shows on the form why nothing happened.
func (d *Desk) afterFinding(w http.ResponseWriter, r *http.Request, who access.Actor, done error, prefix string, form url.Values) error {
	e, ok := fail.As(done)
	if done == nil {
		d.decided(w, r, findingQueue, "/temuan/"+r.PathValue("id"))
		return nil
	}
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict && e.Code != "access.same_person" {
		return done
	}
	c, err := d.openFinding(r, who)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	problem := ui.FieldError{Message: p.Error(e)}
	switch e.Code {
	case "finding.reason", "reason.unknown", "reason.use":
		problem.Field = prefix + "reason"
	case "finding.changed":
		if events := d.findingEvents(r, p, c); len(events) > 0 {
			last := events[len(events)-1]
			problem.Message = p.Text("findingsweb.faster", "who", last.By, "event", last.Title, "at", last.When)
		}
	}
	status := http.StatusUnprocessableEntity
	if e.Kind == fail.KindConflict {
		status = http.StatusConflict
	}
	return d.showFinding(w, r, who, c, status, []ui.FieldError{problem}, form)
}
