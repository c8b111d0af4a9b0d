package public

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	view "tepat/web/public"
	"tepat/web/ui"
)

// Cases takes in what citizens complain of and object to, and tells them where it stands;
// grievances.Service does.
type Cases interface {
	FileSelf(ctx context.Context, in grievances.SelfFiling) (grievances.SelfReceipt, error)
	Track(ctx context.Context, number, digits string) (grievances.Timeline, error)
	Inform(ctx context.Context, number, digits, words string) error
	Reopen(ctx context.Context, number, digits, words string) error
	Close(ctx context.Context, number, digits string) error
}

// Applications takes in the proposals families send for themselves; proposals.Service does.
type Applications interface {
	FileSelf(ctx context.Context, in proposals.SelfFiling) (proposals.SelfReceipt, error)
	Track(ctx context.Context, number, digits string) (proposals.Timeline, error)
}

// Place is a village, or an area that holds some, as a citizen chooses it.
type Place struct {
	Code area.Code
	Name string // "Kelurahan Nusaniwe, Kec. Nusaniwe"
}

// Desk is what a citizen can send from this site. It is left out as a whole where nothing is.
type Desk struct {
	Cases Cases
	// Papers takes files in; nil where none are taken.
	Papers CasePapers
	// Findings is nil where no finding is told by letter.
	Findings     Findings
	Applications Applications
	// Villages lists the villages this installation writes for; within narrows it.
	Villages func(within area.Code) []Place
	// Areas lists the areas below one, where the villages are too many for one list.
	Areas func(at area.Code) []Place
	// Reason gives the words of a reason for a decision.
	Reason func(p i18n.Printer, code string) string
	// Programmes lists what a family can ask for.
	Programmes func(p i18n.Printer) []ui.Option
	// Problems gives what keeps a family's form from being sent.
	Problems func(at area.Code, d proposals.Document) []*fail.Error
}

// mostVillages is the longest list of villages one form offers.
const mostVillages = 400

const (
	reportPath = "/lapor"
	objectPath = "/sanggah"
	trackPath  = "/lacak"
	applyPath  = "/usul"
)

func (s *Site) registerDesk(at func(method, path string, h httpkit.Handler), m *httpkit.Mux) {
	upload := func(path string, h httpkit.Handler) { m.Mount("POST "+s.o.Prefix+path, s.upload(h)) }
	at("GET", reportPath, s.reportForm)
	upload(reportPath, s.report)
	at("GET", objectPath, s.objectForm)
	upload(objectPath, s.object)
	if s.Desk.Papers != nil {
		upload(filesPath, s.addFiles)
		at("POST", takeBackPath, s.takeBack)
	}
	if s.Desk.Findings != nil {
		at("GET", objectLetterPath, s.objectLetterForm)
		upload(objectLetterPath, s.objectLetter)
	}
	at("GET", trackPath, s.trackForm)
	at("POST", trackPath, s.track)
	for action := range s.answers() {
		at("POST", trackPath+"/"+action, s.answerCase(action))
	}
	at("GET", applyPath, s.applyForm)
	at("POST", applyPath, s.apply)
}

// sent is a posted form with what stands before it: the address it came from and whether a
// sum has to be answered.
type sent struct {
	p     i18n.Printer
	form  url.Values
	from  netip.Addr
	now   time.Time
	asked bool
}

// receive takes one sending of an address, and reads the form. The error is answered by the caller.
func (s *Site) receive(r *http.Request, g *guard, known ...string) (in sent, err error) {
	in = sent{p: i18n.Of(r), from: httpkit.Bucket(httpkit.ClientAddress(r)), now: s.o.Now()}
	if in.asked, err = g.take(in.from, in.now); err != nil {
		return in, err
	}
	in.form, err = httpkit.ReadForm(r, append(known, "answer", "question")...)
	return in, err
}

// solved reports whether the sum was answered, where one is due; a right answer clears the count.
func (s *Site) solved(g *guard, in sent) bool {
	if !in.asked {
		return true
	}
	if !s.questions.right(in.form.Get("question"), in.form.Get("answer"), in.from, in.now) {
		return false
	}
	g.forget(in.from)
	return true
}

// question asks a sum of an address that has sent or tried much.
func (s *Site) question(g *guard, p i18n.Printer, from netip.Addr, now time.Time) *view.Question {
	if !g.asks(from, now) {
		return nil
	}
	return s.questions.ask(p, from, now)
}

// unsolved is the problem of a sum that was not answered rightly.
func unsolved(in sent) ui.FieldError {
	why := "public.check.question_open"
	if in.form.Get("question") != "" {
		why = "public.check.question_wrong"
	}
	return ui.FieldError{Field: "answer", Message: in.p.Text(why)}
}

// sentPage starts a page of a form or its answer. None of them is kept anywhere.
func (s *Site) sentPage(p i18n.Printer, path, title string, problems []ui.FieldError) ui.Page {
	page := s.page(p, path, title)
	page.Failed, page.HideHeading = len(problems) > 0, true
	return page
}

func (s *Site) showForm(w http.ResponseWriter, r *http.Request, status int, page ui.Page, v view.FormView) error {
	v.Contact = s.o.Contact
	return httpkit.Render(w, r, status, view.FileForm(page, v))
}

// fileFields draws the fields of a citizen's form.
type fileFields struct {
	p        i18n.Printer
	typed    url.Values
	problems []ui.FieldError
	out      []templ.Component
}

func (f *fileFields) field(name string, optional bool) ui.Field {
	out := ui.Field{Name: name, Label: f.p.Text("public.file." + name), Value: f.typed.Get(name), Optional: optional}
	if hint := "public.file." + name + "_hint"; f.p.Has(hint) {
		out.Hint = f.p.Text(hint)
	}
	for _, one := range f.problems {
		if one.Field == name {
			out.Error = one.Message
			break
		}
	}
	return out
}

func (f *fileFields) line(name string, optional bool, most int) {
	one := f.field(name, optional)
	one.MaxLength = most
	f.out = append(f.out, ui.TextField(one))
}

func (f *fileFields) digits(name string, kind ui.Kind, optional bool, chars int) {
	one := f.field(name, optional)
	if one.Kind = kind; kind == ui.Digits {
		one.MaxLength = chars
	}
	if kind != ui.NIK {
		one.Chars = max(chars, 6)
	}
	f.out = append(f.out, ui.TextField(one))
}

func (f *fileFields) words(name string, optional bool) {
	one := f.field(name, optional)
	one.MaxLength = 4000
	f.out = append(f.out, ui.TextArea(one, 6))
}

func (f *fileFields) radios(name string, options []ui.Option) {
	f.out = append(f.out, ui.RadioField(f.field(name, false), f.chosen(name, options)))
}

func (f *fileFields) choose(name string, optional bool, options []ui.Option) {
	f.out = append(f.out, ui.SelectField(f.field(name, optional), f.chosen(name, options)))
}

func (f *fileFields) chosen(name string, options []ui.Option) []ui.Option {
	for i := range options {
		options[i].Selected = f.typed.Get(name) == options[i].Value
	}
	return options
}

// villages offers the villages of an area.
func (s *Site) villages(p i18n.Printer, within area.Code) []ui.Option {
	out := []ui.Option{{Label: p.Text("public.file.choose")}}
	for _, v := range s.Desk.Villages(within) {
		out = append(out, ui.Option{Value: v.Code.Dotted(), Label: v.Name})
	}
	return out
}

// within reads the area a form is for. Where it holds several districts, or too many villages
// for one list, the reader is first shown the areas below, and drawn is true.
func (s *Site) within(w http.ResponseWriter, r *http.Request, path, title string, known ...string) (at area.Code, drawn bool, err error) {
	q, err := httpkit.ReadQuery(r, append(known, "wilayah")...)
	if err != nil {
		return at, false, err
	}
	if text := q.Get("wilayah"); text != "" {
		if at, err = area.Parse(text); err != nil {
			return at, false, fail.NotFound("request.not_found")
		}
	}
	below := s.Desk.Areas(at)
	for at.Level() < area.LevelDistrict && len(below) == 1 {
		at = below[0].Code
		below = s.Desk.Areas(at)
	}
	if at.Level() >= area.LevelSubdistrict || len(below) == 0 || at.Level() == area.LevelDistrict && len(s.Desk.Villages(at)) <= mostVillages {
		return at, false, nil
	}
	p := i18n.Of(r)
	page := s.page(p, path, title)
	page.Lead = p.Text("public.file.where_lead")
	v := view.ChoicesView{Contact: s.o.Contact}
	for _, one := range below {
		to := r.URL.Query()
		to.Set("wilayah", one.Code.Dotted())
		v.Cards = append(v.Cards, view.Card{Title: one.Name, Text: p.Text("public.file.where_text"), Href: s.o.Prefix + path + "?" + to.Encode()})
	}
	return at, true, httpkit.Render(w, r, http.StatusOK, view.Choices(page, v))
}

// refusal shows what a citizen can act on beside its field; anything else stays an error.
func refusal(p i18n.Printer, err error, field func(*fail.Error) string) (int, []ui.FieldError, error) {
	e, ok := fail.As(err)
	if !ok || e.Kind != fail.KindInvalid && e.Kind != fail.KindConflict && e.Kind != fail.KindForbidden && e.Kind != fail.KindNotFound {
		return 0, nil, err
	}
	return httpkit.StatusOf(e.Kind), []ui.FieldError{{Field: field(e), Message: p.Error(e)}}, nil
}

// address is whom the limits count a request to.
func (s *Site) address(r *http.Request) netip.Addr { return httpkit.Bucket(httpkit.ClientAddress(r)) }
