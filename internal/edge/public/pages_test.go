package public_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tepat/internal/edge/public"
	"tepat/internal/kit/httpkit"
	"tepat/internal/testkit"
)

func body(form url.Values) io.Reader { return strings.NewReader(form.Encode()) }

// paths are the pages that are read.
func paths() []string {
	return []string{"/", "/cek", "/surat", "/bantuan", "/kerahasiaan", "/aksesibilitas", "/status"}
}

func TestEveryPageIsGuarded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := h.add(1, "SITI UJI")
	seen := map[string]string{}
	for _, path := range append(paths(), "/tidak-ada", "POST /cek", "POST /surat", "PUT /cek") {
		method, target, found := strings.Cut(path, " ")
		if !found {
			method, target = http.MethodGet, path
		}
		var form url.Values
		switch path {
		case "POST /cek":
			form = url.Values{"nik": {nik.Plain()}, "no_kk": {kk.Last6()}}
		case "POST /surat":
			form = url.Values{"code": {goodCode}}
		}
		w := h.do(method, target, form)
		for name, want := range map[string]string{
			"Content-Security-Policy": httpkit.ContentSecurityPolicy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8", "Set-Cookie": "",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		wants(t, w, w.Code, "Kami tidak pernah meminta PIN, kode OTP, atau uang.")
		lacks(t, w, "<script", "style=", "public.", "site.", `href="/publik`)
		title := regexp.MustCompile(`<title>(.*)</title>`).FindStringSubmatch(w.Body.String())[1]
		if before, twice := seen[title]; twice && path != "PUT /cek" {
			t.Errorf("%s and %s have the title %q", path, before, title)
		}
		seen[title] = path
	}
}

func TestPersonalPagesAreNotKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := h.add(1, "SITI UJI")
	for target, want := range map[string]string{"/": "public, max-age=60", "/bantuan": "public, max-age=300", "/cek": "no-store", "/surat": "no-store", "/status": "no-store"} {
		if got := h.do(http.MethodGet, target, nil).Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: %q", target, got)
		}
	}
	for name, got := range map[string]string{"answer": h.check(nik.Plain(), kk.Last6()).Header().Get("Cache-Control"), "error": h.check("1", "1").Header().Get("Cache-Control"),
		"letter": h.do(http.MethodPost, "/surat", url.Values{"code": {goodCode}}).Header().Get("Cache-Control")} {
		if got != "no-store" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTheLanguageTravelsInTheLinks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	link := regexp.MustCompile(`(?:href|action)="(/[^"]*)"`)
	for _, path := range paths() {
		w := h.do(http.MethodGet, path+"?lang=en", nil)
		wants(t, w, http.StatusOK, `<html lang="en"`, `href="`+path+`?lang=id"`)
		for _, found := range link.FindAllStringSubmatch(w.Body.String(), -1) {
			if !strings.HasPrefix(found[1], "/aset") && !strings.HasPrefix(found[1], "/assets") && !strings.Contains(found[1], "lang=") {
				t.Errorf("%s: %s forgets the language", path, found[1])
			}
		}
	}
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`(?:href|action|src)="(/[^"]*)"`)
	for _, prefix := range []string{"", "/publik"} {
		h := newHouse(t, testkit.SQLite(t), func(_ *public.Services, o *public.Options) { o.Prefix = prefix })
		visited := 0
		for _, path := range paths() {
			w := h.do(http.MethodGet, prefix+path, nil)
			wants(t, w, http.StatusOK)
			for _, found := range link.FindAllStringSubmatch(w.Body.String(), -1) {
				visited++
				if to := h.do(http.MethodGet, found[1], nil); to.Code != http.StatusOK {
					t.Errorf("%s%s leads to %s: %d", prefix, path, found[1], to.Code)
				}
			}
		}
		if visited < 40 {
			t.Errorf("only %d links found", visited)
		}
	}
}

func TestThePrefixStandsBeforeEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t), func(_ *public.Services, o *public.Options) { o.Prefix = "/publik/" })
	nik, kk := h.add(1, "SITI UJI")
	for _, target := range []string{"/publik", "/publik/"} {
		wants(t, h.do(http.MethodGet, target, nil), http.StatusOK, `href="/publik/cek"`)
	}
	wants(t, h.do(http.MethodGet, "/publik/cek", nil), http.StatusOK, `action="/publik/cek"`)
	wants(t, h.do(http.MethodPost, "/publik/cek", url.Values{"nik": {nik.Plain()}, "no_kk": {kk.Last6()}}), http.StatusOK, "Anda tercatat")
	wants(t, h.do(http.MethodGet, "/", nil), http.StatusNotFound)
}

func TestWhatIsNotHereIsHonestAboutIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	w := h.do(http.MethodGet, "/", nil)
	wants(t, w, http.StatusOK, "Daftarkan keluarga", "Sanggah keputusan", "Lapor atau lacak", "belum dapat lewat halaman ini", `<a href="/cek">Cek status bantuan</a>`, "Berjalan")
	lacks(t, w, `href="/daftar`, `href="/sanggah`, `href="/lapor`, `href="#"`)
}

func TestLettersAreCheckedByCode(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	send := func(code string) *httptest.ResponseRecorder {
		return h.do(http.MethodPost, "/surat", url.Values{"code": {code}})
	}
	wants(t, send("7zb4 m92q 7k4m"), http.StatusOK, "Surat ini berlaku.", "Penetapan penerima bantuan", "15 Oktober 2024", goodCode, "Hasil per")
	wants(t, send(oldCode), http.StatusOK, "Surat ini tidak berlaku lagi.", "Surat keterangan terdaftar")
	wants(t, send("7ZB4-9999-9999"), http.StatusNotFound, "Tidak ada surat dengan kode ini.", `<a href="#code">`, `value="7ZB4-9999-9999"`)
	wants(t, send("xyz"), http.StatusUnprocessableEntity, "Kode ini salah bentuk.", `<a href="#code">`)
	wants(t, send(""), http.StatusUnprocessableEntity, "Kode ini salah bentuk.")
	wants(t, send(brokenCode), http.StatusInternalServerError, "Ada gangguan di sistem kami")
}

func TestWithoutLettersThereIsNoSuchPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t), func(s *public.Services, _ *public.Options) { s.Letters = nil })
	lacks(t, h.do(http.MethodGet, "/", nil), "/surat", "surat itu berlaku")
	lacks(t, h.do(http.MethodGet, "/status", nil), "Pemeriksaan surat")
	wants(t, h.do(http.MethodGet, "/surat", nil), http.StatusNotFound, "Halaman tidak ditemukan")
}

func TestPagesAreSentSmall(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := h.add(1, "SITI UJI")
	plain := h.check(nik.Plain(), kk.Last6())
	small := h.check(nik.Plain(), kk.Last6(), "Accept-Encoding", "gzip, deflate, br")
	if small.Header().Get("Content-Encoding") != "gzip" || small.Header().Get("Vary") != "Accept-Encoding" {
		t.Fatalf("headers %v", small.Header())
	}
	z, err := gzip.NewReader(small.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || string(text) != plain.Body.String() {
		t.Errorf("unpacked it is another page: %v", err)
	}
	if refused := h.check(nik.Plain(), kk.Last6(), "Accept-Encoding", "gzip;q=0, identity"); refused.Header().Get("Content-Encoding") != "" {
		t.Error("gzip was sent to who refuses it")
	}
	head := h.do(http.MethodHead, "/", nil)
	if head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d, %d bytes, %v", head.Code, head.Body.Len(), head.Header())
	}
}

func TestAnAnswerSaysItsMinute(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := h.add(1, "SITI UJI")
	wants(t, h.check(nik.Plain(), kk.Last6()), http.StatusOK, "pukul 11.00 WIT")
	h.clock.Move(59 * time.Second)
	wants(t, h.check(nik.Plain(), kk.Last6()), http.StatusOK, "pukul 11.00 WIT")
	h.clock.Move(time.Second)
	w := h.check(nik.Plain(), kk.Last6())
	wants(t, w, http.StatusOK, "pukul 11.01 WIT", "https://cek.contoh.go.id/cek")
	lacks(t, w, "11.00")
}
