package app

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/internal/testkit/browser"
)

// sheetAt gives the status, the kind and the beginning of what a link of a page answers with, and keeps it beside the pictures.
func sheetAt(t *testing.T, page *browser.Page, path, name string) (status, kind string, content []byte) {
	t.Helper()
	got := browser.Eval[string](page, `fetch('`+path+`').then(async r => { const b = new Uint8Array(await r.arrayBuffer()); let s = ''; for (const c of b) s += String.fromCharCode(c); return r.status + '|' + r.headers.get('Content-Type') + '|' + btoa(s) })`)
	parts := strings.SplitN(got, "|", 3)
	content, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("TEPAT_PICTURES"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, name+".pdf"), content, 0o600)
	}
	return parts[0], parts[1], content
}

// TestAVisitIsPrintedAndEntered: the operator prints a blank sheet and that of a family, and enters what was taken down on one: who is
// alike is told before it is sent, a visit without its day or its visitor is not taken, and the proposal tells of it.
func TestAVisitIsPrintedAndEntered(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.Operator, plain())
	page.Go(b.url + "/usulan/baru")
	if page.Count("main a[href='/usulan/lembar']") != 1 {
		t.Error("the form leads to no blank sheet")
	}
	family := b.womanOf(t, b.people[access.Operator].Area, true)
	at := "/keluarga/" + itoa(family.Tenant) + "-" + family.FamilyID.String()
	looks := b.audited(t, "registry.open")
	for name, path := range map[string]string{"lembar-kosong": "/usulan/lembar", "lembar-keluarga": at + "/lembar"} {
		if status, kind, content := sheetAt(t, page, path, name); status != "200" || kind != "application/pdf" || !strings.HasPrefix(string(content), "%PDF") {
			t.Errorf("%s: %s %s %.20q", name, status, kind, content)
		}
	}
	if b.audited(t, "registry.open") != looks+1 {
		t.Error("the sheet of a family leaves no look in the log")
	}
	page.Go(b.url + at)
	if page.Count("main a[href='"+at+"/lembar']") != 1 {
		t.Error("the family's page leads to no sheet")
	}
	nik, kk := newcomer(t, b, 31)
	page.Go(b.url + "/usulan/baru")
	fillFamily(page, nik, kk, family.Name)
	page.Fill("#members-0-mother", family.MotherName)
	page.Fill("#members-0-birth_date", strconv.Itoa(family.BirthDate.Day()))
	page.Fill("#members-0-birth_date-month", strconv.Itoa(int(family.BirthDate.Month())))
	page.Fill("#members-0-birth_date-year", strconv.Itoa(family.BirthDate.Year()))
	page.Follow(`button[value="check"]`)
	check := page.URL()
	if !strings.Contains(page.Text("main"), "mungkin sudah terdaftar") {
		t.Errorf("who is alike is not told before what a visit brought is sent: %s", page.Text("main"))
	}
	page.Fill("#visit_by", "Ina  Contoh")
	page.Follow("section[aria-labelledby=kirim] button")
	if text := page.Text("main"); !strings.Contains(text, "Isi tanggal, bulan, dan tahun kunjungan") || browser.Eval[string](page, `document.querySelector('#visit_by').value`) != "Ina  Contoh" {
		t.Errorf("a visit without a day: %s", text)
	}
	if n := b.number(t, `SELECT count(*) FROM proposal WHERE kabkota > 0`); n != 0 {
		t.Errorf("%d proposals were filed", n)
	}
	for _, view := range readers() {
		looked := b.signIn(t, chromium, access.Operator, view.r)
		looked.Go(check)
		looked.FitForUse()
		picture(looked, "kunjungan-"+view.name)
	}
	today := b.Places.LocalDate(ambon, b.Acts.Now())
	page.Go(check)
	page.Fill("#visit_on", strconv.Itoa(today.AddDays(-3).Day()))
	page.Fill("#visit_on-month", strconv.Itoa(int(today.AddDays(-3).Month())))
	page.Fill("#visit_on-year", strconv.Itoa(today.AddDays(-3).Year()))
	page.Fill("#visit_by", "Ina  Contoh")
	page.Follow("section[aria-labelledby=kirim] button")
	page.Follow("main .link-list a[href^='/usulan/8']")
	if text := page.Text("section[aria-labelledby=isi]"); !strings.Contains(text, "Dikunjungi") || !strings.Contains(text, "Ina Contoh") {
		t.Errorf("the proposal does not tell of the visit: %s", text)
	}
	key, err := sqldb.ParseID(b.text(t, `SELECT id FROM proposal WHERE kabkota > 0`))
	if err != nil {
		t.Fatal(err)
	}
	v, err := b.Proposals.Open(t.Context(), b.actor(t, access.Operator), b.Places.TenantOf(ambon), key, "")
	if err != nil {
		t.Fatal(err)
	}
	if v.Document.Visit != (proposals.Visit{On: today.AddDays(-3), By: "Ina Contoh"}) {
		t.Errorf("kept is %+v", v.Document.Visit)
	}
}
