package app

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/testkit/browser"
)

// galleryViews are the windows every page is held in. With TEPAT_PICTURES every one of them is, else
// the two that differ most.
func galleryViews() map[string]browser.Reader {
	views := map[string]browser.Reader{"1280": {Width: 1280, Height: 900}, "390-dark": {Width: 390, Height: 844, Dark: true}}
	if os.Getenv("TEPAT_PICTURES") != "" {
		views["1280-dark"], views["390"] = browser.Reader{Width: 1280, Height: 900, Dark: true}, browser.Reader{Width: 390, Height: 844}
	}
	return views
}

// TestEveryPageIsFitForUse opens every page of the site as somebody whose page it is, with a record in
// it: no accessibility violation, no overflow, nothing inline, no complaint. The first page is opened
// as every role.
func TestEveryPageIsFitForUse(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	w.counted(t)
	chromium := browser.Start(t)
	for view, reader := range galleryViews() {
		pages := map[access.Role]*browser.Page{}
		as := func(who walker) *browser.Page {
			if pages[who.role] == nil {
				pages[who.role] = w.enters(t, chromium, who, reader)
			}
			return pages[who.role]
		}
		for _, who := range w.people[:len(access.Roles())] {
			page := as(who)
			page.Go(w.url + "/")
			page.FitForUse()
			picture(page, "semua-"+view+"-00-"+string(who.role))
		}
		for i, d := range doors() {
			who, ok := w.owner(d)
			if !ok || d.method() != http.MethodGet || isFile(d.route) {
				continue
			}
			page := as(who)
			page.Go(w.url + w.address(t, d))
			if page.Status != http.StatusOK {
				t.Errorf("%s as %s: %d", d.name(), who.name, page.Status)
				continue
			}
			page.FitForUse()
			if !strings.HasPrefix(d.route, "GET /audit") { // which tells acts by their names
				worded(t, page)
			}
			picture(page, strings.NewReplacer("/", "_", "{", "", "}", "", " ", "", "?", "_", "$", "").Replace("semua-"+view+"-"+string(rune('a'+i/26))+string(rune('a'+i%26))+"-"+strings.TrimPrefix(d.route, "GET ")))
		}
	}
}

// worded holds that no key of a sentence stands on the page, which is what a reader sees of words that are missing.
func worded(t *testing.T, page *browser.Page) {
	t.Helper()
	catalogue, err := words()
	if err != nil {
		t.Fatal(err)
	}
	spaces := map[string]bool{}
	for _, key := range catalogue.Keys() {
		space, _, _ := strings.Cut(key, ".")
		spaces[space] = true
	}
	for _, said := range browser.Eval[[]string](page, `(() => {
		const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) {
			const said = walk.currentNode.textContent.trim();
			if (/^[a-z]+(\.[a-z0-9_]+)+$/.test(said)) found.push(said);
		}
		return found;
	})()`) {
		if space, _, _ := strings.Cut(said, "."); spaces[space] {
			t.Errorf("%s shows %q, the key of words that are not there", page.URL(), said)
		}
	}
}

// owner gives the first person of the village or its district whose page a door is. Pages of a session
// of its own are held in their own tests.
func (w *walk) owner(d door) (walker, bool) {
	for _, who := range w.people[:len(access.Roles())] {
		if d.reach != private && w.verdict(d, who) == http.StatusOK {
			return who, true
		}
	}
	return walker{}, false
}

// isFile reports whether a route gives a file and no page.
func isFile(route string) bool {
	for _, end := range []string{"/pdf", "/unduh", ".xlsx", ".csv", "/surat", "/daftar", "/penolakan", "/mirip", "/lampiran", "/lembar", "/berkas/{id}"} {
		if strings.HasSuffix(route, end) && route != "GET /keluarga/unduh" {
			return true
		}
	}
	return route == "GET /profil/faktor" // only within the setting up of a factor
}

// enters signs a walker in by the browser.
func (w *walk) enters(t *testing.T, chromium *browser.Browser, who walker, r browser.Reader) *browser.Page {
	t.Helper()
	page := chromium.Open(t, w.url+"/masuk", r)
	page.Fill("#username", "near."+w.town.people[who.role].Login)
	page.Fill("#password", w.town.people[who.role].Password.Reveal())
	page.Follow("main form button")
	return page
}
