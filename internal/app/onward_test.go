package app

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// TestTheWholeRepairListIsPrinted: the list for paper holds every row of the filter and says how many.
func TestTheWholeRepairListIsPrinted(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	all := b.number(t, `SELECT count(*) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`)
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/padan")
	if shown := page.Count("main tbody tr"); int64(shown) >= all || shown == 0 {
		t.Fatalf("%d of %d on the first page: too few to tell a print from a page", shown, all)
	}
	page.Follow(".pager a[href*=cetak]")
	if shown := page.Count("main tbody tr"); int64(shown) != all || !strings.Contains(page.Text(".lead"), fmt.Sprint(all, " orang")) {
		t.Errorf("%d of %d rows to print: %s", shown, all, page.Text(".heading"))
	}
	page.NothingInline()
	// Four columns: the village stands under the family where there are several, and else in the title alone.
	at := area.Code(b.number(t, `SELECT min(area_code) FROM person WHERE state = 1 AND match_status BETWEEN 2 AND 13`))
	village := b.Places.Tree().Name(at)
	if said := page.Text("main tbody"); page.Count("main thead th") != 4 || !strings.Contains(said, village) || !strings.Contains(said, "operator desa") {
		t.Errorf("%d columns; %s", page.Count("main thead th"), said)
	}
	page.Go(b.url + "/padan?cetak=ya&wilayah=" + at.Dotted())
	if page.Count("main tbody tr") == 0 || page.Count("main thead th") != 4 || strings.Contains(page.Text("main tbody"), village) || !strings.Contains(page.Text("h1"), village) {
		t.Errorf("of one village: %s", page.Text("main"))
	}
}

// TestARepairFitsOnASheet: what somebody takes along to the family is one sheet of paper, the foot with it.
func TestARepairFitsOnASheet(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	page := b.signIn(t, browser.Start(t), access.Verifier, plain())
	page.Go(b.url + b.mismatch(t, "g.cause = 'name_spelling'"))
	file := filepath.Join(t.TempDir(), "sheet.pdf")
	page.PDF(file)
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", "-enc", "UTF-8", file, "-").Output() // one of the programs `make test` installs
	if sheets := strings.Count(string(text), "\f"); err != nil || sheets != 1 || !strings.Contains(string(text), "Dicetak") {
		t.Errorf("%d sheets: %v\n%s", sheets, err, text)
	}
}

// TestALongNameKeepsToTheWindow: lists bring names whose spaces were lost; neither a link nor a table with them is wider than the window, and
// no column is lost on paper.
func TestALongNameKeepsToTheWindow(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.altered(t, `UPDATE family SET head_name = $1`, strings.Repeat("W", 60))
	b.altered(t, `UPDATE person SET name = $1`, strings.Repeat("M", 60))
	chromium := browser.Start(t)
	for _, r := range []browser.Reader{{Width: 390, Height: 844}, {Width: 1280, Height: 900}, {Width: 794, Height: 1123, Print: true}} {
		page := b.signIn(t, chromium, access.Verifier, r)
		for _, path := range []string{"/padan?cetak=ya", "/padan/dukcapil"} {
			page.Go(b.url + path)
			page.NoOverflow()
		}
		if r.Print { // the list for the screen has more columns than the one for paper
			continue
		}
		page.Go(b.url + "/padan")
		page.NoOverflow()
		page.Follow("main tbody a")
		page.NoOverflow()
	}
}

// TestARepairLeadsToTheNext: who has mended one person goes on to the next without the list.
func TestARepairLeadsToTheNext(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/padan?status=name_differs")
	page.Follow("main tbody a")
	first := page.Text("h1")
	civil := strings.TrimSpace(strings.TrimPrefix(page.Text("#name-hint"), "Data kependudukan:"))
	if civil == "" {
		t.Fatalf("no name to copy: %s", page.Text("main"))
	}
	page.Fill("#name", civil)
	page.Click("input[name=document][value=ktp]")
	page.Follow("section[aria-labelledby=perbaiki] button")
	if page.Count(".notice-good") != 1 {
		t.Fatalf("not mended: %s", page.Text("main"))
	}
	page.Follow(".notice-good a[href^='/padan/']")
	if page.Status != http.StatusOK || page.Text("h1") == first || page.Count("section[aria-labelledby=perbaiki]") != 1 {
		t.Errorf("no next person: %s", page.Text("main"))
	}
}

// TestADecisionLeadsToTheNext: the page of a case that was just decided says so once, and leads on.
func TestADecisionLeadsToTheNext(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	b.run(t, runs.NewRun{Kind: "dedupe", Settings: map[string]any{}})
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/ganda")
	page.Follow("main tbody a")
	page.Click("input[name=reason][value=documents]")
	page.Follow("section[aria-labelledby=beda] button")
	if page.Count(".notice-good a") != 1 {
		t.Fatalf("nothing leads on: %s", page.Text("main"))
	}
	page.Go(page.URL())
	if page.Count(".notice-good") != 0 {
		t.Errorf("said a second time: %s", page.Text("main"))
	}
}

// TestAnErrorPageKeepsTheWayAround: who is signed in keeps her navigation on the page of an error.
func TestAnErrorPageKeepsTheWayAround(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.Operator, browser.Reader{Width: 390, Height: 844})
	for path, status := range map[string]int{"/pengguna": http.StatusForbidden, "/keluarga/9-018f0000-0000-7000-8000-000000000000": http.StatusNotFound} {
		page.Go(b.url + path)
		if page.Status != status || page.Count(".navbar a[href='/usulan']") != 1 || page.Count(".account") != 1 {
			t.Errorf("%s: %d %s", path, page.Status, page.Text("body"))
		}
		page.Accessible()
		page.NoOverflow()
		if searches := page.Count(`main form[action="/keluarga/cari"]`); searches != map[int]int{http.StatusNotFound: 1}[status] {
			t.Errorf("%s offers %d searches", path, searches)
		}
	}
	page.Go(b.url + "/usulan/9-018f0000-0000-7000-8000-000000000000")
	page.Fill("#q", "Maria Contoh")
	page.Follow("main form button")
	if !strings.HasPrefix(page.URL(), b.url+"/keluarga?cari=") || strings.Contains(strings.ToLower(page.URL()), "maria") {
		t.Errorf("the search of an error page leads to %s", page.URL())
	}
}
