package app

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/grievances"
	"tepat/internal/testkit/browser"
)

// placed writes a photo as a telephone does: with where it was taken.
func placed(t *testing.T, name string, shade uint8) string {
	t.Helper()
	plain := photoBytes(t, shade)
	exif := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00LINTANG-3.6954"
	full := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return fileOf(t, name, append(full, plain[2:]...))
}

// TestACitizenSendsFilesWithHerReport sends a photo with a complaint, one that is none, and another when she tracks it: the
// office sees them on the page of the case, without the place they were taken at, and the next village does not.
func TestACitizenSendsFilesWithHerReport(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	site := b.openToCitizens(t)
	chromium := browser.Start(t)
	page := chromium.Open(t, site+"/lapor", browser.Reader{Width: 390, Height: 844, NoScript: true})
	fill := func(files ...string) {
		page.Click("input[name=topic][value=DATA]")
		page.Choose("#area", b.people[access.Operator].Area.Dotted())
		page.Fill("#text", "Nama saya salah satu huruf.")
		page.Click("input[name=unnamed]")
		page.Attach("#berkas", files...)
		page.Follow("main form button")
	}
	fill(fileOf(t, "surat.pdf", []byte("bukan PDF")))
	if page.Status != http.StatusUnprocessableEntity || page.Count("#berkas-error") != 1 || b.number(t, `SELECT count(*) FROM grievance`) != 0 || browser.Eval[string](page, `document.getElementById("text").value`) != "Nama saya salah satu huruf." {
		t.Fatalf("a text that calls itself a PDF: %d %s", page.Status, page.Text("main"))
	}
	bare(t, page)
	page.Go(site + "/lapor")
	fill(placed(t, "8171012345678901.jpg", 40), placed(t, "b.jpg", 90))
	number := caseNumber.FindString(page.Text("main"))
	if page.Status != http.StatusOK || number == "" || !strings.Contains(page.Text("main"), "2 berkas diterima") {
		t.Fatalf("no receipt: %d %s", page.Status, page.Text("main"))
	}
	code := lastFour(t, page.Text("main"))
	page.Go(site + "/lacak")
	page.Fill("#number", number)
	page.Fill("#digits", code)
	page.Follow("main form button")
	page.Follow("section[aria-labelledby=tambah-berkas] form button")
	if page.Status != http.StatusUnprocessableEntity || page.Count("#berkas-error") != 1 {
		t.Fatalf("no file chosen: %d %s", page.Status, page.Text("main"))
	}
	page.Attach("#berkas", placed(t, "c.jpg", 200))
	page.Follow("section[aria-labelledby=tambah-berkas] form button")
	if page.Status != http.StatusOK || !strings.Contains(page.Text("main"), "Sudah ada 3 berkas") || b.audited(t, "paper.add") != 3 {
		t.Fatalf("not added: %d %s", page.Status, page.Text("main"))
	}
	bare(t, page)
	path, _ := b.caseState(t, grievances.Complaint)
	for i, view := range readers() {
		office := b.signIn(t, chromium, access.Operator, view.r)
		office.Go(b.url + path)
		if office.Count("section[aria-labelledby=berkas] tbody tr") != 3 || !strings.Contains(office.Text("section[aria-labelledby=berkas]"), "Berkas lain 2") {
			t.Fatalf("the case shows no files: %s", office.Text("main"))
		}
		office.FitForUse()
		picture(office, "kasus-"+view.name)
		office.Follow("main a[href$='/berkas']")
		office.FitForUse()
		picture(office, "kasus-berkas-"+view.name)
		if i == 0 {
			office.Click("input[name=keluarkan]")
			office.Attach("#berkas_kk", placed(t, "d.jpg", 150))
			office.Follow("section[aria-labelledby=ubah] form button")
			if office.Status != http.StatusOK || office.Count("section[aria-labelledby=berkas] tbody tr") != 3 || b.audited(t, "paper.remove") != 1 {
				t.Errorf("one out, one in: %d %s", office.Status, office.Text("main"))
			}
			b.fileHasNoPlace(t, office, path)
		}
		citizen := chromium.Open(t, site+"/lapor", view.r)
		citizen.FitForUse()
		picture(citizen, "lapor-"+view.name)
	}
	head := b.signIn(t, chromium, access.AgencyHead, readers()[0].r)
	head.Go(b.url + path + "/berkas")
	if head.Status != http.StatusForbidden {
		t.Errorf("who handles no complaints: %d", head.Status)
	}
}

// fileHasNoPlace opens a file of a case as the office does.
func (b *town) fileHasNoPlace(t *testing.T, office *browser.Page, path string) {
	t.Helper()
	var tenant int64
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT kabkota, id FROM paper WHERE removed_at = 0 ORDER BY id LIMIT 1`).Scan(&tenant, &id); err != nil {
		t.Fatal(err)
	}
	link := path + "/berkas/" + itoa(area.Tenant(tenant)) + "-" + id.String()
	got := browser.Eval[string](office, `fetch('`+link+`').then(r => r.text()).then(t => t.length + (t.includes('LINTANG') ? ' placed' : ' clean'))`)
	if !strings.HasSuffix(got, " clean") || strings.HasPrefix(got, "0 ") || b.audited(t, "paper.open") != 1 {
		t.Errorf("the file is %s, opened %d times", got, b.audited(t, "paper.open"))
	}
}

// lastFour finds the code of a receipt.
func lastFour(t *testing.T, text string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "Kode lacak")
	if at := strings.IndexAny(rest, "0123456789"); ok && at >= 0 && len(rest) >= at+4 {
		return rest[at : at+4]
	}
	t.Fatalf("no code in %s", text)
	return ""
}

func photoBytes(t *testing.T, shade uint8) []byte {
	t.Helper()
	out, err := os.ReadFile(photoFile(t, "p.jpg", shade))
	if err != nil || !bytes.HasPrefix(out, []byte{0xff, 0xd8}) {
		t.Fatalf("no photo: %v", err)
	}
	return out
}
