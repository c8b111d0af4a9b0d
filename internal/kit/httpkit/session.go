package httpkit

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// SessionStore keeps sessions. The id is already a digest of the token in the cookie, so that
// a copy of the table opens no session.
type SessionStore interface {
	// FindSession gives the data of a session that has not expired; found is false otherwise.
	FindSession(ctx context.Context, id string) (data []byte, found bool, err error)
	// SaveSession writes a session, new or known.
	SaveSession(ctx context.Context, id string, data []byte, expires time.Time) error
	// DeleteSession forgets a session; one that is not there is no error.
	DeleteSession(ctx context.Context, id string) error
}

// SessionConfig sets how long a session lives and how its cookie is sent.
type SessionConfig struct {
	Name     string           // of the cookie; "tepat" when empty. Sites of one host need names of their own
	Idle     time.Duration    // ends after so long without a request
	Lifetime time.Duration    // ends after so long in any case
	Secure   bool             // false only on plain HTTP over loopback
	Now      func() time.Time // the clock; time.Now when nil
}

// Sessions keeps who is signed in and a little state between requests.
//
// The idle limit is kept here and not by scs, which would write the session at every page: the
// moment it was last seen is written at most once a minute.
type Sessions struct {
	manager *scs.SessionManager
	idle    time.Duration
	now     func() time.Time
}

// NewSessions makes the sessions of one site. Over TLS the cookie is named __Host-tepat, which
// browsers bind to this host, to TLS and to the whole path.
func NewSessions(store SessionStore, web *Web, c SessionConfig) *Sessions {
	m := scs.New()
	m.Store = sessionAdapter{store}
	m.HashTokenInStore = true
	m.Lifetime = c.Lifetime
	m.Cookie.Name = c.Name
	if c.Name == "" {
		m.Cookie.Name = "tepat"
	}
	if c.Secure {
		m.Cookie.Name = "__Host-" + m.Cookie.Name
	}
	m.Cookie.Secure = c.Secure
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	m.Cookie.Persist = false // shared village computers: the session ends with the browser
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		web.Fail(w, r, fmt.Errorf("session: %w", err))
	}
	now := c.Now
	if now == nil {
		now = time.Now
	}
	return &Sessions{manager: m, idle: c.Idle, now: now}
}

const (
	sessionUser = "user"
	sessionSeen = "seen" // unix seconds
	seenEvery   = 60     // seconds between two writes of sessionSeen
)

// Load wraps the handlers that need a session.
func (s *Sessions) Load(next http.Handler) http.Handler {
	return s.manager.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ended, err := s.touch(r.Context())
		if err != nil {
			s.manager.ErrorFunc(w, r, err)
			return
		}
		if ended != "" {
			r = r.WithContext(context.WithValue(r.Context(), endedKey{}, ended))
		}
		next.ServeHTTP(w, r)
	}))
}

type endedKey struct{}

// touch ends a session that was left alone for too long, of which it gives the user, and notes that this one was used.
func (s *Sessions) touch(ctx context.Context) (ended string, err error) {
	user := s.User(ctx)
	if user == "" {
		return "", nil
	}
	now, seen := s.now().Unix(), s.manager.GetInt64(ctx, sessionSeen)
	if time.Duration(now-seen)*time.Second > s.idle {
		return user, s.End(ctx)
	}
	if now-seen >= seenEvery {
		s.manager.Put(ctx, sessionSeen, now)
	}
	return "", nil
}

// Ended gives whose session this very request found left alone for too long, or "".
func Ended(r *http.Request) string {
	user, _ := r.Context().Value(endedKey{}).(string)
	return user
}

// Came tells whether a request bears the cookie of a session, be it over or not.
func (s *Sessions) Came(r *http.Request) bool {
	_, err := r.Cookie(s.manager.Cookie.Name)
	return err == nil
}

// Start signs a user in: a new token, so that one planted before is worth nothing.
func (s *Sessions) Start(ctx context.Context, userID string) error {
	if err := s.manager.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: renew token: %w", err)
	}
	s.manager.Put(ctx, sessionUser, userID)
	s.manager.Put(ctx, sessionSeen, s.now().Unix())
	return nil
}

// User gives the id of the user signed in, or "".
func (s *Sessions) User(ctx context.Context) string { return s.manager.GetString(ctx, sessionUser) }

// End signs out and forgets everything the session held.
func (s *Sessions) End(ctx context.Context) error {
	if err := s.manager.Destroy(ctx); err != nil {
		return fmt.Errorf("session: destroy: %w", err)
	}
	return nil
}

// Put keeps a short text under key until the session ends.
func (s *Sessions) Put(ctx context.Context, key, value string) {
	s.manager.Put(ctx, "x:"+key, value)
}

// Text gives a text kept under key, or "".
func (s *Sessions) Text(ctx context.Context, key string) string {
	return s.manager.GetString(ctx, "x:"+key)
}

// Pop gives a text kept under key and forgets it: a message for the next page.
func (s *Sessions) Pop(ctx context.Context, key string) string {
	return s.manager.PopString(ctx, "x:"+key)
}

// sessionAdapter gives scs the store under the names it wants.
type sessionAdapter struct{ store SessionStore }

func (a sessionAdapter) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return a.store.FindSession(ctx, token)
}

func (a sessionAdapter) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	return a.store.SaveSession(ctx, token, data, expires)
}

func (a sessionAdapter) DeleteCtx(ctx context.Context, token string) error {
	return a.store.DeleteSession(ctx, token)
}

func (a sessionAdapter) Find(token string) ([]byte, bool, error) {
	return a.store.FindSession(context.Background(), token)
}

func (a sessionAdapter) Commit(token string, data []byte, expires time.Time) error {
	return a.store.SaveSession(context.Background(), token, data, expires)
}

func (a sessionAdapter) Delete(token string) error {
	return a.store.DeleteSession(context.Background(), token)
}
