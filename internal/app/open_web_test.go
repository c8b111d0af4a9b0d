package app

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/service/insight"
	"tepat/internal/testkit/browser"
)

// TestFiguresAreOpenToAll opens the public figures of the town, of a subdistrict and as a file: they are those of the
// dashboard, nobody is asked who she is, and no name and no small number stands there.
func TestFiguresAreOpenToAll(t *testing.T) {
	t.Parallel()
	b := newTown(t)
	b.frozen(t, b.drafted(t).ID)
	site := b.openToCitizens(t)
	chromium := browser.Start(t)
	page := chromium.Open(t, site+"/data", readers()[0].r)
	if page.Status != http.StatusOK || !strings.Contains(page.Text("main"), "Angka belum dihitung") {
		t.Fatalf("before figures are counted: %d %s", page.Status, page.Text("main"))
	}
	if _, err := b.Insight.RefreshAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, view := range readers() {
		page := chromium.Open(t, site+"/", view.r)
		page.Follow(`main a[href="/data"]`)
		page.FitForUse()
		page.Within(browser.PublicBudget())
		picture(page, "data-"+view.name)
		if page.Count("section[aria-labelledby=angka] tbody tr") != 5 || !strings.Contains(page.Text("main"), "CC BY 4.0") || page.Count("script") > 0 {
			t.Errorf("the district: %s", page.Text("main"))
		}
		page.Follow("section[aria-labelledby=angka] tbody a")
		page.FitForUse()
		picture(page, "data-desa-"+view.name)
		if !strings.Contains(page.Text("main"), "Daftar per desa") {
			t.Errorf("a subdistrict: %s", page.Text("main"))
		}
	}
	d, err := b.Insight.Dashboard(t.Context(), b.actor(t, access.AgencyHead), insight.View{Area: ambon})
	if err != nil {
		t.Fatal(err)
	}
	families := fmt.Sprintf(",%d,", d.Children.Total.Values[0].N)
	text := openFile(t, site+"/data/unduh.csv")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) < 40 || !strings.Contains(lines[1], "81.71") || !strings.Contains(lines[1], families) || !strings.Contains(lines[1], "CC BY 4.0") || !strings.Contains(lines[0], "Lisensi") {
		t.Errorf("the file:\n%s", text)
	}
	if !strings.Contains(text, "ditutup") {
		t.Error("of 400 families no number is small: the file proves little")
	}
	for _, path := range []string{"/data?wilayah=12.09", "/data?wilayah=81.71.01.1001", "/data?wilayah=81.71.99"} {
		if page.Go(site + path); page.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
}

func openFile(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := plainClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK || len(got.Cookies()) > 0 {
		t.Fatalf("%s: %d %v %v", url, got.StatusCode, got.Cookies(), err)
	}
	return string(text)
}
