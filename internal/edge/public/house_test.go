package public_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/edge/public"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/lookups"
	"tepat/internal/service/registry"
	"tepat/internal/testkit"
	"tepat/web/assets"
	"tepat/web/messages"
	"tepat/web/site"
	"tepat/web/ui"
)

// house is the citizens' site on a database, under the real front, with what it logged.
type house struct {
	http.Handler
	t     testing.TB
	db    *sqldb.DB
	acts  *act.Acts
	reg   *registry.Service
	clock *testkit.Clock
	log   *bytes.Buffer
	o     public.Options
}

const gateway = "10.0.0.1"

func newHouse(t testing.TB, db *sqldb.DB, change ...func(*public.Services, *public.Options)) *house {
	t.Helper()
	testkit.Seed(t, db)
	h := &house{t: t, db: db, clock: testkit.NewClock(), log: &bytes.Buffer{}}
	h.acts = act.New(db, h.clock.Now, nil)
	h.reg = registry.New(h.acts, testkit.Keys(t))
	checker, err := lookups.NewChecker(t.Context(), db, h.reg, h.clock.Now, lookups.DefaultLimits().In(area.WIT.Location()))
	if err != nil {
		t.Fatal(err)
	}
	s := public.Services{Checker: checker, Letters: mailroom{}, Programme: programmeName}
	h.o = public.Options{Now: h.clock.Now, Zone: area.WIT.Location(), Address: "https://cek.contoh.go.id",
		Contact: site.Contact{Office: "Dinas Sosial Kota Ambon", Phone: "0911-000000", Hours: "Senin sampai Jumat, pukul 08.00 sampai 15.00 WIT"}}
	for _, f := range change {
		f(&s, &h.o)
	}
	h.Handler = h.build(s)
	return h
}

func (h *house) build(s public.Services) http.Handler {
	h.t.Helper()
	catalogue, err := messages.Load()
	if err != nil {
		h.t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ground := &httpkit.Web{Log: log}
	frame := ui.Site{Name: "Tepat Kota Ambon", Place: "Dinas Sosial Kota Ambon", Training: true, Version: "0.1"}
	mux := httpkit.NewMux(ground)
	public.New(s, ground, frame, h.o).Register(mux)
	files, err := httpkit.Assets(assets.Files(), assets.Prefix)
	if err != nil {
		h.t.Fatal(err)
	}
	mux.Mount(assets.Prefix, files)
	proxies, err := httpkit.ParseProxies([]string{gateway})
	if err != nil {
		h.t.Fatal(err)
	}
	front, err := httpkit.Front{Next: mux, Web: ground, Catalogue: catalogue, Proxies: proxies, Access: log}.Handler()
	if err != nil {
		h.t.Fatal(err)
	}
	return front
}

func programmeName(p i18n.Printer, key string) string {
	return map[string]string{"pkh": "Program Keluarga Harapan (PKH)", "sembako": "Program Sembako"}[key]
}

// mailroom knows three letters: one that holds, one that does not, and one for which the
// database does not answer.
type mailroom struct{}

const (
	goodCode   = "7ZB4-M92Q-7K4M"
	oldCode    = "7ZB4-0000-0000"
	brokenCode = "7ZB4-0000-0001"
)

func (mailroom) LetterByCode(_ context.Context, code string) (public.LetterView, error) {
	issued := time.Date(2024, 10, 14, 20, 0, 0, 0, time.UTC) // the 15th in WIT
	switch strings.ToUpper(strings.ReplaceAll(code, " ", "-")) {
	case goodCode:
		return public.LetterView{Kind: "award", Code: goodCode, IssuedAt: issued, Valid: true}, nil
	case oldCode:
		return public.LetterView{Kind: "registration", Code: oldCode, IssuedAt: issued}, nil
	case brokenCode:
		return public.LetterView{}, errors.New("connection refused")
	case "7ZB4-9999-9999":
		return public.LetterView{}, fail.NotFound("letter.unknown_code").On("code")
	}
	return public.LetterView{}, fail.Invalid("letter.code").On("code")
}

func numbersOf(t testing.TB, n int) (person.NIK, person.KK) {
	t.Helper()
	kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 4), n)
	if err != nil {
		t.Fatal(err)
	}
	nik, err := person.ComposeNIK(testkit.Nusaniwe, period.On(1985, 5, 6), person.Female, n)
	if err != nil {
		t.Fatal(err)
	}
	return nik, kk
}

// add puts a person into the registry; the same n under another name contests the NIK.
func (h *house) add(n int, name string) (person.NIK, person.KK) {
	h.t.Helper()
	nik, kk := numbersOf(h.t, n)
	in := registry.Incoming{Source: "UJI", RowID: fmt.Sprint(n, name), SourceDate: "2024", KK: kk, NIK: nik, Name: name, Sex: person.Female,
		BirthDate: period.On(1985, 5, len(name)), Relation: person.Head, Area: testkit.Village}
	h.reg.Ready(&in, []byte(in.RowID))
	who := testkit.Person(1, access.Verifier, testkit.Ambon)
	err := h.acts.Write(h.t.Context(), who, "test", func(tx *act.Tx) error {
		if err := tx.Allow(access.RunImport, testkit.AmbonTenant, testkit.Ambon); err != nil {
			return err
		}
		if _, err := h.reg.LoadIn(h.t.Context(), tx, testkit.AmbonTenant, []registry.Incoming{in}); err != nil {
			return err
		}
		return tx.Record(h.t.Context(), audit.Entry{Tenant: testkit.AmbonTenant})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return nik, kk
}

// enrol sets what the check tells of a person's programmes, as service/programmes does.
func (h *house) enrol(nik person.NIK, programmes string) {
	h.t.Helper()
	err := h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), `UPDATE nik_index SET programmes = $1 WHERE nik_hash = $2`, programmes, h.reg.NIKHash(nik))
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// do sends a request as a browser behind the trusted gateway does.
func (h *house) do(method, target string, form url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.RemoteAddr = gateway + ":4711"
	r.Header.Set("X-Forwarded-For", "203.0.113.7")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func (h *house) check(nik, last6 string, header ...string) *httptest.ResponseRecorder {
	return h.do(http.MethodPost, "/cek", url.Values{"nik": {nik}, "no_kk": {last6}}, header...)
}
