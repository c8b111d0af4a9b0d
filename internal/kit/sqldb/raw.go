package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/memory"
	sqlite3 "modernc.org/sqlite/lib"
)

// statement is a prepared statement of SQLite's that is run many times. It runs on the
// driver's own handles: the driver allocates every text anew, frees it again and asks for
// the name of every parameter, which costs a bulk insert more than the insert does.
type statement struct {
	stmt driver.Stmt
	raw  bool // the handles are known
	handles
	handle uintptr
	order  []int // of each parameter, the argument it takes; nil when they stand in order
	room   *room // where texts lie until the statement has run
}

// openStatement prepares a statement; room is where its values lie while it runs.
func openStatement(conn driver.Conn, room *room, query string) (*statement, error) {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return nil, err
	}
	s := &statement{stmt: stmt, room: room}
	if s.findHandles(conn) {
		s.raw = s.readOrder()
	}
	return s, nil
}

// findHandles looks up the handles of the connection and the statement; false when the
// driver keeps them elsewhere than it did: then the driver runs the statement.
func (s *statement) findHandles(conn driver.Conn) (ok bool) {
	if s.handles, ok = handlesOf(conn); !ok {
		return false
	}
	v := reflect.ValueOf(s.stmt)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return false
	}
	handle := v.Elem().FieldByName("pstmt")
	if handle.Kind() != reflect.Uintptr {
		return false
	}
	s.handle = uintptr(handle.Uint())
	return s.handle != 0 // a text of several statements has none
}

// readOrder finds which argument each parameter takes: "?" the one of its own place, "$7"
// the seventh wherever it stands. Other names are the driver's business.
func (s *statement) readOrder() bool {
	order := make([]int, sqlite3.Xsqlite3_bind_parameter_count(s.tls, s.handle))
	straight := true
	for i := range order {
		order[i] = i
		name := libc.GoString(sqlite3.Xsqlite3_bind_parameter_name(s.tls, s.handle, int32(i+1)))
		if name == "" {
			continue
		}
		var n int
		if _, err := fmt.Sscanf(name, "$%d", &n); err != nil || n < 1 {
			return false
		}
		order[i] = n - 1
		straight = straight && n-1 == i
	}
	if !straight {
		s.order = order
	}
	return true
}

func (s *statement) close() error { return s.stmt.Close() }

// exec runs the statement once with the values of so many rows, one behind the other,
// and gives the number of rows changed.
func (s *statement) exec(rows, columns int, values []any, row func(i int, values []any)) (int64, error) {
	if !s.raw {
		return s.throughDriver(rows, columns, row)
	}
	s.room.empty()
	for i := range rows {
		row(i, values)
		if err := s.bindRow(i*columns, values); err != nil {
			return 0, err
		}
	}
	return s.step()
}

// step runs the statement with the values that are bound.
func (s *statement) step() (int64, error) {
	code := sqlite3.Xsqlite3_step(s.tls, s.handle)
	for code == sqlite3.SQLITE_ROW {
		code = sqlite3.Xsqlite3_step(s.tls, s.handle)
	}
	changed := sqlite3.Xsqlite3_changes64(s.tls, s.db)
	// Never tried again: a full disk ends the transaction, and what ran then would stay.
	var err error
	if code != sqlite3.SQLITE_DONE {
		err = &stepError{int(sqlite3.Xsqlite3_extended_errcode(s.tls, s.db)), libc.GoString(sqlite3.Xsqlite3_errmsg(s.tls, s.db))}
		changed = 0
	}
	sqlite3.Xsqlite3_reset(s.tls, s.handle)
	return changed, err
}

// stepError is what SQLite answered to a statement that ran on the driver's handles.
type stepError struct {
	code int // extended
	text string
}

func (e *stepError) Error() string { return fmt.Sprintf("%s (%d)", e.text, e.code) }

// throughDriver runs the statement as the driver does.
func (s *statement) throughDriver(rows, columns int, row func(i int, values []any)) (int64, error) {
	bound := make([]driver.NamedValue, 0, rows*columns)
	for i := range rows {
		values := make([]any, columns)
		row(i, values)
		for _, v := range values {
			v, err := driverValue(v)
			if err != nil {
				return 0, fmt.Errorf("argument %d: %w", len(bound)+1, err)
			}
			bound = append(bound, driver.NamedValue{Ordinal: len(bound) + 1, Value: v})
		}
	}
	res, err := s.stmt.(driver.StmtExecContext).ExecContext(context.Background(), bound)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s *statement) bindRow(before int, values []any) error {
	if s.order == nil {
		for c, v := range values {
			if err := s.bind(int32(before+c+1), v); err != nil {
				return fmt.Errorf("argument %d: %w", before+c+1, err)
			}
		}
		return nil
	}
	for i, at := range s.order {
		if at >= len(values) {
			return fmt.Errorf("argument %d is missing", at+1)
		}
		if err := s.bind(int32(i+1), values[at]); err != nil {
			return fmt.Errorf("argument %d: %w", at+1, err)
		}
	}
	return nil
}

// bind binds one value. Texts and bytes are copied into the room, and SQLite is told that
// they stay there (the destructor of 0) until the next binding.
func (s *statement) bind(at int32, v any) error {
	switch v := v.(type) {
	case nil:
		return bound(sqlite3.Xsqlite3_bind_null(s.tls, s.handle, at))
	case int64:
		return bound(sqlite3.Xsqlite3_bind_int64(s.tls, s.handle, at, v))
	case string:
		p, place, err := s.room.take(len(v))
		if err != nil {
			return err
		}
		copy(place, v)
		return bound(sqlite3.Xsqlite3_bind_text(s.tls, s.handle, at, p, int32(len(v)), 0))
	case ID:
		if v.IsZero() {
			return s.bind(at, nil)
		}
		return s.bindBytes(at, v[:])
	case []byte:
		if v == nil {
			return s.bind(at, nil)
		}
		return s.bindBytes(at, v)
	case float64:
		return bound(sqlite3.Xsqlite3_bind_double(s.tls, s.handle, at, v))
	case bool:
		n := int64(0)
		if v {
			n = 1
		}
		return s.bind(at, n)
	}
	plain, err := driver.DefaultParameterConverter.ConvertValue(v)
	if err != nil {
		return err
	}
	switch plain.(type) {
	case nil, int64, float64, bool, string, []byte:
		return s.bind(at, plain)
	}
	return fmt.Errorf("type %T is none that SQLite keeps", plain)
}

func (s *statement) bindBytes(at int32, v []byte) error {
	p, place, err := s.room.take(len(v))
	if err != nil {
		return err
	}
	copy(place, v)
	return bound(sqlite3.Xsqlite3_bind_blob(s.tls, s.handle, at, p, int32(len(v)), 0))
}

func bound(code int32) error {
	if code != sqlite3.SQLITE_OK {
		return fmt.Errorf("bind: SQLite answers %d", code)
	}
	return nil
}

// room is memory outside Go's heap, where nothing moves it or takes it away: the values of
// one statement lie there while it runs.
type room struct {
	from   memory.Allocator
	blocks [][]byte
	at     int // block in use
	used   int // bytes of it
}

const roomBlock = 256 << 10

// empty lets the room be filled anew; what a rare large value took is given back.
func (r *room) empty() {
	r.at, r.used = 0, 0
	for len(r.blocks) > 8 {
		last := len(r.blocks) - 1
		if r.from.Free(r.blocks[last]) != nil {
			return
		}
		r.blocks = r.blocks[:last]
	}
}

// take gives n bytes and their address.
func (r *room) take(n int) (uintptr, []byte, error) {
	n = max(n, 1)
	for r.at < len(r.blocks) && r.used+n > len(r.blocks[r.at]) {
		r.at, r.used = r.at+1, 0
	}
	if r.at == len(r.blocks) {
		block, err := r.from.Malloc(max(n, roomBlock))
		if err != nil {
			return 0, nil, fmt.Errorf("take memory: %w", err)
		}
		r.blocks = append(r.blocks, block)
	}
	place := r.blocks[r.at][r.used : r.used+n]
	r.used += n
	return uintptr(unsafe.Pointer(&place[0])), place, nil
}

func (r *room) close() error {
	r.blocks = nil
	if err := r.from.Close(); err != nil {
		return errors.Join(errors.New("give memory back"), err)
	}
	return nil
}
