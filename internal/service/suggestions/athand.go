package suggestions

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/linkage"
	"tepat/internal/domain/person"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
	"tepat/internal/kit/mapped"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/civil"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
)

// A run looks for everybody of a district at once, in minutes at the most. Somebody who mends one person waits for that
// one: a run leaves the civil file of its district behind as an index, sealed, in which a person is looked for in a
// millisecond, with the weights of the run.

// atHand is the index in use, one district at a time.
type atHand struct {
	mu     sync.Mutex
	tenant area.Tenant
	of     sqldb.Hash // what it was made from
	index  *linkage.Index
	file   *mapped.File
}

// handPurpose binds the key of an index to its place.
const handPurpose = seal.Purpose("civil index")

func (s *Service) handPath(tenant area.Tenant) string {
	return filepath.Join(s.Dir, fmt.Sprintf("civil-%d.index", tenant))
}

// keepAtHand writes the index of a run's civil file, and beside it its key with what it was made from. A kill between the
// two leaves an index that its key does not open: it counts as none.
func (s *Service) keepAtHand(e *linkage.Engine, tenant area.Tenant, b basis) error {
	if s.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return files.Explain(err)
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	path := s.handPath(tenant)
	err := files.Write(path, 0o600, func(w io.Writer) error { return e.WriteReference(w, key) })
	if err == nil {
		sealed := s.Keys.Seal(nil, handPurpose, append(key, b.digest[:]...))
		err = files.Write(path+".key", 0o600, func(w io.Writer) error {
			_, err := w.Write(sealed)
			return err
		})
	}
	return err
}

// handOf gives the index of a district's civil file as it is; nil where no run has left one. The caller holds the lock.
func (s *Service) handOf(tenant area.Tenant, b basis) (*linkage.Index, error) {
	h := &s.hand
	if h.index != nil && h.tenant == tenant && h.of == b.digest {
		return h.index, nil
	}
	h.leave()
	sealed, err := os.ReadFile(s.handPath(tenant) + ".key")
	if s.Dir == "" || errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read key of civil index: %w", files.Explain(err))
	}
	plain, err := s.Keys.Open(handPurpose, sealed)
	if err != nil || len(plain) != 32+len(b.digest) || !bytes.Equal(plain[32:], b.digest[:]) {
		return nil, nil // of other keys, or of another civil file
	}
	file, err := mapped.Open(s.handPath(tenant))
	if err != nil {
		return nil, nil
	}
	index, err := linkage.OpenIndex(file.Bytes(), s.Model, header(), plain[:32])
	if err != nil {
		return nil, errors.Join(file.Close(), unlessUnusable(err))
	}
	h.tenant, h.of, h.index, h.file = tenant, b.digest, index, file
	return index, nil
}

// leave closes the index in use.
func (h *atHand) leave() {
	if h.file != nil {
		_ = h.file.Close()
	}
	h.index, h.file = nil, nil
}

// unlessBad is unlessUnusable that leaves the index in use where it cannot be read: the next run writes it anew.
func (h *atHand) unlessBad(err error) error {
	if unlessUnusable(err) == nil {
		h.leave()
		return nil
	}
	return err
}

// unlessUnusable leaves out the errors of an index that has to be made anew.
func unlessUnusable(err error) error {
	if slices.Contains([]string{"linkage.index_unreadable", "linkage.index_model", "linkage.index_damaged"}, fail.CodeOf(err)) {
		return nil
	}
	return err
}

// Mend is civil.Service.Mend, and looks at once for those of the family who still do not match, in an act of its own. Where
// that fails the repair is kept all the same, which nobody must be told otherwise: the next run suggests.
func (s *Service) Mend(ctx context.Context, who access.Actor, m civil.Mending) (civil.Bench, error) {
	b, err := s.Civil.Mend(ctx, who, m)
	if err != nil || b.Family.Unmatched == 0 {
		return b, err
	}
	if _, err := s.RenewFamily(ctx, who, b.Family.Tenant, b.Family.ID); err != nil && s.Log != nil {
		s.Log.Warn("nothing is suggested after a repair", "code", fail.CodeOf(err), "error", err)
	}
	return b, nil
}

// RenewFamily works out anew what is suggested for the members of a family who do not match, and gives how many; none
// where no run has left the civil file at hand: the next run does it then. It asks for access.RepairMatch.
func (s *Service) RenewFamily(ctx context.Context, who access.Actor, tenant area.Tenant, family sqldb.ID) (n int, err error) {
	err = s.Acts.Write(ctx, who, "civil.suggest", func(tx *act.Tx) error {
		f, err := s.Registry.FamilyIn(ctx, tx, tenant, family)
		if err != nil {
			return err
		}
		if err := tx.Allow(access.RepairMatch, tenant, f.Area); err != nil {
			return err
		}
		b, err := s.basisIn(ctx, tx)
		if err != nil {
			return err
		}
		list, err := s.findFamily(ctx, tx, f, b)
		if err != nil {
			return err
		}
		if n = len(list); n > 0 {
			if _, err := s.keep(ctx, tx, runs.Run{Tenant: tenant, ID: tx.Act}, b, list); err != nil {
				return err
			}
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: f.Area, Subject: family, Facts: map[string]any{"persons": n}})
	})
	return n, err
}

// findFamily is find for one family, by the index at hand.
func (s *Service) findFamily(ctx context.Context, tx *act.Tx, f registry.Family, b basis) ([]suggestion, error) {
	o, err := s.mismatched(ctx, tx, f.Tenant, area.Nation, f.ID)
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	today := s.today(f.Area)
	if !s.Civil.Scans() {
		return o.list, s.hear(ctx, tx, &o, today)
	}
	s.hand.mu.Lock()
	defer s.hand.mu.Unlock()
	index, err := s.handOf(f.Tenant, b)
	if err != nil || index == nil || len(o.list) == 0 {
		return nil, err
	}
	finder := index.Finder()
	for i := range o.list {
		list, err := finder.Find(o.rows.Fields(i, nil), contenders)
		if err != nil {
			return nil, s.hand.unlessBad(err)
		}
		d, err := s.judgeOne(ctx, tx, &o, i, list)
		if err != nil {
			return nil, err
		}
		if !d.asksNamesake() {
			continue
		}
		other, err := s.namesakeAtHand(ctx, tx, finder, &o, i)
		if err != nil {
			return nil, s.hand.unlessBad(err)
		}
		if other {
			o.list[i].doubt(Namesake)
		}
	}
	o.unknown(today)
	if err := s.doubtShared(ctx, tx, f.Tenant, o.list); err != nil {
		return nil, err
	}
	return o.list, s.markTaken(ctx, tx, o.list)
}

// contenders is how many civil persons compete for one of ours, as in a run.
const contenders = 4

// judgeOne puts what the index found on a person's suggestion, and gives what differs.
func (s *Service) judgeOne(ctx context.Context, q sqldb.Querier, o *ours, i int, list []linkage.Likeness) (d differing, err error) {
	g := &o.list[i]
	status, gap := s.Model.Decide(list)
	if status == linkage.None {
		g.outcome, g.gap = Nobody, -1
		return d, nil
	}
	hash, err := hashOf(list[0].ID)
	if err != nil {
		return d, err
	}
	records, err := s.Civil.RecordsIn(ctx, q, []sqldb.Hash{hash})
	if err != nil {
		return d, err
	}
	a, there := records[hash]
	if !there || a.Outcome != civilmatch.Found {
		g.outcome, g.gap = Nobody, -1
		return d, nil
	}
	c := a.Civil
	t := theirs{hash: []sqldb.Hash{hash}, state: []civilmatch.State{a.State}}
	t.rows.add(&[columns][]byte{nil, []byte(c.KK.Plain()), []byte(c.Name.Plain()), []byte(c.BirthDate.Text()), sexText(c.Sex), []byte(c.MotherName.Plain()), []byte(c.BirthPlace), areaText(c.Village), nil})
	m := linkage.Match{Status: status, Probability: list[0].Probability, Weight: list[0].Weight, Second: -1, Gap: gap}
	if gap != math.MaxInt32 {
		m.Second = 0
	}
	return o.judge(i, &t, m, levelTexts(list[0].Levels)), nil
}

// hashOf reads the id of a row of the index.
func hashOf(id string) (hash sqldb.Hash, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || copy(hash[:], raw) != len(hash) {
		return hash, errHand
	}
	return hash, nil
}

var errHand = errors.New("suggestions: the civil index holds no keyed hashes")

func sexText(s person.Sex) []byte { return []byte(s.String()) }

// levelTexts writes levels as a run keeps them; a comparison that could not be made is not told.
func levelTexts(levels []linkage.Level) (out []string) {
	for _, l := range levels {
		if l.Level != "missing" {
			out = append(out, l.Comparison+"="+l.Level)
		}
	}
	return out
}
