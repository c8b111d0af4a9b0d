// Package guide is the style guide of Tepat: every component in each of its states, and whole
// pages put together from them, with invented people. It is served by training installations
// only; the browser tests look at it.
package guide

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/web/site"
	"tepat/web/ui"
)

// sample is one page of the guide.
type sample struct {
	path  string
	title string
	draw  func(ui.Page) templ.Component
	setup func(*ui.Page, i18n.Printer)
}

// Root is the path of the guide's first page.
const Root = "/gaya"

// Register adds the guide to a mux.
func Register(m *httpkit.Mux, s ui.Site) {
	for _, one := range samples() {
		m.Handle("GET "+one.path, func(w http.ResponseWriter, r *http.Request) error {
			page := basePage(r, s, one)
			return httpkit.Render(w, r, http.StatusOK, one.draw(page))
		})
	}
	errors := site.ErrorPages(s, contact())
	m.Handle("GET "+Root+"/galat/{status}", func(w http.ResponseWriter, r *http.Request) error {
		return errors(w, r, problem(r))
	})
}

// Paths lists every page of the guide, for the tests.
func Paths() []string {
	var out []string
	for _, one := range samples() {
		out = append(out, one.path)
	}
	return append(out, Root+"/galat/403", Root+"/galat/404", Root+"/galat/500")
}

func problem(r *http.Request) httpkit.Problem {
	status := map[string]int{"401": 401, "403": 403, "404": 404, "409": 409, "413": 413, "429": 429, "500": 500, "503": 503}[r.PathValue("status")]
	if status == 0 {
		status = http.StatusNotFound
	}
	return httpkit.Problem{Status: status, Code: "sample", Sentence: i18n.Of(r).Text("error.internal"), RequestID: "7F3A-K2QM"}
}

func basePage(r *http.Request, s ui.Site, one sample) ui.Page {
	page := site.Base(r, s, one.title)
	page.Context = "Gaya"
	page.Nav = navigation(one.path)
	page.User = &ui.User{Name: "Rahma Yuliani", Role: "Verifikator Dinas Sosial", Area: "Kecamatan Sirimau, Kota Ambon",
		LastSeen: "Terakhir masuk 20 Nov 2026 16.02 WIT", SignOut: Root, Profile: Root}
	page.Scripts = ui.ListScripts
	page.Shortcuts = true
	printer := i18n.Of(r)
	at := moment()
	page.AsOf = "Data per " + printer.Moment(at)
	page.Printed = site.PrintedBy(r, at, page.User.Name)
	if one.setup != nil {
		one.setup(&page, printer)
	}
	return page
}

// moment is the fixed instant of the samples, in Ambon.
func moment() time.Time {
	return time.Date(2026, time.November, 21, 14, 30, 0, 0, time.FixedZone("WIT", 9*3600))
}

func navigation(path string) []ui.NavItem {
	items := []ui.NavItem{
		{Label: "Beranda", Href: Root + "/dasbor"},
		{Label: "Usulan", Href: Root + "/antrean", Count: 128},
		{Label: "Keluarga", Href: Root + "/keluarga"},
		{Label: "Tidak padan", Href: Root + "/padan", Count: 5500},
		{Label: "Sanggahan", Href: Root + "/formulir", Count: 3},
		{Label: "Penetapan", Href: Root + "/dokumen"},
		{Label: "Gaya", Href: Root},
	}
	for i := range items {
		items[i].Current = items[i].Href == path
	}
	return items
}

func contact() site.Contact {
	return site.Contact{Office: "Dinas Sosial Kota Contoh", Address: "Jalan Pattimura Nomor 1", Phone: "0911-000-000",
		Email: "bantuan@contoh.go.id", Hours: "Senin sampai Jumat, pukul 08.00 sampai 15.00 WIT"}
}

func samples() []sample {
	return []sample{
		{Root, "Gaya Tenun", componentsPage, nil},
		{Root + "/antrean", "Antrean usulan", queuePage, func(p *ui.Page, _ i18n.Printer) {
			p.Lead = "128 usulan menunggu pemeriksaan Anda. 2 sudah lewat batas waktu."
		}},
		{Root + "/kosong", "Antrean tanpa isi", emptyPage, nil},
		{Root + "/formulir", "Usul keluarga baru", formPage, func(p *ui.Page, _ i18n.Printer) {
			p.Failed, p.HideHeading, p.Narrow, p.Scripts = true, true, true, ui.FormScripts
		}},
		{Root + "/keluarga", "Keluarga Siti Aminah", familyPage, func(p *ui.Page, _ i18n.Printer) {
			p.Lead = "Usulan U-2026-04180 · Kelurahan Batu Merah, RT 003/RW 002"
			p.Back = &ui.Link{Label: "Antrean usulan", Href: Root + "/antrean"}
		}},
		{Root + "/padan", "Perbaikan data tidak padan", comparePage, func(p *ui.Page, _ i18n.Printer) {
			p.Lead = "2 dari 6 isian berbeda dengan data kependudukan."
			p.Breadcrumb = []ui.Link{{Label: "Tidak padan", Href: Root + "/padan"}, {Label: "Kelurahan Batu Merah", Href: Root + "/padan"}, {Label: "Siti Aminah"}}
		}},
		{Root + "/dasbor", "Pagi ini", dashboardPage, func(p *ui.Page, _ i18n.Printer) {
			p.Lead = "Kota Ambon, Sabtu 21 November 2026. Batas pemutakhiran tinggal 9 hari."
		}},
		{Root + "/konfirmasi", "Keluarkan keluarga dari daftar", confirmPage, func(p *ui.Page, _ i18n.Printer) { p.Narrow = true }},
		{Root + "/kerja", "Impor daftar keluarga", progressPage, func(p *ui.Page, _ i18n.Printer) { p.Refresh, p.Narrow = 5, true }},
		{Root + "/dokumen", "Berita acara", documentPage, func(p *ui.Page, _ i18n.Printer) { p.HideHeading, p.Issued = true, true }},
		{Root + "/masuk", "Masuk", signInPage, public},
		{Root + "/cek", "Cek status bantuan sosial", checkPage, func(p *ui.Page, pr i18n.Printer) {
			public(p, pr)
			p.Narrow, p.Failed, p.HideHeading = true, true, true
			p.Description = "Periksa apakah keluarga Anda tercatat dan menerima bantuan sosial."
		}},
		{Root + "/bantuan", "Bantuan", helpPage, publicNarrow},
		{Root + "/kerahasiaan", "Kerahasiaan data", privacyPage, publicNarrow},
		{Root + "/aksesibilitas", "Pernyataan aksesibilitas", accessibilityPage, publicNarrow},
		{Root + "/status", "Status layanan", statusPage, publicNarrow},
	}
}

// public turns a sample into a page of the public site: nobody signed in, no scripts.
func public(p *ui.Page, _ i18n.Printer) {
	p.User, p.Nav, p.Scripts, p.Shortcuts = nil, nil, ui.NoScripts, false
}

func publicNarrow(p *ui.Page, pr i18n.Printer) {
	public(p, pr)
	p.Narrow = true
}
