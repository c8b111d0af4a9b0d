package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/testkit/browser"
)

// picture writes what a page looks like when TEPAT_PICTURES names a folder.
func picture(page *browser.Page, name string) {
	if dir := os.Getenv("TEPAT_PICTURES"); dir != "" {
		page.Screenshot(filepath.Join(dir, name+".png"))
	}
}

// view is a window a page is looked at in.
type view struct {
	name string
	r    browser.Reader
}

// readers are the windows every page is looked at in: wide and light, narrow and dark, and in each of
// these FitForUse looks through the other windows of its kind. With TEPAT_PICTURES each is opened.
func readers() []view {
	wide, narrow := browser.Reader{Width: 1280, Height: 900}, browser.Reader{Width: 390, Height: 844}
	wideDark, narrowDark, smallest := wide, narrow, browser.Reader{Width: 320, Height: 640}
	wideDark.Dark, narrowDark.Dark = true, true
	if os.Getenv("TEPAT_PICTURES") != "" {
		return []view{{"1280", wide}, {"390", narrow}, {"1280-dark", wideDark}, {"390-dark", narrowDark}, {"320", smallest}}
	}
	smallest.Dark = true
	wide.Also, narrowDark.Also = []browser.Reader{wideDark}, []browser.Reader{narrow, smallest}
	return []view{{"1280", wide}, {"390-dark", narrowDark}}
}

// TestPagesAreFitForUse opens the pages of the district's verifier in each window and
// colour: no accessibility violation, no overflow, nothing inline, no complaint.
func TestPagesAreFitForUse(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	for _, view := range readers() {
		t.Run(view.name, func(t *testing.T) {
			page := b.signIn(t, chromium, access.Verifier, view.r)
			for i, path := range []string{"/", "/keluarga", "/keluarga?padan=tidak", "/padan", "/padan?status=dead", "/pekerjaan", "/keluarga?desil=10", "/bantuan", "/status"} {
				page.Go(b.url + path)
				page.FitForUse()
				picture(page, fmt.Sprintf("%s-%02d%s", view.name, i, strings.NewReplacer("/", "_", "?", "_", "=", "_").Replace(path)))
			}
			for i, step := range []struct{ from, link string }{{"/keluarga", "table a"}, {"/padan", "table a"}, {"/pekerjaan", "table a"}} {
				page.Go(b.url + step.from)
				page.Follow(step.link)
				page.FitForUse()
				picture(page, fmt.Sprintf("%s-record-%d", view.name, i))
			}
		})
	}
}
