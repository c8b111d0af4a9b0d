package public

import (
	"net/http"
	"net/url"
	"regexp"

	"github.com/a-h/templ"

	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/lookups"
	view "tepat/web/public"
	"tepat/web/ui"
)

// ownHead starts one of a person's own pages. No robot keeps it, and no browser.
func (s *Site) ownHead(w http.ResponseWriter, p i18n.Printer, path, title string) ui.Page {
	w.Header().Set("X-Robots-Tag", "noindex")
	page := s.page(p, path, title)
	at := p.Moment(s.moment(s.o.Now()))
	page.AsOf, page.Printed = p.Text("public.answer.as_of", "at", at), ui.Printed{At: at, By: p.Text("public.answer.by")}
	if path != ownPath {
		page.Back = &ui.Link{Label: p.Text("public.own.title"), Href: s.href(p, ownPath)}
	}
	return page
}

// ownPage is what is kept about a person and her family.
func (s *Site) ownPage(w http.ResponseWriter, r *http.Request, in lookups.Opened) error {
	record, err := s.Own.Record.See(r.Context(), in)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := s.ownHead(w, p, ownPath, "public.own.title")
	page.Lead = p.Text("public.own.lead", "name", record.Person.Name)
	v := view.CaseView{Notices: []ui.Notice{s.standing(p, record)}, Sections: []view.Part{
		s.placesPart(p, record), s.stopsPart(p, record), s.paymentsPart(p, record), s.familyPart(p, record), s.membersPart(p, record), s.answersPart(p, record), s.visitsPart(p, record),
	}}
	rights := view.Part{ID: "hak", Title: p.Text("public.own.rights"), Text: p.Text("public.own.rights_text"), Links: []ui.Link{
		{Label: p.Text("public.own.looks"), Href: s.href(p, looksPath)}, {Label: p.Text("public.own.download"), Href: s.href(p, downloadPath)}}}
	if s.Desk != nil {
		rights.Links = append(rights.Links, ui.Link{Label: p.Text("public.own.correct"), Href: s.href(p, correctPath)}, ui.Link{Label: p.Text("public.object.title"), Href: s.href(p, objectPath)})
	}
	v.Sections = append(v.Sections, rights)
	v.Forms = []view.PartForm{
		{ID: "keluar", Title: p.Text("public.own.leave_title"), Text: p.Text("public.own.leave_text", "minutes", int(ownIdle.Minutes())), Action: s.href(p, leavePath), Buttons: []ui.Button{{Label: p.Text("public.own.leave")}}},
		{ID: "kode", Title: p.Text("public.own.code_title"), Text: p.Text("public.own.code_text", "number", record.Code.Number, "until", p.DateText(record.Code.ExpiresOn.Text())),
			Action: s.href(p, endPath), Buttons: []ui.Button{{Label: p.Text("public.own.end"), Secondary: true}}},
	}
	return s.showCase(w, r, http.StatusOK, page, v)
}

// standing says in one sentence whether the person is in the registry.
func (s *Site) standing(p i18n.Printer, r lookups.Record) ui.Notice {
	place := s.Own.Place(r.Family.Area)
	if r.Active() {
		return ui.Notice{Tone: ui.Good, Title: p.Text("public.own.listed"), Text: p.Text("public.own.listed_text", "place", place)}
	}
	text := p.Text("public.own.ended_text", "place", place)
	if s.Desk == nil {
		text = p.Text("public.own.ended_ask", "place", place)
	}
	return ui.Notice{Tone: ui.Wait, Title: p.Text("public.own.ended"), Text: text}
}

// placesPart tells which programmes the family is in, with what they give and since when.
func (s *Site) placesPart(p i18n.Printer, r lookups.Record) view.Part {
	t := &ui.Table{Caption: p.Text("public.own.places"), Columns: []ui.Column{
		{Label: p.Text("public.own.programme"), Title: true}, {Label: p.Text("public.own.amount"), Numeric: true}, {Label: p.Text("public.own.since")}, {Label: p.Text("public.own.state"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("public.own.no_place"), Text: p.Text("public.own.no_place_text")}}
	for _, e := range r.Places {
		tone := map[string]ui.Tone{"enrolled": ui.Good, "suspended": ui.Bad, "ended": ui.Plain}[e.State.String()]
		chip := ui.Chip{Label: p.Text("programmes.state." + e.State.String()), Tone: tone}
		when := p.DateTextShort(e.From.Text())
		if !e.To.IsZero() {
			when = p.Text("public.own.from_to", "from", when, "to", p.DateTextShort(e.To.Text()))
		}
		t.Rows = append(t.Rows, ui.Row{ID: e.ID.String(), Label: s.programme(p, string(e.Programme)), Cells: []ui.Cell{
			{Text: s.programme(p, string(e.Programme)), Sub: r.NameOf(e.Person)}, {Text: p.Rupiah(int64(e.Amount))}, {Text: when}, {Chip: &chip}}})
	}
	return view.Part{ID: "program", Title: p.Text("public.own.places"), Text: p.Text("public.own.places_text"), Table: t}
}

// stopsPart says why something stopped, or is about to.
func (s *Site) stopsPart(p i18n.Printer, r lookups.Record) view.Part {
	part := view.Part{ID: "alasan", Title: p.Text("public.own.stops")}
	add := func(day period.Date, title, text string, tone ui.Tone) {
		part.Events = append(part.Events, ui.Event{When: p.DateText(day.Text()), ISO: day.Text(), Title: title, Text: text, Tone: tone})
	}
	for _, f := range r.Findings {
		text := s.Own.Criterion(p, f.Criterion)
		if !f.DueOn.IsZero() && f.EffectiveOn.IsZero() {
			text = joined(text, p.Text("public.own.answer_until", "date", p.DateText(f.DueOn.Text())))
		}
		if !f.EffectiveOn.IsZero() {
			text = joined(text, p.Text("public.own.in_force", "date", p.DateText(f.EffectiveOn.Text())))
		}
		add(f.Facts.Day, p.Text("public.own.finding."+string(f.State)), text, ui.Wait)
	}
	for _, e := range r.Places {
		for _, c := range e.Changes {
			text := s.reasonWords(p, c.Reason)
			add(period.DateOf(c.DecidedAt, s.o.Zone), joined(s.programme(p, string(c.Programme)), p.Text("programmes.change."+string(c.Kind))), text, ui.Info)
		}
		if words := "programmes.ended." + e.EndedReason; !e.To.IsZero() && e.EndedReason != "" && len(e.Changes) == 0 && p.Has(words) {
			add(e.To, joined(s.programme(p, string(e.Programme)), p.Text("programmes.state.ended")), p.Text(words), ui.Plain)
		}
	}
	if len(part.Events) == 0 {
		part.Text = p.Text("public.own.no_stop")
	}
	return part
}

func (s *Site) reasonWords(p i18n.Printer, code string) string {
	if s.Desk == nil || code == "" {
		return code
	}
	return s.Desk.Reason(p, code)
}

// mostPaid bounds the payments of a page; the file has the others.
const mostPaid = 12

func (s *Site) paymentsPart(p i18n.Printer, r lookups.Record) view.Part {
	t := &ui.Table{Caption: p.Text("public.own.payments"), Columns: []ui.Column{
		{Label: p.Text("public.own.programme"), Title: true}, {Label: p.Text("public.own.stage")}, {Label: p.Text("public.own.paid"), Numeric: true}, {Label: p.Text("public.own.state"), Status: true},
	}, Empty: &ui.Empty{Title: p.Text("public.own.no_payment")}}
	for _, one := range r.Payments[:min(len(r.Payments), mostPaid)] {
		name := s.programme(p, string(one.Programme))
		t.Rows = append(t.Rows, ui.Row{ID: one.ID.String(), Label: name, Cells: []ui.Cell{
			{Text: name, Sub: one.Name}, {Text: s.Own.Stage(p, string(one.Programme), one.Period)}, {Text: p.Rupiah(int64(one.Amount))},
			{Chip: &ui.Chip{Label: one.Meaning.Label.In(p.Lang.String()), Tone: ui.Info}}}})
	}
	return view.Part{ID: "penyaluran", Title: p.Text("public.own.payments"), Table: t}
}

// familyPart is what the registry holds of the family.
func (s *Site) familyPart(p i18n.Printer, r lookups.Record) view.Part {
	f := r.Family
	decile := p.Text("public.own.unranked")
	if f.Decile > 0 {
		decile = p.Text("public.own.decile_of", "decile", f.Decile, "vintage", periodWords(p, f.DecileVintage))
	}
	changed := p.Text("public.own.by_import", "source", r.LastChange.Source)
	if r.LastChange.Role != "" {
		changed = p.Text("public.own.by_office", "role", p.Text("role."+string(r.LastChange.Role)), "place", s.Own.Place(r.LastChange.Area))
	}
	return view.Part{ID: "data", Title: p.Text("public.own.data"), Text: p.Text("public.own.data_text"), Items: []ui.SummaryItem{
		{Label: p.Text("public.own.kk"), Value: orDash(f.KK.String())}, {Label: p.Text("public.own.head"), Value: f.HeadName},
		{Label: p.Text("public.own.address"), Value: orDash(f.Address), Sub: rtrw(p, f.RT, f.RW)}, {Label: p.Text("public.own.village"), Value: s.Own.Place(f.Area)},
		{Label: p.Text("public.own.phone"), Value: orDash(f.Phone.String())}, {Label: p.Text("public.own.decile"), Value: decile},
		{Label: p.Text("public.own.source"), Value: f.Source, Sub: p.DateText(f.SourceDate)},
		{Label: p.Text("public.own.changed"), Value: p.Moment(s.moment(r.LastChange.At)), Sub: changed},
	}}
}

func (s *Site) membersPart(p i18n.Printer, r lookups.Record) view.Part {
	t := &ui.Table{Caption: p.Text("public.own.members"), Columns: []ui.Column{
		{Label: p.Text("public.own.name"), Title: true}, {Label: p.Text("public.own.relation")}, {Label: p.Text("public.own.birth")}, {Label: p.Text("public.own.match"), Status: true},
	}}
	for _, m := range r.Members {
		tone := ui.Wait
		if m.Match.Code() == "matched" {
			tone = ui.Good
		}
		sub := orDash(m.NIK.String())
		if m.ID == r.Person.ID {
			sub = p.Text("public.own.you", "nik", sub)
		}
		t.Rows = append(t.Rows, ui.Row{ID: m.ID.String(), Label: m.Name, Cells: []ui.Cell{{Text: m.Name, Sub: sub}, {Text: p.Text("person.relation." + m.Relation.String()), Sub: p.Text("person.sex." + m.Sex.String())},
			{Text: p.DateText(m.BirthDate.Text()), Sub: m.BirthPlace}, {Chip: &ui.Chip{Label: p.Text("civilmatch.status." + m.Match.Code()), Tone: tone}}}})
	}
	return view.Part{ID: "anggota", Title: p.Text("public.own.members"), Table: t}
}

// answersPart tells which forms were filled in; what was answered stands in the file.
func (s *Site) answersPart(p i18n.Printer, r lookups.Record) view.Part {
	part := view.Part{ID: "isian", Title: p.Text("public.own.answers"), Text: p.Text("public.own.answers_text")}
	for _, a := range r.Answers {
		about := r.NameOf(a.Subject)
		if about == "" {
			about = p.Text("public.own.family")
		}
		part.Items = append(part.Items, ui.SummaryItem{Label: about, Value: p.Text("public.own.answered", "version", a.Questionnaire, "source", a.Source), Sub: p.DateText(a.CollectedAt)})
	}
	if len(part.Items) == 0 {
		part.Text = p.Text("public.own.no_answers")
	}
	return part
}

// visitsPart tells on which days an officer came, and what was found: no names and no words of the officer's.
func (s *Site) visitsPart(p i18n.Printer, r lookups.Record) view.Part {
	part := view.Part{ID: "kunjungan", Title: p.Text("public.own.visits"), Text: p.Text("public.own.visits_text")}
	if s.Desk == nil { // this site takes no requests
		part.Text = p.Text("public.own.visits_ask")
	}
	for _, v := range r.Visits {
		part.Events = append(part.Events, ui.Event{When: p.DateText(v.On.Text()), ISO: v.On.Text(), Title: outcomeWords(p, string(v.Outcome)), Tone: ui.Info})
	}
	if len(part.Events) == 0 {
		part.Text = p.Text("public.own.no_visit")
	}
	return part
}

func outcomeWords(p i18n.Printer, outcome string) string {
	return p.Text("visits.outcome." + outcome)
}

// looksRows is how many looks one page shows.
const looksRows = 20

// looks tells who opened or changed the record: offices and purposes, never an officer's name.
func (s *Site) looks(w http.ResponseWriter, r *http.Request, in lookups.Opened) error {
	q, err := httpkit.ReadQuery(r, "sesudah")
	if err != nil {
		return err
	}
	var after sqldb.ID
	if text := q.Get("sesudah"); text != "" {
		if after, err = sqldb.ParseID(text); err != nil {
			return fail.NotFound("request.not_found")
		}
	}
	list, err := s.Own.Record.Looks(r.Context(), in, after, looksRows)
	if err != nil {
		return err
	}
	p := i18n.Of(r)
	page := s.ownHead(w, p, looksPath, "public.own.looks")
	page.Lead = p.Text("public.own.looks_lead")
	part := view.Part{ID: "akses", Title: p.Text("public.own.looks_list")}
	for _, l := range list {
		by := p.Text("public.own.by_self")
		switch {
		case l.Own:
		case l.Role == "citizen" || l.Role == "system":
			by = p.Text("proposals.role." + string(l.Role))
		case l.Role != "":
			by = p.Text("public.own.by_office", "role", p.Text("role."+string(l.Role)), "place", s.Own.Place(l.Area))
		default:
			by = s.Own.Place(l.Area)
		}
		at := s.moment(l.At)
		part.Events = append(part.Events, ui.Event{When: p.Moment(at), ISO: at.Format("2006-01-02T15:04:05Z07:00"), Title: actTitle(p, l.Act), By: by, Text: purposeText(p, l.Purpose), Tone: ui.Info})
	}
	if len(list) == 0 {
		part.Text = p.Text("public.own.no_look")
	}
	v := view.CaseView{Sections: []view.Part{part}}
	if len(list) > 0 && len(list) == looksRows || after != (sqldb.ID{}) {
		v.Pager = &ui.Pager{Shown: p.Text("public.own.shown", "count", len(list))}
		if after != (sqldb.ID{}) {
			v.Pager.First = s.href(p, looksPath)
		}
		if len(list) == looksRows {
			to := url.Values{"sesudah": {list[len(list)-1].ID.String()}}
			if p.Lang != i18n.Indonesian {
				to.Set("lang", p.Lang.String())
			}
			v.Pager.Next = s.o.Prefix + looksPath + "?" + to.Encode()
		}
	}
	return s.showCase(w, r, http.StatusOK, page, v)
}

var wholeNumber = regexp.MustCompile(`\b[0-9]{16}\b`)

// maskedNumbers masks what may be a NIK or No. KK in words that an officer typed.
func maskedNumbers(text string) string {
	return wholeNumber.ReplaceAllStringFunc(text, func(n string) string { return n[:4] + " .... .... " + n[12:] })
}

// purposeText says what for a record was opened: a purpose of ours in words, any other as the officer typed it.
func purposeText(p i18n.Printer, purpose string) string {
	for _, family := range [2]string{"export.purpose.", "web.counter.purpose."} {
		if purpose != "" && p.Has(family+purpose) {
			return p.Text(family + purpose)
		}
	}
	return maskedNumbers(purpose)
}

// actTitle says an act in words, as the log of the office does.
func actTitle(p i18n.Printer, act string) string {
	if key := "auditweb.act." + act; p.Has(key) {
		return p.Text(key)
	}
	group := act
	for i := range act {
		if act[i] == '.' {
			group = act[:i]
			break
		}
	}
	if key := "auditweb.group." + group; p.Has(key) {
		return p.Text(key)
	}
	return p.Text("public.own.other_act")
}

// correctForm asks what is wrong in the record.
func (s *Site) correctForm(w http.ResponseWriter, r *http.Request, in lookups.Opened) error {
	return s.showCorrect(w, r, in, http.StatusOK, url.Values{"request": {sqldb.NewID().String()}}, nil)
}

func (s *Site) showCorrect(w http.ResponseWriter, r *http.Request, _ lookups.Opened, status int, typed url.Values, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := s.ownHead(w, p, correctPath, "public.own.correct")
	page.Lead, page.HideHeading, page.Failed = p.Text("public.own.correct_lead"), true, len(problems) > 0
	f := &fileFields{p: p, typed: typed, problems: problems}
	f.words("correction", false)
	return s.showForm(w, r, status, page, view.FormView{Action: s.href(p, correctPath), Hidden: kept(typed, "request"), Fields: []templ.Component{f.out[0]}, Problems: problems,
		Buttons: []ui.Button{{Label: p.Text("public.own.correct_send")}}, Cancel: &ui.Link{Label: p.Text("public.own.title"), Href: s.href(p, ownPath)}})
}

// correct sends the request as a complaint about data, in the name of who is in.
func (s *Site) correct(w http.ResponseWriter, r *http.Request, in lookups.Opened) error {
	sent, err := s.receive(r, s.filings, "request", "correction")
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, sent.now, correctPath, err)
	}
	if err != nil {
		return err
	}
	var problems []ui.FieldError
	request := readRequest(sent.form, func(field string, err error) {
		problems = append(problems, ui.FieldError{Field: field, Message: sent.p.Error(err)})
	})
	if sent.form.Get("correction") == "" {
		problems = append(problems, ui.FieldError{Field: "correction", Message: sent.p.Error(fail.Invalid("grievance.words"))})
	}
	if len(problems) > 0 {
		return s.showCorrect(w, r, in, http.StatusUnprocessableEntity, sent.form, problems)
	}
	record, err := s.Own.Record.See(r.Context(), in)
	if err != nil {
		return err
	}
	name, err := person.NewName(record.Person.Name)
	if err != nil {
		name = person.Name("")
	}
	filing := grievances.Filing{Request: request, Kind: grievances.Complaint, Topic: string(grievance.Data), Area: record.Family.Area,
		Document: grievances.Document{Words: sent.form.Get("correction"), Contact: grievances.Contact{Name: name, NIK: record.Person.NIK}}}
	receipt, err := s.Desk.Cases.FileSelf(r.Context(), grievances.SelfFiling{Filing: filing})
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, sent.now, correctPath, err)
	}
	if err != nil {
		status, problems, err := refusal(sent.p, err, func(*fail.Error) string { return "correction" })
		if err != nil {
			return err
		}
		return s.showCorrect(w, r, in, status, sent.form, problems)
	}
	return s.receipt(w, r, receiptOf{path: correctPath, title: "public.own.corrected", number: receipt.Number, code: receipt.Code, filed: receipt.FiledOn, answer: receipt.AnswerBy,
		next: sent.p.Text("public.own.correct_next")})
}
