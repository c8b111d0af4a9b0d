package guide_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/testkit/browser"
	"tepat/web/assets"
	"tepat/web/guide"
	"tepat/web/messages"
	"tepat/web/site"
	"tepat/web/ui"
)

// serve runs the guide under the real front: headers, assets, error pages.
func serve(t *testing.T) *httptest.Server { return serveWith(t, nil) }

// serveWith adds what the guide has no handler for: it shows, it does not keep.
func serveWith(t *testing.T, more map[string]httpkit.Handler) *httptest.Server {
	t.Helper()
	catalogue, err := messages.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := ui.Site{Name: "Tepat Kota Ambon", Place: "Dinas Sosial Kota Ambon", HomeHref: guide.Root, Training: true, Version: "0.1",
		Links: site.FooterLinks(catalogue.Printer(i18n.Indonesian), guide.Root)}
	web := &httpkit.Web{Log: slog.New(slog.DiscardHandler), Page: site.ErrorPages(s, site.Contact{})}
	mux := httpkit.NewMux(web)
	guide.Register(mux, s)
	for pattern, h := range more {
		mux.Handle(pattern, h)
	}
	files, err := httpkit.Assets(assets.Files(), assets.Prefix)
	if err != nil {
		t.Fatal(err)
	}
	mux.Mount(assets.Prefix, files)
	front, err := httpkit.Front{Next: mux, Web: web, Catalogue: catalogue, Cookies: true}.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(front)
	t.Cleanup(server.Close)
	return server
}

type view struct {
	name   string
	reader browser.Reader
}

// views are the windows each page is opened in. The colours and the small window that differ from one of
// these in nothing else are looked through in the page that is open; with TEPAT_PICTURES each is opened.
func views() []view {
	wide, dark := browser.Reader{Width: 1280, Height: 800}, browser.Reader{Width: 1280, Height: 800, Dark: true}
	tablet := browser.Reader{Width: 768, Height: 1024}
	phone, phoneDark := browser.Reader{Width: 390, Height: 844}, browser.Reader{Width: 390, Height: 844, Dark: true}
	small, plain := browser.Reader{Width: 320, Height: 568}, browser.Reader{Width: 390, Height: 844, NoScript: true}
	if os.Getenv("TEPAT_PICTURES") != "" {
		return []view{{"1280-light", wide}, {"1280-dark", dark}, {"768-light", tablet}, {"390-light", phone}, {"390-dark", phoneDark}, {"320-light", small}, {"390-noscript", plain}}
	}
	wide.Also, phone.Also = []browser.Reader{dark}, []browser.Reader{phoneDark, small}
	return []view{{"1280", wide}, {"768", tablet}, {"390", phone}, {"390-noscript", plain}}
}

// TestEveryPageInEveryView opens each page of the guide in each window and colour. With
// TEPAT_PICTURES set to a folder it also writes the pictures to look at.
func TestEveryPageInEveryView(t *testing.T) {
	t.Parallel()
	server := serve(t)
	chromium := browser.Start(t)
	for _, v := range views() {
		t.Run(v.name, func(t *testing.T) {
			page := chromium.Open(t, server.URL+guide.Root, v.reader)
			for _, path := range guide.Paths() {
				page.Go(server.URL + path)
				check(t, page, path, v.reader)
				if folder := os.Getenv("TEPAT_PICTURES"); folder != "" {
					page.Screenshot(filepath.Join(folder, strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "-")+"-"+v.name+".png"))
				}
			}
		})
	}
}

func check(t *testing.T, page *browser.Page, path string, r browser.Reader) {
	t.Helper()
	page.WellFormed()
	page.NoOverflow()
	if r.NoScript {
		page.NothingInline()
		return
	}
	page.Accessible()
	page.FitInOtherWindows()
	if !strings.Contains(path, "/galat/") { // Chromium itself complains about an answer of 403
		page.Quiet()
	}
}

func TestPagesKeepTheirBudgets(t *testing.T) {
	t.Parallel()
	server := serve(t)
	chromium := browser.Start(t)
	for path, budget := range map[string]browser.Budget{
		"/cek": browser.PublicBudget(), "/bantuan": browser.PublicBudget(), "/formulir": browser.FormBudget(),
		"/antrean": browser.ListBudget(), "/keluarga": browser.ListBudget(), "/dasbor": browser.DashboardBudget(),
	} {
		page := chromium.Open(t, server.URL+guide.Root+path, browser.Reader{Width: 390, Height: 844})
		page.Within(budget)
		traffic := page.Traffic()
		t.Logf("%s: %d bytes, %d of scripts, %d requests", path, traffic.Bytes, traffic.Scripts, len(traffic.Requests))
	}
}

func TestPolicyStopsInlineScript(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/cek", browser.Reader{})
	browser.Eval[bool](page, `(() => { const s = document.createElement('script'); s.textContent = 'document.title = "broken"'; document.head.append(s); return true })()`)
	if title := browser.Eval[string](page, "document.title"); title == "broken" {
		t.Error("an inline script ran: the policy does not hold")
	}
	if len(page.Complaints()) == 0 {
		t.Error("the browser did not report the violation, so Quiet would not notice one")
	}
}

func TestKeyboardMovesSelectsAndSearches(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/antrean", browser.Reader{})
	page.Press("j")
	page.Press("j")
	page.Press("x")
	if row := page.Text("tr.current a"); row != "Sukirman" {
		t.Errorf("after j j the current row is %q", row)
	}
	if n := page.Count("tr.selected"); n != 1 {
		t.Errorf("after x %d rows are selected", n)
	}
	if words := page.Text("[data-bulk-count]"); words != "1 baris dipilih" {
		t.Errorf("the bar says %q", words)
	}
	page.Press("/")
	if id := page.Focused(); id != "q" {
		t.Errorf("/ moved the focus to %q", id)
	}
	page.Press("j")
	if value := browser.Eval[string](page, "document.getElementById('q').value"); !strings.Contains(value, "j") {
		t.Errorf("a letter typed into a field acted as a shortcut: %q", value)
	}
}

func TestErrorSummaryTakesTheFocusAndLeadsToTheField(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/formulir", browser.Reader{})
	if !browser.Eval[bool](page, "document.activeElement.classList.contains('error-summary')") {
		t.Error("the error summary does not have the focus")
	}
	page.Click(".error-summary li:nth-child(3) a")
	if id := page.Focused(); id != "floor" {
		t.Errorf("the third error leads to %q", id)
	}
	if title := browser.Eval[string](page, "document.title"); !strings.HasPrefix(title, "Galat: ") {
		t.Errorf("title is %q", title)
	}
}

func TestNIKIsGroupedWhileTyping(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/formulir", browser.Reader{})
	page.Fill("#nik", "8171030405850001")
	if value := browser.Eval[string](page, "document.getElementById('nik').value"); value != "8171 0304 0585 0001" {
		t.Errorf("typed NIK shows as %q", value)
	}
	plain := browser.Start(t).Open(t, server.URL+guide.Root+"/formulir", browser.Reader{NoScript: true})
	if value := browser.Eval[string](plain, "document.getElementById('nik').value"); value != "817112345678901" {
		t.Errorf("without scripts the value changed to %q", value)
	}
}

func TestMenuOpensOnPhonesWithoutScripts(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/antrean", browser.Reader{Width: 390, Height: 844, NoScript: true})
	shown := "getComputedStyle(document.getElementById('menu')).display !== 'none'"
	if browser.Eval[bool](page, shown) {
		t.Fatal("the menu covers the page before it is asked for")
	}
	page.Click(".nav-open")
	if !browser.Eval[bool](page, shown) {
		t.Error("the menu does not open")
	}
	page.NoOverflow()
	page.Click(".nav-close")
	if browser.Eval[bool](page, shown) {
		t.Error("the menu does not close")
	}
}

func TestLanguageAndThemeAreRemembered(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/bantuan?lang=en", browser.Reader{})
	if page.URL() != server.URL+guide.Root+"/bantuan" {
		t.Errorf("the choice stays in the URL: %s", page.URL())
	}
	page.Go(server.URL + guide.Root + "/kerahasiaan?theme=dark")
	page.Go(server.URL + guide.Root + "/kerahasiaan")
	if lang := browser.Eval[string](page, "document.documentElement.lang"); lang != "en" {
		t.Errorf("lang is %q", lang)
	}
	if ground := browser.Eval[string](page, "getComputedStyle(document.documentElement).backgroundColor"); ground != "rgb(18, 26, 31)" {
		t.Errorf("the dark choice gives a ground of %s", ground)
	}
	page.Accessible()
}

func TestPrintHidesChromeAndShowsTheFoot(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/antrean", browser.Reader{Print: true})
	for _, hidden := range []string{".navbar", ".filter", ".bulk", ".pager", ".footer"} {
		if browser.Eval[string](page, "getComputedStyle(document.querySelector('"+hidden+"')).display") != "none" {
			t.Errorf("%s prints", hidden)
		}
	}
	for _, shown := range []string{".print-footer", ".watermark"} {
		if browser.Eval[string](page, "getComputedStyle(document.querySelector('"+shown+"')).display") == "none" {
			t.Errorf("%s does not print", shown)
		}
	}
	if at := browser.Eval[string](page, "getComputedStyle(document.querySelector('.table tbody tr')).breakBefore"); at != "avoid" {
		t.Errorf("the head of a table may stand alone at the foot of a sheet: %q", at)
	}
	if folder := os.Getenv("TEPAT_PICTURES"); folder != "" {
		page.PDF(filepath.Join(folder, "antrean.pdf"))
		page.Go(server.URL + guide.Root + "/dokumen")
		page.PDF(filepath.Join(folder, "dokumen.pdf"))
	}
}

func TestForcedColoursKeepStatusVisible(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root, browser.Reader{Forced: true})
	if border := browser.Eval[string](page, "getComputedStyle(document.querySelector('.chip')).borderTopStyle"); border != "solid" {
		t.Errorf("a chip has border %q in a contrast theme", border)
	}
}

func TestSourcesStayWithinTheirSize(t *testing.T) {
	t.Parallel()
	limits := map[string]int{assets.AppCSS: 14 << 10, assets.ListJS: 6 << 10, assets.FormJS: 6 << 10, assets.Htmx: 17 << 10}
	server := serve(t)
	for url, limit := range limits {
		response, err := http.Get(server.URL + url)
		if err != nil {
			t.Fatal(err)
		}
		var plain bytes.Buffer
		_, err = plain.ReadFrom(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v, %v", url, response.Status, err)
		}
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		fmt.Fprint(z, plain.String())
		z.Close()
		if zipped.Len() > limit {
			t.Errorf("%s is %d bytes zipped, limit %d", url, zipped.Len(), limit)
		}
	}
}

// drafts is a server that keeps drafts when it feels like it.
type drafts struct {
	mu   sync.Mutex
	away bool
	kept []url.Values
}

func (d *drafts) save(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away {
		return fail.Unavailable("request.unreadable")
	}
	d.kept = append(d.kept, r.PostForm)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (d *drafts) set(away bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.away = away
}

func (d *drafts) last(field string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.kept) == 0 {
		return ""
	}
	return d.kept[len(d.kept)-1].Get(field)
}

func TestDraftIsSavedWhileTyping(t *testing.T) {
	t.Parallel()
	d := &drafts{}
	server := serveWith(t, map[string]httpkit.Handler{"POST " + guide.Root + "/draf": d.save})
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/formulir", browser.Reader{})
	page.Fill("#name", "Siti Aminah Latuconsina")
	page.Until("document.querySelector('[data-draft-state]').textContent.startsWith('Draf tersimpan pukul')")
	if got := d.last("name"); got != "Siti Aminah Latuconsina" {
		t.Errorf("the server keeps %q", got)
	}
	if n := browser.Eval[int](page, "sessionStorage.length + localStorage.length"); n != 0 {
		t.Errorf("%d copies stay in the browser after the server has the draft", n)
	}
}

func TestDraftSurvivesALostConnection(t *testing.T) {
	t.Parallel()
	d := &drafts{away: true}
	server := serveWith(t, map[string]httpkit.Handler{"POST " + guide.Root + "/draf": d.save})
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/formulir", browser.Reader{})
	page.Fill("#note", "Rumah di belakang masjid")
	page.Until("document.querySelector('[data-draft-state]').textContent.startsWith('Belum terkirim')")
	if n := browser.Eval[int](page, "localStorage.length"); n != 0 {
		t.Error("the draft was put where it outlives the tab")
	}
	d.set(false)
	page.Go(server.URL + guide.Root + "/formulir")
	if d := page.Dialogs(); len(d) != 1 || d[0] != "beforeunload" {
		t.Errorf("leaving with unsent input showed %v, want one warning", d)
	}
	if note := browser.Eval[string](page, "document.getElementById('note').value"); note != "Rumah di belakang masjid" {
		t.Errorf("after coming back the field holds %q", note)
	}
	if words := page.Text("[data-draft-state]"); !strings.Contains(words, "dikembalikan") {
		t.Errorf("the page says %q", words)
	}
}

func TestPagerReplacesTheListAndKeepsThePage(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/antrean", browser.Reader{})
	browser.Eval[bool](page, "window.stayed = true")
	page.Click("input[value='U-2026-04180']")
	page.Click(".pager-next")
	page.Until("location.search.includes('setelah=U-2026-04159') && document.querySelectorAll('tr.selected').length === 0")
	if !browser.Eval[bool](page, "window.stayed === true") {
		t.Error("the whole page was loaded")
	}
	page.Until("document.querySelector('[data-bulk-count]').textContent === 'Belum ada baris yang dipilih.'")
	page.WellFormed()
	page.Quiet()
	plain := browser.Start(t).Open(t, server.URL+guide.Root+"/antrean", browser.Reader{NoScript: true})
	plain.Follow(".pager-next")
	if !strings.Contains(plain.URL(), "setelah=U-2026-04159") {
		t.Errorf("without scripts the link leads to %s", plain.URL())
	}
}

func TestFilterWorksWithAndWithoutScripts(t *testing.T) {
	t.Parallel()
	server := serve(t)
	chromium := browser.Start(t)
	for _, reader := range []browser.Reader{{}, {NoScript: true}} {
		page := chromium.Open(t, server.URL+guide.Root+"/antrean", reader)
		page.Fill("#q", "tefa")
		page.Choose("#jenis", "baru")
		if reader.NoScript {
			page.Follow(".filter button")
		} else {
			page.Click(".filter button")
			page.Until("location.search.includes('tefa')")
		}
		if u := page.URL(); !strings.Contains(u, "q=tefa") || !strings.Contains(u, "jenis=baru") {
			t.Errorf("the filter is not in the URL: %s", u)
		}
	}
}

func TestErrorAnswerToHtmxOpensAsAPage(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/antrean", browser.Reader{})
	browser.Eval[bool](page, "(document.querySelector('.pager-next').setAttribute('hx-get', '"+guide.Root+"/tidak-ada'), htmx.process(document.body), true)")
	page.Click(".pager-next")
	page.Until("document.querySelector('h1').textContent === 'Halaman tidak ditemukan'")
}

func TestProgressRefreshesWithoutScripts(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/kerja", browser.Reader{NoScript: true})
	if n := page.Count("meta[http-equiv=refresh]"); n != 1 {
		t.Errorf("%d refresh marks without scripts, want 1", n)
	}
}

func TestAccountPanelOpensWithinThePhone(t *testing.T) {
	t.Parallel()
	server := serve(t)
	page := browser.Start(t).Open(t, server.URL+guide.Root+"/antrean", browser.Reader{Width: 320, Height: 568, NoScript: true})
	page.Click(".account summary")
	page.NoOverflow()
	if left := browser.Eval[float64](page, "document.querySelector('.account-panel').getBoundingClientRect().left"); left < 0 {
		t.Errorf("the panel starts %v px outside the window", left)
	}
	if words := page.Text(".account-panel"); !strings.Contains(words, "Terakhir masuk") || !strings.Contains(words, "Keluar") {
		t.Errorf("the panel says %q", words)
	}
	if folder := os.Getenv("TEPAT_PICTURES"); folder != "" {
		page.Screenshot(filepath.Join(folder, "account-320.png"))
	}
}
