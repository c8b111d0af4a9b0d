package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Prepared is a statement that reads one row and is parsed once, for what is asked thousands
// of times a second.
type Prepared struct {
	db    *DB
	query string
	stmt  *sql.Stmt // SQLite: through the driver, when its handles are not where they were
}

// Prepare parses a reading statement for use many times a second.
func (db *DB) Prepare(ctx context.Context, query string) (*Prepared, error) {
	if db.pool != nil { // pgx keeps prepared statements by itself
		return &Prepared{db: db, query: query}, nil
	}
	stmt, err := db.reader.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	return &Prepared{db: db, query: query, stmt: stmt}, nil
}

// QueryRow runs the statement when the row is scanned. On SQLite it scans into *int64, *string,
// *[]byte, *ID and what implements sql.Scanner.
func (p *Prepared) QueryRow(ctx context.Context, args ...any) Row {
	if p.stmt == nil {
		return toldRow{pgRow{p.db.pool.QueryRow(ctx, p.query, args...)}}
	}
	return toldRow{seatRow{p, ctx, args}}
}

// seatRow is a row that is looked up on a seat.
type seatRow struct {
	p    *Prepared
	ctx  context.Context
	args []any
}

func (r seatRow) Scan(dest ...any) error {
	s, err := r.p.db.seats.take(r.ctx)
	if err != nil {
		return err
	}
	defer s.taken.Unlock()
	stmt, err := s.statement(r.p.query)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	if !stmt.raw {
		return r.p.stmt.QueryRowContext(r.ctx, r.args...).Scan(dest...)
	}
	return s.one(stmt, r.args, dest)
}

// seats are connections of their own for prepared statements, which run on the driver's handles:
// handing a connection out and wrapping its rows costs the standard library, and the driver, as
// much as the look-up of a row by its key.
type seats struct {
	path string
	all  []seat
	next atomic.Uint32
	gone atomic.Bool
}

// seat is one connection and its statements; one goroutine sits on it at a time.
type seat struct {
	taken      sync.Mutex
	conn       driver.Conn
	statements map[string]*statement
	room       room
}

func newSeats(path string, n int) *seats { return &seats{path: path, all: make([]seat, n)} }

// take gives the first free seat, whose pages the processor knows best, or waits for one: a row is
// looked up in microseconds. Its connection is opened when somebody first sits on it.
func (s *seats) take(ctx context.Context) (*seat, error) {
	one := s.free()
	if s.gone.Load() {
		one.taken.Unlock()
		return nil, sql.ErrConnDone
	}
	if one.conn != nil {
		return one, nil
	}
	to, err := connector(s.path, "", append(mapped(), readsOnly)...)
	if err == nil {
		one.conn, err = to.Connect(ctx)
	}
	if err != nil {
		one.taken.Unlock()
		return nil, err
	}
	one.statements = map[string]*statement{}
	return one, nil
}

func (s *seats) free() *seat {
	for i := range s.all {
		if s.all[i].taken.TryLock() {
			return &s.all[i]
		}
	}
	one := &s.all[int(s.next.Add(1))%len(s.all)]
	one.taken.Lock()
	return one
}

// close waits for those who sit, and closes every seat.
func (s *seats) close() error {
	if s == nil {
		return nil
	}
	s.gone.Store(true)
	var all error
	for i := range s.all {
		s.all[i].taken.Lock()
		all = errors.Join(all, s.all[i].close())
		s.all[i].taken.Unlock()
	}
	return all
}

func (s *seat) close() error {
	if s.conn == nil {
		return nil
	}
	var all error
	for _, stmt := range s.statements {
		all = errors.Join(all, stmt.close())
	}
	all = errors.Join(all, s.conn.Close(), s.room.close())
	s.conn = nil
	return all
}

func (s *seat) statement(query string) (*statement, error) {
	if stmt := s.statements[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := openStatement(s.conn, &s.room, query)
	if err != nil {
		return nil, err
	}
	s.statements[query] = stmt
	return stmt, nil
}

// mapped lets SQLite read up to 2 GiB of the file as memory: its own cache of pages costs a third
// of a look-up. Windows cannot shorten a file that is mapped.
func mapped() []string {
	if runtime.GOOS == "windows" {
		return nil
	}
	return []string{"mmap_size(2147418112)"}
}

// one looks a row up. A page of the file that cannot be read, of a disk that broke or a file that
// was cut off, is a fault of memory here: it is told as an error, and the connection, which it left
// half-way, is used no more.
func (s *seat) one(stmt *statement, args, dest []any) (err error) {
	was := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(was)
		cause := recover()
		if cause == nil {
			return
		}
		if _, fault := cause.(interface{ Addr() uintptr }); !fault {
			panic(cause)
		}
		s.conn, s.statements = nil, nil
		err = &stepError{sqlite3.SQLITE_IOERR, "a page of the file cannot be read"}
	}()
	return stmt.one(args, dest)
}

// one runs the statement and reads its first row, sql.ErrNoRows when there is none.
func (s *statement) one(args, dest []any) error {
	s.room.empty()
	err := s.bindRow(0, args)
	if err == nil {
		switch code := sqlite3.Xsqlite3_step(s.tls, s.handle); code {
		case sqlite3.SQLITE_ROW:
			err = s.read(dest)
		case sqlite3.SQLITE_DONE:
			err = sql.ErrNoRows
		default:
			err = &stepError{int(sqlite3.Xsqlite3_extended_errcode(s.tls, s.db)), libc.GoString(sqlite3.Xsqlite3_errmsg(s.tls, s.db))}
		}
	}
	sqlite3.Xsqlite3_reset(s.tls, s.handle)
	return err
}

func (s *statement) read(dest []any) error {
	if have := int(sqlite3.Xsqlite3_column_count(s.tls, s.handle)); have != len(dest) {
		return fmt.Errorf("a row of %d columns for %d destinations", have, len(dest))
	}
	for i, to := range dest {
		if err := s.readColumn(int32(i), to); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

func (s *statement) readColumn(i int32, to any) error {
	kind := sqlite3.Xsqlite3_column_type(s.tls, s.handle, i)
	switch to := to.(type) {
	case *int64:
		if kind == sqlite3.SQLITE_INTEGER {
			*to = sqlite3.Xsqlite3_column_int64(s.tls, s.handle, i)
			return nil
		}
	case *string:
		if kind == sqlite3.SQLITE_TEXT {
			*to = string(s.bytes(i))
			return nil
		}
	case *[]byte:
		if kind == sqlite3.SQLITE_NULL {
			*to = nil
			return nil
		}
		if kind == sqlite3.SQLITE_BLOB {
			*to = append(make([]byte, 0, 64), s.bytes(i)...)
			return nil
		}
	case sql.Scanner:
		return to.Scan(s.value(i, kind))
	}
	return fmt.Errorf("a value of SQLite's type %d does not fit into %T", kind, to)
}

// value gives a column as the driver would.
func (s *statement) value(i, kind int32) any {
	switch kind {
	case sqlite3.SQLITE_INTEGER:
		return sqlite3.Xsqlite3_column_int64(s.tls, s.handle, i)
	case sqlite3.SQLITE_FLOAT:
		return sqlite3.Xsqlite3_column_double(s.tls, s.handle, i)
	case sqlite3.SQLITE_TEXT:
		return string(s.bytes(i))
	case sqlite3.SQLITE_BLOB:
		return append([]byte{}, s.bytes(i)...)
	}
	return nil
}

// bytes are SQLite's own, good until the statement goes on.
func (s *statement) bytes(i int32) []byte {
	at := sqlite3.Xsqlite3_column_blob(s.tls, s.handle, i)
	return libc.GoBytes(at, int(sqlite3.Xsqlite3_column_bytes(s.tls, s.handle, i)))
}
