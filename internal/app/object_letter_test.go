package app

import (
	"net/http"
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
	if text := page.Text("main"); page.Status != http.StatusOK || !strings.Contains(text, "Sanggahan diterima") || !strings.Contains(text, l.Number) || strings.Contains(page.URL(), "?") {
		t.Fatalf("sent: %d %s %s", page.Status, page.URL(), text)
	}
	bare(t, page)
	picture(page, "sanggah-surat-diterima")
	if b.audited(t, "finding.appeal") != 1 || b.number(t, `SELECT count(*) FROM finding WHERE kabkota = 8171 AND state = 'appealed'`) != 1 {
		t.Error("the objection is not kept")
	}
	officer := b.signIn(t, chromium, access.Verifier, plain())
	officer.Go(b.url + "/temuan/" + itoa(noticed.Tenant) + "-" + finding.String())
	if text := officer.Text("main"); !strings.Contains(text, "Saya sudah pensiun.") || !strings.Contains(text, "Keluarga, dengan suratnya") {
		t.Errorf("the office sees: %s", text)
	}
	page.Go(site + "/sanggah?tentang=surat")
	send(l.Code, card.KK.Last6(), "Sekali lagi")
	if page.Status != http.StatusConflict || !strings.Contains(page.Text(".error-summary"), "sudah diterima") {
		t.Errorf("sent twice: %d %s", page.Status, page.Text("main"))
	}
}
