package identity

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/linkage"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/mapped"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
)

// The file begins with this text, the length of a sealed head in four bytes, and the head; the index itself begins
// on the next page, sealed under a key of its own that the head holds.
const (
	magic    = "TEPAT ALIKE 1\n"
	pageSkip = 4096
	mostHead = 64 << 20
	// headPurpose binds the head to its place.
	headPurpose = seal.Purpose("identity index")
)

// head says of what the index is, and opens it.
type head struct {
	Key   []byte    `json:"key"`
	Marks marks     `json:"marks"`
	Floor sqldb.ID  `json:"floor"`
	Built time.Time `json:"built"`
	// Logged says that the log of groups was brought in step with the index when it was built.
	Logged bool `json:"logged"`
}

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
	return s.renew(ctx, nil, false)
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
		l, err = s.build(ctx, logs)
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
	l, err := s.build(ctx, logs)
	if err != nil {
		return nil, err
	}
	if old != nil {
		l.changed, _ = old.take() // the groups are those of the index just built
	}
	return s.put(l), nil
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
	var unknown []Who
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) error {
		err := l.catchUp(ctx, tx, s.keys, s.bounds.changed)
		if errors.Is(err, errFar) {
			var failed error
			if unknown, failed = l.far(ctx, tx); failed != nil {
				return failed
			}
		}
		return err
	})
	switch {
	case unusable(err):
		s.drop(l) // nobody is to be told by a damaged file until the next one is there
	case err != nil && !errors.Is(err, errFar):
		return wrap(err)
	}
	changed, touched := l.take()
	if changed = append(changed, unknown...); len(changed) > mostNoted {
		changed = changed[:mostNoted]
	}
	if err != nil || l.aged() || !l.logged {
		if l, err = s.renew(ctx, l, true); err != nil {
			return err
		}
	} else if err := s.followed(ctx, l, touched); err != nil {
		l.again(touched)
		return err
	}
	return s.tell(ctx, l, changed)
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
	l := s.current()
	if l == nil {
		if l, err = s.open(ctx); err != nil || l == nil {
			out.Building, out.Done, out.Of = s.work.read()
			return out, err
		}
	}
	now, err := marksIn(ctx, q)
	if err != nil {
		return out, err
	}
	out = Standing{Ready: true, Persons: l.index.Rows(), Behind: l.stands.Load().behind(now), Built: l.built, Model: l.index.Model(), Missing: int(l.missing.Load())}
	out.Building, out.Done, out.Of = s.work.read()
	return out, nil
}

// Standing says how the index of this process stands.
func (s *Service) Standing(ctx context.Context) (Standing, error) {
	return s.Stands(ctx, s.acts.DB().Direct())
}

// unusable tells errors that mean: build it anew.
func unusable(err error) bool {
	return slices.Contains([]string{"linkage.index_unreadable", "linkage.index_model", "linkage.index_damaged", "file.missing"}, fail.CodeOf(err))
}

// open opens the file of the index; nil when there is none that can be used.
func (s *Service) open(ctx context.Context) (l *live, err error) {
	if s.path == "" {
		return nil, nil
	}
	if _, err := os.Stat(s.path); err != nil {
		return nil, nil
	}
	file, err := mapped.Open(s.path)
	if err != nil {
		return nil, fmt.Errorf("open index of persons: %w", err)
	}
	defer func() {
		if l == nil {
			err = errors.Join(err, file.Close())
		}
	}()
	h, rest, ok := s.readHead(file.Bytes())
	if !ok {
		return nil, nil
	}
	follows, err := h.Marks.follows(ctx, s.acts.DB().Direct())
	if err != nil || !follows {
		return nil, err
	}
	index, err := linkage.OpenIndex(rest, s.model, Header(), h.Key)
	if unusable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open index of persons: %w", err)
	}
	return newLive(index, file, h, s.model.LinkBits()), nil
}

// readHead reads the head of a file; what is no head of ours, or sealed with other keys, is none.
func (s *Service) readHead(b []byte) (h head, rest []byte, ok bool) {
	if len(b) < len(magic)+4 || string(b[:len(magic)]) != magic {
		return h, nil, false
	}
	n := int(binary.BigEndian.Uint32(b[len(magic):]))
	from := len(magic) + 4
	if n > mostHead || from+n > len(b) {
		return h, nil, false
	}
	plain, err := s.keys.Open(headPurpose, b[from:from+n])
	if err != nil || json.Unmarshal(plain, &h) != nil {
		return h, nil, false
	}
	begin := (from + n + pageSkip - 1) / pageSkip * pageSkip
	if begin > len(b) {
		return h, nil, false
	}
	return h, b[begin:], true
}

// build reads everybody and makes the index, in a file where there is a place for one.
func (s *Service) build(ctx context.Context, logs bool) (*live, error) {
	h := head{Logged: logs, Floor: floorAt(time.Now()), Built: s.acts.Now(), Key: make([]byte, 32)}
	_, _ = rand.Read(h.Key) // it never fails
	people := &People{}
	defer people.Wipe()
	defer s.work.at("", 0, 0)
	var known linkage.Known
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		if h.Marks, err = marksIn(ctx, tx); err != nil {
			return err
		}
		entity, err := s.readAll(ctx, tx, h.Marks, people)
		if err == nil && logs {
			known, err = s.knownOf(ctx, tx, people, entity)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.work.at(StageWeigh, people.Rows(), people.Rows())
	if people.Rows() == 0 {
		people.Add(make([][]byte, len(fieldsOf))) // an engine wants a row; one without values is alike to nobody
		known = linkage.Known{}
	}
	engine, err := linkage.Prepare(s.model, people, nil, linkage.Options{Workers: s.workers, Stop: ctx.Err, Known: known})
	if err != nil {
		return nil, fmt.Errorf("prepare index of persons: %w", err)
	}
	defer engine.Wipe()
	if logs {
		if err := s.survey(ctx, engine, people); err != nil {
			return nil, err
		}
	}
	if s.path == "" {
		index, err := engine.Index()
		if err != nil {
			return nil, err
		}
		return newLive(index, nil, h, s.model.LinkBits()), nil
	}
	s.work.at(StageWrite, people.Rows(), people.Rows())
	if err := s.write(engine, h); err != nil {
		return nil, fmt.Errorf("write index of persons: %w", err)
	}
	l, err := s.open(ctx)
	if err == nil && l == nil {
		err = errors.New("identity: the index just written does not open")
	}
	return l, err
}

// readAll reads the active persons of all tenants, and gives who the civil registry says each is.
func (s *Service) readAll(ctx context.Context, q sqldb.Querier, of marks, into *People) (entity []uint64, err error) {
	all := 0
	// -- national: all districts (kabkota)
	if err := q.QueryRow(ctx, `SELECT count(*) FROM person p WHERE p.kabkota IN (SELECT kabkota FROM tenant) AND p.state = 1`).Scan(&all); err != nil {
		return nil, fmt.Errorf("count persons: %w", err)
	}
	err = openAll(s.workers, s.keys, func(each func([]row) error) error {
		return everybodyIn(ctx, q, slices.Sorted(maps.Keys(of)), area.Nation, each)
	}, into, func(r *row) {
		if entity = append(entity, r.entity); len(entity)%pageSize == 1 {
			s.work.at(StageRead, len(entity), all)
		}
	})
	return entity, err
}

func (s *Service) write(engine *linkage.Engine, h head) error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return files.Explain(err)
	}
	plain, err := json.Marshal(h)
	if err != nil {
		return err
	}
	sealed := s.keys.Seal(nil, headPurpose, plain)
	begin := append([]byte(magic), binary.BigEndian.AppendUint32(nil, uint32(len(sealed)))...)
	begin = append(begin, sealed...)
	begin = append(begin, make([]byte, (pageSkip-len(begin)%pageSkip)%pageSkip)...)
	return files.Write(s.path, 0o600, func(w io.Writer) error {
		if _, err := w.Write(begin); err != nil {
			return err
		}
		return engine.WriteIndex(w, h.Key)
	})
}
