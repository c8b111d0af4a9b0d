package sqldb

import (
	"context"
	"database/sql/driver"
	"reflect"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// handles are SQLite's own names of an open connection.
type handles struct {
	tls *libc.TLS
	db  uintptr
}

// handlesOf looks up the handles of a connection of the driver's; false when the driver
// keeps them elsewhere than it did.
func handlesOf(conn driver.Conn) (h handles, ok bool) {
	v := reflect.ValueOf(conn)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return h, false
	}
	db, tls := v.Elem().FieldByName("db"), v.Elem().FieldByName("tls")
	if db.Kind() != reflect.Uintptr || !tls.IsValid() || tls.Type() != reflect.TypeFor[*libc.TLS]() {
		return h, false
	}
	h = handles{(*libc.TLS)(tls.UnsafePointer()), uintptr(db.Uint())}
	return h, h.tls != nil && h.db != 0
}

// oneThread opens connections that one goroutine uses at a time, which is what database/sql
// promises, and takes SQLite's lock off them (https://sqlite.org/threadsafe.html, mode
// multi-thread): it is taken for every value bound and every column read, a tenth to a
// fifth of the time of a statement. The driver asks for the lock and cannot be told not to.
type oneThread struct{ driver.Connector }

// Connect implements driver.Connector.
func (c oneThread) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if h, ok := handlesOf(conn); ok {
		h.takeLockOff()
	}
	return conn, nil
}

func (h handles) takeLockOff() {
	at := h.db + unsafe.Offsetof(sqlite3.Tsqlite3{}.Fmutex)
	lock := libc.AtomicLoadPUintptr(at)
	if lock == 0 || lock != sqlite3.Xsqlite3_db_mutex(h.tls, h.db) {
		return // not what we take it for: leave it
	}
	libc.AtomicStorePUintptr(at, 0)
	sqlite3.Xsqlite3_mutex_free(h.tls, lock)
}
