// Package rekey changes the encryption key of an installation: it makes a new one, and seals
// what is stored with old ones again, in a run that can be stopped and resumed.
//
// Old keys stay in the ring, because backups made before need them. It is the one package that
// writes columns of other packages' tables: it knows of them only that they are sealed, and
// changes nothing that anybody could read.
package rekey

import (
	"context"
	"encoding/json"
	"fmt"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/act"
	"tepat/internal/service/audit"
	"tepat/internal/service/runs"
)

// Kind is the name of the runs that seal again.
const Kind = "reseal"

// Parts are what a Service is made of.
type Parts struct {
	Acts *act.Acts
	Keys *seal.Keyring
	// Tables is the manifest, which says what the keys of tables are.
	Tables []sqldb.Table
}

// Service changes keys. Get one from New.
type Service struct {
	Parts
	stores []store
	chunk  int
}

// store is a table with sealed columns.
type store struct {
	table   sqldb.Table
	columns []Column
}

func (s store) names() []string {
	out := make([]string, len(s.columns))
	for i, c := range s.columns {
		out[i] = c.Name
	}
	return out
}

// limit gives how many rows of the table a chunk holds: pieces of files are a hundred times as large as a number.
func (s store) limit(chunk int) int {
	if s.table.Name == "paper_part" {
		return max(chunk/20, 1)
	}
	return chunk
}

// chunkRows is how many rows are sealed and written at once: well below 50 ms of the writer's time.
const chunkRows = 1000

// New makes the service. It fails when the manifest lacks a table of Columns.
func New(p Parts) (*Service, error) {
	s := &Service{Parts: p, chunk: chunkRows}
	for _, c := range Columns() {
		if n := len(s.stores); n > 0 && s.stores[n-1].table.Name == c.Table {
			s.stores[n-1].columns = append(s.stores[n-1].columns, c)
			continue
		}
		table, ok := tableOf(p.Tables, c.Table)
		if !ok {
			return nil, fmt.Errorf("there is no table %s to seal again", c.Table)
		}
		s.stores = append(s.stores, store{table, []Column{c}})
	}
	return s, nil
}

func tableOf(all []sqldb.Table, name string) (sqldb.Table, bool) {
	for _, t := range all {
		if t.Name == name {
			return t, true
		}
	}
	return sqldb.Table{}, false
}

// Rotate makes a new encryption key, with which everything is sealed from now on. That it was asked
// for is in the log before the key is made. Error: access.denied.
func (s *Service) Rotate(ctx context.Context, who access.Actor, tenant area.Tenant, at area.Code) (seal.KeyID, error) {
	err := s.Acts.Write(ctx, who, "key.rotate", func(tx *act.Tx) error {
		if err := tx.Allow(access.Administer, tenant, at); err != nil {
			return err
		}
		return tx.Record(ctx, audit.Entry{Tenant: tenant, Area: at, Facts: map[string]any{"fingerprint": s.Keys.Fingerprint(), "from": s.Keys.Current().String()}})
	})
	if err != nil {
		return 0, fmt.Errorf("rotate key: %w", err)
	}
	return s.Keys.Rotate(s.Acts.Now())
}

// Settings are the frozen settings of a run.
type Settings struct {
	// Key is the id of the key everything is sealed with when the run ends.
	Key string `json:"key"`
}

// Current gives the settings of a run that seals with the key of now.
func (s *Service) Current() Settings { return Settings{s.Keys.Current().String()} }

// Kind is the run that seals again what old keys sealed, table by table in the order of the rows'
// keys. A value somebody writes meanwhile is left alone: it is sealed with the new key already.
// Settings: Settings. Error: rekey.key when another key is the current one by now.
func (s *Service) Kind() runs.Kind {
	return runs.Kind{Name: Kind, Counts: runs.Rows, Start: access.Administer, View: s.preview, Prepare: s.prepare}
}

func (s *Service) check(r runs.Run) error {
	var set Settings
	if err := r.Decode(&set); err != nil {
		return err
	}
	if set.Key != s.Keys.Current().String() {
		return fail.Conflict("rekey.key", "key", set.Key, "current", s.Keys.Current().String())
	}
	return nil
}

func (s *Service) preview(ctx context.Context, tx *act.Tx, r runs.Run) (p runs.Preview, err error) {
	if err := s.check(r); err != nil {
		return p, err
	}
	for _, st := range s.stores {
		var n int64
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM `+st.table.Name).Scan(&n); err != nil { // -- national: every row of this installation
			return p, fmt.Errorf("count %s: %w", st.table.Name, err)
		}
		p.Total += n
	}
	p.Figures = runs.Tally{"rows": p.Total}
	return p, nil
}

// place is how far a run is: in which table, behind which row.
type place struct {
	Table string       `json:"table"`
	After sqldb.RowKey `json:"after,omitempty"`
}

// at gives the number of the place's table; the first for a run that begins. Tables are named, so
// that a newer version of the program, with more tables, resumes where an older one stopped.
func (s *Service) at(cursor string) (int, place, error) {
	var p place
	if cursor == "" {
		return 0, p, nil
	}
	if err := json.Unmarshal([]byte(cursor), &p); err != nil {
		return 0, p, fmt.Errorf("read cursor: %w", err)
	}
	for i, st := range s.stores {
		if st.table.Name == p.Table {
			return i, p, nil
		}
	}
	return 0, p, fmt.Errorf("there is no table %s to go on with", p.Table)
}

func (s *Service) prepare(ctx context.Context, r runs.Run, cursor string) (chunk runs.Chunk, err error) {
	if err := s.check(r); err != nil {
		return chunk, err
	}
	n, from, err := s.at(cursor)
	if err != nil {
		return chunk, err
	}
	st := s.stores[n]
	limit := st.limit(s.chunk)
	rows, err := sqldb.RowsAfter(ctx, s.Acts.DB().Direct(), st.table, st.names(), from.After, limit)
	if err != nil {
		return chunk, fmt.Errorf("read %s: %w", st.table.Name, err)
	}
	next := place{Table: st.table.Name}
	if len(rows) == limit {
		next.After = rows[len(rows)-1].Key
	} else if chunk.Last = n == len(s.stores)-1; !chunk.Last {
		next.Table = s.stores[n+1].table.Name
	}
	text, err := json.Marshal(next)
	if err != nil {
		return chunk, err
	}
	chunk.Next, chunk.Units = string(text), int64(len(rows))
	work, unreadable := s.sealed(st, rows)
	chunk.Apply = func(ctx context.Context, tx *act.Tx) (runs.Tally, error) { return st.write(ctx, tx, work, unreadable) }
	return chunk, nil
}

// sealed seals again what is stale in some rows, column by column. A value that does not open
// was damaged before: it stays as it is, and is counted.
func (s *Service) sealed(st store, rows []sqldb.KeyedRow) (work [][]sqldb.Replacement, unreadable int64) {
	work = make([][]sqldb.Replacement, len(st.columns))
	for _, row := range rows {
		for c, value := range row.Values {
			if len(value) == 0 || !s.Keys.Stale(value) {
				continue
			}
			again, err := s.Keys.Reseal(nil, st.columns[c].Purpose, value)
			if err != nil {
				unreadable++
				continue
			}
			work[c] = append(work[c], sqldb.Replacement{Key: row.Key, Old: value, New: again})
		}
	}
	return work, unreadable
}

// write puts the new values in the place of the old.
func (s store) write(ctx context.Context, tx *act.Tx, work [][]sqldb.Replacement, unreadable int64) (runs.Tally, error) {
	done := runs.Tally{}
	if unreadable > 0 {
		done["unreadable"] = unreadable
	}
	for c, rows := range work {
		if len(rows) == 0 {
			continue
		}
		n, err := sqldb.ReplaceBytes(ctx, tx.Tx, s.table, s.columns[c].Name, rows)
		if err != nil {
			return nil, fmt.Errorf("write %s.%s: %w", s.table.Name, s.columns[c].Name, err)
		}
		done["resealed"] += n
		if left := int64(len(rows)) - n; left > 0 {
			done["rewritten_meanwhile"] += left
		}
	}
	return done, nil
}
