package app

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/testkit/browser"
)

// post sends a form as the page's browser does, and gives status, type and text of the answer.
func post(page *browser.Page, path, body string) string {
	return browser.Eval[string](page, `fetch('`+path+`', {method: 'POST', headers: {'Content-Type': 'application/x-www-form-urlencoded'}, body: '`+body+`'})
		.then(r => r.text().then(t => r.status + '\n' + r.headers.get('content-type') + '\n' + (r.headers.get('content-disposition') || '') + '\n' + t))`)
}

// wholeNumbers counts the NIKs and Nos. KK that a list shows in full.
func wholeNumbers(t *testing.T, text string) (n int) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[2:] {
		for _, title := range []string{"nik", "no_kk"} {
			if cell := row[slices.Index(rows[1], title)]; len(cell) == 16 {
				n++
			}
		}
	}
	return n
}

// TestFamiliesAreDownloaded takes a list away, masked and in full.
func TestFamiliesAreDownloaded(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.Verifier, browser.Reader{Width: 1280, Height: 900, NoScript: true})
	page.Go(b.url + "/keluarga")
	page.Follow(`main a[href="/keluarga/unduh"]`)
	masked := strings.SplitN(post(page, "/keluarga/unduh", "format=csv&layout="), "\n", 4)
	if masked[0] != "200" || masked[1] != "text/csv; charset=utf-8" || !strings.Contains(masked[2], "keluarga-81.71-") || wholeNumbers(t, masked[3]) != 0 || !strings.Contains(masked[3], "DATA CONTOH SINTETIS") {
		t.Errorf("a masked list: %.200s", strings.Join(masked, " "))
	}
	if rows := strings.Count(masked[3], "\n"); int64(rows) != b.tally(t, `SELECT count(*) FROM person WHERE kabkota = 8171 AND state = 1`)+2 {
		t.Errorf("%d lines", rows)
	}
	full := post(page, "/keluarga/unduh", "format=csv&layout=&reveal=ya&purpose=siks_ng")
	if !strings.HasPrefix(full, "200\n") || wholeNumbers(t, full[max(0, strings.Index(full, "DATA CONTOH")):]) < 1000 {
		t.Errorf("a full list: %.200s", full)
	}
	if n := b.tally(t, `SELECT count(*) FROM audit_entry WHERE act = 'registry.export' AND purpose = 'siks_ng' AND actor_id = $1`, b.people[access.Verifier].ID); n != 1 {
		t.Errorf("%d entries of full lists", n)
	}
	page.Go(b.url + "/keluarga/unduh")
	page.Click("#reveal")
	page.Follow("main form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count(`.error-summary a[href="#purpose"]`) != 1 {
		t.Errorf("in full without a purpose: %d %s", page.Status, page.Text("main"))
	}
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{Width: 1280, Height: 900, NoScript: true})
	operator.Go(b.url + "/keluarga")
	if operator.Count(`a[href="/keluarga/unduh"]`) != 0 {
		t.Error("an operator is offered the list")
	}
	if operator.Go(b.url + "/keluarga/unduh"); operator.Status != http.StatusForbidden {
		t.Errorf("an operator at the list: %d", operator.Status)
	}
	if got := post(operator, "/keluarga/unduh", "format=csv"); !strings.HasPrefix(got, "403\n") {
		t.Errorf("an operator takes the list: %.80s", got)
	}
	manager := b.signIn(t, chromium, access.ProgrammeManager, browser.Reader{Width: 1280, Height: 900, NoScript: true})
	manager.Go(b.url + "/keluarga/unduh")
	if manager.Count("#reveal") != 0 {
		t.Error("who may not see full numbers is offered them")
	}
	if got := post(manager, "/keluarga/unduh", "format=csv&reveal=ya&purpose=siks_ng"); !strings.HasPrefix(got, "403\n") {
		t.Errorf("a programme manager takes full numbers: %.80s", got)
	}
}

// TestTheDownloadPageIsFitForUse opens it in each window and colour.
func TestTheDownloadPageIsFitForUse(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + "/keluarga/unduh")
		page.FitForUse()
		picture(page, view.name+"-export")
		page.Click("#reveal")
		page.Follow("main form button")
		page.Accessible()
		page.NoOverflow()
	}
}
