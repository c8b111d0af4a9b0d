package app

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/letters"
	"tepat/internal/service/screening"
	"tepat/internal/testkit/browser"
)

// TestAFamilyObjectsToItsLetter goes from the code of a letter about a finding to the objection, which the office sees with
// the finding; wrong codes and wrong digits are told apart by nobody, and nothing stands in an address.
func TestAFamilyObjectsToItsLetter(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	w := &walk{town: b, t: t, at: map[string]string{}, version: map[string]int64{}, village: b.people[access.Operator].Area}
	w.finding(t)
	var finding, family sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id, family_id FROM finding WHERE kabkota = 8171 AND state = 'found' ORDER BY id LIMIT 1`).Scan(&finding, &family); err != nil {
		t.Fatal(err)
	}
	noticed, err := b.Screening.Decide(t.Context(), b.actor(t, access.Verifier), b.Places.TenantOf(ambon), finding, screening.Decision{Version: 1, Uphold: true, Note: "Sudah diperiksa"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := b.Letters.In(t.Context(), b.DB.Direct(), noticed.Tenant, noticed.Notice)
	if err != nil || l.Kind != letters.Notice {
		t.Fatalf("%s letter, %v", l.Kind, err)
	}
	card, err := b.Registry.FamilyIn(t.Context(), b.DB.Direct(), noticed.Tenant, family)
	if err != nil {
		t.Fatal(err)
	}
	site, chromium := b.openToCitizens(t), browser.Start(t)
	for _, view := range readers() {
		page := chromium.Open(t, site+"/sanggah", view.r)
		page.FitForUse()
		page.Go(site + "/sanggah/surat")
		page.FitForUse()
		picture(page, "sanggah-surat-"+view.name)
	}
	page := chromium.Open(t, site+"/surat", plain())
	page.Fill("#code", l.Code)
	page.Follow("main form button")
	page.Follow(`main form[action="/sanggah/surat"] button`)
	if got := browser.Eval[string](page, `document.getElementById("surat").value`); got != l.Code || page.URL() != site+"/sanggah/surat" {
		t.Fatalf("the letter leads to %s with %q: %s", page.URL(), got, page.Text("main"))
	}
	send := func(code, last6, text string) {
		page.Fill("#surat", code)
		page.Fill("#kk6", last6)
		page.Fill("#text", text)
		page.Follow(`main form[action="/sanggah/surat"] button`)
	}
	wrong := map[string]bool{}
	for _, c := range [][2]string{{l.Code, "000000"}, {"7ZB4-0000-0000", card.KK.Last6()}} {
		send(c[0], c[1], "Saya sudah pensiun.")
		if page.Status != http.StatusNotFound {
			t.Fatalf("%v: %d %s", c, page.Status, page.Text("main"))
		}
		wrong[page.Text(".error-summary")] = true
	}
	if len(wrong) != 1 || b.audited(t, "finding.appeal") != 0 {
		t.Errorf("wrong answers differ: %v", wrong)
	}
	bare(t, page)
	send(l.Code, card.KK.Last6(), "Saya sudah pensiun.")
	text := page.Text("main")
	number, code := regexp.MustCompile(`A-2026-[0-9]{5}`).FindString(text), regexp.MustCompile(`Kode lacak\s+([0-9]{4})`).FindStringSubmatch(text)
	if page.Status != http.StatusOK || !strings.Contains(text, "Sanggahan diterima") || !strings.Contains(text, l.Number) || number == "" || len(code) != 2 || strings.Contains(page.URL(), "?") {
		t.Fatalf("sent: %d %s %s", page.Status, page.URL(), text)
	}
	bare(t, page)
	picture(page, "sanggah-surat-diterima")
	if b.audited(t, "finding.appeal") != 1 || b.number(t, `SELECT count(*) FROM finding WHERE kabkota = 8171 AND state = 'appealed'`) != 1 {
		t.Error("the objection is not kept")
	}
	b.tracks(t, page, site, number, code[1], "Diterima")
	officer := b.signIn(t, chromium, access.Verifier, plain())
	officer.Go(b.url + "/temuan/" + itoa(noticed.Tenant) + "-" + finding.String())
	if text := officer.Text("main"); !strings.Contains(text, "Saya sudah pensiun.") || !strings.Contains(text, "Keluarga, dengan suratnya") || !strings.Contains(text, number) || !strings.Contains(text, "Kode lacak untuk keluarga: "+code[1]) {
		t.Errorf("the office sees: %s", text)
	}
	page.Go(site + "/sanggah?tentang=surat")
	send(l.Code, card.KK.Last6(), "Sekali lagi")
	if page.Status != http.StatusConflict || !strings.Contains(page.Text(".error-summary"), "sudah diterima") {
		t.Errorf("sent twice: %d %s", page.Status, page.Text("main"))
	}
	if _, err := b.Screening.Decide(t.Context(), b.actor(t, access.AgencyHead), noticed.Tenant, finding, screening.Decision{Version: 3, Reason: "evidence_wrong", Note: "Surat pensiun dilihat"}); err != nil {
		t.Fatal(err)
	}
	b.tracks(t, page, site, number, code[1], "Sanggahan diterima")
}

// tracks follows an objection by its number and code: it shows how it stands, no words of the office and nothing in the
// address; with other digits it leads nowhere.
func (b *town) tracks(t *testing.T, page *browser.Page, site, number, code, state string) {
	t.Helper()
	try := func(digits string) {
		page.Go(site + "/lacak")
		page.Fill("#number", number)
		page.Fill("#digits", digits)
		if page.Count("#answer") == 1 { // who tried wrong codes before is asked a sum
			page.Fill("#answer", browser.Eval[string](page, `String(document.querySelector("label[for=answer]").textContent.match(/[0-9]+/g).reduce((sum, n) => sum + Number(n), 0))`))
		}
		page.Follow("main form button")
	}
	wrong := "0000"
	if code == wrong {
		wrong = "1111"
	}
	try(wrong)
	if page.Status != http.StatusNotFound {
		t.Errorf("with other digits: %d %s", page.Status, page.Text("main"))
	}
	try(code)
	text := page.Text("main")
	if page.Status != http.StatusOK || !strings.Contains(page.Text("section[aria-labelledby=ringkasan]"), state) || !strings.Contains(text, number) || strings.Contains(text, "Surat pensiun") || strings.Contains(page.URL(), "?") {
		t.Errorf("tracked at %s: %d %s", page.URL(), page.Status, text)
	}
}
