package public

import (
	"net/http"
	"net/url"

	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	view "tepat/web/public"
	"tepat/web/ui"
)

// objections are what can be objected to, by the word in the address.
func objections() map[string]proposal.ObjectionKind {
	return map[string]proposal.ObjectionKind{"penolakan": proposal.AgainstRefusal, "keluarga": proposal.AgainstListing, "nik": proposal.AgainstMisuse}
}

func objectFields() []string {
	return []string{"request", "wilayah", "tentang", "proposal", "digits", "area", "target", "text", "paper", "name", "nik", "last6", "phone"}
}

// objectForm asks what is objected to, and then for that.
func (s *Site) objectForm(w http.ResponseWriter, r *http.Request) error {
	if s.Desk.Findings != nil && r.URL.Query().Get("tentang") == byLetter {
		httpkit.Redirect(w, r, s.href(i18n.Of(r), objectLetterPath))
		return nil
	}
	at, drawn, err := s.within(w, r, objectPath, "public.object.title", "tentang")
	if err != nil || drawn {
		return err
	}
	about := r.URL.Query().Get("tentang")
	if about == "" {
		return s.showObjections(w, r)
	}
	if _, ok := objections()[about]; !ok {
		return fail.NotFound("request.not_found")
	}
	return s.showObject(w, r, http.StatusOK, url.Values{"request": {sqldb.NewID().String()}, "wilayah": {dotted(at)}, "tentang": {about}}, nil)
}

func (s *Site) showObjections(w http.ResponseWriter, r *http.Request) error {
	p := i18n.Of(r)
	page := s.page(p, objectPath, "public.object.title")
	page.Lead = p.Text("public.object.lead")
	page.Description = page.Lead
	v := view.ChoicesView{Contact: s.o.Contact}
	if s.Desk.Findings != nil {
		v.Cards = append(v.Cards, view.Card{Title: p.Text("public.object.surat"), Text: p.Text("public.object.surat_text"), Href: s.href(p, objectLetterPath)})
	}
	for _, about := range []string{"penolakan", "keluarga", "nik"} {
		to := url.Values{"tentang": {about}}
		if p.Lang != i18n.Indonesian {
			to.Set("lang", p.Lang.String())
		}
		v.Cards = append(v.Cards, view.Card{Title: p.Text("public.object." + about), Text: p.Text("public.object." + about + "_text"), Href: s.o.Prefix + objectPath + "?" + to.Encode()})
	}
	return httpkit.Render(w, r, http.StatusOK, view.Choices(page, v))
}

func (s *Site) showObject(w http.ResponseWriter, r *http.Request, status int, typed url.Values, problems []ui.FieldError) error {
	p, about := i18n.Of(r), typed.Get("tentang")
	page := s.sentPage(p, objectPath, "public.object."+about, problems)
	page.Lead = p.Text("public.object." + about + "_lead")
	page.OtherLang += "&tentang=" + about
	f := &fileFields{p: p, typed: typed, problems: problems}
	if about == "penolakan" {
		f.line("proposal", false, 16)
		f.digits("digits", ui.Digits, false, 4)
	} else {
		f.choose("area", false, s.villages(p, parsed(typed.Get("wilayah"))))
		if about == "keluarga" {
			f.line("target", false, 200)
		}
	}
	f.words("text", false)
	if about == "nik" {
		f.line("paper", false, 120)
	}
	s.filesInput(f)
	if about != "penolakan" {
		f.line("name", true, 60)
		f.digits("nik", ui.NIK, false, 16)
		f.digits("last6", ui.Digits, false, 12)
		f.digits("phone", ui.Phone, true, 20)
	}
	v := view.FormView{Action: s.href(p, objectPath), Multipart: s.Desk.Papers != nil, Hidden: kept(typed, "request", "wilayah", "tentang"), Fields: f.out, Problems: problems,
		Question: s.question(s.filings, p, s.address(r), s.o.Now()), Buttons: []ui.Button{{Label: p.Text("public.object.submit")}}}
	if about == "keluarga" {
		v.Notices = []ui.Notice{{Tone: ui.Info, Title: p.Text("public.object.secret"), Text: p.Text("public.object.secret_text")}}
	}
	return s.showForm(w, r, status, page, v)
}

// object takes an objection in, with the proof it needs.
func (s *Site) object(w http.ResponseWriter, r *http.Request) error {
	in, files, wrong, err := s.receiveFiles(r, s.filings, objectFields()...)
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, objectPath, err)
	}
	if err != nil {
		return err
	}
	filing, problems := readObjection(in)
	if filing.Topic == "" {
		return fail.NotFound("request.not_found")
	}
	problems = append(problems, wrong...)
	if len(problems) == 0 && !s.solved(s.filings, in) {
		problems = append(problems, unsolved(in))
	}
	if len(problems) > 0 {
		return s.showObject(w, r, http.StatusUnprocessableEntity, in.form, problems)
	}
	receipt, err := s.Desk.Cases.FileSelf(r.Context(), filing)
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, objectPath, err)
	}
	s.filings.miss(in.from, in.now) // sent or not: who tries numbers is asked a sum
	if err != nil {
		status, problems, err := refusal(in.p, err, caseField)
		if err != nil {
			return err
		}
		return s.showObject(w, r, status, in.form, problems)
	}
	return s.receipt(w, r, receiptOf{path: objectPath, title: "public.object.received", number: receipt.Number, code: receipt.Code, filed: receipt.FiledOn, answer: receipt.AnswerBy,
		next: in.p.Text("public.object.next"), notices: s.attach(r, in.p, receipt.Tenant, receipt.Case, files)})
}

// readObjection reads the form, with what is wrong about it. The topic stays empty where nothing
// is objected to.
func readObjection(in sent) (f grievances.SelfFiling, problems []ui.FieldError) {
	wrong := func(field string, err error) {
		problems = append(problems, ui.FieldError{Field: field, Message: in.p.Error(err)})
	}
	about := in.form.Get("tentang")
	f.Filing = grievances.Filing{Kind: grievances.Objection, Topic: string(objections()[about]), Document: grievances.Document{Words: in.form.Get("text")}}
	f.Request = readRequest(in.form, wrong)
	if about == "penolakan" {
		f.Proposal, f.Digits = in.form.Get("proposal"), in.form.Get("digits")
		if _, _, _, err := proposal.ParseNumber(f.Proposal); err != nil {
			wrong("proposal", err)
		}
		if len(f.Digits) != 4 {
			wrong("digits", fail.Invalid("track.digits"))
		}
	} else {
		f.Area, f.Last6 = readVillage(in.form, wrong), lastDigits(in.form.Get("last6"))
		f.Document.Target = in.form.Get("target")
		if about == "keluarga" && f.Document.Target == "" {
			wrong("target", fail.Invalid("public.target"))
		}
	}
	if f.Document.Words == "" {
		wrong("text", fail.Invalid("grievance.words"))
	}
	if about == "nik" {
		if f.Evidence = (proposals.Paper{Name: in.form.Get("paper")}); f.Evidence.Name == "" {
			wrong("paper", fail.Invalid("public.evidence"))
		}
	}
	if about != "penolakan" {
		readFiler(in.form, &f.Document.Contact, true, wrong)
		if len(f.Last6) != 6 {
			wrong("last6", fail.Invalid("public.last6"))
		}
	}
	return f, problems
}

// lastDigits gives the last six digits of what was typed, which may be the whole number.
func lastDigits(text string) string {
	var out []byte
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			out = append(out, text[i])
		}
	}
	if len(out) != 6 && len(out) != 16 {
		return ""
	}
	return string(out[len(out)-6:])
}
