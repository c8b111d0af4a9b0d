package public_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"testing"
	"time"

	"tepat/internal/edge/public"
	"tepat/internal/testkit"
)

func TestAnAddressIsLimited(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := h.add(1, "SITI UJI")
	for i := range 30 {
		if w := h.check(nik.Plain(), kk.Last6()); w.Code != http.StatusOK {
			t.Fatalf("check %d: %d", i+1, w.Code)
		}
	}
	w := h.check(nik.Plain(), kk.Last6())
	wants(t, w, http.StatusTooManyRequests, "Sudah banyak pemeriksaan dari jaringan internet Anda.", "Coba lagi setelah 15 Oktober 2024 pukul 11.01 WIT.", "Petugas di kantor desa")
	if after := w.Header().Get("Retry-After"); after != "60" {
		t.Errorf("Retry-After %q", after)
	}
	if w := h.check(nik.Plain(), kk.Last6(), "X-Forwarded-For", "203.0.113.8"); w.Code != http.StatusOK {
		t.Errorf("another address: %d", w.Code)
	}
	h.clock.Move(time.Minute)
	if w := h.check(nik.Plain(), kk.Last6()); w.Code != http.StatusOK {
		t.Errorf("a minute later: %d", w.Code)
	}
}

func TestAnAddressIsLimitedByTheHourToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := h.add(1, "SITI UJI")
	answered := 0
	for range 60 * 29 { // every two seconds, for an hour
		if h.check(nik.Plain(), kk.Last6()).Code == http.StatusOK {
			answered++
		}
		h.clock.Move(2 * time.Second)
	}
	if answered < 300 || answered > 600 {
		t.Errorf("%d checks in an hour: the burst of 300 and what comes back within the hour", answered)
	}
}

// TestTheAddressIsTheGatewaysWord sends the header from an address nobody trusts, and
// through the gateway with a forged beginning.
func TestTheAddressIsTheGatewaysWord(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := h.add(1, "SITI UJI")
	limited := func(send func(i int) *httptest.ResponseRecorder) bool {
		for i := range 31 {
			if send(i).Code == http.StatusTooManyRequests {
				return i == 30
			}
		}
		return false
	}
	forged := func(remote, header string) func(i int) *httptest.ResponseRecorder {
		return func(i int) *httptest.ResponseRecorder {
			form := url.Values{"nik": {nik.Plain()}, "no_kk": {kk.Last6()}}
			r := httptest.NewRequest(http.MethodPost, "/cek", body(form))
			r.RemoteAddr = remote
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Forwarded-For", fmt.Sprintf(header, i))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
	}
	if !limited(forged("192.0.2.9:1234", "203.0.113.%d")) {
		t.Error("a direct client escapes by a header of its own")
	}
	if !limited(forged(gateway+":1", "203.0.113.%d, 192.0.2.77")) {
		t.Error("a client behind the gateway escapes by writing the beginning of the header")
	}
	if !limited(forged(gateway+":1", "2001:db8:1:2::%x")) {
		t.Error("a client escapes within its own IPv6 network")
	}
}

func TestOneNIKHasFiveTriesADay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := h.add(1, "SITI UJI")
	from := func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }
	for i := range 5 {
		wants(t, h.check(nik.Plain(), fmt.Sprintf("%06d", i), "X-Forwarded-For", from(i)), http.StatusOK, "Kami tidak menemukan data")
	}
	w := h.check(nik.Plain(), kk.Last6(), "X-Forwarded-For", from(9))
	wants(t, w, http.StatusTooManyRequests, "Terlalu banyak percobaan untuk nomor ini hari ini.", "Coba lagi setelah 16 Oktober 2024 pukul 00.00 WIT.")
	if after, _ := strconv.Atoi(w.Header().Get("Retry-After")); after != 13*3600 {
		t.Errorf("Retry-After %d", after)
	}
	h.clock.Move(13 * time.Hour)
	wants(t, h.check(nik.Plain(), kk.Last6(), "X-Forwarded-For", from(9)), http.StatusOK, "Anda tercatat")
}

// TestSerialNumbersCannotBeRunThrough tries the serials of one subdistrict and birth date,
// each from an address of its own.
func TestSerialNumbersCannotBeRunThrough(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	for n := 1; n <= 40; n++ {
		nik, kk := numbersOf(t, n)
		w := h.check(nik.Plain(), kk.Last6(), "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", n))
		if limited := w.Code == http.StatusTooManyRequests; limited != (n > 30) {
			t.Fatalf("serial %d: %d", n, w.Code)
		}
	}
}

var (
	sums   = regexp.MustCompile(`Berapa (\d) ditambah (\d)\?`)
	tokens = regexp.MustCompile(`name="question" value="([^"]+)"`)
)

// asked reads the question of a form.
func asked(t *testing.T, w *httptest.ResponseRecorder) (token, answer string) {
	t.Helper()
	sum, name := sums.FindStringSubmatch(w.Body.String()), tokens.FindStringSubmatch(w.Body.String())
	if sum == nil || name == nil {
		t.Fatalf("no question on a page of status %d", w.Code)
	}
	a, _ := strconv.Atoi(sum[1])
	b, _ := strconv.Atoi(sum[2])
	return html.UnescapeString(name[1]), strconv.Itoa(a + b)
}

// curious is a house where an address has used up its tries without a question.
func curious(t *testing.T, change ...func(*public.Services, *public.Options)) (h *house, again func(token, answer string, header ...string) *httptest.ResponseRecorder) {
	h = newHouse(t, testkit.SQLite(t), change...)
	nik, kk := h.add(1, "SITI UJI")
	for n := range 5 {
		other, _ := numbersOf(t, 100+n)
		wants(t, h.check(other.Plain(), "123456"), http.StatusOK, "Kami tidak menemukan data")
	}
	return h, func(token, answer string, header ...string) *httptest.ResponseRecorder {
		form := url.Values{"nik": {nik.Plain()}, "no_kk": {kk.Last6()}}
		if token != "" {
			form.Set("question", token)
			form.Set("answer", answer)
		}
		return h.do(http.MethodPost, "/cek", form, header...)
	}
}

func TestAQuestionIsAskedAfterFiveTries(t *testing.T) {
	t.Parallel()
	h, again := curious(t)
	w := again("", "")
	wants(t, w, http.StatusUnprocessableEntity, "Jawab hitungan ini, lalu cek lagi.", `<a href="#answer">`)
	token, answer := asked(t, w)
	wants(t, again(token, "99"), http.StatusUnprocessableEntity, "Jawaban hitungan belum benar")
	wants(t, again(token, "x"), http.StatusUnprocessableEntity, "Jawaban hitungan belum benar")
	wants(t, again(token, answer), http.StatusOK, "Anda tercatat")
	wants(t, again("", ""), http.StatusOK, "Anda tercatat") // the count began anew

	form := h.do(http.MethodGet, "/cek", nil, "X-Forwarded-For", "203.0.113.99")
	lacks(t, form, "Berapa")
}

func TestTheFormAsksBeforehand(t *testing.T) {
	t.Parallel()
	h, again := curious(t)
	w := h.do(http.MethodGet, "/cek", nil)
	wants(t, w, http.StatusOK, "Ditanyakan setelah beberapa pemeriksaan")
	if cache := w.Header().Get("Cache-Control"); cache != "no-store" {
		t.Errorf("a form with a question of its own may be kept: %q", cache)
	}
	token, answer := asked(t, w)
	wants(t, again(token, answer), http.StatusOK, "Anda tercatat")
}

func TestAnAnswerCountsOnceHereAndNow(t *testing.T) {
	t.Parallel()
	for name, twist := range map[string]func(t *testing.T, h *house, again func(string, string, ...string) *httptest.ResponseRecorder, token, answer string) *httptest.ResponseRecorder{
		"used before": func(t *testing.T, h *house, again func(string, string, ...string) *httptest.ResponseRecorder, token, answer string) *httptest.ResponseRecorder {
			wants(t, again(token, answer), http.StatusOK)
			for n := range 5 {
				other, _ := numbersOf(t, 200+n)
				h.check(other.Plain(), "123456")
			}
			return again(token, answer)
		},
		"asked elsewhere": func(t *testing.T, h *house, again func(string, string, ...string) *httptest.ResponseRecorder, token, answer string) *httptest.ResponseRecorder {
			for n := range 5 {
				other, _ := numbersOf(t, 200+n)
				h.check(other.Plain(), "123456", "X-Forwarded-For", "198.51.100.1")
			}
			return again(token, answer, "X-Forwarded-For", "198.51.100.1")
		},
		"long ago": func(_ *testing.T, h *house, again func(string, string, ...string) *httptest.ResponseRecorder, token, answer string) *httptest.ResponseRecorder {
			h.clock.Move(11 * time.Minute)
			return again(token, answer)
		},
		"tampered with": func(_ *testing.T, _ *house, again func(string, string, ...string) *httptest.ResponseRecorder, token, _ string) *httptest.ResponseRecorder {
			return again("AAAAAAAAAAA"+token[11:], "2") // number 0 asks 1 + 1
		},
		"no token at all": func(_ *testing.T, _ *house, again func(string, string, ...string) *httptest.ResponseRecorder, _, answer string) *httptest.ResponseRecorder {
			return again("!", answer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, again := curious(t)
			token, answer := asked(t, again("", ""))
			wants(t, twist(t, h, again, token, answer), http.StatusUnprocessableEntity, "Berapa")
		})
	}
}

func TestAQuestionIsNotUsedUpByATypingMistake(t *testing.T) {
	t.Parallel()
	h, _ := curious(t)
	nik, kk := numbersOf(t, 1)
	token, answer := asked(t, h.do(http.MethodGet, "/cek", nil))
	w := h.do(http.MethodPost, "/cek", url.Values{"nik": {nik.Plain()[:15]}, "no_kk": {kk.Last6()}, "question": {token}, "answer": {answer}})
	wants(t, w, http.StatusUnprocessableEntity, "Anda mengetik 15 angka.", "Jawab hitungan ini, lalu cek lagi.")
	token, answer = asked(t, w)
	wants(t, h.do(http.MethodPost, "/cek", url.Values{"nik": {nik.Plain()}, "no_kk": {kk.Last6()}, "question": {token}, "answer": {answer}}), http.StatusOK, "Anda tercatat")
}

func TestWhoFindsHerselfIsNeverAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := h.add(1, "SITI UJI")
	for range 20 {
		wants(t, h.check(nik.Plain(), kk.Last6()), http.StatusOK, "Anda tercatat")
	}
}

func TestTheQuestionIsForgottenAfterAnHour(t *testing.T) {
	t.Parallel()
	h, again := curious(t)
	h.clock.Move(time.Hour)
	wants(t, again("", ""), http.StatusOK, "Anda tercatat")
}

func TestLettersAreLimitedByThemselves(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	for range 30 {
		wants(t, h.do(http.MethodPost, "/surat", url.Values{"code": {goodCode}}), http.StatusOK)
	}
	w := h.do(http.MethodPost, "/surat", url.Values{"code": {goodCode}})
	wants(t, w, http.StatusTooManyRequests, "Coba lagi setelah", `href="/surat"`)
	nik, kk := h.add(1, "SITI UJI")
	wants(t, h.check(nik.Plain(), kk.Last6()), http.StatusOK)
}
