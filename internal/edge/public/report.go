package public

import (
	"net/http"
	"net/url"

	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	view "tepat/web/public"
	"tepat/web/ui"
)

func reportFields() []string {
	return []string{"request", "wilayah", "topic", "area", "text", "unnamed", "name", "nik", "phone"}
}

// reportForm is the form of a complaint. Nobody has to say who she is.
func (s *Site) reportForm(w http.ResponseWriter, r *http.Request) error {
	at, drawn, err := s.within(w, r, reportPath, "public.report.title")
	if err != nil || drawn {
		return err
	}
	return s.showReport(w, r, http.StatusOK, url.Values{"request": {sqldb.NewID().String()}, "wilayah": {dotted(at)}}, nil)
}

func dotted(at area.Code) string {
	if at == area.Nation {
		return ""
	}
	return at.Dotted()
}

func (s *Site) showReport(w http.ResponseWriter, r *http.Request, status int, typed url.Values, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := s.sentPage(p, reportPath, "public.report.title", problems)
	page.Lead = p.Text("public.report.lead")
	page.Description = page.Lead
	f := &fileFields{p: p, typed: typed, problems: problems}
	var kinds []ui.Option
	for _, k := range grievance.Kinds() {
		kinds = append(kinds, ui.Option{Value: string(k), Label: p.Text("public.report.kind." + string(k))})
	}
	f.radios("topic", kinds)
	f.choose("area", false, s.villages(p, parsed(typed.Get("wilayah"))))
	f.words("text", false)
	s.filesInput(f)
	unnamed := f.field("unnamed", true)
	f.out = append(f.out, ui.CheckboxField(unnamed, []ui.Option{{Value: "ya", Label: p.Text("public.file.unnamed_yes"), Selected: typed.Get("unnamed") == "ya"}}))
	f.line("name", true, 60)
	f.digits("nik", ui.NIK, true, 16)
	f.digits("phone", ui.Phone, true, 20)
	return s.showForm(w, r, status, page, view.FormView{Action: s.href(p, reportPath), Multipart: s.Desk.Papers != nil, Hidden: kept(typed, "request", "wilayah"), Fields: f.out, Problems: problems,
		Question: s.question(s.filings, p, s.address(r), s.o.Now()), Buttons: []ui.Button{{Label: p.Text("public.report.submit")}}})
}

// parsed reads an area a form carries along; what is none is the whole.
func parsed(text string) area.Code {
	at, err := area.Parse(text)
	if err != nil {
		return area.Nation
	}
	return at
}

// kept are the values a form carries along unseen.
func kept(typed url.Values, names ...string) []ui.Hidden {
	var out []ui.Hidden
	for _, name := range names {
		out = append(out, ui.Hidden{Name: name, Value: typed.Get(name)})
	}
	return out
}

// report takes a complaint in. The answer is the receipt itself: sent again it is the same one.
func (s *Site) report(w http.ResponseWriter, r *http.Request) error {
	in, files, wrong, err := s.receiveFiles(r, s.filings, reportFields()...)
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, reportPath, err)
	}
	if err != nil {
		return err
	}
	filing, problems := readReport(in)
	problems = append(problems, wrong...)
	if len(problems) == 0 && !s.solved(s.filings, in) {
		problems = append(problems, unsolved(in))
	}
	if len(problems) > 0 {
		return s.showReport(w, r, http.StatusUnprocessableEntity, in.form, problems)
	}
	receipt, err := s.Desk.Cases.FileSelf(r.Context(), grievances.SelfFiling{Filing: filing})
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, reportPath, err)
	}
	if err != nil {
		status, problems, err := refusal(in.p, err, caseField)
		if err != nil {
			return err
		}
		return s.showReport(w, r, status, in.form, problems)
	}
	s.filings.miss(in.from, in.now)
	return s.receipt(w, r, receiptOf{path: reportPath, title: "public.report.received", number: receipt.Number, code: receipt.Code, filed: receipt.FiledOn, answer: receipt.AnswerBy,
		next: in.p.Text("public.report.next"), notices: s.attach(r, in.p, receipt.Tenant, receipt.Case, files)})
}

// readReport reads the form, with what is wrong about it.
func readReport(in sent) (f grievances.Filing, problems []ui.FieldError) {
	wrong := func(field string, err error) {
		problems = append(problems, ui.FieldError{Field: field, Message: in.p.Error(err)})
	}
	f = grievances.Filing{Kind: grievances.Complaint, Topic: in.form.Get("topic"), Anonymous: in.form.Get("unnamed") == "ya", Document: grievances.Document{Words: in.form.Get("text")}}
	f.Request = readRequest(in.form, wrong)
	if f.Topic == "" {
		wrong("topic", fail.Invalid("grievance.kind"))
	}
	f.Area = readVillage(in.form, wrong)
	if f.Document.Words == "" {
		wrong("text", fail.Invalid("grievance.words"))
	}
	if !f.Anonymous {
		readFiler(in.form, &f.Document.Contact, false, wrong)
	}
	return f, problems
}

func readRequest(form url.Values, wrong func(string, error)) sqldb.ID {
	id, err := sqldb.ParseID(form.Get("request"))
	if err != nil {
		wrong("", fail.Invalid("request.unreadable"))
	}
	return id
}

func readVillage(form url.Values, wrong func(string, error)) area.Code {
	at, err := area.Parse(form.Get("area"))
	if err != nil || at.Level() != area.LevelVillage {
		wrong("area", fail.Invalid("grievance.village"))
	}
	return at
}

// readFiler reads who sends it; with her NIK asked for where it is her proof.
func readFiler(form url.Values, c *grievances.Contact, proof bool, wrong func(string, error)) {
	if text := form.Get("name"); text != "" {
		name, err := person.NewName(text)
		if err != nil {
			wrong("name", err)
		}
		c.Name = name
	}
	if text := form.Get("nik"); text != "" || proof {
		nik, err := person.ParseNIK(text)
		if err != nil {
			wrong("nik", err)
		}
		c.NIK = nik
	}
	if text := form.Get("phone"); text != "" {
		phone, err := person.ParsePhone(text)
		if err != nil {
			wrong("phone", err)
		}
		c.Phone = phone
	}
}

// caseField says which field of a citizen's form an error is about.
func caseField(e *fail.Error) string {
	switch e.Code {
	case "grievance.not_proven", "objection.owner":
		return "nik"
	case "objection.neighbour":
		return "area"
	case "reason.evidence":
		return "paper"
	case "number.format", "grievance.unknown_proposal", "grievance.not_refused", "grievance.window_over", "objection.own", "track.unknown":
		return "proposal"
	case "track.digits":
		return "digits"
	}
	return e.Field
}

// receiptOf is what a receipt says.
type receiptOf struct {
	path, title   string
	number, code  string
	filed, answer period.Date
	next          string
	notices       []ui.Notice
}

// receipt answers a sending with its number, the code to track it with, and what comes next.
func (s *Site) receipt(w http.ResponseWriter, r *http.Request, c receiptOf) error {
	p := i18n.Of(r)
	page := s.page(p, c.path, "public.file.receipt_title")
	at := p.Moment(s.moment(s.o.Now()))
	page.Lead, page.Printed = p.Text("public.file.shown_at", "at", at), ui.Printed{At: at, By: p.Text("public.answer.by")}
	if s.o.Address != "" {
		page.Printed.Address = s.o.Address + trackPath
	}
	code := ui.SummaryItem{Label: p.Text("public.file.code"), Value: c.code, Sub: p.Text("public.file.code_hint")}
	if c.code == "" {
		code.Value = p.Text("public.file.code_known")
	}
	return s.showCase(w, r, http.StatusOK, page, view.CaseView{Received: p.Text(c.title), Number: c.number, Sections: []view.Part{
		{ID: "rincian", Title: p.Text("public.answer.next"), Text: c.next, Items: []ui.SummaryItem{
			{Label: p.Text("public.file.filed"), Value: p.DateText(c.filed.Text())}, {Label: p.Text("public.file.answer_by"), Value: p.DateText(c.answer.Text())}, code,
		}}}, Notices: append(c.notices, ui.Notice{Tone: ui.Info, Title: p.Text("public.file.keep"), Text: p.Text("public.file.keep_text")}),
		Links: []ui.Link{{Label: p.Text("public.track.title"), Href: s.href(p, trackPath)}}})
}
