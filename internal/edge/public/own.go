package public

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/person"
	"tepat/internal/edge/carry"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/lookups"
	view "tepat/web/public"
	"tepat/web/ui"
)

// OwnRecord shows a person what is kept about herself; lookups.Own does.
type OwnRecord interface {
	Enter(ctx context.Context, nik person.NIK, code string) (lookups.Opened, error)
	See(ctx context.Context, in lookups.Opened) (lookups.Record, error)
	Looks(ctx context.Context, in lookups.Opened, after sqldb.ID, limit int) ([]lookups.Look, error)
	Download(ctx context.Context, in lookups.Opened, words func(outcome string) string) ([]byte, error)
	EndOwn(ctx context.Context, in lookups.Opened) error
}

// OwnPages are a person's own pages, which she opens with her NIK and a code on paper.
type OwnPages struct {
	Record OwnRecord
	// Store keeps who is in. It must not be that of the officials' site, or must keep the two apart.
	Store httpkit.SessionStore
	// Keys seal words that go along with the form of the code, when they came too late.
	Keys *seal.Keyring
	// Secure is false only on plain HTTP over loopback.
	Secure bool
	// Place names an area: "Kelurahan Nusaniwe, Kec. Nusaniwe".
	Place func(at area.Code) string
	// Criterion and Reason give the words of why somebody left a list.
	Criterion func(p i18n.Printer, id string) string
	// Stage gives the words of a stage of payment.
	Stage func(p i18n.Printer, programme, period string) string
}

// A person's own pages close after a quarter of an hour without a request, and after an hour in any case: they are opened
// on telephones that are lent and in shops.
const (
	ownIdle     = 15 * time.Minute
	ownLifetime = time.Hour
	ownCookie   = "tepat-warga"
)

// ownLimits bound the pages of who is in: more than anybody reads.
func ownLimits(l Limits) Limits {
	return Limits{PerMinute: 4 * l.PerMinute, PerHour: 4 * l.PerHour, QuestionAfter: l.QuestionAfter, Addresses: l.Addresses}
}

const (
	ownPath      = "/saya"
	enterPath    = ownPath + "/masuk"
	looksPath    = ownPath + "/akses"
	downloadPath = ownPath + "/unduh"
	correctPath  = ownPath + "/perbaiki"
	leavePath    = ownPath + "/keluar"
	endPath      = ownPath + "/akhiri"
)

// registerOwn puts the pages on a mux. They alone have a session, and it begins when a code was right.
func (s *Site) registerOwn(m *httpkit.Mux) {
	s.own = httpkit.NewSessions(s.Own.Store, s.web, httpkit.SessionConfig{Name: ownCookie, Idle: ownIdle, Lifetime: ownLifetime, Secure: s.Own.Secure, Now: s.o.Now})
	at := func(method, path string, h httpkit.Handler) {
		m.Mount(method+" "+s.o.Prefix+path, s.own.Load(s.web.Handle(h)))
	}
	at("GET", enterPath, s.enterForm)
	at("POST", enterPath, s.enter)
	at("GET", ownPath, s.opened(s.ownPage))
	at("GET", looksPath, s.opened(s.looks))
	at("GET", downloadPath, s.opened(s.download))
	if s.Desk != nil {
		at("GET", correctPath, s.opened(s.correctForm))
		at("POST", correctPath, s.opened(s.correct))
	}
	at("POST", leavePath, s.leave)
	at("POST", endPath, s.opened(s.endCode))
}

// opened wraps a page that needs somebody in: the session holds which person and code, and the service asks at every page
// whether the code still holds.
func (s *Site) opened(h func(http.ResponseWriter, *http.Request, lookups.Opened) error) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, ok := parseOpened(s.own.User(r.Context()))
		if !ok && s.wroteTooLate(r) {
			return s.showEnter(w, r, http.StatusForbidden, url.Values{carry.Name: {carry.Pack(s.Own.Keys, r, httpkit.Ended(r), s.o.Now())}}, nil, true)
		}
		if !ok {
			return s.closed(w, r)
		}
		now := s.o.Now()
		if _, err := s.opens.take(s.address(r), now); err != nil { // every page is an entry of the log
			return s.wait(w, r, now, ownPath, err)
		}
		err := h(w, r, in)
		if fail.CodeOf(err) == "access_code.closed" {
			return s.closed(w, r)
		}
		return err
	}
}

// wroteTooLate tells whether a request brings words of who was in until a moment ago: they go along with the form of the code.
func (s *Site) wroteTooLate(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == s.o.Prefix+correctPath && httpkit.Ended(r) != ""
}

// closed leads back to the form, and says why where somebody was in. Who never was is given no cookie.
func (s *Site) closed(w http.ResponseWriter, r *http.Request) error {
	to := url.Values{}
	if s.own.User(r.Context()) != "" {
		if err := s.own.End(r.Context()); err != nil {
			return err
		}
		to.Set("tutup", "ya")
	}
	if p := i18n.Of(r); p.Lang != i18n.Indonesian {
		to.Set("lang", p.Lang.String())
	}
	path := s.o.Prefix + enterPath
	if len(to) > 0 {
		path += "?" + to.Encode()
	}
	httpkit.Redirect(w, r, path)
	return nil
}

// openedText writes who is in, for the session.
func openedText(in lookups.Opened) string {
	return strconv.Itoa(int(in.Tenant)) + " " + in.Person.String() + " " + in.Code.String()
}

func parseOpened(text string) (in lookups.Opened, ok bool) {
	parts := strings.Fields(text)
	if len(parts) != 3 {
		return in, false
	}
	tenant, err := strconv.Atoi(parts[0])
	if err == nil {
		in.Tenant = area.Tenant(tenant)
		in.Person, err = sqldb.ParseID(parts[1])
	}
	if err == nil {
		in.Code, err = sqldb.ParseID(parts[2])
	}
	return in, err == nil
}

// enterForm asks for NIK and code. Neither ever stands in an address.
func (s *Site) enterForm(w http.ResponseWriter, r *http.Request) error {
	q, err := httpkit.ReadQuery(r, "tutup")
	if err != nil {
		return err
	}
	if _, ok := parseOpened(s.own.User(r.Context())); ok {
		httpkit.Redirect(w, r, s.href(i18n.Of(r), ownPath))
		return nil
	}
	return s.showEnter(w, r, http.StatusOK, url.Values{}, nil, q.Get("tutup") != "")
}

func (s *Site) showEnter(w http.ResponseWriter, r *http.Request, status int, typed url.Values, problems []ui.FieldError, closed bool) error {
	p := i18n.Of(r)
	page := s.sentPage(p, enterPath, "public.own.enter_title", problems)
	page.Lead = p.Text("public.own.enter_lead")
	f := &fileFields{p: p, typed: typed, problems: problems}
	nik := f.field("nik", false)
	nik.Kind, nik.Hint = ui.NIK, p.Text("public.check.nik_hint")
	f.out = append(f.out, ui.TextField(nik))
	code := f.field("access_code", false)
	code.Chars, code.MaxLength = 12, 20
	f.out = append(f.out, ui.TextField(code))
	v := view.FormView{Action: s.href(p, enterPath), Fields: f.out, Problems: problems, Question: s.question(s.owns, p, s.address(r), s.o.Now()),
		Buttons: []ui.Button{{Label: p.Text("public.own.enter")}}}
	if typed.Get(carry.Name) != "" {
		v.Hidden = kept(typed, carry.Name)
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Wait, Title: p.Text("public.own.carried"), Text: p.Text("public.own.carried_text")})
	} else if closed {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Wait, Title: p.Text("public.own.closed"), Text: p.Text("public.own.closed_text")})
	}
	v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Title: p.Text("public.own.no_code"), Text: p.Text("public.own.no_code_text")})
	return s.showForm(w, r, status, page, v)
}

// enter opens the pages to who knows NIK and code. Whatever is wrong with them is told alike.
func (s *Site) enter(w http.ResponseWriter, r *http.Request) error {
	in, err := s.receive(r, s.owns, "nik", "access_code", carry.Name)
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, enterPath, err)
	}
	if err != nil {
		return err
	}
	nik, err := person.ParseNIK(in.form.Get("nik"))
	var problems []ui.FieldError
	if err != nil {
		problems = append(problems, ui.FieldError{Field: "nik", Message: in.p.Error(err)})
	}
	if in.form.Get("access_code") == "" {
		problems = append(problems, ui.FieldError{Field: "access_code", Message: in.p.Text("public.own.code_missing")})
	}
	if len(problems) == 0 && !s.solved(s.owns, in) {
		problems = append(problems, unsolved(in))
	}
	if len(problems) > 0 {
		return s.showEnter(w, r, http.StatusUnprocessableEntity, in.form, problems, false)
	}
	opened, err := s.Own.Record.Enter(r.Context(), nik, in.form.Get("access_code"))
	if fail.KindOf(err) == fail.KindLimited {
		return s.wait(w, r, in.now, enterPath, err)
	}
	if err != nil {
		s.owns.miss(in.from, in.now)
		status, problems, err := refusal(in.p, err, func(*fail.Error) string { return "access_code" })
		if err != nil {
			return err
		}
		in.form.Del("access_code")
		return s.showEnter(w, r, status, in.form, problems, false)
	}
	if err := s.own.Start(r.Context(), openedText(opened)); err != nil {
		return err
	}
	late, found := carry.Open(s.Own.Keys, in.form.Get(carry.Name), in.now)
	if found && late.From == openedText(opened) {
		return s.showCorrect(w, r, opened, http.StatusOK, late.Values, nil)
	}
	httpkit.Redirect(w, r, s.href(in.p, ownPath))
	return nil
}

// leave closes the pages; the code stays good.
func (s *Site) leave(w http.ResponseWriter, r *http.Request) error {
	if err := s.own.End(r.Context()); err != nil {
		return err
	}
	httpkit.Redirect(w, r, s.href(i18n.Of(r), "/"))
	return nil
}

// endCode takes the code back and closes the pages.
func (s *Site) endCode(w http.ResponseWriter, r *http.Request, in lookups.Opened) error {
	if err := s.Own.Record.EndOwn(r.Context(), in); err != nil {
		return err
	}
	return s.leave(w, r)
}

// download gives the record as a file.
func (s *Site) download(w http.ResponseWriter, r *http.Request, in lookups.Opened) error {
	p := i18n.Of(r)
	file, err := s.Own.Record.Download(r.Context(), in, func(outcome string) string { return outcomeWords(p, outcome) })
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="data-saya.json"`)
	w.Header().Set("X-Robots-Tag", "noindex")
	return httpkit.Bytes(w, r, http.StatusOK, "application/json; charset=utf-8", file)
}
