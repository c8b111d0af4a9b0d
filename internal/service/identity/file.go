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
	// Asked is up to where everybody written or changed was asked about, or noted to be; nil: up to Marks.
	Asked *standing `json:"asked,omitempty"`
	// Unsearched says that those who were there before anybody was asked about are still to be noted, as far as no search for
	// duplicates has seen them: who only asks builds an index and notes nobody.
	Unsearched bool `json:"unsearched,omitempty"`
}

// asked says up to where everybody was asked about.
func (h *head) asked() standing {
	if h.Asked != nil {
		return *h.Asked
	}
	return standing{maps.Clone(h.Marks), h.Floor}
}

// origin is what an index that is made goes on with.
type origin struct {
	asked *standing // up to where everybody was asked about; nil: up to the index itself
	first bool      // nobody was asked about before that
}

// left says up to where everybody was asked about who was written before the index in the file was made, whether it can be used or
// not; where nobody knows, the index is the first.
func (s *Service) left(ctx context.Context) (origin, error) {
	if s.path == "" {
		return origin{first: true}, nil
	}
	file, err := mapped.Open(s.path)
	if err != nil {
		return origin{first: true}, nil // there is none
	}
	h, _, ok := s.readHead(file.Bytes())
	if err := file.Close(); err != nil || !ok {
		return origin{first: true}, err
	}
	if follows, err := h.Marks.follows(ctx, s.acts.DB().Direct()); err != nil || !follows {
		return origin{first: true}, err
	}
	at := h.asked()
	return origin{asked: &at, first: h.Unsearched}, nil
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

// readHead reads the head of a file; what is no head of ours, sealed with other keys, or cut off meanwhile, is none.
func (s *Service) readHead(b []byte) (h head, rest []byte, ok bool) {
	if mapped.Reading(func() error { h, rest, ok = s.headOf(b); return nil }) != nil {
		return head{}, nil, false
	}
	return h, rest, ok
}

func (s *Service) headOf(b []byte) (h head, rest []byte, ok bool) {
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

// build reads everybody and makes the index, in a file where there is a place for one. Who was written since the standing given is
// noted to be asked about, before the file says that she is in it; by who asks, and writes nothing, the standing is passed on.
func (s *Service) build(ctx context.Context, logs bool, from origin) (*live, error) {
	h := head{Logged: logs, Floor: floorAt(time.Now()), Built: s.acts.Now(), Key: make([]byte, 32)}
	_, _ = rand.Read(h.Key) // it never fails
	people := &People{}
	defer people.Wipe()
	defer s.work.at("", 0, 0)
	var known linkage.Known
	var unseen unsearched
	err := s.acts.DB().Read(ctx, func(tx *sqldb.Tx) (err error) {
		if h.Marks, err = marksIn(ctx, tx); err != nil {
			return err
		}
		if logs && from.first {
			if unseen, err = searchedIn(ctx, tx, h.Marks); err != nil {
				return err
			}
		}
		entity, err := s.readAll(ctx, tx, h.Marks, people, unseen)
		if err == nil && logs {
			known, err = s.knownOf(ctx, tx, people, entity)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	h.Asked, h.Unsearched = from.asked, from.first
	if logs {
		if err := s.noteAll(ctx, from, h.Marks, unseen); err != nil {
			return nil, err
		}
		h.Asked, h.Unsearched = nil, false
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
func (s *Service) readAll(ctx context.Context, q sqldb.Querier, of marks, into *People, unseen unsearched) (entity []uint64, err error) {
	all := 0
	// -- national: all districts (kabkota)
	if err := q.QueryRow(ctx, `SELECT count(*) FROM person p WHERE p.kabkota IN (SELECT kabkota FROM tenant) AND p.state = 1`).Scan(&all); err != nil {
		return nil, fmt.Errorf("count persons: %w", err)
	}
	err = openAll(s.workers, s.keys, func(each func([]row) error) error {
		return everybodyIn(ctx, q, slices.Sorted(maps.Keys(of)), area.Nation, each)
	}, into, func(r *row) {
		unseen.add(r)
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
