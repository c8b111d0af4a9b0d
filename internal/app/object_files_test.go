package app

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/letters"
	"tepat/internal/service/registry"
	"tepat/internal/service/screening"
	"tepat/internal/testkit/browser"
)

// noticed gives a finding of which the family was told by letter.
func (b *town) noticed(t *testing.T) (screening.Finding, letters.Letter, registry.Family) {
	t.Helper()
	w := &walk{town: b, t: t, at: map[string]string{}, version: map[string]int64{}, village: b.people[access.Operator].Area}
	w.finding(t)
	var finding, family sqldb.ID
	err := b.DB.Direct().QueryRow(t.Context(), `SELECT id, family_id FROM finding WHERE kabkota = 8171 AND state = 'found' ORDER BY id LIMIT 1`).Scan(&finding, &family)
	if err != nil {
		t.Fatal(err)
	}
	f, err := b.Screening.Decide(t.Context(), b.actor(t, access.Verifier), b.Places.TenantOf(ambon), finding, screening.Decision{Version: 1, Uphold: true, Note: "Sudah diperiksa"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := b.Letters.In(t.Context(), b.DB.Direct(), f.Tenant, f.Notice)
	if err != nil {
		t.Fatal(err)
	}
	card, err := b.Registry.FamilyIn(t.Context(), b.DB.Direct(), f.Tenant, family)
	if err != nil {
		t.Fatal(err)
	}
	return f, l, card
}

// TestAFamilyGivesFilesWithItsObjection sends the objection to a letter with a file, adds one, takes one back, and cannot any more
// once the office has opened the finding; the office sees what is left.
func TestAFamilyGivesFilesWithItsObjection(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	finding, l, card := b.noticed(t)
	site, chromium := b.openToCitizens(t), browser.Start(t)
	folder := t.TempDir()
	file := func(name string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte("%PDF-1.4\n% "+name+"\n%%EOF\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	broken := filepath.Join(folder, "surat.txt")
	if err := os.WriteFile(broken, []byte("bukan gambar"), 0o600); err != nil {
		t.Fatal(err)
	}
	page := chromium.Open(t, site+"/sanggah/surat", browser.Reader{Width: 390, Height: 844})
	page.FitForUse()
	send := func(path string) {
		t.Helper()
		page.Fill("#surat", l.Code)
		page.Fill("#kk6", card.KK.Last6())
		page.Fill("#text", "Saya sudah pensiun.")
		page.Attach("#berkas", path)
		page.Follow(`main form[action="/sanggah/surat"] button`)
	}
	if send(broken); page.Status != http.StatusUnprocessableEntity || page.Count(`.error-summary a[href="#berkas"]`) != 1 || b.audited(t, "finding.appeal") != 0 {
		t.Fatalf("a text: %d %s", page.Status, page.Text("main"))
	}
	send(file("pensiun.pdf"))
	text := page.Text("main")
	number, digits := regexp.MustCompile(`A-2026-[0-9]{5}`).FindString(text), regexp.MustCompile(`Kode lacak\s+([0-9]{4})`).FindStringSubmatch(text)
	if page.Status != http.StatusOK || !strings.Contains(text, "1 berkas diterima") || len(digits) != 2 {
		t.Fatalf("sent: %d %s", page.Status, text)
	}
	follow := func(page *browser.Page) {
		t.Helper()
		page.Go(site + "/lacak")
		page.Fill("#number", number)
		page.Fill("#digits", digits[1])
		page.Follow("main form button")
	}
	follow(page)
	page.Attach("#berkas", file("kk.pdf"))
	if page.Follow(`section[aria-labelledby=tambah-berkas] button`); page.Status != http.StatusOK || page.Count(`input[name=tarik]`) != 2 {
		t.Fatalf("added: %d %s", page.Status, page.Text("main"))
	}
	if page.Follow(`section[aria-labelledby=tarik-berkas] button`); page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text("main"), "Centang dulu") {
		t.Errorf("none ticked: %d %s", page.Status, page.Text("main"))
	}
	for _, view := range readers() {
		other := chromium.Open(t, site+"/lacak", view.r)
		follow(other)
		other.FitForUse()
		picture(other, "lacak-berkas-"+view.name)
	}
	follow(page)
	page.Click(`input[name=tarik]`)
	if page.Follow(`section[aria-labelledby=tarik-berkas] button`); page.Status != http.StatusOK || !strings.Contains(page.Text("main"), "1 berkas ditarik kembali") || page.Count(`input[name=tarik]`) != 1 {
		t.Fatalf("taken back: %d %s", page.Status, page.Text("main"))
	}
	if b.audited(t, "paper.take_back") != 1 || b.number(t, `SELECT count(*) FROM paper WHERE case_kind = 'finding' AND removed_why = 'taken_back'`) != 1 ||
		b.number(t, `SELECT count(*) FROM paper_part`) != 1 || strings.Contains(page.URL(), "?") {
		t.Errorf("what is kept of it, at %s", page.URL())
	}
	b.filesAtTheOffice(t, chromium, finding)
	// The page of the family is older than the look.
	page.Click(`input[name=tarik]`)
	if page.Follow(`section[aria-labelledby=tarik-berkas] button`); page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text("main"), "sudah membuka urusan ini") || page.Count(`input[name=tarik]`) != 0 {
		t.Errorf("after the office looked: %d %s", page.Status, page.Text("main"))
	}
}

// filesAtTheOffice looks at the files of an objection as who decides it, adds one, and opens one.
func (b *town) filesAtTheOffice(t *testing.T, chromium *browser.Browser, f screening.Finding) {
	t.Helper()
	path := "/temuan/" + itoa(f.Tenant) + "-" + f.ID.String()
	for _, view := range readers() {
		office := b.signIn(t, chromium, access.Verifier, view.r)
		office.Go(b.url + path)
		office.FitForUse()
		office.Go(b.url + path + "/berkas")
		office.FitForUse()
		picture(office, "temuan-berkas-"+view.name)
	}
	office := b.signIn(t, chromium, access.AgencyHead, plain())
	office.Go(b.url + path)
	if n := office.Count(`section[aria-labelledby=berkas] tbody a`); n != 1 {
		t.Errorf("%d files on the page: %s", n, office.Text("main"))
	}
	office.Follow(`a[href="` + path + `/berkas"]`)
	added := filepath.Join(t.TempDir(), "surat.pdf")
	if err := os.WriteFile(added, []byte("%PDF-1.4\n% surat\n%%EOF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	office.Attach(`input[type=file]`, added)
	if office.Follow(`main form button`); office.Count(`section[aria-labelledby=berkas] tbody a`) != 2 {
		t.Errorf("added at the desk: %d %s", office.Status, office.Text("main"))
	}
	if auditor := b.signIn(t, chromium, access.Auditor, plain()); auditor != nil {
		if auditor.Go(b.url + path); auditor.Count(`section[aria-labelledby=berkas]`) != 0 {
			t.Error("an auditor is shown the files")
		}
		if auditor.Go(b.url + path + "/berkas"); auditor.Status != http.StatusForbidden {
			t.Errorf("an auditor opens the page of the files: %d", auditor.Status)
		}
	}
}
