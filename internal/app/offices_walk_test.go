package app

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/proposal"
	"tepat/internal/edge/web"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/installation"
	"tepat/internal/service/proposals"
	"tepat/internal/service/runs"
	"tepat/internal/testkit/browser"
)

// wide are the installations whose people work in several districts.
func wide() map[string]installation.Creation {
	return map[string]installation.Creation{
		"province": {Name: "Dinas Sosial Provinsi Maluku", Level: installation.Province, Areas: []area.Code{maluku}, Training: true},
		"nation":   {Name: "Kementerian Sosial", Level: installation.Nation, Areas: []area.Code{area.Nation}, Training: true},
	}
}

// widened makes such an installation with a list in force and the next in Kota Ambon, where all but the village's people work in
// all of its area.
func widened(t *testing.T, home installation.Creation) *town {
	t.Helper()
	b := newTownOf(t, home)
	list := b.drafted(t)
	b.frozen(t, list.ID)
	b.drafted(t)
	b.counted(t)
	b.altered(t, `UPDATE account_grant SET area_code = $1 WHERE role NOT IN ('operator', 'village_head')`, int64(home.Areas[0]))
	return b
}

// pagesOfOne are the pages that work for one district; none of the others may ask for it.
func pagesOfOne() []string {
	return []string{"/pengesahan", "/penetapan", "/program", "/penyaluran", "/penyaluran/baru", "/pengaduan/baru", "/dasbor/bulan", "/program/sembako", "/program/sembako/susun",
		"/program/sembako/tetapkan", "/program/sembako/kuota", "/program/sembako/rekap", "/program/sembako/unduh", "/program/sembako/berkas", "/program/sembako/lampiran?bentuk=xlsx"}
}

var others = regexp.MustCompile(`<a href="([^"]*kantor=81\.71[^"]*)"`)

// TestPagesOfOneDistrictAskForIt opens every page without a record as everybody, before and after a district is chosen:
// the pages of one district lead to the choice and back, and show that district; the others do not change who gets in.
func TestPagesOfOneDistrictAskForIt(t *testing.T) {
	t.Parallel()
	for name, home := range wide() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &walk{town: widened(t, home)}
			routes := web.New(w.desk(nil), nil, nil, w.frame("")).Routes()
			opened := map[string]bool{}
			for _, role := range access.Roles() {
				if role == access.Operator || role == access.VillageHead {
					continue
				}
				who, may := plainClient(), w.actor(t, role)
				w.enter(t, who, w.town.people[role].Login, w.town.people[role].Password.Reveal())
				get := func(path string) answer { return w.knock(t, door{route: "GET " + path, path: path}, who) }
				before := map[string]int{}
				for _, r := range routes {
					method, path, _ := strings.Cut(strings.TrimSuffix(r.Pattern, "{$}"), " ")
					if method == http.MethodGet && !strings.Contains(path, "{") && (r.Needs == "" || may.Can(r.Needs)) {
						if got := get(path); got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/kantor") {
							before[path] = got.status
						}
					}
				}
				for _, path := range pagesOfOne() {
					if _, asked := before[path]; asked {
						t.Errorf("%s opens %s for all districts", role, path)
					}
					got := get(path)
					if got.status == http.StatusForbidden {
						continue
					}
					opened[path] = true
					w.leadsThere(t, role, path, got, get)
					if got := get("/?kantor=semua"); got.status != http.StatusSeeOther {
						t.Fatalf("%s takes the choice back: %d", role, got.status)
					}
				}
				get("/?kantor=81.71")
				for path, was := range before {
					if got := get(path); got.status != was {
						t.Errorf("%s opens %s with %d, and with %d in Kota Ambon: %s", role, path, was, got.status, got.words())
					}
				}
			}
			for _, path := range pagesOfOne() {
				if !opened[path] {
					t.Errorf("nobody opens %s", path)
				}
			}
		})
	}
}

// leadsThere follows the choice of Kota Ambon back to the page that asked for it.
func (w *walk) leadsThere(t *testing.T, role access.Role, path string, got answer, get func(string) answer) {
	t.Helper()
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/kantor?"+(url.Values{"lanjut": {path}}).Encode() {
		t.Errorf("%s opens %s: %d %s %s", role, path, got.status, got.header.Get("Location"), got.words())
		return
	}
	choice := get(got.header.Get("Location") + "&nama=ambon")
	link := others.FindStringSubmatch(choice.body)
	if choice.status != http.StatusOK || link == nil {
		t.Errorf("%s finds no way from %s: %d %s", role, path, choice.status, choice.words())
		return
	}
	if chosen := get(html.UnescapeString(link[1])); chosen.status != http.StatusSeeOther || chosen.header.Get("Location") != path {
		t.Errorf("%s chooses for %s: %d %s", role, path, chosen.status, chosen.header.Get("Location"))
		return
	}
	page := get(path)
	if page.status != http.StatusOK {
		t.Errorf("%s opens %s in Kota Ambon: %d %s", role, path, page.status, page.words())
	}
	if text := page.words(); strings.HasPrefix(page.header.Get("Content-Type"), "text/html") && (!strings.Contains(text, "Kota Ambon") || strings.Contains(text, "Aceh") || strings.Contains(text, "Maluku Tengah")) {
		t.Errorf("%s is shown another district by %s: %s", role, path, text)
	}
}

// TestAFormWithoutADistrictChangesNothing sends what was opened before the choice was taken back.
func TestAFormWithoutADistrictChangesNothing(t *testing.T) {
	t.Parallel()
	w := &walk{town: widened(t, wide()["nation"])}
	for _, c := range []struct {
		role access.Role
		path string
		form func(*walk) url.Values
	}{
		{access.Ministry, "/penetapan", fixed("number", "79/HUK/2026", "on.day", "1", "on.month", "11", "on.year", "2026", "signed_by", "Menteri Sosial")},
		{access.Signer, "/pengesahan", fixed("number", "1/2026", "signed_by", "Wali Kota", "digest", "x")},
		{access.ProgrammeManager, "/program/sembako/kuota", fixed("quota", "60", "valid_from.day", "1", "valid_from.month", "1", "valid_from.year", "2027", "legal_basis", "SK 1/2027")},
		{access.ProgrammeManager, "/program/sembako/susun", fixed("as_of.day", "1", "as_of.month", "10", "as_of.year", "2024", "quota", "50")},
		{access.PaymentOfficer, "/penyaluran/baru", fixed("programme", "sembako", "period", "2024-09")},
	} {
		who := plainClient()
		w.enter(t, who, w.town.people[c.role].Login, w.town.people[c.role].Password.Reveal())
		before := w.acts(t)
		got := w.knock(t, door{route: "POST " + c.path, path: c.path, form: c.form}, who)
		if got.status != http.StatusConflict || !strings.Contains(got.words(), "Pilih wilayah kerja") || w.acts(t) != before {
			t.Errorf("%s sends %s: %d %s, %d acts", c.role, c.path, got.status, got.words(), w.acts(t)-before)
		}
	}
}

// TestTheChoiceLeadsNowhereElse holds that the page of districts sends nobody to another site.
func TestTheChoiceLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	w := &walk{town: widened(t, wide()["province"])}
	who := plainClient()
	w.enter(t, who, w.town.people[access.Analyst].Login, w.town.people[access.Analyst].Password.Reveal())
	for _, next := range []string{"https://contoh.invalid/x", "//contoh.invalid/x", `/\contoh.invalid`, "x"} {
		got := w.knock(t, door{route: "GET /kantor", path: "/kantor?" + url.Values{"lanjut": {next}}.Encode()}, who)
		for _, link := range others.FindAllStringSubmatch(got.body, -1) {
			if link[1] != "/?kantor=81.71" {
				t.Errorf("%q leads to %s", next, link[1])
			}
		}
		if got.status != http.StatusOK || !others.MatchString(got.body) {
			t.Errorf("%q: %d", next, got.status)
		}
	}
}

// TestADeterminationForOneDistrict lets the ministry of a national and of a provincial installation choose a district,
// see what waits there, refuse one proposal and determine the rest; the other district keeps its own.
func TestADeterminationForOneDistrict(t *testing.T) {
	t.Parallel()
	for name, home := range wide() {
		t.Run(name, func(t *testing.T) { // one after the other: each has a browser of its own
			b := newTownOf(t, home)
			for n := range 3 {
				b.filedAs(t, 61+n, proposal.AgencyApproved)
			}
			waiting, err := b.Proposals.AwaitRatification(t.Context(), b.actor(t, access.Signer), ambon)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.Proposals.Ratify(t.Context(), b.actor(t, access.Signer), proposals.Ratifying{Area: ambon, Number: "460/1/2026", SignedBy: "Wali Kota Ambon", Digest: waiting.Digest}); err != nil {
				t.Fatal(err)
			}
			b.altered(t, `UPDATE account_grant SET area_code = $1 WHERE role = 'ministry'`, int64(home.Areas[0]))
			chromium := browser.Start(t)
			look := func(path, called string) {
				t.Helper()
				for _, view := range readers()[:2] {
					page := b.signIn(t, chromium, access.Ministry, view.r)
					page.Go(b.url + path)
					page.FitForUse()
					picture(page, called+"-"+name+"-"+view.name)
				}
			}
			look("/penetapan", "penetapan-pilih")
			page := b.signIn(t, chromium, access.Ministry, plain())
			page.Go(b.url + "/penetapan")
			if !strings.Contains(page.URL(), "/kantor?lanjut=") || !strings.Contains(page.Text("main"), "Pilih kabupaten/kota dahulu") {
				t.Fatalf("without a district: %s %s", page.URL(), page.Text("main"))
			}
			page.Fill("#nama", "maluku tengah")
			page.Follow("form.filter button")
			page.Follow("main tbody a")
			if page.URL() != b.url+"/penetapan" || !strings.Contains(page.Text("main"), "Tidak ada yang menunggu penetapan") {
				t.Fatalf("a district where nothing waits: %s %s", page.URL(), page.Text("main"))
			}
			if page.Count("main form") != 0 {
				t.Fatal("a decree is asked for where nothing waits")
			}
			page.Go(b.url + "/penetapan?kantor=81.71")
			if !strings.Contains(page.Text("main"), "3 usulan menunggu penetapan") {
				t.Fatalf("Kota Ambon: %s", page.Text("main"))
			}
			var refused string
			if err := b.DB.Direct().QueryRow(t.Context(), `SELECT number FROM proposal WHERE kabkota = 8171 ORDER BY number LIMIT 1`).Scan(&refused); err != nil {
				t.Fatal(err)
			}
			today := b.Places.LocalDate(ambon, b.Acts.Now())
			for id, v := range map[string]string{"number": "79/HUK/2026", "on": fmt.Sprint(today.Day()), "on-month": fmt.Sprint(int(today.Month())), "on-year": fmt.Sprint(today.Year()), "signed_by": "Menteri Sosial", "refuse": "U-2026-99999"} {
				page.Fill("#"+id, v)
			}
			page.Choose("#reason", "better_off")
			page.Follow("main form button")
			if page.Status != http.StatusUnprocessableEntity || page.Count("#refuse-error") != 1 || b.number(t, `SELECT count(*) FROM run WHERE kind = 'determine' AND state <> 'cancelled'`) != 0 {
				t.Fatalf("a number nobody has: %d %s", page.Status, page.Text("main"))
			}
			page.Fill("#refuse", refused)
			page.Follow("main form button")
			if !strings.Contains(page.URL(), "/pekerjaan/8171-") {
				t.Fatalf("no run: %s %s", page.URL(), page.Text("main"))
			}
			look("/penetapan?kantor=81.71", "penetapan-ambon")
			page.Follow(`main form button[value="submit"]`)
			var id sqldb.ID
			if err := b.DB.Direct().QueryRow(t.Context(), `SELECT id FROM run WHERE kind = 'determine' AND state <> 'cancelled'`).Scan(&id); err != nil {
				t.Fatal(err)
			}
			if r, err := b.Runs.Drive(t.Context(), b.Places.TenantOf(ambon), id, nil); err != nil || r.State != runs.Done {
				t.Fatalf("the run is %s: %v", r.State, err)
			}
			look(strings.TrimPrefix(page.URL(), b.url), "penetapan-selesai")
			for state, want := range map[proposal.State]int64{proposal.Refused: 1, proposal.Established: 2} {
				if n := b.number(t, `SELECT count(*) FROM proposal WHERE kabkota = 8171 AND state = $1`, string(state)); n != want {
					t.Errorf("%d proposals are %s, want %d: %v", n, state, want, b.states(t))
				}
			}
			if n := b.number(t, `SELECT count(*) FROM family WHERE kabkota = 8171 AND head_name = 'RINA CONTOH'`); n != 2 {
				t.Errorf("%d of the families stand in the registry, want 2", n)
			}
		})
	}
}
