package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/kit/sqldb"
	"tepat/internal/testkit/browser"
)

// TestGroupsAreShownWithTheFamilyAndTheQuality: a family's page tells when a member came to stand with records that may be
// she, the page of quality counts the groups by size, and both only to who may see them.
func TestGroupsAreShownWithTheFamilyAndTheQuality(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.repeat(t, 2, 2)
	if err := b.Identity.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	var id, family sqldb.ID
	var size int
	err := b.DB.Direct().QueryRow(t.Context(), `SELECT e.person_id, p.family_id, e.size FROM entity_event e JOIN person p ON p.kabkota = e.kabkota AND p.id = e.person_id
		WHERE e.kabkota > 0 AND e.kind = 'joined' AND p.relation = 1 ORDER BY e.size DESC, e.person_id LIMIT 1`).Scan(&id, &family, &size)
	if err != nil || size < 3 {
		t.Fatalf("a group of %d, %v", size, err)
	}
	chromium := browser.Start(t)
	path := fmt.Sprintf("/keluarga/%d-%s", b.Places.TenantOf(ambon), family)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + path)
		page.FitForUse()
		picture(page, "groups-family-"+view.name)
		if text := page.Text("section[aria-labelledby=kelompok]"); !strings.Contains(text, "Masuk kelompok") || !strings.Contains(text, fmt.Sprintf("%d data", size)) {
			t.Errorf("%s: the family's page says %s", view.name, text)
		}
		page.Go(b.url + "/dasbor/mutu")
		page.FitForUse()
		picture(page, "groups-quality-"+view.name)
		if text := page.Text("section[aria-labelledby=kelompok]"); !strings.Contains(text, "menurut ukuran") || !strings.Contains(text, fmt.Sprintf("%d data", size)) {
			t.Errorf("%s: the page of quality says %s", view.name, text)
		}
	}
	if n := b.audited(t, "identity.history"); n != int64(len(readers())) {
		t.Errorf("%d readings in the log", n)
	}
	admin := b.signIn(t, chromium, access.Admin, plain())
	admin.Go(b.url + path)
	if admin.Status != http.StatusForbidden {
		t.Errorf("an administrator opens the family: %d", admin.Status)
	}
}
