package app

import (
	"net/http"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/installation"
	"tepat/internal/testkit/browser"
)

// newProvince is a province that keeps its eleven districts, with people in Kota Ambon; some roles
// work in all of it.
func newProvince(t *testing.T) *town {
	t.Helper()
	b := newTownOf(t, installation.Creation{Name: "Dinas Sosial Provinsi Maluku", Level: installation.Province, Areas: []area.Code{maluku}, Training: true})
	list := b.drafted(t)
	b.frozen(t, list.ID)
	for _, role := range []access.Role{access.Verifier, access.Analyst, access.ProgrammeManager, access.AgencyHead} {
		b.altered(t, `UPDATE account_grant SET area_code = $1 WHERE role = $2`, int64(maluku), string(role))
	}
	b.counted(t)
	return b
}

// TestTheWayFromTheProvinceToTheVillage follows the dashboard down and holds each sum against the registry.
func TestTheWayFromTheProvinceToTheVillage(t *testing.T) {
	t.Parallel()
	b := newProvince(t)
	page := b.signIn(t, browser.Start(t), access.Analyst, browser.Reader{Width: 1280, Height: 900})
	page.Go(b.url + "/dasbor")
	p := b.catalogue.Printer(i18n.Indonesian)
	at := maluku
	for _, title := range []string{"Dasbor Provinsi Maluku", "Dasbor Kota Ambon", "Dasbor Kec. ", "Dasbor "} {
		from, to := at.Range()
		families := b.number(t, `SELECT count(*) FROM family WHERE state = 1 AND area_code >= $1 AND area_code < $2`, int64(from), int64(to))
		if got := page.Text("h1"); page.Status != http.StatusOK || !strings.HasPrefix(got, title) {
			t.Fatalf("%s: %d %q", at.Dotted(), page.Status, got)
		}
		if tile := page.Text(".tiles li:first-child .tile-value"); tile != p.Number(families) || families == 0 {
			t.Errorf("%s: %s families, the registry has %d", at.Dotted(), tile, families)
		}
		page.FitForUse()
		picture(page, "provinsi-"+at.Level().String())
		if at.Level() == area.LevelVillage {
			break
		}
		var most int64
		for child := range b.Places.Tree().Children(at) {
			from, to := child.Code.Range()
			if n := b.number(t, `SELECT count(*) FROM family WHERE state = 1 AND area_code >= $1 AND area_code < $2`, int64(from), int64(to)); n > most {
				most, at = n, child.Code
			}
		}
		page.Follow(`section[aria-labelledby=wilayah] a[href*="wilayah=` + at.Dotted() + `"]`)
	}
	if page.Count("nav.breadcrumb li") != 4 {
		t.Errorf("%d steps lead back up", page.Count("nav.breadcrumb li"))
	}
}

// TestADistrictIsChosen works in one district after the other: by the search, by an address, and never
// in one that is not hers.
func TestADistrictIsChosen(t *testing.T) {
	t.Parallel()
	b := newProvince(t)
	chromium := browser.Start(t)
	page := b.signIn(t, chromium, access.ProgrammeManager, plain())
	for _, view := range readers() {
		look := b.signIn(t, chromium, access.ProgrammeManager, view.r)
		look.Go(b.url + "/kantor")
		look.FitForUse()
		picture(look, "kantor-"+view.name)
	}
	page.Follow(".office a")
	if page.Count("main tbody tr") != 11 {
		t.Fatalf("%d districts: %s", page.Count("main tbody tr"), page.Text("main"))
	}
	page.Fill("#nama", "ambon")
	page.Follow("form.filter button")
	if page.Count("main tbody tr") != 1 || !strings.Contains(page.URL(), "nama=ambon") {
		t.Fatalf("searched: %s %s", page.URL(), page.Text("main"))
	}
	page.Follow("main tbody a")
	if got := page.Text(".office"); !strings.Contains(got, "Kota Ambon") || strings.Contains(page.URL(), "kantor=") {
		t.Fatalf("chosen: %s %q", page.URL(), got)
	}
	page.Go(b.url + "/program/sembako")
	if page.Status != http.StatusOK || page.Count("main tbody tr") == 0 {
		t.Errorf("the list of Kota Ambon: %d %s", page.Status, page.Text("main"))
	}
	page.Go(b.url + "/program/sembako?kantor=81.01")
	if page.URL() != b.url+"/program/sembako" || !strings.Contains(page.Text(".office"), "Maluku Tengah") || page.Count("main tbody tr") != 0 {
		t.Errorf("the list of Maluku Tengah: %s %s", page.URL(), page.Text("main"))
	}
	family := b.familyOf(t)
	if page.Go(b.url + family); page.Status != http.StatusOK {
		t.Errorf("a link into another of her districts: %d", page.Status)
	}
	if page.Go(b.url + "/kantor?nama=tidak-ada"); !strings.Contains(page.Text("main"), "Tidak ada kabupaten/kota dengan nama itu") {
		t.Errorf("nothing found: %s", page.Text("main"))
	}
	if page.Go(b.url + "/?kantor=31.71"); page.Status != http.StatusNotFound {
		t.Errorf("a district of somebody else: %d", page.Status)
	}
	page.Go(b.url + "/?kantor=semua")
	if !strings.Contains(page.Text(".office"), "semua kabupaten/kota") {
		t.Errorf("all districts: %s", page.Text(".office"))
	}
	page.Go(b.url + "/keluarga?wilayah=81.71.01")
	if page.Count("main tbody tr") == 0 || page.Count(`#wilayah option[value="81.71.01.1006"]`) != 1 {
		t.Errorf("the filter does not reach the villages: %s", page.Text("main")[:200])
	}
	operator := b.signIn(t, chromium, access.Operator, browser.Reader{})
	operator.Go(b.url + "/keluarga?kantor=81.01")
	if operator.Count(".office") != 0 || operator.URL() != b.url+"/keluarga" || operator.Count("main tbody tr") == 0 {
		t.Errorf("an operator of one village: %s %s", operator.URL(), operator.Text("main"))
	}
}

// familyOf gives the page of a family in Kota Ambon.
func (b *town) familyOf(t *testing.T) string {
	t.Helper()
	var id sqldb.ID
	if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM family WHERE kabkota = 8171 AND state = 1 ORDER BY id LIMIT 1`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return "/keluarga/8171-" + id.String()
}
