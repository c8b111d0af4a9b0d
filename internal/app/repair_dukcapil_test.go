package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/testkit/browser"
)

// TestWhatOnlyDukcapilCanMendIsListed: by cause, with what to ask, everybody of the area and nobody of another.
func TestWhatOnlyDukcapilCanMendIsListed(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.suggested(t)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Verifier, view.r)
		page.Go(b.url + "/padan/dukcapil")
		page.FitForUse()
		picture(page, view.name+"-dukcapil")
	}
	const causes = `SELECT count(*) FROM match_suggestion g JOIN person p ON p.kabkota = g.kabkota AND p.id = g.person_id
		WHERE g.cause IN ('nobody', 'nik_anomaly', 'nik_double', 'not_recorded', 'dead')`
	page := b.signIn(t, chromium, access.Verifier, plain())
	page.Go(b.url + "/padan")
	page.Follow("main a[href='/padan/dukcapil']")
	if n := int64(page.Count("main tbody tr")); n != b.number(t, causes) || n == 0 || !strings.Contains(page.Text("main"), "Mintalah") {
		t.Errorf("%d rows: %s", n, page.Text("main"))
	}
	operator := b.actor(t, access.Operator)
	village, _ := operator.Home()
	page = b.signIn(t, chromium, access.Operator, plain())
	page.Go(b.url + "/padan/dukcapil")
	if n := int64(page.Count("main tbody tr")); n != b.number(t, causes+` AND p.area_code = $1`, int64(village)) {
		t.Errorf("the operator of the village sees %d rows", n)
	}
	page = b.signIn(t, chromium, access.Admin, plain())
	page.Go(b.url + "/padan/dukcapil")
	if page.Status != http.StatusForbidden {
		t.Errorf("an administrator sees the list: %d", page.Status)
	}
}
