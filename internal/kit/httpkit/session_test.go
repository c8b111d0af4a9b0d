package httpkit_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tepat/internal/kit/httpkit"
)

// memory is a session store that counts its writes.
type memory struct {
	mu     sync.Mutex
	rows   map[string][]byte
	writes int
	broken bool
}

func (m *memory) FindSession(_ context.Context, id string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return nil, false, errors.New("store is away")
	}
	data, ok := m.rows[id]
	return data, ok, nil
}

func (m *memory) SaveSession(_ context.Context, id string, data []byte, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows[id] = data
	m.writes++
	return nil
}

func (m *memory) DeleteSession(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, id)
	return nil
}

type sessionSite struct {
	http.Handler
	store  *memory
	now    time.Time
	cookie string
}

func newSessionSite(secure bool) *sessionSite {
	s := &sessionSite{store: &memory{rows: map[string][]byte{}}, now: time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)}
	web := &httpkit.Web{Log: slog.New(slog.DiscardHandler)}
	sessions := httpkit.NewSessions(s.store, web, httpkit.SessionConfig{Idle: 30 * time.Minute, Lifetime: 12 * time.Hour, Secure: secure,
		Now: func() time.Time { return s.now }})
	mux := httpkit.NewMux(web)
	mux.Handle("POST /in", func(w http.ResponseWriter, r *http.Request) error {
		if err := sessions.Start(r.Context(), "user-7"); err != nil {
			return err
		}
		sessions.Put(r.Context(), "flash", "Selamat datang")
		return hello(w, r)
	})
	mux.Handle("GET /who", func(w http.ResponseWriter, r *http.Request) error {
		return httpkit.Bytes(w, r, 200, "text/plain", []byte(sessions.User(r.Context())+"|"+sessions.Pop(r.Context(), "flash")))
	})
	mux.Handle("POST /out", func(w http.ResponseWriter, r *http.Request) error {
		if err := sessions.End(r.Context()); err != nil {
			return err
		}
		return hello(w, r)
	})
	s.Handler = sessions.Load(mux)
	return s
}

func (s *sessionSite) do(method, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	if s.cookie != "" {
		r.Header.Set("Cookie", s.cookie)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		s.cookie = c.Name + "=" + c.Value
	}
	return w
}

func TestSessionLivesFromSignInToSignOut(t *testing.T) {
	t.Parallel()
	s := newSessionSite(true)
	if got := s.do("GET", "/who").Body.String(); got != "|" {
		t.Errorf("before signing in: %q", got)
	}
	if len(s.store.rows) != 0 {
		t.Error("a visitor got a session")
	}
	s.do("POST", "/in")
	if got := s.do("GET", "/who").Body.String(); got != "user-7|Selamat datang" {
		t.Errorf("after signing in: %q", got)
	}
	if got := s.do("GET", "/who").Body.String(); got != "user-7|" {
		t.Errorf("a message shows twice: %q", got)
	}
	s.do("POST", "/out")
	if got := s.do("GET", "/who").Body.String(); got != "|" || len(s.store.rows) != 0 {
		t.Errorf("after signing out: %q, %d rows", got, len(s.store.rows))
	}
}

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		secure bool
		cookie string
	}{{"over TLS", true, "__Host-tepat"}, {"on loopback", false, "tepat"}}
	for _, c := range cases {
		got := newSessionSite(c.secure).do("POST", "/in").Result().Cookies()
		if len(got) != 1 {
			t.Fatalf("%s: cookies %v", c.name, got)
		}
		k := got[0]
		if k.Name != c.cookie || k.Secure != c.secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" || k.MaxAge != 0 {
			t.Errorf("%s: %v", c.name, k)
		}
	}
}

func TestSessionTokenIsNotStored(t *testing.T) {
	t.Parallel()
	s := newSessionSite(true)
	s.do("POST", "/in")
	_, token, _ := strings.Cut(s.cookie, "=")
	for id := range s.store.rows {
		if id == token {
			t.Error("the store holds the token itself")
		}
	}
}

func TestSignInChangesTheToken(t *testing.T) {
	t.Parallel()
	s := newSessionSite(true)
	s.do("POST", "/in")
	planted := s.cookie
	s.do("POST", "/in")
	if s.cookie == planted {
		t.Error("the token known before signing in is still good")
	}
	s.cookie = planted
	if got := s.do("GET", "/who").Body.String(); got != "|" {
		t.Errorf("the old token opens %q", got)
	}
}

func TestSessionEndsWhenIdle(t *testing.T) {
	t.Parallel()
	s := newSessionSite(true)
	s.do("POST", "/in")
	s.do("GET", "/who")
	for range 4 { // used every 20 minutes
		s.now = s.now.Add(20 * time.Minute)
		if got := s.do("GET", "/who").Body.String(); got != "user-7|" {
			t.Fatalf("ended although used: %q", got)
		}
	}
	s.now = s.now.Add(31 * time.Minute)
	if got := s.do("GET", "/who").Body.String(); got != "|" {
		t.Errorf("31 idle minutes: %q", got)
	}
}

func TestPagesDoNotWriteTheSession(t *testing.T) {
	t.Parallel()
	s := newSessionSite(true)
	s.do("POST", "/in")
	s.do("GET", "/who") // takes the message
	before := s.store.writes
	for range 10 {
		s.now = s.now.Add(5 * time.Second)
		s.do("GET", "/who")
	}
	if s.store.writes != before {
		t.Errorf("ten pages in 50 s wrote the session %d times", s.store.writes-before)
	}
	s.now = s.now.Add(30 * time.Second)
	s.do("GET", "/who")
	if s.store.writes != before+1 {
		t.Errorf("after a minute it was written %d times, want once", s.store.writes-before)
	}
}

func TestSessionStoreAwayIsAnError(t *testing.T) {
	t.Parallel()
	s := newSessionSite(true)
	s.do("POST", "/in")
	s.store.broken = true
	if got := s.do("GET", "/who").Code; got != http.StatusInternalServerError {
		t.Errorf("answered %d: a reader must not be taken for a stranger when the store is away", got)
	}
}
