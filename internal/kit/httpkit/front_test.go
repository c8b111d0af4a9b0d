package httpkit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
)

const words = `
error.internal: {id: "Maaf, ada gangguan.", en: "Sorry."}
error.unworded: {id: "Kode {code}.", en: "Code {code}."}
error.request.too_large: {id: "Batas {megabytes} MB.", en: "Limit {megabytes} MB."}
error.request.cross_origin: {id: "Dari situs lain.", en: "From another site."}
error.request.not_found: {id: "Tidak ada.", en: "Not there."}
error.request.method: {id: "Bukan begitu.", en: "Not like that."}
error.nik.length: {id: "NIK harus 16 angka. Anda mengetik {digits} angka.", en: "You typed {digits}."}
`

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(fstest.MapFS{"a.yaml": {Data: []byte(words)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// site is a front with handlers, and the log it writes.
type site struct {
	http.Handler
	log    *bytes.Buffer
	access *bytes.Buffer
}

func build(t testing.TB, front httpkit.Front, routes map[string]httpkit.Handler) site {
	t.Helper()
	s := site{log: &bytes.Buffer{}, access: &bytes.Buffer{}}
	web := &httpkit.Web{Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), BodyLimit: 64, SignIn: "/masuk"}
	mux := httpkit.NewMux(web)
	for pattern, h := range routes {
		mux.Handle(pattern, h)
	}
	front.Next, front.Web, front.Catalogue = mux, web, catalogue(t)
	front.Access = slog.New(slog.NewTextHandler(s.access, nil))
	h, err := front.Handler()
	if err != nil {
		t.Fatal(err)
	}
	s.Handler = h
	return s
}

func (s site) do(method, target string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, body)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func fails(err error) httpkit.Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

func hello(w http.ResponseWriter, r *http.Request) error {
	return httpkit.Render(w, r, http.StatusOK, templ.Raw("<p>halo</p>"))
}

func TestErrorsBecomeStatusAndSentence(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		err    error
		status int
		says   string
	}{
		{"input that breaks a rule", fmt.Errorf("file: %w", fail.Invalid("nik.length", "digits", 15)), 422, "NIK harus 16 angka. Anda mengetik 15 angka."},
		{"not allowed", fail.Forbidden("x.no"), 403, "Kode x.no."},
		{"not there", fail.NotFound("x.none"), 404, "Kode x.none."},
		{"changed by another", fail.Conflict("x.changed"), 409, "Kode x.changed."},
		{"waits for a second person", fail.Awaiting("x.second"), 409, "Kode x.second."},
		{"too many tries", fail.Limited("x.slow", "seconds", 30), 429, "Kode x.slow."},
		{"a service is away", fail.Unavailable("x.away"), 503, "Kode x.away."},
		{"ours", errors.New("pq: password of admin"), 500, "Maaf, ada gangguan."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"GET /x": fails(c.err)})
			w := s.do("GET", "/x", nil)
			if w.Code != c.status || strings.TrimSpace(w.Body.String()) != c.says {
				t.Errorf("answered %d %q, want %d %q", w.Code, w.Body, c.status, c.says)
			}
			if !strings.Contains(s.log.String(), "request failed") {
				t.Errorf("the log says nothing: %s", s.log)
			}
		})
	}
}

func TestLimitSaysWhenToRetry(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"GET /x": fails(fail.Limited("x.slow", "seconds", 30))})
	if got := s.do("GET", "/x", nil).Header().Get("Retry-After"); got != "30" {
		t.Errorf("Retry-After is %q", got)
	}
}

func TestUnauthorizedLeadsToSignIn(t *testing.T) {
	t.Parallel()
	routes := map[string]httpkit.Handler{"/usulan": fails(fail.Unauthorized("session.none")), "GET /{$}": fails(fail.Unauthorized("session.none"))}
	s := build(t, httpkit.Front{}, routes)
	if got := s.do("GET", "/usulan?desa=7", nil).Header().Get("Location"); got != "/masuk?next="+url.QueryEscape("/usulan?desa=7") {
		t.Errorf("leads to %q", got)
	}
	if got := s.do("GET", "/", nil).Header().Get("Location"); got != "/masuk" {
		t.Errorf("the start page leads to %q", got)
	}
	if got := s.do("POST", "/usulan", nil).Code; got != http.StatusUnauthorized {
		t.Errorf("a post is answered %d: it must not be turned into a page view", got)
	}
	w := s.do("GET", "/usulan", nil, "HX-Request", "true")
	if w.Code != http.StatusNoContent || w.Header().Get("HX-Redirect") != "/masuk?next=%2Fusulan" {
		t.Errorf("htmx is answered %d to %q", w.Code, w.Header().Get("HX-Redirect"))
	}
}

func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{Secure: true, HSTS: true}, map[string]httpkit.Handler{"GET /x": hello, "GET /y": fails(errors.New("broken"))})
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'",
		"X-Content-Type-Options":    "nosniff",
		"Referrer-Policy":           "same-origin",
		"Cache-Control":             "no-store",
		"Strict-Transport-Security": "max-age=31536000",
	}
	for _, path := range []string{"/x", "/y", "/none"} {
		h := s.do("GET", path, nil).Header()
		for name, value := range want {
			if h.Get(name) != value {
				t.Errorf("%s: %s is %q, want %q", path, name, h.Get(name), value)
			}
		}
		if !strings.Contains(h.Get("Permissions-Policy"), "geolocation=()") {
			t.Errorf("%s: Permissions-Policy is %q", path, h.Get("Permissions-Policy"))
		}
	}
}

func TestPanicIsAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"GET /x": func(http.ResponseWriter, *http.Request) error { panic("boom") }})
	w := s.do("GET", "/x", nil)
	if w.Code != 500 || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("answered %d %q", w.Code, w.Body)
	}
	if !strings.Contains(s.log.String(), "boom") || !strings.Contains(s.log.String(), "front_test.go") {
		t.Errorf("the log lacks the cause or the stack: %s", s.log)
	}
	if !strings.Contains(s.access.String(), "status=500") {
		t.Errorf("access log: %s", s.access)
	}
}

func TestPanicAfterTheFirstByteCutsTheConnection(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"GET /x": func(w http.ResponseWriter, _ *http.Request) error {
		w.Write([]byte("half"))
		panic("boom")
	}})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("ended with %v, want http.ErrAbortHandler", got)
		}
	}()
	s.do("GET", "/x", nil)
}

func TestAccessLogHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"GET /keluarga/{id}": hello})
	s.do("GET", "/keluarga/8171030405850001?q=Siti+Aminah", nil)
	line := s.access.String()
	if !strings.Contains(line, `route="GET /keluarga/{id}"`) || !strings.Contains(line, "status=200") {
		t.Errorf("access log lacks the route or the status: %s", line)
	}
	for _, secret := range []string{"8171030405850001", "Aminah", "192.0.2.1"} {
		if strings.Contains(line, secret) {
			t.Errorf("access log holds %s: %s", secret, line)
		}
	}
}

func TestRequestIDReachesReaderAndLog(t *testing.T) {
	t.Parallel()
	var shown string
	s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"GET /x": func(_ http.ResponseWriter, r *http.Request) error {
		shown = httpkit.RequestID(r)
		return errors.New("broken")
	}})
	s.do("GET", "/x", nil)
	if !regexp.MustCompile(`^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$`).MatchString(shown) {
		t.Errorf("id is %q", shown)
	}
	if !strings.Contains(s.log.String(), shown) || !strings.Contains(s.access.String(), shown) {
		t.Errorf("id %s is not in both logs", shown)
	}
}

func TestPostsFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{TrustedOrigins: []string{"https://dinsos.example"}}, map[string]httpkit.Handler{"/x": hello})
	cases := []struct {
		name   string
		method string
		header []string
		status int
	}{
		{"own form", "POST", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"typed address", "GET", []string{"Sec-Fetch-Site", "none"}, 200},
		{"link from elsewhere", "GET", []string{"Sec-Fetch-Site", "cross-site"}, 200},
		{"form elsewhere", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"old browser, own origin", "POST", []string{"Origin", "http://example.com"}, 200},
		{"old browser, other origin", "POST", []string{"Origin", "http://evil.example"}, 403},
		{"trusted origin", "POST", []string{"Origin", "https://dinsos.example", "Sec-Fetch-Site", "cross-site"}, 200},
		{"a program", "POST", nil, 200},
	}
	for _, c := range cases {
		if got := s.do(c.method, "/x", nil, c.header...).Code; got != c.status {
			t.Errorf("%s: %d, want %d", c.name, got, c.status)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	read := func(w http.ResponseWriter, r *http.Request) error {
		_, err := httpkit.ReadForm(r, "q")
		if err != nil {
			return err
		}
		return hello(w, r)
	}
	s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"POST /x": read})
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	if got := s.do("POST", "/x", strings.NewReader("q="+strings.Repeat("a", 62)), form...).Code; got != 200 {
		t.Errorf("64 bytes: %d", got)
	}
	if got := s.do("POST", "/x", strings.NewReader("q="+strings.Repeat("a", 63)), form...).Code; got != http.StatusRequestEntityTooLarge {
		t.Errorf("65 bytes: %d, want 413", got)
	}
}

func TestMuxAnswersUnknownPagesAndMethods(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"GET /x": hello, "POST /x": hello})
	if w := s.do("GET", "/none", nil); w.Code != 404 || !strings.Contains(w.Body.String(), "Tidak ada.") {
		t.Errorf("unknown page: %d %q", w.Code, w.Body)
	}
	if w := s.do("DELETE", "/x", nil); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("unknown method: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	if w := s.do("GET", "/a/../x", nil); w.Code/100 != 3 || w.Header().Get("Location") != "/x" {
		t.Errorf("odd path: %d to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestReaderWhoLeftIsNotAnswered(t *testing.T) {
	t.Parallel()
	s := build(t, httpkit.Front{}, map[string]httpkit.Handler{"GET /x": func(_ http.ResponseWriter, r *http.Request) error { return r.Context().Err() }})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/x", nil).WithContext(ctx))
	if w.Body.Len() != 0 || strings.Contains(s.log.String(), "request failed") {
		t.Errorf("wrote %q, logged %s", w.Body, s.log)
	}
}

func TestFrontRefusesABadOrigin(t *testing.T) {
	t.Parallel()
	if _, err := (httpkit.Front{TrustedOrigins: []string{"not an origin"}}).Handler(); err == nil {
		t.Error("a trusted origin that is none was taken")
	}
}

func TestUploadHasItsOwnLimitAndTime(t *testing.T) {
	t.Parallel()
	web := &httpkit.Web{Log: slog.New(slog.DiscardHandler), BodyLimit: 8}
	entered := make(chan struct{}, 2)
	server := httptest.NewUnstartedServer(web.HandleUpload(func(w http.ResponseWriter, r *http.Request) error {
		entered <- struct{}{}
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			return err
		}
		return httpkit.Bytes(w, r, http.StatusOK, "text/plain", fmt.Append(nil, n))
	}, 1<<20, time.Minute))
	server.Config.ReadHeaderTimeout = time.Minute
	server.Config.ReadTimeout = time.Nanosecond // over before the body comes: only its own time lets it in
	server.Start()
	defer server.Close()
	slow, feed := io.Pipe()
	go func() {
		<-entered
		feed.Write(make([]byte, 5000))
		feed.Close()
	}()
	response, err := http.Post(server.URL, "text/csv", slow)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != 200 || string(body) != "5000" {
		t.Errorf("a slow upload ends in %d %q", response.StatusCode, body)
	}
	tooLarge, err := http.Post(server.URL, "text/csv", strings.NewReader(strings.Repeat("x", 1<<20+1)))
	if err != nil {
		t.Fatal(err)
	}
	defer tooLarge.Body.Close()
	if tooLarge.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("one byte over the limit: %d", tooLarge.StatusCode)
	}
}
