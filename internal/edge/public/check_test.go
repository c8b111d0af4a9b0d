package public_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"tepat/internal/domain/person"
	"tepat/internal/edge/public"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/lookups"
	"tepat/internal/testkit"
)

// wants fails the test unless the answer has the status and holds every text.
func wants(t *testing.T, w *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d", w.Code, status)
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("%q is not on the page", text)
		}
	}
}

func lacks(t *testing.T, w *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(w.Body.String(), text) {
			t.Errorf("%q is on the page", text)
		}
	}
}

func TestTheCheckAnswersInWords(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		nik, kk := h.add(1, "SITI UJI")
		w := h.check(nik.Plain(), kk.Last6())
		wants(t, w, http.StatusOK, "Belum ada program bantuan yang ditetapkan", "Hasil per 15 Oktober 2024 pukul 11.00 WIT.", "Langkah berikutnya")
		lacks(t, w, "SITI", nik.Plain(), kk.Last6(), nik.String())

		h.clock.Move(time.Minute)
		h.enrol(nik, "pkh 2024-10;sembako 2024-Q4")
		w = h.check(strings.Join([]string{nik.Plain()[:4], nik.Plain()[4:8], nik.Plain()[8:]}, " "), kk.Last6()[:3]+" "+kk.Last6()[3:])
		wants(t, w, http.StatusOK, "Program Keluarga Harapan (PKH)", "Oktober 2024", "Program Sembako", "Oktober sampai Desember 2024", "Hasil per 15 Oktober 2024 pukul 11.01 WIT.")
		lacks(t, w, "SITI", nik.Plain(), kk.Last6())

		w = h.do(http.MethodPost, "/cek?lang=en", url.Values{"nik": {nik.Plain()}, "no_kk": {kk.Last6()}})
		wants(t, w, http.StatusOK, `<html lang="en"`, "You are listed", "October 2024", `href="/cek?lang=en"`, `href="/bantuan?lang=en"`)
	})
}

// TestTheNeutralAnswerIsOnePage compares every byte: not in the registry, a No. KK that is
// not hers, and a contested NIK cannot be told apart.
func TestTheNeutralAnswerIsOnePage(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		listed, _ := h.add(1, "SITI UJI")
		h.enrol(listed, "pkh 2024-10")
		contested, contestedKK := h.add(2, "ANI UJI")
		h.add(2, "ORANG LAIN SEKALI")
		unknown, unknownKK := numbersOf(t, 77)
		for _, encoding := range []string{"", "gzip"} {
			for _, lang := range []string{"id", "en"} {
				send := func(nik person.NIK, last6 string) *httptest.ResponseRecorder {
					return h.do(http.MethodPost, "/cek?lang="+lang, url.Values{"nik": {nik.Plain()}, "no_kk": {last6}}, "Accept-Encoding", encoding,
						"X-Forwarded-For", "198.51.100."+fmt.Sprint(len(lang+encoding+last6))) // no question yet
				}
				want := send(unknown, unknownKK.Last6())
				if want.Code != http.StatusOK {
					t.Fatalf("status %d", want.Code)
				}
				for name, got := range map[string]*httptest.ResponseRecorder{"differs": send(listed, "999999"), "contested": send(contested, contestedKK.Last6())} {
					if got.Code != want.Code || got.Body.String() != want.Body.String() || !reflect.DeepEqual(got.Header(), want.Header()) {
						t.Errorf("%s %s: a %s pair is answered otherwise than an unknown one", lang, encoding, name)
					}
				}
				h.clock.Move(time.Hour)
			}
		}
	})
}

func TestTheNeutralAnswerSaysWhatToDo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	nik, kk := numbersOf(t, 77)
	w := h.check(nik.Plain(), kk.Last6())
	wants(t, w, http.StatusOK, "Kami tidak menemukan data dengan NIK dan nomor KK itu.", "Ini belum berarti keluarga Anda tidak berhak.",
		"Periksa lagi angkanya", "minta diusulkan", "Dukcapil", "Kami tidak pernah meminta PIN, kode OTP, atau uang.", `href="/cek"`)
}

func TestWhatCannotBeReadIsExplained(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	for name, one := range map[string]struct{ nik, last6, sentence, field string }{
		"nothing typed":         {"", "000001", "Isi NIK.", "nik"},
		"15 digits":             {"817101450685000", "000001", "NIK harus 16 angka. Anda mengetik 15 angka.", "nik"},
		"a letter":              {"81710145O6850001", "000001", "NIK hanya berisi angka.", "nik"},
		"no such province":      {"0071014506850001", "000001", "NIK ini tidak mungkin benar.", "nik"},
		"five digits of the KK": {"8171014506850001", "00001", "Ketik 6 angka terakhir nomor Kartu Keluarga. Anda mengetik 5 angka.", "no_kk"},
		"the whole No. KK":      {"8171014506850001", "8171010403150001", "Anda mengetik 16 angka.", "no_kk"},
	} {
		w := h.check(one.nik, one.last6)
		wants(t, w, http.StatusUnprocessableEntity, one.sentence, `<a href="#`+one.field+`">`, "<title>Galat: Cek status bantuan sosial", `aria-invalid="true"`)
		if strings.Count(w.Body.String(), one.sentence) != 2 {
			t.Errorf("%s: the sentence is not both in the summary and beside the field", name)
		}
		if !strings.Contains(w.Body.String(), `value="`+one.nik+`"`) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
}

func TestBothNumbersAreExplainedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	wants(t, h.check("12", ""), http.StatusUnprocessableEntity, `<a href="#nik">`, `<a href="#no_kk">`)
}

func TestFormsThatAreNotOursAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	for name, one := range map[string]struct{ body, kind string }{
		"a field nobody asked for": {"nik=1&no_kk=2&admin=1", "application/x-www-form-urlencoded"},
		"a number twice":           {"nik=1&nik=2", "application/x-www-form-urlencoded"},
		"a broken escape":          {"nik=%zz", "application/x-www-form-urlencoded"},
		"a NUL":                    {"nik=1%00", "application/x-www-form-urlencoded"},
		"no UTF-8":                 {"nik=%ff", "application/x-www-form-urlencoded"},
		"JSON":                     {`{"nik":"1"}`, "application/json"},
		"no content type":          {"nik=1", ""},
		"a megabyte":               {"nik=" + strings.Repeat("1", 1<<20), "application/x-www-form-urlencoded"},
		"just too long":            {"nik=" + strings.Repeat("1", 1025-4), "application/x-www-form-urlencoded"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/cek", strings.NewReader(one.body))
		r.Header.Set("Content-Type", one.kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Isian perlu diperbaiki") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestAnotherSiteCannotPostHere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	wants(t, h.check("8171014506850001", "000001", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden, "Permintaan ini datang dari situs lain")
}

func TestANumberInTheAddressIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	w := h.do(http.MethodGet, "/cek?nik=8171014506850001&no_kk=000001&fbclid=x", nil)
	wants(t, w, http.StatusOK, "Cek sekarang")
	lacks(t, w, "8171014506850001")
}

// TestNoNumberIsLogged reads everything that was logged, at the finest level, after checks
// that were answered, refused, limited and failed.
func TestNoNumberIsLogged(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection refused")
	var down bool
	h := newHouse(t, testkit.SQLite(t), func(s *public.Services, _ *public.Options) { s.Checker = &faulty{s.Checker, &down, broken} })
	nik, kk := h.add(1, "SITI UJI")
	for range 8 {
		h.check(nik.Plain(), kk.Last6())
		h.check(nik.Plain(), "999999")
		h.check(nik.Plain()+"1", kk.Last6())
		h.do(http.MethodGet, "/cek?nik="+nik.Plain(), nil)
		h.do(http.MethodPost, "/surat", url.Values{"code": {goodCode}})
	}
	down = true
	h.clock.Move(2 * time.Hour)
	wants(t, h.check(nik.Plain(), kk.Last6()), http.StatusInternalServerError)
	for _, secret := range []string{nik.Plain(), kk.Last6(), "999999", "203.0.113.7", goodCode, "SITI"} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if !strings.Contains(h.log.String(), "route=\"POST /cek\"") || !strings.Contains(h.log.String(), "connection refused") {
		t.Error("the log is blind")
	}
}

// faulty fails while down.
type faulty struct {
	public.Checker
	down *bool
	err  error
}

func (f *faulty) Check(ctx context.Context, nik person.NIK, last6 lookups.Last6) (lookups.Answer, error) {
	if *f.down {
		return lookups.Answer{}, f.err
	}
	return f.Checker.Check(ctx, nik, last6)
}

func TestADisturbanceShowsAndHeals(t *testing.T) {
	t.Parallel()
	var down bool
	h := newHouse(t, testkit.SQLite(t), func(s *public.Services, _ *public.Options) { s.Checker = &faulty{s.Checker, &down, errors.New("gone")} })
	nik, kk := numbersOf(t, 1)
	wants(t, h.do(http.MethodGet, "/status", nil), http.StatusOK, "Semua layanan berjalan.", "Pemeriksaan surat")
	down = true
	wants(t, h.check(nik.Plain(), kk.Last6()), http.StatusInternalServerError, "Ada gangguan di sistem kami", "Kode:", "Kami tidak pernah meminta PIN")
	h.clock.Move(3 * time.Minute)
	h.check(nik.Plain(), kk.Last6())
	wants(t, h.do(http.MethodGet, "/status", nil), http.StatusOK, "Terganggu", "Sejak 15 Oktober 2024 pukul 11.00 WIT")
	wants(t, h.do(http.MethodGet, "/", nil), http.StatusOK, "Terganggu")
	down = false
	h.check(nik.Plain(), kk.Last6())
	wants(t, h.do(http.MethodGet, "/status", nil), http.StatusOK, "Semua layanan berjalan.")
}

func TestADisturbanceNobodyMeetsAgainIsOver(t *testing.T) {
	t.Parallel()
	down := true
	alive := func(context.Context) error { return nil }
	h := newHouse(t, testkit.SQLite(t), func(s *public.Services, _ *public.Options) {
		s.Checker, s.Alive = &faulty{s.Checker, &down, errors.New("gone")}, alive
	})
	nik, kk := numbersOf(t, 1)
	h.check(nik.Plain(), kk.Last6())
	wants(t, h.do(http.MethodGet, "/status", nil), http.StatusOK, "Terganggu") // though the database is there
	h.clock.Move(6 * time.Minute)
	wants(t, h.do(http.MethodGet, "/status", nil), http.StatusOK, "Semua layanan berjalan.")
}

func TestADatabaseThatIsGoneShowsBeforeAnybodyChecks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t), func(s *public.Services, _ *public.Options) {
		s.Alive = func(context.Context) error { return errors.New("gone") }
	})
	wants(t, h.do(http.MethodGet, "/status", nil), http.StatusOK, "Terganggu")
}

// TestManyCheckAtOnce lets readers of two answers and two languages meet on the kept pages
// while the minute turns.
func TestManyCheckAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.SQLite(t))
	listed, listedKK := h.add(1, "SITI UJI")
	enrolled, enrolledKK := h.add(2, "ANI UJI")
	h.enrol(enrolled, "pkh 2024-10")
	var readers sync.WaitGroup
	for reader := range 8 {
		readers.Go(func() {
			from := fmt.Sprintf("198.51.100.%d", reader)
			for i := range 25 {
				target, words := "/cek", "Anda tercatat"
				if reader%2 == 1 {
					target, words = "/cek?lang=en", "You are listed"
				}
				nik, kk, programme := listed, listedKK, false
				if i%2 == 1 {
					nik, kk, programme = enrolled, enrolledKK, true
				}
				w := h.do(http.MethodPost, target, url.Values{"nik": {nik.Plain()}, "no_kk": {kk.Last6()}}, "X-Forwarded-For", from)
				if page := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(page, words) || strings.Contains(page, "(PKH)") != programme {
					t.Errorf("reader %d, check %d: %d", reader, i, w.Code)
				}
				h.clock.Move(time.Second)
			}
		})
	}
	readers.Wait()
}

func BenchmarkCheck(b *testing.B) {
	h := newHouse(b, testkit.SQLite(b))
	nik, kk := h.add(1, "SITI UJI")
	h.enrol(nik, "pkh 2024-10;sembako 2024-10")
	b.ReportAllocs()
	for i := range b.N {
		w := h.check(nik.Plain(), kk.Last6(), "X-Forwarded-For", fmt.Sprintf("203.%d.%d.%d", i>>16&255, i>>8&255, i&255))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body.String())
		}
	}
}
