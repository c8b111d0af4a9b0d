package app

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/internal/testkit/browser"
)

// TestWhatOnlyDukcapilCanMendIsListed: by cause, with what to ask, everybody of the area and nobody of another.
func TestWhatOnlyDukcapilCanMendIsListed(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + "/padan/dukcapil")
		page.FitForUse()
		picture(page, view.name+"-dukcapil")
		b.formIsNear(t, page)
	}
	const causes = `SELECT count(*) FROM match_suggestion g JOIN person p ON p.kabkota = g.kabkota AND p.id = g.person_id
		WHERE g.cause IN ('nobody', 'nik_anomaly', 'nik_double', 'not_recorded', 'dead')`
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/padan")
	page.Follow("main a[href='/padan/dukcapil']")
	all := b.number(t, causes)
	if n := int64(page.Count("main tbody tr")); n == 0 || n > all || !strings.Contains(page.Text("main"), "Mintalah") {
		t.Errorf("%d rows of %d: %s", n, all, page.Text("main"))
	}
	unknown := b.number(t, causes+` AND g.cause = 'nobody'`)
	listed, first := 0, ""
	for page.Go(b.url + "/padan/dukcapil?sebab=nobody&baris=50"); ; page.Follow("a[rel=next]") {
		if listed == 0 {
			first = page.Text("main tbody tr:first-child")
		}
		listed += page.Count("main tbody tr")
		if page.Count("a[rel=next]") == 0 {
			break
		}
	}
	if int64(listed) != unknown || first == "" {
		t.Errorf("%d persons on the pages of a cause of %d", listed, unknown)
	}
	b.takesList(t, chromium, all)
	operator := b.actor(t, access.Operator)
	village, _ := operator.Home()
	page = b.signIn(t, chromium, access.Operator, plain())
	page.Go(b.url + "/padan/dukcapil")
	if n := int64(page.Count("main tbody tr")); n != b.number(t, causes+` AND p.area_code = $1`, int64(village)) {
		t.Errorf("the operator of the village sees %d rows", n)
	}
	page = b.signIn(t, chromium, access.Admin, plain())
	page.Go(b.url + "/padan/dukcapil")
	if page.Status != http.StatusForbidden {
		t.Errorf("an administrator sees the list: %d", page.Status)
	}
}

// formIsNear: from the first window of the list one link leads to the form that takes it, however long the list is, and the keyboard
// goes on with its first field.
func (b *town) formIsNear(t *testing.T, page *browser.Page) {
	t.Helper()
	const link = "main a[href='#berkas']"
	if !browser.Eval[bool](page, `(l => l !== null && l.getBoundingClientRect().bottom <= innerHeight)(document.querySelector("`+link+`"))`) {
		t.Fatal("no link to the form stands in the first window")
	}
	page.Click(link)
	page.Until(`(r => r.top >= 0 && r.top < innerHeight / 2)(document.getElementById('berkas').getBoundingClientRect())`)
	page.Press("\t")
	page.Until(`document.activeElement.name === 'wilayah'`)
}

// taken sends a form as the page's browser does, and gives status, type and content of the file that comes.
func taken(t *testing.T, page *browser.Page, path, body string) (status, kind string, content []byte) {
	t.Helper()
	got := browser.Eval[string](page, `fetch('`+path+`', {method: 'POST', headers: {'Content-Type': 'application/x-www-form-urlencoded'}, body: '`+body+`'})
		.then(r => r.arrayBuffer().then(b => r.status + ' ' + r.headers.get('content-type') + ' ' + btoa(Array.from(new Uint8Array(b), c => String.fromCharCode(c)).join(''))))`)
	part := strings.Split(got, " ")
	content, err := base64.StdEncoding.DecodeString(part[len(part)-1])
	if err != nil {
		t.Fatal(err)
	}
	return part[0], part[1], content
}

// saysWhatItIs: whoever opens the workbook elsewhere reads whose list it is, of when, and to keep it; printed it is one sheet wide.
func (b *town) saysWhatItIs(t *testing.T, file *excelize.File, rows [][]string) {
	t.Helper()
	p := b.catalogue.Printer(i18n.Indonesian)
	for i, want := range []string{"DATA CONTOH SINTETIS", "Untuk Dukcapil, Kota Ambon", "Dinas Sosial Kota Ambon, menurut saran per " + p.Date(b.Acts.Now()), "Daftar memuat data pribadi", "Kecamatan"} {
		if !strings.HasPrefix(rows[i][0], want) {
			t.Errorf("line %d is %q, want %q", i+1, rows[i][0], want)
		}
	}
	if layout, err := file.GetPageLayout(file.GetSheetList()[0]); err != nil || layout.Orientation == nil || *layout.Orientation != "landscape" {
		t.Errorf("the sheet stands: %+v, %v", layout, err)
	}
}

// takesList takes the list as a workbook and as paper: everybody stands on it, numbers are in full only for a purpose, and
// every list is logged.
func (b *town) takesList(t *testing.T, chromium *browser.Browser, all int64) {
	t.Helper()
	page := b.signIn(t, chromium, access.Verifier, plain())
	for _, c := range []struct {
		body string
		full bool
	}{{"format=xlsx", false}, {"format=xlsx&reveal=ya&purpose=civil_match", true}} {
		status, _, content := taken(t, page, "/padan/dukcapil", c.body)
		file, err := excelize.OpenReader(bytes.NewReader(content))
		if err != nil || status != "200" {
			t.Fatalf("%s: %s, %v", c.body, status, err)
		}
		rows, err := file.GetRows(file.GetSheetList()[0])
		if err != nil {
			t.Fatal(err)
		}
		people, whole := int64(0), 0
		for _, row := range rows[5:] {
			if len(row) == 7 && row[2] != "" && strings.ContainsAny(row[6], ".?") {
				people++
				if len(row[3]) == 16 {
					whole++
				}
			}
		}
		if people != all || (whole > 0) != c.full {
			t.Errorf("%s: %d of %d persons, %d whole numbers", c.body, people, all, whole)
		}
		b.saysWhatItIs(t, file, rows)
	}
	status, kind, content := taken(t, page, "/padan/dukcapil", "format=pdf")
	if status != "200" || kind != "application/pdf" {
		t.Fatalf("on paper: %s %s, %d bytes", status, kind, len(content))
	}
	read := exec.CommandContext(t.Context(), "pdftotext", "-layout", "-enc", "UTF-8", "-", "-")
	read.Stdin = bytes.NewReader(content)
	text, err := read.Output()
	if n := int64(strings.Count(string(text), "••••••••")); err != nil || n != all || !strings.Contains(string(text), "Kelurahan Nusaniwe, Kec. Nusaniwe, Kota Ambon") {
		t.Errorf("%d of %d persons on paper, %v: %s", n, all, err, text)
	}
	if dir := os.Getenv("TEPAT_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "dukcapil.pdf"), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if status, _, _ := taken(t, page, "/padan/dukcapil", "format=xlsx&reveal=ya"); status != "422" {
		t.Errorf("in full without a purpose: %s", status)
	}
	operator := b.signIn(t, chromium, access.Operator, plain())
	if status, _, _ := taken(t, operator, "/padan/dukcapil", "format=xlsx"); status != "403" {
		t.Errorf("an operator takes data: %s", status)
	}
	if n := b.audited(t, "civil.dukcapil"); n != 3 {
		t.Errorf("%d lists in the log", n)
	}
}
