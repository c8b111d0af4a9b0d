package public_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/edge/public"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/lookups"
	"tepat/internal/service/visits"
	"tepat/internal/testkit"
)

// shownRecord is a record that opens to one code until it is taken back.
type shownRecord struct {
	mu    sync.Mutex
	ended bool
	asked int
}

var opened = lookups.Opened{Tenant: testkit.AmbonTenant, Person: sqldb.ID{1}, Code: sqldb.ID{2}}

func (o *shownRecord) Enter(_ context.Context, _ person.NIK, code string) (lookups.Opened, error) {
	if code != "7K4M-92QF" {
		return lookups.Opened{}, fail.Forbidden("access_code.unknown")
	}
	return opened, nil
}

func (o *shownRecord) open(in lookups.Opened) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked++; o.ended || in != opened {
		return fail.Unauthorized("access_code.closed")
	}
	return nil
}

func (o *shownRecord) See(_ context.Context, in lookups.Opened) (lookups.Record, error) {
	return lookups.Record{Visits: []visits.Found{{ID: sqldb.ID{4}, On: period.On(2026, 1, 2), Outcome: visits.ToMend}}}, o.open(in)
}

func (o *shownRecord) Looks(_ context.Context, in lookups.Opened, _ sqldb.ID, _ int) ([]lookups.Look, error) {
	return []lookups.Look{{ID: sqldb.ID{3}, At: time.Unix(0, 0), Act: "registry.open", Role: "operator", Purpose: "Menelepon 8171011234567890"},
		{ID: sqldb.ID{2}, At: time.Unix(0, 0), Act: "letter.show", Role: "operator", Purpose: "print"}}, o.open(in)
}

func (o *shownRecord) Download(_ context.Context, in lookups.Opened, words func(outcome string) string) ([]byte, error) {
	return []byte(words(string(visits.ToMend))), o.open(in)
}

func (o *shownRecord) EndOwn(_ context.Context, in lookups.Opened) error {
	err := o.open(in)
	o.ended = true
	return err
}

// kept is a store of sessions in memory.
type kept struct {
	mu   sync.Mutex
	rows map[string][]byte
}

func (k *kept) FindSession(_ context.Context, id string) ([]byte, bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	data, ok := k.rows[id]
	return data, ok, nil
}

func (k *kept) SaveSession(_ context.Context, id string, data []byte, _ time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rows[id] = data
	return nil
}

func (k *kept) DeleteSession(_ context.Context, id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.rows, id)
	return nil
}

func ownHouse(t *testing.T, change ...func(*public.Services, *public.Options)) (*house, *shownRecord, *kept) {
	t.Helper()
	record, store := &shownRecord{}, &kept{rows: map[string][]byte{}}
	own := func(s *public.Services, _ *public.Options) {
		s.Own = &public.OwnPages{Record: record, Store: store, Secure: true, Place: func(area.Code) string { return "Kelurahan Uji" },
			Criterion: func(_ i18n.Printer, id string) string { return id }, Stage: func(_ i18n.Printer, _, period string) string { return period }}
	}
	h := newHouse(t, testkit.SQLite(t), append(change, own)...)
	return h, record, store
}

// do sends a request with the cookie of the answers before.
func do(h http.Handler, cookie *string, method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if *cookie != "" {
		r.Header.Set("Cookie", *cookie)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		*cookie = c.Name + "=" + c.Value
	}
	return w
}

// TestWhatIsWrongIsToldWhereItCanBe: her page leads to a request for correction only where the site takes one, and to the village's
// office elsewhere; her file tells what a visit found in the words of her page.
func TestWhatIsWrongIsToldWhereItCanBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		desk         *public.Desk
		said, unsaid []string
	}{
		"no desk": {nil, []string{"tanyakan di kantor desa atau kelurahan"}, []string{"minta perbaikan di bawah", "lalu minta perbaikan jika keliru", "/saya/perbaiki"}},
		"a desk":  {&public.Desk{}, []string{"minta perbaikan di bawah", "lalu minta perbaikan jika keliru", "/saya/perbaiki"}, []string{"tanyakan di kantor desa"}},
	} {
		h, _, _ := ownHouse(t, func(s *public.Services, _ *public.Options) { s.Desk = c.desk })
		cookie := ""
		do(h, &cookie, "POST", "/saya/masuk", url.Values{"nik": {"8171014506850001"}, "access_code": {"7K4M-92QF"}})
		page := do(h, &cookie, "GET", "/saya", nil).Body.String()
		for _, text := range c.said {
			if !strings.Contains(page, text) {
				t.Errorf("%s: her page does not say %q: %s", name, text, page)
			}
		}
		for _, text := range c.unsaid {
			if strings.Contains(page, text) {
				t.Errorf("%s: her page says %q", name, text)
			}
		}
		if file := do(h, &cookie, "GET", "/saya/unduh", nil).Body.String(); file != "Ada data yang perlu diperbaiki" {
			t.Errorf("%s: the file has %q", name, file)
		}
	}
}

func TestOwnPagesCloseByThemselves(t *testing.T) {
	t.Parallel()
	h, record, store := ownHouse(t)
	right := url.Values{"nik": {"8171014506850001"}, "access_code": {"7K4M-92QF"}}
	cookie := ""
	enter := func() {
		t.Helper()
		if got := do(h, &cookie, "POST", "/saya/masuk", right); got.Code != http.StatusSeeOther || !strings.HasPrefix(cookie, "__Host-tepat-warga=") {
			t.Fatalf("entering: %d, cookie %q: %s", got.Code, cookie, got.Body)
		}
	}
	sees := func(want int) {
		t.Helper()
		if got := do(h, &cookie, "GET", "/saya", nil); got.Code != want {
			t.Fatalf("her page: %d, want %d", got.Code, want)
		}
	}
	sees(http.StatusSeeOther)
	if cookie != "" {
		t.Errorf("who never was in is given %q", cookie)
	}
	enter()
	for range 3 { // read for a while
		h.clock.Move(14 * time.Minute)
		sees(http.StatusOK)
	}
	h.clock.Move(16 * time.Minute)
	asked := record.asked
	sees(http.StatusSeeOther)
	if record.asked != asked || len(store.rows) != 0 {
		t.Errorf("after a quarter of an hour without a page: asked %d times, %d sessions", record.asked-asked, len(store.rows))
	}
	enter()
	before := cookie
	if got := do(h, &cookie, "POST", "/saya/keluar", url.Values{}); got.Code != http.StatusSeeOther {
		t.Errorf("leaving: %d", got.Code)
	}
	cookie = before
	sees(http.StatusSeeOther)
	enter()
	if got := do(h, &cookie, "POST", "/saya/akhiri", url.Values{}); got.Code != http.StatusSeeOther || !record.ended {
		t.Errorf("ending the code: %d", got.Code)
	}
}

func TestOwnPagesAreBounded(t *testing.T) {
	t.Parallel()
	h, record, _ := ownHouse(t)
	cookie := ""
	do(h, &cookie, "POST", "/saya/masuk", url.Values{"nik": {"8171014506850001"}, "access_code": {"7K4M-92QF"}})
	limited := 0
	for range 200 {
		if got := do(h, &cookie, "GET", "/saya/unduh", nil); got.Code == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 || record.asked > 130 {
		t.Errorf("of 200 pages in a moment %d are refused, %d stand in the log", limited, record.asked)
	}
	h.clock.Move(2 * time.Minute)
	if got := do(h, &cookie, "GET", "/saya/akses", nil); got.Code != http.StatusOK || strings.Contains(got.Body.String(), "8171011234567890") || !strings.Contains(got.Body.String(), "8171 .... .... 7890") ||
		!strings.Contains(got.Body.String(), "Mencetak surat") || strings.Contains(got.Body.String(), ">print<") {
		t.Errorf("who looked: %d", got.Code)
	}
	for range 6 {
		do(h, &cookie, "POST", "/saya/keluar", url.Values{})
		do(h, &cookie, "POST", "/saya/masuk", url.Values{"nik": {"8171014506850001"}, "access_code": {"0000-0000"}})
	}
	if got := do(h, &cookie, "GET", "/saya/masuk", nil); !strings.Contains(got.Body.String(), `name="answer"`) {
		t.Error("after six wrong codes no sum is asked")
	}
}
