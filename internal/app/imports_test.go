package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"tepat/internal/domain/access"
	"tepat/internal/edge/cli"
	"tepat/internal/testkit/browser"
)

// served serves a town as `tepat serve` does, with its background workers, and gives the
// context that ends it.
func (b *town) served(t *testing.T, limit int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- b.Serve(ctx, cli.ServeOptions{Addr: "127.0.0.1:0", UploadLimit: limit, Ready: func(url string) { ready <- url }})
	}()
	select {
	case b.url = <-ready:
	case err := <-ended:
		t.Fatalf("serve: %v", err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

// foreign is a list no heading of which anybody knows: three good rows, and one of another
// district.
func foreign(b *town) string {
	village := b.people[access.Operator].Area.Dotted()
	row := func(n int, name, born, code string) string {
		return fmt.Sprintf("%d;%s;P;%s;;%s;x\n", n, name, born, code)
	}
	return "Daftar warga\nU1;U2;U3;U4;U5;U6;U7\n" + row(1, "RINA CONTOH", "17/05/1980", village) + row(2, "SITI CONTOH", "18/05/1981", village) +
		row(3, "TUTI CONTOH", "19/05/1982", village) + row(4, "LUAR CONTOH", "20/05/1983", "12.09.08.2002") + row(5, "SALAH CONTOH", "99/99/9999", village)
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (b *town) tally(t *testing.T, query string, args ...any) (n int64) {
	t.Helper()
	if err := b.DB.Direct().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// chooseColumns says what the columns of the foreign list are.
func chooseColumns(page *browser.Page) {
	for i, field := range []string{"row_id", "name", "sex", "birth_date", "village", "area_code", "nik"} {
		page.Choose(fmt.Sprintf("#column-%d", i+1), field)
	}
}

// TestImportWalksThroughThePages sends a file nobody knows the columns of, corrects them, tries
// it out, applies it in the background and fetches the rejected rows, without JavaScript.
func TestImportWalksThroughThePages(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.served(t, 0)
	chromium := browser.Start(t)
	before := b.tally(t, `SELECT count(*) FROM person WHERE kabkota = 8171`)
	page := b.signIn(t, chromium, access.Verifier, browser.Reader{Width: 1280, Height: 900, NoScript: true})
	page.Go(b.url + "/pekerjaan")
	page.Follow(`main a[href="/impor"]`)
	page.Follow("main form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count(`.error-summary a[href="#file"]`) != 1 {
		t.Fatalf("no file chosen: %d %s", page.Status, page.Text("main"))
	}
	page.NothingInline()
	page.Click("#subject")
	page.Attach("#file", writeFile(t, "warga 3271011203900001.csv", foreign(b)))
	page.Follow("main form button")
	upload := page.URL()
	if !strings.Contains(upload, "/impor/") || strings.Contains(page.Text("main"), "3271011203900001") {
		t.Fatalf("after sending: %s %s", upload, page.Text("main"))
	}
	page.Follow(`button[value="check"]`)
	if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text(".error-summary"), "Kolom wajib") && !strings.Contains(page.Text(".error-summary"), "pemetaan") {
		t.Errorf("without columns: %d %s", page.Status, page.Text(".error-summary"))
	}
	chooseColumns(page)
	page.Choose("#column-7", "name")
	page.Follow(`button[value="check"]`)
	if page.Status != http.StatusUnprocessableEntity || page.Count(`.error-summary a[href="#column-7"]`) != 1 || browser.Eval[string](page, `document.querySelector("#column-3").value`) != "sex" {
		t.Errorf("one field twice: %d %s", page.Status, page.Text(".error-summary"))
	}
	page.NothingInline()
	chooseColumns(page)
	page.Fill("#source", "Pendataan RT")
	page.Fill("#as_of", "2026-10")
	page.Follow(`button[value="check"]`)
	if !strings.Contains(page.URL(), "/pekerjaan/") || refused(page) != 2 || page.Count(`button[value="submit"]`) != 1 {
		t.Fatalf("after the dry run: %s %s", page.URL(), page.Text("main"))
	}
	if n := b.tally(t, `SELECT count(*) FROM person WHERE kabkota = 8171`); n != before {
		t.Errorf("the dry run wrote %d persons", n-before)
	}
	page.Follow(`button[value="remap"]`)
	if page.URL() != upload || browser.Eval[string](page, `document.querySelector("#column-4").value`) != "birth_date" {
		t.Errorf("back at the columns: %s", page.URL())
	}
	page.Follow(`button[value="check"]`)
	run := page.URL()
	page.Follow(`button[value="submit"]`)
	b.waitFor(t, page, run)
	if n := b.tally(t, `SELECT count(*) FROM person WHERE kabkota = 8171`) - before; n != 3 {
		t.Errorf("%d persons came in", n)
	}
	if n := b.tally(t, `SELECT count(*) FROM person WHERE kabkota = 8171 AND source = 'Pendataan RT' AND source_date = '2026-10'`); n != 3 {
		t.Errorf("%d persons have the source that was typed", n)
	}
	page.Go(run)
	page.NothingInline()
	picture(page, "import-done")
	if refused(page) != 2 || page.Count(`main a[href$="/penolakan"]`) != 1 || strings.Contains(page.Text("main"), "CONTOH") {
		t.Errorf("the result: %s", page.Text("main"))
	}
	body := browser.Eval[string](page, `fetch(document.querySelector('main a[href$="/penolakan"]').href).then(r => r.headers.get('content-type') === 'text/csv; charset=utf-8' && r.headers.get('content-disposition').startsWith('attachment') ? r.text() : '')`)
	if lines := strings.Split(strings.TrimSpace(body), "\n"); strings.Count(body, ",no\n") != 2 || len(lines) != 6 || !strings.HasPrefix(lines[0], "line,column,code") || strings.Contains(body, "CONTOH") {
		t.Errorf("rejects file: %q", body)
	}
	b.checkTrace(t, run)
	left, err := filepath.Glob(filepath.Join(b.DataDir, "uploads", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if !strings.HasSuffix(path, ".json") && !strings.HasSuffix(path, ".rejects.csv") {
			t.Errorf("the file of people is still there: %s", path)
		}
	}
	page.Go(upload)
	if page.URL() != run {
		t.Errorf("the upload's page leads to %s", page.URL())
	}
}

// waitFor reloads a run's page until the background has done it.
func (b *town) waitFor(t *testing.T, page *browser.Page, run string) {
	t.Helper()
	for patience := time.Now().Add(2 * time.Minute); time.Now().Before(patience); {
		page.Go(run)
		if page.Count("#hasil") > 0 && page.Count("#kemajuan") == 0 {
			return
		}
	}
	t.Fatalf("the run never ended: %s", page.Text("main"))
}

// checkTrace looks for what an import leaves in the audit log.
func (b *town) checkTrace(t *testing.T, run string) {
	t.Helper()
	id := run[strings.LastIndex(run, "/8171-")+6:]
	for _, name := range []string{"run.create", "run.preview", "run.submit", "import.families.chunk"} {
		list, err := b.DB.Direct().Query(t.Context(), `SELECT subject, actor_id, facts FROM audit_entry WHERE kabkota = 8171 AND act = $1`, name)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for list.Next() {
			var subject, actor, facts any
			if err := list.Scan(&subject, &actor, &facts); err != nil {
				t.Fatal(err)
			}
			found = found || strings.EqualFold(fmt.Sprintf("%x", subject), strings.ReplaceAll(id, "-", ""))
			var parsed map[string]any
			if err := json.Unmarshal([]byte(fmt.Sprint(facts)), &parsed); err != nil || strings.Contains(fmt.Sprint(facts), "CONTOH") {
				t.Errorf("%s has the facts %v", name, facts)
			}
		}
		if err := list.Close(); err != nil || !found {
			t.Errorf("no entry %s for the run %s: %v", name, id, err)
		}
	}
}

// TestUploadsAreBounded sends a file that is too large.
func TestUploadsAreBounded(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.served(t, 64<<10)
	page := b.signIn(t, browser.Start(t), access.Verifier, browser.Reader{Width: 1280, Height: 900, NoScript: true})
	page.Go(b.url + "/impor")
	page.Attach("#file", writeFile(t, "besar.csv", "nik,nama\n"+strings.Repeat("1,2\n", 20_000)))
	page.Follow("main form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count(`.error-summary a[href="#file"]`) != 1 {
		t.Errorf("a large file: %d %s", page.Status, page.Text("main"))
	}
	page.Attach("#file", writeFile(t, "lama.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+strings.Repeat("\x00", 600)))
	page.Follow("main form button")
	if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text(".error-summary"), ".xls") {
		t.Errorf("an old workbook: %d %s", page.Status, page.Text("main"))
	}
	if left, err := filepath.Glob(filepath.Join(b.DataDir, "uploads", "*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestImportsAreTheirOwners walks to the pages as people who may not.
func TestImportsAreTheirOwners(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	plain := browser.Reader{Width: 1280, Height: 900, NoScript: true}
	verifier := b.signIn(t, chromium, access.Verifier, plain)
	verifier.Go(b.url + "/impor")
	if verifier.Count(`input[name="subject"]`) != 4 {
		t.Errorf("a verifier may import %d subjects", verifier.Count(`input[name="subject"]`))
	}
	verifier.Attach("#file", writeFile(t, "warga.csv", foreign(b)))
	verifier.Follow("main form button")
	upload := verifier.URL()
	operator := b.signIn(t, chromium, access.Operator, plain)
	if operator.Go(upload); operator.Status != http.StatusNotFound {
		t.Errorf("an operator opened somebody's upload: %d", operator.Status)
	}
	operator.Go(b.url + "/impor")
	if operator.Count(`input[name="subject"]`) != 1 {
		t.Errorf("an operator may import %d subjects", operator.Count(`input[name="subject"]`))
	}
	analyst := b.signIn(t, chromium, access.Analyst, plain)
	analyst.Go(b.url + "/impor")
	if browser.Eval[string](analyst, `[...document.querySelectorAll('input[name=subject]')].map(e => e.value).join()`) != "deciles" {
		t.Errorf("an analyst sees %s", analyst.Text("main"))
	}
	for _, role := range []access.Role{access.Auditor, access.Signer, access.Admin, access.VillageHead} {
		page := b.signIn(t, chromium, role, plain)
		page.Go(b.url + "/impor")
		if page.Status != http.StatusForbidden {
			t.Errorf("%s may import: %d", role, page.Status)
		}
	}
}

// TestImportPagesAreFitForUse opens each page of an import in each window and colour.
func TestImportPagesAreFitForUse(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + "/impor")
		page.FitForUse()
		page.Within(browser.FormBudget())
		picture(page, view.name+"-import-send")
		if page.Follow("main form button"); page.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: nothing chosen: %d", view.name, page.Status)
		}
		page.Accessible()
		page.NoOverflow()
		picture(page, view.name+"-import-send-error")
		page.Attach("#file", writeFile(t, "warga.csv", foreign(b)))
		page.Follow("main form button")
		page.Go(page.URL())
		page.FitForUse()
		picture(page, view.name+"-import-columns")
		chooseColumns(page)
		page.Choose("#column-7", "name")
		page.Follow(`button[value="check"]`)
		page.Accessible()
		page.NoOverflow()
		picture(page, view.name+"-import-columns-error")
		chooseColumns(page)
		page.Follow(`button[value="check"]`)
		page.Go(page.URL())
		page.FitForUse()
		picture(page, view.name+"-import-tried")
	}
}

// TestTheKeyboardImports sends a file without a mouse.
func TestTheKeyboardImports(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	page := b.signIn(t, browser.Start(t), access.Verifier, browser.Reader{Width: 1280, Height: 900})
	page.Go(b.url + "/impor")
	browser.Eval[bool](page, `(document.querySelector('#subject').focus(), true)`)
	page.Press(kb.Tab)
	if page.Focused() != "file" {
		t.Fatalf("after the subject the focus is on %s", page.Focused())
	}
	page.Attach("#file", writeFile(t, "warga.csv", foreign(b)))
	page.Press(kb.Tab)
	page.Press(kb.Enter)
	page.Until(`location.pathname.startsWith('/impor/')`)
	browser.Eval[bool](page, `(document.querySelector('#column-1').focus(), true)`)
	page.Press("N") // the first choice that begins with it
	if browser.Eval[string](page, `document.querySelector('#column-1').value`) == "" {
		t.Error("a letter chose nothing")
	}
}

// refused counts the rows told of that stay out; others go in without the answer that cannot be used.
func refused(page *browser.Page) int {
	return browser.Eval[int](page, `[...document.querySelectorAll('section[aria-labelledby="ditolak"] tbody tr')].filter(row => row.textContent.includes("Ditolak")).length`)
}
