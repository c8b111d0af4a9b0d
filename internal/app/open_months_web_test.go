package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/testkit/browser"
)

// TestPublicFiguresOfAMonth closes a month, finds its figures under its name, as a table, a file and a map on boundaries, and no
// way to a month that was not closed.
func TestPublicFiguresOfAMonth(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.frozen(t, b.drafted(t).ID)
	b.counted(t)
	today := b.Places.LocalDate(ambon, b.Acts.Now())
	closing := period.MonthOf(today)
	if today.Before(closing.Last()) {
		closing = closing.Add(-1)
	}
	if _, err := b.Insight.CloseMonth(t.Context(), b.actor(t, access.AgencyHead), b.Places.TenantOf(ambon), closing); err != nil {
		t.Fatal(err)
	}
	// Another month, as if it were closed before.
	b.altered(t, `INSERT INTO rollup (kabkota, period, area_code, metric, n, refreshed_at)
		SELECT kabkota, CASE period WHEN 'closed' THEN period ELSE $1 END, area_code, CASE period WHEN 'closed' THEN $1 ELSE metric END, n, refreshed_at
		FROM rollup WHERE period IN ('closed', $2)`, closing.Add(-12).Text(), closing.Text())
	site, chromium := b.openToCitizens(t), browser.Start(t)
	look := func(path, name string) {
		t.Helper()
		for _, view := range readers() {
			page := chromium.Open(t, site+path, view.r)
			page.FitForUse()
			page.Within(browser.PublicBudget())
			picture(page, name+"-"+view.name)
		}
	}
	look("/data", "data-bulan")
	look("/data?wilayah=81.71&peta=poor", "data-peta-batang")
	admin := b.signIn(t, chromium, access.Admin, plain())
	admin.Go(b.url + "/peta/batas")
	admin.Fill("#source", "Sketsa latihan, tanpa lisensi")
	admin.Fill("#as_of", "2023")
	admin.Attach("#file", geoJSON(t, sketch(t, b, ambon, 128, -3.8, .4)))
	admin.Follow("main form button")
	look("/data?wilayah=81.71&peta=families", "data-peta")

	page := chromium.Open(t, site+"/data", plain())
	if text := page.Text("main"); !strings.Contains(text, "Angka satu bulan dibekukan") || strings.Contains(text, "Belum ada bulan") || !strings.Contains(page.Text("h1"), "2026") {
		t.Errorf("the latest month: %s", text)
	}
	if page.Follow(`section[aria-labelledby=bulan] a`); !strings.Contains(page.Text("h1"), "2025") {
		t.Errorf("the year before: %s", page.Text("h1"))
	}
	page.Follow(`section[aria-labelledby=bulan] a`)
	page.Follow(`a[href*="peta=families"]`)
	if page.Count("section[aria-labelledby=gambar] svg[role=img] path title") < 5 || !strings.Contains(page.Text("section[aria-labelledby=gambar]"), "Sketsa latihan") || page.Count("script") > 0 {
		t.Errorf("the map: %s", page.Text("main"))
	}
	if page.Count(`a[href*="bulan=`+closing.Text()+`"]`) == 0 {
		t.Error("the ways from a month leave it")
	}
	text := openFile(t, site+"/data/unduh.csv?wilayah=81.71&bulan="+closing.Text())
	if head, first, _ := strings.Cut(text, "\n"); !strings.Contains(head, "Bulan") || !strings.Contains(strings.SplitN(first, "\n", 2)[0], ","+closing.Text()+",") {
		t.Errorf("the file: %s", text[:min(400, len(text))])
	}
	for _, path := range []string{"/data?wilayah=81.71&bulan=2019-01", "/data?wilayah=81.71&bulan=x", "/data?wilayah=81.71&peta=nik", "/data/unduh.csv?wilayah=81.71&bulan=2019-01"} {
		if page.Go(site + path); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
}
