package guide_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
func serve(t *testing.T) *httptest.Server {
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

func views() []view {
	return []view{
		{"1280-light", browser.Reader{Width: 1280, Height: 800}},
		{"1280-dark", browser.Reader{Width: 1280, Height: 800, Dark: true}},
		{"768-light", browser.Reader{Width: 768, Height: 1024}},
		{"390-light", browser.Reader{Width: 390, Height: 844}},
		{"390-dark", browser.Reader{Width: 390, Height: 844, Dark: true}},
		{"320-light", browser.Reader{Width: 320, Height: 568}},
		{"390-noscript", browser.Reader{Width: 390, Height: 844, NoScript: true}},
	}
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
