package app

import (
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// TestASearchForDuplicatesIsOfferedWhereItIsDue: the queue of a registry nobody searched says so, the verifier starts the search
// with one button, sees what it costs and runs it; then the page says when it was, until there is another model. An
// operator reads that it is due and who runs it.
func TestASearchForDuplicatesIsOfferedWhereItIsDue(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.repeat(t, 3, 1)
	chromium := browser.Start(t)
	operator := b.signIn(t, chromium, access.Operator, plain())
	operator.Go(b.url + "/ganda")
	if text := operator.Text("main"); !strings.Contains(text, "belum pernah dicari") || !strings.Contains(text, "Verifikator Dinas Sosial yang menjalankan") || operator.Count("form[action='/ganda/cari']") != 0 {
		t.Errorf("the operator reads: %s", text)
	}
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + "/ganda")
		page.FitForUse()
		picture(page, "ganda-belum-dicari-"+view.name)
	}
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/")
	if !strings.Contains(page.Text("main"), "Cari data ganda") {
		t.Error("the verifier's first page does not tell that a search is due")
	}
	page.Go(b.url + "/ganda")
	page.Follow("form[action='/ganda/cari'] button")
	run := b.shown(t, "dedupe")
	if run.State != runs.Previewed || !strings.Contains(page.Text("main"), "dibandingkan") {
		t.Fatalf("the search is %s: %s", run.State, page.Text("main"))
	}
	preview := page.URL()
	page.Go(b.url + "/ganda")
	if text := page.Text("main"); !strings.Contains(text, "Pencarian data ganda belum selesai") || page.Count("form[action='/ganda/cari']") != 0 {
		t.Errorf("while a search waits the page says: %s", text)
	}
	page.Go(preview)
	page.Follow("section[aria-labelledby=tindakan] button[value=submit]")
	if done := b.finished(t, run); done.State != runs.Done || done.Tally["pairs"] == 0 {
		t.Fatalf("the search ended %s with %v", done.State, done.Tally)
	}
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + "/ganda")
		if text := page.Text("main"); strings.Contains(text, "belum pernah") || !strings.Contains(text, "Cari data ganda lagi") {
			t.Errorf("%s: after the search the page says: %s", view.name, text)
		}
		page.FitForUse()
		picture(page, "ganda-dicari-"+view.name)
	}
	err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		n, err := tx.Exec(t.Context(), `UPDATE run SET preview = replace(preview, 'indonesian-identity', 'another-model') WHERE kabkota = $1 AND id = $2 AND preview LIKE '%indonesian-identity%'`, int64(run.Tenant), run.ID)
		if err == nil && n != 1 {
			t.Errorf("the run keeps no model: %d", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	page.Go(b.url + "/ganda")
	if text := page.Text("main"); !strings.Contains(text, "Cara membandingkan sudah diperbarui") || page.Count("form[action='/ganda/cari']") != 1 {
		t.Errorf("with another model the page says: %s", text)
	}
	picture(page, "ganda-model-baru")
}

// TestTheRunSaysWhatTheListTaught: the page of a search tells what the list taught it, in words, by how two rows agree; a search that was
// taught nothing says nothing of it.
func TestTheRunSaysWhatTheListTaught(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.repeat(t, 3, 1)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/ganda")
	page.Follow("form[action='/ganda/cari'] button")
	run, at := b.shown(t, "dedupe"), page.URL()
	page.Follow("section[aria-labelledby=tindakan] button[value=submit]")
	b.finished(t, run)
	if page.Go(at); page.Count("section[aria-labelledby=dipelajari]") != 0 {
		t.Errorf("a search of few records was taught: %s", page.Text("main"))
	}
	err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO run_lesson (kabkota, run_id, column_name, household, title, same_bits, differ_bits, pairs)
			VALUES ($1, $2, 'guard', 0, '', 4.5, 0, 77)`, int64(run.Tenant), run.ID); err != nil {
			return err
		}
		for _, of := range []string{"entered", "shoe"} {
			_, err := tx.Exec(t.Context(), `INSERT INTO run_lesson (kabkota, run_id, column_name, household, title, same_bits, differ_bits, pairs)
				VALUES ($1, $2, $3, 1, 'ukuran', -3.3, 1.5, 1234)`, int64(run.Tenant), run.ID, of)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(at)
		text := page.Text("section[aria-labelledby=dipelajari]")
		for _, want := range []string{"Satu KK dan didata pada tanggal yang sama", "−3,3 bit", "Satu KK, didata pada tanggal yang berbeda", "+1,5 bit", "1.234", "Kolom ukuran sama", "Kolom ukuran berbeda", "Bukti yang diminta bahwa dua orang bukan kembar", "+4,5 bit", "77 pasangan ditahan"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing: %s", view.name, want, text)
			}
		}
		page.FitForUse()
		picture(page, "pencarian-dipelajari-"+view.name)
	}
}
