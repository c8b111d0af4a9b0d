package app

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/testkit/browser"
)

// newerList writes the subdistricts of Ambon with one of them under another name.
func newerList(t *testing.T, b *town, name string) string {
	t.Helper()
	rows := "kode;nama\n81.71;Kota Ambon\n"
	for p := range b.Places.Tree().Children(ambon) {
		if p.Code == 8171010000 {
			p.Name = name
		}
		rows += p.Code.Dotted() + ";" + p.Name + "\n"
	}
	path := filepath.Join(t.TempDir(), "wilayah.csv")
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestANewerListOfAreasIsProposedAndApproved checks a list, proposes it, approves it as the second person and takes it back.
func TestANewerListOfAreasIsProposedAndApproved(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	if v := b.signIn(t, chromium, access.Verifier, browser.Reader{Width: 1280, Height: 900}); v != nil {
		if v.Go(b.url + "/wilayah"); v.Status != http.StatusForbidden {
			t.Errorf("a verifier changes areas: %d", v.Status)
		}
	}
	admin := b.signIn(t, chromium, access.Admin, browser.Reader{Width: 1280, Height: 900})
	admin.Go(b.url + "/wilayah")
	admin.FitForUse()
	picture(admin, "wilayah-kosong")
	send := func(button, decree, file string) {
		t.Helper()
		admin.Fill("#decree", decree)
		admin.Fill("#from", "2024-01-02")
		if file != "" {
			admin.Attach("#file", file)
		}
		admin.Follow(`main form button[value="` + button + `"]`)
	}
	if send("check", "", ""); admin.Status != http.StatusUnprocessableEntity || admin.Count(`.error-summary a[href="#file"]`) != 1 {
		t.Errorf("without a file: %d %s", admin.Status, admin.Text("main"))
	}
	admin.Go(b.url + "/wilayah")
	list := newerList(t, b, "Nusaniwe Baru")
	if send("check", "", list); !strings.Contains(admin.Text("main"), "Perubahan ini belum punya dasar") {
		t.Errorf("without a decree: %s", admin.Text("main"))
	}
	picture(admin, "wilayah-bermasalah")
	if send("check", "Kepmendagri 1/2024 (contoh)", list); !strings.Contains(admin.Text("main"), "1 perubahan, tanpa masalah") || b.number(t, `SELECT count(*) FROM area_change`) != 0 {
		t.Errorf("checked: %s", admin.Text("main"))
	}
	admin.FitForUse()
	if send("propose", "Kepmendagri 1/2024 (contoh)", list); !strings.Contains(admin.Text("main"), "Diajukan. Orang kedua harus menyetujui") || admin.Count("#setujui") != 0 || admin.Count("#tarik") != 1 {
		t.Errorf("proposed: %s", admin.Text("main"))
	}
	admin.FitForUse()
	picture(admin, "wilayah-diajukan")

	for _, view := range readers() {
		head := b.signIn(t, chromium, access.AgencyHead, view.r)
		head.Go(b.url + "/wilayah")
		head.FitForUse()
		picture(head, "wilayah-"+view.name)
	}
	head := b.signIn(t, chromium, access.AgencyHead, browser.Reader{Width: 390, Height: 844})
	head.Go(b.url + "/wilayah")
	if head.Follow("section[aria-labelledby=setujui] button"); !strings.Contains(head.Text("main"), "Keputusan dicatat") || b.audited(t, "area.approve") != 1 {
		t.Errorf("approved: %s", head.Text("main"))
	}
	if err := b.Places.ApplyApproved(t.Context(), b.Accounts.Load); err != nil {
		t.Fatal(err)
	}
	if name := b.Places.Tree().Name(8171010000); name != "Nusaniwe Baru" || b.audited(t, "area.change") != 1 {
		t.Errorf("applied: %q", name)
	}
	admin.Go(b.url + "/wilayah")
	admin.Click("main details summary")
	admin.Fill("#basis", "Surat 3/2024")
	if admin.Follow(`main form button.danger`); b.number(t, `SELECT count(*) FROM area_change WHERE state = 'awaiting'`) != 1 {
		t.Errorf("the way back: %d %s", admin.Status, admin.Text("main"))
	}
	picture(admin, "wilayah-batal")
}
