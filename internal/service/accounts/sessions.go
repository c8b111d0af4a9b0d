package accounts

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"

	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

// sessionPurpose is what the data of a session is sealed for, and its key hashed for.
const sessionPurpose = seal.Purpose("session")

// sessionUser is the name under which kit/httpkit keeps the id of the account in a session.
const sessionUser = "user"

// saveEvery is how far the end of a session must move to be worth a write.
const saveEvery = time.Minute

// Sessions keeps who is signed in, as kit/httpkit wants it. A row's key is a keyed hash of the
// token and its data is sealed: a copy of the table opens no session and tells nothing.
type Sessions struct {
	db    *sqldb.DB
	keys  *seal.Keyring
	clock func() time.Time
	find  *sqldb.Prepared
}

// NewSessions makes the store. clock gives the present time.
func NewSessions(ctx context.Context, db *sqldb.DB, keys *seal.Keyring, clock func() time.Time) (*Sessions, error) {
	find, err := db.Prepare(ctx, findSession)
	if err != nil {
		return nil, fmt.Errorf("prepare sessions: %w", err)
	}
	return &Sessions{db, keys, clock, find}, nil
}

func (s *Sessions) key(id string) sqldb.ID { return s.keys.Blind(sessionPurpose, []byte(id)) }

// FindSession implements httpkit.SessionStore. Data that does not open, as after a change of keys,
// is no session.
func (s *Sessions) FindSession(ctx context.Context, id string) ([]byte, bool, error) {
	data, _, found, err := s.read(ctx, id)
	return data, found, err
}

func (s *Sessions) read(ctx context.Context, id string) (data []byte, expires time.Time, found bool, err error) {
	var sealed []byte
	var until int64
	found, err = sqldb.Found(s.find.QueryRow(ctx, s.key(id), s.clock().UnixMicro()).Scan(&sealed, &until))
	if err != nil {
		return nil, expires, false, fmt.Errorf("find session: %w", err)
	}
	if !found {
		return nil, expires, false, nil
	}
	data, err = s.keys.Open(sessionPurpose, sealed)
	return data, time.UnixMicro(until), err == nil, nil
}

// SaveSession implements httpkit.SessionStore. A session that says what it said, and ends within
// a minute of when it did, is not written.
func (s *Sessions) SaveSession(ctx context.Context, id string, data []byte, expires time.Time) error {
	was, until, found, err := s.read(ctx, id)
	if err != nil {
		return err
	}
	if shift := expires.Sub(until).Abs(); found && bytes.Equal(was, data) && shift < saveEvery {
		return nil
	}
	sealed := s.keys.Seal(nil, sessionPurpose, data)
	if err := s.db.Write(ctx, func(tx *sqldb.Tx) error {
		return saveSession(ctx, tx, s.key(id), accountOf(data), sealed, expires)
	}); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// DeleteSession implements httpkit.SessionStore.
func (s *Sessions) DeleteSession(ctx context.Context, id string) error {
	if err := s.db.Write(ctx, func(tx *sqldb.Tx) error { return deleteSession(ctx, tx, s.key(id)) }); err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

// accountOf reads whose session it is; a session before sign-in is nobody's.
func accountOf(data []byte) sqldb.ID {
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return sqldb.ID{}
	}
	text, _ := values[sessionUser].(string)
	id, err := sqldb.ParseID(text)
	if err != nil {
		return sqldb.ID{}
	}
	return id
}

// Sweep is the job that forgets what has expired.
type Sweep struct{}

// Kind implements queue.Job.
func (Sweep) Kind() string { return "accounts.sweep" }

// Swept counts what Sweep forgot.
type Swept struct {
	Sessions int64 `json:"sessions"`
	Failures int64 `json:"failures"`
}

// Sweep forgets sessions that ended and failed sign-ins that no longer count. It runs every hour.
func (s *Service) Sweep(ctx context.Context) (done Swept, err error) {
	now := s.acts.Now()
	err = s.acts.DB().Write(ctx, func(tx *sqldb.Tx) error {
		if done.Sessions, err = deleteExpiredSessions(ctx, tx, now); err != nil {
			return err
		}
		done.Failures, err = deleteOldFailures(ctx, tx, now.Add(-perLogin.forget))
		return err
	})
	if err != nil {
		return Swept{}, fmt.Errorf("sweep accounts: %w", err)
	}
	return done, nil
}
