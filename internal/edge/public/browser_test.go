package public_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tepat/internal/domain/person"
	"tepat/internal/testkit"
	"tepat/internal/testkit/browser"
)

// step is one state of the site as a reader reaches it: the page opened, what is typed there,
// and what the page says then.
type step struct {
	name   string
	path   string
	fill   map[string]string
	solve  bool // answers the question rightly where one is asked, else wrongly
	says   string
	status int
}

// journey are all states, in an order that reaches the limits last.
func journey(listed, enrolled, unknown person.NIK, kk map[person.NIK]person.KK) []step {
	ask := func(name string, nik person.NIK, says string) step {
		return step{name: name, path: "/cek", fill: map[string]string{"#nik": nik.Plain(), "#no_kk": kk[nik].Last6()}, says: says, status: http.StatusOK}
	}
	letter := func(name, code, says string, status int) step {
		return step{name: name, path: "/surat", fill: map[string]string{"#code": code}, says: says, status: status}
	}
	steps := []step{
		{name: "home", path: "/", says: "Layanan bantuan sosial", status: http.StatusOK},
		{name: "home-en", path: "/?lang=en", says: "Social assistance services", status: http.StatusOK},
		{name: "check", path: "/cek", says: "Cek sekarang", status: http.StatusOK},
		{name: "check-errors", path: "/cek", fill: map[string]string{"#nik": "817101450685000", "#no_kk": "12"}, says: "Ada yang perlu diperbaiki", status: http.StatusUnprocessableEntity},
		ask("listed", listed, "Belum ada program bantuan"),
		ask("enrolled", enrolled, "Program Keluarga Harapan"),
		ask("neutral", unknown, "Kami tidak menemukan data"),
		{name: "letter", path: "/surat", says: "Periksa surat", status: http.StatusOK},
		letter("letter-wrong", "abc", "Kode ini salah bentuk", http.StatusUnprocessableEntity),
		letter("letter-unknown", "7ZB4-9999-9999", "Tidak ada surat dengan kode ini", http.StatusNotFound),
		letter("letter-valid", goodCode, "Surat ini berlaku", http.StatusOK),
		letter("letter-invalid", oldCode, "tidak berlaku lagi", http.StatusOK),
		letter("error", brokenCode, "Ada gangguan di sistem kami", http.StatusInternalServerError),
		{name: "help", path: "/bantuan", says: "Bantuan", status: http.StatusOK},
		{name: "privacy", path: "/kerahasiaan", says: "Kerahasiaan data", status: http.StatusOK},
		{name: "accessibility", path: "/aksesibilitas", says: "Pernyataan aksesibilitas", status: http.StatusOK},
		{name: "status", path: "/status", says: "Semua layanan berjalan", status: http.StatusOK},
		{name: "not-found", path: "/tidak-ada", says: "Halaman tidak ditemukan", status: http.StatusNotFound},
	}
	for range 4 {
		steps = append(steps, ask("", unknown, "Kami tidak menemukan data"))
	}
	question, limited := ask("question", enrolled, "Jawaban hitungan belum benar"), ask("limited", unknown, "Coba lagi setelah")
	question.status, limited.status, limited.solve = http.StatusUnprocessableEntity, http.StatusTooManyRequests, true
	return append(steps, step{name: "check-question", path: "/cek", says: "ditambah", status: http.StatusOK}, question, limited)
}

// views are the windows every state is looked at in. The dark is looked through in the page that is
// open; with TEPAT_PICTURES it is opened by itself.
func views() map[string]browser.Reader {
	wide, phone := browser.Reader{Width: 1280, Height: 900}, browser.Reader{Width: 390, Height: 844}
	wideDark, phoneDark := wide, phone
	wideDark.Dark, phoneDark.Dark = true, true
	small := browser.Reader{Width: 320, Height: 568, NoScript: true}
	if os.Getenv("TEPAT_PICTURES") != "" {
		return map[string]browser.Reader{"1280": wide, "1280-dark": wideDark, "390": phone, "390-dark": phoneDark, "320": small}
	}
	wide.Also, phone.Also = []browser.Reader{wideDark}, []browser.Reader{phoneDark}
	return map[string]browser.Reader{"1280": wide, "390": phone, "320": small}
}

// served runs a house with two people in it, and gives the journey through it.
func served(t *testing.T) (url string, steps []step) {
	t.Helper()
	h := newHouse(t, testkit.SQLite(t))
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	listed, listedKK := h.add(1, "SITI UJI")
	enrolled, enrolledKK := h.add(2, "ANI UJI")
	unknown, unknownKK := numbersOf(t, 77)
	h.enrol(enrolled, "pkh 2024-Q4;sembako 2024-10")
	return server.URL, journey(listed, enrolled, unknown, map[person.NIK]person.KK{listed: listedKK, enrolled: enrolledKK, unknown: unknownKK})
}

// TestEveryStateIsFitForUse walks through every state in every window: no accessibility
// violation, no sideways scrolling, nothing inline, no script, no cookie. With TEPAT_PICTURES
// set to a folder it writes the pictures to look at.
func TestEveryStateIsFitForUse(t *testing.T) {
	t.Parallel()
	chromium := browser.Start(t)
	for name, reader := range views() {
		t.Run(name, func(t *testing.T) {
			url, steps := served(t)
			page := chromium.Open(t, url, reader)
			for _, s := range steps {
				walk(t, page, url, s)
				if s.name != "" {
					judge(t, page, s, reader)
					picture(page, s.name+"-"+name)
				}
			}
		})
	}
}

func walk(t *testing.T, page *browser.Page, url string, s step) {
	t.Helper()
	page.Go(url + s.path)
	if s.fill != nil {
		for selector, text := range s.fill {
			page.Fill(selector, text)
		}
		if sum := sums.FindStringSubmatch(page.Text("main")); sum != nil {
			page.Fill("#answer", solution(sum, s.solve))
		}
		page.Follow("main form button")
	}
	if page.Status != s.status {
		t.Errorf("%s: status %d, want %d", s.name, page.Status, s.status)
	}
	if text := page.Text("body"); !strings.Contains(text, s.says) {
		t.Errorf("%s does not say %q", s.name, s.says)
	}
}

func solution(sum []string, right bool) string {
	if !right {
		return "0"
	}
	a, _ := strconv.Atoi(sum[1])
	b, _ := strconv.Atoi(sum[2])
	return strconv.Itoa(a + b)
}

func judge(t *testing.T, page *browser.Page, s step, r browser.Reader) {
	t.Helper()
	page.WellFormed()
	page.NoOverflow()
	page.NothingInline()
	if s.status == http.StatusOK { // Chromium complains about every other status
		page.Quiet()
	}
	if !r.NoScript {
		page.Accessible()
		page.FitInOtherWindows()
	}
	if page.Count("script") > 0 {
		t.Errorf("%s loads a script", s.name)
	}
	if cookies := browser.Eval[string](page, "document.cookie"); cookies != "" {
		t.Errorf("%s: cookies %q", s.name, cookies)
	}
}

func picture(page *browser.Page, name string) {
	if dir := os.Getenv("TEPAT_PICTURES"); dir != "" {
		page.Screenshot(filepath.Join(dir, name+".png"))
	}
}

// TestEveryStateIsLight opens every state in a browser that has seen nothing of the site
// before: form and answer together stay within the budget of one page.
func TestEveryStateIsLight(t *testing.T) {
	t.Parallel()
	chromium := browser.Start(t)
	url, steps := served(t)
	for _, s := range steps {
		page := chromium.Open(t, url+s.path, browser.Reader{Width: 390, Height: 844, NoScript: true})
		page.Within(browser.PublicBudget())
		first := page.Traffic()
		walk(t, page, url, s)
		all := page.Traffic()
		if all.Bytes+first.Bytes > 30<<10 {
			t.Errorf("%s: %d bytes", s.name, all.Bytes+first.Bytes)
		}
		requests := sinceDocument(all.Requests)
		if requests > 4 {
			t.Errorf("%s: %d requests: %v", s.name, requests, all.Requests)
		}
		t.Logf("%-16s %5d bytes, %d requests", s.name, first.Bytes+all.Bytes, requests)
	}
}

// sinceDocument counts the requests from the last document on.
func sinceDocument(list []browser.Request) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Type == "Document" {
			return len(list) - i
		}
	}
	return 0
}
