package sqldb

import (
	"strings"
	"testing"

	"tepat/internal/kit/fail"
)

// TestAFullDiskIsToldAndNothingIsLost fills a database that may not grow, statement by
// statement and in bulk, and goes on when there is room again.
func TestAFullDiskIsToldAndNothingIsLost(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	limit := func(pages string) {
		t.Helper()
		if _, err := db.writer.db.ExecContext(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	insert := func(from, rows int) error {
		return db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Bulk(t.Context(), Insert{Table: "kinds", Columns: []string{"n", "name"}}, rows, func(i int, v []any) {
				v[0], v[1] = from+i, strings.Repeat("x", 500)
			})
			return err
		})
	}
	if err := insert(0, 100); err != nil {
		t.Fatal(err)
	}
	limit("40")
	if err := insert(100, 1000); fail.CodeOf(err) != "db.full" || fail.KindOf(err) != fail.KindUnavailable {
		t.Fatalf("a bulk insert on a full disk: %v", err)
	}
	each := func(tx *Tx) error {
		_, err := tx.ExecEach(t.Context(), "INSERT INTO kinds (n, name) VALUES ($1, $2)", 2, 1000, func(i int, v []any) {
			v[0], v[1] = 100+i, strings.Repeat("x", 500)
		})
		return err
	}
	if err := db.Write(t.Context(), each); fail.CodeOf(err) != "db.full" {
		t.Fatalf("rows one by one on a full disk: %v", err)
	}
	if n := kindsIn(t, db); n != 100 {
		t.Fatalf("%d rows after the disk was full, want 100", n)
	}
	limit("100000")
	if err := insert(100, 1000); err != nil {
		t.Fatal(err)
	}
	if n := kindsIn(t, db); n != 1100 {
		t.Fatalf("%d rows when there was room again, want 1100", n)
	}
}

func kindsIn(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.Direct().QueryRow(t.Context(), "SELECT count(*) FROM kinds").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestADatabaseThatIsNotThereIsTold names an address nobody listens at.
func TestADatabaseThatIsNotThereIsTold(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), "postgres://postgres@127.0.0.1:1/nothing", Options{})
	if fail.CodeOf(err) != "db.gone" {
		t.Fatalf("Open: %v", err)
	}
}
