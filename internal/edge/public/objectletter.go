package public

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	view "tepat/web/public"
	"tepat/web/ui"
)

// Findings takes in objections of families that were told by letter that they leave the list; service/screening does,
// behind an adapter: this site reaches that office by nothing else.
type Findings interface {
	// ObjectByLetter binds the objection to the finding the letter is about. Errors: finding.self_words,
	// finding.self_unknown for whatever is wrong with code or digits, finding.self_limited, finding.self_open,
	// finding.self_over, finding.appeal_late.
	ObjectByLetter(ctx context.Context, in LetterObjection) (LetterReceipt, error)
}

// LetterObjection is what a family sends with its letter in hand.
type LetterObjection struct {
	Code  string // of the letter, as typed
	Last6 string // the last six digits of the family's No. KK
	Words string
}

// LetterReceipt is what it is shown after sending.
type LetterReceipt struct {
	Tenant   area.Tenant
	Finding  sqldb.ID // to which the files are given
	Number   string   // of the objection, to follow it by
	Code     string   // the four digits that go with it
	Letter   string   // number of the letter
	Kind     string   // its words are letters.kind.<kind> of the catalogue
	FiledOn  period.Date
	AnswerBy period.Date
}

// byLetter is the word in the address of the objection with a letter in hand, and objectLetterPath where it is sent.
const (
	byLetter         = "surat"
	objectLetterPath = objectPath + "/surat"
)

// toObject tells of which letters something can be objected to here.
func toObject(kind string) bool {
	return slices.Contains([]string{"notice", "payee", "removal"}, kind)
}

// objectLetterForm asks for the code of the letter. Neither a code nor a number stands in its address.
func (s *Site) objectLetterForm(w http.ResponseWriter, r *http.Request) error {
	return s.showObjectLetter(w, r, http.StatusOK, url.Values{}, nil)
}

func (s *Site) showObjectLetter(w http.ResponseWriter, r *http.Request, status int, typed url.Values, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := s.sentPage(p, objectLetterPath, "public.object.surat", problems)
	page.Lead = p.Text("public.object.surat_lead")
	f := &fileFields{p: p, typed: typed, problems: problems}
	f.line("surat", false, 40)
	f.digits("kk6", ui.Digits, false, 6)
	f.words("text", false)
	s.filesInput(f)
	return s.showForm(w, r, status, page, view.FormView{Action: s.href(p, objectLetterPath), Multipart: s.Desk.Papers != nil, Fields: f.out, Problems: problems,
		Question: s.question(s.filings, p, s.address(r), s.o.Now()), Buttons: []ui.Button{{Label: p.Text("public.object.submit")}}})
}

// objectLetter takes the objection in. The page of a letter posts no more than its code: then the form is shown.
func (s *Site) objectLetter(w http.ResponseWriter, r *http.Request) error {
	in, files, problems, err := s.receiveFiles(r, s.filings, "surat", "kk6", "text", "isi")
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, objectLetterPath, err)
	}
	if err != nil {
		return err
	}
	if in.form.Get("isi") != "" {
		return s.showObjectLetter(w, r, http.StatusOK, url.Values{"surat": {in.form.Get("surat")}}, nil)
	}
	last6 := lastDigits(in.form.Get("kk6"))
	if len(last6) != 6 {
		problems = append(problems, ui.FieldError{Field: "kk6", Message: in.p.Error(fail.Invalid("public.last6"))})
	}
	if len(problems) == 0 && !s.solved(s.filings, in) {
		problems = append(problems, unsolved(in))
	}
	if len(problems) > 0 {
		return s.showObjectLetter(w, r, http.StatusUnprocessableEntity, in.form, problems)
	}
	receipt, err := s.Desk.Findings.ObjectByLetter(r.Context(), LetterObjection{Code: in.form.Get("surat"), Last6: last6, Words: in.form.Get("text")})
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, objectLetterPath, err)
	}
	s.filings.miss(in.from, in.now) // sent or not: who tries codes is asked a sum
	if err != nil {
		status, problems, err := refusal(in.p, err, func(e *fail.Error) string {
			if e.Field == "text" {
				return e.Field
			}
			return "surat"
		})
		if err != nil {
			return err
		}
		return s.showObjectLetter(w, r, status, in.form, problems)
	}
	return s.receipt(w, r, receiptOf{path: objectLetterPath, title: "public.object.received", number: receipt.Number, code: receipt.Code, filed: receipt.FiledOn, answer: receipt.AnswerBy,
		next: in.p.Text("public.object.surat_next", "letter", receipt.Letter, "kind", in.p.Text("letters.kind."+receipt.Kind)), notices: s.attach(r, in.p, receipt.Tenant, receipt.Finding, files)})
}
