package httpkit_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
)

func TestRenderCompressesLongPages(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("<p>Batu Merah</p>", 200)
	cases := []struct {
		name, accept, page string
		zipped             bool
	}{
		{"asked for", "gzip, br", long, true},
		{"any coding", "*", long, true},
		{"with weight", "br;q=1.0, gzip;q=0.8", long, true},
		{"refused", "gzip;q=0", long, false},
		{"refused with decimals", "gzip;q=0.000", long, false},
		{"not asked for", "", long, false},
		{"short page", "gzip", "<p>x</p>", false},
	}
	for _, c := range cases {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", c.accept)
		w := httptest.NewRecorder()
		if err := httpkit.Render(w, r, 200, templ.Raw(c.page)); err != nil {
			t.Fatal(err)
		}
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.zipped {
			t.Errorf("%s: zipped is %v", c.name, got)
			continue
		}
		var body io.Reader = w.Body
		if c.zipped {
			var err error
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := io.ReadAll(body); err != nil || string(text) != c.page {
			t.Errorf("%s: %d bytes, %v", c.name, len(text), err)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: Vary is %q", c.name, w.Header().Get("Vary"))
		}
	}
}

func TestRenderWritesNothingWhenThePageFails(t *testing.T) {
	t.Parallel()
	broken := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		io.WriteString(w, "<p>half")
		return errors.New("no such fact")
	})
	w := httptest.NewRecorder()
	err := httpkit.Render(w, httptest.NewRequest("GET", "/", nil), 200, broken)
	if err == nil || w.Body.Len() != 0 || len(w.Header()) != 0 {
		t.Errorf("error %v, %d bytes out", err, w.Body.Len())
	}
}

func TestHeadHasLengthButNoBody(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	if err := httpkit.Render(w, httptest.NewRequest("HEAD", "/", nil), 200, templ.Raw("<p>x</p>")); err != nil {
		t.Fatal(err)
	}
	if w.Body.Len() != 0 || w.Header().Get("Content-Length") != "8" {
		t.Errorf("%d bytes, length %q", w.Body.Len(), w.Header().Get("Content-Length"))
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	css := strings.Repeat(".a{color:red}", 100)
	h, err := httpkit.Assets(fstest.MapFS{"app-x.css": {Data: []byte(css)}, "icon.svg": {Data: []byte("<svg/>")}}, "/assets/")
	if err != nil {
		t.Fatal(err)
	}
	get := func(method, path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	w := get("GET", "/assets/app-x.css", "Accept-Encoding", "gzip")
	if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() >= len(css) {
		t.Errorf("zipped: %d, %v, %d bytes", w.Code, w.Header(), w.Body.Len())
	}
	if got := w.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("Cache-Control is %q", got)
	}
	if got := w.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("Content-Type is %q", got)
	}
	tag := w.Header().Get("ETag")
	if again := get("GET", "/assets/app-x.css", "Accept-Encoding", "gzip", "If-None-Match", `"other", W/`+tag); again.Code != 304 || again.Body.Len() != 0 {
		t.Errorf("known file: %d, %d bytes", again.Code, again.Body.Len())
	}
	if plain := get("GET", "/assets/app-x.css"); plain.Body.String() != css || plain.Header().Get("ETag") == tag {
		t.Errorf("plain: %d bytes, tag %q as zipped", plain.Body.Len(), tag)
	}
	if small := get("GET", "/assets/icon.svg", "Accept-Encoding", "gzip"); small.Header().Get("Content-Encoding") != "" {
		t.Error("a file that gzip makes longer was zipped")
	}
	for path, status := range map[string]int{"/assets/": 404, "/assets/none.css": 404, "/assets/../secret": 404} {
		if got := get("GET", path).Code; got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
	if got := get("POST", "/assets/app-x.css").Code; got != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got)
	}
}

func TestReadForm(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, body string
		want       url.Values
		code       string
	}{
		{"trimmed", "q=+Siti+&page=2", url.Values{"q": {"Siti"}, "page": {"2"}}, ""},
		{"several of one name", "id=a&id=b", url.Values{"id": {"a", "b"}}, ""},
		{"a name nobody asked for", "q=a&admin=1", nil, "request.unknown_field"},
		{"not UTF-8", "q=%ff", nil, "request.unreadable"},
		{"NUL", "q=a%00b", nil, "request.unreadable"},
		{"broken escape", "q=%zz", nil, "request.unreadable"},
	}
	for _, c := range cases {
		r := httptest.NewRequest("POST", "/?other=1", strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		got, err := httpkit.ReadForm(r, "q", "page", "id")
		if fail.CodeOf(err) != c.code || got.Encode() != c.want.Encode() {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

func TestReadQueryKnowsThePreferences(t *testing.T) {
	t.Parallel()
	got, err := httpkit.ReadQuery(httptest.NewRequest("GET", "/?q=a&lang=en&theme=dark", nil), "q")
	if err != nil || got.Encode() != "q=a" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := httpkit.ReadQuery(httptest.NewRequest("GET", "/?x=a", nil), "q"); fail.CodeOf(err) != "request.unknown_field" {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestServeFinishesRunningRequests(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		io.WriteString(w, "selesai")
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- httpkit.Serve(ctx, &http.Server{Handler: slow}, l, 10*time.Second) }()
	answer := make(chan string, 1)
	go func() {
		r, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		answer <- string(b)
	}()
	<-entered
	stop()
	close(leave)
	if got := <-answer; got != "selesai" {
		t.Errorf("the running request got %q", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{"127.0.0.1:8080": true, "localhost:8080": true, "[::1]:8080": true,
		":8080": false, "0.0.0.0:8080": false, "192.0.2.1:80": false, "example.com:80": false, "127.0.0.1": false} {
		if got := httpkit.IsLoopback(addr); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

// BenchmarkFront measures what the front and the error-returning handler cost beside the page.
func BenchmarkFront(b *testing.B) {
	s := build(b, httpkit.Front{}, map[string]httpkit.Handler{"GET /x": hello})
	r := httptest.NewRequest("GET", "/x", nil)
	b.ReportAllocs()
	for b.Loop() {
		s.access.Reset()
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
}
