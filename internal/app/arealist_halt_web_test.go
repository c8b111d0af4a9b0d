package app

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/kit/tabular"
	"tepat/internal/service/areas"
	"tepat/internal/testkit/browser"
)

// workbook writes the subdistricts of Ambon as XLSX, with one of them under another name.
func workbook(t *testing.T, b *town, name string) string {
	t.Helper()
	var out bytes.Buffer
	w := tabular.NewXLSXWriter(&out)
	err := w.Sheet(tabular.SheetOptions{Name: "Wilayah"})
	row := func(cells ...string) {
		typed := make([]tabular.Cell, len(cells))
		for i, c := range cells {
			typed[i] = tabular.Text(c)
		}
		if err == nil {
			err = w.Write(typed...)
		}
	}
	row("Kode", "Nama Wilayah")
	row("81.71", "Kota Ambon")
	for p := range b.Places.Tree().Children(ambon) {
		if p.Code == 8171010000 {
			p.Name = name
		}
		row(p.Code.Dotted(), p.Name)
	}
	if err == nil {
		err = w.Close()
	}
	path := filepath.Join(t.TempDir(), "wilayah.xlsx")
	if err == nil {
		err = os.WriteFile(path, out.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// bomb takes the sheet of a workbook for eighty megabytes of blanks, which pack into less than a hundred kilobytes.
func bomb(t *testing.T, of string) string {
	t.Helper()
	from, err := zip.OpenReader(of)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	path := filepath.Join(t.TempDir(), "bom.xlsx")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	for _, f := range from.File {
		if !strings.HasPrefix(f.Name, "xl/worksheets/") {
			err = errors.Join(err, w.Copy(f))
			continue
		}
		part, made := w.Create(f.Name)
		if err = errors.Join(err, made); err == nil {
			_, err = io.Copy(part, strings.NewReader("<worksheet><sheetData>"+strings.Repeat(" ", 80<<20)+"</sheetData></worksheet>"))
		}
	}
	if err = errors.Join(err, w.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAListOfAreasMayBeAWorkbook sends XLSX where the page asks for a list; one made to harm is refused.
func TestAListOfAreasMayBeAWorkbook(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	admin := b.signIn(t, browser.Start(t), access.Admin, browser.Reader{Width: 1280, Height: 900})
	send := func(file string) {
		t.Helper()
		admin.Go(b.url + "/wilayah")
		admin.Fill("#decree", "Kepmendagri 1/2024 (contoh)")
		admin.Fill("#from", "2024-01-02")
		admin.Attach("#file", file)
		admin.Follow(`main form button[value="check"]`)
	}
	book := workbook(t, b, "Nusaniwe Baru")
	if send(book); !strings.Contains(admin.Text("main"), "1 perubahan, tanpa masalah") || !strings.Contains(admin.Text("main"), "Nusaniwe Baru") {
		t.Errorf("a workbook: %d %s", admin.Status, admin.Text("main"))
	}
	if send(bomb(t, book)); admin.Status != http.StatusUnprocessableEntity || admin.Count(`.error-summary a[href="#file"]`) != 1 {
		t.Errorf("a bomb: %d %s", admin.Status, admin.Text("main"))
	}
}

// TestAHaltedChangeOfAreasIsTakenOver looks at the page of a change whose approver was suspended, as its proposer and as whoever
// may approve it, and goes on with it.
func TestAHaltedChangeOfAreasIsTakenOver(t *testing.T) {
	t.Parallel()
	b, chromium := newTown(t), browser.Start(t)
	ctx := t.Context()
	admin := b.signIn(t, chromium, access.Admin, browser.Reader{Width: 1280, Height: 900})
	admin.Go(b.url + "/wilayah")
	admin.Fill("#decree", "Kepmendagri 1/2024 (contoh)")
	admin.Fill("#from", "2024-01-02")
	admin.Attach("#file", newerList(t, b, "Nusaniwe Baru"))
	admin.Follow(`main form button[value="propose"]`)
	// Somebody approves who is gone before the background comes by.
	err := b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE area_change SET state = 'running', approved_by = $1, approved_at = 1`, sqldb.NewID())
		return err
	})
	if err == nil {
		err = b.Places.ApplyApproved(ctx, b.Accounts.Load)
	}
	if err != nil || b.audited(t, "area.halt") != 1 {
		t.Fatal(err)
	}
	admin.Go(b.url + "/wilayah")
	if text := admin.Text("main"); !strings.Contains(text, "Perubahan ini tertahan") || admin.Count("#tarik") != 0 || admin.Count("#setujui") != 0 || admin.Count("#impor") != 0 {
		t.Errorf("the proposer reads %s", text)
	}
	admin.FitForUse()
	for _, view := range readers() {
		head := b.signIn(t, chromium, access.AgencyHead, view.r)
		head.Go(b.url + "/wilayah")
		head.FitForUse()
		picture(head, "wilayah-tertahan-"+view.name)
	}
	head := b.signIn(t, chromium, access.AgencyHead, browser.Reader{Width: 390, Height: 844})
	head.Go(b.url + "/wilayah")
	if head.Follow("section[aria-labelledby=setujui] button"); !strings.Contains(head.Text("main"), "Keputusan dicatat") {
		t.Errorf("taken over: %s", head.Text("main"))
	}
	if err := b.Places.ApplyApproved(ctx, b.Accounts.Load); err != nil {
		t.Fatal(err)
	}
	if name, n := b.Places.Tree().Name(8171010000), b.number(t, `SELECT count(*) FROM area_change WHERE state = '`+areas.Finished+`'`); name != "Nusaniwe Baru" || n != 1 {
		t.Errorf("applied: %q, %d", name, n)
	}
}
