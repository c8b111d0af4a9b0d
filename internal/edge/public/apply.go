package public

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/edge/familyform"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	view "tepat/web/public"
	"tepat/web/ui"
)

func applyFields() []string {
	return append(familyform.Fields(), "request", "wilayah", "sender", "programme", "do")
}

// applyForm is the form in which a family proposes itself. It is sent in two steps and kept
// nowhere between them: the answers travel in the page.
func (s *Site) applyForm(w http.ResponseWriter, r *http.Request) error {
	at, drawn, err := s.within(w, r, applyPath, "public.apply.title")
	if err != nil || drawn {
		return err
	}
	return s.showApply(w, r, http.StatusOK, url.Values{"request": {sqldb.NewID().String()}, "wilayah": {dotted(at)}}, nil)
}

func (s *Site) showApply(w http.ResponseWriter, r *http.Request, status int, typed url.Values, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := s.sentPage(p, applyPath, "public.apply.title", problems)
	page.Lead = p.Text("public.apply.lead")
	page.Description = page.Lead
	f := &fileFields{p: p, typed: typed, problems: problems}
	villages := s.villages(p, parsed(typed.Get("wilayah")))
	for i := range villages {
		villages[i].Selected = villages[i].Value == typed.Get("area")
	}
	form := familyform.Form{Printer: p, Values: familyform.Typed(typed), Problems: problems, Villages: villages, Own: true}
	f.choose("sender", false, senders(p))
	if s.Desk.Programmes != nil {
		f.choose("programme", true, append([]ui.Option{{Label: p.Text("public.file.programme_none")}}, s.Desk.Programmes(p)...))
	}
	fields := append(form.Sections(), familyform.Within(ui.Section("pengirim", p.Text("public.apply.sender"), nil), f.out...))
	return s.showForm(w, r, status, page, view.FormView{Action: s.href(p, applyPath), Hidden: kept(typed, "request", "wilayah"), Fields: fields, Problems: problems,
		Notices:  []ui.Notice{{Tone: ui.Info, Title: p.Text("public.apply.before"), Text: p.Text("public.apply.before_text")}},
		Question: s.question(s.filings, p, s.address(r), s.o.Now()), Buttons: []ui.Button{{Label: p.Text("public.apply.check"), Name: "do", Value: "check"}}})
}

// senders are whom of the family the form can come from.
func senders(p i18n.Printer) []ui.Option {
	var out []ui.Option
	for i := range familyform.Members {
		label := p.Text("proposalsweb.member", "n", i+1)
		if i == 0 {
			label = p.Text("proposalsweb.head_section")
		}
		out = append(out, ui.Option{Value: strconv.Itoa(i), Label: label})
	}
	return out
}

// apply looks the form over, shows the answers, and files them when they are sent.
func (s *Site) apply(w http.ResponseWriter, r *http.Request) error {
	in, err := s.receive(r, s.filings, applyFields()...)
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, applyPath, err)
	}
	if err != nil {
		return err
	}
	if in.form.Get("do") == "change" {
		return s.showApply(w, r, http.StatusOK, in.form, nil)
	}
	filing, problems := s.readApplication(in)
	send := in.form.Get("do") == "send"
	// A right sum clears the count: who answered it before the answers were looked over is not asked again.
	if len(problems) == 0 && !s.solved(s.filings, in) {
		problems = append(problems, unsolved(in))
	}
	if len(problems) > 0 {
		return s.showApply(w, r, http.StatusUnprocessableEntity, in.form, problems)
	}
	if !send {
		return s.showAnswers(w, r, in, filing)
	}
	receipt, err := s.Desk.Applications.FileSelf(r.Context(), filing)
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, applyPath, err)
	}
	if err != nil {
		status, problems, err := refusal(in.p, err, func(e *fail.Error) string { return e.Field })
		if err != nil {
			return err
		}
		return s.showApply(w, r, status, in.form, problems)
	}
	s.filings.miss(in.from, in.now)
	return s.receipt(w, r, receiptOf{path: applyPath, title: "public.apply.received", number: receipt.Number, filed: receipt.FiledOn, answer: receipt.AnswerBy, next: in.p.Text("public.apply.next")})
}

// readApplication reads the form, with what is wrong about it.
func (s *Site) readApplication(in sent) (f proposals.SelfFiling, problems []ui.FieldError) {
	wrong := func(field string, err error) {
		problems = append(problems, ui.FieldError{Field: field, Message: in.p.Error(err)})
	}
	f.Request, f.Programme = readRequest(in.form, wrong), in.form.Get("programme")
	at, err := area.Parse(in.form.Get("area"))
	if err != nil || at.Level() != area.LevelVillage {
		wrong("area", fail.Invalid("proposal.village"))
	}
	f.Area = at
	var found []ui.FieldError
	f.Document, found = familyform.Reader{Say: in.p.Error, Problems: func(d proposals.Document) []*fail.Error {
		return s.Desk.Problems(at, d)
	}}.Read(familyform.Typed(in.form))
	found = slices.DeleteFunc(found, func(one ui.FieldError) bool { return one.Field == "area" })
	problems = append(problems, found...)
	f.Document.Papers = nil // nobody has looked at any
	f.Applicant = sender(in.form)
	if f.Applicant.IsZero() && !slices.ContainsFunc(problems, func(one ui.FieldError) bool { return one.Field == "members.0.nik" }) {
		wrong("sender", fail.Invalid("public.sender"))
	}
	return f, problems
}

// sender gives the NIK of who sends the form, zero where the one chosen has none.
func sender(form url.Values) person.NIK {
	i, err := strconv.Atoi(form.Get("sender"))
	if err != nil || i < 0 || i >= familyform.Members {
		return person.NIK{}
	}
	nik, err := person.ParseNIK(form.Get(familyform.Name(i, "nik")))
	if err != nil {
		return person.NIK{}
	}
	return nik
}

// showAnswers shows what was typed, once more, before it is sent.
func (s *Site) showAnswers(w http.ResponseWriter, r *http.Request, in sent, f proposals.SelfFiling) error {
	p, d := in.p, f.Document
	page := s.page(p, applyPath, "public.apply.check_title")
	page.Lead = p.Text("public.apply.check_lead")
	place := ""
	for _, v := range s.Desk.Villages(f.Area) { // the village itself
		place = v.Name
	}
	items := []ui.SummaryItem{
		{Label: p.Text("web.village"), Value: place}, {Label: p.Text("web.address"), Value: d.Address, Sub: rtrw(p, d.RT, d.RW)},
		{Label: p.Text("web.no_kk"), Value: d.KK.String()}, {Label: p.Text("proposalsweb.phone"), Value: orDash(d.Phone.String())}, {Label: p.Text("proposalsweb.words"), Value: orDash(d.Words)},
	}
	v := view.CaseView{Sections: []view.Part{{ID: "alamat", Title: p.Text("proposalsweb.section_address"), Items: items}}}
	for i, m := range d.Members {
		v.Sections = append(v.Sections, view.Part{ID: "anggota-" + strconv.Itoa(i+1), Title: m.Name.Plain(), Items: []ui.SummaryItem{
			{Label: p.Text("web.nik"), Value: orDash(m.NIK.String())}, {Label: p.Text("web.relation"), Value: p.Text("person.relation." + m.Relation.String())},
			{Label: p.Text("web.sex"), Value: p.Text("person.sex." + m.Sex.String())}, {Label: p.Text("web.birth_date"), Value: p.DateText(m.BirthDate.Text()), Sub: m.BirthPlace},
		}})
	}
	var carried []ui.Hidden
	for _, name := range applyFields() {
		if value := in.form.Get(name); value != "" && name != "do" {
			carried = append(carried, ui.Hidden{Name: name, Value: value})
		}
	}
	v.Forms = []view.PartForm{{ID: "kirim", Title: p.Text("proposalsweb.send_title"), Text: p.Text("public.apply.send_text"), Action: s.href(p, applyPath), Hidden: carried, Fields: []templ.Component{},
		Buttons: []ui.Button{{Label: p.Text("proposal.action.file"), Name: "do", Value: "send"}, {Label: p.Text("public.apply.change"), Name: "do", Value: "change", Secondary: true}}}}
	return s.showCase(w, r, http.StatusOK, page, v)
}

func rtrw(p i18n.Printer, rt, rw string) string {
	if rt == "" && rw == "" {
		return ""
	}
	return p.Text("web.rtrw", "rt", rt, "rw", rw)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
