// Package browser drives a real Chromium in tests: it opens pages as readers with different
// windows, colours and no JavaScript, and asks what a reader would notice. Every helper fails
// the test with what was found; none of them skips.
package browser

import (
	"context"
	_ "embed" // the accessibility checker
	"errors"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Browser is one running Chromium.
type Browser struct{ ctx context.Context }

// patience bounds each step of a page: a machine that builds beside it is slow, a page is not.
const patience = 60 * time.Second

// shared is the one Chromium of a test process, as long as a test has it. Each page has a profile of
// its own in it, so that tests share no cookie, no cache and no window.
var shared = &running{}

type running struct {
	mu      sync.Mutex
	tests   int
	browser *Browser
	stop    func()
}

// Start gives the running Chromium, and starts it when no test has it. Call it once a test and open
// pages in it.
func Start(t testing.TB) *Browser {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.browser != nil && shared.browser.ctx.Err() != nil { // it crashed: the tests that had it know
		shared.stop()
		shared.browser = nil
	}
	if shared.browser == nil {
		shared.browser, shared.stop = launch(t)
	}
	shared.tests++
	t.Cleanup(shared.leave)
	return shared.browser
}

// leave ends Chromium with the last test that has it.
func (r *running) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tests--; r.tests == 0 {
		r.stop()
		r.browser = nil
	}
}

// launch starts Chromium with an empty profile.
func launch(t testing.TB) (*Browser, func()) {
	t.Helper()
	profile, err := os.MkdirTemp("", "tepat-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(find(t)),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.DisableGPU, chromedp.UserDataDir(profile),
		// Without these a click or a key that comes before a slow machine has painted a new page is lost.
		chromedp.Flag("allow-pre-commit-input", true), chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,PaintHolding"))
	if os.Geteuid() == 0 { // Chromium's sandbox refuses to run as root, as in a container
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	end := func() {
		_ = chromedp.Cancel(ctx) // waits for the process, so that the profile folder can go
		cancel()
		stop()
		if err := os.RemoveAll(profile); err != nil {
			log.Printf("browser: %v", err)
		}
	}
	if err := chromedp.Do(ctx); err != nil {
		end()
		t.Fatalf("browser: start Chromium: %v", err)
	}
	return &Browser{ctx: ctx}, end
}

func find(t testing.TB) string {
	t.Helper()
	// The shell is the same Chromium without the windows around the page, and takes half the time.
	for _, name := range []string{os.Getenv("TEPAT_CHROMIUM"), "chromium-headless-shell", "chrome-headless-shell", "/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("browser: Chromium is missing. On Debian: apt-get install chromium-headless-shell, or chromium. Elsewhere set TEPAT_CHROMIUM to its path.")
	return ""
}

// Reader is who opens a page. The zero Reader has a window of 1280 by 800, light, with scripts.
type Reader struct {
	Width, Height int
	Dark          bool
	NoScript      bool
	Print         bool         // sees the page as paper does
	Forced        bool         // Windows contrast theme
	Cookie        *http.Cookie // that she has already, such as of a session
	// Also are other windows in which FitForUse looks at a page once it is open: of each it takes the
	// size and the colours.
	Also []Reader
}

// Page is an open page. Its helpers are not for several goroutines at once.
type Page struct {
	t      testing.TB
	ctx    context.Context
	reader Reader
	Status int // of the document

	mu       sync.Mutex
	requests map[network.RequestID]*Request
	order    []network.RequestID
	messages []string
	warnings []string
}

// Request is one thing the page fetched.
type Request struct {
	URL    string
	Type   string // Document, Stylesheet, Script, Image, Fetch, ...
	Status int
	Bytes  int // as they came over the wire, headers and compression included
}

// Open opens url in a new tab with its own cookies, and waits until it has loaded.
func (b *Browser) Open(t testing.TB, url string, r Reader) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, reader: r, requests: map[network.RequestID]*Request{}}
	if err := chromedp.Listen(ctx, p.note); err != nil {
		t.Fatalf("browser: listen: %v", err)
	}
	p.do("set up the window", p.setup(url, r))
	p.Go(url)
	return p
}

func (p *Page) setup(url string, r Reader) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		if r.Cookie != nil {
			if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: r.Cookie.Name, Value: r.Cookie.Value, URL: url, HTTPOnly: &r.Cookie.HttpOnly}); err != nil {
				return err
			}
		}
		// Several pages are open at a time: each behaves as if it were the one in front.
		if _, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
			return err
		}
		if _, err := window(r)(ctx, t); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: r.NoScript})
		return err
	})
}

// window gives a page the size and the colours of a reader's window.
func window(r Reader) chromedp.Action[chromedp.Void] {
	if r.Width == 0 {
		r.Width = 1280
	}
	if r.Height == 0 {
		r.Height = 800
	}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := chromedp.EmulateViewport(int64(r.Width), int64(r.Height))(ctx, t); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media(r))
		return err
	})
}

func media(r Reader) emulation.SetEmulatedMediaParams {
	scheme := "light"
	if r.Dark {
		scheme = "dark"
	}
	m := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if r.Forced {
		m.Features = append(m.Features, &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
	}
	if r.Print {
		m.Media = "print"
	}
	return m
}

// Go opens another URL in the same tab, forgetting what was fetched before. Where the page that is left loads itself anew at that very
// moment (a running job does, without scripts), it is asked for again.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.mu.Lock()
	p.requests, p.order, p.messages = map[network.RequestID]*Request{}, nil, nil
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	left, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href")) // none while it is loading anew: then nothing was left
	for tries := range 5 {
		response, err := chromedp.Run(ctx, chromedp.NavigateResponse(url))
		if tries < 4 && overtaken(response, err, left, url) {
			continue // the last time it stands: a redirect back is an answer too
		}
		if err != nil {
			p.t.Fatalf("browser: open %s: %v", url, err)
		}
		p.Status = int(response.Status)
		return
	}
}

// overtaken tells whether a page that loads itself anew came in the way: the wanted page was dropped, or the one left came back.
func overtaken(response *network.Response, err error, left, wanted string) bool {
	if lost, ok := errors.AsType[*chromedp.LoadError](err); ok {
		return lost.ErrorText == "net::ERR_ABORTED"
	}
	return err == nil && left != wanted && (response == nil || response.URL == left)
}

// do runs a step and fails the test with what was attempted.
func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("browser: %s: %v", what, err)
	}
}

// Eval gives the value of a JavaScript expression in a page. It works on pages opened with
// NoScript too: the page's own scripts stay off.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("browser: evaluate %.120s: %v", expression, err)
	}
	return value
}

// Click clicks the first element of a CSS selector; use Follow when a new page comes.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Follow clicks and waits for the page that comes.
func (p *Page) Follow(selector string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
	if err != nil {
		p.t.Fatalf("browser: follow %s: %v", selector, err)
	}
	p.Status = int(response.Status)
}

// Fill types text into a field, replacing what is there.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	if !Eval[bool](p, "(() => { const e = document.querySelector("+quote(selector)+"); if (!e) return false; e.focus(); e.select(); return true })()") {
		p.t.Fatalf("browser: fill %s: no such field", selector)
	}
	p.do("type", chromedp.KeyEvent(text))
}

// Choose picks an option of a select by its value, as a reader does: the page's scripts notice.
func (p *Page) Choose(selector, value string) {
	p.t.Helper()
	if !Eval[bool](p, "(() => { const e = document.querySelector("+quote(selector)+"); if (!e) return false; e.value = "+quote(value)+
		"; e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); return e.value === "+quote(value)+" })()") {
		p.t.Fatalf("browser: choose %s in %s: no such field or option", value, selector)
	}
}

// Press sends keys to whatever has the focus, such as kb.Tab or "j".
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do("press keys", chromedp.KeyEvent(keys))
}

// Wait waits until an element of the selector is shown.
func (p *Page) Wait(selector string) {
	p.t.Helper()
	p.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Until waits until a JavaScript expression is true, such as after htmx has swapped a list or a
// script has opened another page.
func (p *Page) Until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	look := time.NewTicker(30 * time.Millisecond)
	defer look.Stop()
	for {
		// An error is a page on its way to another, or an element that is not there yet. The
		// address changes before the page is read.
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.readyState !== "loading" && !!(`+expression+`)`)); err == nil && ok {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			p.t.Fatalf("browser: never true: %s", expression)
		}
	}
}

// Text gives the words of the first element of a selector as a reader sees them.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return Eval[string](p, "(document.querySelector("+quote(selector)+")||{}).innerText||''")
}

// Count counts the elements of a selector.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	return Eval[int](p, "document.querySelectorAll("+quote(selector)+").length")
}

// Focused gives the id of the element that has the focus, or its tag when it has none.
func (p *Page) Focused() string {
	p.t.Helper()
	return Eval[string](p, "document.activeElement.id||document.activeElement.tagName.toLowerCase()")
}

// URL gives the address the page has now.
func (p *Page) URL() string {
	p.t.Helper()
	return Eval[string](p, "location.href")
}

// Screenshot writes a picture of the whole page, at most 6,000 pixels high, to a file.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatalf("browser: screenshot: %v", err)
	}
	p.write(file, picture)
}

// PDF writes the page as it prints on A4 to a file.
func (p *Page) PDF(file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		p.t.Fatalf("browser: print: %v", err)
	}
	p.write(file, pdf)
}

func (p *Page) write(file string, content []byte) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(s) + "'"
}
