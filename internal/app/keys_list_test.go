package app

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/testkit/browser"
)

// TestListsByKeyboard walks a list with single keys, finds them told on the page, and turns them off.
func TestListsByKeyboard(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	page := b.signIn(t, browser.Start(t), access.Verifier, browser.Reader{Width: 1280, Height: 900})
	for _, path := range []string{"/keluarga", "/padan", "/usulan", "/ganda", "/pekerjaan"} {
		page.Go(b.url + path)
		if page.Count("table tbody tr") == 0 {
			continue
		}
		page.Press("?")
		if !browser.Eval[bool](page, "document.getElementById('shortcuts')?.open === true") {
			t.Errorf("%s: ? tells no keys", path)
			continue
		}
		page.FitForUse()
		picture(page, "keys"+strings.ReplaceAll(path, "/", "-"))
		page.Press("?")
		page.Press("j")
		page.Press("j")
		page.Press("k")
		if got := browser.Eval[string](page, "[...document.querySelectorAll('table[data-rows] tbody tr')].map((r) => r.classList.contains('current') ? 1 : 0).join('').slice(0, 2)"); !strings.HasPrefix(got, "1") {
			t.Errorf("%s: j j k came to %q", path, got)
		}
	}
	page.Go(b.url + "/keluarga")
	page.Press("/")
	if got := page.Focused(); !strings.Contains(got, "q") {
		t.Errorf("/ leads to %q", got)
	}
	page.Go(b.url + "/keluarga")
	page.Press("j")
	page.Press("o")
	page.Until("/^.keluarga.8171-/.test(location.pathname)")

	page.Go(b.url + "/profil")
	page.Follow("section[aria-labelledby=pintasan] form button")
	page.Go(b.url + "/keluarga")
	page.Press("?")
	page.Press("j")
	if page.Count("#shortcuts")+page.Count("tr.current") != 0 {
		t.Error("keys that were turned off still act")
	}
}
