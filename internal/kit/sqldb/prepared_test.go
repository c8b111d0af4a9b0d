package sqldb

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tepat/internal/kit/fail"
)

func (db *DB) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *Tx) error { _, err := tx.Exec(t.Context(), query, args...); return err }); err != nil {
		t.Fatal(err)
	}
}

// TestAPreparedRowIsReadAsTheDriverReadsIt compares every kind of value, NULL and the wrong
// destination with what the driver gives.
func TestAPreparedRowIsReadAsTheDriverReadsIt(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	id := NewID()
	db.exec(t, "INSERT INTO kinds (n, whole, part, name, data, id) VALUES (1, 7, 1.5, 'Açai', $1, $2)", []byte{0, 1}, id)
	db.exec(t, "INSERT INTO kinds (n, name, data) VALUES (2, '', $1)", []byte{})
	db.exec(t, "INSERT INTO kinds (n) VALUES (3)")
	const query = "SELECT whole, part, name, data, id FROM kinds WHERE n = $1"
	find, err := db.Prepare(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	read := func(row Row) string {
		var whole sql.NullInt64
		var part sql.NullFloat64
		var name sql.NullString
		var data []byte
		var at ID
		err := row.Scan(&whole, &part, &name, &data, &at)
		return fmt.Sprint(whole, part, name, data, at, err)
	}
	for n := int64(1); n <= 4; n++ {
		if got, want := read(find.QueryRow(t.Context(), n)), read(db.Direct().QueryRow(t.Context(), query, n)); got != want {
			t.Errorf("row %d is %s, want %s", n, got, want)
		}
	}
	var number int64
	var name string
	if err := find.QueryRow(t.Context(), int64(1)).Scan(&number, &number, &name, &name, &name); err == nil {
		t.Error("a fraction was read as a whole number")
	}
	if err := find.QueryRow(t.Context(), int64(1)).Scan(&number); err == nil {
		t.Error("five columns were read into one")
	}
}

// TestAPreparedStatementOnlyReads: its connections refuse to write, as those of the readers do.
func TestAPreparedStatementOnlyReads(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	insert, err := db.Prepare(t.Context(), "INSERT INTO kinds (n) VALUES ($1) RETURNING n")
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	if err := insert.QueryRow(t.Context(), int64(1)).Scan(&n); err == nil || kindsIn(t, db) != 0 {
		t.Errorf("a prepared statement wrote a row: %v", err)
	}
}

// TestPreparedRowsAreAskedAtOnce asks from more goroutines than there are seats while rows are
// written: each answer is one that stood there, and what was written is seen at once.
func TestPreparedRowsAreAskedAtOnce(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	find, err := db.Prepare(t.Context(), "SELECT whole, name FROM kinds WHERE n = $1")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for g := range int64(16) {
		db.exec(t, "INSERT INTO kinds (n, whole, name) VALUES ($1, 0, '0')", g)
		all.Go(func() {
			for i := range int64(50) {
				db.exec(t, "UPDATE kinds SET whole = $1, name = $2 WHERE n = $3", i, fmt.Sprint(i), g)
				var whole int64
				var name string
				if err := find.QueryRow(t.Context(), g).Scan(&whole, &name); err != nil || whole != i || name != fmt.Sprint(i) {
					t.Errorf("row %d is %d %s, want %d (%v)", g, whole, name, i, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// TestAPreparedRowOfAClosedDatabase tells that the database is gone.
func TestAPreparedRowOfAClosedDatabase(t *testing.T) {
	t.Parallel()
	db, find := openNumbers(t, 1)
	var whole int64
	if err := find.QueryRow(t.Context(), int64(7)).Scan(&whole); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("nobody there: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := find.QueryRow(t.Context(), int64(1)).Scan(&whole); !errors.Is(err, sql.ErrConnDone) {
		t.Errorf("closed: %v", err)
	}
}

// TestAFileThatIsCutOffIsTold takes away the pages a prepared statement reads as memory: that
// would end the process, were the fault not caught.
func TestAFileThatIsCutOffIsTold(t *testing.T) {
	t.Parallel()
	const rows = 20000
	db, find := openNumbers(t, rows)
	var whole int64
	for n := range int64(rows) {
		if err := find.QueryRow(t.Context(), n).Scan(&whole); err != nil || whole != n {
			t.Fatalf("row %d is %d: %v", n, whole, err)
		}
	}
	if err := os.Truncate(db.Path(), 8192); err != nil {
		t.Fatal(err)
	}
	told := 0
	for n := range int64(rows) {
		if err := find.QueryRow(t.Context(), n).Scan(&whole); fail.CodeOf(err) == "db.gone" {
			told++
		}
	}
	if told == 0 {
		t.Error("every row was still there")
	}
	db.Close()
}

// openNumbers makes a file whose rows 0 to n-1 hold their own number, all in the file itself.
func openNumbers(t *testing.T, n int) (*DB, *Prepared) {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "numbers.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	db.exec(t, "CREATE TABLE numbers (n INTEGER PRIMARY KEY, whole BIGINT, room TEXT)")
	if err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Bulk(t.Context(), Insert{Table: "numbers", Columns: []string{"n", "whole", "room"}}, n, func(i int, v []any) {
			v[0], v[1], v[2] = int64(i), int64(i), strings.Repeat("x", 100)
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.writer.db.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	find, err := db.Prepare(t.Context(), "SELECT whole FROM numbers WHERE n = $1")
	if err != nil {
		t.Fatal(err)
	}
	return db, find
}
