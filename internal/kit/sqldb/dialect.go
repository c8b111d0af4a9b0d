package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Dialect is the engine below and owns every difference between the engines.
type Dialect uint8

// The engines.
const (
	SQLite Dialect = iota + 1
	Postgres
)

// String names the engine.
func (d Dialect) String() string {
	if d == SQLite {
		return "sqlite"
	}
	return "postgres"
}

// NameSearch gives the condition that the folded column begins with, or contains
// a word that begins with, what arg holds; escape the argument with LikePrefix.
// SQLite compares case in ASCII only, and the column is folded, so LIKE is enough on both.
func (d Dialect) NameSearch(column, placeholder string) string {
	return column + " LIKE " + placeholder + " ESCAPE '\\'"
}

// KeepsIndex reports whether an index costs less kept up during a bulk load than built
// after it: SQLite adds rising keys for half of what sorting them costs, PostgreSQL sorts
// with several processes.
func (d Dialect) KeepsIndex(i Index) bool { return d == SQLite && i.Ordered }

// LikePrefix escapes a text for LIKE and adds the wildcard at its end.
func LikePrefix(s string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s) + "%"
}

// IsUnique reports whether err says that a unique or primary key holds the value already.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	code := liteCode(err)
	return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// liteCode gives SQLite's extended code of an error, 0 when it is none of SQLite's.
func liteCode(err error) int {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()
	}
	var step *stepError
	if errors.As(err, &step) {
		return step.code
	}
	return 0
}

// IsRetryable reports whether the same transaction may succeed when run again.
func IsRetryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	code := liteCode(err) & 0xff
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}

// IsFull reports whether the disk or the quota is full.
func IsFull(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "53100"
	}
	return liteCode(err)&0xff == sqlite3.SQLITE_FULL
}

// IsGone reports whether the database does not answer.
func IsGone(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P")
	}
	var connect *pgconn.ConnectError
	var line *lineError
	if errors.As(err, &connect) || errors.As(err, &line) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	if code := liteCode(err) & 0xff; code != 0 {
		return code == sqlite3.SQLITE_IOERR || code == sqlite3.SQLITE_CANTOPEN
	}
	return pgconn.SafeToRetry(err) && !errors.Is(err, context.Canceled)
}
