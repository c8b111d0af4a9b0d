package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// faulty is a page that is right in a wide, light window alone: in the dark its words are as good as
// invisible, and below 350 px it scrolls sideways.
const faulty = `<!doctype html><html lang="id"><head><title>Uji</title><style>
	body { background: #fff; color: #111 }
	@media (prefers-color-scheme: dark) { body { background: #111; color: #222 } }
	.wide { width: 345px }
	</style></head><body><main><h1>Uji</h1><p class="wide">Kalimat yang dibaca orang.</p></main></body></html>`

// complaints keeps what a check says instead of failing.
type complaints struct {
	testing.TB
	said []string
}

func (c *complaints) Errorf(format string, args ...any) {
	c.said = append(c.said, fmt.Sprintf(format, args...))
}

// TestOtherWindowsAreLookedThrough finds a fault that only another window of the reader shows, and none
// where there is none; the page is left in its own window.
func TestOtherWindowsAreLookedThrough(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, faulty)
	}))
	t.Cleanup(server.Close)
	chromium := Start(t)
	for name, c := range map[string]struct {
		other Reader
		want  int
	}{
		"none":   {Reader{}, 0},
		"dark":   {Reader{Dark: true}, 1},
		"narrow": {Reader{Width: 320, Height: 600}, 1},
		"both":   {Reader{Width: 320, Height: 600, Dark: true}, 2},
	} {
		page := chromium.Open(t, server.URL, Reader{Also: []Reader{c.other}})
		said := &complaints{TB: t}
		page.t = said
		page.Accessible()
		page.FitInOtherWindows()
		if len(said.said) != c.want {
			t.Errorf("%s: %d complaints, want %d: %v", name, len(said.said), c.want, said.said)
		}
		if Eval[int](page, "innerWidth") != 1280 || Eval[bool](page, "matchMedia('(prefers-color-scheme: dark)').matches") {
			t.Errorf("%s: the page is left in another window", name)
		}
	}
}

// TestPagesShareNothing opens the same site twice: what one page keeps, the other does not know.
func TestPagesShareNothing(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		cookie, err := r.Cookie("siapa")
		if err != nil {
			cookie = &http.Cookie{}
		}
		fmt.Fprintf(w, `<!doctype html><html lang="id"><title>Uji</title><h1>%s</h1></html>`, cookie.Value)
	}))
	t.Cleanup(server.Close)
	one := Start(t).Open(t, server.URL, Reader{Cookie: &http.Cookie{Name: "siapa", Value: "Ani", HttpOnly: true}})
	two := Start(t).Open(t, server.URL, Reader{})
	if one.Text("h1") != "Ani" || two.Text("h1") != "" {
		t.Errorf("the pages are asked by %q and %q", one.Text("h1"), two.Text("h1"))
	}
	if !Eval[bool](one, "document.hasFocus()") || !Eval[bool](two, "document.hasFocus()") {
		t.Error("a page behind another one has lost the focus")
	}
}

// TestAPageThatReloadsItselfIsLeft: a page without scripts loads itself anew every few seconds while a job runs; who goes elsewhere at
// that moment gets the page asked for, not the one left.
func TestAPageThatReloadsItselfIsLeft(t *testing.T) {
	t.Parallel()
	again := make(chan bool, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/job" {
			again <- true
			fmt.Fprint(w, `<!doctype html><html lang="id"><head><title>Uji</title><meta http-equiv="refresh" content="1"></head><body><main>berjalan</main></body></html>`)
			return
		}
		fmt.Fprint(w, `<!doctype html><html lang="id"><head><title>Uji</title></head><body><main>daftar</main></body></html>`)
	}))
	t.Cleanup(server.Close)
	page := Start(t).Open(t, server.URL+"/list", Reader{NoScript: true})
	for range 5 {
		page.Go(server.URL + "/job")
		for range 2 {
			<-again
		}
		if page.Go(server.URL + "/list"); page.Text("main") != "daftar" {
			t.Fatalf("shown is %s: %s", page.URL(), page.Text("main"))
		}
		for len(again) > 0 {
			<-again
		}
	}
}
