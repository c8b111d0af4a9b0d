package identity

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"tepat/internal/kit/sqldb"
)

// margin is how much older than its act the id of a new row may be: a file's rows get theirs when they are read, the
// act is theirs when their chunk is written.
const margin = time.Hour

// floorAt gives an id well before those made at a moment: ids begin with milliseconds since 1970.
func floorAt(t time.Time) (id sqldb.ID) {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(t.Add(-margin).UnixMilli(), 1)))
	copy(id[:], ms[2:])
	return id
}

// upToDate makes the index ready to be asked about what q sees. It is not ready while a large registry has not been
// indexed yet; Keep does that. Where many persons were written at once it gives the index as it stands, and how many are missing
// in it at least, until Keep has them in it too.
func (s *Service) upToDate(ctx context.Context, q sqldb.Querier) (l *live, missing int, err error) {
	if l = s.current(); l == nil {
		n, err := personsUpTo(ctx, q, s.bounds.few+1)
		switch {
		case err == nil && n == 0:
			return nil, 0, errNobody
		case err == nil && n <= s.bounds.few:
			l, err = s.start(ctx, false)
		case err == nil:
			l, err = s.resume(ctx)
		}
		if err != nil || l == nil {
			s.hurry()
			return nil, 0, err
		}
	}
	most := s.bounds.changed
	if s.keeping.Load() {
		most = s.bounds.waited // more of them are brought in behind the back of who asks
	}
	err = l.catchUp(ctx, q, s.keys, most)
	switch {
	case errors.Is(err, errFar):
		return s.meanwhile(ctx, q, l)
	case unusable(err):
		l, err = s.instead(ctx, q, l)
		return l, 0, err
	case err == nil && l.aged() && l.index.Rows() <= s.bounds.few:
		l, err = s.renew(ctx, l, false)
		return l, 0, err
	}
	return l, 0, wrap(err)
}

// meanwhile gives what answers until an index that is far behind is brought up to date: one built anew where that is soon done,
// else the index as it stands, and Keep is woken.
func (s *Service) meanwhile(ctx context.Context, q sqldb.Querier, l *live) (*live, int, error) {
	n, err := personsUpTo(ctx, q, s.bounds.few+1)
	if err != nil {
		return nil, 0, err
	}
	if n <= s.bounds.few {
		l, err = s.renew(ctx, l, false)
		return l, 0, err
	}
	s.hurry()
	return l, max(int(l.missing.Load()), 1), nil
}

// hurry has Keep follow the database now.
func (s *Service) hurry() {
	select {
	case s.wake <- struct{}{}:
	default: // it has been told
	}
}

// instead gives an index built anew in place of one whose file is damaged: nil where that takes longer than somebody waits.
func (s *Service) instead(ctx context.Context, q sqldb.Querier, l *live) (*live, error) {
	s.drop(l)
	if n, err := personsUpTo(ctx, q, s.bounds.few+1); err != nil || n > s.bounds.few {
		s.hurry()
		return nil, err
	}
	return s.renew(ctx, l, false)
}

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("bring index of persons up to date: %w", err)
	}
	return nil
}

// errNobody means that there is nobody to be alike to: no index is built over an empty registry, which a first import fills.
var errNobody = errors.New("identity: the registry is empty")

// personsUpTo counts the active persons of the installation, up to a number.
func personsUpTo(ctx context.Context, q sqldb.Querier, most int) (n int, err error) {
	// -- national: all districts (kabkota)
	err = sqldb.Each(ctx, q, `SELECT p.kabkota FROM person p WHERE p.state = 1 LIMIT $1`, []any{int64(most)}, func(sqldb.Row) error {
		n++
		return nil
	})
	return n, err
}

func (s *Service) current() *live {
	s.guard.RLock()
	defer s.guard.RUnlock()
	return s.live
}

// drop gives an index up that cannot go on, and its file. Who is asking it still may go on.
func (s *Service) drop(l *live) {
	s.guard.Lock()
	defer s.guard.Unlock()
	if s.live != l {
		return
	}
	s.live = nil
	if s.path != "" {
		_ = os.Remove(s.path) // what stays is found out again when it is opened
	}
}

func (s *Service) put(l *live) *live {
	s.guard.Lock()
	defer s.guard.Unlock()
	s.live = l
	return l
}

// start opens the file, or builds the index anew; the log of groups is brought in step where that is asked for. It writes,
// so it is not asked for by who reads within an act.
func (s *Service) start(ctx context.Context, logs bool) (*live, error) {
	s.building.Lock()
	defer s.building.Unlock()
	if l := s.current(); l != nil {
		return l, nil // somebody else has, meanwhile
	}
	l, err := s.open(ctx)
	if err == nil && l == nil {
		l, err = s.anew(ctx, nil, logs)
	}
	if err != nil {
		return nil, err
	}
	return s.put(l), nil
}

// resume opens the file where nobody is building it: a process that does not keep the index, as an import by command, asks
// what the house has built.
func (s *Service) resume(ctx context.Context) (*live, error) {
	if !s.building.TryLock() {
		return nil, nil
	}
	defer s.building.Unlock()
	l, err := s.open(ctx)
	if err != nil || l == nil {
		return nil, err
	}
	return s.put(l), nil
}

// renew builds an index anew in place of another, or of none; not twice, where several ask for it.
func (s *Service) renew(ctx context.Context, of *live, logs bool) (*live, error) {
	s.building.Lock()
	defer s.building.Unlock()
	old := s.current()
	if old != nil && old != of && (old.logged || !logs) {
		return old, nil // somebody else has, meanwhile
	}
	if old == nil {
		old = of // given up, for its file is damaged
	}
	l, err := s.anew(ctx, old, logs)
	if err != nil {
		return nil, err
	}
	return s.put(l), nil
}

// anew builds an index in place of another, or of none, that goes on with whom nobody was asked about yet.
func (s *Service) anew(ctx context.Context, old *live, logs bool) (*live, error) {
	if old != nil {
		from, _ := old.unasked()
		l, err := s.build(ctx, logs, origin{asked: &from, first: old.first})
		if err == nil {
			l.riseAgain(old.risen())
		}
		return l, err
	}
	from, err := s.left(ctx)
	if err != nil {
		return nil, err
	}
	return s.build(ctx, logs, from)
}

// Follow opens or builds the index and brings it up to the last change of the database. It is built anew when it is
// too far behind, or when more than a twentieth of it has changed; the one in use answers meanwhile.
func (s *Service) Follow(ctx context.Context) error {
	l := s.current()
	if l == nil {
		var err error
		if l, err = s.start(ctx, true); err != nil {
			return err
		}
	}
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		err := l.catchUp(ctx, tx, s.keys, s.bounds.changed)
		if errors.Is(err, errFar) {
			err = errors.Join(err, l.far(ctx, tx))
		}
		return err
	})
	switch {
	case unusable(err):
		s.drop(l) // nobody is to be told by a damaged file until the next one is there
	case err != nil && !errors.Is(err, errFar):
		return wrap(err)
	}
	if touched := l.take(); err != nil || l.aged() || !l.logged {
		if l, err = s.renew(ctx, l, true); err != nil {
			return err
		}
	} else if err := s.followed(ctx, l, touched); err != nil {
		l.again(touched)
		return err
	}
	if err := s.changes(ctx, l); err != nil {
		return err
	}
	return s.drain(ctx, l)
}

func (s *Service) tell(ctx context.Context, l *live, changed []Who) error {
	if s.told == nil || len(changed) == 0 {
		return nil
	}
	found, err := l.whom(changed)
	if err == nil && len(found) > 0 {
		err = s.told(ctx, found)
	}
	if err != nil {
		return fmt.Errorf("tell who is alike: %w", err)
	}
	return nil
}

// Tell names who is told, when the index is brought up to date, that people who were written or changed may be others of
// the registry. It is set before Keep begins.
func (s *Service) Tell(told func(context.Context, []Found) error) { s.told = told }

// Keep follows the database until the context ends. What goes wrong is told, and tried again.
func (s *Service) Keep(ctx context.Context, every time.Duration, told func(error)) {
	s.keeping.Store(true)
	defer s.keeping.Store(false)
	for tick := time.NewTicker(every); ; {
		if err := s.Follow(ctx); err != nil && ctx.Err() == nil {
			told(err)
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// Stands says how the index stands, as q sees the database: the one in use, else that in the file.
func (s *Service) Stands(ctx context.Context, q sqldb.Querier) (out Standing, err error) {
	unasked, err := dueCount(ctx, q)
	if err != nil {
		return out, err
	}
	l := s.current()
	if l == nil {
		if l, err = s.open(ctx); err != nil || l == nil {
			out.Unasked = unasked
			out.Building, out.Done, out.Of = s.work.read()
			return out, err
		}
	}
	now, err := marksIn(ctx, q)
	if err != nil {
		return out, err
	}
	out = Standing{Unasked: unasked, Ready: true, Persons: l.index.Rows(), Behind: l.stands.Load().behind(now), Built: l.built, Model: l.index.Model(), Missing: int(l.missing.Load())}
	out.Building, out.Done, out.Of = s.work.read()
	return out, nil
}

// Standing says how the index of this process stands.
func (s *Service) Standing(ctx context.Context) (Standing, error) {
	return s.Stands(ctx, s.acts.DB().Direct())
}
