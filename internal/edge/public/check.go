package public

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/a-h/templ"

	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/lookups"
	view "tepat/web/public"
	"tepat/web/ui"
)

// checkForm shows the empty form. It takes no value from the address: a NIK never stands there.
func (s *Site) checkForm(w http.ResponseWriter, r *http.Request) error {
	from, now := httpkit.Bucket(httpkit.ClientAddress(r)), s.o.Now()
	if s.checks.asks(from, now) {
		return s.showCheck(w, r, http.StatusOK, view.CheckView{Question: s.questions.ask(i18n.Of(r), from, now)})
	}
	return s.keptPage(w, r, http.StatusOK, checkPath, func(p i18n.Printer) templ.Component { return s.drawCheck(p, view.CheckView{}) })
}

func (s *Site) showCheck(w http.ResponseWriter, r *http.Request, status int, v view.CheckView) error {
	return httpkit.Render(w, r, status, s.drawCheck(i18n.Of(r), v))
}

func (s *Site) drawCheck(p i18n.Printer, v view.CheckView) templ.Component {
	page := s.page(p, checkPath, "public.check.title")
	page.Lead = p.Text("public.check.lead")
	page.Description = p.Text("public.home.description")
	page.HideHeading, page.Failed = true, len(v.Problems) > 0
	v.Action, v.Help = s.href(p, checkPath), s.href(p, "/bantuan")
	return view.Check(page, v)
}

// numbers are what the form posts.
type numbers struct{ nik, last6, answer, question string }

// check answers a posted form. The answer is the page itself: there is no address to share,
// to keep or to guess.
func (s *Site) check(w http.ResponseWriter, r *http.Request) error {
	from, now := httpkit.Bucket(httpkit.ClientAddress(r)), s.o.Now()
	asked, err := s.checks.take(from, now)
	if err != nil {
		return s.wait(w, r, now, checkPath, err)
	}
	var in numbers
	if err := readFields(r, field{"nik", &in.nik}, field{"no_kk", &in.last6}, field{"answer", &in.answer}, field{"question", &in.question}); err != nil {
		return err
	}
	nik, last6, problems := in.parse(i18n.Of(r))
	if asked || len(problems) > 0 {
		if len(problems) > 0 || !s.questions.right(in.question, in.answer, from, now) {
			return s.again(w, r, in, problems, asked, from, now)
		}
		s.checks.forget(from)
	}
	// A reader who hangs up does not stop the one row read, and the driver is spared a
	// goroutine that waits for it.
	answer, err := s.Checker.Check(context.WithoutCancel(r.Context()), nik, last6)
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, now, checkPath, err)
	}
	s.pulse.note(now, err)
	if err != nil {
		return err
	}
	if !answer.Found {
		s.checks.miss(from, now)
	}
	return s.answer(w, r, answer, now)
}

// parse reads the numbers, with a sentence for every one that cannot be.
func (in numbers) parse(p i18n.Printer) (nik person.NIK, last6 lookups.Last6, problems []ui.FieldError) {
	nik, err := person.ParseNIK(in.nik)
	if err != nil {
		problems = append(problems, ui.FieldError{Field: "nik", Message: p.Error(err)})
	}
	last6, err = lookups.ParseLast6(in.last6)
	if err != nil {
		problems = append(problems, ui.FieldError{Field: "no_kk", Message: p.Error(err)})
	}
	return nik, last6, problems
}

// again shows the form with what was typed, what is wrong, and a new question where one is due.
func (s *Site) again(w http.ResponseWriter, r *http.Request, in numbers, problems []ui.FieldError, asked bool, from netip.Addr, now time.Time) error {
	p := i18n.Of(r)
	v := view.CheckView{NIK: in.nik, Last6: in.last6, Problems: problems}
	if asked {
		v.Question = s.questions.ask(p, from, now)
		why := "public.check.question_open"
		if in.question != "" && len(problems) == 0 {
			why = "public.check.question_wrong"
		}
		v.Problems = append(v.Problems, ui.FieldError{Field: "answer", Message: p.Text(why)})
	}
	return s.showCheck(w, r, http.StatusUnprocessableEntity, v)
}

// answer sends what was found.
func (s *Site) answer(w http.ResponseWriter, r *http.Request, a lookups.Answer, now time.Time) error {
	var room [128]byte
	return s.kept(w, r, http.StatusOK, appendName(room[:0], a), func(p i18n.Printer) templ.Component { return s.drawAnswer(p, a, now) })
}

// appendName writes everything an answer shows but the minute.
func appendName(b []byte, a lookups.Answer) []byte {
	if !a.Found {
		return append(b, "neutral"...)
	}
	b = append(b, "found"...)
	for _, one := range a.Benefits {
		b = append(append(b, 0), one.Programme...)
		b = append(append(b, 0), one.Period...)
	}
	return b
}

func (s *Site) drawAnswer(p i18n.Printer, a lookups.Answer, now time.Time) templ.Component {
	at := s.moment(now)
	name := "public.answer.title_neutral"
	if a.Found {
		name = "public.answer.title_found"
	}
	page := s.page(p, checkPath, name)
	page.Lead = p.Text("public.answer.as_of", "at", p.Moment(at))
	page.Printed = ui.Printed{At: p.Moment(at), By: p.Text("public.answer.by")}
	if s.o.Address != "" {
		page.Printed.Address = s.o.Address + checkPath
	}
	v := view.AnswerView{Found: a.Found, Again: s.href(p, checkPath), Contact: s.o.Contact}
	for _, one := range a.Benefits {
		v.Benefits = append(v.Benefits, ui.SummaryItem{Label: s.programme(p, one.Programme), Value: periodWords(p, one.Period)})
	}
	return view.Answer(page, v)
}

func (s *Site) programme(p i18n.Printer, key string) string {
	if s.Programme == nil {
		return key
	}
	return s.Programme(p, key)
}
