package web

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/programme"
	"tepat/internal/edge/print"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/letters"
	"tepat/internal/service/programmes"
	"tepat/web/desk"
	"tepat/web/ui"

	"tepat/internal/kit/httpkit"
)

// enrolment explains one place on a list: where it stands, what it gives, and how that was worked out.
func (d *Desk) enrolment(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	return d.showEnrolment(w, r, who, http.StatusOK, nil, url.Values{})
}

func (d *Desk) showEnrolment(w http.ResponseWriter, r *http.Request, who access.Actor, status int, problems []ui.FieldError, typed url.Values) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	s, err := d.Programmes.Explain(r.Context(), who, tenant, id, "")
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	name := s.Programme.Name.In(p.Lang.String())
	page := d.page(r, who, "programmesweb.place_title", "name", s.Family.HeadName)
	page.Lead = name
	page.Back = d.back(r, name, "/program/"+string(s.Enrolment.Programme)+"?daftar="+rowID(tenant, s.List.ID))
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	v := desk.RecordView{Beside: true, Problems: problems, Chips: []ui.Chip{enrolmentChip(p, s.Enrolment.State)}, Notices: storyNotices(p, s), Sections: []desk.Section{
		{ID: "tempat", Title: p.Text("programmesweb.place"), Items: storyItems(p, s)},
		{ID: "hitungan", Title: p.Text("programmesweb.working"), Text: workingText(p, s), Table: workingTable(p, s)},
		{ID: "tahap", Title: p.Text("programmesweb.stages"), Table: stageTable(p, s)},
	}, Links: []ui.Link{{Label: p.Text("web.bench.family", "name", s.Family.HeadName), Href: "/keluarga/" + rowID(tenant, s.Family.ID)}}}
	if s.Enrolment.State == programmes.Enrolled && who.Can(access.IssueLetter) {
		v.Links = append(v.Links, ui.Link{Label: p.Text("programmesweb.letter"), Href: enrolmentPath(s.Enrolment) + "/surat"})
	}
	if len(s.Changes) > 0 {
		v.Sections = append(v.Sections, desk.Section{ID: "keputusan", Title: p.Text("programmesweb.decisions"), Events: d.changeEvents(r, p, s)})
		if c := s.Changes[0]; !c.Letter.IsZero() && who.Can(access.IssueLetter) {
			v.Links = append(v.Links, ui.Link{Label: p.Text("programmesweb.change_letter"), Href: "/program/" + string(c.Programme) + "/keputusan/" + rowID(c.Tenant, c.ID) + "/surat"})
		}
	}
	v.Forms = d.changeForms(p, s, who, problems, typed)
	return httpkit.Render(w, r, status, desk.Record(page, v))
}

func storyNotices(p i18n.Printer, s programmes.Story) (out []ui.Notice) {
	switch s.Enrolment.State {
	case programmes.Waiting, programmes.WouldWait:
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("programmesweb.why_waits"), Text: p.Text("programmesweb.why_waits_text", "position", s.Enrolment.Position, "quota", s.List.Quota)})
	case programmes.Suspended:
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("programmesweb.state.suspended"), Text: p.Text("programmesweb.suspended_text")})
	case programmes.Ended:
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("programmesweb.state.ended"), Text: p.Text("programmesweb.ended." + s.Enrolment.EndedReason)})
	}
	if c := openChange(s); c != nil {
		out = append(out, ui.Notice{Tone: ui.Wait, Title: p.Text("programmesweb.change_waits", "what", p.Text("programmes.change."+string(c.Kind))), Text: p.Text("programmesweb.change_waits_text")})
	}
	if s.Programme.Unverified || s.Working.Unverified {
		out = append(out, ui.Notice{Tone: ui.Info, Title: p.Text("programme.unverified"), Text: p.Text("programmesweb.unverified_text")})
	}
	return out
}

func storyItems(p i18n.Printer, s programmes.Story) []ui.SummaryItem {
	decile := p.Text("web.unranked")
	if s.Priority.Decile > 0 {
		decile = p.Number(s.Priority.Decile)
		if s.Priority.Estimated {
			decile = p.Text("web.decile_model", "n", s.Priority.Decile)
		}
	}
	decree := p.Text("programmesweb.no_decree")
	if s.Decree.Number != "" {
		decree = p.Text("programmesweb.decree_text", "number", s.Decree.Number, "on", p.DateText(s.Decree.On.Text()), "by", s.Decree.SignedBy)
	}
	items := []ui.SummaryItem{
		{Label: p.Text("programmesweb.position"), Value: p.Number(s.Enrolment.Position), Sub: p.Text("programmesweb.of_quota", "quota", s.List.Quota)},
		{Label: p.Text("programmesweb.priority"), Value: p.Text("web.decile") + ": " + decile, Sub: p.Text("programmesweb.priority_text", "components", s.Priority.Components, "since", dash(p.DateText(s.Priority.Since.Text())))},
		{Label: p.Text("programmesweb.stage_amount"), Value: p.Rupiah(int64(s.Enrolment.Amount)), Sub: p.Text("programmesweb.year_amount", "amount", p.Rupiah(int64(s.Year)))},
		{Label: p.Text("programmesweb.from"), Value: dash(p.DateText(s.Enrolment.From.Text()))},
		{Label: p.Text("programmesweb.payee"), Value: payeeWords(p, s)},
		{Label: p.Text("programmesweb.decree"), Value: decree},
		{Label: p.Text("programmesweb.basis"), Value: dash(s.Programme.LegalBasis)},
	}
	return items
}

// payeeWords names whom the programme is for, or who receives for the family.
func payeeWords(p i18n.Printer, s programmes.Story) string {
	if s.Enrolment.Person.IsZero() {
		return p.Text("programmesweb.no_payee")
	}
	return storyName(p, s, s.Enrolment.Person)
}

func workingText(p i18n.Printer, s programmes.Story) string {
	if len(s.Working.Lines) == 0 {
		return p.Text("programmesweb.flat", "year", p.Rupiah(int64(s.Year)))
	}
	return p.Text("programmesweb.working_text", "on", p.DateText(s.Working.On.Text()), "basis", dash(s.Working.LegalBasis))
}

// workingTable tells of each member what she counts as, and why not.
func workingTable(p i18n.Printer, s programmes.Story) *ui.Table {
	if len(s.Working.Lines) == 0 {
		return nil
	}
	t := &ui.Table{Caption: p.Text("programmesweb.working"), Columns: []ui.Column{
		{Label: p.Text("web.name"), Title: true}, {Label: p.Text("programmesweb.component")}, {Label: p.Text("programmesweb.per_year"), Numeric: true}, {Label: p.Text("programmesweb.counted"), Status: true},
	}}
	for i, l := range s.Working.Lines {
		chip := ui.Chip{Label: p.Text("programme.working." + string(l.Why))}
		if l.Taken() {
			chip.Tone = ui.Good
		}
		amount := p.Rupiah(int64(l.PerYear))
		if !l.Taken() {
			amount = "–"
		}
		name := storyName(p, s, l.Person)
		t.Rows = append(t.Rows, ui.Row{ID: "baris-" + itoa(int64(i)), Label: name, Cells: []ui.Cell{
			{Text: name}, {Text: dash(componentName(p, s.Programme, l.Component))}, {Text: amount}, {Chip: &chip}}})
	}
	t.Foot = []ui.Cell{{Text: p.Text("programmesweb.total")}, {}, {Text: p.Rupiah(int64(s.Year))}, {}}
	return t
}

func storyName(p i18n.Printer, s programmes.Story, id sqldb.ID) string {
	for _, m := range s.Members {
		if m.ID == id {
			return m.Name
		}
	}
	return p.Text("programmesweb.gone")
}

func componentName(p i18n.Printer, one programme.Programme, id string) string {
	for _, c := range one.Components.Items {
		if c.ID == id {
			return c.Name.In(p.Lang.String())
		}
	}
	return id
}

func stageTable(p i18n.Printer, s programmes.Story) *ui.Table {
	t := &ui.Table{Caption: p.Text("programmesweb.stages"), Plain: true, Columns: []ui.Column{{Label: p.Text("programmesweb.stage"), Title: true}, {Label: p.Text("programmesweb.amount"), Numeric: true}},
		Empty: &ui.Empty{Title: p.Text("programmesweb.once"), Text: p.Text("programmesweb.once_text", "amount", p.Rupiah(int64(s.Enrolment.Amount)))}}
	for i, amount := range s.Stages {
		t.Rows = append(t.Rows, ui.Row{ID: "tahap-" + itoa(int64(i)), Label: p.Number(int64(i + 1)), Cells: []ui.Cell{{Text: p.Text("programmesweb.stage_n", "n", i+1)}, {Text: p.Rupiah(int64(amount))}}})
	}
	return t
}

// awardLetter gives the letter to the family. Asked again it is the letter that was issued.
func (d *Desk) awardLetter(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	a, err := d.Programmes.Award(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	out, err := print.New(i18n.Of(r)).Award(d.awardOf(r, i18n.Of(r), who, a))
	if err != nil {
		return err
	}
	return d.sendFile(w, a.Letter.Number+".pdf", "application/pdf", func(to io.Writer) error {
		_, err := to.Write(out.PDF)
		return err
	})
}

// awardOf is what a letter of award says.
func (d *Desk) awardOf(r *http.Request, p i18n.Printer, who access.Actor, a programmes.Award) print.Award {
	addressee := a.Family.HeadName
	if a.Person.Name != "" {
		addressee = a.Person.Name
	}
	return print.Award{
		Issue: d.issueOf(r, p, who, a.Area, a.Letter), Family: addressee, Address: []string{a.Family.Address, rtrw(p, a.Family.RT, a.Family.RW), d.Places.Tree().Label(a.Area)}, Reference: a.Letter.Number,
		Programme: a.Programme.Name.In(p.Lang.String()), Amount: int64(a.Amount), Every: everyWords(p, a.MonthsAStage), Period: p.Text("programmesweb.letter_from", "month", p.DateText(a.From.Text())),
		Decree:      p.Text("programmesweb.decree_text", "number", a.Decree.Number, "on", p.DateText(a.Decree.On.Text()), "by", a.Decree.SignedBy),
		ObjectUntil: p.DateText(a.ObjectUntil.Text()), TrackURL: d.forCitizens(r, "/surat"),
	}
}

// changeLetter gives the letter that tells a family of a suspension or an end.
func (d *Desk) changeLetter(w http.ResponseWriter, r *http.Request, who access.Actor) error {
	tenant, id, err := rowOf(r)
	if err != nil {
		return err
	}
	t, err := d.Programmes.Tell(r.Context(), who, tenant, id)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	outcome := print.Suspended
	if t.Facts.Kind == programmes.End {
		outcome = print.Removed
	}
	tree := d.Places.Tree()
	out, err := print.New(p).Notice(print.Notice{
		Issue: d.issueOf(r, p, who, t.Area, t.Letter), Outcome: outcome, Family: t.Family.HeadName, Person: t.Person.Name,
		Address: []string{t.Family.Address, rtrw(p, t.Family.RT, t.Family.RW), tree.Label(t.Area)}, Reference: t.Letter.Number,
		Programme: t.Programme.Name.In(p.Lang.String()), Reason: lowerFirst(t.Reason.Label.In(p.Lang.String())), Effective: t.Facts.From.Text(),
		ObjectUntil: t.Facts.ObjectUntil.Text(), ObjectAt: p.Text("programmesweb.object_at", "office", d.Home.Name), AnswerBy: p.Text("programmesweb.object_answer"), TrackURL: d.forCitizens(r, "/surat"),
	})
	if err != nil {
		return err
	}
	return d.sendFile(w, t.Letter.Number+".pdf", "application/pdf", func(to io.Writer) error {
		_, err := to.Write(out.PDF)
		return err
	})
}

// lowerFirst begins a label in lower case, to stand inside a sentence; an abbreviation keeps its capitals.
func lowerFirst(text string) string {
	if len(text) < 2 || text[1] >= 'A' && text[1] <= 'Z' {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

// issueOf is what every letter of the office has.
func (d *Desk) issueOf(r *http.Request, p i18n.Printer, who access.Actor, at area.Code, l letters.Letter) print.Issue {
	zone := d.Places.Tree().Zone(at).Location()
	return print.Issue{
		Office: print.Office{Name: strings.ToUpper(d.Home.Name), Place: d.Places.Tree().Name(at.District())}, Number: l.Number, Code: l.Code, Issued: l.IssuedAt.In(zone),
		Signer: print.Signer{Role: p.Text("role.agency_head")}, CheckURL: d.forCitizens(r, "/surat"), Training: d.Home.Training, Synthetic: d.Home.Training, Printed: d.Now().In(zone), PrintedBy: who.Name,
	}
}

// everyWords says how often an amount is paid.
func everyWords(p i18n.Printer, months int) string {
	switch months {
	case 0:
		return p.Text("programmesweb.every_once")
	case 1:
		return p.Text("programmesweb.every_month")
	default:
		return p.Text("programmesweb.every_months", "months", months)
	}
}
