package app

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit/browser"
)

// photoFile writes a photo of one colour, and a text that calls itself one.
func photoFile(t *testing.T, name string, shade uint8) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 120, 80))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return fileOf(t, name, out.Bytes())
}

func fileOf(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAProposalIsFiledWithItsFiles sends two files and one that is none: the form comes back with what was typed and the
// files that were good, and is filed with them.
func TestAProposalIsFiledWithItsFiles(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	card, path := b.familyIn(t, b.people[access.Operator].Area)
	for i, view := range readers() {
		page := b.signIn(t, chromium, access.Operator, view.r)
		page.Go(b.url + path)
		page.Follow(`main a[href*="jenis=REMOVAL"]`)
		page.Choose("#reason", "dead")
		page.Click(fmt.Sprintf("input[name=person][value=%q]", card.Members[len(card.Members)-1].ID.String()))
		page.Fill("#paper", "Surat keterangan kematian")
		page.Attach("#berkas_ktp", photoFile(t, "8171012345678901.jpg", uint8(i)), photoFile(t, "b.jpg", uint8(100+i)))
		page.Attach("#berkas_lain", fileOf(t, "surat.pdf", []byte("bukan PDF")))
		page.Follow("main form button")
		if page.Status != http.StatusUnprocessableEntity || page.Count("#berkas_lain-error") != 1 {
			t.Fatalf("a text that calls itself a PDF: %d %s", page.Status, page.Text("main"))
		}
		if page.Count("input[name=keluarkan]") != 2 || page.Count("#reason option[value=dead][selected]") != 1 || page.Count("input[name=person]:checked") != 1 || !strings.Contains(page.Text("main"), "Sudah diterima") {
			t.Errorf("what was sent is lost: %s", page.Text("main"))
		}
		page.NoOverflow()
		page.Accessible()
		picture(page, "berkas-galat-"+view.name)
		if i > 0 {
			continue // the family has one proposal already
		}
		page.Click("input[name=keluarkan]")
		page.Attach("#berkas_rumah", photoFile(t, "c.jpg", 200))
		page.Follow("main form button")
		if page.Status != http.StatusOK || b.audited(t, "proposal.file") != 1 {
			t.Fatalf("not filed: %d %s", page.Status, page.Text("main"))
		}
	}
	if n := b.number(t, `SELECT count(*) FROM paper JOIN proposal p ON p.kabkota = paper.kabkota AND p.id = paper.case_id WHERE filed = 1 AND removed_at = 0`); n != 2 {
		t.Errorf("the proposal has %d files", n)
	}
	if n := b.audited(t, "paper.add"); n < 3 || b.audited(t, "paper.remove") != 1 {
		t.Errorf("%d files taken in, %d out", n, b.audited(t, "paper.remove"))
	}
	b.papersAreShown(t, chromium)
}

// papersAreShown opens the proposal's page and its files as those who may, and as those who may not.
func (b *town) papersAreShown(t *testing.T, chromium *browser.Browser) {
	t.Helper()
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM proposal`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	path := "/usulan/8171-" + id.String()
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + path)
		if page.Count("section[aria-labelledby=berkas] tbody tr") != 2 {
			t.Fatalf("the proposal's page shows no files: %s", page.Text("main"))
		}
		page.FitForUse()
		picture(page, "berkas-usulan-"+view.name)
		page.Follow("main a[href$='/berkas']")
		page.FitForUse()
		picture(page, "berkas-"+view.name)
	}
	reader := b.signIn(t, chromium, access.Auditor, readers()[0].r)
	reader.Go(b.url + path + "/berkas")
	if reader.Count("section[aria-labelledby=berkas] tbody tr") != 2 || reader.Count("main form") != 0 {
		t.Errorf("an auditor is offered to change files: %s", reader.Text("main"))
	}
	link := strings.TrimPrefix(b.fileLink(t, id), b.url)
	reader.Go(b.url + link)
	if reader.Status != http.StatusOK || b.audited(t, "paper.open") == 0 {
		t.Errorf("a file opens with %d", reader.Status)
	}
	outside := b.signIn(t, chromium, access.Analyst, readers()[0].r)
	outside.Go(b.url + link)
	if outside.Status != http.StatusForbidden {
		t.Errorf("who reads no registry opens a file: %d", outside.Status)
	}
}

func (b *town) fileLink(t *testing.T, of sqldb.ID) string {
	t.Helper()
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM paper WHERE case_id = $1 AND removed_at = 0 AND what = 'rumah'`, of).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return "/usulan/8171-" + of.String() + "/berkas/8171-" + id.String()
}
