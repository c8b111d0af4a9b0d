package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/i18n"
	"tepat/internal/service/installation"
	"tepat/internal/testkit/browser"
)

const (
	asahan = area.Code(1209000000)
)

// closedMonth keeps figures of a month as if a district had counted and closed it: so many families in one village.
func (b *town) closedMonth(t *testing.T, district area.Code, month string, families int64, pkh int64) {
	t.Helper()
	var village area.Code
	for v := range b.Places.Tree().Villages(district) {
		village = v.Code
		break
	}
	tenant, at := int64(b.Places.TenantOf(district)), b.Acts.Now().UnixMicro()
	add := func(period string, code area.Code, metric string, n int64) {
		b.altered(t, `INSERT INTO rollup (kabkota, period, area_code, metric, n, refreshed_at) VALUES ($1, $2, $3, $4, $5, $6)`, tenant, period, int64(code), metric, n, at)
	}
	for _, code := range []area.Code{district, village.Subdistrict(), village} {
		add(month, code, "families", families)
		add(month, code, "persons", families*3)
		add(month, code, "place.pkh.enrolled", pkh)
	}
	add(month, district, "refreshed", at)
	add("closed", district, month, at)
}

// TestTheNationOfOpenFigures goes from the tiles of the provinces down to a village, in the table, on the map, by keyboard and in
// the file, at every width; what a district hides is hidden in every sum, and who has not closed the month is told.
func TestTheNationOfOpenFigures(t *testing.T) {
	t.Parallel()
	b := newOffice(t, installation.Creation{Name: "Kementerian Sosial", Level: installation.Nation, Areas: []area.Code{area.Nation}, Training: true})
	month := period.MonthOf(b.Places.LocalDate(ambon, b.Acts.Now())).Add(-1)
	b.closedMonth(t, ambon, month.Text(), 34_146, 7_000)
	b.closedMonth(t, malukuOther, month.Text(), 90_000, 3) // too few to be shown
	b.closedMonth(t, asahan, month.Text(), 132_243, 21_164)
	site, chromium := b.openToCitizens(t), browser.Start(t)
	for _, view := range readers() {
		for path, name := range map[string]string{"/data": "data-nasional", "/data?wilayah=81": "data-provinsi", "/data?peta=enrolled.pkh": "data-nasional-pkh"} {
			page := chromium.Open(t, site+path, view.r)
			page.FitForUse()
			page.Within(browser.PublicBudget())
			picture(page, name+"-"+view.name)
		}
	}
	p := b.catalogue.Printer(i18n.Indonesian)
	page := chromium.Open(t, site+"/data", plain())
	tiles := browser.Eval[string](page, `[...document.querySelectorAll("section[aria-labelledby=gambar] svg title")].map(t => t.textContent).join("|")`)
	if !strings.Contains(tiles, "Provinsi Maluku: "+p.Number(124_146)) || !strings.Contains(tiles, "Provinsi Sumatera Utara: "+p.Number(132_243)) {
		t.Errorf("tiles: %s", tiles)
	}
	if page.Count("section[aria-labelledby=gambar] svg[role=img] title") != 39 || page.Count("section[aria-labelledby=angka] tbody tr") != 38 || page.Count("script") > 0 {
		t.Errorf("the nation: %d tiles, %d lines, %d scripts", page.Count("section[aria-labelledby=gambar] svg[role=img] title"), page.Count("section[aria-labelledby=angka] tbody tr"), page.Count("script"))
	}
	if text := page.Text("section[aria-labelledby=angka]"); !strings.Contains(text, "2 dari 11") || !strings.Contains(text, "ditutup") || !strings.Contains(text, p.Number(256_389)) {
		t.Errorf("the table: %s", text)
	}
	page.Follow(`section[aria-labelledby=gambar] a[href*="peta=enrolled.pkh"]`)
	tiles = browser.Eval[string](page, `[...document.querySelectorAll("section[aria-labelledby=gambar] svg title")].map(t => t.textContent).join("|")`)
	if strings.Contains(tiles, "7.0") || !strings.Contains(tiles, "Maluku: ditutup atau belum terhitung") || !strings.Contains(tiles, p.Number(21_164)) {
		t.Errorf("PKH on tiles: %s", tiles)
	}
	// Down by keyboard: province, district, subdistrict, and back up.
	for _, step := range []struct{ link, title string }{{"wilayah=81&", "Provinsi Maluku"}, {"wilayah=81.71", "Kota Ambon"}, {"wilayah=81.71.01", "Nusaniwe"}} {
		browser.Eval[bool](page, `(document.querySelector('section[aria-labelledby=angka] tbody a[href*="`+strings.TrimSuffix(step.link, "&")+`"]').focus(), true)`)
		page.Press(kb.Enter)
		page.Until(`document.querySelector("h1").textContent.includes("` + step.title + `")`)
	}
	for _, title := range []string{"Kota Ambon", "Provinsi Maluku", "Indonesia"} {
		page.Follow("a.back")
		if !strings.Contains(page.Text("h1"), title) {
			t.Fatalf("back to %s: %s", title, page.Text("h1"))
		}
	}
	text := openFile(t, site+"/data/unduh.csv")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 40 || !strings.Contains(lines[1], "256389") || !strings.Contains(lines[0], "Kabupaten/kota terhitung") || !strings.Contains(text, ",2/11,") || !strings.Contains(text, "ditutup") {
		t.Errorf("the file:\n%s", text)
	}
	if text := openFile(t, site+"/data/unduh.csv?wilayah=81&bulan="+month.Text()); !strings.Contains(text, "81.71") || !strings.Contains(text, "34146") {
		t.Errorf("the file of the province:\n%s", text)
	}
	for _, path := range []string{"/data?wilayah=97", "/data?wilayah=81&bulan=2019-01", "/data?wilayah=81.71.01.1001", "/data?peta=nik"} {
		if page.Go(site + path); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
}
