package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit/browser"
)

// TestAnAuditorLooksIntoUnusualLooks has an operator open a family of her own name: the job finds it, the auditor reads why,
// and notes what came of it. Who is no auditor does not get in.
func TestAnAuditorLooksIntoUnusualLooks(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	card, path := b.familyIn(t, b.people[access.Operator].Area)
	operator := sqldb.ID(b.people[access.Operator].ID)
	if err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE account SET name = $1 WHERE id = $2`, strings.ToLower(card.Members[0].Name), operator)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	chromium := browser.Start(t)
	reader := b.signIn(t, chromium, access.Operator, readers()[0].r)
	reader.Go(b.url + path)
	if n, err := b.looks().Watch(t.Context(), b.Acts.Now()); err != nil || n == 0 {
		t.Fatalf("found %d, %v", n, err)
	}
	for i, view := range readers() {
		page := b.signIn(t, chromium, access.Auditor, view.r)
		page.Go(b.url + "/audit")
		page.Follow(`main a[href="/audit/akses"]`)
		if !strings.Contains(page.Text("main"), "Nama sama dengan pembaca") {
			t.Fatalf("the list: %s", page.Text("main"))
		}
		page.FitForUse()
		picture(page, "akses-daftar-"+view.name)
		page.Follow("main tbody a")
		page.FitForUse()
		picture(page, "akses-satu-"+view.name)
		if i > 0 {
			continue
		}
		page.Follow("section[aria-labelledby=tindak-lanjut] form button")
		if page.Status != http.StatusUnprocessableEntity || page.Count("#note-error") != 1 {
			t.Fatalf("without a note: %d %s", page.Status, page.Text("main"))
		}
		one := page.URL()
		page.Fill("#note", "Keluarga sendiri, dibuka tanpa keperluan. Sudah ditegur.")
		page.Follow("section[aria-labelledby=tindak-lanjut] form button")
		if !strings.Contains(page.Text("main"), "Sudah diperiksa") || !strings.Contains(page.Text("main"), "Sudah ditegur") || b.audited(t, "audit.unusual_seen") != 1 {
			t.Errorf("not noted: %s", page.Text("main"))
		}
		page.Go(b.url + "/audit/akses?tab=selesai")
		if page.Count("main tbody tr") != 1 {
			t.Errorf("looked into: %s", page.Text("main"))
		}
		reader.Go(one)
		if reader.Status != http.StatusForbidden {
			t.Errorf("the reader herself opens it: %d", reader.Status)
		}
		if err := b.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE unusual_look SET seen_at = 0`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}
