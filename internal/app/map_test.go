package app

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/testkit/browser"
)

// sketch is a file of made-up boundaries: the areas right below one as strips of a square, with
// wiggly borders that neighbours share.
func sketch(t *testing.T, b *town, at area.Code, west, south, size float64) []string {
	t.Helper()
	var children []area.Code
	for p := range b.Places.Tree().Children(at) {
		children = append(children, p.Code)
	}
	const steps = 60
	border := func(i, j int) string {
		bend := 0.0
		if i > 0 && i < len(children) {
			bend = size / float64(len(children)) * .3 * math.Sin(float64(i)+9*float64(j)/steps)
		}
		return fmt.Sprintf("[%.6f,%.6f]", west+size*float64(i)/float64(len(children))+bend, south+.7*size*float64(j)/steps)
	}
	var out []string
	for i, code := range children {
		var ring []string
		for j := range steps + 1 {
			ring = append(ring, border(i, j))
		}
		for j := range steps + 1 {
			ring = append(ring, border(i+1, steps-j))
		}
		out = append(out, fmt.Sprintf(`{"type":"Feature","properties":{"KDCPUM":%q},"geometry":{"type":"Polygon","coordinates":[[%s]]}}`, code.Dotted(), strings.Join(append(ring, ring[0]), ",")))
	}
	return out
}

func geoJSON(t *testing.T, features []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "batas.geojson")
	if err := os.WriteFile(path, []byte(`{"type":"FeatureCollection","features":[`+strings.Join(features, ",")+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTheMapIsDrawnFromImportedBoundaries looks at a district without boundaries, imports some as the
// administrator does, and finds the map on the dashboard, every value in the table beside it.
func TestTheMapIsDrawnFromImportedBoundaries(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.counted(t)
	chromium := browser.Start(t)
	verifier := b.signIn(t, chromium, access.Verifier, browser.Reader{Width: 1280, Height: 900})
	verifier.Go(b.url + "/dasbor")
	if verifier.Count("section[aria-labelledby=peta] svg path") == 0 || !strings.Contains(verifier.Text("section[aria-labelledby=peta]"), "Batas wilayah belum diimpor") {
		t.Errorf("without boundaries: %s", verifier.Text("section[aria-labelledby=peta]"))
	}
	verifier.FitForUse()
	picture(verifier, "peta-tanpa-batas")
	if verifier.Go(b.url + "/peta/batas"); verifier.Status != http.StatusForbidden {
		t.Errorf("a verifier imports boundaries: %d", verifier.Status)
	}

	admin := b.signIn(t, chromium, access.Admin, browser.Reader{Width: 1280, Height: 900})
	admin.Go(b.url + "/dasbor")
	admin.Follow("section[aria-labelledby=peta] .notice a")
	admin.FitForUse()
	picture(admin, "peta-batas-kosong")
	admin.Fill("#source", "Sketsa latihan, tanpa lisensi")
	admin.Fill("#as_of", "2023")
	admin.Attach("#file", geoJSON(t, nil))
	admin.Follow("main form button")
	if admin.Status != http.StatusUnprocessableEntity || admin.Count(`.error-summary a[href="#file"]`) != 1 {
		t.Fatalf("a file without areas: %d %s", admin.Status, admin.Text("main"))
	}
	features := append(sketch(t, b, ambon, 128, -3.8, .4), `{"type":"Feature","properties":{},"geometry":null}`)
	for p := range b.Places.Tree().Children(ambon) {
		features = append(features, sketch(t, b, p.Code, 128+.02*float64(p.Code/10000%100), -3.8, .2)...)
	}
	admin.Attach("#file", geoJSON(t, features))
	admin.Follow("main form button")
	if text := admin.Text("main"); admin.Status != http.StatusOK || !strings.Contains(text, "55 wilayah diimpor") || !strings.Contains(text, "Tidak ada kode Kemendagri") {
		t.Fatalf("imported: %d %s", admin.Status, text)
	}
	picture(admin, "peta-batas-diimpor")
	if n := b.number(t, `SELECT count(*) FROM area_boundary`); n != 55 || b.audited(t, "area.boundaries") != 1 {
		t.Errorf("%d boundaries, %d acts", n, b.audited(t, "area.boundaries"))
	}
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.AgencyHead, view.r)
		page.Go(b.url + "/dasbor")
		page.FitForUse()
		picture(page, "peta-"+view.name)
		if page.Count("section[aria-labelledby=peta] svg[role=img] path title") < 5 || page.Count("section[aria-labelledby=peta] table tbody tr") != 5 {
			t.Errorf("%s: %s", view.name, page.Text("section[aria-labelledby=peta]"))
		}
		page.Within(browser.DashboardBudget())
		tab := "section[aria-labelledby=peta] .tabs > ul a[href*=not_matching]"
		if view.r.Width < 768 { // on a phone the tabs fold under the words of the current one
			page.Click("section[aria-labelledby=peta] .tabs summary")
			tab = "section[aria-labelledby=peta] .tabs details a[href*=not_matching]"
		}
		page.Follow(tab)
		page.Follow("section[aria-labelledby=peta] table a")
		if !strings.Contains(page.URL(), "angka=not_matching") || page.Count("section[aria-labelledby=peta] svg path title") < 10 {
			t.Errorf("%s: the way down loses the figure: %s", view.name, page.URL())
		}
		page.FitForUse()
		picture(page, "peta-kecamatan-"+view.name)
	}
}

// TestTheNationIsTiles opens the dashboard of the ministry: a tile a province, none bigger than another.
func TestTheNationIsTiles(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.counted(t)
	chromium := browser.Start(t)
	for _, view := range readers() {
		page := b.signIn(t, chromium, access.Ministry, view.r)
		page.Go(b.url + "/dasbor")
		page.FitForUse()
		picture(page, "nasional-"+view.name)
		if tiles := page.Count("section[aria-labelledby=peta] svg text"); tiles < 38 || page.Count("section[aria-labelledby=peta] table tbody tr") != 38 {
			t.Errorf("%d tiles, %d provinces in the table", tiles, page.Count("section[aria-labelledby=peta] table tbody tr"))
		}
	}
	page := b.signIn(t, chromium, access.Ministry, browser.Reader{Width: 1280, Height: 900})
	page.Go(b.url + "/dasbor")
	page.Within(browser.DashboardBudget())
	page.Click("section[aria-labelledby=peta] .figure summary")
	page.Follow(`section[aria-labelledby=peta] table a[href*="wilayah=81"]`)
	if page.Text("h1") != "Dasbor Provinsi Maluku" {
		t.Errorf("down to %q", page.Text("h1"))
	}
}
