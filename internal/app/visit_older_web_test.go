package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/visits"
	"tepat/internal/testkit/browser"
)

// TestOlderVisitsHaveAPage: the family's page leads to the visits older than the newest fifty, whose page leads back; one is withdrawn
// from there, and she who did stands on the same page again, where it is struck through.
func TestOlderVisitsHaveAPage(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	chromium := browser.Start(t)
	card, at := b.familyIn(t, b.people[access.Operator].Area)
	s, operator := visits.New(b.Acts, b.Keys, b.Registry, b.Places), b.actor(t, access.Operator)
	page := b.signIn(t, chromium, access.Operator, plain())
	oldest := ""
	for i := range visits.PageRows + 3 {
		v := visits.Visit{ID: sqldb.NewID(), On: b.Places.LocalDate(ambon, b.Acts.Now()).AddDays(-i), By: "Petugas Contoh", Met: "Ina Contoh", Outcome: visits.AsRegistered}
		if err := s.Note(t.Context(), operator, card.Family.Tenant, card.Family.ID, v); err != nil {
			t.Fatal(err)
		}
		if i == visits.PageRows-1 {
			page.Go(b.url + at)
			if n := page.Count(`main a[href^="` + at + `/kunjungan/daftar"]`); n != 0 {
				t.Errorf("%d ways to older visits where there are none", n)
			}
		}
		oldest = v.ID.String()
	}
	older := `main a[href^="` + at + `/kunjungan/daftar?sesudah="]`
	page.Go(b.url + at)
	if page.Count(older) != 1 || page.Count(`main a[href*="`+oldest+`"]`) != 0 {
		t.Fatalf("the family's page has %d ways to older visits", page.Count(older))
	}
	page.Follow(older)
	address := page.URL()
	if n := page.Count("main tbody tr"); page.Status != http.StatusOK || n != 3 || page.Count(`a[href="`+at+`#kunjungan"]`) != 1 {
		t.Fatalf("%d older visits: %d %s", n, page.Status, page.Text("main"))
	}
	page.Follow(`main a[href*="` + oldest + `"]`)
	page.Follow("main form button.danger")
	if page.Status != http.StatusUnprocessableEntity || page.Count("#reason-error") != 1 {
		t.Fatalf("without a reason: %d %s", page.Status, page.Text("main"))
	}
	page.Fill("#reason", "Keluarga yang salah")
	page.Follow("main form button.danger")
	if page.URL() != address || page.Count("main del") == 0 || !strings.Contains(page.Text("main"), "Keluarga yang salah") {
		t.Errorf("withdrawn it leads from %s to %s: %s", address, page.URL(), page.Text("main"))
	}
	page.Follow(`main a[href="` + at + `/kunjungan/daftar"]`)
	if n := page.Count("main tbody tr"); n != visits.PageRows || page.Count(older) != 1 {
		t.Errorf("the list begins with %d visits", n)
	}
	page.Go(b.url + at + "/kunjungan/daftar?sesudah=" + sqldb.NewID().String())
	if page.Status != http.StatusNotFound {
		t.Errorf("behind no visit: %d", page.Status)
	}
	b.picturesOf(t, chromium, map[string]string{"lama": strings.TrimPrefix(address, b.url), "semua": at + "/kunjungan/daftar"})
}
