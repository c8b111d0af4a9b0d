package accounts_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/testkit"
)

func (w world) sessions(t *testing.T) *accounts.Sessions {
	t.Helper()
	s, err := accounts.NewSessions(t.Context(), w.db, w.keys, w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// data is what the session of a user says, as kit/httpkit writes it.
func (w world) data(t *testing.T, values map[string]any) []byte {
	t.Helper()
	b, err := scs.GobCodec{}.Encode(w.clock.Now().Add(time.Hour), values)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w world) count(t *testing.T, query string) (n int) {
	t.Helper()
	if err := w.db.Direct().QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSessions(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, _ := founded(t, db)
		s := w.sessions(t)
		ends := w.clock.Now().Add(time.Hour)
		find := func(id string) ([]byte, bool) {
			b, found, err := s.FindSession(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return b, found
		}
		if _, found := find("token-1"); found {
			t.Error("a session out of nothing")
		}
		first := w.data(t, map[string]any{"user": sqldb.ID(admin.ID).String()})
		for range 2 {
			if err := s.SaveSession(t.Context(), "token-1", first, ends); err != nil {
				t.Fatal(err)
			}
		}
		if b, found := find("token-1"); !found || !bytes.Equal(b, first) {
			t.Errorf("found %v, %q", found, b)
		}
		var stored []byte
		var account sqldb.ID
		if err := db.Direct().QueryRow(t.Context(), `SELECT data, account_id FROM session`).Scan(&stored, &account); err != nil {
			t.Fatal(err)
		}
		if account != sqldb.ID(admin.ID) || bytes.Contains(stored, []byte(account.String())) {
			t.Errorf("account %s, and the data is readable: %q", account, stored)
		}
		second := w.data(t, map[string]any{"user": sqldb.ID(admin.ID).String(), "x": "y"})
		if err := s.SaveSession(t.Context(), "token-1", second, ends); err != nil {
			t.Fatal(err)
		}
		if b, _ := find("token-1"); !bytes.Equal(b, second) {
			t.Errorf("found %q after a change", b)
		}
		if err := errors.Join(s.DeleteSession(t.Context(), "token-1"), s.DeleteSession(t.Context(), "token-1")); err != nil {
			t.Error(err)
		}
		if _, found := find("token-1"); found {
			t.Error("found after it was deleted")
		}
	})
}

func TestASessionIsWrittenOnlyWhenItChanges(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, _, _ := founded(t, db)
		s := w.sessions(t)
		data, ends := w.data(t, nil), w.clock.Now().Add(time.Hour)
		stored := func() (b []byte) {
			if err := db.Direct().QueryRow(t.Context(), `SELECT data FROM session`).Scan(&b); err != nil {
				t.Fatal(err)
			}
			return b
		}
		save := func(ends time.Time) []byte {
			if err := s.SaveSession(t.Context(), "token", data, ends); err != nil {
				t.Fatal(err)
			}
			return stored()
		}
		first := save(ends)
		if again := save(ends.Add(30 * time.Second)); !bytes.Equal(first, again) {
			t.Error("written for half a minute")
		}
		if later := save(ends.Add(2 * time.Minute)); bytes.Equal(first, later) {
			t.Error("not written for two minutes")
		}
	})
}

func TestSessionsEndWithTheAccount(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, head := founded(t, db)
		s := w.sessions(t)
		who, password := newcomer(t, w, admin, head, "op.1")
		save := func() {
			if err := s.SaveSession(t.Context(), "hers", w.data(t, map[string]any{"user": sqldb.ID(who.ID).String()}), w.clock.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if err := s.SaveSession(t.Context(), "other", w.data(t, map[string]any{"user": sqldb.ID(admin.ID).String()}), w.clock.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name string
			end  func() error
		}{
			{"a new password", func() error { return w.ChangePassword(t.Context(), who.ID, password, "kapal di dermaga") }},
			{"a suspension", func() error {
				return errors.Join(w.Suspend(t.Context(), admin, who.ID), w.Resume(t.Context(), head, who.ID))
			}},
			{"a reset", func() error { _, err := w.ResetPassword(t.Context(), admin, who.ID); return err }},
		} {
			save()
			if err := c.end(); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if _, found, err := s.FindSession(t.Context(), "hers"); found || err != nil {
				t.Errorf("after %s the session lives, %v", c.name, err)
			}
			if _, found, _ := s.FindSession(t.Context(), "other"); !found {
				t.Errorf("%s ended somebody else's session", c.name)
			}
		}
	})
}

func TestSweeping(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, _, _ := founded(t, db)
		s := w.sessions(t)
		for token, life := range map[string]time.Duration{"short": time.Hour, "long": 48 * time.Hour} {
			if err := s.SaveSession(t.Context(), token, w.data(t, nil), w.clock.Now().Add(life)); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.SignIn(t.Context(), try("tidak.ada", "salah"))
		refuses(t, err, "account.sign_in_refused")
		w.clock.Move(2 * time.Hour)
		if _, found, _ := s.FindSession(t.Context(), "short"); found {
			t.Error("an expired session was found")
		}
		done, err := w.Sweep(t.Context())
		if err != nil || done != (accounts.Swept{Sessions: 1}) {
			t.Errorf("after two hours: %+v, %v", done, err)
		}
		w.clock.Move(23 * time.Hour)
		done, err = w.Sweep(t.Context())
		if err != nil || done != (accounts.Swept{Failures: 2}) { // of the login and of the address
			t.Errorf("after a day: %+v, %v", done, err)
		}
		if n := w.count(t, `SELECT count(*) FROM session`); n != 1 {
			t.Errorf("%d sessions left, want 1", n)
		}
	})
}

// newSite signs a user in, shows her and signs her out.
func newSite(w world, store *accounts.Sessions, user string) http.Handler {
	sessions := httpkit.NewSessions(store, &httpkit.Web{}, httpkit.SessionConfig{Idle: time.Hour, Lifetime: 8 * time.Hour, Now: w.clock.Now})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /in", func(_ http.ResponseWriter, r *http.Request) {
		if err := sessions.Start(r.Context(), user); err != nil {
			panic(err)
		}
	})
	mux.HandleFunc("GET /out", func(_ http.ResponseWriter, r *http.Request) {
		if err := sessions.End(r.Context()); err != nil {
			panic(err)
		}
	})
	mux.HandleFunc("GET /who", func(out http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(out, cmp.Or(sessions.User(r.Context()), "nobody"))
	})
	return sessions.Load(mux)
}

// TestASessionOverHTTP holds this store to what kit/httpkit writes and reads.
func TestASessionOverHTTP(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		w, admin, _ := founded(t, db)
		site := httptest.NewServer(newSite(w, w.sessions(t), sqldb.ID(admin.ID).String()))
		t.Cleanup(site.Close)
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Jar: jar}
		get := func(path string) string {
			resp, err := client.Get(site.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var b bytes.Buffer
			if _, err := b.ReadFrom(resp.Body); err != nil {
				t.Fatal(err)
			}
			return strings.TrimSpace(b.String())
		}
		if got := get("/who"); got != "nobody" {
			t.Errorf("before: %q", got)
		}
		get("/in")
		if got := get("/who"); got != sqldb.ID(admin.ID).String() {
			t.Errorf("signed in as %q", got)
		}
		if n := w.count(t, `SELECT count(*) FROM session WHERE account_id IS NOT NULL`); n != 1 {
			t.Errorf("%d sessions name their account, want 1: kit/httpkit writes another key", n)
		}
		get("/out")
		if got := get("/who"); got != "nobody" {
			t.Errorf("signed out: %q", got)
		}
	})
}
