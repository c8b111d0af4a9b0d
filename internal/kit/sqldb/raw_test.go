package sqldb

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"
)

type word string

// open makes a file with one table of every kind of column.
func openKinds(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "kinds.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(t.Context(), "CREATE TABLE kinds (n INTEGER PRIMARY KEY, whole BIGINT, part DOUBLE PRECISION, name TEXT, data BYTEA, id UUID, fixed TEXT, mark UUID)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return db
}

// TestTheDriverStillHasItsHandles fails when an update of the driver moves the handles
// that bulk statements run on: they would run still, at half the speed.
func TestTheDriverStillHasItsHandles(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	conn, err := db.writer.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Raw(func(raw any) error {
		s, err := openStatement(raw.(driver.Conn), &room{}, "INSERT INTO kinds (whole, n) VALUES ($2, $1)")
		if err != nil {
			return err
		}
		defer s.close()
		if !s.raw || len(s.order) != 2 || s.order[0] != 1 || s.order[1] != 0 {
			t.Errorf("statement = %+v", s)
		}
		if lock := sqlite3.Xsqlite3_db_mutex(s.tls, s.db); lock != 0 {
			t.Error("the connection still has its lock")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

type kinds struct {
	whole *int64
	part  *float64
	name  *string
	data  []byte
	id    ID
	fixed *string
	mark  ID
	gone  bool // no bytes at all, not even none
}

func readKinds(t *testing.T, db *DB, n int) (k kinds) {
	t.Helper()
	err := db.Direct().QueryRow(t.Context(), "SELECT whole, part, name, data, id, fixed, mark, data IS NULL FROM kinds WHERE n = $1", n).
		Scan(&k.whole, &k.part, &k.name, &k.data, &k.id, &k.fixed, &k.mark, &k.gone)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestValuesOfEveryKindComeBack(t *testing.T) {
	t.Parallel()
	db, mark := openKinds(t), NewID()
	id := NewID()
	for i, c := range []struct {
		name                   string
		whole, part, text, raw any
		id                     any
		want                   string
	}{
		{"all there", int64(-7), 2.5, "Siti 'Uji' é", []byte{0, 255}, id, "-7 2.5 Siti 'Uji' é [0 255] " + id.String()},
		{"nothing there", nil, nil, nil, nil, nil, "- - - [] "},
		{"empty is not nothing", 0, 0.0, "", []byte{}, ID{}, "0 0  [] "},
		{"nil bytes are nothing", int32(1), 1.0, "a", []byte(nil), ID{}, "1 1 a [] "},
		{"named kinds", true, 1.0, word("kata"), []byte("x"), ID{}, "1 1 kata [120] "},
		{"a text with a NUL", false, 1.0, "a\x00b", []byte("x"), ID{}, "0 1 a\x00b [120] "},
		{"long", int64(1) << 62, 1.0, strings.Repeat("panjang ", 5000), bytes.Repeat([]byte{7}, 9000), ID{},
			fmt.Sprintf("%d 1 %s %v ", int64(1)<<62, strings.Repeat("panjang ", 5000), bytes.Repeat([]byte{7}, 9000))},
	} {
		in := Insert{Table: "kinds", Columns: []string{"n", "whole", "part", "name", "data", "id"}, Fixed: []Fixed{{"fixed", "it's"}, {"mark", mark}}}
		if err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Bulk(t.Context(), in, 1, func(_ int, v []any) { v[0], v[1], v[2], v[3], v[4], v[5] = i, c.whole, c.part, c.text, c.raw, c.id })
			return err
		}); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		k := readKinds(t, db, i)
		got := "-"
		if k.whole != nil {
			got = fmt.Sprint(*k.whole)
		}
		if k.part == nil {
			got += " -"
		} else {
			got += fmt.Sprint(" ", *k.part)
		}
		if k.name == nil {
			got += " -"
		} else {
			got += " " + *k.name
		}
		if got += fmt.Sprintf(" %v %s", k.data, k.id); got != c.want || *k.fixed != "it's" || k.mark != mark {
			t.Errorf("%s: %q, fixed %q %v", c.name, got, *k.fixed, k.mark)
		}
		if b, is := c.raw.([]byte); k.gone != (!is || b == nil) {
			t.Errorf("%s: data is NULL: %t", c.name, k.gone)
		}
	}
}

// TestValuesMadeForARowLiveUntilItIsWritten collects garbage while a statement of many
// rows is filled: no text may be lost before SQLite has read it.
func TestValuesMadeForARowLiveUntilItIsWritten(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	const rows = 400
	text := func(i int) string { return strings.Repeat(fmt.Sprintf("baris %d ", i), 20) }
	if err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Bulk(t.Context(), Insert{Table: "kinds", Columns: []string{"n", "name", "data"}}, rows, func(i int, v []any) {
			v[0], v[1], v[2] = i, text(i), []byte(text(i))
			if i%10 == 9 {
				runtime.GC()
				garbage := make([][]byte, 200)
				for j := range garbage {
					garbage[j] = bytes.Repeat([]byte{0xAA}, 160)
				}
				runtime.KeepAlive(garbage)
			}
		})
		if err != nil {
			return err
		}
		_, err = tx.ExecEach(t.Context(), "UPDATE kinds SET name = $2 WHERE n = $1", 2, rows, func(i int, v []any) {
			v[0], v[1] = i, word(text(i)+"!")
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if k := readKinds(t, db, i); *k.name != text(i)+"!" || string(k.data) != text(i) {
			t.Fatalf("row %d = %q, %q", i, *k.name, k.data)
		}
	}
}

func TestAFailedBulkSaysWhy(t *testing.T) {
	t.Parallel()
	db := openKinds(t)
	insert := func(tx *Tx) error {
		_, err := tx.Bulk(t.Context(), Insert{Table: "kinds", Columns: []string{"n"}}, 3, func(i int, v []any) { v[0] = i / 2 })
		return err
	}
	if err := db.Write(t.Context(), insert); !IsUnique(err) {
		t.Errorf("doubled key: %v", err)
	}
	each := func(tx *Tx) error {
		_, err := tx.ExecEach(t.Context(), "INSERT INTO kinds (n) VALUES ($1)", 1, 3, func(i int, v []any) { v[0] = i / 2 })
		return err
	}
	if err := db.Write(t.Context(), each); !IsUnique(err) {
		t.Errorf("doubled key, one by one: %v", err)
	}
	wrong := func(tx *Tx) error {
		_, err := tx.Bulk(t.Context(), Insert{Table: "kinds", Columns: []string{"n"}}, 1, func(_ int, v []any) { v[0] = struct{}{} })
		return err
	}
	if err := db.Write(t.Context(), wrong); err == nil {
		t.Error("a struct was bound")
	}
	if err := db.Read(t.Context(), insert); err == nil {
		t.Error("a reading transaction wrote")
	}
	if err := db.Read(context.Background(), each); err == nil {
		t.Error("a reading transaction wrote, one by one")
	}
}
