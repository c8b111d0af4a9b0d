package civil

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"sync"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/period"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/runs"
)

// A run over many persons reads the imported file once, from end to end, into memory: to
// look each person up costs a page of the file each, since keyed hashes come in no order,
// and took two thirds of a run. The file is taken as it is when the run begins.

const (
	// largeRun is the number of persons from which that is worth it.
	largeRun = 50000
	// mostInMemory bounds the memory: about 80 bytes a row. Larger files are looked up in.
	mostInMemory = 4 << 20
	// heldFor is how long the file stays in memory for a run that was interrupted.
	heldFor = 10 * time.Minute
)

// held is the file in memory, for one run at a time.
type held struct {
	mu   sync.Mutex
	run  sqldb.ID
	used time.Time
	file *inMemory
}

// inMemory are the rows of the imported file, sorted by the hash of the NIK.
type inMemory struct {
	hashes []sqldb.Hash
	rows   []fileRow
	names  []byte
}

type fileRow struct {
	kk     sqldb.Hash
	name   uint32 // where it begins among the names
	length uint32
	birth  period.Date
	status civilmatch.State
	sex    uint8
}

// fileInMemory gives the file for a run that is large enough, nil for others: those look
// each person up, as does a second run while one has the file.
func (s *Service) fileInMemory(ctx context.Context, q sqldb.Querier, r runs.Run) (*inMemory, error) {
	now := s.acts.Now()
	s.held.mu.Lock()
	defer s.held.mu.Unlock()
	if s.held.run == r.ID {
		s.held.used = now
		return s.held.file, nil
	}
	_, imported := s.civil.(File)
	taken := !s.held.run.IsZero() && now.Sub(s.held.used) < heldFor
	if !imported || taken || r.Total-r.Finished < s.large {
		return nil, nil
	}
	file, err := readFile(ctx, q, mostInMemory)
	if err != nil {
		return nil, fmt.Errorf("read civil records: %w", err)
	}
	s.held.run, s.held.used, s.held.file = r.ID, now, file
	return file, nil
}

// dropFile gives the memory back when a run has read its last persons.
func (s *Service) dropFile(run sqldb.ID) {
	s.held.mu.Lock()
	defer s.held.mu.Unlock()
	if s.held.run == run {
		s.held.run, s.held.file = sqldb.ID{}, nil
	}
}

// readFile reads the whole file; nil when it has more rows than most.
func readFile(ctx context.Context, q sqldb.Querier, most int) (*inMemory, error) {
	f := &inMemory{}
	// -- national: a person may be registered in any district (nik_hash)
	err := sqldb.Each(ctx, q, `SELECT nik_hash, kk_hash, name_norm, birth_date, sex, status FROM civil_record LIMIT $1`, []any{most + 1}, func(r sqldb.Row) error {
		var hash sqldb.Hash
		var row fileRow
		var name []byte
		var birth string
		var sex, status int64
		if err := r.Scan(&hash, &row.kk, &name, &birth, &sex, &status); err != nil {
			return err
		}
		if birth != "" {
			var err error
			if row.birth, err = period.ParseDate(birth); err != nil {
				return err
			}
		}
		row.name, row.length = uint32(len(f.names)), uint32(len(name))
		row.sex, row.status = uint8(sex), civilmatch.State(status)
		f.hashes, f.rows, f.names = append(f.hashes, hash), append(f.rows, row), append(f.names, name...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(f.hashes) > most {
		return nil, nil
	}
	f.sort()
	return f, nil
}

func (f *inMemory) sort() {
	if slices.IsSortedFunc(f.hashes, func(a, b sqldb.Hash) int { return bytes.Compare(a[:], b[:]) }) {
		return
	}
	order := make([]int32, len(f.hashes))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return bytes.Compare(f.hashes[a][:], f.hashes[b][:]) })
	hashes, rows := make([]sqldb.Hash, len(order)), make([]fileRow, len(order))
	for i, at := range order {
		hashes[i], rows[i] = f.hashes[at], f.rows[at]
	}
	f.hashes, f.rows = hashes, rows
}

// find gives the row of a NIK. Hashes are spread evenly, so a row stands close to where its
// first bits say.
func (f *inMemory) find(h sqldb.Hash) (*fileRow, bool) {
	n := len(f.hashes)
	if n == 0 {
		return nil, false
	}
	guess, _ := bits.Mul64(binary.BigEndian.Uint64(h[:8]), uint64(n))
	low, high := int(guess), int(guess)+1
	for step := 1; low > 0 && bytes.Compare(f.hashes[low][:], h[:]) > 0; step *= 2 {
		high, low = low, max(low-step, 0)
	}
	for step := 1; high < n && bytes.Compare(f.hashes[high][:], h[:]) < 0; step *= 2 {
		low, high = high, min(high+step, n)
	}
	at, ok := slices.BinarySearchFunc(f.hashes[low:min(high+1, n)], h, func(a, b sqldb.Hash) int { return bytes.Compare(a[:], b[:]) })
	if !ok {
		return nil, false
	}
	return &f.rows[low+at], true
}

// answer compares a person with her row.
func (f *inMemory) answer(c *candidate) (civilmatch.Answer, error) {
	row, ok := f.find(c.nikHash)
	if !ok || c.nikHash.IsZero() {
		return civilmatch.Answer{Outcome: civilmatch.NotFound}, nil
	}
	var birth period.Date
	if c.birth != "" {
		var err error
		if birth, err = period.ParseDate(c.birth); err != nil {
			return civilmatch.Answer{}, err
		}
	}
	name := f.names[row.name : row.name+row.length]
	return yesNo(row.status,
		given{len(name) > 0, string(name) == c.name}, given{!row.birth.IsZero(), row.birth == birth},
		given{row.sex != 0, int64(row.sex) == c.sex}, given{!row.kk.IsZero(), row.kk == c.kkHash}), nil
}

// given says whether the civil registry gives a field, and whether ours is the same.
type given struct{ known, same bool }

// yesNo is the answer of somebody who may compare but not tell.
func yesNo(state civilmatch.State, name, birth, sex, kk given) civilmatch.Answer {
	a := civilmatch.Answer{Outcome: civilmatch.Found, Mode: civilmatch.YesNo, State: state}
	put := func(field civilmatch.Fields, g given) {
		if g.known {
			a.Asked |= field
			if g.same {
				a.Same |= field
			}
		}
	}
	put(civilmatch.Name, name)
	put(civilmatch.BirthDate, birth)
	put(civilmatch.Sex, sex)
	put(civilmatch.KK, kk)
	return a
}

// readLarge reads the next persons, then their families' cards, and compares them with the
// file in memory.
func (s *Service) readLarge(ctx context.Context, q sqldb.Querier, r runs.Run, m MatchSettings, after sqldb.ID, file *inMemory) ([]candidate, error) {
	from, to := r.Area.Range()
	batch, err := sqldb.Collect(ctx, q, `
		SELECT `+candidateColumns+`
		FROM person p
		WHERE p.kabkota = $1 AND p.id > $2 AND p.state = 1 AND p.area_code >= $3 AND p.area_code < $4 AND p.match_status <= $5
		ORDER BY p.id LIMIT $6`, []any{int64(r.Tenant), after, int64(from), int64(to), m.highest(), s.chunk}, func(row sqldb.Row) (c candidate, err error) {
		return c, row.Scan(c.fields()...)
	})
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	kks, err := cardsOf(ctx, q, r, batch)
	if err != nil {
		return nil, fmt.Errorf("read cards: %w", err)
	}
	for i := range batch {
		c := &batch[i]
		c.kkHash = kks[c.family]
		if c.answer, err = file.answer(c); err != nil {
			return nil, fmt.Errorf("compare person %s: %w", c.id, err)
		}
	}
	return batch, nil
}

// cardsOf reads the hashes of the families' cards. Persons and families are numbered as
// they came, so one range holds most of them; the rest is read by lists.
func cardsOf(ctx context.Context, q sqldb.Querier, r runs.Run, batch []candidate) (map[sqldb.ID]sqldb.Hash, error) {
	out := make(map[sqldb.ID]sqldb.Hash, len(batch))
	if len(batch) == 0 {
		return out, nil
	}
	ids := make([]sqldb.ID, len(batch))
	for i := range batch {
		ids[i] = batch[i].family
	}
	slices.SortFunc(ids, func(a, b sqldb.ID) int { return bytes.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	scan := func(row sqldb.Row) error {
		var id sqldb.ID
		var kk sqldb.Hash
		err := row.Scan(&id, &kk)
		out[id] = kk
		return err
	}
	err := sqldb.Each(ctx, q, `SELECT id, kk_hash FROM family WHERE kabkota = $1 AND id >= $2 AND id <= $3 ORDER BY id LIMIT $4`,
		[]any{int64(r.Tenant), ids[0], ids[len(ids)-1], len(ids) * 2}, scan)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(ids, func(id sqldb.ID) bool { _, read := out[id]; return read })
	for some := range slices.Chunk(missing, fileChunk) {
		a := sqldb.NewArgs(q)
		query := `SELECT id, kk_hash FROM family WHERE kabkota = ` + a.P(int64(r.Tenant)) + ` AND id IN ` + sqldb.In(a, some)
		if err := sqldb.Each(ctx, q, query, a.Values, scan); err != nil {
			return nil, err
		}
	}
	return out, nil
}
