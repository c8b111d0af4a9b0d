package public

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/grievances"
	"tepat/internal/service/proposals"
	view "tepat/web/public"
	"tepat/web/ui"
)

// trackForm asks for the number and the four digits. Neither ever stands in an address.
func (s *Site) trackForm(w http.ResponseWriter, r *http.Request) error {
	return s.showTrack(w, r, http.StatusOK, url.Values{}, nil)
}

func (s *Site) showTrack(w http.ResponseWriter, r *http.Request, status int, typed url.Values, problems []ui.FieldError) error {
	p := i18n.Of(r)
	page := s.sentPage(p, trackPath, "public.track.title", problems)
	page.Lead = p.Text("public.track.lead")
	page.Description = page.Lead
	f := &fileFields{p: p, typed: typed, problems: problems}
	number := f.field("number", false)
	number.Chars, number.MaxLength = 16, 20
	f.out = append(f.out, ui.TextField(number))
	f.digits("digits", ui.Digits, false, 4)
	return s.showForm(w, r, status, page, view.FormView{Action: s.href(p, trackPath), Fields: f.out, Problems: problems,
		Question: s.question(s.tracks, p, s.address(r), s.o.Now()), Buttons: []ui.Button{{Label: p.Text("public.track.submit")}}})
}

// track shows where something stands to who knows its number and four digits.
func (s *Site) track(w http.ResponseWriter, r *http.Request) error {
	in, err := s.receive(r, s.tracks, "number", "digits")
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, trackPath, err)
	}
	if err != nil {
		return err
	}
	if !s.solved(s.tracks, in) {
		return s.showTrack(w, r, http.StatusUnprocessableEntity, in.form, []ui.FieldError{unsolved(in)})
	}
	err = s.showTracked(w, r, in, http.StatusOK, nil, nil)
	return s.lost(w, r, in, err)
}

// lost answers a number that led nowhere: wrong digits and a number that is none are told alike.
func (s *Site) lost(w http.ResponseWriter, r *http.Request, in sent, err error) error {
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, trackPath, err)
	}
	if fail.CodeOf(err) == "track.unknown" {
		s.tracks.miss(in.from, in.now)
	}
	if err == nil {
		return nil
	}
	status, problems, err := refusal(in.p, err, func(e *fail.Error) string {
		if e.Code == "track.unknown" {
			return "number"
		}
		return e.Field
	})
	if err != nil {
		return err
	}
	return s.showTrack(w, r, status, in.form, problems)
}

// showTracked draws the case or proposal of a number.
func (s *Site) showTracked(w http.ResponseWriter, r *http.Request, in sent, status int, problems []ui.FieldError, notices []ui.Notice) error {
	number, digits := in.form.Get("number"), in.form.Get("digits")
	series, _, _, err := proposal.ParseNumber(number)
	if err != nil {
		return fail.Invalid("number.format").On("number")
	}
	if series == proposal.SeriesProposal {
		t, err := s.Desk.Applications.Track(r.Context(), number, digits)
		if err != nil {
			return err
		}
		page, v := s.proposalCase(in.p, t)
		return s.showCase(w, r, status, page, v)
	}
	t, err := s.Desk.Cases.Track(r.Context(), number, digits)
	if err != nil {
		return err
	}
	page, v := s.caseOf(in, t, problems)
	more, err := s.filesForm(r, in, t, problems)
	if err != nil {
		return err
	}
	v.Forms = append(v.Forms, more...)
	v.Problems, v.Notices = problems, append(notices, v.Notices...)
	page.Failed, page.HideHeading = len(problems) > 0, len(problems) > 0
	return s.showCase(w, r, status, page, v)
}

func (s *Site) showCase(w http.ResponseWriter, r *http.Request, status int, page ui.Page, v view.CaseView) error {
	v.Contact = s.o.Contact
	return httpkit.Render(w, r, status, view.Case(page, v))
}

func (s *Site) casePage(p i18n.Printer, number, lead string) ui.Page {
	page := s.page(p, trackPath, "public.track.title")
	page.Title = p.Text("public.track.of", "number", number)
	at := p.Moment(s.moment(s.o.Now()))
	page.Lead, page.AsOf, page.Printed = lead, p.Text("public.answer.as_of", "at", at), ui.Printed{At: at, By: p.Text("public.answer.by")}
	return page
}

// proposalCase says where a proposal stands: offices and dates, never an officer.
func (s *Site) proposalCase(p i18n.Printer, t proposals.Timeline) (ui.Page, view.CaseView) {
	items := []ui.SummaryItem{
		{Label: p.Text("public.track.state"), Value: p.Text("proposal.state." + string(t.State))},
		{Label: p.Text("public.file.filed"), Value: p.DateText(t.FiledOn.Text())},
	}
	if t.State.Open() {
		items = append(items, ui.SummaryItem{Label: p.Text("public.track.holder"), Value: p.Text("proposal.office." + string(t.Holder)), Sub: t.Place},
			ui.SummaryItem{Label: p.Text("public.file.answer_by"), Value: p.DateText(t.AnswerBy.Text())})
	}
	if !t.ObjectUntil.IsZero() {
		items = append(items, ui.SummaryItem{Label: p.Text("public.track.object_until"), Value: p.DateText(t.ObjectUntil.Text())})
	}
	var events []ui.Event
	for _, e := range t.Steps {
		text := e.Note
		if e.Reason != "" {
			text = joined(s.Desk.Reason(p, e.Reason), text)
		}
		office := e.Place
		if office == "" && e.Office != proposal.HeldByNobody {
			office = p.Text("proposal.office." + string(e.Office))
		}
		events = append(events, ui.Event{When: p.DateText(e.On.Text()), ISO: e.On.Text(), Title: p.Text("proposal.state." + string(e.State)), By: office, Text: text, Tone: toneOf(e.State)})
	}
	v := view.CaseView{Sections: []view.Part{{ID: "ringkasan", Title: p.Text("public.track.summary"), Items: items}, {ID: "riwayat", Title: p.Text("public.track.history"), Events: events}}}
	if t.State == proposal.Refused {
		v.Links = []ui.Link{{Label: p.Text("public.object.penolakan"), Href: s.o.Prefix + objectPath + "?" + url.Values{"tentang": {"penolakan"}, "lang": {p.Lang.String()}}.Encode()}}
	}
	return s.casePage(p, t.Number, p.Text("proposal.kind."+string(t.Kind))), v
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}

func toneOf(s proposal.State) ui.Tone {
	switch s {
	case proposal.Established:
		return ui.Good
	case proposal.Refused:
		return ui.Bad
	case proposal.Returned, proposal.MatchFailed:
		return ui.Wait
	}
	return ui.Info
}

// caseOf says where a complaint or objection stands, and what its filer can do about it.
func (s *Site) caseOf(in sent, t grievances.Timeline, problems []ui.FieldError) (ui.Page, view.CaseView) {
	p := in.p
	items := []ui.SummaryItem{
		{Label: p.Text("public.track.state"), Value: p.Text("public.track.state." + t.State)},
		{Label: p.Text("public.file.filed"), Value: p.DateText(t.FiledOn.Text())},
	}
	if !t.Due.IsZero() {
		items = append(items, ui.SummaryItem{Label: p.Text("public.file.answer_by"), Value: p.DateText(latest(t).Text())})
	}
	if !t.ReopenUntil.IsZero() {
		items = append(items, ui.SummaryItem{Label: p.Text("public.track.reopen_until"), Value: p.DateText(t.ReopenUntil.Text())})
	}
	var events []ui.Event
	for _, e := range t.Steps {
		events = append(events, ui.Event{When: p.DateText(e.On.Text()), ISO: e.On.Text(), Title: p.Text("public.track.did." + e.Action), By: e.Place, Text: e.Note, Tone: ui.Info})
	}
	about := "public.track.complaint"
	if t.Kind == grievances.Objection {
		about = "public.track.objection"
	}
	return s.casePage(p, t.Number, p.Text(about)), view.CaseView{Sections: []view.Part{
		{ID: "ringkasan", Title: p.Text("public.track.summary"), Items: items}, {ID: "riwayat", Title: p.Text("public.track.history"), Events: events},
	}, Forms: s.caseForms(in, t, problems)}
}

// latest is the day by which an answer is promised: of a late case that of the level above.
func latest(t grievances.Timeline) period.Date {
	if t.State == string(grievance.Escalated) {
		return t.Due
	}
	return t.AnswerBy
}

// answers are what the filer of a complaint can do, by the word in the address.
func (s *Site) answers() map[string]func(ctx context.Context, number, digits, words string) error {
	if s.Desk == nil || s.Desk.Cases == nil {
		return nil
	}
	return map[string]func(ctx context.Context, number, digits, words string) error{
		"keterangan": s.Desk.Cases.Inform, "buka": s.Desk.Cases.Reopen,
		"tutup": func(ctx context.Context, number, digits, _ string) error {
			return s.Desk.Cases.Close(ctx, number, digits)
		},
	}
}

func (s *Site) caseForms(in sent, t grievances.Timeline, problems []ui.FieldError) []view.PartForm {
	p := in.p
	offered := map[grievance.State][]string{grievance.AwaitInfo: {"keterangan"}, grievance.Answered: {"tutup", "buka"}}[grievance.State(t.State)]
	if t.Kind != grievances.Complaint {
		return nil
	}
	var out []view.PartForm
	for i, action := range offered {
		f := view.PartForm{ID: action, Title: p.Text("public.track.do." + action), Text: p.Text("public.track.do_text." + action), Action: s.href(p, trackPath+"/"+action),
			Hidden: kept(in.form, "number", "digits"), Buttons: []ui.Button{{Label: p.Text("public.track.button." + action), Secondary: i > 0}}}
		if action != "tutup" {
			fields := &fileFields{p: p, typed: in.form, problems: problems}
			fields.words("words", false)
			f.Fields = []templ.Component{fields.out[0]}
		}
		out = append(out, f)
	}
	return out
}

// answerCase takes a step of who filed a complaint: she knows its number and digits.
func (s *Site) answerCase(action string) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, err := s.receive(r, s.tracks, "number", "digits", "words")
		if fail.KindOf(err) == fail.KindLimited {
			return s.wait(w, r, in.now, trackPath, err)
		}
		if err != nil {
			return err
		}
		if !s.solved(s.tracks, in) {
			return s.showTrack(w, r, http.StatusUnprocessableEntity, in.form, []ui.FieldError{unsolved(in)})
		}
		err = s.answers()[action](r.Context(), in.form.Get("number"), in.form.Get("digits"), in.form.Get("words"))
		if code := fail.CodeOf(err); slices.Contains([]string{"grievance.words", "grievance.too_long", "grievance.transition", "grievance.reopen_over"}, code) {
			field := ""
			if code == "grievance.words" || code == "grievance.too_long" {
				field = "words"
			}
			e, _ := fail.As(err)
			return s.lost(w, r, in, s.showTracked(w, r, in, httpkit.StatusOf(e.Kind), []ui.FieldError{{Field: field, Message: in.p.Error(err)}}, nil))
		}
		if err != nil {
			return s.lost(w, r, in, err)
		}
		done := []ui.Notice{{Tone: ui.Good, Title: in.p.Text("public.track.done." + action)}}
		in.form.Del("words")
		return s.lost(w, r, in, s.showTracked(w, r, in, http.StatusOK, nil, done))
	}
}
